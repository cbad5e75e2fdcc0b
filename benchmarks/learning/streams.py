"""Learner events in any number, by number alone: the same call gives the same events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.records.events import parse_event
from aina_assets.learning.records.stored import Written, written

SHA = "ab" * 32
ATTEMPTS = 16
SEED = 9
ANSWER = "The ledger and the statement differ in two lines, 4 and 7; the net difference is 12.50. " * 7


def event(kind: str, learner: str, event_id: str, day: int, **data: Any) -> Written:
    """One event as a log stores it."""
    version = 2 if kind in ("assessed", "evaluated") else 1
    return written(
        parse_event(
            {
                "event_id": event_id,
                "learner_id": learner,
                "occurred_at": f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}T10:00:00Z",
                "data": {"kind": kind, "version": version, **data},
            }
        )
    )


def events_of(number: int) -> Iterator[Written]:
    """The 50 events of a learner: assessed, planned, and 16 tasks begun, handed in and evaluated."""
    learner, tag = synthetic_learner_id(SEED, number), f"learner{number}"
    workflows = [f"w{place}" for place in range(4)]
    yield event(
        "assessed",
        learner,
        f"{tag}-assessed",
        0,
        assessment_id="a",
        assessment_sha256=SHA,
        title_id=None,
        packet_id="p",
        packet_sha256=SHA,
        route="serve_now",
        weekly_minutes=120,
        horizon_weeks=12,
        readiness=dict.fromkeys(workflows, number % 5),
        assumptions=[],
    )
    items = [
        {
            "item_id": f"i{a}",
            "module_id": f"m{a}",
            "workflow_id": workflows[a % 4],
            "week": 1 + a // 2,
            "minutes": 60,
        }
        for a in range(ATTEMPTS)
    ]
    yield event(
        "planned", learner, f"{tag}-planned", 0, plan_id="p", plan_sha256=SHA, assessment_id="a", items=items
    )
    for a in range(ATTEMPTS):
        score = ((number * 7 + a * 5) % 21) / 20
        yield event(
            "started",
            learner,
            f"{tag}-started-{a}",
            a * 7,
            attempt_id=f"a{a}",
            task_id=f"t{a}",
            task_sha256=SHA,
            workflow_id=workflows[a % 4],
            item_id=f"i{a}",
        )
        yield event(
            "submitted",
            learner,
            f"{tag}-submitted-{a}",
            a * 7,
            submission_id=f"s{a}",
            attempt_id=f"a{a}",
            text=ANSWER,
        )
        yield event(
            "evaluated",
            learner,
            f"{tag}-evaluated-{a}",
            a * 7,
            evaluation_id=f"e{a}",
            submission_id=f"s{a}",
            rubric_id="reconcile",
            rubric_version="1.0.0",
            rubric_sha256=SHA,
            score=score,
            score_low=score,
            score_high=score,
            is_pass=score >= 0.7,
            judge=None,
            criteria=[
                {"criterion_id": f"c{c}", "verdict": "MET", "spans": [[c * 10, c * 10 + 9]]} for c in range(8)
            ],
        )


def many(events: int) -> Iterator[Written]:
    """So many events, a learner's after the other's."""
    number = made = 0
    while made < events:
        number += 1
        for each in events_of(number):
            if made < events:
                made += 1
                yield each
