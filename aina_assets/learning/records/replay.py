"""Records out of the log: one learner's with the help of snapshots, or everybody's from the first event.

Belongs here: reading, snapshots, and one digest of all records. Does not: what an event does (`fold`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa

from aina_assets.core.storage import sha256_bytes
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


class Records:
    """Records of a log under one policy."""

    def __init__(self, log: EventLog, folder: Folder) -> None:
        self._log = log
        self._folder = folder

    def of_learner(self, learner_id: str) -> RecordState:
        """A learner's record: the last snapshot and what came after it; a new snapshot where that was much."""
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
        for learner_id, facts in groupby(self._log.facts(), attrgetter("learner_id")):
            yield self._folder.fold(learner_id, facts)

    def replay(self) -> Replay:
        """Fold the whole log."""
        digest = hashlib.sha256()
        events = learners = late = ignored = voided = 0
        for state in self.every():
            digest.update(f"{state.learner_id}\0{state.sha256}\n".encode())
            events, learners = events + state.number, learners + 1
            late += state.late_events
            ignored += len(state.ignored)
            voided += len(state.voids)
        return Replay(events, learners, digest.hexdigest(), late, ignored, voided)

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
