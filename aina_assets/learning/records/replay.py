"""Records out of the log: one learner's with the help of snapshots, or everybody's from the first event.

Belongs here: reading, snapshots, and one digest of all records. Does not: what an event does (`fold`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import sqlalchemy as sa

from aina_assets.core.processes import in_processes
from aina_assets.core.storage import sha256_bytes
from aina_assets.learning.mastery.policy import LearnerModelPolicy
from aina_assets.learning.records.fold import Folder
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.records.schema import LEARNER_SNAPSHOT, writing
from aina_assets.learning.records.state import RecordState

# A snapshot spares folding; below so many events it spares nothing.
EVENTS_A_SNAPSHOT = 200


@dataclass(frozen=True)
class Replay:
    """What a replay of the whole log came to.

    Attributes:
        events: events that were folded.
        learners: learners that they are of.
        sha256: one digest of all records.
        late_events, ignored_events, voided_events: as the fold's rules count them.
    """

    events: int
    learners: int
    sha256: str
    late_events: int
    ignored_events: int
    voided_events: int


class _Range(NamedTuple):
    """Learners that one process replays, up to an event."""

    first: str
    last: str
    until: int


class _Part(NamedTuple):
    """What one process came to."""

    lines: bytes
    events: int
    learners: int
    late: int
    ignored: int
    voided: int


def _records(log: EventLog, folder: Folder, held: _Range) -> Iterator[RecordState]:
    for learner_id, facts in groupby(log.facts(*held), attrgetter("learner_id")):
        yield folder.fold(learner_id, facts)


def _replayed(log: EventLog, folder: Folder, held: _Range) -> _Part:
    lines = []
    events = late = ignored = voided = 0
    for state in _records(log, folder, held):
        lines.append(f"{state.learner_id}\0{state.sha256}\n")
        events += state.number
        late += state.late_events
        ignored += len(state.ignored)
        voided += len(state.voids)
    return _Part("".join(lines).encode(), events, len(lines), late, ignored, voided)


def _replaying(url: str, policy: LearnerModelPolicy) -> Callable[[_Range], _Part]:
    return partial(_replayed, EventLog(url), Folder(policy))


def _together(parts: Iterable[_Part]) -> Replay:
    digest = hashlib.sha256()
    counts = [0] * 5
    for part in parts:
        digest.update(part.lines)
        counts = [count + more for count, more in zip(counts, part[1:], strict=True)]
    events, learners, late, ignored, voided = counts
    return Replay(events, learners, digest.hexdigest(), late, ignored, voided)


class Records:
    """Records of a log under one policy."""

    def __init__(self, log: EventLog, folder: Folder) -> None:
        self._log = log
        self._folder = folder

    def of_learner(self, learner_id: str) -> RecordState:
        """A learner's record: the last snapshot and what came after; a new snapshot where that was much."""
        snapshot = self.snapshot(learner_id)
        if snapshot is None:
            state = self._folder.fold(learner_id, self._log.facts_of_learner(learner_id))
        else:
            tail = self._log.facts_of_learner(learner_id, after=snapshot.number)
            state = self._folder.resumed(snapshot, tail)
        if state.number - (0 if snapshot is None else snapshot.number) >= EVENTS_A_SNAPSHOT:
            self.keep(state)
        return state

    def replayed(self, learner_id: str) -> RecordState:
        """A learner's record from the first event, whatever snapshots there are."""
        return self._folder.fold(learner_id, self._log.facts_of_learner(learner_id))

    def every(self) -> Iterator[RecordState]:
        """Every learner's record from the first event, by learner id."""
        learners = self._log.learners()
        if learners:
            until, _ = self._log.head
            yield from _records(self._log, self._folder, _Range(learners[0], learners[-1], until))

    def replay(self, processes: int = 1) -> Replay:
        """Fold the whole log, as it stands when this is called.

        Args:
            processes: learners are shared out among so many; the result is the same.
        """
        until, _ = self._log.head
        learners = self._log.learners()
        size = max(1, -(-len(learners) // processes))
        ranges = [
            _Range(learners[start], learners[min(start + size, len(learners)) - 1], until)
            for start in range(0, len(learners), size)
        ]
        if len(ranges) <= 1:
            return _together(_replayed(self._log, self._folder, held) for held in ranges)
        url = self._log.engine.url.render_as_string(hide_password=False)
        begin = partial(_replaying, url, self._folder.policy)
        return _together(in_processes(begin, ranges, len(ranges)))

    # --- snapshots: they spare time and decide nothing

    def keep(self, state: RecordState) -> None:
        """Store a snapshot; one that stands already stays."""
        text = state.to_text()
        values = {
            "learner_id": state.learner_id,
            "number": state.number,
            "fold_sha256": self._folder.sha256,
            "state": text,
            "state_sha256": sha256_bytes(text.encode()),
        }
        key = (LEARNER_SNAPSHOT.c.learner_id, LEARNER_SNAPSHOT.c.number, LEARNER_SNAPSHOT.c.fold_sha256)
        with writing(self._log.engine) as connection:
            standing = sa.select(key[0]).where(*(column == values[column.name] for column in key))
            if connection.execute(standing).first() is None:
                connection.execute(LEARNER_SNAPSHOT.insert().values(values))

    def snapshot(self, learner_id: str) -> RecordState | None:
        """The learner's last snapshot under this policy, if there is one and it is what was stored."""
        query = (
            sa.select(LEARNER_SNAPSHOT.c.state, LEARNER_SNAPSHOT.c.state_sha256)
            .where(
                LEARNER_SNAPSHOT.c.learner_id == learner_id,
                LEARNER_SNAPSHOT.c.fold_sha256 == self._folder.sha256,
            )
            .order_by(LEARNER_SNAPSHOT.c.number.desc())
            .limit(1)
        )
        with self._log.engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        # A damaged snapshot is passed over: the log alone is the truth.
        is_whole = sha256_bytes(row.state.encode()) == row.state_sha256
        return RecordState.from_value(json.loads(row.state)) if is_whole else None
