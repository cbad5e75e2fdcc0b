"""What a build tells while it runs. Stages report; whoever watches (the command line) observes.

Kept apart from Dagster's event log, which is written for the UI and is slow to follow from the process
that runs the build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_observers: list[Callable[[Step], None]] = []


@dataclass(frozen=True)
class Step:
    """A piece of work that ended: its stage, what was made or checked, rows, seconds."""

    stage: str
    name: str
    rows: int | None
    seconds: float
    is_reused: bool = False


def report(step: Step) -> None:
    """Tell the observers."""
    for observer in _observers:
        observer(step)


@contextmanager
def observed(observer: Callable[[Step], None]) -> Iterator[None]:
    """Have `observer` told of every step inside the block."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)
