"""Make a derived table: the SQL file of its name, over the Parquet tables that it reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from aina_assets.core.store import (
    Provenance,
    TableInfo,
    TableStore,
    code_version,
    contract_digest,
    merged_vintages,
)
from aina_assets.warehouse.tables import Derived

SQL_ROOT = Path(__file__).parent / "sql"


def table_sql(name: str) -> str:
    """The SQL of a derived table."""
    return (SQL_ROOT / "tables" / f"{name}.sql").read_text("utf-8")


def derived_provenance(derived: Derived, store: TableStore) -> Provenance:
    """What the table would be made from now.

    Raises:
        StateError: an input table is not there.
        ProvenanceMismatchError: inputs are from different vintages of one source.
    """
    infos = [store.info(name) for name in derived.inputs]
    return Provenance(
        vintages=merged_vintages(infos),
        inputs={info.name: info.sha256 for info in infos},
        code=code_version("core", "warehouse"),
        contract=contract_digest(derived.contract),
    )


def derive(derived: Derived, store: TableStore, *, memory_limit: str, threads: int) -> pa.Table:
    """Run the table's SQL.

    Args:
        memory_limit: DuckDB's, such as `1GB`.
        threads: DuckDB's.

    Raises:
        ContractError: the result breaks the table's contract.
    """
    with duckdb.connect(config={"memory_limit": memory_limit, "threads": threads}) as connection:
        for name in derived.inputs:
            connection.read_parquet(str(store.path(name))).create_view(name)
        result = connection.sql(table_sql(derived.contract.name)).to_arrow_table()
    return derived.contract.conform(result)


def make_derived(
    derived: Derived, store: TableStore, *, memory_limit: str, threads: int
) -> tuple[TableInfo, bool]:
    """Make the table if what it is made from changed; give it, and whether it was made."""
    provenance = derived_provenance(derived, store)
    standing = store.current(derived.contract.name, provenance)
    if standing is not None:
        return standing, False
    table = derive(derived, store, memory_limit=memory_limit, threads=threads)
    return store.write(derived.contract, table, provenance), True
