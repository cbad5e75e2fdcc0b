"""One title batch in Dagster: it is made and checked alone, by the project's own definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from aina_assets.core.engine import Engine
from aina_assets.definitions import build_definitions
from aina_assets.titles.checks import inventory_checks, route_checks
from aina_assets.titles.make import EVIDENCE
from aina_assets.titles.tables import TITLE, TITLE_ROUTE
from aina_assets_tests.builds import Build, copied, table_digests
from aina_assets_tests.core.recorded import QUIET, materialized, partition_range, verdicts

KEY, OTHER, GONE = "07", "08", "40"
BATCHED = (TITLE.name, *(contract.name for contract in EVIDENCE), TITLE_ROUTE.name)
BY_BATCH = {check.spec.key for check in route_checks()}
OF_THE_WHOLE = {
    check.spec.key for check in inventory_checks() if check.spec.asset_key.to_user_string() in BATCHED
}


@dataclass
class State:
    """A built state, and the files that it held before a run."""

    engine: Engine
    digests: dict[str, str]
    times: dict[Path, int]

    @classmethod
    def of(cls, engine: Engine) -> State:
        times = {path: path.stat().st_mtime_ns for path in files(engine)}
        return cls(engine, table_digests(engine.data.path), times)

    def touched(self) -> set[str]:
        """What was written, made or removed since, below the tables."""
        now = {path: path.stat().st_mtime_ns for path in files(self.engine)}
        changed = {path for path in now.keys() | self.times.keys() if now.get(path) != self.times.get(path)}
        return {path.relative_to(self.engine.data.tables).as_posix() for path in changed}


def files(engine: Engine) -> list[Path]:
    return [path for folder in ("tables", "models", "receipts") for path in _below(engine, folder)]


def _below(engine: Engine, folder: str) -> Iterator[Path]:
    return (path for path in (engine.data.path / folder).rglob("*") if path.is_file())


def run(engine: Engine, *keys: str) -> dg.ExecuteInProcessResult:
    """What the UI runs when a person materializes these batches of all that has batches."""
    job = build_definitions(engine.settings).resolve_implicit_global_asset_job_def()
    one = len(keys) == 1
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            instance=instance,
            partition_key=keys[0] if one else None,
            tags={} if one else partition_range(keys),
            asset_selection=[dg.AssetKey(name) for name in BATCHED],
            run_config=QUIET,
            raise_on_error=False,
        )


def verdict_keys(result: dg.ExecuteInProcessResult) -> dict[dg.AssetCheckKey, set[str | None]]:
    found: dict[dg.AssetCheckKey, set[str | None]] = {}
    for evaluation in result.get_asset_check_evaluations():
        assert evaluation.passed, evaluation.description
        found.setdefault(evaluation.asset_check_key, set()).add(evaluation.partition)
    return found


@pytest.fixture(scope="module")
def state(starter_build: Build, tmp_path_factory: pytest.TempPathFactory) -> State:
    """A state of which one batch lost its evidence and its routes."""
    engine = copied(starter_build, tmp_path_factory.mktemp("one"))
    for name in BATCHED[1:]:
        engine.store.path(name, KEY).unlink()
    return State.of(engine)


@pytest.fixture(scope="module")
def result(state: State) -> dg.ExecuteInProcessResult:
    return run(state.engine, KEY)


def test_one_batch_is_materialized_and_nothing_else(result: dg.ExecuteInProcessResult) -> None:
    assert result.success
    made = {event.asset_key for event in result.all_events if event.is_step_materialization}
    assert made == {dg.AssetKey(name) for name in BATCHED}
    for name in BATCHED:
        assert list(materialized(result, name)) == [KEY]


def test_only_what_was_lost_is_made_anew(result: dg.ExecuteInProcessResult) -> None:
    reused = {name: materialized(result, name)[KEY].metadata["is_reused"].value for name in BATCHED}
    assert reused == {TITLE.name: True, **dict.fromkeys(BATCHED[1:], False)}


def test_its_own_files_alone_are_touched(state: State, result: dg.ExecuteInProcessResult) -> None:
    assert result.success
    tables = {f"{name}/{KEY}.parquet" for name in BATCHED[1:]}
    notes = {f".made/{name}/{KEY}.json" for name in BATCHED[1:]}
    assert state.touched() == tables | notes


def test_it_has_the_bytes_that_the_build_gave(
    starter_build: Build, state: State, result: dg.ExecuteInProcessResult
) -> None:
    assert result.success
    assert table_digests(state.engine.data.path) == table_digests(starter_build.engine.data.path)


def test_checks_by_batch_give_a_verdict_on_that_batch_alone(result: dg.ExecuteInProcessResult) -> None:
    found = verdict_keys(result)
    assert {key: found.get(key) for key in BY_BATCH} == {key: {KEY} for key in BY_BATCH}


def test_the_other_checks_of_these_tables_speak_of_the_whole_and_no_others_run(
    result: dg.ExecuteInProcessResult,
) -> None:
    assert verdict_keys(result).keys() == BY_BATCH | OF_THE_WHOLE
    assert OF_THE_WHOLE


def test_a_batch_that_fails_its_check_is_the_one_that_is_told(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    info = engine.store.info(TITLE_ROUTE.name, OTHER)
    shorter = engine.store.read(TITLE_ROUTE.name, partition=OTHER).slice(1)
    engine.store.write(TITLE_ROUTE, shorter, info.provenance, OTHER)
    assert set(verdicts(run(engine, KEY), "one_route_a_title")) == {(KEY, True)}
    assert set(verdicts(run(engine, KEY, OTHER), "one_route_a_title")) == {(KEY, True), (OTHER, False)}


def test_batches_of_an_earlier_number_of_them_are_dropped(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    for name in BATCHED:
        engine.store.path(name, GONE).write_bytes(engine.store.path(name, OTHER).read_bytes())
    before = State.of(engine)
    assert run(engine, KEY).success
    assert before.touched() == {f"{name}/{GONE}.parquet" for name in BATCHED}
