"""Delimited text: what a lenient reader would pass over is an error that names its line."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.errors import (
    EmptyFileError,
    EncodingError,
    HeaderError,
    HtmlInsteadOfDataError,
    MissingSourceError,
    RaggedTableError,
    SourceError,
)
from aina_assets.sources.readers.delimited import read_delimited
from aina_assets_tests.sources.loopback import HTML_PAGE

COLUMNS = ("code", "title", "note")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("delimited")


def tab(folder: Path, content: bytes) -> pa.Table:
    """As O*NET's files are read."""
    path = folder / "tab.txt"
    path.write_bytes(content)
    return read_delimited(path, COLUMNS, delimiter="\t", has_quotes=False)


def comma(folder: Path, content: bytes) -> pa.Table:
    """As the Hub's CSV files are read."""
    path = folder / "comma.csv"
    path.write_bytes(content)
    return read_delimited(path, COLUMNS, delimiter=",", has_quotes=True)


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in (*COLUMNS, "source_row")) for row in table.to_pylist()]


def test_cells_come_back_as_text_with_their_line(folder: Path) -> None:
    table = tab(folder, b"code\ttitle\tnote\r\n01\t\tn/a\r\n2.0\tx y\tz\r\n")
    assert rows(table) == [("01", "", "n/a", 2), ("2.0", "x y", "z", 3)]
    assert table.schema.types == [pa.string()] * 3 + [pa.int64()]


def test_quotes_are_plain_characters_in_onets_files(folder: Path) -> None:
    content = b'code\ttitle\tnote\n1\t"Doc" Brown\t6" pipe\n2\t"\t""\n'
    assert rows(tab(folder, content)) == [("1", '"Doc" Brown', '6" pipe', 2), ("2", '"', '""', 3)]


def test_a_quoted_cell_of_a_csv_may_span_lines(folder: Path) -> None:
    content = b'code,title,note\n1,"two\nlines, ""quoted""",x\n2,y,z\n'
    assert rows(comma(folder, content)) == [("1", 'two\nlines, "quoted"', "x", 2), ("2", "y", "z", 3)]


def test_a_byte_order_mark_and_a_missing_last_newline_are_no_fault(folder: Path) -> None:
    assert rows(tab(folder, b"\xef\xbb\xbfcode\ttitle\tnote\n1\t2\t3")) == [("1", "2", "3", 2)]
    assert rows(comma(folder, b'\xef\xbb\xbf"code","title","note"\n1,2,3')) == [("1", "2", "3", 2)]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
PLAIN_CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\t\r\n"), max_size=12)


def with_rows(cell: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, ...]]]:
    return st.lists(
        # A body of white space alone is an empty file, not a row.
        st.tuples(cell, cell, cell).filter(lambda row: any(text.strip() for text in row)),
        min_size=1,
        max_size=8,
    )


@given(with_rows(CELL))
def test_what_csv_writes_is_what_is_read(folder: Path, cells: list[tuple[str, ...]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([COLUMNS, *cells])
    table = comma(folder, text.getvalue().encode())
    assert rows(table) == [(*row, number) for number, row in enumerate(cells, 2)]


@given(with_rows(PLAIN_CELL), st.sampled_from(["\n", "\r\n"]))
def test_what_onet_writes_is_what_is_read(folder: Path, cells: list[tuple[str, ...]], newline: str) -> None:
    text = newline.join("\t".join(row) for row in [COLUMNS, *cells]) + newline
    assert rows(tab(folder, text.encode())) == [(*row, number) for number, row in enumerate(cells, 2)]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"title\tcode\tnote", "in another order"),
        (b"code\ttitle", "missing ['note'], unexpected []"),
        (b"code\ttitle\tnote\tmore", "missing [], unexpected ['more']"),
        (b"code\tTitle\tnote", "missing ['title'], unexpected ['Title']"),
        (b"code,title,note", "missing ['code', 'title', 'note']"),
    ],
)
def test_another_header_is_refused_saying_how_it_differs(folder: Path, header: bytes, told: str) -> None:
    with pytest.raises(HeaderError) as caught:
        tab(folder, header + b"\n1\t2\t3\n")
    assert told in caught.value.message
    assert caught.value.place == "line 1"


@pytest.mark.parametrize(
    ("content", "error", "place"),
    [
        (b"code\ttitle\tnote\n1\t2\t3\n4\t5\n", RaggedTableError, "line 3"),
        (b"code\ttitle\tnote\n1\t2\t3\n4\t5\t6\t7\n", RaggedTableError, "line 3"),
        (b"code\ttitle\tnote\n1\t2\t3\n\n4\t5\t6\n", RaggedTableError, "record 3"),
        (b"code\ttitle\tnote\n1\t2\t3\n1\tcaf\xe9\t3\n", EncodingError, "line 3, byte offset 27"),
        (b"", EmptyFileError, None),
        (b"\r\n \n", EmptyFileError, None),
        (b"code\ttitle\tnote", EmptyFileError, None),
        (b"code\ttitle\tnote\r\n", EmptyFileError, None),
        (HTML_PAGE, HtmlInsteadOfDataError, None),
    ],
)
def test_a_faulty_file_is_refused_by_place(
    folder: Path, content: bytes, error: type[SourceError], place: str | None
) -> None:
    with pytest.raises(SourceError) as caught:
        tab(folder, content)
    assert type(caught.value) is error
    assert caught.value.place == place
    assert caught.value.file == str(folder / "tab.txt")


def test_a_ragged_row_is_told_by_its_cells_and_its_beginning(folder: Path) -> None:
    with pytest.raises(RaggedTableError, match=r"row has 2 cells, the header 3: '4\\t5'"):
        tab(folder, b"code\ttitle\tnote\n4\t5\n")


def test_a_ragged_csv_row_is_named_by_its_record(folder: Path) -> None:
    with pytest.raises(RaggedTableError) as caught:
        comma(folder, b'code,title,note\n1,"a\nb",c\n4,5\n')
    assert caught.value.place == "record 3"


def test_an_open_quote_does_not_swallow_the_rest(folder: Path) -> None:
    with pytest.raises(RaggedTableError, match="quotes do not enclose a cell") as caught:
        comma(folder, b'code,title,note\n1,2,"3\n4,5,6\n7,8,9\n')
    assert caught.value.place == "at or before line 4"


@pytest.mark.parametrize("body", [b'1,"2\n3,"4,5\n', b'"1"x,2,3\n'])
def test_a_quote_inside_a_cell_does_not_join_what_it_stands_between(folder: Path, body: bytes) -> None:
    with pytest.raises(RaggedTableError, match="quotes do not enclose a cell"):
        comma(folder, b"code,title,note\n" + body)


def test_an_absent_file_is_named(folder: Path) -> None:
    with pytest.raises(MissingSourceError):
        read_delimited(folder / "none.txt", COLUMNS, delimiter="\t", has_quotes=False)
