"""The guard: what nothing covers is refused by the process itself, before it happens, whoever tries it.

The hook stays in this process once it is up; it looks on while no guard is, so that other tests do not
notice.
"""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from aina_assets.core.errors import CapabilityError
from aina_assets.core.hosts import is_loopback
from aina_assets.core.processes import in_processes
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.core.storage import write_bytes
from aina_assets.gates.bounds import bounds_of, guarded_by
from aina_assets.gates.guard import Bounds, guarded, is_guarded
from aina_assets_tests.builds import starter_settings
from aina_assets_tests.gates.writers import writers

PUBLIC = "192.0.2.1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "here").write_text("here")
    (tmp_path / "there").write_text("there")
    return folder


@pytest.fixture
def up(root: Path) -> Iterator[None]:
    with guarded(Bounds((root,), frozenset({"sources.test"}), frozenset({"true"}))):
        yield


def connected(family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM) -> socket.socket:
    opened = socket.socket(family, kind)
    opened.settimeout(0.2)
    return opened


def both_ends() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.send(b"x")


def from_folder(there: Path) -> None:
    """`os.open` by a relative path: the hook is not told which folder it starts from."""
    folder = os.open(there.parent, os.O_RDONLY)
    try:
        os.close(os.open(there.name, os.O_WRONLY, dir_fd=folder))
    finally:
        os.close(folder)


# Each act is given the path of a file outside the root.
REFUSED: dict[str, Callable[[Path], object]] = {
    "open for writing": lambda there: there.open("w"),
    "open for appending": lambda there: there.open("ab"),
    "open for updating": lambda there: there.open("r+"),
    "create": lambda there: there.with_name("new").open("x"),
    "open by the system's call": lambda there: os.open(there, os.O_WRONLY),
    "create by the system's call": lambda there: os.open(there.with_name("new"), os.O_CREAT | os.O_RDONLY),
    "remove": lambda there: there.unlink(),
    "rename away": lambda there: there.rename(there.parent / "root" / "mine"),
    "rename to": lambda there: (there.parent / "root" / "here").replace(there),
    "link": lambda there: os.link(there, there.parent / "root" / "linked"),
    "link by a name": lambda there: there.with_name("linked").symlink_to(there.parent / "root" / "here"),
    "open from a folder that is not told": from_folder,
    "data in a folder of bytecode": lambda there: (there.parent / "__pycache__" / "data.csv").open("w"),
    "shared memory": lambda there: Path("/dev/shm/aina-seen").write_text("x"),
    "attributes": lambda there: os.setxattr(there, "user.aina", b"seen"),
    "make a folder": lambda there: there.with_name("folder").mkdir(),
    "remove a folder": lambda there: there.parent.rmdir(),
    "change rights": lambda there: there.chmod(0o777),
    "change times": os.utime,
    "truncate": lambda there: os.truncate(there, 0),
    "copy to": lambda there: shutil.copy(there.parent / "root" / "here", there.with_name("copy")),
    "remove a tree": lambda there: shutil.rmtree(there.parent),
    "a temporary file": lambda there: tempfile.mkstemp(dir=there.parent),
    "a database": lambda there: sqlite3.connect(there.with_name("new.db")),
    "a database by its address": lambda there: sqlite3.connect(f"file:{there}.db", uri=True),
    "atomic replacement": lambda there: write_bytes(there, b"mine"),
    "out by a link": lambda there: (there.parent / "root" / "link").open("w"),
    "bind every address": lambda there: connected().bind(("0.0.0.0", 0)),
    "bind every address by no name": lambda there: connected().bind(("", 0)),
    "bind every address of IPv6": lambda there: connected(socket.AF_INET6).bind(("::", 0)),
    "connect": lambda there: connected().connect((PUBLIC, 443)),
    "connect without waiting": lambda there: connected().connect_ex((PUBLIC, 443)),
    "send a packet": lambda there: connected(kind=socket.SOCK_DGRAM).sendto(b"x", (PUBLIC, 53)),
    "look up a name": lambda there: socket.getaddrinfo("telemetry.test", 443),
    "look up a name the old way": lambda there: socket.gethostbyname("telemetry.test"),
    "look up a longer name": lambda there: socket.getaddrinfo("sources.test.evil.test", 443),
    "create a connection": lambda there: socket.create_connection(("telemetry.test", 443), 0.2),
    "start a program": lambda there: subprocess.run(["cp", there, there], check=True),
    "start Python": lambda there: subprocess.run([sys.executable, "-c", "pass"], check=True),
    "start a shell": lambda there: os.system("true"),
    "become a program": lambda there: os.execv("/bin/cp", ["cp"]),
    "spawn": lambda there: os.posix_spawn("/bin/cp", ["cp"], {}),
}


@pytest.mark.parametrize("act", REFUSED)
def test_what_nothing_covers_is_refused_before_it_happens(act: str, root: Path) -> None:
    there = root.parent / "there"
    (root / "link").symlink_to(there)
    before = {path: path.read_bytes() for path in root.parent.rglob("*") if path.is_file()}
    stats = there.stat()
    with (
        guarded(Bounds((root,), frozenset({"sources.test"}), frozenset({"true"}))),
        pytest.raises(CapabilityError),
    ):
        REFUSED[act](there)
    assert {path: path.read_bytes() for path in root.parent.rglob("*") if path.is_file()} == before
    assert (there.stat().st_mode, there.stat().st_mtime_ns) == (stats.st_mode, stats.st_mtime_ns)


LET: dict[str, Callable[[Path], object]] = {
    "write": lambda root: (root / "new").write_text("x"),
    "replace": lambda root: write_bytes(root / "deep" / "new", b"x"),
    "remove a tree": shutil.rmtree,
    "a database": lambda root: sqlite3.connect(root / "db").close(),
    "a database in memory": lambda root: sqlite3.connect(":memory:").close(),
    "a named database in memory": lambda root: sqlite3.connect(
        "file:x?mode=memory&cache=shared", uri=True
    ).close(),
    "read elsewhere": lambda root: (root.parent / "there").read_text(),
    "make a folder that is there": lambda root: root.parent.mkdir(exist_ok=True),
    "nothing's device": lambda root: Path("/dev/null").write_text("x"),
    "bind this machine": lambda root: connected().bind(("127.0.0.1", 0)),
    "look up this machine": lambda root: socket.getaddrinfo("localhost", 80),
    "a socket of two ends": lambda root: both_ends(),
    "a program of the list": lambda root: subprocess.run(["true"], check=True),
}


@pytest.mark.parametrize("act", LET)
def test_what_is_inside_the_bounds_is_let(act: str, root: Path, up: None) -> None:
    LET[act](root)


def test_a_name_that_is_let_may_be_connected_to_at_the_addresses_it_has(
    up: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Names under .test resolve nowhere: the system's answer is given here.
    import _socket

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 443))]
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_: found)
    with pytest.raises(CapabilityError):
        connected().connect((PUBLIC, 443))
    socket.getaddrinfo("sources.test", 443)
    with pytest.raises(OSError, match=r".") as caught:
        connected().connect((PUBLIC, 443))
    assert not isinstance(caught.value, CapabilityError)


def test_a_server_on_this_machine_can_be_talked_to(up: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert server.accept()[0]


def test_it_ends_with_its_block(root: Path) -> None:
    there = root.parent / "there"
    assert not is_guarded()
    with guarded(Bounds((root,), frozenset(), frozenset())):
        assert is_guarded()
    there.write_text("again")
    assert there.read_text() == "again"


def test_inner_guards_let_no_less_and_outer_ones_stay(root: Path) -> None:
    inner = root.parent / "inner"
    inner.mkdir()
    with guarded(Bounds((root,), frozenset(), frozenset())):
        with guarded(Bounds((inner,), frozenset(), frozenset())):
            (inner / "x").write_text("x")
            (root / "x").write_text("x")
        with pytest.raises(CapabilityError):
            (inner / "y").write_text("y")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("localhost.evil.test", False),
        ("127.0.0.1.evil.test", False),
        ("fe80::1%lo", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


# --- the bounds of a process


def test_a_process_may_write_its_data_root_and_read_its_sources(tmp_path: Path) -> None:
    settings = starter_settings(tmp_path, endpoints={"www.bls.gov": "http://proxy.test:8080/x"})
    bounds = bounds_of(settings)
    assert bounds.roots == (tmp_path,)
    assert {"www.onetcenter.org", "huggingface.co", "proxy.test"} <= bounds.hosts
    assert "telemetry.elementl.dev" not in bounds.hosts
    assert bounds.programs == {"watch_orphans.py", "tail", "file"}


def test_the_folders_above_a_data_root_that_is_not_there_yet_may_be_made(tmp_path: Path) -> None:
    root = tmp_path / "above" / "far" / "root"
    with guarded(Bounds((root,), frozenset(), frozenset())):
        root.mkdir(parents=True)
        with pytest.raises(CapabilityError):
            (tmp_path / "above" / "beside").mkdir()
        with pytest.raises(CapabilityError):
            (tmp_path / "above" / "notes").write_text("x")
    assert sorted(path.name for path in (tmp_path / "above").rglob("*")) == ["far", "root"]


def test_no_folder_is_made_for_a_data_root_among_what_nobody_writes(tmp_path: Path) -> None:
    kept = tmp_path / "code"
    kept.mkdir()
    root = kept / "new" / "root"
    with guarded(Bounds((root,), frozenset(), frozenset(), (kept,))), pytest.raises(CapabilityError):
        root.mkdir(parents=True)
    assert list(kept.iterdir()) == []


def test_modules_that_nobody_writes_leave_their_bytecode_when_they_are_first_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "code"
    kept.mkdir()
    (kept / "never_imported_before.py").write_text("told = 1")
    monkeypatch.syspath_prepend(str(kept))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    with guarded(Bounds((tmp_path / "root",), frozenset(), frozenset(), (kept,))):
        assert importlib.import_module("never_imported_before").told == 1
    assert [path.suffix for path in (kept / "__pycache__").iterdir()] == [".pyc"]


def test_without_a_policy_there_are_no_hosts_and_no_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "policies_root", property(lambda self: tmp_path))
    bounds = bounds_of(starter_settings(tmp_path / "run"))
    assert (bounds.hosts, bounds.programs) == (frozenset(), frozenset())


def test_the_repository_is_outside_every_data_root_in_it(tmp_path: Path) -> None:
    with guarded_by(starter_settings(PROJECT_ROOT / "data" / "run")), pytest.raises(CapabilityError):
        (PROJECT_ROOT / "data" / "policies" / "gates.toml").open("a")


def test_what_decides_is_not_written_even_where_the_data_root_holds_it(tmp_path: Path) -> None:
    policies = tmp_path / "clone" / "policies"
    policies.mkdir(parents=True)
    with guarded(Bounds((tmp_path,), frozenset(), frozenset(), (policies,))):
        (tmp_path / "clone" / "notes").write_text("let through")
        for act in (
            lambda: (policies / "gates.toml").write_text("x"),
            lambda: policies.rename(tmp_path / "p"),
        ):
            with pytest.raises(CapabilityError, match="nothing here writes"):
                act()


def test_a_data_root_over_the_repository_does_not_open_its_policies(tmp_path: Path) -> None:
    with guarded_by(starter_settings(PROJECT_ROOT)), pytest.raises(CapabilityError, match="nothing here"):
        (PROJECT_ROOT / "data" / "policies" / "mine.toml").write_text("x")


def test_processes_that_work_for_a_guarded_one_are_guarded_as_it_is(tmp_path: Path) -> None:
    settings = starter_settings(tmp_path / "run")
    settings.data.mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    with guarded_by(settings):
        list(in_processes(partial(writers, settings.data), [1], 1))
        with pytest.raises(CapabilityError, match="outside the data root"):
            list(in_processes(partial(writers, outside), [2], 1))
    list(in_processes(partial(writers, outside), [3], 1))
    assert [path.name for path in (*settings.data.iterdir(), *outside.iterdir())] == ["1", "3"]
