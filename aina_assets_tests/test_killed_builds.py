"""Builds that are killed or meet another: whatever the moment, the next build makes the same state.

Belongs here: builds in processes of their own. Does not: bad input (see `test_build`).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import dagster as dg
import pytest

from aina_assets.automation import HOLDS_DATA_ROOT, close_abandoned, open_instance
from aina_assets.core.engine import Engine
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.definitions import BUILD_JOB
from aina_assets_tests.builds import Build, built, copied, parts, starter_settings, table_digests
from aina_assets_tests.graph import definitions

# Loads, waits for a line, builds and tells of each step; Dagster's records stay in memory, so that the time
# goes into our files. It ends itself (SIGKILL) so long after so many steps, where it is told to: whoever
# watched from outside would on a busy machine come too late.
CHILD = """
import os
import signal
import sys
from itertools import count
from pathlib import Path
from threading import Timer
import dagster as dg
from aina_assets.automation import run_build
from aina_assets.core.engine import Engine
from aina_assets.core.settings import Settings

settings = Settings(sources="starter", data=Path(sys.argv[1]), titles=None, lock=None)
told = sys.stdin.readline().split()
steps = count(1)


def observe(step):
    print(step.name, flush=True)
    if told and next(steps) == int(told[0]):
        timer = Timer(float(told[1]), os.kill, (os.getpid(), signal.SIGKILL))
        # A build that has ended is not held up by it.
        timer.daemon = True
        timer.start()


with dg.DagsterInstance.ephemeral() as instance:
    summary = run_build(
        Engine(settings),
        instance=instance,
        observer=observe,
        on_wait=lambda: print("waiting", flush=True),
    )
print("ended", summary.is_success, flush=True)
"""
LONGEST_PAUSE_SECONDS = 0.4


def load_build(data: Path) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AINA_")}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(data)],
        cwd=PROJECT_ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def start(child: subprocess.Popen[str], told: str = "") -> IO[str]:
    """Let a loaded build begin, told when to end itself; gives the lines that it tells."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{told}\n")
    child.stdin.flush()
    return child.stdout


def kill_in_the_middle(child: subprocess.Popen[str], seed: int, among: range) -> None:
    """Have a build killed (SIGKILL) at a moment that the seed chooses, among these numbers of steps."""
    chosen = random.Random(seed)
    steps, pause = chosen.choice(among), chosen.uniform(0, LONGEST_PAUSE_SECONDS)
    with child:
        lines = start(child, f"{steps} {pause}").read().splitlines()
    assert child.returncode == -signal.SIGKILL, "it was still building"
    assert len(lines) >= steps
    assert "ended True" not in lines


def assert_next_build_makes(expected: Build, data: Path) -> None:
    with built(starter_settings(data)) as build:
        assert build.summary.is_success, build.summary.check_failures + build.summary.step_failures
    assert table_digests(data) == table_digests(expected.engine.data.path)
    for receipt in expected.engine.data.receipts.glob("*.json"):
        assert (build.engine.data.receipts / receipt.name).read_bytes() == receipt.read_bytes()
    assert parts(data) == []


@pytest.mark.slow
def test_a_fresh_data_root_killed_among_sources_and_titles_is_built_as_if_nothing_had_happened(
    starter_build: Build, tmp_path: Path
) -> None:
    names = [step.name for step in starter_build.steps]
    # The evidence on titles is one long step between these two.
    evidence = range(names.index("title") + 1, names.index("title_level") + 1)
    sources = range(1, names.index("title_form"))
    for among, child in zip((sources, evidence), [load_build(tmp_path) for _ in range(2)], strict=True):
        kill_in_the_middle(child, 1, among)
    assert_next_build_makes(starter_build, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 15))
def test_a_build_killed_at_any_moment_is_made_good_by_the_next(
    starter_build: Build, tmp_path: Path, seed: int
) -> None:
    kill_in_the_middle(load_build(tmp_path), seed, range(1, len(starter_build.steps) * 9 // 10))
    assert_next_build_makes(starter_build, tmp_path)


@pytest.mark.slow
def test_two_builds_at_once_both_succeed_one_after_the_other(starter_build: Build, tmp_path: Path) -> None:
    with load_build(tmp_path) as first, load_build(tmp_path) as second:
        told_by_first = start(first)
        next(told_by_first)
        told_by_second = start(second).read().splitlines()
        assert told_by_first.read().splitlines()[-1] == "ended True"
    assert told_by_second[0] == "waiting"
    assert told_by_second[-1] == "ended True"
    assert table_digests(tmp_path) == table_digests(starter_build.engine.data.path)
    assert parts(tmp_path) == []


def test_what_a_dead_process_left_half_written_is_swept(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left = [
        engine.data.tables / f".onet_task.parquet.{gone.pid}-0123abcd.part",
        engine.data.path / f".aina.duckdb.{gone.pid}-0123abcd.part.wal",
        engine.data.tables / "title_batch_table" / f".07.parquet.{gone.pid}-0123abcd.part",
        engine.data.tables / ".made" / "title_batch_table" / f".07.json.{gone.pid}-0123abcd.part",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    with engine.data.build_lock(0):
        assert parts(engine.data.path) == []


def test_what_a_living_process_is_writing_is_left_to_it(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    path = engine.data.tables / f".onet_task.parquet.{os.getpid()}-0123abcd.part"
    path.write_bytes(b"half")
    with engine.data.build_lock(0):
        assert parts(engine.data.path) == [path]


@pytest.mark.parametrize(
    ("tags", "is_closed"), [(HOLDS_DATA_ROOT, True), ({}, False)], ids=["build", "UI run"]
)
def test_the_record_of_a_killed_build_does_not_stay_open(tags: dict[str, str], is_closed: bool) -> None:
    job = definitions().resolve_job_def(BUILD_JOB)
    with dg.DagsterInstance.ephemeral() as instance:
        killed = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=tags)
        close_abandoned(instance)
        run = instance.get_run_by_id(killed.run_id)
    assert run is not None
    assert (run.status is dg.DagsterRunStatus.FAILURE) is is_closed


COMMAND = (sys.executable, "-c", "from aina_assets.cli import main; main()", "build")


@pytest.mark.slow
def test_the_command_killed_in_the_middle_succeeds_when_it_is_given_again(
    starter_build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AINA_")}
    environment["AINA_DATA"] = str(tmp_path)
    with subprocess.Popen(
        COMMAND, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        for line in first.stdout:
            if "onet_task " in line:
                break
        first.kill()
    assert first.returncode == -signal.SIGKILL
    subprocess.run(COMMAND, cwd=PROJECT_ROOT, env=environment, capture_output=True, check=True)
    assert table_digests(tmp_path) == table_digests(starter_build.engine.data.path)
    for name in ("DAGSTER_HOME", "AINA_DAGSTER_STORAGE"):
        monkeypatch.setenv(name, "restored after the test")
    with open_instance(Engine(starter_settings(tmp_path))) as instance:
        statuses = [run.status for run in instance.get_runs()]
    assert statuses == [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
