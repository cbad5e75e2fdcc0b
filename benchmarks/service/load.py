"""Sixteen learners at once for a while, then every acknowledged event looked up.

Belongs here: the run and its figures. Does not: what a learner does (`learners`).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from aina_assets.learning.records.events import Evaluated, Submitted
from aina_assets.learning.records.log import EventLog
from benchmarks.service.client import Client
from benchmarks.service.learners import LearnerAtWork, Seen
from benchmarks.service.server import Server


@dataclass(frozen=True)
class Figures:
    """What a run came to."""

    seconds: float
    seen: Seen
    server_cpu_seconds: float
    most_memory_mb: float


def percentile(values: Iterable[float], share: float) -> float:
    """The value that a share of the values is at most."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


async def learners_at_work(server: Server, learners: int, seed: int, seen: Seen, seconds: float) -> float:
    """Have learners work for so long; gives how long it took until the last one had ended."""
    start = perf_counter()

    def connect() -> Client:
        return Client("127.0.0.1", server.port, server.token)

    def is_over() -> bool:
        return perf_counter() - start > seconds

    tasks = [
        asyncio.create_task(LearnerAtWork(number, seed, connect, seen, is_over).work())
        for number in range(learners)
    ]
    await asyncio.gather(*tasks)
    return perf_counter() - start


def run_load(server: Server, learners: int, seed: int, seconds: float) -> Figures:
    """A run; the server is started and stopped here."""
    server.start()
    seen, warm = Seen(), Seen()
    try:
        # Every learner once, so that what is measured is a service at work and not one that begins.
        asyncio.run(learners_at_work(server, learners, seed + 1, warm, 0))
        before = _processor_seconds(server.pid)
        took = asyncio.run(learners_at_work(server, learners, seed, seen, seconds))
        used = _processor_seconds(server.pid) - before
        memory = _memory_mb(server.pid)
    finally:
        server.stop()
    return Figures(took, seen, used, memory)


def lost_or_doubled(data: Path, seen: Seen) -> list[str]:
    """Acknowledged submissions that are not in the log exactly once, with one evaluation each."""
    log = EventLog(data / "learning" / "learners.sqlite")
    found = []
    try:
        log.verify()
        for learner, acknowledged in seen.acknowledged.items():
            events = [held.event.data for held in log.of_learner(learner)]
            submitted = [held.submission_id for held in events if isinstance(held, Submitted)]
            evaluated = [held.submission_id for held in events if isinstance(held, Evaluated)]
            for submission_id in acknowledged:
                counts = (submitted.count(submission_id), evaluated.count(submission_id))
                if counts != (1, 1):
                    found.append(f"{learner} {submission_id}: {counts}")
    finally:
        log.close()
    return found


def _processor_seconds(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / 100


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return math.nan
