"""The product file: what it holds, what it was made from, and that it is swapped in whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.warehouse import assets as warehouse_assets
from aina_assets.warehouse.product import (
    DICTIONARY,
    open_product,
    product_provenance,
    stored_fingerprint,
    view_names,
)
from aina_assets.warehouse.tables import product_contracts
from aina_assets_tests.builds import Build, copied, parts

ROWS_OF_A_VIEW = {
    "occupation_wage": "oews_soc_rollup",
    "task_signal": "onet_task",
    "occupation_overview": "onet_occupation",
}


@pytest.fixture
def state(starter_build: Build, tmp_path: Path) -> Engine:
    """A built state to change."""
    return copied(starter_build, tmp_path / "run")


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_product(path) as connection:
        return connection.execute(sql).fetchall()


def product_run(engine: Engine) -> dg.ExecuteInProcessResult:
    return dg.materialize([warehouse_assets.warehouse], resources={"engine": engine}, raise_on_error=False)


def test_every_table_is_in_it_row_for_row(starter_build: Build) -> None:
    engine = starter_build.engine
    with open_product(engine.data.warehouse) as connection:
        for contract in product_contracts():
            ours = connection.read_parquet(str(engine.store.path(contract.name)))
            theirs = connection.table(contract.name)
            assert theirs.columns == [column.name for column in contract.columns]
            assert theirs.except_(ours).fetchall() == ours.except_(theirs).fetchall() == []


@pytest.mark.parametrize("view", view_names())
def test_every_view_gives_rows(starter_build: Build, view: str) -> None:
    ((count,),) = rows(starter_build.engine.data.warehouse, f"select count(*) from {view}")
    assert count > 0
    if view in ROWS_OF_A_VIEW:
        assert count == starter_build.engine.store.info(ROWS_OF_A_VIEW[view]).rows


def test_the_overview_joins_wage_exposure_and_counts(starter_build: Build) -> None:
    (found,) = rows(
        starter_build.engine.data.warehouse,
        "select wage_relation, annual_median_wage_usd > 0, observed_exposure is not null, task_count, "
        "gdpval_task_count from occupation_overview where onet_soc_code = '13-2011.00'",
    )
    assert found[:3] == ("direct", True, True)
    assert found[3] >= 8
    assert found[4] == 1


def test_the_dictionary_has_a_described_row_for_every_column(starter_build: Build) -> None:
    found = rows(
        starter_build.engine.data.warehouse, f"select table_name, column_name, description from {DICTIONARY}"
    )
    promised = {
        (contract.name, column.name) for contract in product_contracts() for column in contract.columns
    }
    assert {(table, column) for table, column, _ in found} == promised
    assert len(found) == len(promised)
    assert all(description for _, _, description in found)


def test_it_says_what_it_was_made_from(starter_build: Build) -> None:
    engine = starter_build.engine
    infos = [engine.store.info(contract.name) for contract in product_contracts()]
    assert stored_fingerprint(engine.data.warehouse) == product_provenance(infos).fingerprint


def test_a_reader_cannot_write(starter_build: Build) -> None:
    connection = open_product(starter_build.engine.data.warehouse)
    with connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("drop view occupation_wage")


def test_there_is_no_fingerprint_without_a_readable_product(tmp_path: Path) -> None:
    path = tmp_path / "aina.duckdb"
    assert stored_fingerprint(path) is None
    path.write_bytes(b"not a database" * 500)
    assert stored_fingerprint(path) is None
    path.unlink()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table other (x int)")
    assert stored_fingerprint(path) is None


def test_opening_a_missing_or_damaged_product_names_it(tmp_path: Path) -> None:
    path = tmp_path / "aina.duckdb"
    with pytest.raises(StateError, match="there is no warehouse") as caught:
        open_product(path)
    assert caught.value.file == str(path)
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(StateError, match="damaged"):
        open_product(path)


def test_a_damaged_product_is_made_anew(state: Engine) -> None:
    state.data.warehouse.write_bytes(b"not a database" * 500)
    assert product_run(state).success
    assert stored_fingerprint(state.data.warehouse) is not None


def test_a_failure_while_it_is_filled_leaves_the_old_file(
    state: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = state.data.warehouse.read_bytes()
    monkeypatch.setattr(warehouse_assets, "is_current", lambda *_: False)
    monkeypatch.setattr(warehouse_assets, "fill", fill_in_part)
    assert not product_run(state).success
    assert state.data.warehouse.read_bytes() == old
    assert parts(state.data.path) == []


def fill_in_part(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
    connection.execute("create table half as select range as x from range(100000)")
    raise duckdb.IOException("a fault in the middle")


def test_a_product_with_a_flipped_byte_is_made_anew(state: Engine) -> None:
    assert product_run(state).success
    content = bytearray(state.data.warehouse.read_bytes())
    content[len(content) // 2] ^= 1
    state.data.warehouse.write_bytes(content)
    assert product_run(state).success
    assert state.data.warehouse.read_bytes() != bytes(content)
    with open_product(state.data.warehouse) as connection:
        assert connection.table("onet_occupation").aggregate("count(*)").fetchall() != []
