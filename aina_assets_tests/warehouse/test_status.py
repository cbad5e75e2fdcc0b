"""The state's figures: every one by name, and a typed error where the state is not whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aina_assets.core.build import BuildSummary
from aina_assets.core.engine import Engine
from aina_assets.core.errors import AinaError, StateError
from aina_assets.warehouse.status import status
from aina_assets.warehouse.tables import product_contracts
from aina_assets_tests.builds import Build, copied, starter_settings, table_digests


def test_every_figure_of_the_starter(starter_build: Build) -> None:
    # Counted in the starter's own files; they change with data/starter/authored alone.
    assert status(starter_build.engine)["figures"] == {
        "occupations": 67,
        "task_statements": 664,
        "task_ratings": 664,
        "alternate_titles": 1010,
        "reported_titles": 282,
        "technology_skills": 313,
        "detailed_work_activities": 52,
        "job_exposure_soc_rows": 64,
        "task_penetrations": 636,
        "legacy_signals": 66,
        "gdpval_tasks": 44,
        "gdpval_occupations": 44,
        "gdpval_rubric_items": 276,
        "mapped_soc_entries": 75,
        "soc_major_groups": 21,
        "soc_minor_groups": 42,
        "soc_broad_groups": 61,
        "soc_detailed_occupations": 69,
        "soc_direct_match_titles": 871,
        "oews_national_rows": 89,
        "oews_national_detailed_rows": 67,
        "oews_codes_not_soc_detailed": 1,
        "oews_flat_rows": 0,
        "soc_detailed_with_direct_oews_row": 66,
        "soc_detailed_without_direct_oews_row": 3,
        "soc_detailed_rolled_up": 2,
        "soc_detailed_not_covered": 1,
        "titles": 2283,
        "titles_withheld": 0,
    }


def test_the_state_says_where_it_is_and_what_it_is_of(starter_build: Build) -> None:
    state = status(starter_build.engine)
    assert (state["data"], state["lane"]) == (str(starter_build.engine.data.path), "starter")
    assert state["vintages"]["onet"] == "starter-1"
    assert state["vintages"]["oews_flat"] == "not_available"
    assert state["sources"]["oews_flat"]["status"] == "not_available"
    assert state["build"] == starter_build.summary.model_dump(mode="json")
    assert state["warehouse_bytes"] == starter_build.engine.data.warehouse.stat().st_size
    assert len(state["receipts"]) == 18
    assert json.loads(json.dumps(state)) == state


def test_every_table_has_its_rows_and_digest(starter_build: Build) -> None:
    tables = status(starter_build.engine)["tables"]
    digests = table_digests(starter_build.engine.data.path)
    names = {contract.name for contract in product_contracts()}
    assert {name: table["sha256"] for name, table in tables.items()} == {
        name: digest for name, digest in digests.items() if name in names
    }
    assert set(tables) == names


def test_joins_are_shares(starter_build: Build) -> None:
    joins = status(starter_build.engine)["joins"]
    assert joins["gdpval_occupation_to_soc"] == 1.0
    assert len(joins) == 14
    assert all(0 <= share <= 1 for share in joins.values())


def error_of(engine: Engine) -> AinaError:
    with pytest.raises(StateError) as caught:
        status(engine)
    assert caught.value.file is not None
    assert caught.value.remedy
    return caught.value


def test_without_a_build_there_is_no_status(tmp_path: Path) -> None:
    assert "nothing has been built" in error_of(Engine(starter_settings(tmp_path))).message


@pytest.mark.parametrize("missing", ["tables/onet_task.parquet", "aina.duckdb", "build.json"])
def test_what_is_missing_is_named(starter_build: Build, tmp_path: Path, missing: str) -> None:
    engine = copied(starter_build, tmp_path / "run")
    path = engine.data.path / missing
    path.unlink()
    assert error_of(engine).file == str(path)


@pytest.mark.parametrize("damaged", ["tables/soc_group.parquet", "build.json"])
def test_what_is_damaged_is_named(starter_build: Build, tmp_path: Path, damaged: str) -> None:
    engine = copied(starter_build, tmp_path / "run")
    path = engine.data.path / damaged
    path.write_bytes(path.read_bytes()[:-20])
    error = error_of(engine)
    assert error.file == str(path)
    assert "damaged" in error.message


def test_a_table_of_somebody_else_is_refused(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    path = engine.store.path("soc_group")
    path.write_bytes(b"PAR1 is no table")
    assert error_of(engine).file == str(path)


def test_a_killed_build_is_not_taken_for_the_last_one(starter_build: Build, tmp_path: Path) -> None:
    state = copied(starter_build, tmp_path)
    BuildSummary.started("mirror").write(state.data.build_summary)
    told = status(state)
    assert (told["lane"], told["build"]["is_complete"], told["build"]["is_success"]) == (
        "mirror",
        False,
        False,
    )
