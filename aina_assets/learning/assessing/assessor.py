"""Make a curriculum input: the title's role, needs per workflow, capacity, and every assumption.

Belongs here: what a learner's words mean for the role's workflows. Does not: choosing (`planning`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from aina_assets.core.errors import LearnerError
from aina_assets.learning.assessing.curriculum import (
    Assumption,
    CurriculumInputPacket,
    SourceRow,
    TaskNeed,
    WorkflowNeed,
)
from aina_assets.learning.assessing.inputs import AssessmentInput, EvidenceItem
from aina_assets.learning.assessing.resolving import Resolved
from aina_assets.learning.mastery.policy import LearnerModelPolicy
from aina_assets.learning.mastery.tracing import mastery_model
from aina_assets.learning.planning.policy import PlanningPolicy
from aina_assets.learning.practice.policy import STAGES, Stage
from aina_assets.learning.records.state import WorkflowState
from aina_assets.packets.contract import RolePacket
from aina_assets.packets.parts import Origin, Signal, Task, Workflow

DIGITS = 9


class Assessor:
    """Assesses learners under one set of policies."""

    def __init__(self, planning: PlanningPolicy, learner_model: LearnerModelPolicy) -> None:
        self._planning = planning
        self._learner_model = learner_model
        self._mastery = mastery_model(learner_model)

    def assess(
        self,
        told: AssessmentInput,
        resolved: Resolved,
        record: Mapping[str, WorkflowState] | None = None,
    ) -> CurriculumInputPacket:
        """What a plan is made of.

        Args:
            told: what the learner says; it has passed the edge.
            resolved: what the title came to.
            record: mastery by workflow of earlier practice, which tells more than a self-rating.

        Raises:
            LearnerError: a workflow is named that the role does not have.
        """
        role = resolved.role
        names = _Names(role)
        assumptions: list[Assumption] = []
        workflows = () if role is None else self._workflows(told, role, names, record or {}, assumptions)
        held = self._planning.assumed
        weekly, horizon = told.weekly_minutes, told.horizon_weeks
        if weekly is None:
            weekly = held.weekly_minutes
            assumptions.append(_assumed("weekly_minutes", f"{weekly}", "no weekly capacity was told"))
        if horizon is None:
            horizon = held.horizon_weeks
            assumptions.append(_assumed("horizon_weeks", f"{horizon}", "no horizon was told"))
        # What practice has shown since makes another assessment of the same words.
        said = told.model_dump_json(exclude={"assessment_id"})
        shown = [(held.workflow_id, held.mastery) for held in workflows]
        content = hashlib.sha256(f"{said}\0{shown}\0{resolved.answer.packet_sha256}".encode()).hexdigest()
        return CurriculumInputPacket(
            assessment_id=told.assessment_id or f"assessment-{content[:24]}",
            learner_id=told.learner_id,
            title=resolved.answer,
            function=resolved.function,
            workflows=workflows,
            weekly_minutes=weekly,
            horizon_weeks=horizon,
            longest_step_minutes=told.constraints.longest_step_minutes,
            has_model_access=told.constraints.has_model_access,
            assumptions=tuple(assumptions),
            sources=() if role is None else role.sources,
            attribution=() if role is None else role.attribution,
            policies={
                "planning": self._planning.sha256,
                "learner_model": self._learner_model.sha256,
            },
        )

    def _workflows(
        self,
        told: AssessmentInput,
        role: RolePacket,
        names: _Names,
        record: Mapping[str, WorkflowState],
        assumptions: list[Assumption],
    ) -> tuple[WorkflowNeed, ...]:
        readiness = {names.id_of(name, "readiness"): rating for name, rating in told.readiness.items()}
        weekly = (
            None
            if told.weekly_workflows is None
            else {names.id_of(name, "weekly_workflows") for name in told.weekly_workflows}
        )
        excluded = {names.id_of(name, "constraints") for name in told.constraints.excluded_workflows}
        evidence: dict[str, list[EvidenceItem]] = {}
        for item in told.evidence:
            evidence.setdefault(names.id_of(item.workflow, "evidence"), []).append(item)
        goals = self._goals(told, role, names)
        if weekly is None:
            assumptions.append(
                _assumed("weekly_workflows", "all alike", "it was not told which are done every week")
            )
        if not told.goals:
            assumptions.append(_assumed("goals", "all alike", "no goal was told"))
        needs = []
        tasks = {task.task_id: task for task in role.tasks}
        for workflow in role.workflows:
            if workflow.workflow_id in excluded:
                continue
            rating = readiness.get(workflow.workflow_id)
            mastery, basis = self._mastery_of(
                rating, evidence.get(workflow.workflow_id, ()), record.get(workflow.workflow_id)
            )
            if basis == "assumed":
                why = "neither a rating nor evidence was told"
                assumptions.append(_assumed(f"readiness/{workflow.workflow_id}", f"{mastery:.2f}", why))
            needs.append(
                WorkflowNeed(
                    workflow_id=workflow.workflow_id,
                    name=workflow.name,
                    importance=workflow.importance_share,
                    readiness=rating,
                    mastery=mastery,
                    mastery_basis=basis,
                    is_weekly=None if weekly is None else workflow.workflow_id in weekly,
                    goal_stages=goals.get(workflow.workflow_id, ()),
                    tasks=self._tasks(workflow, tasks, role),
                    rows=(_row("workflow", workflow.origin),),
                )
            )
        self._tell_of_opportunity(needs, assumptions)
        return tuple(needs)

    def _goals(self, told: AssessmentInput, role: RolePacket, names: _Names) -> dict[str, tuple[Stage, ...]]:
        found: dict[str, set[Stage]] = {}
        for goal in told.goals:
            named = (
                [workflow.workflow_id for workflow in role.workflows]
                if goal.workflow is None
                else [names.id_of(goal.workflow, "goals")]
            )
            stages = STAGES if goal.stage is None else (goal.stage,)
            for workflow_id in named:
                found.setdefault(workflow_id, set()).update(stages)
        return {name: tuple(stage for stage in STAGES if stage in held) for name, held in found.items()}

    def _mastery_of(
        self,
        rating: int | None,
        evidence: tuple[EvidenceItem, ...] | list[EvidenceItem],
        state: WorkflowState | None,
    ) -> tuple[float, str]:
        if state is not None and state.attempts > 0:
            return state.mastery, "record"
        mastery = self._mastery.prior(rating)
        held = self._planning.evidence
        passes = sum(getattr(held, item.kind) for item in evidence if item.months_ago <= held.most_months)
        for count in range(passes):
            mastery = self._mastery.updated(mastery, passes=count, attempts=count, is_pass=True)
        if passes:
            return mastery, "evidence"
        return mastery, "assumed" if rating is None else "self_rating"

    def _tasks(self, workflow: Workflow, tasks: Mapping[int, Task], role: RolePacket) -> tuple[TaskNeed, ...]:
        held = [tasks[task_id] for task_id in workflow.task_ids]
        weights = _weights(held)
        return tuple(self._task(task, weight, role) for task, weight in zip(held, weights, strict=True))

    def _task(self, task: Task, weight: float, role: RolePacket) -> TaskNeed:
        signals = {signal.kind: signal for signal in task.signals}
        rows = [_row("task", task.origin)]
        if task.importance_origin is not None:
            rows.append(_row("importance", task.importance_origin))
        worth = self._planning.worth
        penetration, usage = signals.get("penetration"), signals.get("usage")
        if penetration is not None:
            opportunity, basis = penetration.value, "penetration"
            rows.append(_row("penetration", penetration.origin))
        elif usage is not None:
            # People use a model for it; how much of the work that is, the share of all use does not tell.
            opportunity, basis = worth.assumed_opportunity, "usage"
            rows.append(_row("usage", usage.origin))
        elif role.exposure is not None:
            opportunity, basis = role.exposure.value, "exposure"
            rows.append(_row("exposure of the occupation", role.exposure.origin))
        else:
            opportunity, basis = worth.assumed_opportunity, "assumed"
        automation = _automation_share(signals.get("automation"), signals.get("augmentation"), rows)
        return TaskNeed(
            task_id=task.task_id,
            onet_soc_code=task.onet_soc_code,
            weight=weight,
            opportunity=round(max(opportunity, worth.least_opportunity), DIGITS),
            basis=basis,
            automation_share=automation,
            rows=tuple(rows),
        )

    @staticmethod
    def _tell_of_opportunity(needs: list[WorkflowNeed], assumptions: list[Assumption]) -> None:
        bases: list[str] = [task.basis for need in needs for task in need.tasks]
        for basis, why in (
            ("usage", "these tasks occur in conversations, but no row tells how much of the work that is"),
            ("exposure", "no row of the index speaks of these tasks; the occupation's exposure stands in"),
            ("assumed", "no signal speaks of these tasks or their occupation"),
        ):
            count = bases.count(basis)
            if count:
                assumptions.append(_assumed(f"opportunity/{basis}", f"{count} tasks", why))


class _Names:
    """The workflows of a role by id and by name."""

    def __init__(self, role: RolePacket | None) -> None:
        workflows = () if role is None else role.workflows
        self._ids = {held.workflow_id: held.workflow_id for held in workflows}
        self._ids |= {held.name.lower(): held.workflow_id for held in workflows}
        self._told = tuple(held.name for held in workflows)

    def id_of(self, name: str, field: str) -> str:
        found = self._ids.get(name) or self._ids.get(name.strip().lower())
        if found is None:
            raise LearnerError(
                "the role has no such workflow",
                place=field,
                remedy=f"Name one of: {'; '.join(self._told) or 'none; the title has no path'}.",
            )
        return found


def _weights(tasks: list[Task]) -> list[float]:
    """Each task's share of the importance of all: by ratings, or where one lacks it by ranks."""
    if tasks and all(task.importance is not None for task in tasks):
        raw = [task.importance or 0.0 for task in tasks]
    else:
        raw = [1 / (1 + place) ** 0.5 for place in range(len(tasks))]
    total = sum(raw)
    return [round(value / total, DIGITS) for value in raw]


def _automation_share(
    automation: Signal | None, augmentation: Signal | None, rows: list[SourceRow]
) -> float | None:
    if automation is None or augmentation is None or automation.value + augmentation.value == 0:
        return None
    rows.append(_row("automation and augmentation", automation.origin))
    return round(automation.value / (automation.value + augmentation.value), DIGITS)


def _row(what: str, origin: Origin) -> SourceRow:
    return SourceRow(what=what, file=origin.file, row=origin.row)


def _assumed(name: str, value: str, why: str) -> Assumption:
    return Assumption(assumption_id=name, value=value, why=why)
