"""Tiny tables by contract: rows that name only the columns that a test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from aina_assets.core.contracts import Column, TableContract
from aina_assets.core.store import Provenance, TableInfo, TableStore
from aina_assets.warehouse.derive import make_derived
from aina_assets.warehouse.tables import DERIVED, product_contracts

CONTRACTS: Mapping[str, TableContract] = {contract.name: contract for contract in product_contracts()}
VINTAGE = "test-1"
Rows = Sequence[Mapping[str, Any]]


def table_of(name: str, rows: Rows) -> pa.Table:
    """A table of the contract's name; what a row does not say is null, or the plainest valid value."""
    contract = CONTRACTS[name]
    unknown = {key for row in rows for key in row} - {column.name for column in contract.columns}
    assert not unknown, f"{name} has no columns {unknown}"
    filled = [
        {column.name: row.get(column.name, _plain(column, number)) for column in contract.columns}
        for number, row in enumerate(rows, 1)
    ]
    return pa.Table.from_pylist(filled, schema=contract.arrow_schema)


def _plain(column: Column, number: int) -> Any:
    if column.name == "source_row":
        return number
    if column.is_nullable:
        return None
    if pa.types.is_string(column.type):
        return column.values[0] if column.values else _plain_text(column)
    return {pa.int64(): int(column.minimum or 0), pa.float64(): 0.0, pa.bool_(): False}[column.type]


# What a text must look like, by the end of its column's name; the first that fits.
TEXTS = {
    "vintage": VINTAGE,
    "onet_soc_code": "11-1011.00",
    "industry_code": "000000",
    "area_code": "0000000",
    "code": "11-1011",
    "sha256": "0" * 64,
    "series_id": "OEUN000000000000011101104",
}


def _plain_text(column: Column) -> str:
    return next((text for end, text in TEXTS.items() if column.name.endswith(end)), "text")


def put(store: TableStore, name: str, rows: Rows, vintages: Mapping[str, str] | None = None) -> TableInfo:
    """Write a tiny table into a store."""
    contract = CONTRACTS[name]
    provenance = Provenance(
        vintages=vintages or {contract.source: VINTAGE}, inputs={}, code="test", contract="test"
    )
    return store.write(contract, table_of(name, rows), provenance)


def derived(folder: Path, name: str, **inputs: Rows) -> list[dict[str, Any]]:
    """What a derived table's SQL makes of these inputs; an input that is not given has no rows."""
    store = TableStore(folder)
    unknown = set(inputs) - set(DERIVED[name].inputs)
    assert not unknown, f"{name} does not read {unknown}"
    for table in DERIVED[name].inputs:
        put(store, table, inputs.get(table, ()))
    make_derived(DERIVED[name], store, memory_limit="256MB", threads=1)
    rows: list[dict[str, Any]] = store.read(name).to_pylist()
    return rows
