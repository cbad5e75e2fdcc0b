"""Learner events for tests: one journey's worth, or streams drawn by hypothesis. No assertions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.mastery.policy import LearnerModelPolicy, read_learner_model
from aina_assets.learning.records.events import LearnerEvent, parse_event
from aina_assets.learning.records.stored import StoredFact, written

LEARNER = synthetic_learner_id(7, 1)
SHA = "ab" * 32
EARLIEST = "2026-01-05T09:00:00Z"


def policy() -> LearnerModelPolicy:
    """The committed learner model."""
    return read_learner_model(PROJECT_ROOT / "data" / "policies")


def event(
    kind: str, event_id: str, *, learner: str = LEARNER, at: str = EARLIEST, **data: Any
) -> LearnerEvent:
    """An event of this kind with what it needs, and these values in place of the usual ones."""
    versions = {"assessed": 2, "evaluated": 2}
    return parse_event(
        {
            "event_id": event_id,
            "learner_id": learner,
            "occurred_at": at,
            "data": {"kind": kind, "version": versions.get(kind, 1)} | _usual(kind) | data,
        }
    )


def _usual(kind: str) -> dict[str, Any]:
    usual: dict[str, dict[str, Any]] = {
        "assessed": {
            "assessment_id": "assessment-1",
            "assessment_sha256": SHA,
            "title_id": "0123456789abcdef",
            "packet_id": "role-13-2011.00",
            "packet_sha256": SHA,
            "route": "serve_now",
            "weekly_minutes": 120,
            "horizon_weeks": 6,
            "readiness": {"close": 1, "reconcile": 3},
            "assumptions": [],
        },
        "planned": {
            "plan_id": "plan-1",
            "plan_sha256": SHA,
            "assessment_id": "assessment-1",
            "items": [
                {"item_id": "i1", "module_id": "m1", "workflow_id": "close", "week": 1, "minutes": 45},
                {"item_id": "i2", "module_id": "m2", "workflow_id": "reconcile", "week": 2, "minutes": 60},
            ],
        },
        "started": {
            "attempt_id": "a1",
            "task_id": "t1",
            "task_sha256": SHA,
            "workflow_id": "close",
            "item_id": "i1",
        },
        "submitted": {"submission_id": "s1", "attempt_id": "a1", "text": "an answer"},
        "evaluated": {
            "evaluation_id": "e1",
            "submission_id": "s1",
            "rubric_id": "reconcile",
            "rubric_version": "1.0.0",
            "rubric_sha256": SHA,
            "score": 0.9,
            "score_low": 0.8,
            "score_high": 0.95,
            "is_pass": True,
            "judge": None,
            "criteria": [{"criterion_id": "c1", "verdict": "MET", "spans": [[0, 4]]}],
        },
        "voided": {"target_event_id": "event-0003", "reason": "entered_in_error"},
    }
    return usual[kind]


def journey(learner: str = LEARNER, tag: str = "x") -> list[LearnerEvent]:
    """A whole small journey: assessed, planned, and a task that was begun, handed in and evaluated."""
    return [
        event("assessed", f"{tag}-event-1", learner=learner, at="2026-01-05T09:00:00Z"),
        event("planned", f"{tag}-event-2", learner=learner, at="2026-01-05T09:01:00Z"),
        event("started", f"{tag}-event-3", learner=learner, at="2026-01-06T09:00:00Z"),
        event("submitted", f"{tag}-event-4", learner=learner, at="2026-01-06T09:40:00Z"),
        event("evaluated", f"{tag}-event-5", learner=learner, at="2026-01-06T09:41:00Z"),
    ]


def stored(events: Iterable[LearnerEvent]) -> list[StoredFact]:
    """The events as a log would give them to the fold, were they the only ones."""
    return [stored_fact(number, each) for number, each in enumerate(events, 1)]


def stored_fact(number: int, of: LearnerEvent) -> StoredFact:
    """The event as its learner's `number`th."""
    held = written(of)
    return StoredFact(held.learner_id, number, held.kind, held.version, held.fact)


@st.composite
def streams(draw: st.DrawFn, most: int = 14) -> Sequence[LearnerEvent]:
    """One learner's events in any order, sense or none: few ids, so that they meet."""
    count = draw(st.integers(1, most))
    return [draw(_any_event(number)) for number in range(count)]


@st.composite
def _any_event(draw: st.DrawFn, number: int) -> LearnerEvent:
    kind = draw(st.sampled_from(["assessed", "planned", "started", "submitted", "evaluated", "voided"]))
    few = st.sampled_from(["1", "2"])
    at = f"2026-01-{draw(st.integers(5, 28)):02d}T{draw(st.integers(8, 18)):02d}:00:00Z"
    data: dict[str, Any] = {}
    if kind == "assessed":
        data = {"assessment_id": f"assessment-{draw(few)}", "readiness": {"close": draw(st.integers(0, 4))}}
    elif kind == "planned":
        data = {"plan_id": f"plan-{draw(few)}", "assessment_id": f"assessment-{draw(few)}"}
    elif kind == "started":
        workflow = draw(st.sampled_from(["close", "reconcile"]))
        data = {"attempt_id": f"a{draw(few)}", "workflow_id": workflow}
    elif kind == "submitted":
        data = {"submission_id": f"s{draw(few)}", "attempt_id": f"a{draw(few)}"}
    elif kind == "evaluated":
        score = draw(st.sampled_from([0.2, 0.72, 0.85, 1.0]))
        data = {
            "evaluation_id": f"e{number}",
            "submission_id": f"s{draw(few)}",
            "score": score,
            "score_low": score,
            "score_high": score,
            "is_pass": draw(st.sampled_from([score >= 0.7, None])),
        }
    else:
        data = {"target_event_id": f"event-{draw(st.integers(0, 15)):04d}"}
    return event(kind, f"event-{number:04d}", at=at, **data)
