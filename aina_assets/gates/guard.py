"""The guard: inside it, the process itself refuses what no capability covers.

Python reports what it is about to do to audit hooks before it does it: files opened for writing, names
changed, sockets bound, hosts looked up and connected to, programs started. While a guard is up, a hook
holds each such act against the data root, this machine, the publishers whose files are read, and the leave
that capabilities gave, and raises before the act where nothing covers it. So whatever library is at work,
telemetry and stray writes have no way out, and a code path that forgot to ask is stopped all the same.

Belongs here: the hook and its bounds. Does not: giving leave (see `edge`). What native code writes without
telling Python is not seen; such writers (Arrow, DuckDB, SQLite) get their paths from `core.storage`, and a
test looks at the file system around whole builds. A hook cannot be taken down again: it is put up once a
process and looks on while no guard is.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import Any

from aina_assets.core.errors import CapabilityError
from aina_assets.core.hosts import is_loopback

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEVICES = ("/dev/null", "/dev/tty", "/dev/zero")
TERMINALS = "/dev/pts/"
BYTECODE = re.compile(r"/__pycache__(/[^/]+\.pyc(\.\d+)?)?$")


@dataclass(frozen=True)
class Bounds:
    """What is let through while a guard is up.

    Attributes:
        roots: folders that may be written below.
        hosts: names that may be looked up and connected to.
        programs: programs that may be started, by their file's name.
        kept: files and folders that nobody writes, wherever the roots are.
    """

    roots: tuple[Path, ...]
    hosts: frozenset[str]
    programs: frozenset[str]
    kept: tuple[Path, ...] = ()


@dataclass
class _Leave:
    """What capabilities added for as long as they are used."""

    roots: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    addresses: list[tuple[str, int]] = field(default_factory=list)


class _Guard:
    def __init__(self) -> None:
        self.bounds: list[Bounds] = []
        self.leave = _Leave()
        # Addresses that let-through names resolved to: a connection goes to these and to this machine.
        self.resolved: set[str] = set()
        self.lock = RLock()
        self.is_up = False

    def put_up(self) -> None:
        with self.lock:
            if not self.is_up:
                _remember_lookups(self)
                sys.addaudithook(self.hook)
                self.is_up = True

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.bounds and event in _LOOKS:
            _LOOKS[event](self, arguments)

    # --- files

    def look_at_open(self, arguments: tuple[Any, ...]) -> None:
        path, mode, flags = arguments
        is_writing = any(letter in mode for letter in "wax+") if isinstance(mode, str) else False
        if not (is_writing or (isinstance(flags, int) and flags & WRITING)):
            return
        # `os.open` may start from a folder that is open by number, and does not tell which.
        if mode is None and not isinstance(path, int) and not Path(os.fsdecode(path)).is_absolute():
            raise CapabilityError(f"external_writes: {path!r} is opened from a folder that is not told")
        self.look_at_path(path)

    def look_at_first(self, arguments: tuple[Any, ...]) -> None:
        self.look_at_path(arguments[0])

    def look_at_second(self, arguments: tuple[Any, ...]) -> None:
        self.look_at_path(_from(arguments[1], arguments[2]))

    def look_at_removal(self, arguments: tuple[Any, ...]) -> None:
        self.look_at_path(_from(arguments[0], arguments[1]))

    def look_at_change(self, arguments: tuple[Any, ...]) -> None:
        # Of rights, owner and times: the folder that a relative path starts from is told last.
        self.look_at_path(_from(arguments[0], arguments[-1]))

    def look_at_new_folder(self, arguments: tuple[Any, ...]) -> None:
        path = os.path.realpath(os.fsdecode(_from(arguments[0], arguments[2])))
        # Asked of folders that are there already, too: that changes nothing.
        if not Path(path).is_dir():
            self.look_at_path(path, self.is_above_a_root(path))

    def look_at_both(self, arguments: tuple[Any, ...]) -> None:
        self.look_at_path(_from(arguments[0], arguments[2]))
        self.look_at_path(_from(arguments[1], arguments[3]))

    def look_at_database(self, arguments: tuple[Any, ...]) -> None:
        name = os.fsdecode(arguments[0])
        path, _, options = name.removeprefix("file:").partition("?")
        if path not in ("", ":memory:") and "mode=memory" not in options:
            self.look_at_path(path)

    def look_at_path(self, given: Any, is_let: bool = False) -> None:
        # A number is a file that is open already.
        if isinstance(given, int) or given is None:
            return
        path = os.path.realpath(os.fsdecode(given))
        if path in DEVICES or path.startswith(TERMINALS) or BYTECODE.search(path):
            return
        if any(_is_within(path, str(kept)) for bounds in self.bounds for kept in bounds.kept):
            raise CapabilityError(f"external_writes: nothing here writes {path}", file=path)
        if not is_let and not any(_is_within(path, root) for root in self.roots()):
            raise CapabilityError(
                f"external_writes: {path} is outside the data root, and no capability covers it", file=path
            )

    def roots(self) -> list[str]:
        return [*(str(root) for bounds in self.bounds for root in bounds.roots), *self.leave.roots]

    def is_above_a_root(self, path: str) -> bool:
        # Such folders are named with the root: whoever chose a data root asked for them.
        return any(str(root).startswith(path + os.sep) for bounds in self.bounds for root in bounds.roots)

    # --- sockets

    def look_at_bind(self, arguments: tuple[Any, ...]) -> None:
        address = arguments[1]
        if not isinstance(address, tuple):
            self.look_at_path(address or None)
        elif not is_loopback(str(address[0])) and (str(address[0]), address[1]) not in self.leave.addresses:
            raise CapabilityError(
                f"public_runtime: others can reach {address[0]}:{address[1]}, and no capability covers it"
            )

    def look_at_name(self, arguments: tuple[Any, ...]) -> None:
        self.look_at_host(arguments[0])

    def look_at_connect(self, arguments: tuple[Any, ...]) -> None:
        address = arguments[1] if len(arguments) > 1 else None
        if isinstance(address, tuple) and str(address[0]) not in self.resolved:
            self.look_at_host(address[0])

    def look_at_address(self, arguments: tuple[Any, ...]) -> None:
        self.look_at_host(arguments[0][0])

    def look_at_host(self, given: Any) -> None:
        host = given.decode("ascii", "replace") if isinstance(given, bytes) else given
        if host is None or is_loopback(str(host)) or host == socket.gethostname():
            return
        hosts = {name for bounds in self.bounds for name in bounds.hosts} | set(self.leave.hosts)
        if str(host).rstrip(".").lower() not in hosts:
            raise CapabilityError(f"production_telemetry: nothing is sent to {host}, no capability covers it")

    # --- programs

    def look_at_program(self, arguments: tuple[Any, ...]) -> None:
        program, told = arguments[0], arguments[1] if len(arguments) > 1 else ()
        words = [os.fsdecode(word) for word in ([told] if isinstance(told, str | bytes) else told or ())]
        name = program_name(os.fsdecode(program), words)
        known = {let for bounds in self.bounds for let in bounds.programs}
        if name not in known | set(self.leave.programs):
            raise CapabilityError(f"external_writes: no program {name!r} is started, no capability covers it")

    def look_at_shell(self, arguments: tuple[Any, ...]) -> None:
        raise CapabilityError(f"external_writes: no shell is started: {str(arguments[0])[:60]!r}")


_GUARD = _Guard()
_LOOKS: Mapping[str, Callable[[_Guard, tuple[Any, ...]], None]] = {
    "open": _Guard.look_at_open,
    "os.truncate": _Guard.look_at_first,
    "os.mkdir": _Guard.look_at_new_folder,
    "os.remove": _Guard.look_at_removal,
    "os.rmdir": _Guard.look_at_removal,
    "os.chmod": _Guard.look_at_change,
    "os.chown": _Guard.look_at_change,
    "os.utime": _Guard.look_at_change,
    "os.rename": _Guard.look_at_both,
    "os.link": _Guard.look_at_both,
    "os.symlink": _Guard.look_at_second,
    "os.setxattr": _Guard.look_at_first,
    "os.removexattr": _Guard.look_at_first,
    "sqlite3.connect": _Guard.look_at_database,
    "socket.bind": _Guard.look_at_bind,
    "socket.connect": _Guard.look_at_connect,
    "socket.sendto": _Guard.look_at_connect,
    "socket.sendmsg": _Guard.look_at_connect,
    "socket.getaddrinfo": _Guard.look_at_name,
    "socket.gethostbyname": _Guard.look_at_name,
    "socket.gethostbyaddr": _Guard.look_at_name,
    "socket.getnameinfo": _Guard.look_at_address,
    "subprocess.Popen": _Guard.look_at_program,
    "os.exec": _Guard.look_at_program,
    "os.posix_spawn": _Guard.look_at_program,
    "os.system": _Guard.look_at_shell,
}


def _from(path: Any, folder: Any) -> Any:
    """A path that may be relative to an open folder, in full; a file that is open stays a number."""
    if isinstance(path, int) or not isinstance(folder, int) or folder < 0:
        return path
    return Path(_place_of(folder)) / os.fsdecode(path)


def _place_of(handle: int) -> str:
    """Where an open folder lies."""
    try:
        return str(Path(f"/proc/self/fd/{handle}").readlink())
    except OSError:
        # Elsewhere than on Linux the system is asked by the handle.
        found = fcntl.fcntl(handle, getattr(fcntl, "F_GETPATH", 50), bytes(1024))
        return os.fsdecode(found.rstrip(b"\0"))


def _is_within(path: str, root: str) -> bool:
    """Whether a path is a root, below it, or the hidden neighbour by which a file is replaced atomically."""
    folder, name = os.path.split(root)
    return path == root or path.startswith((root + os.sep, f"{folder}{os.sep}.{name}."))


def _remember_lookups(guard: _Guard) -> None:
    """Have the addresses remembered that names were resolved to: the hook sees a name before, not after."""
    look_up = socket.getaddrinfo

    def remembering(*arguments: Any, **options: Any) -> Any:
        found = look_up(*arguments, **options)
        if guard.bounds:
            guard.resolved.update(str(entry[4][0]) for entry in found)
        return found

    socket.getaddrinfo = remembering


def program_name(program: str, words: Sequence[str]) -> str:
    """What a program is called: its file's name; of a Python script the script's."""
    is_script = program == sys.executable and len(words) > 1
    return Path(words[1] if is_script else program).name


@contextmanager
def guarded(bounds: Bounds) -> Iterator[None]:
    """Have the process refuse, inside the block, what the bounds and no capability cover.

    Raises (inside the block):
        CapabilityError: before the act, from whatever tried it.
    """
    resolved = replace(
        bounds,
        roots=tuple(root.resolve() for root in bounds.roots),
        kept=tuple(kept.resolve() for kept in bounds.kept),
    )
    _GUARD.put_up()
    _GUARD.bounds.append(resolved)
    try:
        yield
    finally:
        _GUARD.bounds.remove(resolved)
        if not _GUARD.bounds:
            _GUARD.resolved.clear()


def is_guarded() -> bool:
    """Whether a guard is up."""
    return bool(_GUARD.bounds)


@contextmanager
def writes_let(folder: Path) -> Iterator[None]:
    """Let a folder, or a single file, be written; for `edge` alone, which asks for the capability."""
    yield from _let(_GUARD.leave.roots, str(folder.resolve()))


@contextmanager
def host_let(host: str) -> Iterator[None]:
    """Let a host be connected to; for `edge` alone."""
    yield from _let(_GUARD.leave.hosts, host.lower())


@contextmanager
def program_let(name: str) -> Iterator[None]:
    """Let a program be started; for `edge` alone."""
    yield from _let(_GUARD.leave.programs, name)


@contextmanager
def address_let(host: str, port: int) -> Iterator[None]:
    """Let an address be bound; for `edge` alone."""
    yield from _let(_GUARD.leave.addresses, (host, port))


def _let(leaves: list[Any], leave: Any) -> Iterator[None]:
    leaves.append(leave)
    try:
        yield
    finally:
        leaves.remove(leave)
