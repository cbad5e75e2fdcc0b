"""Rules over written tables that are partitioned: over all partitions, or over the one that is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.settings import Settings
from aina_assets.sources.rules import table_contract_holds, table_references_resolve
from aina_assets_tests.core.samples import PARTITIONED, SAMPLE, provenance, sample_table


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(Settings(data=tmp_path / "run"))


def put(engine: Engine, level: str, *rows: dict[str, Any], contract: TableContract = PARTITIONED) -> None:
    table = sample_table(*({"level": level, **row} for row in rows))
    engine.store.write(contract, table, provenance(), level)


def test_a_contract_is_held_over_all_partitions_or_one(engine: Engine) -> None:
    put(engine, "high", {}, {})
    put(engine, "low", {"part": 3})
    whole, low = table_contract_holds(PARTITIONED, engine), table_contract_holds(PARTITIONED, engine, "low")
    assert (whole.passed, whole.figures) == (True, {"rows": 3})
    assert (low.passed, low.figures) == (True, {"rows": 1})


def test_a_key_that_two_partitions_have_breaks_the_whole_and_neither_part(engine: Engine) -> None:
    put(engine, "high", {})
    put(engine, "low", {})
    whole = table_contract_holds(PARTITIONED, engine)
    assert (whole.passed, whole.failed_rows) == (False, 1)
    assert "key (code, part) is unique" in whole.summary
    assert all(table_contract_holds(PARTITIONED, engine, key).passed for key in ("high", "low"))


def test_a_partition_that_broke_since_it_was_written_is_the_one_that_fails(engine: Engine) -> None:
    put(engine, "high", {})
    put(engine, "low", {"part": 2})
    low = engine.store.path("parted", "low")
    low.write_bytes(engine.store.path("parted", "high").read_bytes())
    whole, one = table_contract_holds(PARTITIONED, engine), table_contract_holds(PARTITIONED, engine, "low")
    for finding in (whole, one):
        assert not finding.passed
        assert (finding.sample[0]["partition"], finding.sample[0]["level"]) == ("low", "high")
    assert table_contract_holds(PARTITIONED, engine, "high").passed


def test_a_table_without_partitions_is_no_table(engine: Engine) -> None:
    with pytest.raises(StateError, match="no partition of table 'parted'"):
        table_contract_holds(PARTITIONED, engine)


def test_orphans_are_found_in_all_partitions_or_in_one_and_resolve_in_any(engine: Engine) -> None:
    put(engine, "high", {}, {"parent": "b1"})
    put(engine, "low", {"code": "b1"}, {"code": "b1", "parent": "z9"})
    whole = table_references_resolve(PARTITIONED, engine)
    assert (whole.passed, [row["parent"] for row in whole.sample]) == (False, ["z9"])
    assert table_references_resolve(PARTITIONED, engine, "high").passed
    low = table_references_resolve(PARTITIONED, engine, "low")
    assert (low.failed_rows, low.summary) == (1, "1 rows have no parted (parent)")


def test_a_table_that_is_not_partitioned_is_held_as_before(engine: Engine) -> None:
    engine.store.write(SAMPLE, sample_table({"parent": "z9"}), provenance())
    assert table_contract_holds(SAMPLE, engine).passed
    assert not table_references_resolve(SAMPLE, engine).passed
