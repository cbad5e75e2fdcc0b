"""Contracts: what a model promises is what a table is held against, and each breach names its row."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

from aina_assets.core.contracts import Reference, Row, TableContract, duplicate_rows
from aina_assets.core.errors import ContractError
from aina_assets_tests.core.samples import PARTITIONED, PLAIN, SAMPLE, sample_table

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.from_regex(r"\A[a-z][0-9]\Z"),
            "part": st.none() | st.integers(1, 9),
            "level": st.sampled_from([None, "high", "low"]),
            "share": st.none() | st.floats(0, 1),
            "label": st.text(min_size=1).filter(lambda text: text.isprintable()),
            "is_new": st.booleans(),
            "month": st.none() | st.dates(),
            "parent": st.none() | st.text(max_size=3),
        }
    ),
    unique_by=lambda row: (row["code"], row["part"]),
    max_size=20,
)


# --- reading the model


def test_a_contract_is_read_off_its_model() -> None:
    assert SAMPLE.description == "A row with a promise of every kind."
    assert [(c.name, str(c.type), c.is_nullable, c.rule) for c in SAMPLE.columns] == [
        ("code", "string", False, r"matches ^[a-z]\d$"),
        ("part", "int64", True, "at least 1; at most 9"),
        ("level", "string", True, "one of high, low"),
        ("share", "double", True, "at least 0; at most 1"),
        ("label", "string", False, "of length at least 1"),
        ("is_new", "bool", False, ""),
        ("month", "date32[day]", True, ""),
        ("parent", "string", True, ""),
    ]


def test_the_parquet_schema_carries_types_nulls_and_descriptions() -> None:
    field = SAMPLE.arrow_schema.field("part")
    assert (field.type, field.nullable) == (pa.int64(), True)
    assert field.metadata == {b"description": b"part of the code"}
    assert SAMPLE.empty().schema.equals(SAMPLE.arrow_schema, check_metadata=True)
    assert SAMPLE.empty().num_rows == 0


class Nested(BaseModel):
    """No column can hold this."""


@pytest.mark.parametrize(
    ("type_", "field", "message"),
    [
        (str, Field(), "a description"),
        (str | int, Field(description="two types"), "one type"),
        (list[str], Field(description="a list"), "no Arrow type"),
        (int, Field(description="x", gt=0), "exclusiveMinimum"),
        (str, Field(description="x", max_length=3), "maxLength"),
        (int, Field(description="x", multiple_of=3), "multipleOf"),
    ],
)
def test_a_model_that_cannot_be_kept_is_refused_by_column(type_: Any, field: Any, message: str) -> None:
    row = create_model("Faulty", __base__=Row, column=(type_, field))
    with pytest.raises(TypeError, match=rf"t\.column: .*{message}"):
        TableContract("t", row, "a row", ("column",), "made_up").columns  # noqa: B018


# --- conforming


@given(ROWS)
def test_conforming_twice_is_conforming_once(rows: list[dict[str, Any]]) -> None:
    once = SAMPLE.conform(pa.Table.from_pylist(rows, schema=SAMPLE.arrow_schema))
    assert SAMPLE.conform(once).equals(once, check_metadata=True)
    assert once.schema.equals(SAMPLE.arrow_schema, check_metadata=True)
    assert once.to_pylist() == rows


@given(ROWS, st.permutations(list(PLAIN)))
def test_the_order_of_columns_does_not_matter(rows: list[dict[str, Any]], order: list[str]) -> None:
    table = pa.Table.from_pylist(rows, schema=SAMPLE.arrow_schema)
    assert SAMPLE.conform(table.select(order)).equals(SAMPLE.conform(table))


def test_types_that_lose_nothing_are_taken() -> None:
    table = sample_table({})
    small = table.set_column(1, "part", table.column("part").cast(pa.int8()))
    assert SAMPLE.conform(small).equals(table)


def test_missing_and_unexpected_columns_are_named() -> None:
    table = sample_table({}).rename_columns([*list(PLAIN)[:-1], "stranger"])
    with pytest.raises(
        ContractError, match=r"sample: columns missing \['parent'\], unexpected \['stranger'\]"
    ):
        SAMPLE.conform(table)


def test_a_column_that_cannot_become_its_type_is_refused() -> None:
    table = sample_table({})
    with pytest.raises(ContractError, match="sample: "):
        SAMPLE.conform(table.set_column(1, "part", pa.array(["one"])))


# --- violations

BREACHES: list[tuple[dict[str, Any], str]] = [
    ({"code": None}, "code is never null"),
    ({"code": "A1"}, r"code matches ^[a-z]\d$"),
    ({"code": "a1\n"}, r"code matches ^[a-z]\d$"),
    ({"part": 0}, "part is at least 1"),
    ({"part": 10}, "part is at most 9"),
    ({"level": "middle"}, "level is one of the closed list"),
    ({"share": -0.1}, "share is at least 0"),
    ({"share": 1.1}, "share is at most 1"),
    ({"share": math.nan}, "share is a finite number"),
    ({"label": ""}, "label is of length at least 1"),
    ({"is_new": None}, "is_new is never null"),
]


@pytest.mark.parametrize(("change", "rule"), BREACHES)
def test_a_breach_names_its_rule_and_its_row(change: dict[str, Any], rule: str) -> None:
    table = sample_table({}, {"label": "faulty", **change}, {})
    (found,) = SAMPLE.violations(table)
    assert (found.rule, found.count) == (rule, 1)
    ((column, value),) = [item for item in change.items() if item[0] != "label"] or change.items()
    assert repr(found.sample[0][column]) == repr(value)
    with pytest.raises(ContractError) as caught:
        SAMPLE.conform(table)
    assert caught.value.message.startswith(f"sample: {rule}: 1 rows, such as {{'code': ")


def test_a_null_breaks_no_rule_but_never_null() -> None:
    nothing = dict.fromkeys(("part", "level", "share", "month", "parent"))
    assert SAMPLE.violations(sample_table(nothing)) == []


def test_a_wrong_type_is_told_before_anything_else() -> None:
    table = sample_table({"code": "A1"})
    (found,) = SAMPLE.violations(table.set_column(1, "part", pa.array(["1"])))
    assert found.rule == "part is of type int64"
    assert found.sample == [{"found": "string"}]


def test_an_absent_column_is_a_violation() -> None:
    (found,) = SAMPLE.violations(sample_table({}).drop_columns(["month"]))
    assert found.sample == [{"found": "None"}]


def test_all_broken_rows_are_counted_and_some_shown() -> None:
    (found,) = SAMPLE.violations(sample_table(*[{"part": 10 + number} for number in range(25)]))
    assert found.count == 25
    assert [row["part"] for row in found.sample] == list(range(10, 20))


# --- the key


def test_repeated_keys_are_named_with_their_count() -> None:
    (found,) = SAMPLE.violations(sample_table({}, {"part": 1}, {"part": 1, "label": "x"}, {"part": 2}))
    assert found.rule == "key (code, part) is unique"
    assert found.sample == [{"code": "a1", "part": 1, "count": 3}]


def test_nulls_in_a_key_are_alike() -> None:
    table = sample_table({"part": None}, {"part": None}, {"part": None, "code": "b1"})
    assert duplicate_rows(table, SAMPLE.key).to_pylist() == [{"code": "a1", "part": None, "count": 2}]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.integers(0, 2)), max_size=12))
def test_repeated_keys_are_what_counting_finds(keys: list[tuple[str, int | None]]) -> None:
    table = pa.table(
        {
            "x": pa.array([key[0] for key in keys], pa.string()),
            "y": pa.array([key[1] for key in keys], pa.int64()),
        }
    )
    found = {(row["x"], row["y"]): row["count"] for row in duplicate_rows(table, ("x", "y")).to_pylist()}
    assert found == {key: keys.count(key) for key in keys if keys.count(key) > 1}


def test_a_closed_list_of_one_value_is_a_closed_list() -> None:
    class One(Row):
        """One."""

        kind: Literal["only"] = Field(description="kind")
        day: date = Field(description="day")

    contract = TableContract("one", One, "a row", ("kind",), "made_up", (Reference(("kind",), "k", ("k",)),))
    assert contract.columns[0].values == ("only",)
    other = pa.table({"kind": ["other"], "day": pa.array([date(2026, 1, 1)])})
    assert [found.rule for found in contract.violations(other)] == ["kind is one of the closed list"]


# --- partitions


def test_a_table_is_partitioned_by_a_column_that_it_has() -> None:
    with pytest.raises(TypeError, match="no column batch to partition by"):
        replace(SAMPLE, partitioned_by="batch")


def test_a_partition_is_asked_of_a_partitioned_table_alone() -> None:
    SAMPLE.check_partition(None)
    PARTITIONED.check_partition("low")
    with pytest.raises(ContractError, match="sample is not partitioned; partition 'low' was asked"):
        SAMPLE.check_partition("low")
    with pytest.raises(ContractError, match="parted is partitioned by level; partition None was asked"):
        PARTITIONED.check_partition(None)


def test_a_row_of_another_partition_does_not_conform() -> None:
    table = sample_table({"level": "low"}, {"level": "low"})
    assert PARTITIONED.conform(table, "low").num_rows == 2
    with pytest.raises(ContractError, match=r"level is the partition's key: 2 rows, such as .*'part': 1"):
        PARTITIONED.conform(table, "high")
