"""Strict reading of xlsx workbooks: a sheet, its header wherever it stands, and its rows.

Belongs here: opening a workbook, finding the header row (the lines above it differ between copies of
one file), cells with the place they stand at. Does not: what a cell means; that is each reader's.

The header must be the whole one, in order. Reading by name alone would accept a copy whose columns
were moved or retitled, and nobody would have looked at what else changed in it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from aina_assets.core.errors import (
    CellError,
    EmptyFileError,
    HeaderError,
    MissingSourceError,
    SourceError,
    TruncatedFileError,
)
from aina_assets.sources.lock import refuse_html

HEADER_SEARCH_ROWS = 30
ZIP_MAGIC = b"PK\x03\x04"
DAMAGED = (CalamineError, zipfile.BadZipFile, EOFError, ValueError, OSError)

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True)
class SheetColumn:
    """A column as readers name it, and the headings that it has had in known copies ("" for none)."""

    field: str
    headings: tuple[str, ...]


@dataclass(frozen=True)
class SheetRow:
    """One row below the header, with its 1-based number in the sheet."""

    file: Path
    sheet: str
    number: int
    columns: tuple[SheetColumn, ...]
    cells: tuple[Cell, ...]

    def value(self, field: str) -> Cell:
        """The cell as it is typed in the sheet; text is stripped, and blank is None."""
        return self.cells[self._index(field)]

    def text(self, field: str, pattern: re.Pattern[str] | None = None) -> str:
        """The cell's text.

        Raises:
            CellError: the cell is blank, not text, or does not match `pattern`.
        """
        value = self.value(field)
        if not isinstance(value, str):
            raise self.fault(field, f"text expected, found {value!r}")
        if pattern is not None and not pattern.fullmatch(value):
            raise self.fault(field, f"expected {pattern.pattern}, found {value!r}")
        return value

    def optional_text(self, field: str, pattern: re.Pattern[str] | None = None) -> str | None:
        """The cell's text, or None where it is blank."""
        return None if self.value(field) is None else self.text(field, pattern)

    def fault(self, field: str, message: str) -> CellError:
        """An error that names the cell: sheet, row, column and its A1 address."""
        index = self._index(field)
        heading = self.columns[index].headings[0] or "(no heading)"
        place = (
            f"sheet {self.sheet!r}, row {self.number}, column {heading!r} ({_letters(index)}{self.number})"
        )
        return CellError(message, file=self.file, place=place)

    def _index(self, field: str) -> int:
        return next(i for i, column in enumerate(self.columns) if column.field == field)


def read_sheet(path: Path, columns: Sequence[SheetColumn], *, sheet: str | None = None) -> list[SheetRow]:
    """Read the rows below the header of one sheet; rows without any value are left out.

    Args:
        columns: all columns of the sheet, in order, from column A.
        sheet: the sheet's name; the first sheet where None.

    Raises:
        MissingSourceError, HtmlInsteadOfDataError: there is no such file, or it is a web page.
        TruncatedFileError: the zip that a workbook is breaks off.
        SourceError: it is no xlsx workbook, is damaged, or has no such sheet.
        HeaderError: no header was found, or it has other columns; lists the expected and the found.
        EmptyFileError: the sheet has no rows, or none below its header.
    """
    opened = _open_sheet(path, sheet)
    try:
        rows = opened.to_python(skip_empty_area=False)
    except DAMAGED as error:
        raise SourceError(f"the sheet cannot be read: {error}", file=path, place=opened.name) from error
    if not any(_stripped(cell) is not None for row in rows for cell in row):
        raise EmptyFileError("the sheet is empty", file=path, place=f"sheet {opened.name!r}")
    header = _find_header(rows, columns, path, opened.name)
    width = len(columns)
    found = [
        SheetRow(path, opened.name, number, tuple(columns), tuple(map(_stripped, row[:width])))
        for number, row in enumerate(rows[header + 1 :], header + 2)
        if any(_stripped(cell) is not None for cell in row)
    ]
    if not found:
        place = f"sheet {opened.name!r}, below row {header + 1}"
        raise EmptyFileError("a header and no rows", file=path, place=place)
    return found


def _open_sheet(path: Path, sheet: str | None) -> CalamineSheet:
    _require_workbook(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise SourceError(f"no sheet {sheet!r}; the workbook has {names}", file=path)
        return workbook.get_sheet_by_name(sheet) if sheet is not None else workbook.get_sheet_by_index(0)
    except DAMAGED as error:
        raise SourceError(f"not a readable xlsx workbook: {error}", file=path) from error


def _require_workbook(path: Path) -> None:
    """Refuse what is not a whole zip with a workbook in it, naming what it is instead."""
    if not path.is_file():
        raise MissingSourceError("there is no such file", file=path)
    size = path.stat().st_size
    if size == 0:
        raise EmptyFileError("empty file", file=path)
    refuse_html(path)
    with path.open("rb") as handle:
        magic = handle.read(len(ZIP_MAGIC))
    if not ZIP_MAGIC.startswith(magic):
        raise SourceError(f"not an xlsx workbook: it begins with {magic!r}", file=path)
    if not zipfile.is_zipfile(path):
        raise TruncatedFileError("truncated: the zip's directory is missing", file=path, place=f"byte {size}")
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = archive.namelist()
    except (*DAMAGED, NotImplementedError, RuntimeError, zlib.error) as error:
        raise SourceError(f"the workbook's zip is damaged: {error}", file=path) from error
    if damaged is not None:
        raise SourceError("the workbook's zip is damaged: wrong checksum", file=path, place=damaged)
    if "xl/workbook.xml" not in names:
        raise SourceError(f"a zip, but not an xlsx workbook; it holds {names[:5]}", file=path)


def _find_header(
    rows: Sequence[Sequence[Cell]], columns: Sequence[SheetColumn], path: Path, sheet: str
) -> int:
    """Index of the header row.

    Raises:
        HeaderError: none of the first rows is the header; shows the row that comes closest.
    """
    known = {_folded(heading) for column in columns for heading in column.headings} - {""}
    best, best_score = 0, 0
    for index, row in enumerate(rows[:HEADER_SEARCH_ROWS]):
        if _is_header(row, columns):
            return index
        score = sum(_folded(cell) in known for cell in row)
        if score > best_score:
            best, best_score = index, score
    expected = [column.headings[0] for column in columns]
    if best_score < len(columns) / 2:
        raise HeaderError(
            f"no header in the first {HEADER_SEARCH_ROWS} rows; expected {expected}, "
            f"closest is {_shown(rows[best])}",
            file=path,
            place=f"sheet {sheet!r}",
        )
    raise HeaderError(
        f"the header's columns moved or changed; expected {expected}, found {_shown(rows[best])}",
        file=path,
        place=f"sheet {sheet!r}, row {best + 1}",
    )


def _is_header(row: Sequence[Cell], columns: Sequence[SheetColumn]) -> bool:
    cells = [_folded(cell) for cell in row]
    cells += [""] * (len(columns) - len(cells))
    return not any(cells[len(columns) :]) and all(
        cell in {_folded(heading) for heading in column.headings}
        for cell, column in zip(cells, columns, strict=False)
    )


def _shown(row: Sequence[Cell]) -> list[str]:
    cells = ["" if cell is None else " ".join(str(cell).split()) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _folded(cell: Cell) -> str:
    return " ".join(cell.split()).casefold() if isinstance(cell, str) else ""


def _stripped(cell: Cell) -> Cell:
    """Text without the blanks around it (some titles end in a no-break space); None where nothing is left."""
    return cell.strip() or None if isinstance(cell, str) else cell


def _letters(index: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters
