"""What could be learned: modules and steps of each workflow, with worth, minutes, prerequisites and reasons.

Belongs here: what an item is worth and why. Does not: choosing (`choosing`) or placing it (`scheduling`).

Each workflow has a module for each stage, and each module a step for each of its most important tasks. The
worth of an item is importance x AI opportunity x gap x the stage's share x emphasis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aina_assets.learning.assessing.curriculum import (
    CurriculumInputPacket,
    SourceRow,
    TaskNeed,
    WorkflowNeed,
)
from aina_assets.learning.planning.plan import Factors
from aina_assets.learning.planning.policy import PlanningPolicy
from aina_assets.learning.practice.policy import STAGES, Stage

# Stages that a stage rests on.
PREREQUISITES: dict[Stage, tuple[Stage, ...]] = {
    "understand": (),
    "do_with_ai": ("understand",),
    "verify": ("understand",),
    "automate_or_delegate": ("do_with_ai", "verify"),
}
OBJECTIVES: dict[Stage, str] = {
    "understand": "say what the work consists of, what it needs and where it goes wrong",
    "do_with_ai": "do the work together with a model, and stand for the result",
    "verify": "find what is wrong in a model's result, and show how it was found",
    "automate_or_delegate": "decide what runs alone, what is delegated under review, what stays with people",
}
NEEDS_MODEL = ("do_with_ai", "automate_or_delegate")
DIGITS = 9


@dataclass(frozen=True)
class Offer:
    """A module or step that may be chosen.

    Attributes:
        parents: positions of the items that it rests on.
    """

    item_id: str
    module_id: str
    stage: Stage
    workflow: WorkflowNeed
    tasks: tuple[TaskNeed, ...]
    is_module: bool
    minutes: int
    worth: float
    factors: Factors
    parents: tuple[int, ...]

    @property
    def rows(self) -> tuple[SourceRow, ...]:
        """The source rows that it rests on, each once."""
        rows = (*self.workflow.rows, *(row for task in self.tasks for row in task.rows))
        return tuple(dict.fromkeys(rows))


def offers(packet: CurriculumInputPacket, policy: PlanningPolicy) -> list[Offer]:
    """Everything that could be learned; an item stands after those that it rests on."""
    found: list[Offer] = []
    for workflow in packet.workflows:
        places: dict[Stage, int] = {}
        for stage in STAGES:
            if stage in NEEDS_MODEL and not packet.has_model_access:
                continue
            parents = tuple(places[held] for held in PREREQUISITES[stage] if held in places)
            if len(parents) < len(PREREQUISITES[stage]):
                continue
            made = list(_of_stage(workflow, stage, policy, len(found), parents))
            longest = packet.longest_step_minutes
            if longest is not None:
                if made[0].minutes > longest:
                    continue
                made = [offer for offer in made if offer.minutes <= longest]
            places[stage] = len(found)
            found += made
    return found


def _of_stage(
    workflow: WorkflowNeed, stage: Stage, policy: PlanningPolicy, place: int, parents: tuple[int, ...]
) -> Iterator[Offer]:
    worth, minutes = policy.worth, policy.minutes
    share = _stage_share(workflow, stage, policy)
    emphasis = _emphasis(workflow, stage, policy)
    stepped = sorted(workflow.tasks, key=lambda task: (-task.weight, task.task_id))[: minutes.most_steps]
    # Without steps the module is the whole stage.
    module_share = worth.module_share if stepped else 1.0
    module_id = f"{workflow.workflow_id}/{stage}"
    yield _offer(
        module_id,
        module_id,
        stage,
        workflow,
        workflow.tasks,
        is_module=True,
        minutes=minutes.of_stage(stage),
        weight=1.0,
        share=share * module_share,
        emphasis=emphasis,
        parents=parents,
    )
    for task in stepped:
        yield _offer(
            f"{module_id}/{task.onet_soc_code}/{task.task_id}",
            module_id,
            stage,
            workflow,
            (task,),
            is_module=False,
            minutes=minutes.step,
            weight=task.weight,
            share=share * (1 - module_share),
            emphasis=emphasis,
            parents=(place,),
        )


def _offer(
    item_id: str,
    module_id: str,
    stage: Stage,
    workflow: WorkflowNeed,
    tasks: tuple[TaskNeed, ...],
    *,
    is_module: bool,
    minutes: int,
    weight: float,
    share: float,
    emphasis: float,
    parents: tuple[int, ...],
) -> Offer:
    total = sum(task.weight for task in tasks)
    opportunity = sum(task.weight * task.opportunity for task in tasks) / total if total else 0.0
    factors = Factors(
        importance=round(workflow.importance * weight, DIGITS),
        opportunity=round(opportunity, DIGITS),
        gap=round(workflow.gap, DIGITS),
        stage_share=round(share, DIGITS),
        emphasis=emphasis,
    )
    worth = factors.importance * factors.opportunity * factors.gap * factors.stage_share * factors.emphasis
    return Offer(
        item_id,
        module_id,
        stage,
        workflow,
        tasks,
        is_module,
        minutes,
        round(worth, 12),
        factors,
        parents,
    )


def _stage_share(workflow: WorkflowNeed, stage: Stage, policy: PlanningPolicy) -> float:
    worth = policy.worth
    shift = worth.most_shift_to_automation * _automated(workflow.tasks)
    moved = {"do_with_ai": -shift, "automate_or_delegate": shift}.get(stage, 0.0)
    return worth.of_stage(stage) + moved


def _automated(tasks: Sequence[TaskNeed]) -> float:
    """The weighted share of automating uses; of tasks that no row tells of it, none."""
    return sum(task.weight * (task.automation_share or 0.0) for task in tasks)


def _emphasis(workflow: WorkflowNeed, stage: Stage, policy: PlanningPolicy) -> float:
    worth = policy.worth
    emphasis = 1.0
    if workflow.is_weekly is not None:
        emphasis *= worth.weekly if workflow.is_weekly else worth.not_weekly
    if stage in workflow.goal_stages:
        emphasis *= worth.goal
    return round(emphasis, DIGITS)


def reason(offer: Offer) -> str:
    """Why an item is in the plan, in a sentence or two; no words of a source."""
    workflow, factors = offer.workflow, offer.factors
    parts = [f"The workflow holds {workflow.importance:.0%} of the role's importance"]
    bases = sorted({task.basis for task in offer.tasks})
    names = {
        "penetration": "AI use has been measured for its tasks",
        "usage": "its tasks occur in conversations with a model",
        "exposure": "the occupation as a whole is exposed to AI",
        "assumed": "no signal tells of AI use, so a low opportunity is assumed",
    }
    parts.append(f"{' and '.join(names[basis] for basis in bases)} (opportunity {factors.opportunity:.2f})")
    told = {
        "record": f"your results so far put you at {workflow.mastery:.0%}",
        "evidence": f"your evidence puts you at {workflow.mastery:.0%}",
        "self_rating": f"you rate yourself {workflow.readiness} of 4",
        "assumed": f"you told no rating, so {workflow.mastery:.0%} is assumed",
    }
    parts.append(told[workflow.mastery_basis])
    if offer.stage in workflow.goal_stages:
        parts.append("it is among your goals")
    if workflow.is_weekly:
        parts.append("you do it every week")
    return "; ".join(parts) + "."
