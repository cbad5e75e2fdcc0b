"""The difference of two builds: tables, rows, routes, inputs; and `aina verify`, `diff`, `validate`."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import receipt_path
from aina_assets.definitions import CONTRACTS
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.titles.receipts import COVERAGE
from aina_assets.verification.diff import BuildDifference, TableChange, diff
from aina_assets.verification.manifest import MANIFEST, write_manifest
from aina_assets.warehouse.receipts import AUTHORITY, HUB_MAP
from aina_assets_tests.builds import Build, copied, flip_byte, invoke

BY_NAME = {contract.name: contract for contract in CONTRACTS}
BELOW = (SNAPSHOT, AUTHORITY, HUB_MAP, COVERAGE)


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "run")


def rewritten(engine: Engine, name: str, rows: pa.Table, partition: str | None = None) -> None:
    """Write a table's file anew with other rows, as another build would."""
    contract: TableContract = BY_NAME[name]
    provenance = engine.store.info(name, partition).provenance
    engine.store.write(contract, rows.cast(contract.arrow_schema), provenance, partition)
    write_manifest(engine, BELOW)


def compared(build: Build, engine: Engine) -> BuildDifference:
    return diff(build.engine.data.path, engine.data.path, CONTRACTS)


def test_a_build_is_the_same_as_itself_and_as_its_copy(starter_build: Build, engine: Engine) -> None:
    assert compared(starter_build, engine).is_empty


def test_rows_that_came_went_and_changed_are_counted_by_key(starter_build: Build, engine: Engine) -> None:
    table = engine.store.read("onet_job_zone_reference")
    column = table.column_names.index("name")
    changed = table.set_column(column, "name", pa.array(["Zone 1", *table["name"].to_pylist()[1:]]))
    rewritten(engine, "onet_job_zone_reference", changed.slice(0, table.num_rows - 1))
    (change,) = compared(starter_build, engine).tables
    assert (change.table, change.rows) == ("onet_job_zone_reference", (table.num_rows, table.num_rows - 1))
    assert (change.added, change.removed, change.changed) == (0, 1, 1)
    assert change.files == (1, 1)


def test_routes_that_moved_are_told_from_which_to_which(starter_build: Build, engine: Engine) -> None:
    table = engine.store.read("title_route", partition="05")
    routes = table["route"].to_pylist()
    moved = ["exclude" if route == "adjudicate" else route for route in routes]
    column = table.column_names.index("route")
    rewritten(engine, "title_route", table.set_column(column, "route", pa.array(moved)), "05")
    (change,) = compared(starter_build, engine).tables
    count = routes.count("adjudicate")
    assert count > 0
    assert change.moved == {"adjudicate -> exclude": count}
    assert (change.changed, change.added, change.removed) == (count, 0, 0)
    assert change.files == (1, 32)


def test_a_table_that_one_build_lacks_is_told(starter_build: Build, engine: Engine) -> None:
    engine.store.path("wage_fact").unlink()
    write_manifest(engine, BELOW)
    (change,) = compared(starter_build, engine).tables
    rows = starter_build.engine.store.info("wage_fact").rows
    assert change == TableChange("wage_fact", (rows, None), (change.bytes[0], 0), (1, 1))


def test_other_inputs_and_files_are_told(starter_build: Build, engine: Engine) -> None:
    (engine.data.models / "title_model.json").write_text("{}")
    write_manifest(engine, BELOW)
    found = compared(starter_build, engine)
    assert set(found.files) == {"models/title_model.json"}
    assert (found.tables, found.inputs, found.lane) == ((), {}, None)


def test_a_build_without_a_manifest_cannot_be_compared(starter_build: Build, engine: Engine) -> None:
    path = receipt_path(engine.data.receipts, MANIFEST)
    flip_byte(path, 300)
    with pytest.raises(StateError) as caught:
        compared(starter_build, engine)
    assert caught.value.file == str(path)


# --- commands


def test_verify_says_that_nothing_differs(starter_build: Build) -> None:
    result = invoke(starter_build.engine.data.path, "verify")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("18 receipts: nothing differs\n")


def test_verify_names_what_differs_and_what_is_void(engine: Engine) -> None:
    flip_byte(engine.store.path("soc_group"), 100)
    result = invoke(engine.data.path, "verify", "--offline")
    assert result.exit_code == 1
    assert "differs tables/soc_group.parquet: is " in result.stderr
    assert "void: aina.duckdb, models/title_model.json" in result.stderr
    assert "more" in result.stderr
    told = json.loads(invoke(engine.data.path, "verify", "--json").stdout)
    (difference,) = told["differences"]
    assert (difference["name"], difference["kind"]) == ("tables/soc_group.parquet", "differs")
    assert "tables/title_route/00.parquet" in difference["void"]


def test_diff_shows_tables_rows_and_routes(starter_build: Build, engine: Engine) -> None:
    same = invoke(engine.data.path, "diff", str(starter_build.engine.data.path), str(engine.data.path))
    assert (same.exit_code, same.stdout) == (0, "the two builds are the same\n")
    table = engine.store.read("onet_job_zone_reference")
    rewritten(engine, "onet_job_zone_reference", table.slice(0, table.num_rows - 1))
    result = invoke(engine.data.path, "diff", str(starter_build.engine.data.path), str(engine.data.path))
    assert result.exit_code == 0, result.output
    assert "onet_job_zone_reference" in result.stdout
    told = invoke(
        engine.data.path, "diff", str(starter_build.engine.data.path), str(engine.data.path), "--json"
    )
    (change,) = json.loads(told.stdout)["tables"]
    assert (change["table"], change["removed"]) == ("onet_job_zone_reference", 1)


def test_diff_of_what_is_no_build_is_an_error(engine: Engine, tmp_path: Path) -> None:
    result = invoke(engine.data.path, "diff", str(engine.data.path), str(tmp_path))
    assert result.exit_code == 1
    assert "StateError: there is no such receipt" in result.stderr


@pytest.mark.slow
def test_validate_runs_every_check_and_the_walk(starter_build: Build) -> None:
    result = invoke(starter_build.engine.data.path, "validate", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["is_valid"] is True
    assert len(told["checks"]) == sum(stage.checks_passed for stage in starter_build.summary.stages)
    assert all(check["passed"] for check in told["checks"])
    assert (told["differences"], told["steps_failed"], told["notes"]) == ([], [], [])


def test_validate_fails_with_the_check_the_difference_and_the_remedy(engine: Engine) -> None:
    flip_byte(engine.data.path / "models" / "title_model.json", 5)
    result = invoke(engine.data.path, "validate")
    assert result.exit_code == 1
    assert "ERROR, blocking build_manifest_v1: state_verifies: 1 of " in result.stderr
    assert "differs models/title_model.json" in result.stderr
    assert "remedy: `aina verify`" in result.stderr
    assert "not valid" in result.stdout


@pytest.mark.slow
def test_validate_leaves_the_state_as_it_was(engine: Engine) -> None:
    def files() -> dict[str, int]:
        kept = (path for path in engine.data.path.rglob("*") if path.is_file() and "cache" not in path.parts)
        return {str(path): path.stat().st_mtime_ns for path in kept if path.name != ".build.lock"}

    before = files()
    assert invoke(engine.data.path, "validate").exit_code == 0
    assert {path for path, time in files().items() if before.get(path) != time} == set()
