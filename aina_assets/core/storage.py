"""Where a run's files lie and how they are written: atomically, in one data root.

Belongs here: the layout of the data root, atomic replacement, digests, the build lock. Does not: what
the files mean.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from aina_assets.core.errors import BuildLockedError, SettingsError, StorageFullError

CHUNK_BYTES = 1 << 20
PART_SUFFIX = ".part"


@dataclass(frozen=True)
class DataRoot:
    """The folder that holds all that a run writes (`AINA_DATA`)."""

    path: Path

    @property
    def downloads(self) -> Path:
        """Live lane's files, laid out as `<host>/<url path>`."""
        return self.path / "sources"

    @property
    def tables(self) -> Path:
        """One Parquet file a table, named as the table; a partitioned one is a folder of such files."""
        return self.path / "tables"

    @property
    def models(self) -> Path:
        """What was fitted to tables."""
        return self.path / "models"

    @property
    def learning(self) -> Path:
        """Learners' events, documents and refusals: the SQLite database, where no other one is set."""
        return self.path / "learning"

    @property
    def receipts(self) -> Path:
        """In-toto statements."""
        return self.path / "receipts"

    @property
    def reviews(self) -> Path:
        """What reviewers were asked and said, and what was accepted of it: it cannot be made anew."""
        return self.path / "reviews"

    @property
    def reports(self) -> Path:
        """Pages for people."""
        return self.path / "reports"

    @property
    def gates(self) -> Path:
        """Requests, approvals, stops, evidence and the decision log of the gates."""
        return self.path / "gates"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time and only costs time."""
        return self.path / "cache"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.path / "aina.duckdb"

    @property
    def graph(self) -> Path:
        """The DuckDB file of the work intelligence graph."""
        return self.path / "graph.duckdb"

    @property
    def build_summary(self) -> Path:
        """The last build's table of stages and check results."""
        return self.path / "build.json"

    @property
    def dagster_storage(self) -> Path:
        """Runs, events and schedules of this data root's Dagster instance."""
        return self.path / "dagster"

    @contextmanager
    def build_lock(self, wait_seconds: float, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the data root for one build; a second one waits, and is told so.

        Raises:
            BuildLockedError: the other build did not end within `wait_seconds`.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"the data root cannot be made: {error.strerror}", file=self.path, place="AINA_DATA"
            ) from error
        lock = FileLock(self.path / ".build.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if on_wait:
                on_wait()
            try:
                lock.acquire(timeout=wait_seconds)
            except Timeout as error:
                raise BuildLockedError(
                    f"another build has held the data root for over {wait_seconds:g} s",
                    file=self.path,
                ) from error
        try:
            self._sweep_parts()
            yield
        finally:
            lock.release()

    def _sweep_parts(self) -> None:
        # What a killed process left half-written. A run started from the UI does not hold the lock, so
        # a part whose process still lives is left to it.
        folders = (self.path, self.receipts, self.cache, self.models, self.reports)
        shallow = (folder.glob(f".*{PART_SUFFIX}*") for folder in folders)
        # Partitions, and the memory of what made them, lie in folders of their own.
        deep = (folder.rglob(f".*{PART_SUFFIX}*") for folder in (self.tables, self.reviews))
        for parts in (*shallow, *deep):
            for part in parts:
                if not _is_alive(_writer(part)):
                    part.unlink(missing_ok=True)


def _writer(part: Path) -> int | None:
    """The process that a part's name says is writing it."""
    process = part.name.partition(PART_SUFFIX)[0].rpartition(".")[2].partition("-")[0]
    return int(process) if process.isdecimal() else None


def _is_alive(process: int | None) -> bool:
    if process is None:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`; on success it replaces `target`, else it is removed.

    The replacement is atomic and flushed to disk, so that a reader, or a crash, sees the old file or
    the new one and never a part.

    Raises:
        StorageFullError: the disk ran full; `target` is untouched.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # A name and no file: DuckDB refuses to open an empty one.
    temporary = target.parent / f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}{PART_SUFFIX}"
    try:
        with disk_full_named(target):
            yield temporary
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            temporary.chmod(0o644)
            temporary.replace(target)
        _sync_folder(target.parent)
    finally:
        # DuckDB keeps a write-ahead log beside its file: same name and `.wal`.
        for left in target.parent.glob(f"{glob.escape(temporary.name)}*"):
            left.unlink(missing_ok=True)


@contextmanager
def disk_full_named(target: Path) -> Iterator[None]:
    """Turn a full disk (or an exhausted quota) into an error that names the file."""
    try:
        yield
    except OSError as error:
        # DuckDB and Arrow raise OSError, or a subclass of it, with the text alone.
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left on device" in str(error):
            raise StorageFullError("the disk is full", file=target) from error
        raise


@contextmanager
def atomic_writer(target: Path) -> Iterator[IO[bytes]]:
    """Open a file for binary writing that replaces `target` when the block ends without error."""
    with atomic_path(target) as temporary, temporary.open("wb") as handle:
        yield handle


def write_bytes(target: Path, content: bytes) -> None:
    """Replace `target` by `content`, atomically."""
    with atomic_writer(target) as handle:
        handle.write(content)


def write_json(target: Path, value: Any) -> None:
    """Replace `target` by readable JSON with sorted keys, atomically."""
    write_bytes(target, (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode())


def write_once(target: Path, content: bytes) -> bool:
    """Write `target`, atomically, unless it is there already; gives whether it was written.

    Of several processes that do so at once, one writes, whatever the others hold.
    """
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.parent / ".once.lock"):
        if target.exists():
            return False
        write_bytes(target, content)
    return True


def _sync_folder(folder: Path) -> None:
    # Some file systems refuse to fsync a folder; the rename itself is still atomic there.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256_file(path: Path) -> str:
    """The file's sha256 in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sha256_bytes(content: bytes) -> str:
    """The sha256 of `content` in hex."""
    return hashlib.sha256(content).hexdigest()


def git_blob_id(path: Path) -> str:
    """The id that git (and the Hub) gives to a file's content: sha1 of a header and the bytes."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


class DigestCache:
    """Remembers the sha256 of files that did not change since it was taken.

    A file counts as unchanged while its size, inode, modification and change time are the same. The
    change time moves with every write and cannot be set back by an unprivileged process, so only rot
    on the disk itself escapes; `aina sources verify` reads every byte for that.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, dict[str, Any]] = {}
        self._dirty = False
        with suppress(FileNotFoundError, ValueError):
            loaded = json.loads(path.read_text())
            if isinstance(loaded, dict):
                self._entries = loaded

    @staticmethod
    def _signature(path: Path) -> list[int]:
        stat = path.stat()
        return [stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns]

    def sha256(self, path: Path) -> str:
        """The file's sha256, taken anew only where the file changed."""
        signature = self._signature(path)
        entry = self._entries.get(str(path))
        if entry and entry.get("signature") == signature:
            return str(entry["sha256"])
        digest = sha256_file(path)
        self._entries[str(path)] = {"signature": signature, "sha256": digest}
        self._dirty = True
        return digest

    def save(self) -> None:
        """Write the cache if it changed."""
        if self._dirty:
            write_json(self._path, self._entries)
            self._dirty = False
