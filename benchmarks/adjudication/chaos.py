"""Schedules of crashes and mangled outputs, each of which must end in the one state that a quiet run ends in.

Belongs here: drawing schedules, crashing, and judging the end. Does not: the world (`world`).

A schedule is a sequence of processes. Each opens the world, asks and settles batches in an order of its
own, and may die before or after any of its writes; some die of a real `kill -9` in a process of their
own. Two may have planned the same wave and settle it both. In between, a person releases what was
quarantined. It ends when nothing waits.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from aina_assets.adjudication.account import account_of, state_rows
from aina_assets.adjudication.chain import MergeConflictError
from aina_assets.adjudication.plan import BatchPlan
from aina_assets.adjudication.protocol import SEATS, Seat
from aina_assets.core import storage
from aina_assets.core.settings import PROJECT_ROOT
from benchmarks.adjudication.world import BATCHES, FaultyReviewer, World

MOST_PROCESSES = 60
# So many bad processes in a row; then the faults end, as they do in life once somebody looks.
FAULTY_PROCESSES = 8


Lies = Callable[[Seat, str, int], bool]


class Crash(BaseException):
    """The process dies here. No handler of the engine's may catch it."""


@dataclass
class Ended:
    """How a schedule ended.

    Attributes:
        seed: the schedule's.
        digest: of the state.
        processes, crashes, kills: how many there were.
        quarantined: waves that were quarantined and released.
        told: how often a process was told that another had merged before it.
        faults: what is wrong with the end; nothing in a good one.
    """

    seed: int
    digest: str = ""
    processes: int = 0
    crashes: int = 0
    kills: int = 0
    quarantined: int = 0
    told: int = 0
    faults: list[str] = field(default_factory=list)


def quiet_digest() -> str:
    """The state that a run without any fault ends in."""
    with _folder() as root:
        world = World(root)
        _process(world, Random(0), 0.0, lambda *_: False, Counter())
        return world.folded().digest


def run_schedule(seed: int, kill_share: float = 0.0) -> Ended:
    """Run one schedule to its end and judge it.

    Args:
        kill_share: share of the processes that crash which are processes of their own, killed by the system.
    """
    draw = Random(seed)
    ended = Ended(seed)
    with _folder() as root:
        world = World(root)
        lies = _liars(seed)
        while ended.processes < MOST_PROCESSES and _waits(world):
            is_faulty = ended.processes < FAULTY_PROCESSES
            share = draw.choice((0.0, 0.2, 0.5)) if is_faulty else 0.0
            crash_at = draw.randrange(1, 40) if is_faulty and draw.random() < 0.8 else None
            if crash_at is not None and draw.random() < kill_share:
                ended.kills += _killed(root, seed, draw.randrange(1 << 30), share, crash_at)
            else:
                _one_process(world, draw, share, lies, crash_at, ended)
            ended.processes += 1
            ended.quarantined += _release(world, draw)
        _judge(world, ended)
    return ended


def _liars(seed: int) -> Lies:
    """Who lies in which first waves of batches: in one of eight a reviewer does, in all that it says."""

    def lies(seat: Seat, batch: str, wave: int) -> bool:
        draw = Random(f"{seed} {batch} {wave}")
        return wave <= 2 and draw.random() < 1 / 8 and draw.choice(SEATS) == seat

    return lies


def _one_process(
    world: World, draw: Random, share: float, lies: Lies, crash_at: int | None, ended: Ended
) -> None:
    told: Counter[str] = Counter()
    try:
        with _dying_at(crash_at, draw, _die_in_process):
            _process(world, draw, share, lies, told)
    except Crash:
        ended.crashes += 1
    ended.told += told["told"]


def _process(world: World, draw: Random, share: float, lies: Lies, told: Counter[str]) -> None:
    """What one process does: ask and settle every batch, in an order of its own."""
    reviewers = {seat: FaultyReviewer(seat, draw, share, partial(lies, seat)) for seat in SEATS}
    batches = list(BATCHES)
    draw.shuffle(batches)
    for batch in batches:
        plan = world.plan(batch)
        if not plan.rows or world.folders.quarantines.of(batch, plan.wave) is not None:
            continue
        seats = list(SEATS)
        draw.shuffle(seats)
        for seat in seats:
            world.room.asking.ask(plan, reviewers[seat])
        _settle(world, plan, told)
        if share and draw.random() < 0.3:
            # Another process had planned the same wave, and comes later.
            _settle(world, plan, told)


def _settle(world: World, plan: BatchPlan, told: Counter[str]) -> None:
    try:
        state = world.room.settle(plan)
    except MergeConflictError:
        told["told"] += 1
        return
    if state.appended is not None and not state.appended.is_new:
        told["told"] += 1


def _waits(world: World) -> bool:
    return any(world.plan(batch).rows for batch in BATCHES)


def _release(world: World, draw: Random) -> int:
    released = 0
    for found in list(world.folders.quarantines.all()):
        if not found.is_released and draw.random() < 0.8:
            world.folders.quarantines.release(
                found.receipt.title_batch, found.receipt.wave, "chaos", "the reviewer was mended"
            )
            released += 1
    return released


def _judge(world: World, ended: Ended) -> None:
    folded = world.folded()
    ended.digest = folded.digest
    titles = {title_id for batch in world.inventory.values() for title_id in batch}
    decided = Counter(
        title_id for link in world.folders.chain.links() for title_id in link.merge["decisions"]["title_id"]
    )
    if set(decided) != titles:
        ended.faults.append(f"{len(titles - set(decided))} titles lost, {len(set(decided) - titles)} foreign")
    if most := max(decided.values(), default=0) - 1:
        ended.faults.append(f"a title was merged {most + 1} times")
    routes = [
        {
            "title_id": title_id,
            "title_batch": batch,
            "normalized_title": text,
            "route": "adjudicate",
            "reason": "scope_unclear",
            "function": "finance",
        }
        for batch, held in world.inventory.items()
        for title_id, text in held.items()
    ]
    states = state_rows(routes, {}, folded, frozenset({"military"}))
    ended.faults += [str(fault) for fault in account_of(routes, states, folded).faults()]


@contextmanager
def _folder() -> Iterator[Path]:
    # In memory where there is such a place: the schedules test the order of writes, not the disk.
    memory = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _dying_at(write: int | None, draw: Random, die: Callable[[], None]) -> Iterator[None]:
    """Have the process die before, in the middle of, or after its n-th write."""
    if write is None:
        yield
        return
    plain = storage.atomic_path
    place = draw.choice(("before", "middle", "after"))
    written = 0

    @contextmanager
    def dying(target: Path) -> Iterator[Path]:
        nonlocal written
        written += 1
        if written == write and place == "before":
            die()
        if written == write and place == "middle":
            # What a killed process leaves: half a file under a name of its own.
            target.parent.mkdir(parents=True, exist_ok=True)
            (target.parent / f".{target.name}.999999999-dead{storage.PART_SUFFIX}").write_bytes(b'{"half')
            die()
        with plain(target) as temporary:
            yield temporary
        if written == write:
            die()

    storage.atomic_path = dying
    try:
        yield
    finally:
        storage.atomic_path = plain


def _die_in_process() -> None:
    raise Crash


def _die_for_real() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killed(root: Path, schedule: int, seed: int, share: float, crash_at: int) -> int:
    """Run one process of the schedule as a process of its own, which kills itself; 1 where it did."""
    command = [sys.executable, "-m", "benchmarks.adjudication.chaos"]
    done = subprocess.run(
        [*command, *map(str, (root, schedule, seed, share, crash_at))], cwd=PROJECT_ROOT, check=False
    )
    if done.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the killed process ended with {done.returncode} instead")
    return int(done.returncode == -signal.SIGKILL)


def _as_process(root: str, schedule: str, seed: str, share: str, crash_at: str) -> None:
    draw = Random(int(seed))
    with _dying_at(int(crash_at), draw, _die_for_real):
        _process(World(Path(root)), draw, float(share), _liars(int(schedule)), Counter())


if __name__ == "__main__":
    _as_process(*sys.argv[1:])
