"""Build the cohort's tables: walk every learner through a desk of its own, and tell what came of it.

Belongs here: the walk of all, and rows. Does not: contracts (`tables`).

The log gets what logs get: an event that is sent twice, one that comes late, and one that is voided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.learning.cohort.journeys import Journey, Walker
from aina_assets.learning.cohort.people import learner
from aina_assets.learning.cohort.titles import cohort_titles
from aina_assets.learning.desk import Desk, Policies
from aina_assets.learning.opening import open_desk
from aina_assets.learning.planning.catalogue import offers
from aina_assets.learning.planning.choosing import by_dynamic_program, by_highs, worth_of
from aina_assets.learning.planning.plan import Plan
from aina_assets.learning.planning.planner import items_of
from aina_assets.learning.records.events import LearnerEvent, parse_event
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.tables import (
    LEARNER_COHORT,
    LEARNER_EVENT,
    LEARNER_PLAN_ITEM,
    LEARNER_PLAN_SOURCE,
    LEARNER_RECORD,
)

SEED = 1
SERVED, UNSERVED = 10, 1
# Plan items that each learner practises.
PRACTISED = 4
DIGITS = 9

Row = dict[str, Any]


def build_cohort(engine: Engine, policies: Policies, folder: str) -> Mapping[str, list[Row]]:
    """The rows of the cohort's tables, by table.

    Args:
        folder: for the log's database while it is made.

    Raises:
        StateError: titles or packets were not built.
    """
    log = EventLog(Path(folder) / "cohort.sqlite")
    try:
        desk = open_desk(engine, log)
        journeys = list(walked(engine, desk, policies))
        _add_what_logs_get(log)
        return {
            LEARNER_COHORT.name: [_cohort_row(held, desk, policies) for held in journeys],
            LEARNER_PLAN_ITEM.name: [row for held in journeys for row in plan_item_rows(held.plan)],
            LEARNER_PLAN_SOURCE.name: [row for held in journeys for row in plan_source_rows(held.plan)],
            LEARNER_EVENT.name: list(log.rows()),
            LEARNER_RECORD.name: [row for held in journeys for row in _record_rows(held, desk)],
        }
    finally:
        log.close()


def walked(engine: Engine, desk: Desk, policies: Policies) -> Iterator[Journey]:
    """The cohort's journeys, in order."""
    walker = Walker(desk, policies.practice, PRACTISED)
    for number, title in enumerate(cohort_titles(engine, SERVED, UNSERVED)):
        resolved = desk.resolve(title)
        yield walker.walk(learner(SEED, number, title, resolved.role, resolved.function))


def _add_what_logs_get(log: EventLog) -> None:
    """Send an event again, let one come late, and void an evaluation."""
    events = [stored.event for stored in log.in_sequence()]
    log.append(events[0])
    started = next(event for event in events if event.data.kind == "started")
    late = {
        **started.model_dump(mode="json"),
        "event_id": "late-event-of-the-cohort",
        "occurred_at": "2026-01-01T00:00:00Z",
    }
    late["data"]["attempt_id"] = "attempt-that-came-late"
    log.append(parse_event(late))
    evaluated = [event for event in events if event.data.kind == "evaluated"]
    log.append(_void(evaluated[-1]))


def _void(event: LearnerEvent) -> LearnerEvent:
    data = {
        "kind": "voided",
        "version": 1,
        "target_event_id": event.event_id,
        "reason": "evaluation_disputed",
    }
    return parse_event(
        {
            "event_id": "void-event-of-the-cohort",
            "learner_id": event.learner_id,
            "occurred_at": event.occurred_at,
            "data": data,
        }
    )


# --- rows


def _cohort_row(journey: Journey, desk: Desk, policies: Policies) -> Row:
    plan, packet = journey.plan, journey.packet
    record = desk.record(packet.learner_id)
    attempts = list(record.attempts.values())
    scores = [held.score for held in attempts if held.score is not None]
    solution = plan.solution
    return {
        "learner_id": packet.learner_id,
        "title": journey.learner.said.title,
        "path": packet.title.path,
        "route": packet.title.route,
        "reason": packet.title.reason,
        "role_id": packet.title.role_id,
        "weekly_minutes": packet.weekly_minutes,
        "horizon_weeks": packet.horizon_weeks,
        "assumptions": len(packet.assumptions),
        "plan_id": plan.plan_id,
        "method": solution.method,
        "items_offered": solution.items_offered,
        "items_chosen": solution.items_chosen,
        "minutes_chosen": solution.minutes_chosen,
        "worth_offered": solution.worth_offered,
        "worth_chosen": solution.worth_chosen,
        "worth_by_other_method": _by_other_method(journey, policies),
        "attempts": len(attempts),
        "passes": sum(held.is_pass is True for held in attempts),
        "mean_score": round(sum(scores) / len(scores), DIGITS) if scores else None,
        "record_sha256": record.sha256,
    }


def _by_other_method(journey: Journey, policies: Policies) -> float | None:
    items = items_of(offers(journey.packet, policies.planning))
    capacity = journey.packet.capacity_minutes
    if journey.plan.solution.method == "dynamic_program":
        chosen = by_highs(items, capacity)
    elif journey.plan.solution.method == "highs":
        chosen = by_dynamic_program(items, capacity, policies.planning.solver.unit_minutes)
    else:
        return 0.0
    return None if chosen is None else round(worth_of(items, chosen), DIGITS)


def plan_item_rows(plan: Plan) -> Iterator[Row]:
    """A plan's items."""
    for position, item in enumerate(plan.items, 1):
        yield {
            "plan_id": plan.plan_id,
            "position": position,
            "learner_id": plan.learner_id,
            "item_id": item.item_id,
            "module_id": item.module_id,
            "kind": item.kind,
            "stage": item.stage,
            "workflow_id": item.workflow_id,
            "workflow_name": item.workflow_name,
            "prerequisites": " ".join(item.prerequisites),
            "minutes": item.minutes,
            "week": item.week,
            "last_week": item.last_week,
            "worth": item.worth,
            "reason": item.reason,
        }


def plan_source_rows(plan: Plan) -> Iterator[Row]:
    """The source rows that a plan's items rest on."""
    sources = {source.file: source for source in plan.sources}
    for item in plan.items:
        for row in item.rows:
            source = sources[row.file]
            yield {
                "plan_id": plan.plan_id,
                "item_id": item.item_id,
                "what": row.what,
                "file": row.file,
                "source_row": row.row,
                "source_table": source.table,
                "sha256": source.sha256,
            }


def _record_rows(journey: Journey, desk: Desk) -> Iterator[Row]:
    record = desk.record(journey.packet.learner_id)
    for workflow_id, held in record.workflows.items():
        card = desk.review(held)
        yield {
            "learner_id": record.learner_id,
            "workflow_id": workflow_id,
            "prior": held.prior,
            "mastery": held.mastery,
            "attempts": held.attempts,
            "passes": held.passes,
            "last_score": held.last_score,
            "due": None if card is None else card.due,
            "stability_days": None if card is None else card.stability,
        }
