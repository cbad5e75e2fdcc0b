"""A journey as a person reads it.

Belongs here: words. Does not: anything that is not in the journey.
"""

from __future__ import annotations

from collections.abc import Iterator

from aina_assets.learning.cohort.journeys import Journey, Try
from aina_assets.learning.planning.plan import PlanItem

MOST_ITEMS = 12


def transcript(journey: Journey) -> Iterator[str]:
    """The lines of a journey's transcript, in sections that begin with `# `."""
    packet, plan, said = journey.packet, journey.plan, journey.learner.said
    yield f"# Learner {packet.learner_id}"
    yield f"says: title {said.title!r}, {len(said.readiness)} ratings, {len(said.goals)} goals"
    yield from (f"told: {line}" for line in packet.title.told)
    yield "# Needs by workflow"
    for need in packet.workflows:
        marks = [f"goal: {', '.join(need.goal_stages)}"] if need.goal_stages else []
        marks += ["weekly"] if need.is_weekly else []
        told = f" ({'; '.join(marks)})" if marks else ""
        mastery = f"mastery {need.mastery:.0%} by {need.mastery_basis}"
        yield f"{need.name}: {need.importance:.0%} of the role, {mastery}{told}"
    yield from (
        f"assumed: {held.assumption_id} = {held.value}, since {held.why}" for held in packet.assumptions
    )
    yield f"# Plan {plan.plan_id}"
    yield plan.told[-1]
    for item in plan.items[:MOST_ITEMS]:
        yield _item(item)
        yield f"    why: {item.reason}"
    if len(plan.items) > MOST_ITEMS:
        yield f"... and {len(plan.items) - MOST_ITEMS} items more"
    for number, made in enumerate(journey.tries, 1):
        yield from _try(number, made)
    yield "# Record"
    for workflow_id, state in journey.record.workflows.items():
        due = f"review due {journey.due[workflow_id][:10]}" if workflow_id in journey.due else "no review yet"
        yield (
            f"{workflow_id}: mastery {state.prior:.0%} -> {state.mastery:.0%}, "
            f"{state.passes} of {state.attempts} passed, {due}"
        )
    yield f"state {journey.record.sha256}"


def _item(item: PlanItem) -> str:
    weeks = f"week {item.week}" if item.week == item.last_week else f"weeks {item.week}-{item.last_week}"
    return f"{weeks}: {item.item_id} ({item.minutes} min): {item.workflow_name}: {item.objective}"


def _try(number: int, made: Try) -> Iterator[str]:
    evaluation = made.evaluation
    yield f"# Practice {number}: {made.task.title} ({made.task.task_id}), {made.started_at}"
    yield f"for {made.item.item_id}; rubric {evaluation.rubric_id} {evaluation.rubric_version}"
    yield from (f"    | {line}" for line in made.text.rstrip().split("\n"))
    told = {True: "passed", False: "not passed", None: "open"}[evaluation.is_pass]
    yield f"score {evaluation.score:.2f}, at most {evaluation.score_high:.2f}: {told}"
    for held in evaluation.criteria:
        shown = "; ".join(made.text[start:end].replace("\n", " ") for start, end in held.spans)
        yield f"    {held.verdict:<13} {held.criterion_id}" + (f": {shown!r}" if shown else "")
    yield f"next: {evaluation.next_step}"
