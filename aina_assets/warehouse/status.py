"""Every figure of the current state, from tables, receipts and the last build; nothing is made here."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from aina_assets.core.build import read_build
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.store import NOT_AVAILABLE, TableInfo
from aina_assets.sources.catalog import SOURCES
from aina_assets.warehouse.tables import product_contracts

# The measure that every occupation's row has once.
JOBS = "employment_jobs"


def status(engine: Engine) -> dict[str, Any]:
    """The state's figures by name.

    Raises:
        StateError: nothing has been built, or a table is missing or damaged.
    """
    build = read_build(engine.data.build_summary)
    infos = {contract.name: engine.store.info(contract.name) for contract in product_contracts()}
    engine.digests.save()
    return {
        "data": str(engine.data.path),
        "lane": build.lane,
        "build": build.model_dump(mode="json"),
        "vintages": _vintages(infos),
        "sources": _source_figures(infos),
        "figures": _figures(engine, infos),
        "joins": _joins(engine),
        "tables": {
            name: {"rows": info.rows, "bytes": info.bytes, "sha256": info.sha256}
            for name, info in infos.items()
        },
        "warehouse_bytes": _size(engine),
        "receipts": sorted(path.name for path in engine.data.receipts.glob("*.json")),
    }


def _vintages(infos: dict[str, TableInfo]) -> dict[str, str]:
    return {
        source.id: infos[source.contracts[0].name].provenance.vintages[source.id]
        for source in SOURCES.values()
    }


def _source_figures(infos: dict[str, TableInfo]) -> dict[str, dict[str, Any]]:
    vintages = _vintages(infos)
    return {
        source.id: {
            "vintage": vintages[source.id],
            "status": NOT_AVAILABLE if vintages[source.id] == NOT_AVAILABLE else "available",
            "files": len(infos[source.contracts[0].name].provenance.inputs),
            "rows": {contract.name: infos[contract.name].rows for contract in source.contracts},
        }
        for source in SOURCES.values()
    }


def _figures(engine: Engine, infos: dict[str, TableInfo]) -> dict[str, int]:
    rollup = pc.value_counts(_column(engine, "oews_soc_rollup", "relation")).to_pylist()
    relations = {entry["values"]: entry["counts"] for entry in rollup}
    levels = pc.value_counts(_column(engine, "soc_group", "level")).to_pylist()
    groups = {entry["values"]: entry["counts"] for entry in levels}
    return {
        "occupations": infos["onet_occupation"].rows,
        "task_statements": infos["onet_task"].rows,
        "task_ratings": infos["onet_task_rating"].rows,
        "alternate_titles": infos["onet_job_title"].rows,
        "reported_titles": infos["onet_reported_title"].rows,
        "technology_skills": infos["onet_software_skill"].rows,
        "detailed_work_activities": infos["onet_dwa"].rows,
        "job_exposure_soc_rows": infos["aei_job_exposure"].rows,
        "task_penetrations": infos["aei_task_penetration"].rows,
        "legacy_signals": pc.count_distinct(_column(engine, "aei_legacy_wage", "legacy_soc_code")).as_py(),
        "gdpval_tasks": infos["gdpval_task"].rows,
        "gdpval_occupations": infos["gdpval_occupation_soc"].rows,
        "gdpval_rubric_items": infos["gdpval_rubric_item"].rows,
        "mapped_soc_entries": infos["soc_mapped_entry"].rows,
        "soc_major_groups": groups.get("major", 0),
        "soc_minor_groups": groups.get("minor", 0),
        "soc_broad_groups": groups.get("broad", 0),
        "soc_detailed_occupations": groups.get("detailed", 0),
        "soc_direct_match_titles": infos["soc_direct_match_title"].rows,
        **_oews(engine),
        "oews_flat_rows": infos["oews_flat"].rows,
        "soc_detailed_with_direct_oews_row": relations.get("direct", 0),
        "soc_detailed_without_direct_oews_row": relations.get("rolled_up", 0)
        + relations.get("not_covered", 0),
        "soc_detailed_rolled_up": relations.get("rolled_up", 0),
        "soc_detailed_not_covered": relations.get("not_covered", 0),
        "titles": infos["title_list"].rows,
        "titles_withheld": _column(engine, "title_list", "raw_title").null_count,
    }


def _oews(engine: Engine) -> dict[str, int]:
    # In Python and not by Arrow's functions: making an Arrow scalar imports pandas wherever it is installed.
    names = ("occupation_code", "occupation_group", "measure")
    table = engine.store.read("oews_national", names)
    columns = (table.column(name).to_pylist() for name in names)
    occupations = [(code, group) for code, group, measure in zip(*columns, strict=True) if measure == JOBS]
    detailed = [code for code, group in occupations if group == "detailed"]
    soc = engine.store.read("soc_group", ["soc_code", "level"])
    levels = zip(soc.column("soc_code").to_pylist(), soc.column("level").to_pylist(), strict=True)
    soc_detailed = {code for code, level in levels if level == "detailed"}
    return {
        "oews_national_rows": len(occupations),
        "oews_national_detailed_rows": len(detailed),
        "oews_codes_not_soc_detailed": sum(code not in soc_detailed for code in detailed),
    }


def _joins(engine: Engine) -> dict[str, float]:
    return {
        row["join_name"]: round(row["matched_rows"] / row["left_rows"], 6)
        for row in engine.store.read("join_coverage").to_pylist()
        if row["left_rows"]
    }


def _column(engine: Engine, table: str, column: str) -> Any:
    return engine.store.read(table, [column]).column(column)


def _size(engine: Engine) -> int:
    if not engine.data.warehouse.is_file():
        raise StateError("there is no warehouse", file=engine.data.warehouse)
    return engine.data.warehouse.stat().st_size
