"""Synthetic learners: what each says of title, readiness, goals, capacity and constraints, by number alone.

Belongs here: making inputs. Does not: titles to choose from (`titles`); walking (`journeys`).
"""

from __future__ import annotations

from dataclasses import dataclass

from aina_assets.learning.assessing.inputs import AssessmentInput, Constraints, EvidenceItem, Goal
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.practice.chance import Chance
from aina_assets.learning.practice.policy import STAGES
from aina_assets.packets.contract import RolePacket

CAPACITIES = (0, 30, 60, 90, 120, 180, 240, 300)
HORIZONS = (1, 2, 4, 6, 8, 12, 26)


@dataclass(frozen=True)
class Learner:
    """A synthetic learner.

    Attributes:
        said: what the learner says at the desk.
        skill: what the learner masters of each workflow at first, 0 to 1; it is not told.
    """

    said: AssessmentInput
    skill: dict[str, float]


def learner(seed: int, number: int, title: str, role: RolePacket | None, function: str | None) -> Learner:
    """The learner of a number, with a title.

    Args:
        role: the packet that the title's path rests on; without one nothing is told of workflows.
        function: a business function that the learner may tell.
    """
    learner_id = synthetic_learner_id(seed, number)
    chance = Chance(f"learner\0{learner_id}")
    ids = [] if role is None else [workflow.workflow_id for workflow in role.workflows]
    skill = {workflow_id: chance.between(5, 90) / 100 for workflow_id in ids}
    told = [workflow_id for workflow_id in ids if chance.below(10) < 7]
    goals = _goals(ids, chance)
    excluded = (chance.pick(ids),) if len(ids) > 2 and chance.below(8) == 0 else ()
    said = AssessmentInput(
        learner_id=learner_id,
        title=title,
        function=function if chance.below(3) == 0 else None,
        weekly_workflows=(
            tuple(workflow_id for workflow_id in ids if chance.below(2)) if chance.below(3) else None
        ),
        readiness={workflow_id: _rating(skill[workflow_id], chance) for workflow_id in told},
        evidence=_evidence(ids, chance),
        goals=goals,
        weekly_minutes=None if chance.below(6) == 0 else chance.pick(CAPACITIES),
        horizon_weeks=None if chance.below(6) == 0 else chance.pick(HORIZONS),
        constraints=Constraints(
            excluded_workflows=excluded,
            longest_step_minutes=chance.pick((30, 35, 60)) if chance.below(6) == 0 else None,
            has_model_access=chance.below(10) > 0,
        ),
    )
    return Learner(said, skill)


def with_capacity(who: Learner, weekly_minutes: int, horizon_weeks: int) -> Learner:
    """The learner with another capacity."""
    update = {"weekly_minutes": weekly_minutes, "horizon_weeks": horizon_weeks}
    return Learner(who.said.model_copy(update=update), who.skill)


def _rating(skill: float, chance: Chance) -> int:
    """A self-rating: near the skill, and one off as often as not."""
    return min(4, max(0, round(skill * 4) + chance.pick((-1, 0, 0, 1))))


def _goals(ids: list[str], chance: Chance) -> tuple[Goal, ...]:
    kind = chance.below(4)
    if kind == 0 or not ids:
        return ()
    if kind == 1:
        return (Goal(workflow=chance.pick(ids)),)
    if kind == 2:
        return (Goal(stage=chance.pick(STAGES)),)
    return (Goal(workflow=chance.pick(ids), stage=chance.pick(STAGES)), Goal(workflow=chance.pick(ids)))


def _evidence(ids: list[str], chance: Chance) -> tuple[EvidenceItem, ...]:
    if not ids or chance.below(3):
        return ()
    kind = chance.pick(("training", "certificate", "work_sample"))
    return (EvidenceItem(workflow=chance.pick(ids), kind=kind, months_ago=chance.between(0, 40)),)
