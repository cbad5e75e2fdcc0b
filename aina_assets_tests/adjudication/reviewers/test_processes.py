"""Bounded runs of real programs: time, output, descendants, and what is left behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from aina_assets.adjudication.reviewers.processes import STDERR_TAIL_BYTES, Ran, run_bounded


def run(folder: Path, program: str, **bounds: Any) -> Ran:
    values: dict[str, Any] = {
        "stdin": b"",
        "folder": folder,
        "environment": {"PATH": os.environ["PATH"]},
        "timeout_seconds": 20.0,
        "most_bytes": 1 << 20,
    }
    return run_bounded([sys.executable, "-c", program], **(values | bounds))


def is_gone(process: int) -> bool:
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        if not psutil.pid_exists(process) or psutil.Process(process).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_a_program_reads_its_input_and_its_output_comes_back_whole(tmp_path: Path) -> None:
    given = os.urandom(700_000)
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1]); sys.exit(3)"
    ran = run(tmp_path, echo, stdin=given)
    assert (ran.status, ran.stdout, ran.stderr_tail) == (3, given[::-1], b"")
    assert not ran.is_timed_out
    assert not ran.is_too_long


def test_it_has_the_folder_and_the_environment_that_it_is_given_and_no_other(tmp_path: Path) -> None:
    ran = run(tmp_path, "import os; print(os.getcwd(), sorted(os.environ))", environment={"ONE": "1"})
    assert ran.stdout.decode().split()[0] == str(tmp_path.resolve())
    assert "'ONE'" in ran.stdout.decode()
    assert "PATH" not in ran.stdout.decode()


def test_a_program_need_not_read_its_input(tmp_path: Path) -> None:
    assert run(tmp_path, "print('done')", stdin=b"x" * 1_000_000).stdout == b"done\n"
    closed = "import sys, time; sys.stdin.close(); time.sleep(0.2); print('done')"
    assert run(tmp_path, closed, stdin=b"x" * 1_000_000).stdout == b"done\n"


def test_at_the_time_limit_it_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    # A child that ignores the request to end, and a grandchild of it.
    child = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    program = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    ran = run(tmp_path, program, timeout_seconds=1.5)
    assert ran.is_timed_out
    assert ran.status < 0
    assert is_gone(int(ran.stdout))


def test_what_it_leaves_running_ends_with_it(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid)"
    )
    ran = run(tmp_path, program)
    assert (ran.status, ran.is_timed_out) == (0, False)
    assert is_gone(int(ran.stdout))


def test_a_program_that_closes_its_pipes_and_runs_on_meets_the_limit(tmp_path: Path) -> None:
    program = "import os, time; os.close(0); os.close(1); os.close(2); time.sleep(60)"
    assert run(tmp_path, program, timeout_seconds=1.0).is_timed_out


def test_a_descendant_with_a_group_of_its_own_cannot_hold_the_run(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys\n"
        "wait = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "child = subprocess.Popen(wait, start_new_session=True)\n"
        "print(child.pid)"
    )
    ran = run(tmp_path, program)
    assert (ran.status, ran.is_timed_out) == (0, False)
    psutil.Process(int(ran.stdout)).kill()


def test_too_much_output_ends_it(tmp_path: Path) -> None:
    endless = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    ran = run(tmp_path, endless, most_bytes=100_000)
    assert ran.is_too_long
    assert len(ran.stdout) == 100_000


def test_of_what_it_complains_the_end_is_kept(tmp_path: Path) -> None:
    ran = run(tmp_path, "import sys; sys.stderr.write('x' * 300_000 + 'the end')")
    assert ran.stderr_tail.endswith(b"the end")
    assert len(ran.stderr_tail) == STDERR_TAIL_BYTES


def test_a_program_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run_bounded(
            ["no-such-program"], stdin=b"", folder=tmp_path, environment={}, timeout_seconds=1, most_bytes=1
        )
