"""Search what a run has written for text that must not leave its raw file.

Parquet and DuckDB files are searched in their decoded text columns, everything else in its bytes.
What is found is told by label and place; the text itself is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from ahocorasick_rs import BytesAhoCorasick

from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.errors import StateError
from aina_assets.core.rules import Finding
from aina_assets.core.storage import PART_SUFFIX, DataRoot

Haystack = tuple[str, bytes]


class LeakSearch:
    """Looks for forbidden texts.

    Args:
        forbidden: text to look for, by the label that a finding may show.
    """

    def __init__(self, forbidden: Mapping[str, str]) -> None:
        self._labels = list(forbidden)
        self._search = BytesAhoCorasick([text.encode() for text in forbidden.values()])

    def in_bytes(self, content: bytes) -> list[str]:
        """Labels of the texts that occur in `content`."""
        hits = self._search.find_matches_as_indexes(content, overlapping=True)
        return sorted({self._labels[number] for number, _, _ in hits})

    def in_file(self, path: Path) -> list[tuple[str, str]]:
        """Place and label of each text that occurs in the file; none where it is gone by now.

        Files come and go while it is searched: SQLite's journals, a run's parts.
        """
        try:
            return [(place, label) for place, content in _contents(path) for label in self.in_bytes(content)]
        except FileNotFoundError:
            return []


def written_files(data: DataRoot) -> list[Path]:
    """Every file that a run wrote; downloads and the caches of raw files are what they are read from."""
    raw = (data.downloads, data.cache)
    return sorted(
        path
        for path in data.path.rglob("*")
        if path.is_file()
        and not any(path.is_relative_to(folder) for folder in raw)
        and not path.name.endswith((PART_SUFFIX, ".lock"))
    )


def no_forbidden_text(data: DataRoot, forbidden: Mapping[str, str]) -> Finding:
    """No written file holds a forbidden text."""
    search = LeakSearch(forbidden)
    files = written_files(data)
    leaks = [
        {"file": str(path.relative_to(data.path)), "place": place, "text": label}
        for path in files
        for place, label in search.in_file(path)
    ]
    return Finding(
        passed=not leaks,
        summary=(
            f"places with GDPval text: {len(leaks)}"
            if leaks
            else f"none of {len(forbidden)} texts occurs in {len(files)} files"
        ),
        failed_rows=len(leaks),
        sample=leaks[:SAMPLE_ROWS],
        remedy="Delete the file named, find what wrote the text, and mend it before building again.",
        figures={"files": len(files), "texts": len(forbidden)},
    )


def _contents(path: Path) -> Iterator[Haystack]:
    if path.suffix == ".parquet":
        yield from _parquet_contents(path)
    elif path.suffix == ".duckdb":
        yield from _duckdb_contents(path)
    else:
        yield "bytes", path.read_bytes()


def _parquet_contents(path: Path) -> Iterator[Haystack]:
    schema = pq.read_schema(path)
    metadata = [schema.metadata or {}, *(field.metadata or {} for field in schema)]
    yield "file metadata", b"\n".join(value for entries in metadata for value in entries.values())
    texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    # As dictionaries, so that a text is decoded once however often it occurs.
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for name in texts:
            column = file.read(columns=[name]).column(0)
            for chunk in column.chunks:
                values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
                yield f"column {name}", "\n".join(v for v in values.to_pylist() if v).encode()
        # Lists, structs, bytes: forbidden fragments are plain runs, which their notation leaves as they are.
        for name in (f.name for f in schema if not _holds_no_text(f.type) and f.name not in texts):
            yield f"column {name}", repr(file.read(columns=[name]).column(0).to_pylist()).encode()


def _holds_no_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_primitive(type_) or pa.types.is_null(type_))


def _duckdb_contents(path: Path) -> Iterator[Haystack]:
    try:
        yield from _duckdb_texts(path)
    except duckdb.Error as error:
        raise StateError(f"the DuckDB file is damaged: {error}", file=path) from error


def _duckdb_texts(path: Path) -> Iterator[Haystack]:
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() "
            "where not internal and (data_type like '%VARCHAR%' or data_type = 'JSON') "
            "and table_name in (select table_name from duckdb_tables())"
        ).fetchall()
        for table, column in columns:
            relation = connection.table(table).project(f'"{column}"::varchar').distinct()
            values = [row[0] for row in relation.fetchall() if row[0]]
            yield f"table {table}, column {column}", "\n".join(values).encode()
        views = connection.execute("select view_name, sql from duckdb_views() where not internal").fetchall()
        for view, sql in views:
            yield f"view {view}", sql.encode()
