"""Run `aina` and note each act that reaches out: `python watcher.py ARGUMENTS`. It writes JSON to stderr.

It has a hook of its own, apart from the package's guard, and reads the system's list of listening sockets, so
that what the guard should refuse is seen if it happens.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOOPBACK = ("127.0.0.1", "::1", "localhost")
Arguments = tuple[Any, ...]
told: dict[str, Any] = {
    name: [] for name in ("written", "bound", "connected", "looked_up", "started", "listening")
}


def opened(arguments: Arguments) -> None:
    """A file was opened."""
    path, mode, flags = arguments
    is_writing = isinstance(mode, str) and set(mode) & set("wax+")
    if not isinstance(path, int) and (is_writing or (isinstance(flags, int) and flags & WRITING)):
        told["written"].append(str(Path.cwd() / os.fsdecode(path)))


def named(arguments: Arguments) -> None:
    """A name was changed or removed; of names relative to an open folder the folder's removal is told."""
    if not isinstance(arguments[0], int) and Path(os.fsdecode(arguments[0])).is_absolute():
        told["written"].append(os.fsdecode(arguments[0]))


def stored(arguments: Arguments) -> None:
    """A database was opened."""
    name = os.fsdecode(arguments[0])
    if ":memory:" not in name and "mode=memory" not in name:
        told["written"].append(str(Path.cwd() / name))


def bound(arguments: Arguments) -> None:
    """An address was bound."""
    if isinstance(arguments[1], tuple):
        told["bound"].append(list(arguments[1][:2]))


def connected(arguments: Arguments) -> None:
    """An address was connected or sent to."""
    if isinstance(arguments[1], tuple):
        told["connected"].append(list(arguments[1][:2]))


def looked_up(arguments: Arguments) -> None:
    """A name was looked up."""
    if arguments[0] not in (*LOOPBACK, None):
        told["looked_up"].append(str(arguments[0]))


def started(arguments: Arguments) -> None:
    """A program was started."""
    words = [os.fsdecode(word) for word in arguments[1]]
    told["started"].append(words[1] if words[0] == sys.executable else words[0])


LOOKS: Mapping[str, Callable[[Arguments], None]] = {
    "open": opened,
    **dict.fromkeys(("os.remove", "os.rename", "os.rmdir", "os.truncate", "os.chmod", "os.link"), named),
    "sqlite3.connect": stored,
    "socket.bind": bound,
    **dict.fromkeys(("socket.connect", "socket.sendto"), connected),
    **dict.fromkeys(("socket.getaddrinfo", "socket.gethostbyname"), looked_up),
    **dict.fromkeys(("subprocess.Popen", "os.posix_spawn", "os.exec"), started),
    **dict.fromkeys(("os.system", "os.fork"), lambda arguments: told["started"].append("fork or shell")),
}


def hook(event: str, arguments: Arguments) -> None:
    """Note an act."""
    if event in LOOKS:
        LOOKS[event](arguments)


def listening() -> list[str]:
    """Sockets of this process that others can reach."""
    import psutil

    found = psutil.Process().net_connections("inet")
    return [str(c.laddr) for c in found if c.status == "LISTEN" and c.laddr.ip not in LOOPBACK]


def show() -> None:
    """One act of each kind, harmless all."""
    Path("seen").open("w").close()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
    with socket.socket() as other, contextlib.suppress(OSError):
        other.connect(("127.0.0.1", 9))
    with contextlib.suppress(OSError):
        socket.getaddrinfo("name.invalid", 80)
    subprocess.run(["true"], check=True)


def main() -> None:
    """Run the command under the hook."""
    # Before the hook: its own needs are not the command's.
    import psutil  # noqa: F401

    sys.addaudithook(hook)
    status = 0
    try:
        if sys.argv[1:] == ["--show"]:
            show()
        else:
            from aina_assets.cli import main as aina

            sys.argv = ["aina", *sys.argv[1:]]
            aina()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    told["listening"] = listening()
    told["exit"] = status
    sys.stderr.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
