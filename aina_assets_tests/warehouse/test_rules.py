"""The warehouse's rules: each is shown a bad row, and names that row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding
from aina_assets.sources.expectations import Expectations
from aina_assets.sources.rules import table_contract_holds, table_references_resolve, values_are_typed
from aina_assets.warehouse.rules import (
    joins_reach_their_floors,
    mapped_entries_expected,
    no_gdpval_text,
    product_is_of_its_tables,
    rollup_is_explicit,
    vintages_are_of_one_lane,
)
from aina_assets.warehouse.tables import product_contracts
from aina_assets_tests.builds import Build, copied, plant_canary, starter_settings
from aina_assets_tests.warehouse.rows import CONTRACTS, put, table_of

FLOORS = {"starter": {"a_to_b": 0.5, "not_measured": 1.0}, "real": {"a_to_b": 1.0}}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(starter_settings(tmp_path / "run"))


def expecting(rows: Mapping[str, dict[str, dict[str, int]]] | None = None) -> Expectations:
    return Expectations(policy="source_expectations", version=1, rows=dict(rows or {}), join_floors=FLOORS)


def assert_red(finding: Finding, rows: int) -> None:
    assert not finding.passed
    assert finding.failed_rows == rows
    assert finding.remedy
    assert len(finding.sample) == rows


# --- joins_reach_their_floors


def coverage(engine: Engine, matched: int) -> Finding:
    names = {"left_table": "a", "right_table": "b", "left_rows": 10}
    joins = [
        {"join_name": "a_to_b", "matched_rows": matched, **names},
        {"join_name": "no_floor", "matched_rows": 0, **names},
        {"join_name": "not_measured", "matched_rows": 0, **names, "left_rows": 0},
    ]
    put(engine.store, "join_coverage", joins, {"any": "test-1"})
    return joins_reach_their_floors(engine, expecting())


def test_a_join_under_its_floor_is_named_with_both_rates(engine: Engine) -> None:
    finding = coverage(engine, 4)
    assert_red(finding, 1)
    assert finding.sample[0]["join_name"] == "a_to_b"
    assert (finding.sample[0]["rate"], finding.sample[0]["floor"]) == (0.4, 0.5)


def test_joins_at_their_floor_without_one_or_without_rows_pass(engine: Engine) -> None:
    finding = coverage(engine, 5)
    assert finding.passed
    assert finding.figures == {"rate_a_to_b": 0.5, "rate_no_floor": 0.0}


def test_a_floor_for_a_join_that_is_not_measured_at_all_is_named(engine: Engine) -> None:
    put(engine.store, "join_coverage", [], {"any": "test-1"})
    finding = joins_reach_their_floors(engine, expecting())
    assert_red(finding, 2)
    assert [row["join_name"] for row in finding.sample] == ["a_to_b", "not_measured"]


# --- mapped_entries_expected


@pytest.mark.parametrize(("expected", "passed"), [(1, True), (2, False)])
def test_the_mapped_entries_have_the_known_size(engine: Engine, expected: int, passed: bool) -> None:
    put(engine.store, "soc_mapped_entry", [{"soc_code": "11-1011"}], {"economic_index": "commit"})
    finding = mapped_entries_expected(
        engine, expecting({"warehouse": {"commit": {"soc_mapped_entry": expected}}})
    )
    assert finding.passed is passed
    if not passed:
        assert_red(finding, 1)
        assert finding.sample == [{"found": 1, "expected": 2}]


# --- rollup_is_explicit


@pytest.mark.parametrize(("not_covered", "passed"), [(1, True), (3, False)])
def test_a_relation_that_is_not_as_frequent_as_known_is_named(
    engine: Engine, not_covered: int, passed: bool
) -> None:
    relations = {"11-1011": "direct", "13-1021": "rolled_up", "55-1011": "not_covered"}
    put(engine.store, "oews_soc_rollup", [{"soc_code": c, "relation": r} for c, r in relations.items()])
    lanes = {"oews_flat": "not_available", "oews_national": "May 1", "oews_api": "BLS API v2"}
    put(engine.store, "wage_fact", [], lanes)
    known = {"direct": 1, "rolled_up": 1, "not_covered": not_covered}
    finding = rollup_is_explicit(engine, expecting({"oews_soc_rollup": {"May 1": known}}))
    assert finding.passed is passed
    if not passed:
        assert_red(finding, 1)
        assert finding.sample == [{"relation": "not_covered", "found": 1, "expected": 3}]


# --- vintages_are_of_one_lane


@pytest.mark.parametrize(("lane", "foreign"), [("starter", "30.2"), ("mirror", "starter-1")])
def test_a_table_of_another_lane_is_named(tmp_path: Path, lane: str, foreign: str) -> None:
    own = {"starter": "starter-1", "mirror": "30.2"}[lane]
    engine = Engine(starter_settings(tmp_path, sources=lane, mirror=(tmp_path,)))
    put(engine.store, "onet_task", [], {"onet": foreign})
    put(engine.store, "onet_occupation", [], {"onet": own})
    put(engine.store, "oews_flat", [], {"oews_flat": "not_available"})
    put(engine.store, "title_list", [], {"titles": "starter-1"})
    names = ("onet_task", "onet_occupation", "oews_flat", "title_list")
    finding = vintages_are_of_one_lane(engine, [CONTRACTS[name] for name in names])
    assert_red(finding, 1)
    assert finding.sample == [{"table": "onet_task", "source": "onet", "vintage": foreign}]


# --- product_is_of_its_tables


def test_a_table_that_the_product_was_not_made_of_is_named(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    info = engine.store.info("soc_mapped_entry")
    shorter = engine.store.read(info.name).slice(1)
    engine.store.write(CONTRACTS[info.name], shorter, info.provenance)
    finding = product_is_of_its_tables(engine, product_contracts())
    assert_red(finding, 1)
    assert finding.sample == [
        {"table": "soc_mapped_entry", "product_rows": info.rows, "table_rows": info.rows - 1}
    ]


def test_a_table_of_as_many_rows_but_another_content_is_noticed(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    info = engine.store.info("oews_soc_rollup")
    rows = engine.store.read(info.name).to_pylist()
    rows[0]["shared_with_count"] += 1
    engine.store.write(CONTRACTS[info.name], table_of(info.name, rows), info.provenance)
    finding = product_is_of_its_tables(engine, product_contracts())
    assert (finding.passed, finding.failed_rows) == (False, 1)
    assert "made from" in finding.summary
    assert ", not " in finding.summary


# --- no_gdpval_text


def test_a_file_with_gdpvals_canary_is_named_and_the_text_is_not(
    starter_build: Build, tmp_path: Path
) -> None:
    engine = copied(starter_build, tmp_path / "run")
    path = plant_canary(engine)
    finding = no_gdpval_text(engine)
    assert_red(finding, 1)
    assert finding.sample == [{"file": path.name, "place": "bytes", "text": "canary"}]
    assert path.read_text("utf-8").split()[-1] not in repr(finding)


# --- rules that the warehouse shares with the sources


def test_a_derived_row_that_breaks_its_contract_is_named(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = table_of("task_link", [{"signal_text": "x", "task_id": 1, "method": "by_chance"}])
    put(engine.store, "task_link", [])
    monkeypatch.setattr(type(engine.store), "read", lambda *_, **__: bad)
    finding = table_contract_holds(CONTRACTS["task_link"], engine)
    assert_red(finding, 1)
    assert finding.sample[0]["rule"] == "method is one of the closed list"
    assert finding.sample[0]["method"] == "by_chance"


def test_a_derived_orphan_is_named(engine: Engine) -> None:
    put(engine.store, "soc_group", [{"soc_code": "11-1011"}])
    put(engine.store, "oews_soc_rollup", [{"soc_code": code} for code in ("11-1011", "99-9999")])
    finding = table_references_resolve(CONTRACTS["oews_soc_rollup"], engine)
    assert_red(finding, 1)
    assert finding.sample == [{"soc_code": "99-9999"}]


@pytest.mark.parametrize(
    ("value", "status"), [(0.0, "not_released"), (None, "published")], ids=["a faked zero", "a lost figure"]
)
def test_a_figure_that_contradicts_its_status_is_named(
    engine: Engine, value: float | None, status: str
) -> None:
    good = {
        "occupation_code": "11-1011",
        "measure": "employment_jobs",
        "value": 5.0,
        "value_status": "published",
    }
    bad = good | {"occupation_code": "13-1021", "value": value, "value_status": status}
    put(engine.store, "wage_fact", [good | {"lane": "flat"}, bad | {"lane": "flat"}])
    finding = values_are_typed(CONTRACTS["wage_fact"], engine)
    assert_red(finding, 1)
    assert [{name: row[name] for name in bad} for row in finding.sample] == [bad]
