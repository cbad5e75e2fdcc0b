"""Run a program within bounds: time, output, a folder and an environment of its own, and nothing left behind.

Belongs here: one run of one program on a POSIX system. Does not: which program, or what its output means.

The program gets a process group of its own, and the whole group is killed at the time limit, at the output
limit, and after the program has ended: what it started in the background ends with it. A descendant that
makes a group of its own escapes that (only a container would hold it), but cannot hold the run: reading ends
with the deadline.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

# Time between the request to end and the kill.
GRACE_SECONDS = 2.0
# How long descendants may still write once the program has ended.
DRAIN_SECONDS = 0.5
STDERR_TAIL_BYTES = 4096
_CHUNK_BYTES = 1 << 16
_TICK_SECONDS = 0.05


@dataclass(frozen=True)
class Ran:
    """How a run ended.

    Attributes:
        status: exit status; negative the signal that ended it.
        stderr_tail: the last of its standard error.
        is_timed_out, is_too_long: which limit it met; its status is then the kill's.
    """

    status: int
    stdout: bytes
    stderr_tail: bytes
    seconds: float
    is_timed_out: bool = False
    is_too_long: bool = False


@dataclass
class _Streams:
    """What goes in and comes out of a run."""

    stdin: memoryview
    most_bytes: int
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)

    @property
    def is_too_long(self) -> bool:
        return len(self.stdout) > self.most_bytes


def run_bounded(
    command: Sequence[str],
    *,
    stdin: bytes,
    folder: Path,
    environment: Mapping[str, str],
    timeout_seconds: float,
    most_bytes: int,
) -> Ran:
    """Run a program to its end or to a limit; nothing of its process group lives on.

    Args:
        command: program and arguments; the program is looked for in the environment's PATH.
        stdin: what it reads; it need not read it.
        environment: all of its environment.
        most_bytes: of standard output; of standard error the tail is kept, whatever its length.

    Raises:
        OSError: the program cannot be started.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        bufsize=0,
    )
    streams = _Streams(memoryview(stdin), most_bytes)
    try:
        is_timed_out = _pump(process, streams, began + timeout_seconds)
    finally:
        _end_group(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
    return Ran(
        process.returncode,
        bytes(streams.stdout[:most_bytes]),
        bytes(streams.stderr),
        time.monotonic() - began,
        is_timed_out,
        streams.is_too_long,
    )


def _pump(process: subprocess.Popen[bytes], streams: _Streams, deadline: float) -> bool:
    """Feed and drain the program until it has ended; gives whether the deadline came first."""
    with selectors.DefaultSelector() as selector:
        _register(selector, process)
        while True:
            now = time.monotonic()
            if process.poll() is not None:
                # Descendants may hold the pipes open; what the program itself wrote is there already.
                deadline = min(deadline, now + DRAIN_SECONDS)
                if not selector.get_map() or now >= deadline:
                    return False
            elif now >= deadline:
                return True
            if streams.is_too_long:
                return False
            for key, _ in selector.select(min(_TICK_SECONDS, deadline - now)):
                if not _move(process, key.fileobj, streams):
                    selector.unregister(key.fileobj)
            if not selector.get_map():
                # It has closed its pipes and runs on.
                time.sleep(min(_TICK_SECONDS, max(0.0, deadline - now)))


def _register(selector: selectors.BaseSelector, process: subprocess.Popen[bytes]) -> None:
    for pipe, events in (
        (process.stdin, selectors.EVENT_WRITE),
        (process.stdout, selectors.EVENT_READ),
        (process.stderr, selectors.EVENT_READ),
    ):
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
        selector.register(pipe, events)


def _move(process: subprocess.Popen[bytes], pipe: object, streams: _Streams) -> bool:
    """Move what can be moved through a pipe; gives whether there may be more."""
    if pipe is process.stdin:
        return _feed(process.stdin, streams)
    assert process.stdout is not None
    assert process.stderr is not None
    is_stdout = pipe is process.stdout
    chunk = os.read((process.stdout if is_stdout else process.stderr).fileno(), _CHUNK_BYTES)
    if is_stdout:
        streams.stdout += chunk
    else:
        streams.stderr += chunk
        del streams.stderr[:-STDERR_TAIL_BYTES]
    return bool(chunk)


def _feed(stdin: IO[bytes] | None, streams: _Streams) -> bool:
    assert stdin is not None
    try:
        written = os.write(stdin.fileno(), streams.stdin[:_CHUNK_BYTES])
    except BrokenPipeError:
        written = len(streams.stdin)
    streams.stdin = streams.stdin[written:]
    if streams.stdin:
        return True
    stdin.close()
    return False


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the program if it still runs, then whatever is left of its group."""
    if process.poll() is None:
        _signal_group(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    # The group may be gone, or (on macOS) hold nothing but zombies.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
