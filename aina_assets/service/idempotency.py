"""Idempotency keys: the same request sent again does nothing and gets the answer that it got.

Belongs here: the table of keys in the learners' database, and the way of one keyed act. Does not: the acts.

A key is taken before the act, with the time that the act tells; the answer is put beside it afterwards. A
process that dies in between leaves a key without an answer: sent again, the act is done with the same time
and the same event id, which the event log knows, so it happens once. An act that is refused leaves no key,
and so no digest of what was refused.

Neither write waits for the disk by itself. A key is written before its act, and the act's own commit, which
does wait, carries it along; an answer that a power cut loses is made again from what stands.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from aina_assets.learning.records.log import EventLog
from aina_assets.learning.records.schema import open_engine, writing
from aina_assets.service.errors import KeyMissingError, KeyReusedError

KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
METADATA = sa.MetaData()
SERVICE_KEY = sa.Table(
    "service_key",
    METADATA,
    sa.Column("act", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("at", sa.String(20), nullable=False),
    sa.Column("request_sha256", sa.String(64)),
    sa.Column("status", sa.SmallInteger),
    sa.Column("answer", sa.LargeBinary),
)


# Made once: to put a statement together takes longer than to run it.
_IS = (SERVICE_KEY.c.act == sa.bindparam("an_act"), SERVICE_KEY.c.key == sa.bindparam("a_key"))
_FIND = sa.select(SERVICE_KEY).where(*_IS)
_ANSWER = (
    SERVICE_KEY.update()
    .where(*_IS)
    .values(
        request_sha256=sa.bindparam("request_sha256"),
        status=sa.bindparam("status"),
        answer=sa.bindparam("answer"),
    )
)
_LEAVE = SERVICE_KEY.delete().where(*_IS, SERVICE_KEY.c.status.is_(None))


@dataclass(frozen=True)
class Answered:
    """An answer as it is sent.

    Attributes:
        is_replay: whether it was given before, to the same key.
    """

    status: int
    body: bytes
    is_replay: bool = False


# Told the act's time and an event id of its own; gives status and body.
Act = Callable[[str, str], tuple[int, bytes]]


class Keys:
    """The keys of a log's database."""

    def __init__(self, log: EventLog) -> None:
        self._engine = open_engine(log.engine.url.render_as_string(hide_password=False))
        if self._engine.dialect.name == "sqlite":

            @sa.event.listens_for(self._engine, "connect")
            def _not_waiting(connection: Any, _: Any) -> None:
                connection.execute("pragma synchronous = normal")

        with writing(self._engine) as connection:
            METADATA.create_all(connection)
        insert = sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert
        self._insert = insert(SERVICE_KEY).on_conflict_do_nothing()
        self._locks: dict[tuple[str, str], tuple[Lock, int]] = {}
        self._guard = Lock()

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    def once(self, act: str, key: str, request: bytes, at: str, do: Act) -> Answered:
        """Do an act under a key, or give what it came to before.

        Args:
            act: what is done; a key is of one act.
            request: what is asked, in one form for all that mean the same.
            at: the time, as events tell it; of a key that was taken before, that one's counts.

        Raises:
            KeyMissingError: there is no key, or it is none.
            KeyReusedError: the key was used for another request.
            Whatever the act raises: then the key is free again.
        """
        checked_key(key)
        digest = hashlib.sha256(request).hexdigest()
        with self._held(act, key):
            taken_at, known, status, answer = self._take(act, key, at)
            if status is not None and answer is not None:
                if known != digest:
                    raise KeyReusedError(
                        "this idempotency key was used for another request", place="Idempotency-Key"
                    )
                return Answered(status, zlib.decompress(answer), is_replay=True)
            try:
                status, body = do(taken_at, event_id_of(act, key))
            except BaseException:
                self._leave(act, key)
                raise
            self._answer(act, key, digest, status, body)
            return Answered(status, body)

    @contextmanager
    def _held(self, act: str, key: str) -> Iterator[None]:
        """Keep two requests with one key apart; those of other keys do not wait."""
        name = (act, key)
        with self._guard:
            lock, waiting = self._locks.get(name, (Lock(), 0))
            self._locks[name] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, waiting = self._locks[name]
                if waiting == 1:
                    del self._locks[name]
                else:
                    self._locks[name] = (lock, waiting - 1)

    def _take(self, act: str, key: str, at: str) -> tuple[str, str | None, int | None, bytes | None]:
        """Take a key; gives its time, and digest, status and answer where it was used before."""
        with writing(self._engine) as connection:
            told = {"act": act, "key": key, "at": at}
            if connection.execute(self._insert, told).rowcount == 1:
                return at, None, None, None
            row = connection.execute(_FIND, {"an_act": act, "a_key": key}).one()
        return row.at, row.request_sha256, row.status, row.answer

    def _answer(self, act: str, key: str, digest: str, status: int, body: bytes) -> None:
        values = {"request_sha256": digest, "status": status, "answer": zlib.compress(body, 1)}
        with writing(self._engine) as connection:
            connection.execute(_ANSWER, {"an_act": act, "a_key": key, **values})

    def _leave(self, act: str, key: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(_LEAVE, {"an_act": act, "a_key": key})


def checked_key(key: str | None) -> str:
    """The key, if it is one.

    Raises:
        KeyMissingError: it is none.
    """
    if key is None or KEY.fullmatch(key) is None:
        what = "there is no idempotency key" if key is None else "this is no idempotency key"
        raise KeyMissingError(what, place="Idempotency-Key")
    return key


def event_id_of(act: str, key: str) -> str:
    """The id of the event that an act under a key leaves."""
    return f"key-{hashlib.sha256(f'{act}{chr(0)}{key}'.encode()).hexdigest()[:40]}"
