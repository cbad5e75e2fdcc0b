"""The log: what is acknowledged is stored once, in order, and cannot be changed unnoticed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from aina_assets.core.errors import EventConflictError, EventLogError, SettingsError
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.records.documents import Document, Documents
from aina_assets.learning.records.fold import Folder
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.records.replay import EVENTS_A_SNAPSHOT, Records
from aina_assets.learning.records.schema import LEARNER_EVENT, LEARNER_SNAPSHOT, open_engine, writing
from aina_assets.learning.records.stored import whole_text, written_text
from aina_assets_tests.learning.samples import LEARNER, event, journey, policy

OTHER = synthetic_learner_id(7, 2)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "learning" / "events.sqlite"


@pytest.fixture
def log(place: Path) -> EventLog:
    return EventLog(place)


def test_events_get_a_sequence_over_all_and_a_number_each(log: EventLog) -> None:
    first, second = journey(tag="x"), journey(OTHER, tag="y")
    given = log.append(*first[:2]) + log.append(second[0], *first[2:]) + log.append(*second[1:])
    assert [told.sequence for told in given] == list(range(1, 11))
    assert [told.number for told in given] == [1, 2, 1, 3, 4, 5, 2, 3, 4, 5]
    assert [stored.event for stored in log.of_learner(OTHER)] == second
    assert [stored.number for stored in log.of_learner(LEARNER, after=3)] == [4, 5]
    assert [stored.sequence for stored in log.in_sequence(after=8)] == [9, 10]
    assert log.learners() == sorted([LEARNER, OTHER])
    assert log.verify() == 10


def test_a_duplicate_is_acknowledged_and_stored_once(log: EventLog) -> None:
    events = journey()
    log.append(*events)
    again = log.append(events[2], event("started", "event-0009", attempt_id="a9"))
    assert [(told.sequence, told.is_duplicate) for told in again] == [(3, True), (6, False)]
    assert log.verify() == 6


def test_a_duplicate_inside_one_call_is_stored_once(log: EventLog) -> None:
    first = journey()[0]
    assert [told.sequence for told in log.append(first, first)] == [1, 1]
    assert log.verify() == 1


def test_a_conflict_stores_nothing_of_its_call(log: EventLog) -> None:
    log.append(*journey())
    other = event("started", "x-event-3", attempt_id="another")
    with pytest.raises(EventConflictError, match="x-event-3"):
        log.append(event("started", "event-0009", attempt_id="a9"), other)
    assert log.verify() == 5
    assert log.find("event-0009") is None


def test_documents_are_stored_with_the_event_that_names_them_once_and_for_good(log: EventLog) -> None:
    documents = Documents(log.engine)
    first, second = journey()[:2]
    log.append(first, documents=[Document("plan", "p", LEARNER, "a")])
    log.append(first, documents=[Document("plan", "p", LEARNER, "a")])
    assert documents.ids("plan", LEARNER) == ["p"]
    with pytest.raises(EventConflictError, match="another plan"):
        log.append(
            second, documents=[Document("plan", "q", LEARNER, "a"), Document("plan", "p", LEARNER, "b")]
        )
    # Nothing of the refused call: neither its event nor its other document.
    assert (documents.read("plan", "p"), documents.ids("plan")) == ("a", ["p"])
    with pytest.raises(EventConflictError):
        log.append(
            event("started", first.event_id, attempt_id="x"), documents=[Document("plan", "r", LEARNER, "a")]
        )
    assert documents.ids("plan") == ["p"]
    assert log.verify() == 1


def test_documents_that_no_event_names_are_refused(log: EventLog) -> None:
    with pytest.raises(ValueError, match="there are none"):
        log.append(documents=[Document("plan", "p", LEARNER, "a")])
    assert log.append() == []


def test_a_duplicate_in_an_older_version_is_no_conflict(log: EventLog) -> None:
    event_now = journey()[0]
    old = json.loads(event_now.canonical())
    minutes = old["data"].pop("weekly_minutes")
    del old["data"]["assumptions"]
    old["data"] |= {"version": 1, "weekly_hours": minutes / 60}
    log.append_written([written_text(json.dumps(old))])
    assert log.append(event_now)[0].is_duplicate
    assert [stored.event for stored in log.of_learner(LEARNER)] == [event_now]
    # Stored as it was written.
    assert json.loads(next(log.written()).fact)["data"]["version"] == 1


@pytest.mark.parametrize(
    "statement", ["update learner_event set fact = '{}' where sequence = 2", "delete from learner_event"]
)
def test_the_database_refuses_a_change(log: EventLog, place: Path, statement: str) -> None:
    log.append(*journey())
    with sqlite3.connect(place) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    assert log.verify() == 5


@pytest.mark.parametrize(
    ("statement", "sequence"),
    [
        ("update learner_event set fact = replace(fact, '0.9', '1.0') where sequence = 5", 5),
        ("update learner_event set detail = replace(detail, 'an', 'no') where sequence = 4", 4),
        ("delete from learner_event where sequence = 2", 2),
        ("delete from learner_event where sequence = 5", 5),
        ("update learner_event set sequence = -sequence", 1),
        ("update log_head set chain = replace(chain, substr(chain, 1, 1), 'x')", 6),
    ],
)
def test_a_change_behind_the_logs_back_is_named(
    log: EventLog, place: Path, statement: str, sequence: int
) -> None:
    log.append(*journey())
    with sqlite3.connect(place) as connection:
        for name in ("learner_event_no_update", "learner_event_no_delete"):
            connection.execute(f"drop trigger {name}")
        connection.execute(statement)
    with pytest.raises(EventLogError, match=f"sequence {sequence}"):
        log.verify()


def test_a_log_opened_again_goes_on(place: Path) -> None:
    first = EventLog(place)
    first.append(*journey()[:2])
    first.close()
    again = EventLog(place)
    assert again.append(journey()[2])[0].sequence == 3
    assert again.verify() == 3


def test_a_copy_of_a_log_has_its_chain(log: EventLog, tmp_path: Path) -> None:
    log.append(*journey(), *journey(OTHER, tag="y"))
    copy = EventLog(tmp_path / "copy.sqlite")
    copy.append_written([written_text(whole_text(held)) for held in log.written()])
    assert copy.head == log.head


def test_a_record_is_the_same_with_and_without_snapshots(log: EventLog) -> None:
    log.append(*journey())
    log.append(
        *(
            event("started", f"event-{number:04d}", attempt_id=f"more-{number}")
            for number in range(EVENTS_A_SNAPSHOT)
        )
    )
    records = Records(log, Folder(policy()))
    first = records.of_learner(LEARNER)
    kept = records.snapshot(LEARNER)
    assert kept is not None
    assert kept.number == EVENTS_A_SNAPSHOT + 5
    log.append(event("voided", "event-void", target_event_id="x-event-5"))
    after = records.of_learner(LEARNER)
    assert after.sha256 == records.replayed(LEARNER).sha256 != first.sha256
    # A damaged snapshot, and one of another policy, decide nothing.
    with writing(log.engine) as connection:
        connection.execute(LEARNER_SNAPSHOT.update().values(state="{}"))
    assert records.snapshot(LEARNER) is None
    assert records.of_learner(LEARNER).sha256 == after.sha256


def test_a_replay_counts_and_digests_all_records(log: EventLog) -> None:
    log.append(*journey(OTHER, tag="y"), *journey())
    log.append(event("planned", "event-0007", assessment_id="none", at="2026-01-01T00:00:00Z"))
    log.append(event("voided", "event-0008", target_event_id="x-event-5"))
    replay = Records(log, Folder(policy())).replay()
    assert (replay.events, replay.learners) == (12, 2)
    assert (replay.late_events, replay.ignored_events, replay.voided_events) == (1, 1, 1)
    # The order in which learners wrote is nothing to their records.
    other = EventLog(Path(str(log.engine.url.database) + ".other"))
    other.append(*journey())
    other.append(event("planned", "event-0007", assessment_id="none", at="2026-01-01T00:00:00Z"))
    other.append(event("voided", "event-0008", target_event_id="x-event-5"))
    other.append(*journey(OTHER, tag="y"))
    assert Records(other, Folder(policy())).replay() == replay
    # Nor the number of processes.
    assert Records(other, Folder(policy())).replay(processes=2) == replay


def test_sqlite_flushes_before_it_acknowledges(log: EventLog) -> None:
    with log.engine.connect() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2


@pytest.mark.parametrize("url", ["no url", "mysql://localhost/x"])
def test_a_url_that_is_not_supported_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="AINA_LEARNER_DB"):
        open_engine(url)


def test_a_number_twice_is_refused_by_the_database(log: EventLog) -> None:
    log.append(*journey())
    with writing(log.engine) as connection:
        row = connection.execute(sa.select(LEARNER_EVENT).limit(1)).one()._asdict()
        row |= {"sequence": 99, "event_id": "another-id"}
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(LEARNER_EVENT.insert().values(row))
