"""What a learner says: title, function, workflows, tools, readiness, evidence, goals, capacity, constraints.

Belongs here: the input's shape and bounds. Does not: what is made of it (`assessor`). The texts in it go
through the edge before anything else sees them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aina_assets.core.errors import LearnerError
from aina_assets.learning.practice.policy import Stage
from aina_assets.learning.records.events import CleanText, Id, LearnerId, Rating
from aina_assets.titles.functions import Name as FunctionName

MOST_TITLE, MOST_NAMED = 200, 40

Named = Annotated[CleanText, Field(min_length=1, max_length=120)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceItem(_Part):
    """Something that shows what a learner can do."""

    workflow: Named = Field(description="workflow's id or name")
    kind: Literal["training", "certificate", "work_sample"]
    months_ago: int = Field(ge=0, le=600)


class Goal(_Part):
    """What a learner wants more of: a workflow, a stage, or a stage of a workflow."""

    workflow: Named | None = Field(None, description="workflow's id or name; all where not told")
    stage: Stage | None = Field(None, description="stage; all where not told")


class Constraints(_Part):
    """What a plan must keep to beside the capacity."""

    excluded_workflows: tuple[Named, ...] = Field((), max_length=MOST_NAMED)
    longest_step_minutes: int | None = Field(None, ge=5, le=600)
    has_model_access: bool = Field(True, description="without it nothing is done with a model, nor automated")


class AssessmentInput(_Part):
    """What a learner says. Whatever is not told is assumed, and the assumption is stated."""

    learner_id: LearnerId
    title: Annotated[CleanText, Field(min_length=1, max_length=MOST_TITLE)]
    function: FunctionName | None = None
    weekly_workflows: tuple[Named, ...] | None = Field(
        None, max_length=MOST_NAMED, description="workflows that the learner does every week; null untold"
    )
    tools: tuple[Named, ...] = Field((), max_length=MOST_NAMED)
    readiness: dict[Named, Rating] = Field(
        default_factory=dict, max_length=MOST_NAMED, description="0 never done to 4 teaches it, by workflow"
    )
    evidence: tuple[EvidenceItem, ...] = Field((), max_length=MOST_NAMED)
    goals: tuple[Goal, ...] = Field((), max_length=MOST_NAMED)
    weekly_minutes: int | None = Field(None, ge=0, le=10_080)
    horizon_weeks: int | None = Field(None, ge=1, le=104)
    constraints: Constraints = Constraints()
    assessment_id: Id | None = Field(None, description="chosen by the sender; made of the content where null")

    def texts(self) -> dict[str, str]:
        """Everything that was typed, by the field that it stands in: what the edge is shown."""
        named = [
            *(self.weekly_workflows or ()),
            *self.readiness,
            *(item.workflow for item in self.evidence),
            *(goal.workflow for goal in self.goals if goal.workflow),
            *self.constraints.excluded_workflows,
        ]
        return {"title": self.title, "tools": "\n".join(self.tools), "workflows": "\n".join(named)}


def read_assessment_input(text: str | bytes) -> AssessmentInput:
    """Read an input from JSON.

    Raises:
        LearnerError: it is malformed; names the field, and not what it held.
    """
    try:
        return AssessmentInput.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][:1]) or "input"
        raise LearnerError(f"malformed assessment: {first['msg']}", place=place) from error
