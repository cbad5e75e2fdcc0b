"""The fold: its rules, and its laws over any stream of events."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.core.errors import EventError, EventGapError
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.mastery.reviewing import Reviews
from aina_assets.learning.records.events import LearnerEvent, Voided
from aina_assets.learning.records.fold import Folder, copied
from aina_assets.learning.records.state import RecordState
from aina_assets_tests.learning.samples import LEARNER, event, journey, policy, stored, stored_fact, streams

FOLDER = Folder(policy())
REVIEWS = Reviews(policy())


def folded(events: Sequence[LearnerEvent]) -> RecordState:
    return FOLDER.fold(LEARNER, stored(events))


def test_a_journey_gives_its_record() -> None:
    state = folded(journey())
    assert state.assessment is not None
    assert state.assessment.assessed_at == "2026-01-05T09:00:00Z"
    assert state.plan is not None
    assert state.plan.items == {"i1": "passed", "i2": "planned"}
    (attempt,) = state.attempts.values()
    assert (attempt.score, attempt.is_pass, attempt.evaluation_id) == (0.9, True, "e1")
    closing, other = state.workflows["close"], state.workflows["reconcile"]
    assert (closing.attempts, closing.passes, other.attempts) == (1, 1, 0)
    assert closing.mastery > closing.prior
    assert other.mastery == other.prior
    assert closing.reviews == [("2026-01-06T09:41:00Z", 0.9)]
    card = REVIEWS.card(closing.reviews)
    assert card is not None
    assert card.due > "2026-01-06T09:41:00Z"
    assert state.ignored == {}


@given(streams(most=10))
@settings(max_examples=40)
def test_a_snapshot_and_the_rest_give_the_whole_at_every_cut(
    events: Sequence[LearnerEvent],
) -> None:
    held = stored(events)
    whole = FOLDER.fold(LEARNER, held)
    for cut in range(len(held) + 1):
        snapshot = FOLDER.fold(LEARNER, held[:cut])
        kept = RecordState.from_value(json.loads(snapshot.to_text()))
        before = kept.to_text()
        assert FOLDER.resumed(kept, held[cut:]).to_text() == whole.to_text()
        # Folding is pure: what was folded on is left as it was.
        assert kept.to_text() == before


@given(streams(), st.integers(0, 14))
def test_what_was_folded_before_is_passed_over(events: Sequence[LearnerEvent], again: int) -> None:
    held = stored(events)
    whole = FOLDER.fold(LEARNER, held)
    assert FOLDER.resumed(whole, held[:again]).sha256 == whole.sha256
    assert FOLDER.resumed(FOLDER.fold(LEARNER, held[:again]), held).sha256 == whole.sha256


@given(streams(), st.integers(0, 13))
def test_a_void_gives_the_record_in_which_its_target_never_was(
    events: Sequence[LearnerEvent], place: int
) -> None:
    plain = [each for each in events if not isinstance(each.data, Voided)]
    if not plain:
        return
    target = plain[place % len(plain)]
    void = event("voided", "a-void-event", target_event_id=target.event_id)
    without = folded([each for each in plain if each is not target])
    after, before = folded([*plain, void]), folded([void, *plain])
    for state in (after, before):
        told = state.told() | {"voids": {}, "events": without.number}
        assert told == without.told()


@given(streams())
def test_every_event_counts_is_ignored_or_is_void(events: Sequence[LearnerEvent]) -> None:
    state = folded(events)
    facts = {fact["event_id"] for fact in state.facts}
    voids = {each.event_id for each in events if isinstance(each.data, Voided)}
    voided = set(state.voids) & {each.event_id for each in events}
    assert facts | voids | voided == {each.event_id for each in events}
    assert not facts & (voids | voided)
    assert set(state.ignored) <= facts
    assert set(state.voids.values()) | set(state.refused_voids) == voids
    assert all(0 < held.mastery < 1 for held in state.workflows.values())


def test_a_late_event_counts_at_the_records_time() -> None:
    events = [*journey()[:4], event("evaluated", "late-event-5", at="2026-01-02T00:00:00Z")]
    state = folded(events)
    assert state.late_events == 1
    assert state.clock == "2026-01-06T09:40:00Z"
    (attempt,) = state.attempts.values()
    assert attempt.evaluated_at == "2026-01-06T09:40:00Z"
    assert state.workflows["close"].reviews == [("2026-01-06T09:40:00Z", 0.9)]


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([event("planned", "event-0001")], "unknown_assessment"),
        ([event("submitted", "event-0001")], "unknown_attempt"),
        ([event("evaluated", "event-0001")], "unknown_submission"),
        ([*journey()[:3], event("started", "event-0001")], "attempt_known"),
        ([*journey()[:4], event("submitted", "event-0001", submission_id="s2")], "attempt_submitted"),
        ([*journey(), event("evaluated", "event-0001", evaluation_id="e2")], "submission_evaluated"),
        ([*journey(), event("assessed", "event-0001")], "assessment_known"),
        ([*journey(), event("planned", "event-0001")], "plan_known"),
    ],
)
def test_an_event_without_sense_is_ignored_with_its_reason(events: list[LearnerEvent], reason: str) -> None:
    before, state = folded(events[:-1]), folded(events)
    assert state.ignored == {"event-0001": reason}
    bookkeeping: dict[str, object] = {"ignored": {}, "events": 0, "clock": "", "late_events": 0}
    assert state.told() | bookkeeping == before.told() | bookkeeping


def test_voiding_an_evaluation_lets_the_next_one_count() -> None:
    worse = event(
        "evaluated", "event-0006", evaluation_id="e2", score=0.1, score_low=0.1, score_high=0.1, is_pass=False
    )
    state = folded([*journey(), worse, event("voided", "event-0007", target_event_id="x-event-5")])
    (attempt,) = state.attempts.values()
    assert (attempt.evaluation_id, attempt.is_pass) == ("e2", False)
    assert state.ignored == {}
    assert state.workflows["close"].mastery < folded(journey()).workflows["close"].mastery


def test_a_void_of_a_void_voids_nothing() -> None:
    void = event("voided", "event-0006", target_event_id="x-event-5")
    other = event("voided", "event-0007", target_event_id="event-0006")
    state = folded([*journey(), void, other])
    assert state.refused_voids == {"event-0007": "target_is_a_void"}
    assert state.voids == {"x-event-5": "event-0006"}
    # In the other order too.
    assert folded([*journey(), other, void]).refused_voids == {"event-0007": "target_is_a_void"}


def test_an_evaluation_that_cannot_tell_changes_no_mastery() -> None:
    unsure = event("evaluated", "event-0005", is_pass=None, score=0.0, score_low=0.0, score_high=1.0)
    state = folded([*journey()[:4], unsure])
    assert state.workflows["close"].attempts == 0
    assert state.workflows["close"].reviews == []
    assert state.plan is not None
    assert state.plan.items["i1"] == "submitted"


def test_a_missing_event_is_an_error_that_names_it() -> None:
    held = stored(journey())
    with pytest.raises(EventGapError, match="event 3 of the learner is missing; 4 follows"):
        FOLDER.fold(LEARNER, [held[0], held[1], held[3]])


def test_another_learners_event_is_an_error() -> None:
    other = event("started", "event-0001", learner=synthetic_learner_id(7, 2))
    with pytest.raises(EventError, match="another learner's"):
        FOLDER.fold(LEARNER, [stored_fact(1, other)])


def test_a_copy_shares_nothing_that_changes() -> None:
    state = folded(journey())
    other = copied(state)
    other.workflows["close"].mastery = 0.5
    other.ignored["x"] = "y"
    assert state.sha256 == folded(journey()).sha256
