"""Make a plan of a curriculum input.

Belongs here: putting catalogue, choice and schedule together. Does not: each of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from aina_assets.learning.assessing.curriculum import CurriculumInputPacket
from aina_assets.learning.planning.catalogue import OBJECTIVES, Offer, offers, reason
from aina_assets.learning.planning.choosing import (
    Item,
    by_dynamic_program,
    by_highs,
    minutes_of,
    worth_of,
)
from aina_assets.learning.planning.plan import Method, Plan, PlanItem, PracticeRef, Solution
from aina_assets.learning.planning.policy import PlanningPolicy
from aina_assets.learning.planning.scheduling import Placed, scheduled
from aina_assets.learning.practice.policy import PracticePolicy

DIGITS = 9
MOST_LEFT_OUT = 20


class Planner:
    """Makes plans under one set of policies."""

    def __init__(self, policy: PlanningPolicy, practice: PracticePolicy) -> None:
        self._policy = policy
        self._practice = practice

    def plan(self, packet: CurriculumInputPacket) -> Plan:
        """The plan of a curriculum input; an empty one where the title has no path or there is no time."""
        offered = offers(packet, self._policy)
        items = items_of(offered)
        method, chosen = self._choose(items, packet.capacity_minutes)
        placed = scheduled(items, chosen, packet.weekly_minutes) if chosen else []
        worth = worth_of(items, chosen)
        solution = Solution(
            method=method,
            items_offered=len(items),
            items_chosen=len(chosen),
            worth_offered=round(sum(item.worth for item in items), DIGITS),
            worth_chosen=round(worth, DIGITS),
            minutes_offered=sum(item.minutes for item in items),
            minutes_chosen=minutes_of(items, chosen),
            is_optimal=True,
        )
        told = hashlib.sha256(f"{packet.sha256}\0{self._policy.sha256}".encode()).hexdigest()
        plan_id = f"plan-{told[:24]}"
        left_out = [place for place in range(len(items)) if place not in set(chosen)]
        left_out.sort(key=lambda place: (-items[place].worth, place))
        return Plan(
            plan_id=plan_id,
            learner_id=packet.learner_id,
            assessment_id=packet.assessment_id,
            assessment_sha256=packet.sha256,
            title=packet.title,
            weekly_minutes=packet.weekly_minutes,
            horizon_weeks=packet.horizon_weeks,
            items=tuple(self._item(held, offered, packet) for held in placed),
            left_out=tuple(offered[place].item_id for place in left_out[:MOST_LEFT_OUT]),
            solution=solution,
            assumptions=packet.assumptions,
            sources=packet.sources,
            attribution=packet.attribution,
            told=_told(packet, solution),
            policies={**packet.policies, "practice": self._practice.sha256},
        )

    def _choose(self, items: Sequence[Item], capacity: int) -> tuple[Method, list[int]]:
        if not items or capacity <= 0:
            return "nothing_to_choose", []
        if len(items) <= self._policy.solver.exact_items:
            chosen = by_highs(items, capacity)
            if chosen is not None:
                return "highs", chosen
        return "dynamic_program", by_dynamic_program(items, capacity, self._policy.solver.unit_minutes)

    def _item(self, placed: Placed, offered: Sequence[Offer], packet: CurriculumInputPacket) -> PlanItem:
        offer = offered[placed.place]
        return PlanItem(
            item_id=offer.item_id,
            module_id=offer.module_id,
            kind="module" if offer.is_module else "step",
            stage=offer.stage,
            workflow_id=offer.workflow.workflow_id,
            workflow_name=offer.workflow.name,
            objective=OBJECTIVES[offer.stage],
            task_ids=tuple(task.task_id for task in offer.tasks),
            prerequisites=tuple(offered[parent].item_id for parent in offer.parents),
            minutes=offer.minutes,
            week=placed.week,
            last_week=placed.last_week,
            worth=offer.worth,
            factors=offer.factors,
            reason=reason(offer),
            rows=offer.rows,
            practice=PracticeRef(
                family=self._practice.family_of(offer.stage),
                theme=self._practice.theme_of(packet.function),
                seed=_seed(packet.learner_id, offer.item_id),
            ),
        )


def items_of(offered: Sequence[Offer]) -> list[Item]:
    """What choosing needs to know of the offers."""
    return [Item(held.worth, held.minutes, held.parents, held.workflow.workflow_id) for held in offered]


def _seed(learner_id: str, item_id: str) -> int:
    """A seed of one's own for each learner and item: two learners do not get each other's answers."""
    told = hashlib.sha256(f"{learner_id}\0{item_id}".encode()).digest()
    return int.from_bytes(told[:4], "big")


def _told(packet: CurriculumInputPacket, solution: Solution) -> tuple[str, ...]:
    if packet.title.path == "none":
        return (*packet.title.told, "There is no plan.")
    share = solution.worth_chosen / solution.worth_offered if solution.worth_offered else 0.0
    told = (
        f"In {packet.horizon_weeks} weeks of {packet.weekly_minutes} minutes the plan covers {share:.0%} of "
        f"what could be learned, {solution.items_chosen} of {solution.items_offered} items."
    )
    return (*packet.title.told, told)


def check_plan(plan: Plan) -> list[str]:
    """What is wrong with a plan; empty for every plan that `Planner` makes.

    Prerequisites stand before what rests on them, no week holds more than its minutes, and no item ends after
    the horizon.
    """
    found = []
    seen: set[str] = set()
    minute = 0
    for item in plan.items:
        missing = [held for held in item.prerequisites if held not in seen]
        if missing:
            found.append(f"{item.item_id} stands before {missing[0]}, which it rests on")
        seen.add(item.item_id)
        begin, end = (
            minute // plan.weekly_minutes + 1,
            (minute + item.minutes - 1) // plan.weekly_minutes + 1,
        )
        if (item.week, item.last_week) != (begin, end):
            found.append(f"{item.item_id} stands in weeks {item.week}-{item.last_week}, not {begin}-{end}")
        minute += item.minutes
    if minute > plan.weekly_minutes * plan.horizon_weeks:
        found.append(f"{minute} minutes in {plan.horizon_weeks} weeks of {plan.weekly_minutes}")
    return found
