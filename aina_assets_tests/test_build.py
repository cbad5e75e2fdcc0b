"""Whole builds: what a build promises of a state, and what it does with bad input.

Belongs here: builds in this process. Does not: builds that are killed (see `test_killed_builds`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pyarrow.parquet as pq
import pytest
from typer.testing import Result

from aina_assets import automation
from aina_assets.automation import run_build
from aina_assets.core import store as store_module
from aina_assets.core.build import BuildSummary, read_build
from aina_assets.core.engine import Engine
from aina_assets.core.errors import BuildLockedError, StorageFullError
from aina_assets.core.storage import sha256_file
from aina_assets.definitions import ASSETS, STAGES
from aina_assets.sources.catalog import SOURCES
from aina_assets.warehouse.tables import product_contracts
from aina_assets_tests.builds import (
    Build,
    copied,
    copied_starter,
    flip_byte,
    invoke,
    parts,
    plant_canary,
    starter_settings,
    table_digests,
)

TABLES = {contract.name for contract in product_contracts()}


# --- a fresh build


def test_a_starter_build_succeeds(starter_build: Build) -> None:
    summary = starter_build.summary
    assert summary.is_success
    assert (summary.check_failures, summary.step_failures) == ((), ())
    assert [stage.stage for stage in summary.stages] == list(STAGES)
    for stage in summary.stages:
        assert stage.assets > 0
        assert stage.rows > 0
        assert stage.checks_passed > 0
        assert (stage.checks_warned, stage.checks_failed) == (0, 0)


def test_it_is_recorded_in_the_instance(starter_build: Build) -> None:
    run = starter_build.instance.get_run_by_id(starter_build.summary.run_id)
    assert run is not None
    assert (run.status, run.job_name) == (dg.DagsterRunStatus.SUCCESS, "rebuild_all")


def test_its_summary_can_be_read_again(starter_build: Build) -> None:
    assert read_build(starter_build.engine.data.build_summary) == starter_build.summary


def test_it_tells_of_every_table_as_it_is_made(starter_build: Build) -> None:
    told = {step.name: step for step in starter_build.steps if step.name in TABLES}
    assert set(told) == TABLES
    assert not any(step.is_reused for step in told.values())


def test_it_leaves_nothing_half_written(starter_build: Build) -> None:
    assert parts(starter_build.engine.data.path) == []


# --- a second build


@dataclass
class SecondBuild:
    """`aina build` of a state that is already there, in a data root that another held."""

    engine: Engine
    result: Result
    readers_called: Counter[str]


@pytest.fixture(scope="module")
def second(starter_build: Build, tmp_path_factory: pytest.TempPathFactory) -> SecondBuild:
    engine = copied(starter_build, tmp_path_factory.mktemp("second"))
    called: Counter[str] = Counter()
    holder = ExitStack()
    holder.enter_context(engine.data.build_lock(0))

    def run_while_held(*arguments: Any, on_wait: Callable[[], None], **options: Any) -> BuildSummary:
        def let_go() -> None:
            on_wait()
            holder.close()

        return run_build(*arguments, on_wait=let_go, **options)

    with pytest.MonkeyPatch.context() as patch, holder:
        count_readers(patch, called)
        patch.setattr(automation, "run_build", run_while_held)
        return SecondBuild(engine, invoke(engine.data.path, "build"), called)


def count_readers(patch: pytest.MonkeyPatch, called: Counter[str]) -> None:
    def counted(name: str, read: Callable[..., Any]) -> Callable[..., Any]:
        def reader(*arguments: Any) -> Any:
            called[name] += 1
            return read(*arguments)

        return reader

    for source in SOURCES.values():
        mappings: tuple[Mapping[str, Callable[..., Any]], ...] = (source.readers, source.writers)
        for mapping in mappings:
            for name, read in mapping.items():
                patch.setitem(cast(dict[str, Any], mapping), name, counted(name, read))


def test_a_second_build_succeeds_and_reads_no_source_again(second: SecondBuild) -> None:
    assert second.result.exit_code == 0, second.result.output
    assert second.readers_called == Counter()


def test_readers_are_counted_at_all(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    engine.store.path("onet_job_zone").unlink()
    called: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        count_readers(patch, called)
        assert materialize(engine, "onet_job_zone").success
    assert called == Counter({"onet_job_zone": 1})


def test_a_second_build_leaves_every_table_alone(starter_build: Build, second: SecondBuild) -> None:
    assert table_digests(second.engine.data.path) == table_digests(starter_build.engine.data.path)
    told = {line.split()[1]: line for line in second.result.stdout.splitlines() if len(line.split()) > 4}
    assert {name for name in TABLES if told[name].endswith("unchanged")} == TABLES


def test_a_second_build_waits_for_the_first_and_says_so(second: SecondBuild) -> None:
    assert second.result.stdout.count("another build holds the data root: waiting for it to end") == 1


def test_a_good_build_says_what_to_do_next(second: SecondBuild) -> None:
    assert "Next: `aina status`" in second.result.stdout
    assert str(second.engine.data.receipts) in second.result.stdout


def test_a_build_that_may_not_wait_says_who_holds_what(tmp_path: Path) -> None:
    engine = Engine(starter_settings(tmp_path, build_wait_seconds=0))
    with engine.data.build_lock(0), pytest.raises(BuildLockedError) as caught:
        run_build(engine)
    assert caught.value.file == str(tmp_path)
    assert "AINA_DATA" in caught.value.remedy
    assert not engine.data.build_summary.exists()


# --- one table


def materialize(engine: Engine, name: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            ASSETS, selection=[name], resources={"engine": engine}, instance=instance, raise_on_error=False
        )


def files_of(data: Path) -> dict[str, tuple[int, int]]:
    """Every file that a build leaves, with what tells that it was replaced; memories and caches aside."""
    found = (
        path
        for path in data.rglob("*")
        if path.is_file()
        and path.parent.name != "cache"
        and not any(part.startswith(".") for part in path.relative_to(data).parts)
    )
    return {str(path.relative_to(data)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


@pytest.mark.parametrize("name", ["onet_job_zone", "soc_mapped_entry"])
def test_one_table_alone_touches_that_table_alone(starter_build: Build, tmp_path: Path, name: str) -> None:
    engine = copied(starter_build, tmp_path / "run")
    path, digest = engine.store.path(name), engine.store.info(name).sha256
    path.unlink()
    before = files_of(engine.data.path)
    assert materialize(engine, name).success
    after = files_of(engine.data.path)
    assert sha256_file(path) == digest
    assert {file for file in after if after[file] != before.get(file)} == {f"tables/{name}.parquet"}


def test_a_damaged_table_is_noticed_and_made_anew(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    info = engine.store.info("soc_mapped_entry")
    flip_byte(info.path, 100)
    assert materialize(engine, "soc_mapped_entry").success
    assert sha256_file(info.path) == info.sha256


# --- bad input


def test_a_disk_that_runs_full_leaves_the_old_table(
    starter_build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    engine = copied(starter_build, tmp_path / "run")
    old = engine.store.info("join_coverage")
    write, current = pq.write_table, store_module.TableStore.current

    def write_to_a_full_disk(table: Any, target: Path, **options: Any) -> None:
        target.symlink_to("/dev/full")
        write(table, target, **options)

    monkeypatch.setattr(pq, "write_table", write_to_a_full_disk)
    monkeypatch.setattr(store_module.TableStore, "current", lambda *_: None)
    result = materialize(engine, "join_coverage")
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    error = failed.step_failure_data.error
    assert error is not None
    assert error.cause is not None
    assert error.cause.cls_name == StorageFullError.__name__
    assert str(old.path) in error.cause.message
    monkeypatch.setattr(store_module.TableStore, "current", current)
    assert engine.store.info("join_coverage") == old
    assert sha256_file(old.path) == old.sha256
    assert parts(engine.data.path) == []


def test_a_wrong_byte_in_a_source_fails_the_build_and_the_last_good_tables_stand(
    starter_build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = copied(starter_build, tmp_path / "run")
    before = files_of(engine.data.path)
    digests = table_digests(engine.data.path)
    product = sha256_file(engine.data.warehouse)
    (bad,) = copied_starter(tmp_path / "starter", monkeypatch).rglob("national_M2024_dl.xlsx")
    expected = sha256_file(bad)
    flip_byte(bad, 5_000)
    result = invoke(engine.data.path, "build")
    assert result.exit_code == 1
    assert "step oews_national_files failed" in result.stderr
    for told in (
        "HashMismatchError",
        str(bad),
        f"expected {expected}",
        f"found {sha256_file(bad)}",
        "remedy",
    ):
        assert told in result.stderr
    assert table_digests(engine.data.path) == digests
    assert sha256_file(engine.data.warehouse) == product
    after = files_of(engine.data.path)
    tables = {file for file in before if file.startswith(("tables/", "aina."))}
    assert {file for file in tables if after[file] != before[file]} == set()


@pytest.mark.slow
def test_gdpval_text_in_the_data_root_fails_the_build(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    canary = plant_canary(engine).read_text("utf-8").split()[-1]
    result = invoke(engine.data.path, "build")
    assert result.exit_code == 1
    assert "ERROR warehouse: no_gdpval_text" in result.stderr
    assert "remedy: Delete the file named" in result.stderr
    assert canary not in result.output
    failure, unknown = read_build(engine.data.build_summary).check_failures
    assert (unknown.check, unknown.severity) == ("every_file_is_looked_after", "WARN")
    assert (failure.asset, failure.check, failure.severity) == ("warehouse", "no_gdpval_text", "ERROR")
