"""The event log: append-only, idempotent by id, ordered by sequence, chained.

Belongs here: appending and reading. Does not: what a record makes of the events (`fold`).

The rules, which the tests hold:
- An event is acknowledged once it is committed; what was acknowledged is never lost, changed or reordered.
- The same event again (same id, same content) is acknowledged again and stored once: a *duplicate*.
- The same id with another content is refused, and nothing of that call is stored: a *conflict*.
- `sequence` counts all events from 1, `number` a learner's, neither with a gap, in the order of commitment.
- Every event's `chain` is a digest of the one before and of its own text: a changed, lost or moved event
  breaks the chain from there on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aina_assets.core.errors import EventConflictError, EventError, EventLogError
from aina_assets.learning.records.events import (
    CURRENT_VERSIONS,
    LearnerEvent,
    canonical_text,
    parse_event_text,
)
from aina_assets.learning.records.schema import (
    FIRST_CHAIN,
    LEARNER_EVENT,
    LOG_HEAD,
    make_tables,
    open_engine,
    writing,
)
from aina_assets.learning.records.upcasting import upcast

MOST_IDS_A_QUERY = 500
ROWS_A_READ = 5_000


@dataclass(frozen=True)
class StoredEvent:
    """An event where it stands: its place among all events, and among its learner's."""

    sequence: int
    number: int
    event: LearnerEvent


@dataclass(frozen=True)
class Acknowledgement:
    """That an event is stored, and whether it was so before."""

    event_id: str
    sequence: int
    number: int
    is_duplicate: bool


@dataclass(frozen=True)
class Written:
    """An event's text as it is stored, whatever its version."""

    event_id: str
    learner_id: str
    kind: str
    version: int
    text: str


def written(event: LearnerEvent) -> Written:
    """The event as the log stores it."""
    return Written(event.event_id, event.learner_id, event.data.kind, event.data.version, event.canonical())


def written_text(text: str) -> Written:
    """An event of any version from JSON text, as the log stores it: in the version that it was written in.

    Raises:
        EventError: it is malformed, or of a version that is not known.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise EventError("not JSON", place="event") from error
    if not isinstance(value, dict):
        raise EventError("not a JSON object", place="event")
    event = upcast(value)
    data = value["data"]
    return Written(event.event_id, event.learner_id, data["kind"], data["version"], canonical_text(value))


def read_text(text: str, kind: str, version: int) -> LearnerEvent:
    """The event that a stored text tells, at its current version."""
    return parse_event_text(text) if CURRENT_VERSIONS.get(kind) == version else upcast(json.loads(text))


def is_same(text: str, other: str) -> bool:
    """Whether two stored texts tell the same event; the version that it was written in does not matter."""
    return text == other or upcast(json.loads(text)) == upcast(json.loads(other))


def chained(chain: str, text: str) -> str:
    """The chain after an event of this text."""
    return hashlib.sha256(f"{chain}{hashlib.sha256(text.encode()).hexdigest()}".encode()).hexdigest()


class EventLog:
    """The log over a database.

    Args:
        place: a SQLite file, or a URL (`postgresql://...`).
    """

    def __init__(self, place: str | Path) -> None:
        self.engine = open_engine(place)
        make_tables(self.engine)

    def close(self) -> None:
        """Let the connections go."""
        self.engine.dispose()

    def append(self, *events: LearnerEvent) -> list[Acknowledgement]:
        """Store events in this order, all or none; events of one call stand side by side.

        Raises:
            EventConflictError: an id was used before for another content.
        """
        return self.append_written([written(event) for event in events])

    def append_written(self, events: Sequence[Written]) -> list[Acknowledgement]:
        """As `append`, for events in the version that they were written in: a log that is copied."""
        if not events:
            return []
        with writing(self.engine) as connection:
            # The update takes the row's lock: from here to the commit no other writer looks or writes.
            head = connection.execute(
                LOG_HEAD.update()
                .values(sequence=LOG_HEAD.c.sequence)
                .returning(LOG_HEAD.c.sequence, LOG_HEAD.c.chain)
            ).one()
            return _Append(connection, head.sequence, head.chain).run(events)

    @property
    def head(self) -> tuple[int, str]:
        """Sequence and chain of the last event; 0 and zeros of an empty log."""
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(LOG_HEAD.c.sequence, LOG_HEAD.c.chain)).one()
            return row.sequence, row.chain

    def find(self, event_id: str) -> StoredEvent | None:
        """The event of this id, if it is stored."""
        query = _COLUMNS.where(LEARNER_EVENT.c.event_id == event_id)
        return next(self._stored(query), None)

    def of_learner(self, learner_id: str, after: int = 0) -> Iterator[StoredEvent]:
        """A learner's events in order, after the one of this number."""
        return self._stored(
            _COLUMNS.where(LEARNER_EVENT.c.learner_id == learner_id, LEARNER_EVENT.c.number > after).order_by(
                LEARNER_EVENT.c.number
            )
        )

    def by_learner(self) -> Iterator[StoredEvent]:
        """All events, a learner's after the other's, each learner's in order."""
        return self._stored(_COLUMNS.order_by(LEARNER_EVENT.c.learner_id, LEARNER_EVENT.c.number))

    def in_sequence(self, after: int = 0) -> Iterator[StoredEvent]:
        """All events in the order in which they were committed, after this sequence."""
        return self._stored(
            _COLUMNS.where(LEARNER_EVENT.c.sequence > after).order_by(LEARNER_EVENT.c.sequence)
        )

    def learners(self) -> list[str]:
        """The learners that have events, by id."""
        query = sa.select(LEARNER_EVENT.c.learner_id).distinct().order_by(LEARNER_EVENT.c.learner_id)
        with self.engine.connect() as connection:
            return [row.learner_id for row in connection.execute(query)]

    def texts(self) -> Iterator[tuple[int, str, str]]:
        """Sequence, stored text and chain of every event, in order."""
        query = sa.select(LEARNER_EVENT.c.sequence, LEARNER_EVENT.c.event, LEARNER_EVENT.c.chain)
        for row in self._rows(query.order_by(LEARNER_EVENT.c.sequence)):
            yield row[0], row[1], row[2]

    def verify(self) -> int:
        """Hold every event against the chain; give how many there are.

        Raises:
            EventLogError: an event was changed, lost or moved; names the first one's sequence.
        """
        chain, last = FIRST_CHAIN, 0
        for sequence, text, stored in self.texts():
            chain, expected = chained(chain, text), last + 1
            if sequence != expected or chain != stored:
                raise EventLogError(
                    "the event log's chain breaks", file=self.place, place=f"sequence {expected}"
                )
            last = sequence
        if (last, chain) != self.head:
            raise EventLogError(
                f"the log's head tells {self.head[0]} events, {last} are there",
                file=self.place,
                place=f"sequence {last + 1}",
            )
        return last

    @property
    def place(self) -> str:
        """Where the log is, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    def _stored(self, query: sa.Select[Any]) -> Iterator[StoredEvent]:
        for sequence, number, kind, version, text in self._rows(query):
            yield StoredEvent(sequence, number, read_text(text, kind, version))

    def _rows(self, query: sa.Select[Any]) -> Iterator[Any]:
        with self.engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(query)
            for rows in result.partitions(ROWS_A_READ):
                yield from rows


_COLUMNS = sa.select(
    LEARNER_EVENT.c.sequence,
    LEARNER_EVENT.c.number,
    LEARNER_EVENT.c.kind,
    LEARNER_EVENT.c.version,
    LEARNER_EVENT.c.event,
)


class _Append:
    """One call's work, inside its transaction."""

    def __init__(self, connection: sa.Connection, sequence: int, chain: str) -> None:
        self._connection = connection
        self._sequence = sequence
        self._chain = chain

    def run(self, events: Sequence[Written]) -> list[Acknowledgement]:
        known = self._known([event.event_id for event in events])
        numbers = self._numbers({event.learner_id for event in events})
        rows: list[dict[str, Any]] = []
        acknowledged = []
        for event in events:
            before = known.get(event.event_id)
            if before is not None:
                if not is_same(before[2], event.text):
                    raise EventConflictError(
                        "this event's id was used for another content", place=f"event_id {event.event_id}"
                    )
                acknowledged.append(Acknowledgement(event.event_id, before[0], before[1], True))
                continue
            self._sequence += 1
            self._chain = chained(self._chain, event.text)
            number = numbers.get(event.learner_id, 0) + 1
            numbers[event.learner_id] = number
            known[event.event_id] = (self._sequence, number, event.text)
            rows.append(
                {
                    "sequence": self._sequence,
                    "event_id": event.event_id,
                    "learner_id": event.learner_id,
                    "number": number,
                    "kind": event.kind,
                    "version": event.version,
                    "event": event.text,
                    "chain": self._chain,
                }
            )
            acknowledged.append(Acknowledgement(event.event_id, self._sequence, number, False))
        if rows:
            self._connection.execute(LEARNER_EVENT.insert(), rows)
            self._connection.execute(LOG_HEAD.update().values(sequence=self._sequence, chain=self._chain))
        return acknowledged

    def _known(self, ids: Sequence[str]) -> dict[str, tuple[int, int, str]]:
        query = sa.select(
            LEARNER_EVENT.c.event_id, LEARNER_EVENT.c.sequence, LEARNER_EVENT.c.number, LEARNER_EVENT.c.event
        )
        found: dict[str, tuple[int, int, str]] = {}
        for start in range(0, len(ids), MOST_IDS_A_QUERY):
            part = ids[start : start + MOST_IDS_A_QUERY]
            for row in self._connection.execute(query.where(LEARNER_EVENT.c.event_id.in_(part))):
                found[row[0]] = (row[1], row[2], row[3])
        return found

    def _numbers(self, learners: set[str]) -> dict[str, int]:
        query = sa.select(LEARNER_EVENT.c.learner_id, sa.func.max(LEARNER_EVENT.c.number)).group_by(
            LEARNER_EVENT.c.learner_id
        )
        ordered = sorted(learners)
        found: dict[str, int] = {}
        for start in range(0, len(ordered), MOST_IDS_A_QUERY):
            part = ordered[start : start + MOST_IDS_A_QUERY]
            for row in self._connection.execute(query.where(LEARNER_EVENT.c.learner_id.in_(part))):
                found[row[0]] = row[1]
        return found
