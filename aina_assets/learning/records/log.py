"""The event log: append-only, idempotent by id, ordered by sequence, chained.

Belongs here: appending and reading. Does not: what a record makes of the events (`fold`).

The rules, which the tests hold:
- An event is acknowledged once it is committed; what was acknowledged is never lost, changed or reordered.
- The same event again (same id, same content) is acknowledged again and stored once: a *duplicate*.
- The same id with another content is refused, and nothing of that call is stored: a *conflict*.
- `sequence` counts all events from 1, `number` a learner's, neither with a gap, in the order of commitment.
- The documents that events name are stored in the events' own transaction: both, or neither.
- Every event's `chain` is a digest of the one before and of its own text: a changed, lost or moved event
  breaks the chain from there on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aina_assets.core.errors import EventConflictError, EventLogError
from aina_assets.learning.records.documents import Document
from aina_assets.learning.records.events import LearnerEvent
from aina_assets.learning.records.schema import (
    FIRST_CHAIN,
    LEARNER_EVENT,
    LOG_HEAD,
    make_tables,
    open_engine,
    writing,
)
from aina_assets.learning.records.stored import StoredFact, Written, chained, is_same, whole_event, written

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

    # --- writing

    def append(self, *events: LearnerEvent, documents: Sequence[Document] = ()) -> list[Acknowledgement]:
        """Store events in this order, all or none; events of one call stand side by side.

        Args:
            documents: what the events name, stored with them; one that stands already is stored once.

        Raises:
            EventConflictError: an id was used before for another content.
        """
        return self.append_written([written(event) for event in events], documents)

    def append_written(
        self, events: Sequence[Written], documents: Sequence[Document] = ()
    ) -> list[Acknowledgement]:
        """As `append`, for events in the version that they were written in: a log that is copied."""
        if not events:
            if documents:
                raise ValueError("documents are stored with the events that name them; there are none")
            return []
        with writing(self.engine) as connection:
            # The update takes the row's lock: from here to the commit no other writer looks or writes.
            head = connection.execute(_TAKE_HEAD).one()
            for document in documents:
                document.store(connection)
            return _Append(connection, head.sequence, head.chain).run(events)

    # --- reading

    @property
    def head(self) -> tuple[int, str]:
        """Sequence and chain of the last event; 0 and zeros of an empty log."""
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(LOG_HEAD.c.sequence, LOG_HEAD.c.chain)).one()
            return row.sequence, row.chain

    def find(self, event_id: str) -> StoredEvent | None:
        """The event of this id, if it is stored."""
        with self.engine.connect() as connection:
            row = connection.execute(_FIND, {"of_id": event_id}).first()
        return None if row is None else StoredEvent(row[0], row[1], whole_event(*row[2:]))

    def of_learner(self, learner_id: str, after: int = 0) -> Iterator[StoredEvent]:
        """A learner's events in order, after the one of this number."""
        return self._stored(_of_learner(_EVENTS, learner_id, after))

    def page_of_learner(self, learner_id: str, after: int, most: int) -> Iterator[StoredEvent]:
        """As `of_learner`, so many at most."""
        return self._stored(_of_learner(_EVENTS, learner_id, after).limit(most))

    def in_sequence(self, after: int = 0) -> Iterator[StoredEvent]:
        """All events in the order in which they were committed, after this sequence."""
        return self._stored(
            _EVENTS.where(LEARNER_EVENT.c.sequence > after).order_by(LEARNER_EVENT.c.sequence)
        )

    def facts_of_learner(self, learner_id: str, after: int = 0) -> Iterator[StoredFact]:
        """What the record needs of a learner's events, in order, after the one of this number."""
        return (StoredFact(*row) for row in self._rows(_of_learner(_FACTS, learner_id, after)))

    def facts(self, first: str, last: str, until: int) -> Iterator[StoredFact]:
        """What records need of events, a learner's after the other's, each learner's in order.

        Args:
            first, last: learners between which to read, both included.
            until: sequence of the last event to read, so that several readers see the same log.
        """
        query = _FACTS.where(
            LEARNER_EVENT.c.learner_id.between(first, last), LEARNER_EVENT.c.sequence <= until
        )
        ordered = query.order_by(LEARNER_EVENT.c.learner_id, LEARNER_EVENT.c.number)
        return (StoredFact(*row) for row in self._rows(ordered))

    def learners(self) -> list[str]:
        """The learners that have events, by id."""
        query = sa.select(LEARNER_EVENT.c.learner_id).distinct().order_by(LEARNER_EVENT.c.learner_id)
        return [row[0] for row in self._rows(query)]

    def written(self) -> Iterator[Written]:
        """Every event as it stands, in order: a copy of the log."""
        query = sa.select(
            LEARNER_EVENT.c.event_id,
            LEARNER_EVENT.c.learner_id,
            LEARNER_EVENT.c.kind,
            LEARNER_EVENT.c.version,
            LEARNER_EVENT.c.fact,
            LEARNER_EVENT.c.detail,
        )
        return (Written(*row) for row in self._rows(query.order_by(LEARNER_EVENT.c.sequence)))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every event's row, in order, with the time that its fact tells."""
        query = sa.select(LEARNER_EVENT).order_by(LEARNER_EVENT.c.sequence)
        for row in self._rows(query):
            held = dict(row._mapping)
            yield {**held, "occurred_at": json.loads(held["fact"])["occurred_at"]}

    def verify(self) -> int:
        """Hold every event against the chain; give how many there are.

        Raises:
            EventLogError: an event was changed, lost or moved; names the first one's sequence.
        """
        chain, last = FIRST_CHAIN, 0
        query = sa.select(
            LEARNER_EVENT.c.sequence, LEARNER_EVENT.c.fact, LEARNER_EVENT.c.detail, LEARNER_EVENT.c.chain
        )
        for sequence, fact, detail, stored in self._rows(query.order_by(LEARNER_EVENT.c.sequence)):
            chain, expected = chained(chain, fact, detail), last + 1
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
        for sequence, number, kind, version, fact, detail in self._rows(query):
            yield StoredEvent(sequence, number, whole_event(kind, version, fact, detail))

    def _rows(self, query: sa.Select[Any]) -> Iterator[Any]:
        with self.engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(query)
            for rows in result.partitions(ROWS_A_READ):
                yield from rows


_EVENTS = sa.select(
    LEARNER_EVENT.c.sequence,
    LEARNER_EVENT.c.number,
    LEARNER_EVENT.c.kind,
    LEARNER_EVENT.c.version,
    LEARNER_EVENT.c.fact,
    LEARNER_EVENT.c.detail,
)
# Made once: to put a statement together takes longer than to run it.
_FIND = _EVENTS.where(LEARNER_EVENT.c.event_id == sa.bindparam("of_id"))
_TAKE_HEAD = (
    LOG_HEAD.update().values(sequence=LOG_HEAD.c.sequence).returning(LOG_HEAD.c.sequence, LOG_HEAD.c.chain)
)
_FACTS = sa.select(
    LEARNER_EVENT.c.learner_id,
    LEARNER_EVENT.c.number,
    LEARNER_EVENT.c.kind,
    LEARNER_EVENT.c.version,
    LEARNER_EVENT.c.fact,
)


def _of_learner(query: sa.Select[Any], learner_id: str, after: int) -> sa.Select[Any]:
    wanted = query.where(LEARNER_EVENT.c.learner_id == learner_id, LEARNER_EVENT.c.number > after)
    return wanted.order_by(LEARNER_EVENT.c.number)


class _Append:
    """One call's work, inside its transaction."""

    def __init__(self, connection: sa.Connection, sequence: int, chain: str) -> None:
        self._connection = connection
        self._sequence = sequence
        self._chain = chain

    def run(self, events: Sequence[Written]) -> list[Acknowledgement]:
        known = self._known([event.event_id for event in events])
        numbers = self._numbers(sorted({event.learner_id for event in events}))
        rows: list[dict[str, Any]] = []
        acknowledged = []
        for event in events:
            before = known.get(event.event_id)
            if before is not None:
                sequence, number, standing = before
                if not is_same(standing, event):
                    raise EventConflictError(
                        "this event's id was used for another content", place=f"event_id {event.event_id}"
                    )
                acknowledged.append(Acknowledgement(event.event_id, sequence, number, True))
                continue
            self._sequence += 1
            self._chain = chained(self._chain, event.fact, event.detail)
            number = numbers[event.learner_id] = numbers.get(event.learner_id, 0) + 1
            known[event.event_id] = (self._sequence, number, event)
            rows.append(
                {
                    "sequence": self._sequence,
                    "event_id": event.event_id,
                    "learner_id": event.learner_id,
                    "number": number,
                    "kind": event.kind,
                    "version": event.version,
                    "fact": event.fact,
                    "detail": event.detail,
                    "chain": self._chain,
                }
            )
            acknowledged.append(Acknowledgement(event.event_id, self._sequence, number, False))
        if rows:
            self._connection.execute(LEARNER_EVENT.insert(), rows)
            self._connection.execute(LOG_HEAD.update().values(sequence=self._sequence, chain=self._chain))
        return acknowledged

    def _known(self, ids: Sequence[str]) -> dict[str, tuple[int, int, Written]]:
        table = LEARNER_EVENT.c
        query = sa.select(
            table.sequence,
            table.number,
            table.event_id,
            table.learner_id,
            table.kind,
            table.version,
            table.fact,
            table.detail,
        )
        found: dict[str, tuple[int, int, Written]] = {}
        for part in _parts(ids):
            for row in self._connection.execute(query.where(table.event_id.in_(part))):
                found[row.event_id] = (row[0], row[1], Written(*row[2:]))
        return found

    def _numbers(self, learners: Sequence[str]) -> dict[str, int]:
        table = LEARNER_EVENT.c
        query = sa.select(table.learner_id, sa.func.max(table.number)).group_by(table.learner_id)
        found: dict[str, int] = {}
        for part in _parts(learners):
            for row in self._connection.execute(query.where(table.learner_id.in_(part))):
                found[row[0]] = row[1]
        return found


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), MOST_IDS_A_QUERY):
        yield values[start : start + MOST_IDS_A_QUERY]
