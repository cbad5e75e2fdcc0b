"""Storage: a file is the old one or the new one, whatever happens in between; one build at a time."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aina_assets.core.errors import BuildLockedError, SettingsError, StorageFullError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import (
    DataRoot,
    DigestCache,
    atomic_path,
    atomic_writer,
    git_blob_id,
    sha256_bytes,
    sha256_file,
    write_bytes,
    write_json,
    write_once,
)

OLD, NEW = b"the old file", b"the new file, which is longer"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "run" / "tables" / "x.parquet"
    write_bytes(path, OLD)
    return path


def stands_alone(target: Path, content: bytes) -> bool:
    return target.read_bytes() == content and list(target.parent.iterdir()) == [target]


class ChildProcess:
    """Another Python that runs a program until it says `ready`, and is never left behind."""

    def __init__(self, program: str, *args: object) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, args)],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> subprocess.Popen[str]:
        assert self._child.stdout is not None
        assert self._child.stdout.readline() == "ready\n"
        return self._child

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.communicate()


# --- atomic replacement


def test_a_write_replaces_the_file_and_leaves_nothing_else(target: Path) -> None:
    write_bytes(target, NEW)
    assert stands_alone(target, NEW)
    assert target.stat().st_mode & 0o777 == 0o644


def test_the_old_file_stands_until_the_block_ends(target: Path) -> None:
    with atomic_writer(target) as handle:
        handle.write(NEW)
        handle.flush()
        assert target.read_bytes() == OLD
    assert target.read_bytes() == NEW


def test_a_failure_in_the_middle_leaves_the_old_file_and_no_debris(target: Path) -> None:
    def crash() -> None:
        with atomic_path(target) as temporary:
            temporary.write_bytes(NEW[:5])
            temporary.with_name(f"{temporary.name}.wal").write_bytes(b"DuckDB's log")
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        crash()
    assert stands_alone(target, OLD)


def test_what_is_written_once_stays_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "answer.json"
    assert write_once(target, OLD)
    assert not write_once(target, NEW)
    assert target.read_bytes() == OLD


def test_of_many_who_write_a_file_once_at_the_same_time_one_does(tmp_path: Path) -> None:
    contents = [f"answer {number}".encode() for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda content: write_once(tmp_path / "answer.json", content), contents))
    assert written.count(True) == 1
    assert (tmp_path / "answer.json").read_bytes() == contents[written.index(True)]


def test_json_is_readable_sorted_and_the_same_each_time(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": "ü", "a": 1})
    assert (tmp_path / "a.json").read_text("utf-8") == '{\n  "a": 1,\n  "b": "ü"\n}\n'


KILLED_WRITER = """
import sys, time
from pathlib import Path
from aina_assets.core.storage import atomic_writer
with atomic_writer(Path(sys.argv[1])) as handle:
    handle.write(b"x" * 1000)
    handle.flush()
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_killed_writer_leaves_the_old_file_and_the_next_build_sweeps_its_part(target: Path) -> None:
    with ChildProcess(KILLED_WRITER, target) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert target.read_bytes() == OLD
    assert len(list(target.parent.iterdir())) == 2, "the kill came too late to prove anything"
    with DataRoot(target.parents[1]).build_lock(0):
        assert stands_alone(target, OLD)


def test_the_part_of_a_writer_that_lives_is_left_to_it(target: Path) -> None:
    with ChildProcess(KILLED_WRITER, target), DataRoot(target.parents[1]).build_lock(0):
        assert len(list(target.parent.iterdir())) == 2


# --- a full disk


def test_a_full_disk_is_named_and_the_old_file_stands(target: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")

    def write_to_a_full_disk() -> None:
        with atomic_path(target) as temporary:
            temporary.symlink_to("/dev/full")
            temporary.write_bytes(NEW)

    with pytest.raises(StorageFullError) as caught:
        write_to_a_full_disk()
    assert caught.value.file == str(target)
    assert "AINA_DATA" in caught.value.remedy
    assert stands_alone(target, OLD)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "x"),
        OSError(errno.EDQUOT, "x"),
        OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"),
    ],
)
def test_every_way_of_saying_that_the_disk_is_full_is_known(target: Path, error: OSError) -> None:
    with pytest.raises(StorageFullError), atomic_path(target):
        raise error
    assert stands_alone(target, OLD)


def test_another_fault_of_the_disk_is_not_called_full(target: Path) -> None:
    with pytest.raises(PermissionError), atomic_path(target):
        raise PermissionError(errno.EACCES, "no")


# --- digests


def test_digests_are_those_of_the_tools_that_others_use(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"hello\n")
    assert sha256_file(path) == sha256_bytes(b"hello\n")
    assert sha256_file(path) == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    assert git_blob_id(path) == "ce013625030ba8dba906f756967f9e9ca394464a"


def cached(tmp_path: Path, path: Path) -> str:
    """The digest that a new process would give: the cache is written and read again."""
    cache = DigestCache(tmp_path / "digests.json")
    digest = cache.sha256(path)
    cache.save()
    return digest


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)
    first = cached(tmp_path, path)
    monkeypatch.setattr("aina_assets.core.storage.sha256_file", lambda path: pytest.fail("read again"))
    assert cached(tmp_path, path) == first


def test_every_change_of_a_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)
    before = path.stat()
    assert cached(tmp_path, path) == sha256_bytes(OLD)
    path.write_bytes(NEW)
    assert cached(tmp_path, path) == sha256_bytes(NEW), "size"
    os.utime(path, (1, 1))
    assert cached(tmp_path, path) == sha256_bytes(NEW), "modification time"
    same_size = NEW[::-1]
    stat = path.stat()
    path.write_bytes(same_size)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert cached(tmp_path, path) == sha256_bytes(same_size), "size and time put back"
    other = tmp_path / "b"
    other.write_bytes(NEW)
    os.utime(other, ns=(before.st_atime_ns, stat.st_mtime_ns))
    other.replace(path)
    assert cached(tmp_path, path) == sha256_bytes(NEW), "another file in its place"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_cache_only_costs_time(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)
    (tmp_path / "digests.json").write_bytes(content)
    assert cached(tmp_path, path) == sha256_bytes(OLD)


# --- one build at a time

HOLDER = """
import sys
from pathlib import Path
from aina_assets.core.storage import DataRoot
with DataRoot(Path(sys.argv[1])).build_lock(0):
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_a_second_build_is_told_that_it_waits_and_then_gives_up_by_name(tmp_path: Path) -> None:
    told: list[str] = []
    second = DataRoot(tmp_path).build_lock(0.1, lambda: told.append("waiting"))
    with ChildProcess(HOLDER, tmp_path), pytest.raises(BuildLockedError) as caught:
        second.__enter__()
    assert told == ["waiting"]
    assert caught.value.file == str(tmp_path)
    assert "0.1 s" in caught.value.message


def test_a_second_build_goes_on_when_the_first_ends(tmp_path: Path) -> None:
    with ChildProcess(HOLDER, tmp_path) as child:

        def end_the_first() -> None:
            assert child.stdin is not None
            child.stdin.write("\n")
            child.stdin.flush()

        with DataRoot(tmp_path).build_lock(20, end_the_first):
            assert child.wait(10) == 0


def test_a_killed_build_holds_nothing(tmp_path: Path) -> None:
    with ChildProcess(HOLDER, tmp_path) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
    with DataRoot(tmp_path).build_lock(0, lambda: pytest.fail("waits for the dead")):
        pass


def test_a_free_data_root_is_not_waited_for_and_is_free_again_after_a_failure(tmp_path: Path) -> None:
    root = DataRoot(tmp_path / "new")
    for _ in range(2):
        with pytest.raises(RuntimeError), root.build_lock(0, lambda: pytest.fail("waited")):
            raise RuntimeError


def test_a_data_root_that_cannot_be_a_folder_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError) as caught, DataRoot(tmp_path / "file").build_lock(0):
        pass
    assert caught.value.place == "AINA_DATA"
