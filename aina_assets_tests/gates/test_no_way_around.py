"""No code path reaches a sink without a capability: by the source, by the imports, and by watching processes.

Belongs here: the proof over the whole package. Does not: single acts (see `test_guard`, `test_edge`).
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import grimp
import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets_tests.builds import Build
from aina_assets_tests.gates.sinks import REVIEWED, package_sinks, sinks

WATCHER = Path(__file__).with_name("watcher.py")
BELOW_THE_GATES = (*("core", "sources", "warehouse", "titles", "adjudication", "packets", "verification"),)


# --- by the source


def test_every_sink_of_the_package_is_a_reviewed_one() -> None:
    assert package_sinks() == dict(REVIEWED)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Path(x).write_text('x')", {"write_text"}),
        ("open(x, 'w')", {"open for writing"}),
        ("path.open(mode='ab')", {"open for writing"}),
        ("os.open(x, flags)", {"open for writing"}),
        ("open(x, 'rb')", set()),
        ("path.replace(other)", {"Path.replace"}),
        ("text.replace('a', 'b')", set()),
        ("replace(found, void=())", set()),
        ("import requests", {"network"}),
        ("from urllib.request import urlopen", {"network"}),
        ("from urllib.parse import urlsplit", set()),
        ("import subprocess", {"program"}),
        ("os.system('x')", {"program"}),
        ("from importlib import import_module", {"hidden code"}),
        ("__import__('socket')", {"hidden code"}),
        ("import sentry_sdk", {"telemetry"}),
        ("server.bind(('', 0))", {"bind"}),
        ("object.__new__(Capability)", {"makes capabilities"}),
        ("capabilities._granted.add(x)", {"makes capabilities"}),
        ("take_mint()", {"take_mint"}),
        ("with writes_let(x): pass", {"writes_let"}),
        ("pq.write_table(t, p)", {"write_table"}),
    ],
)
def test_a_sink_is_seen_in_the_source(source: str, found: set[str]) -> None:
    assert set(sinks(ast.parse(source))) == found


# --- by the imports


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("aina_assets", include_external_packages=True)


def test_nothing_below_the_gates_can_import_them(graph: grimp.ImportGraph) -> None:
    for stage in BELOW_THE_GATES:
        chains = graph.find_shortest_chains(f"aina_assets.{stage}", "aina_assets.gates", as_packages=True)
        assert chains == set(), stage


def test_the_mint_is_taken_in_one_place(graph: grimp.ImportGraph) -> None:
    importers = {
        path.relative_to(PROJECT_ROOT / "aina_assets").as_posix()
        for path in (PROJECT_ROOT / "aina_assets").rglob("*.py")
        if "take_mint" in path.read_text("utf-8")
    }
    assert importers == {"core/capabilities.py", "gates/gatekeeper.py"}


def test_leave_of_the_guard_is_given_by_the_edge_alone(graph: grimp.ImportGraph) -> None:
    assert graph.find_modules_that_directly_import("aina_assets.gates.guard") == {
        "aina_assets.gates.edge",
        "aina_assets.gates.bounds",
    }


def test_the_decision_imports_nothing_but_the_standard_library(graph: grimp.ImportGraph) -> None:
    imported = graph.find_modules_directly_imported_by("aina_assets.gates.decide")
    assert imported <= set(sys.stdlib_module_names)


def test_whoever_can_send_is_a_source_or_a_reviewer(graph: grimp.ImportGraph) -> None:
    reviewers = {"aina_assets.adjudication.reviewers.openai_http"}
    # These drive the service within the process: their transport calls the application and opens no socket.
    in_process = {f"aina_assets.service.fixtures.{name}" for name in ("driving", "api_loop", "ui_loop")}
    for client in ("requests", "huggingface_hub", "httpx2"):
        importers = graph.find_modules_that_directly_import(client)
        sources = {"aina_assets.sources.upstream.http", "aina_assets.sources.upstream.hub"}
        assert importers <= sources | reviewers | in_process, client


# --- by watching


def watched(data: Path, *arguments: str) -> dict[str, Any]:
    """Run `aina` in a process of its own that notes each act that reaches out, and what came of it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AINA_")}
    done = subprocess.run(
        [sys.executable, str(WATCHER), *arguments],
        cwd=PROJECT_ROOT,
        env=clean | {"AINA_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.stderr.startswith("{"), done.stderr + done.stdout
    told: dict[str, Any] = json.loads(done.stderr.splitlines()[0])
    return told


def snapshot(*roots: Path) -> dict[str, tuple[int, int]]:
    """Every file of some folders, with what tells that it changed."""
    apart = (".venv", ".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis")
    found = {}
    for root in roots:
        for path in root.rglob("*"):
            if path.is_file() and not set(path.parts) & set(apart) and "egg-info" not in str(path):
                found[str(path)] = (path.stat().st_size, path.stat().st_mtime_ns)
    return found


WATCHED_PLACES = (PROJECT_ROOT, Path.home() / ".dagster", Path.home() / ".cache" / "huggingface")


def assert_stayed_inside(told: dict[str, Any], data: Path) -> None:
    written = [path for path in told["written"] if not path.startswith((str(data), "/dev/"))]
    assert [path for path in written if "__pycache__" not in path] == []
    assert [address for address in told["bound"] if address[0] not in ("127.0.0.1", "::1")] == []
    assert told["connected"] == []
    assert told["looked_up"] == []
    assert told["listening"] == []
    started = {Path(program).name for program in told["started"]}
    # Dagster follows what a step prints with `tail`, and watches over it.
    assert started <= {"watch_orphans.py", "tail", "file"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("gates", "status"),
        pytest.param(("validate",), marks=pytest.mark.slow),
        pytest.param(("sources", "verify"), marks=pytest.mark.slow),
        pytest.param(("titles", "explain", "clerk"), marks=pytest.mark.slow),
    ],
)
def test_a_command_stays_on_the_machine_and_in_the_data_root(
    starter_build: Build, arguments: tuple[str, ...]
) -> None:
    data = starter_build.engine.data.path
    before = snapshot(*WATCHED_PLACES)
    told = watched(data, *arguments)
    assert told["exit"] == 0
    assert_stayed_inside(told, data)
    assert snapshot(*WATCHED_PLACES) == before


@pytest.mark.slow
def test_a_whole_build_stays_on_the_machine_and_in_the_data_root(tmp_path: Path) -> None:
    before = snapshot(*WATCHED_PLACES)
    told = watched(tmp_path / "run", "build")
    assert told["exit"] == 0
    assert len(told["written"]) > 100
    assert_stayed_inside(told, tmp_path / "run")
    assert snapshot(*WATCHED_PLACES) == before


def test_the_watcher_sees_what_reaches_out(tmp_path: Path) -> None:
    """The proof proves nothing if the watcher is blind: here it is shown each kind of act."""
    done = subprocess.run(
        [sys.executable, str(WATCHER), "--show"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    told = json.loads(done.stderr.splitlines()[0])
    assert told["written"] == [str(tmp_path / "seen")]
    assert told["bound"] == [["127.0.0.1", 0]]
    assert told["connected"] == [["127.0.0.1", 9]]
    assert told["looked_up"] == ["name.invalid"]
    assert told["started"] == ["true"]
