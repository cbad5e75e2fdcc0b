"""What changed between two builds: sources, code, policies, tables, rows, routes.

Belongs here: comparing two manifests, and the rows of tables that differ. Does not: telling why; whether
either build verifies (see `walk`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from aina_assets.core.contracts import TableContract
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import read_receipt, receipt_path
from aina_assets.core.storage import DataRoot
from aina_assets.verification.manifest import MANIFEST, BuildManifest, TableEntry

# What people ask first of a table that changed: for each key, how a column's value moved.
WATCHED: Mapping[str, str] = {"title_route": "route"}


@dataclass(frozen=True)
class TableChange:
    """How one table differs.

    Attributes:
        rows: rows in the first and in the second build; None where the build has no such table.
        files: files that differ, of how many.
        added: keys of the second build alone; `removed` of the first alone; `changed` of both with other
            values. None where the rows could not be compared: the columns differ, or there is no key.
        moved: of a watched column, how many keys moved from which value to which.
    """

    table: str
    rows: tuple[int | None, int | None]
    bytes: tuple[int, int]
    files: tuple[int, int]
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    moved: Mapping[str, int] | None = None


@dataclass(frozen=True)
class BuildDifference:
    """How two builds differ. Empty where they are the same build."""

    lane: tuple[str, str] | None
    vintages: Mapping[str, tuple[str | None, str | None]]
    code: Mapping[str, tuple[str | None, str | None]]
    inputs: Mapping[str, tuple[str | None, str | None]]
    files: Mapping[str, tuple[str | None, str | None]]
    tables: tuple[TableChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the builds are the same in all that a manifest says."""
        return not (self.lane or self.vintages or self.code or self.inputs or self.files or self.tables)


@dataclass(frozen=True)
class ManifestDifference:
    """How two builds differ, as their manifests alone tell it.

    Attributes:
        tables: rows before and now of each table with other bytes; None where the build has no such table.
    """

    lane: tuple[str, str] | None
    vintages: Mapping[str, tuple[str | None, str | None]]
    code: Mapping[str, tuple[str | None, str | None]]
    inputs: Mapping[str, tuple[str | None, str | None]]
    files: Mapping[str, tuple[str | None, str | None]]
    tables: Mapping[str, tuple[int | None, int | None]]


def compare_manifests(a: BuildManifest, b: BuildManifest) -> ManifestDifference:
    """Compare two builds without reading a table."""
    tables_a, tables_b = _tables(a), _tables(b)
    return ManifestDifference(
        lane=None if a.lane == b.lane else (a.lane, b.lane),
        vintages=_moved(a.vintages, b.vintages),
        code=_moved(a.code, b.code),
        inputs=_moved(a.inputs, b.inputs),
        files=_moved({f.file: f.sha256 for f in a.files}, {f.file: f.sha256 for f in b.files}),
        tables={
            name: (_rows(tables_a.get(name)), _rows(tables_b.get(name)))
            for name in sorted({*tables_a, *tables_b})
            if _digests(tables_a.get(name, [])) != _digests(tables_b.get(name, []))
        },
    )


def _rows(entries: Sequence[TableEntry] | None) -> int | None:
    return sum(entry.rows for entry in entries) if entries else None


def diff(first: Path, second: Path, contracts: Iterable[TableContract]) -> BuildDifference:
    """Compare two data roots.

    Args:
        contracts: the tables' contracts, whose keys tell which rows are the same.

    Raises:
        StateError: one of them has no manifest, or it is damaged; or a table is damaged.
    """
    a, b = _manifest(first), _manifest(second)
    by_name = {contract.name: contract for contract in contracts}
    told = compare_manifests(a, b)
    tables_a, tables_b = _tables(a), _tables(b)
    changes = [
        _table_change(
            name, tables_a.get(name, []), tables_b.get(name, []), (first, second), by_name.get(name)
        )
        for name in told.tables
    ]
    return BuildDifference(
        lane=told.lane,
        vintages=told.vintages,
        code=told.code,
        inputs=told.inputs,
        files=told.files,
        tables=tuple(changes),
    )


def _manifest(root: Path) -> BuildManifest:
    path = receipt_path(DataRoot(root).receipts, MANIFEST)
    return read_receipt(path, MANIFEST, BuildManifest).predicate


def _tables(manifest: BuildManifest) -> dict[str, list[TableEntry]]:
    found: dict[str, list[TableEntry]] = {}
    for entry in manifest.tables:
        found.setdefault(entry.table, []).append(entry)
    return found


def _digests(entries: Sequence[TableEntry]) -> dict[str, str]:
    return {entry.file: entry.sha256 for entry in entries}


def _moved(a: Mapping[str, str], b: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    return {name: (a.get(name), b.get(name)) for name in sorted({*a, *b}) if a.get(name) != b.get(name)}


def _table_change(
    name: str,
    a: Sequence[TableEntry],
    b: Sequence[TableEntry],
    roots: tuple[Path, Path],
    contract: TableContract | None,
) -> TableChange:
    digests_a, digests_b = _digests(a), _digests(b)
    names = {*digests_a, *digests_b}
    plain = TableChange(
        table=name,
        rows=(sum(e.rows for e in a) if a else None, sum(e.rows for e in b) if b else None),
        bytes=(sum(e.bytes for e in a), sum(e.bytes for e in b)),
        files=(sum(digests_a.get(file) != digests_b.get(file) for file in names), len(names)),
    )
    if not a or not b or contract is None:
        return plain
    return _with_rows(plain, [roots[0] / e.file for e in a], [roots[1] / e.file for e in b], contract)


def _with_rows(
    plain: TableChange, a: Sequence[Path], b: Sequence[Path], contract: TableContract
) -> TableChange:
    try:
        with duckdb.connect() as connection:
            first = connection.read_parquet([str(path) for path in a])
            second = connection.read_parquet([str(path) for path in b])
            if (first.columns, first.types) != (second.columns, second.types):
                return plain
            key = ", ".join(f'"{column}"' for column in contract.key)
            keys_a, keys_b = first.project(key), second.project(key)
            both = _count(keys_a.intersect(keys_b))
            same = _count(first.intersect(second))
            watched = WATCHED.get(contract.name)
            return TableChange(
                **{
                    **vars(plain),
                    "added": _count(keys_b.except_(keys_a)),
                    "removed": _count(keys_a.except_(keys_b)),
                    "changed": both - same,
                    "moved": _movements(first, second, contract.key, watched) if watched else None,
                }
            )
    except duckdb.Error as error:
        raise StateError(f"table {contract.name!r} cannot be compared: {error}", file=a[0].parent) from error


def _count(relation: duckdb.DuckDBPyRelation) -> int:
    ((rows,),) = relation.aggregate("count(*)").fetchall()
    return int(rows)


def _movements(
    first: duckdb.DuckDBPyRelation, second: duckdb.DuckDBPyRelation, key: Sequence[str], column: str
) -> dict[str, int]:
    """How many keys moved from one value to another, those that came and went among them."""
    columns = ", ".join(f'"{name}"' for name in (*key, column))
    before = {row[:-1]: row[-1] for row in first.project(columns).fetchall()}
    after = {row[:-1]: row[-1] for row in second.project(columns).fetchall()}
    found: Counter[str] = Counter()
    for one in {*before, *after}:
        was, now = before.get(one), after.get(one)
        if was != now:
            found[f"{_value(was)} -> {_value(now)}"] += 1
    return dict(sorted(found.items()))


def _value(value: Any) -> str:
    return "(absent)" if value is None else str(value)
