"""The log's tables, and engines that speak to them: SQLite in WAL mode, or PostgreSQL by URL.

Belongs here: tables, triggers, connection settings. Does not: what is written and in which order (`log`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from aina_assets.core.errors import SettingsError

# By the file: two engines over one file are two writers of it.
_QUEUES: dict[str, Lock] = {}
METADATA = sa.MetaData()
LEARNER_ID = sa.String(48).with_variant(
    # By bytes, as SQLite and Python sort: a database's own language would sort hyphens another way, and
    # the digest of a replay would not be the same everywhere.
    sa.String(48, collation="C"),
    "postgresql",
)
# One row: the log's end. A writer holds it from its first look to its commit, so that events get their
# numbers in the order in which they are committed and a reader never sees a later one without the earlier.
LOG_HEAD = sa.Table(
    "log_head",
    METADATA,
    sa.Column("id", sa.SmallInteger, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("chain", sa.String(64), nullable=False),
)
LEARNER_EVENT = sa.Table(
    "learner_event",
    METADATA,
    # BigInteger is no rowid in SQLite; Integer is, and holds 64 bits there.
    sa.Column(
        "sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    sa.Column("event_id", sa.String(64), nullable=False, unique=True),
    sa.Column("learner_id", LEARNER_ID, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("version", sa.SmallInteger, nullable=False),
    sa.Column("fact", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("chain", sa.String(64), nullable=False),
    sa.UniqueConstraint("learner_id", "number"),
)
LEARNER_SNAPSHOT = sa.Table(
    "learner_snapshot",
    METADATA,
    sa.Column("learner_id", LEARNER_ID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("fold_sha256", sa.String(64), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("state_sha256", sa.String(64), nullable=False),
)
LEARNER_DOCUMENT = sa.Table(
    "learner_document",
    METADATA,
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("document_id", sa.String(128), primary_key=True),
    sa.Column("learner_id", LEARNER_ID, nullable=False, index=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)
REFUSED_INPUT = sa.Table(
    "refused_input",
    METADATA,
    sa.Column("refusal_id", sa.String(64), primary_key=True),
    sa.Column("occurred_at", sa.String(20), nullable=False),
    sa.Column("gate", sa.String(32), nullable=False),
    sa.Column("field", sa.String(64), nullable=False),
    sa.Column("signals", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
FIRST_CHAIN = "0" * 64
APPEND_ONLY = (LEARNER_EVENT, LEARNER_DOCUMENT, REFUSED_INPUT)
# Seconds that a writer waits for the others. Each holds the log for some milliseconds.
WAIT_SECONDS = 60
WRITES = "aina_writes"


def open_engine(url: str | Path) -> sa.Engine:
    """An engine over the log of this URL, or of this SQLite file.

    Raises:
        SettingsError: the URL is none, or of a database that is not supported.
    """
    if isinstance(url, Path):
        url.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{url}"
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        # The message of the library repeats the URL, which may hold a password.
        raise SettingsError("not a database URL", place="AINA_LEARNER_DB") from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _sqlite(parsed)
    if kind == "postgresql":
        try:
            # Serializable is not needed: the head's row lock orders the writers.
            return sa.create_engine(parsed.set(drivername="postgresql+pg8000"), pool_pre_ping=True)
        except NoSuchModuleError as error:
            raise SettingsError("the PostgreSQL driver is not installed", place="AINA_LEARNER_DB") from error
    raise SettingsError(f"{kind} is not supported: sqlite or postgresql", place="AINA_LEARNER_DB")


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": WAIT_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: Any) -> None:
        # The driver would begin transactions by itself, and too late for a writer.
        connection.isolation_level = None
        connection.execute("pragma journal_mode = wal")
        # Full: what is acknowledged is on the disk, not only in the system's memory.
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A transaction that reads first and then writes fails where another wrote in between; a writer
        # therefore takes the log at once.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that may write; it ends with a commit, or leaves nothing."""
    # SQLite lets waiting writers sleep and try again, some of them for seconds: threads queue here instead.
    database = engine.url.database if engine.dialect.name == "sqlite" else None
    queue = _QUEUES.setdefault(database, Lock()) if database else nullcontext()
    with queue, engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        yield connection


def make_tables(engine: sa.Engine) -> None:
    """Make the tables that are not there, and the triggers that keep events from being changed."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            # Two processes that create at once would collide in the catalog.
            connection.execute(sa.text("select pg_advisory_xact_lock(4215001)"))
        METADATA.create_all(connection)
        for table in APPEND_ONLY:
            for statement in _append_only(engine.dialect.name, table.name):
                connection.exec_driver_sql(statement)
        is_begun = connection.execute(sa.select(LOG_HEAD.c.id)).first()
        if is_begun is None:
            connection.execute(LOG_HEAD.insert().values(id=1, sequence=0, chain=FIRST_CHAIN))


def _append_only(dialect: str, table: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"create trigger if not exists {table}_no_{verb} before {verb} on {table} "
            f"begin select raise(abort, '{table} is append-only'); end"
            for verb in ("update", "delete")
        ]
    return [
        (
            f"create or replace function {table}_append_only() returns trigger language plpgsql as "
            f"$$ begin raise exception '{table} is append-only'; end $$"
        ),
        (
            f"create or replace trigger {table}_no_change before update or delete or truncate on {table} "
            f"for each statement execute function {table}_append_only()"
        ),
    ]
