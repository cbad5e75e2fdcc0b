"""Strict workbook reading: the header is found, every fault has its class and its place."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from aina_assets.core.errors import (
    AinaError,
    CellError,
    EmptyFileError,
    HeaderError,
    HtmlInsteadOfDataError,
    MissingSourceError,
    SourceError,
    TruncatedFileError,
)
from aina_assets.sources.readers.workbook import SheetColumn, read_sheet
from aina_assets_tests.conftest import write_xlsx

COLUMNS = (
    SheetColumn("code", ("SOC Code", "SOC 2018 Code")),
    SheetColumn("title", ("SOC Title",)),
    SheetColumn("jobs", ("Jobs",)),
)
HEADER = ("SOC Code", "SOC Title", "Jobs")
ROW = ("11-1011", "Chief Executives", 12.5)


def workbook(tmp_path: Path, *rows: Sequence[object]) -> Path:
    return write_xlsx(tmp_path / "book.xlsx", rows, "Data")


@pytest.mark.parametrize("preamble", [0, 1, 7, 29])
def test_header_is_found_wherever_it_stands_and_rows_keep_their_sheet_numbers(
    tmp_path: Path, preamble: int
) -> None:
    path = workbook(tmp_path, *[("About this file",)] * preamble, HEADER, ROW, (), ("11-1021", "Managers", 3))
    rows = read_sheet(path, COLUMNS)
    assert [(row.number, row.value("code"), row.value("jobs")) for row in rows] == [
        (preamble + 2, "11-1011", 12.5),
        (preamble + 4, "11-1021", 3),
    ]


def test_header_may_differ_in_case_blanks_and_by_known_headings(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("soc 2018  CODE", " SOC\nTitle ", "JOBS", None), ROW)
    assert read_sheet(path, COLUMNS)[0].text("title") == "Chief Executives"


def test_text_is_stripped_and_blank_is_none(tmp_path: Path) -> None:
    row = read_sheet(workbook(tmp_path, HEADER, (" 11-1011\u00a0", "  ", None)), COLUMNS)[0]
    assert row.text("code", re.compile(r"\d{2}-\d{4}")) == "11-1011"
    assert row.value("title") is None
    assert row.optional_text("title") is None


@pytest.mark.parametrize(
    ("cells", "field", "place"),
    [
        ((None, "Managers", 1), "code", "sheet 'Data', row 2, column 'SOC Code' (A2)"),
        (("11-1011", 7, 1), "title", "sheet 'Data', row 2, column 'SOC Title' (B2)"),
        (("11-101", "Managers", 1), "code", "sheet 'Data', row 2, column 'SOC Code' (A2)"),
    ],
)
def test_cell_that_is_not_the_text_expected_is_named(
    tmp_path: Path, cells: tuple[object, ...], field: str, place: str
) -> None:
    path = workbook(tmp_path, HEADER, cells)
    row = read_sheet(path, COLUMNS)[0]
    with pytest.raises(CellError) as caught:
        row.text(field, re.compile(r"\d{2}-\d{4}"))
    assert (caught.value.place, caught.value.file) == (place, str(path))


def test_columns_that_moved_are_listed(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("About",), ("SOC Title", "SOC Code", "Jobs"), ROW)
    with pytest.raises(HeaderError) as caught:
        read_sheet(path, COLUMNS)
    assert caught.value.place == "sheet 'Data', row 2"
    assert "expected ['SOC Code', 'SOC Title', 'Jobs'], found ['SOC Title', 'SOC Code', 'Jobs']" in str(
        caught.value
    )


@pytest.mark.parametrize(
    "header", [("SOC Code", "SOC Title", "Jobs", "Notes"), ("SOC Code", "SOC Title"), ("", *HEADER)]
)
def test_header_with_a_column_more_less_or_shifted_is_refused(
    tmp_path: Path, header: tuple[str, ...]
) -> None:
    with pytest.raises(HeaderError, match="moved or changed"):
        read_sheet(workbook(tmp_path, header, ROW), COLUMNS)


@pytest.mark.parametrize("rows", [[ROW, ROW], [*[("About",)] * 30, HEADER, ROW]])
def test_no_header_within_reach(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    with pytest.raises(HeaderError, match="no header in the first 30 rows") as caught:
        read_sheet(workbook(tmp_path, *rows), COLUMNS)
    assert caught.value.place == "sheet 'Data'"


@pytest.mark.parametrize(
    ("rows", "place"),
    [([], "sheet 'Data'"), ([(" ",)], "sheet 'Data'"), ([("x",), HEADER], "sheet 'Data', below row 2")],
)
def test_sheet_without_rows_is_empty(tmp_path: Path, rows: list[tuple[object, ...]], place: str) -> None:
    with pytest.raises(EmptyFileError) as caught:
        read_sheet(workbook(tmp_path, *rows), COLUMNS)
    assert caught.value.place == place


def test_sheet_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no sheet 'National'; the workbook has \['Data'\]"):
        read_sheet(workbook(tmp_path, HEADER, ROW), COLUMNS, sheet="National")


def _zip_of_something_else(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"<!DOCTYPE html><html><title>Access Denied</title>", HtmlInsteadOfDataError, "Access Denied"),
        (b"", EmptyFileError, "empty file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", SourceError, "not an xlsx workbook"),
        (b"code,title\n", SourceError, "not an xlsx workbook"),
        (b"PK", TruncatedFileError, "truncated"),
    ],
)
def test_what_is_no_workbook_is_named(
    tmp_path: Path, content: bytes, error: type[AinaError], message: str
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(error, match=message) as caught:
        read_sheet(path, COLUMNS)
    assert caught.value.file == str(path)


def test_missing_file_and_foreign_zip(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with pytest.raises(MissingSourceError):
        read_sheet(path, COLUMNS)
    _zip_of_something_else(path)
    with pytest.raises(SourceError, match="not an xlsx workbook"):
        read_sheet(path, COLUMNS)


def test_truncated_at_any_length(tmp_path: Path) -> None:
    whole = workbook(tmp_path, HEADER, ROW).read_bytes()
    path = tmp_path / "cut.xlsx"
    for length in range(1, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(TruncatedFileError):
            read_sheet(path, COLUMNS)


def test_corrupt_byte_is_a_typed_error_or_changes_nothing(tmp_path: Path) -> None:
    original = workbook(tmp_path, HEADER, ROW)
    whole = original.read_bytes()
    expected = [row.cells for row in read_sheet(original, COLUMNS)]
    path = tmp_path / "corrupt.xlsx"
    for offset in range(0, len(whole), 23):
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ 0xFF]) + whole[offset + 1 :])
        assert _cells_or_file(path) in (expected, str(path)), offset


def _cells_or_file(path: Path) -> object:
    """The rows' cells, or the file that a typed error names."""
    try:
        return [row.cells for row in read_sheet(path, COLUMNS)]
    except AinaError as error:
        return error.file
