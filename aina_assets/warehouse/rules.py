"""What must hold of the warehouse's tables and of the product file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aina_assets.core.contracts import SAMPLE_ROWS, TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, row_count_is
from aina_assets.core.settings import Lane
from aina_assets.core.store import NOT_AVAILABLE
from aina_assets.sources.expectations import Expectations
from aina_assets.sources.leaks import no_forbidden_text
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import forbidden_texts
from aina_assets.warehouse.product import open_product, product_provenance, row_count, stored_fingerprint

STARTER_VINTAGE = "starter-1"


def joins_reach_their_floors(engine: Engine, expectations: Expectations) -> Finding:
    """Every join matches at least the share of rows that it is known to match in this lane."""
    floors = expectations.floors(engine.settings.sources)
    rows = engine.store.read("join_coverage").to_pylist()
    rates = {row["join_name"]: row["matched_rows"] / row["left_rows"] for row in rows if row["left_rows"]}
    # A floor for a join that nobody measures would hold for ever.
    short: list[dict[str, Any]] = [
        {"join_name": name, "rate": None, "floor": floor}
        for name, floor in floors.items()
        if name not in {row["join_name"] for row in rows}
    ]
    short += [
        {**row, "rate": rates[row["join_name"]], "floor": floor}
        for row in rows
        if (floor := floors.get(row["join_name"])) is not None
        and row["join_name"] in rates
        and rates[row["join_name"]] < floor
    ]
    return Finding(
        passed=not short,
        summary=(
            "; ".join(f"{row['join_name']} {_rate(row['rate'])}, floor {row['floor']:.2%}" for row in short)
            or f"{len(rates)} joins reach their floors"
        ),
        failed_rows=len(short),
        sample=short[:SAMPLE_ROWS],
        remedy="A vintage moved apart from another: see docs/sources for what the join rests on.",
        figures={f"rate_{name}": rate for name, rate in rates.items()},
    )


def _rate(rate: float | None) -> str:
    return "is not measured" if rate is None else f"matches {rate:.2%}"


def mapped_entries_expected(engine: Engine, expectations: Expectations) -> Finding:
    """The union of exposure, legacy and GDPval codes has the size that these vintages are known to give."""
    info = engine.store.info("soc_mapped_entry")
    vintage = info.provenance.vintages.get("economic_index", NOT_AVAILABLE)
    return row_count_is(
        info.rows, expectations.expected_rows("warehouse", vintage, "soc_mapped_entry"), vintage
    )


def rollup_is_explicit(engine: Engine, expectations: Expectations) -> Finding:
    """Every SOC detailed occupation is direct, rolled up or not covered, as often as is known."""
    table = engine.store.read("oews_soc_rollup", ["relation"])
    counts: dict[str, int] = {"direct": 0, "rolled_up": 0, "not_covered": 0}
    for relation in table.column("relation").to_pylist():
        counts[relation] += 1
    vintages = engine.store.info("wage_fact").provenance.vintages
    vintage = next(
        (v for s in ("oews_flat", "oews_national", "oews_api") if (v := vintages[s]) != NOT_AVAILABLE),
        NOT_AVAILABLE,
    )
    expected = {
        relation: expectations.expected_rows("oews_soc_rollup", vintage, relation) for relation in counts
    }
    wrong = [
        {"relation": relation, "found": counts[relation], "expected": want}
        for relation, want in expected.items()
        if want is not None and want != counts[relation]
    ]
    return Finding(
        passed=not wrong,
        summary=f"{vintage}: "
        + ", ".join(f"{counts[r]} {r}" for r in counts)
        + (f"; expected {expected}" if wrong else ""),
        failed_rows=len(wrong),
        sample=wrong,
        remedy="OEWS or SOC changed codes: see docs/sources/oews.md on roll-ups.",
        figures=dict(counts),
    )


def product_is_of_its_tables(engine: Engine, contracts: Iterable[TableContract]) -> Finding:
    """The product was filled from the tables that stand now, and holds as many rows of each."""
    infos = [engine.store.info(contract.name) for contract in contracts]
    expected = product_provenance(infos).fingerprint
    stored = stored_fingerprint(engine.data.warehouse)
    differing = []
    with open_product(engine.data.warehouse) as connection:
        for info in infos:
            rows = row_count(connection, info.name)
            if rows != info.rows:
                differing.append({"table": info.name, "product_rows": rows, "table_rows": info.rows})
    return Finding(
        passed=stored == expected and not differing,
        summary=f"{len(infos)} tables, {len(differing)} with other row counts; "
        + (
            "made from the tables that stand" if stored == expected else f"made from {stored}, not {expected}"
        ),
        failed_rows=len(differing) or int(stored != expected),
        sample=differing[:SAMPLE_ROWS],
        remedy="Materialize `warehouse` again.",
        figures={"tables": len(infos), "bytes": engine.data.warehouse.stat().st_size},
    )


def vintages_are_of_one_lane(engine: Engine, contracts: Iterable[TableContract]) -> Finding:
    """Starter rows never stand beside real ones; the title list alone may be the starter's anywhere."""
    is_starter = engine.settings.sources is Lane.STARTER
    mixed = [
        {"table": contract.name, "source": source, "vintage": vintage}
        for contract in contracts
        for source, vintage in engine.store.info(contract.name).provenance.vintages.items()
        if source != "titles" and vintage != NOT_AVAILABLE and (vintage == STARTER_VINTAGE) != is_starter
    ]
    return Finding(
        passed=not mixed,
        summary=f"{len(mixed)} tables are of another lane than {engine.settings.sources}",
        failed_rows=len(mixed),
        sample=mixed[:SAMPLE_ROWS],
        remedy="Build again in one lane; keep lanes apart with AINA_DATA.",
        figures={"mixed": len(mixed)},
    )


def no_gdpval_text(engine: Engine) -> Finding:
    """Neither GDPval's canary nor a sample of its sentences is in any written file."""
    files = acquire_source("gdpval", engine)
    return no_forbidden_text(engine.data, forbidden_texts(files))
