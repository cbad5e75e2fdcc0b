"""Cells: a text becomes a value of its column's type, or an error that names its row and column."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from aina_assets.core.contracts import TableContract
from aina_assets.core.errors import CellError
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers.cells import TRUE_FALSE, typed_table
from aina_assets.sources.readers.delimited import SOURCE_ROW
from aina_assets.sources.tables.base import SourceRow
from aina_assets_tests.conftest import source_files


class Measured(SourceRow):
    """A row of every type."""

    text: str = Field(description="text")
    number: int | None = Field(description="number")
    amount: float | None = Field(description="amount")
    is_new: bool | None = Field(description="new")
    month: date | None = Field(description="month")
    lane: str | None = Field(description="the same in every row, or null")


CONTRACT = TableContract("measured", Measured, "a row", ("source_row",), "made_up")
UPSTREAM = {"Text": "text", "Number": "number", "Amount": "amount", "New?": "is_new", "Month": "month"}
PLAIN = {"Text": "x", "Number": "1", "Amount": "0.5", "New?": "Y", "Month": "02/2026"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SourceFiles:
    path = tmp_path_factory.mktemp("cells") / "cells.txt"
    path.write_text("x")
    return source_files("made_up", "v1", "v1", {"cells.txt": path})


def typed(files: SourceFiles, *rows: dict[str, str], **options: Any) -> list[dict[str, Any]]:
    complete = [{**PLAIN, **row} for row in rows]
    text = pa.table({name: pa.array([row[name] for row in complete], pa.string()) for name in PLAIN})
    text = text.append_column(SOURCE_ROW, pa.array(range(2, len(rows) + 2), pa.int64()))
    table = typed_table(text, CONTRACT, files, "cells.txt", columns=UPSTREAM, **options)
    assert CONTRACT.conform(table).equals(table)
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_a_row_becomes_typed_and_says_where_it_stands(files: SourceFiles) -> None:
    assert typed(files, {}, constants={"lane": "starter"}) == [
        {
            "vintage": "v1",
            "source_file": "cells.txt",
            "source_row": 2,
            "text": "x",
            "number": 1,
            "amount": 0.5,
            "is_new": True,
            "month": date(2026, 2, 1),
            "lane": "starter",
        }
    ]


def test_what_counts_as_missing_is_null_where_it_may_be(files: SourceFiles) -> None:
    gone = dict.fromkeys(("Number", "Amount", "New?", "Month"), "n/a")
    (row,) = typed(files, gone)
    assert [row[name] for name in ("number", "amount", "is_new", "month", "lane")] == [None] * 5
    (row,) = typed(files, {"Number": "-1"}, missing=("-1",))
    assert row["number"] is None


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("number", "-7", -7),
        ("number", "007", 7),
        ("number", "9" * 18, 10**18 - 1),
        ("amount", "1e3", 1000.0),
        ("amount", ".5", 0.5),
        ("amount", "5.", 5.0),
        ("amount", "-0.25", -0.25),
        ("month", "12/1999", date(1999, 12, 1)),
        ("is_new", "N", False),
        ("text", " spaced ", " spaced "),
    ],
)
def test_a_cell_has_one_reading(files: SourceFiles, column: str, text: str, value: object) -> None:
    upstream = next(name for name, to in UPSTREAM.items() if to == column)
    assert typed(files, {upstream: text})[0][column] == value


@pytest.mark.parametrize(
    ("upstream", "text"),
    [
        ("Text", ""),
        ("Text", "n/a"),
        ("Number", "1.0"),
        ("Number", "1,000"),
        ("Number", " 1"),
        ("Number", ""),
        ("Number", "٣"),
        ("Number", "9" * 20),
        ("Amount", "nan"),
        ("Amount", "inf"),
        ("Amount", "1e999"),
        ("Amount", "1_0"),
        ("New?", "y"),
        ("New?", "True"),
        ("Month", "13/2026"),
        ("Month", "2/2026"),
        ("Month", "02/0026"),
        ("Month", "2026-02"),
    ],
)
def test_a_cell_of_another_type_is_named_by_row_and_column(
    files: SourceFiles, upstream: str, text: str
) -> None:
    with pytest.raises(CellError) as caught:
        typed(files, {}, {upstream: text}, {upstream: text})
    assert caught.value.message.startswith(f"{text!r} is not a value of {UPSTREAM[upstream]}")
    assert caught.value.place == f"row 3, column {upstream!r}"
    assert caught.value.file == str(files.path("cells.txt"))


def test_a_required_cell_says_so(files: SourceFiles) -> None:
    with pytest.raises(CellError, match=r"text \(string, required\)"):
        typed(files, {"Text": "n/a"})


def test_the_words_for_true_and_false_are_the_callers(files: SourceFiles) -> None:
    assert [
        row["is_new"] for row in typed(files, {"New?": "True"}, {"New?": "False"}, booleans=TRUE_FALSE)
    ] == [
        True,
        False,
    ]
    with pytest.raises(CellError):
        typed(files, {}, booleans=TRUE_FALSE)


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_read_as_itself(files: SourceFiles, number: int, amount: float) -> None:
    (row,) = typed(files, {"Number": str(number), "Amount": repr(amount)})
    assert (row["number"], row["amount"]) == (number, amount)


@given(st.text(max_size=8))
def test_any_text_is_a_number_or_an_error(files: SourceFiles, text: str) -> None:
    try:
        (row,) = typed(files, {"Number": text})
    except CellError:
        return
    assert row["number"] is None if text == "n/a" else row["number"] == int(text)
