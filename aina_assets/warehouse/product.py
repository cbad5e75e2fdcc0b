"""The product: one DuckDB file with every table, the views that people ask first, and the dictionary.

It is built beside the old one and swapped in; readers open it read-only. What belongs here: filling a
connection. What does not: how a table was made.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from aina_assets.core.contracts import TableContract
from aina_assets.core.errors import StateError
from aina_assets.core.storage import DigestCache, write_json
from aina_assets.core.store import Provenance, TableInfo, TableStore, code_version, merged_vintages
from aina_assets.warehouse.derive import SQL_ROOT

DICTIONARY, PROVENANCE = "data_dictionary", "warehouse_provenance"


def view_files() -> list[Path]:
    """The views' SQL files; a leading number gives the order in which they build on each other."""
    return sorted((SQL_ROOT / "views").glob("*.sql"))


def view_names() -> list[str]:
    """The views' names."""
    return [path.stem.partition("_")[2] for path in view_files()]


def product_provenance(infos: Sequence[TableInfo]) -> Provenance:
    """What the product would be made from now: every table and the views' SQL."""
    return Provenance(
        vintages=merged_vintages(infos),
        inputs={info.name: info.sha256 for info in infos},
        code=code_version("warehouse"),
        contract="",
    )


def fill(
    connection: duckdb.DuckDBPyConnection,
    store: TableStore,
    contracts: Iterable[TableContract],
    provenance: Provenance,
) -> None:
    """Load every table, make the views, the dictionary and the record of provenance.

    Raises:
        OSError: the disk ran full.
    """
    try:
        _fill(connection, store, list(contracts), provenance)
    except duckdb.Error as error:
        # DuckDB tells a full disk in its text alone; storage knows it as the system's error.
        if "No space left on device" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise


def _fill(
    connection: duckdb.DuckDBPyConnection,
    store: TableStore,
    contracts: list[TableContract],
    provenance: Provenance,
) -> None:
    for contract in contracts:
        connection.read_parquet(str(store.path(contract.name))).create(contract.name)
    for path in view_files():
        connection.execute(path.read_text("utf-8"))
    connection.from_arrow(dictionary_rows(contracts)).create(DICTIONARY)
    record = pa.table({"fingerprint": [provenance.fingerprint], "provenance": [provenance.to_json()]})
    connection.from_arrow(record).create(PROVENANCE)
    connection.execute("checkpoint")


def dictionary_rows(contracts: Iterable[TableContract]) -> pa.Table:
    """The data dictionary as a table: one row a column."""
    rows: list[dict[str, Any]] = [
        {
            "table_name": contract.name,
            "table_description": contract.description,
            "grain": contract.grain,
            "column_name": column.name,
            "column_type": str(column.type),
            "is_nullable": column.is_nullable,
            "is_key": column.name in contract.key,
            "description": column.description,
            "rule": column.rule,
        }
        for contract in contracts
        for column in contract.columns
    ]
    return pa.Table.from_pylist(rows)


def is_current(path: Path, provenance: Provenance, memory: Path, digests: DigestCache) -> bool:
    """Whether the product stands, undamaged, and was filled from exactly this.

    Args:
        memory: where `remember` noted the product's digest and fingerprint.
    """
    try:
        noted = json.loads(memory.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return path.is_file() and noted == _note(path, provenance, digests)


def remember(path: Path, provenance: Provenance, memory: Path, digests: DigestCache) -> None:
    """Note what the product was filled from, under its digest: a damaged one is not recognized."""
    write_json(memory, _note(path, provenance, digests))


def _note(path: Path, provenance: Provenance, digests: DigestCache) -> dict[str, str]:
    return {"sha256": digests.sha256(path), "fingerprint": provenance.fingerprint}


def stored_fingerprint(path: Path) -> str | None:
    """The fingerprint of what the product was made from; None where there is no readable product."""
    if not path.is_file():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.table(PROVENANCE).fetchall()
    except duckdb.Error:
        return None
    return str(rows[0][0]) if rows else None


def open_product(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the product read-only.

    Raises:
        StateError: there is none, or it is damaged.
    """
    if not path.is_file():
        raise StateError("there is no warehouse", file=path)
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise StateError(f"the warehouse is damaged: {error}", file=path) from error


def row_count(connection: duckdb.DuckDBPyConnection, table: str) -> int | None:
    """Rows of a table in the product; None where it is absent or cannot be read."""
    try:
        ((rows,),) = connection.table(table).aggregate("count(*)").fetchall()
    except duckdb.Error:
        return None
    return int(rows)
