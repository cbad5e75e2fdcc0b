"""Tasks grouped into a few workflows, each named by a work activity that its tasks have.

Belongs here: choosing activities, and assigning tasks to them. Does not: which tasks a packet shows.

An activity is worth more the finer it is, and covers the tasks that have it. A few activities are chosen so
that the tasks, weighted by rank, are covered as finely as may be (a facility-location problem: greedy, then
exchanges until none helps). A task that none of them covers joins the workflow whose activity is nearest in
O*NET's tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aina_assets.packets.parts import Origin, Task, Workflow
from aina_assets.packets.policy import WorkflowPolicy
from aina_assets.packets.similarity import task_weight

ActivityLevel = Literal["iwa", "gwa", "gwa_group"]
# What it is worth to cover a task by an activity of a level, and what it costs to cover it by none.
WORTH: Mapping[ActivityLevel, float] = {"iwa": 1.0, "gwa": 0.75, "gwa_group": 0.45}
UNCOVERED = -1.0
# Naming a workflow by what one task alone has says nothing of the others.
ALONE = 0.35
MOST_EXCHANGES = 12

Floats = NDArray[np.float64]
Names = Mapping[str, tuple[str, Origin]]


class Head(NamedTuple):
    """An activity that may name a workflow."""

    level: ActivityLevel
    activity_id: str


def heads_of(task: Task) -> set[Head]:
    """The activities above the task's detailed ones."""
    found: set[Head] = set()
    for activity in task.activities:
        found |= {
            Head("iwa", activity.iwa_id),
            Head("gwa", activity.gwa_id),
            Head("gwa_group", activity.gwa_id.rpartition(".")[0]),
        }
    return found


def workflows(
    role_id: str, tasks: Sequence[Task], names: Names, policy: WorkflowPolicy
) -> tuple[Workflow, ...]:
    """The workflows of a role, the most important first; none where no task has a named activity.

    Args:
        tasks: by rank.
        names: name and defining row of activities by id.
    """
    covered = [{head for head in heads_of(task) if head.activity_id in names} for task in tasks]
    heads = sorted(set().union(*covered)) if covered else []
    if not heads:
        return ()
    weights = np.array([task_weight(rank) for rank in range(1, len(tasks) + 1)])
    members = _assigned(tasks, covered, _chosen(heads, covered, weights, policy.most_for(len(tasks))))
    order = sorted(members, key=lambda head: (-float(weights[members[head]].sum()), head))
    return tuple(
        Workflow(
            workflow_id=f"{role_id}/w{number}",
            name=names[head.activity_id][0].rstrip("."),
            activity_id=head.activity_id,
            activity_level=head.level,
            task_ids=tuple(tasks[place].task_id for place in members[head]),
            importance_share=round(float(weights[members[head]].sum() / weights.sum()), 4),
            origin=names[head.activity_id][1],
        )
        for number, head in enumerate(order, 1)
    )


def _chosen(heads: Sequence[Head], covered: Sequence[set[Head]], weights: Floats, most: int) -> list[Head]:
    """At most `most` heads that cover the tasks best."""
    worth = np.full((len(heads), len(covered)), -np.inf)
    places = {head: place for place, head in enumerate(heads)}
    for task, own in enumerate(covered):
        for head in own:
            worth[places[head], task] = WORTH[head.level] * weights[task]
    worth[np.isfinite(worth).sum(axis=1) == 1] *= ALONE
    nothing = UNCOVERED * weights
    chosen: list[int] = []
    best = nothing
    while len(chosen) < most:
        gains = np.maximum(worth, best).sum(axis=1) - best.sum()
        gains[chosen] = 0.0
        place = int(gains.argmax())
        if gains[place] <= 1e-9:
            break
        chosen.append(place)
        best = np.maximum(best, worth[place])
    return [heads[place] for place in _exchanged(chosen, worth, nothing)]


def _exchanged(chosen: list[int], worth: Floats, nothing: Floats) -> list[int]:
    """The choice after exchanging single heads as long as that covers the tasks better."""
    total = np.maximum(worth[chosen].max(axis=0), nothing).sum()
    for _ in range(MOST_EXCHANGES):
        options = []
        for out in range(len(chosen)):
            rest = [place for number, place in enumerate(chosen) if number != out]
            base = np.maximum(worth[rest].max(axis=0), nothing) if rest else nothing
            totals = np.maximum(worth, base).sum(axis=1)
            options.append((float(totals.max()), -out, int(totals.argmax()), rest))
        found, _, into, rest = max(options, key=lambda option: option[:2])
        if found <= total + 1e-9:
            break
        total, chosen = found, [*rest, into]
    return sorted(set(chosen))


def _assigned(
    tasks: Sequence[Task], covered: Sequence[set[Head]], heads: list[Head]
) -> dict[Head, list[int]]:
    """Each task's place under one head: its finest; of several the one with the fewest tasks so far."""
    members: dict[Head, list[int]] = {head: [] for head in heads}
    left: list[int] = []
    for place, own in enumerate(covered):
        options = [head for head in heads if head in own]
        if options:
            finest = max(WORTH[head.level] for head in options)
            among = [head for head in options if WORTH[head.level] == finest]
            members[min(among, key=lambda head: (len(members[head]), head))].append(place)
        else:
            left.append(place)
    _dissolve_singles(members, covered)
    for place in left:
        nearest = min(members, key=lambda head: (-_nearness(head, tasks[place]), -len(members[head]), head))
        members[nearest].append(place)
    return {head: sorted(places) for head, places in members.items() if places}


def _dissolve_singles(members: dict[Head, list[int]], covered: Sequence[set[Head]]) -> None:
    """Move a workflow's only task to another workflow that it also belongs to."""
    for head in list(members):
        if len(members[head]) == 1:
            (place,) = members[head]
            others = [
                other for other in members if other != head and other in covered[place] and members[other]
            ]
            if others:
                members[max(others, key=lambda other: (WORTH[other.level], other))].append(place)
                members[head] = []


def _nearness(head: Head, task: Task) -> int:
    """How many steps of O*NET's tree of activities the head and the task's activities share."""
    own = head.activity_id.split(".")
    return max(
        (sum(1 for _ in _common(own, activity.iwa_id.split("."))) for activity in task.activities),
        default=0,
    )


def _common(left: Sequence[str], right: Sequence[str]) -> list[str]:
    shared = []
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        shared.append(one)
    return shared
