"""Rules: each fails on a bad row and names that row."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aina_assets.core import rules
from aina_assets.core.contracts import Reference
from aina_assets.core.rules import (
    Severity,
    contract_holds,
    contract_holds_in_file,
    contract_holds_in_partitions,
    orphan_rows,
    references_resolve,
    row_count_is,
)
from aina_assets_tests.core.samples import PARTITIONED, SAMPLE, sample_table

BREACHES: list[dict[str, Any]] = [
    {"code": None},
    {"code": "A1"},
    {"part": 10},
    {"level": "middle"},
    {"share": 1.5},
    {"share": math.nan},
    {"label": ""},
    {"code": "a1", "part": 1},
]


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PART_ROWS", 2)


def in_file(folder: Path, table: pa.Table) -> rules.Finding:
    # Whatever wrote the file, it did not hold its columns against the contract.
    unheld = pa.table({name: table.column(name) for name in table.column_names})
    pq.write_table(unheld, folder / "sample.parquet")
    return contract_holds_in_file(SAMPLE, folder / "sample.parquet")


def test_a_kept_contract_passes() -> None:
    finding = contract_holds(SAMPLE, sample_table({}, {}))
    assert finding.passed
    assert (finding.failed_rows, list(finding.sample)) == (0, [])
    assert finding.summary == "2 rows hold 8 columns' promises"
    assert finding.figures == {"rows": 2}
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("change", BREACHES)
def test_a_broken_contract_names_the_row(change: dict[str, Any]) -> None:
    finding = contract_holds(SAMPLE, sample_table({}, {}, {"label": "faulty", **change}))
    assert not finding.passed
    (row,) = finding.sample
    assert repr({name: row[name] for name in change}) == repr(change)
    assert row["rule"] in finding.summary
    assert finding.remedy


@pytest.mark.parametrize("change", [{}, *BREACHES])
@pytest.mark.usefixtures("in_small_parts")
def test_a_file_held_in_parts_is_judged_as_the_whole_table(tmp_path: Path, change: dict[str, Any]) -> None:
    table = sample_table({}, {}, {}, change, {}, {"code": "b1", **change}, {"code": "c1"})
    whole, parts = contract_holds(SAMPLE, table), in_file(tmp_path, table)
    assert (parts.passed, parts.failed_rows, parts.figures) == (
        whole.passed,
        whole.failed_rows,
        whole.figures,
    )
    assert parts.summary == whole.summary
    assert repr(parts.sample) == repr(whole.sample)


@pytest.mark.usefixtures("in_small_parts")
def test_a_key_repeated_in_another_part_is_found(tmp_path: Path) -> None:
    table = sample_table({"part": None}, {}, {}, {}, {"part": None})
    finding = in_file(tmp_path, table)
    assert list(finding.sample) == [
        {"rule": "key (code, part) is unique", "code": "a1", "part": None, "count": 2}
    ]


def test_a_file_without_rows_keeps_its_contract(tmp_path: Path) -> None:
    assert in_file(tmp_path, SAMPLE.empty()).passed


def test_a_file_whose_column_is_of_another_type_fails_as_the_table_does(tmp_path: Path) -> None:
    table = sample_table({}).set_column(1, "part", pa.array(["1"]))
    whole, parts = contract_holds(SAMPLE, table), in_file(tmp_path, table)
    assert not parts.passed
    assert (parts.summary, list(parts.sample)) == (whole.summary, list(whole.sample))


# --- partitions


def in_partitions(folder: Path, **tables: pa.Table) -> rules.Finding:
    for key, table in tables.items():
        pq.write_table(pa.table({name: table.column(name) for name in table.column_names}), folder / key)
    return contract_holds_in_partitions(PARTITIONED, {key: folder / key for key in tables})


def test_partitions_are_held_together_and_counted_together(tmp_path: Path) -> None:
    finding = in_partitions(
        tmp_path, high=sample_table({}, {}), low=sample_table({"level": "low", "part": 3})
    )
    assert finding.passed
    assert finding.figures == {"rows": 3}


@pytest.mark.parametrize("change", [{"code": "A1"}, {"label": ""}, {"share": math.nan}])
@pytest.mark.usefixtures("in_small_parts")
def test_a_bad_row_of_any_partition_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    finding = in_partitions(
        tmp_path,
        high=sample_table({}, {}),
        low=sample_table({"level": "low", "part": 3}, {"level": "low", "part": 4, **change}),
    )
    assert not finding.passed
    (row,) = finding.sample
    assert (row["level"], row["part"]) == ("low", 4)


def test_a_key_that_two_partitions_have_is_found(tmp_path: Path) -> None:
    finding = in_partitions(tmp_path, high=sample_table({}), low=sample_table({"level": "low"}))
    assert list(finding.sample) == [
        {"rule": "key (code, part) is unique", "code": "a1", "part": 1, "count": 2}
    ]


@pytest.mark.parametrize("level", ["high", None])
def test_a_row_in_another_partitions_file_is_named(tmp_path: Path, level: str | None) -> None:
    stray = sample_table({"level": level})
    finding = in_partitions(tmp_path, low=stray)
    assert not finding.passed
    assert finding.sample[0]["rule"] == "level is the partition's key"
    assert (finding.sample[0]["partition"], finding.sample[0]["level"]) == ("low", level)
    alone = contract_holds(PARTITIONED, stray, "low")
    assert (alone.passed, alone.summary, alone.sample) == (False, finding.summary, finding.sample)


def test_a_partition_whose_column_is_of_another_type_fails(tmp_path: Path) -> None:
    mistyped = sample_table({"level": "low"}).set_column(1, "part", pa.array(["1"]))
    for finding in (
        in_partitions(tmp_path, high=sample_table({}), low=mistyped),
        contract_holds(PARTITIONED, mistyped, "low"),
    ):
        assert finding.summary == "part is of type int64: broken by 1 rows"


# --- references


def test_orphans_are_named() -> None:
    table = sample_table({"parent": "b1"}, {"parent": "a1"}, {"parent": None}, {"parent": "b1", "code": "c1"})
    finding = references_resolve(SAMPLE, table, {"sample": table})
    assert not finding.passed
    assert finding.failed_rows == 2
    assert {(row["code"], row["part"], row["parent"]) for row in finding.sample} == {
        ("a1", 1, "b1"),
        ("c1", 4, "b1"),
    }
    assert "2 rows have no sample (parent)" in finding.summary
    assert finding.figures == {"orphans": 2}


def test_references_that_resolve_pass() -> None:
    table = sample_table({"parent": "a1"}, {"parent": None})
    assert references_resolve(SAMPLE, table, {"sample": table}).passed


def test_a_reference_of_several_columns_is_one_and_repeated_targets_add_no_rows() -> None:
    reference = Reference(("x", "y"), "target", ("a", "b"))
    table = pa.table({"x": [1, 1, 2, None], "y": ["p", "q", "q", "z"], "a": [0, 0, 0, 0]})
    target = pa.table({"a": [1, 2, 1], "b": ["p", "q", "p"]})
    assert orphan_rows(table, reference, target).to_pylist() == [{"x": 1, "y": "q", "a": 0}]


# --- counts and rates


def test_another_row_count_than_the_vintage_has_fails_with_both() -> None:
    finding = row_count_is(17, 20, "30.2")
    assert not finding.passed
    assert finding.failed_rows == 3
    assert list(finding.sample) == [{"found": 17, "expected": 20}]
    assert finding.summary == "17 rows, 20 expected of vintage 30.2"
    assert row_count_is(20, 20, "30.2").passed
    assert not row_count_is(1, 0, "30.2").passed


def test_a_count_that_is_not_on_record_is_shown_and_not_judged() -> None:
    finding = row_count_is(17, None, "99.9")
    assert finding.passed
    assert "no count is on record for vintage 99.9" in finding.summary
