"""The log on PostgreSQL: the same rules, the same digests as on SQLite."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
import sqlalchemy as sa

from aina_assets.core.errors import EventConflictError, EventLogError
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.records.fold import Folder
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.records.replay import Records
from aina_assets.learning.records.schema import METADATA
from aina_assets_tests.learning.samples import LEARNER, event, journey, policy
from benchmarks.learning.records import writer_figures

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
OTHER = synthetic_learner_id(7, 2)


def program(name: str) -> str | None:
    """Where one of PostgreSQL's programs is, if it is anywhere."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(debian[-1]) if debian else shutil.which(name)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the test's own on a socket, and the URL of its database; skips where there is none."""
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("no PostgreSQL: `apt-get install postgresql` gives one")
    folder = tmp_path_factory.mktemp("postgres")
    # PostgreSQL refuses to run as root.
    as_user: list[str] = []
    if os.geteuid() == 0:
        if subprocess.run(["id", "postgres"], check=False, capture_output=True).returncode:
            pytest.skip("no user postgres to run the server as")
        shutil.chown(folder, "postgres")
        for parent in takewhile(lambda folder: not folder.stat().st_mode & stat.S_IXOTH, folder.parents):
            parent.chmod(0o755)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    subprocess.run(
        [*as_user, initdb, "-A", "trust", "-U", "aina", str(data)], check=True, capture_output=True
    )
    options = f"-c listen_addresses= -c unix_socket_directories={folder}"
    subprocess.run(
        [*as_user, pg_ctl, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"],
        check=True,
        capture_output=True,
    )
    yield f"postgresql://aina@/postgres?unix_sock={folder}/.s.PGSQL.5432"
    subprocess.run([*as_user, pg_ctl, "-D", str(data), "-m", "immediate", "stop"], check=True)


@pytest.fixture
def log(server: str) -> Iterator[EventLog]:
    log = EventLog(server)
    yield log
    log.close()
    with log.engine.begin() as connection:
        METADATA.drop_all(connection)
    log.close()


def test_the_rules_hold(log: EventLog) -> None:
    events, others = journey(), journey(OTHER, tag="y")
    given = log.append(*events[:2]) + log.append(others[0], *events[2:])
    assert [(told.sequence, told.number) for told in given] == [
        (1, 1),
        (2, 2),
        (3, 1),
        (4, 3),
        (5, 4),
        (6, 5),
    ]
    assert log.append(events[0])[0].is_duplicate
    with pytest.raises(EventConflictError):
        log.append(others[1], event("started", "x-event-3", attempt_id="other"))
    assert log.verify() == 6
    assert [stored.event for stored in log.of_learner(LEARNER)] == events


def test_the_log_and_its_records_are_those_of_sqlite(log: EventLog, tmp_path: Path) -> None:
    other = EventLog(tmp_path / "events.sqlite")
    for held in (log, other):
        held.append(*journey(), *journey(OTHER, tag="y"))
        held.append(event("voided", "event-0009", target_event_id="x-event-5"))
    assert log.head == other.head
    assert Records(log, Folder(policy())).replay() == Records(other, Folder(policy())).replay()
    records = Records(log, Folder(policy()))
    state = records.replayed(LEARNER)
    records.keep(state)
    kept = records.snapshot(LEARNER)
    assert kept is not None
    assert kept.sha256 == state.sha256


@pytest.mark.parametrize("statement", ["delete from learner_event", "truncate learner_event"])
def test_the_database_refuses_a_change(log: EventLog, statement: str) -> None:
    log.append(*journey())
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), log.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert log.verify() == 5


def test_a_change_behind_the_logs_back_is_named(log: EventLog) -> None:
    log.append(*journey())
    with log.engine.begin() as connection:
        connection.execute(sa.text("alter table learner_event disable trigger user"))
        connection.execute(sa.text("update learner_event set fact = replace(fact, '0.9', '1.0')"))
    with pytest.raises(EventLogError, match="sequence 5"):
        log.verify()


def test_eight_writers_at_once_lose_and_reorder_nothing(log: EventLog) -> None:
    url = log.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    figures = writer_figures(url, events_a_writer=100)
    assert figures["events"] == 800
    assert not figures["broken"]
