"""Work by several processes: in order, as it is needed, with its errors; they end with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest

from aina_assets.core.errors import StateError
from aina_assets.core.processes import AHEAD, WorkerDiedError, also_in_workers, in_processes
from aina_assets.core.settings import PROJECT_ROOT

LONG_SECONDS = 60


def squares() -> Callable[[int], tuple[int, int]]:
    def square(number: int) -> tuple[int, int]:
        # Later items end sooner: order is not the order of ending.
        time.sleep(0.05 / (number + 1))
        return number**2, os.getpid()

    return square


def test_results_come_in_the_order_of_the_items_from_other_processes() -> None:
    found = list(in_processes(squares, range(9), 2))
    assert [result for result, _ in found] == [number**2 for number in range(9)]
    assert os.getpid() not in {pid for _, pid in found}
    assert len({pid for _, pid in found}) <= 2


def test_items_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1_000):
            taken.append(number)
            yield number

    results = in_processes(squares, items(), 2)
    next(results)
    assert len(taken) <= 2 * AHEAD + 1


def refusals(file: Path) -> Callable[[int], int]:
    def refuse(number: int) -> int:
        raise StateError(f"{number} is wrong", file=file, place="row 7", remedy="Mend it.")

    return refuse


def test_what_the_work_raises_arrives_as_it_speaks(tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught:
        list(in_processes(partial(refusals, tmp_path / "x"), [3], 2))
    error = caught.value
    assert (error.message, error.file, error.place, error.remedy) == (
        "3 is wrong",
        str(tmp_path / "x"),
        "row 7",
        "Mend it.",
    )


def no_beginning() -> Callable[[int], int]:
    raise StateError("there is no model")


def test_work_that_cannot_begin_says_why() -> None:
    with pytest.raises(StateError, match="there is no model"):
        list(in_processes(no_beginning, [1, 2], 2))


def deaths() -> Callable[[int], int]:
    def die(number: int) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return number

    return die


def test_a_worker_that_is_killed_is_told() -> None:
    with pytest.raises(WorkerDiedError, match="ended early") as caught:
        list(in_processes(deaths, range(4), 2))
    assert "AINA_PROCESSES" in caught.value.remedy


def sleepers(folder: Path) -> Callable[[float], float]:
    def sleep(seconds: float) -> float:
        (folder / f"{seconds}-{os.getpid()}").touch()
        time.sleep(seconds)
        if not seconds:
            raise StateError("the work is given up")
        return seconds

    return sleep


def test_work_that_is_given_up_ends_at_once_and_no_other_is_begun(tmp_path: Path) -> None:
    items = [0, *[LONG_SECONDS + number for number in range(9)]]
    with pytest.raises(StateError, match="given up"):
        list(in_processes(partial(sleepers, tmp_path), items, 2))
    begun = {path.name.rpartition("-") for path in tmp_path.iterdir()}
    assert not any(psutil.pid_exists(int(pid)) for _, _, pid in begun)
    # The one that raised, and what each of the two was at by then.
    assert len(begun) <= 3


@contextmanager
def refused(place: str) -> Iterator[None]:
    if place:
        raise StateError("nobody may work here", place=place)
    yield


def test_bounds_that_cannot_be_put_up_say_why_and_those_around_the_call_count() -> None:
    with also_in_workers(refused, "here"):
        results = in_processes(squares, [1], 1)
    with pytest.raises(StateError, match="nobody may work here"):
        list(results)
    assert [result for result, _ in in_processes(squares, [1], 1)] == [1]


PARENT = """
import sys
from functools import partial
from pathlib import Path
from aina_assets.core.processes import in_processes
from aina_assets_tests.core.test_processes import sleepers
list(in_processes(partial(sleepers, Path(sys.argv[1])), [60.0, 61.0, 62.0], 2))
"""


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], cwd=PROJECT_ROOT) as parent:
        try:
            until = time.monotonic() + LONG_SECONDS
            while len(list(tmp_path.iterdir())) < 2:
                assert time.monotonic() < until
                time.sleep(0.05)
            children = psutil.Process(parent.pid).children()
        finally:
            parent.kill()
    _, alive = psutil.wait_procs(children, timeout=LONG_SECONDS / 2)
    assert alive == []
