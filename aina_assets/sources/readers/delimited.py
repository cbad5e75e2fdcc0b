"""Strict reading of delimited text: O*NET's tab files and the Hub's CSV files.

Everything comes back as text with its record number; typing is `cells`' work. What a lenient reader
would pass over (a moved header, a ragged row, a stray encoding, a web page) is an error here.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from aina_assets.core.errors import (
    EmptyFileError,
    EncodingError,
    HeaderError,
    MissingSourceError,
    RaggedTableError,
)
from aina_assets.sources.lock import refuse_html

SOURCE_ROW = "source_row"


def read_delimited(path: Path, columns: Sequence[str], *, delimiter: str, has_quotes: bool) -> pa.Table:
    """Read a UTF-8 file with exactly the header `columns` as text columns plus `source_row`.

    Args:
        delimiter: one character.
        has_quotes: whether `"` quotes a cell (CSV) or is a plain character (O*NET).

    Returns:
        One text column for each of `columns`, and `source_row`, the record's number in the file with
        the header as 1 (equal to the line number where no cell spans lines).

    Raises:
        MissingSourceError, EmptyFileError, HtmlInsteadOfDataError, EncodingError, HeaderError,
        RaggedTableError: each names the file and the line.
    """
    if not path.is_file():
        raise MissingSourceError("there is no such file", file=path)
    content = path.read_bytes()
    if not content.strip():
        raise EmptyFileError("empty file", file=path)
    refuse_html(path)
    _require_utf8(path, content)
    _require_header(path, content, columns, delimiter, has_quotes)
    if not content.partition(b"\n")[2].strip():
        raise EmptyFileError("a header and no rows", file=path)
    if has_quotes:
        _require_strict_quotes(path, content, delimiter)
    ragged: list[Any] = []

    def note(row: Any) -> str:
        ragged.append(row)
        return "error"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(content),
            # Record numbers of faulty rows are only known to a single thread.
            read_options=pacsv.ReadOptions(use_threads=False, block_size=max(len(content), 1)),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if has_quotes else False,
                newlines_in_values=has_quotes,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if not ragged:
            raise RaggedTableError(f"cannot be parsed: {error}", file=path) from error
        row = ragged[0]
        raise RaggedTableError(
            f"row has {row.actual_columns} cells, the header {row.expected_columns}: {row.text[:80]!r}",
            file=path,
            # A quoted cell may span lines: then only the record's number is known.
            place=f"{'record' if has_quotes else 'line'} {row.number}",
        ) from error
    _refuse_blank_rows(path, table)
    numbers = pa.array(range(2, table.num_rows + 2), pa.int64())
    return table.append_column(SOURCE_ROW, numbers)


def _require_strict_quotes(path: Path, content: bytes, delimiter: str) -> None:
    # Arrow's parser takes everything behind an open quote for one cell and joins what follows a closed
    # one; the standard library's strict mode refuses both.
    if b'"' not in content:
        return
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True)
    try:
        deque(rows, maxlen=0)
    except csv.Error as error:
        raise RaggedTableError(
            f"quotes do not enclose a cell: {error}", file=path, place=f"at or before line {rows.line_num}"
        ) from error


def _refuse_blank_rows(path: Path, table: Any) -> None:
    # The parser fills a blank line with empty cells.
    is_blank = reduce(pc.and_, (pc.equal(column, "") for column in table.columns))
    first = pc.index(is_blank, True).as_py()
    if first >= 0:
        raise RaggedTableError("blank row", file=path, place=f"record {first + 2}")


def _require_utf8(path: Path, content: bytes) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise EncodingError(
            f"not UTF-8: byte 0x{content[error.start]:02x}",
            file=path,
            place=f"line {line}, byte offset {error.start}",
        ) from error


def _require_header(
    path: Path, content: bytes, columns: Sequence[str], delimiter: str, has_quotes: bool
) -> None:
    line = content.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
    found = [cell.strip('"') if has_quotes else cell for cell in line.split(delimiter)]
    if found != list(columns):
        missing = [name for name in columns if name not in found]
        unexpected = [name for name in found if name not in columns]
        detail = (
            f"missing {missing}, unexpected {unexpected}" if missing or unexpected else "in another order"
        )
        raise HeaderError(f"header differs: {detail}", file=path, place="line 1")
