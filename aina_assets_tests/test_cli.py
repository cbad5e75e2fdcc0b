"""`aina`: what it prints, and its exit status: 0 all is well, 1 the work failed, 2 the command is wrong.

Builds by the command line stand in `test_build`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aina_assets import __version__, automation
from aina_assets.cli.state import whole_state
from aina_assets.core.build import BuildSummary, CheckFailure
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import DataRoot
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.upstream.drift import ONET_PAGE
from aina_assets_tests.builds import Build, copied, copied_starter, flip_byte, invoke
from aina_assets_tests.sources import loopback
from aina_assets_tests.sources.loopback import Fault, Upstream, locked
from aina_assets_tests.sources.made_up import BASE

upstream = loopback.upstream


def assert_told(stderr: str, error: str, *told: str) -> None:
    """A typed error in words, with what a person needs and no traceback."""
    assert stderr.startswith(f"{error}: ")
    for words in (*told, "remedy: "):
        assert words in stderr
    assert "Traceback" not in stderr


# --- version and mistakes


def test_version(tmp_path: Path) -> None:
    result = invoke(tmp_path, "version")
    assert (result.exit_code, result.stdout) == (0, f"{__version__}\n")


def test_help_is_shown_where_no_command_is_given(tmp_path: Path) -> None:
    result = invoke(tmp_path)
    for command in ("build", "status", "sources", "version"):
        assert command in result.output


@pytest.mark.parametrize("arguments", [("biuld",), ("status", "--jsn"), ("sources", "fetch")])
def test_a_command_that_does_not_exist_is_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert invoke(tmp_path, *arguments).exit_code == 2


@pytest.mark.parametrize("command", ["build", "status"])
def test_a_wrong_setting_is_status_2_and_named(tmp_path: Path, command: str) -> None:
    result = invoke(tmp_path, command, SOURCES="starters")
    assert result.exit_code == 2
    assert_told(result.stderr, "SettingsError", "AINA_SOURCES", "starters", "docs/settings.md")


@pytest.mark.parametrize("command", ["verify", "drift", "lock"])
def test_an_unknown_source_is_status_2_and_the_known_ones_are_named(tmp_path: Path, command: str) -> None:
    result = invoke(tmp_path, "sources", command, "onett")
    assert result.exit_code == 2
    assert_told(result.stderr, "SettingsError", "onett", "Choose among: ", "onet")


# --- build


def test_a_held_data_root_is_status_1_where_the_build_may_not_wait(tmp_path: Path) -> None:
    with DataRoot(tmp_path).build_lock(0):
        result = invoke(tmp_path, "build", BUILD_WAIT_SECONDS="0")
    assert result.exit_code == 1
    assert_told(result.stderr, "BuildLockedError", f"file:   {tmp_path}")


def test_a_check_that_failed_is_status_1_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = CheckFailure(
        asset="title_route", check="one_route_a_title", severity="ERROR", summary="1 of 9", remedy="Do so."
    )
    ended = BuildSummary(
        run_id="0" * 36,
        lane="starter",
        is_success=False,
        seconds=1.0,
        stages=(),
        check_failures=(failure,),
        step_failures=(),
    )
    monkeypatch.setattr(automation, "run_build", lambda *_, **__: ended)
    result = invoke(tmp_path, "build")
    assert result.exit_code == 1
    assert "ERROR title_route: one_route_a_title: 1 of 9" in result.stderr
    assert "remedy: Do so." in result.stderr
    assert "Next:" not in result.stdout


# --- status


def test_status_shows_every_figure(starter_build: Build) -> None:
    result = invoke(starter_build.engine.data.path, "status")
    assert result.exit_code == 0
    shown = [line.replace("│", " ").split() for line in result.stdout.splitlines()]
    for name, value in whole_state(starter_build.engine)["figures"].items():
        assert [name, "-" if value is None else f"{value:,}"] in shown


def test_status_as_json_is_the_state(starter_build: Build) -> None:
    result = invoke(starter_build.engine.data.path, "status", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == whole_state(starter_build.engine)


def test_status_without_a_build_is_status_1_and_says_what_to_do(tmp_path: Path) -> None:
    result = invoke(tmp_path, "status", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert_told(result.stderr, "StateError", f"file:   {tmp_path / 'build.json'}", "aina build")


def test_status_of_a_damaged_state_names_the_file(starter_build: Build, tmp_path: Path) -> None:
    path = copied(starter_build, tmp_path / "run").store.path("onet_task")
    path.write_bytes(path.read_bytes()[:100])
    result = invoke(tmp_path / "run", "status")
    assert result.exit_code == 1
    assert_told(result.stderr, "StateError", f"file:   {path}")


# --- sources


def test_verify_reads_every_source_and_says_ok(tmp_path: Path) -> None:
    result = invoke(tmp_path, "sources", "verify")
    assert result.exit_code == 0, result.output
    said = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert set(said) == set(SOURCES)
    assert {name for name, line in said.items() if " ok " in line} == set(SOURCES) - {"oews_flat", "oews_api"}
    assert "not_available" in said["oews_flat"]


def test_verify_names_the_file_that_differs_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bad,) = copied_starter(tmp_path / "starter", monkeypatch).rglob("Task Statements.txt")
    flip_byte(bad, 1_000)
    result = invoke(tmp_path / "run", "sources", "verify")
    assert result.exit_code == 1
    assert_told(result.stderr, "onet", "HashMismatchError", f"file:   {bad}", "expected ", "found ")
    assert "titles" in result.stdout


def test_verify_of_one_source_reads_that_one_alone(tmp_path: Path) -> None:
    result = invoke(tmp_path, "sources", "verify", "soc")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["soc"]


def live(upstream: Upstream, tmp_path: Path) -> dict[str, str]:
    """The environment of a live run that asks loopback alone, with a lock of one O*NET file."""
    path = tmp_path / "sources.lock.json"
    record = locked(f"{BASE}/db_30_3_text/Job%20Titles.txt", b"old titles")
    path.write_text(json.dumps({"files": [record.model_dump(mode="json")]}), "utf-8")
    return {
        "SOURCES": "live",
        "LOCK": str(path),
        "ENDPOINTS": json.dumps(upstream.endpoints()),
        "CONTACT": "tests@example.org",
        "HTTP_ATTEMPTS": "2",
        "HTTP_BACKOFF_SECONDS": "0",
    }


def publish(upstream: Upstream, release: str) -> None:
    upstream.put(ONET_PAGE, f"<h1>O*NET {release} Database</h1>".encode(), "text/html")
    upstream.put(f"{BASE}/db_{release.replace('.', '_')}_text/Job%20Titles.txt", b"new titles")


@pytest.mark.parametrize(("release", "mark"), [("30.3", "as locked"), ("31.0", "WARN")])
def test_drift_says_what_upstream_has(upstream: Upstream, tmp_path: Path, release: str, mark: str) -> None:
    publish(upstream, release)
    result = invoke(tmp_path / "run", "sources", "drift", "onet", **live(upstream, tmp_path))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"onet             {mark}  locked 30.3, upstream {release}: ")


def test_drift_of_a_silent_publisher_is_a_warning(upstream: Upstream, tmp_path: Path) -> None:
    upstream.fault(ONET_PAGE, Fault("status", times=-1))
    result = invoke(tmp_path / "run", "sources", "drift", "onet", **live(upstream, tmp_path))
    assert result.exit_code == 0, result.output
    assert "WARN  upstream did not answer" in result.stdout


def test_lock_proposes_below_the_data_root_and_leaves_the_lock_alone(
    upstream: Upstream, tmp_path: Path
) -> None:
    publish(upstream, "31.0")
    environment = live(upstream, tmp_path)
    before = Path(environment["LOCK"]).read_bytes()
    result = invoke(tmp_path / "run", "sources", "lock", **environment)
    assert result.exit_code == 0, result.output
    proposed = tmp_path / "run" / "exports" / "sources.lock.proposed.json"
    assert "onet 31.0 Job Titles.txt: added, 10 bytes" in result.stdout
    assert f"1 changes proposed in {proposed}" in result.stdout
    assert len(json.loads(proposed.read_bytes())["files"]) == 2
    assert Path(environment["LOCK"]).read_bytes() == before


def test_lock_without_anything_newer_proposes_nothing(upstream: Upstream, tmp_path: Path) -> None:
    publish(upstream, "30.3")
    result = invoke(tmp_path / "run", "sources", "lock", **live(upstream, tmp_path))
    assert result.exit_code == 0, result.output
    assert "nothing proposed" in result.stdout
    assert not list(tmp_path.rglob("*.proposed.json"))


# --- what it waits for

HEAVY = (
    "print(sorted({name.split('.')[0] for name in sys.modules} & {'dagster', 'pandas', 'huggingface_hub'}))"
)
IMPORT = "import sys, aina_assets.cli"
STATUS = """
import sys
from aina_assets.cli import app
app(["status", "--json"], standalone_mode=False)
"""


@pytest.mark.parametrize("code", [IMPORT, STATUS], ids=["import", "status"])
def test_neither_dagster_nor_pandas_is_loaded(starter_build: Build, code: str) -> None:
    data = str(starter_build.engine.data.path)
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{HEAVY}"],
        cwd=PROJECT_ROOT,
        env={"AINA_DATA": data, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
