"""Plans: what is learned when, why, and on which source rows.

Belongs here: the shape, ids and digests. Does not: making one (`planner`).
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.learning.assessing.curriculum import Assumption, SourceRow, TitleAnswer
from aina_assets.learning.practice.policy import FamilyName, Stage
from aina_assets.packets.parts import PacketSource

Method = Literal["highs", "dynamic_program", "nothing_to_choose"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PracticeRef(_Part):
    """The practice task of a plan item."""

    family: FamilyName
    theme: str
    seed: int = Field(ge=0)


class Factors(_Part):
    """What an item's worth is made of; the worth is their product."""

    importance: float = Field(description="share of the role's importance that the item speaks of")
    opportunity: float = Field(description="AI opportunity of its tasks, weighted")
    gap: float = Field(description="what is missing to mastery of the workflow")
    stage_share: float = Field(description="share of the stage, and of module or step in it")
    emphasis: float = Field(description="weight of goals and of what is done every week")


class PlanItem(_Part):
    """A module, or a step of one, at its place in the plan."""

    item_id: str
    module_id: str
    kind: Literal["module", "step"]
    stage: Stage
    workflow_id: str
    workflow_name: str
    objective: str = Field(description="what the learner can do afterwards, without words of a source")
    task_ids: tuple[int, ...]
    prerequisites: tuple[str, ...] = Field(description="items that come before it")
    minutes: int = Field(ge=1)
    week: int = Field(ge=1, description="week in which it begins")
    last_week: int = Field(ge=1, description="week in which it ends")
    worth: float = Field(ge=0)
    factors: Factors
    reason: str
    rows: tuple[SourceRow, ...]
    practice: PracticeRef


class Solution(_Part):
    """How the plan was chosen, and how good it is."""

    method: Method
    items_offered: int = Field(ge=0)
    items_chosen: int = Field(ge=0)
    worth_offered: float
    worth_chosen: float
    minutes_offered: int
    minutes_chosen: int
    is_optimal: bool


class Plan(_Part):
    """A learning path."""

    schema_version: Literal["1.0.0"] = "1.0.0"
    plan_id: str
    learner_id: str
    assessment_id: str
    assessment_sha256: str
    title: TitleAnswer
    weekly_minutes: int
    horizon_weeks: int
    items: tuple[PlanItem, ...]
    left_out: tuple[str, ...] = Field(description="items that did not fit, the worthiest first")
    solution: Solution
    assumptions: tuple[Assumption, ...]
    sources: tuple[PacketSource, ...]
    attribution: tuple[str, ...]
    told: tuple[str, ...] = Field(description="what the learner is told about the plan as a whole")
    policies: dict[str, str]

    @property
    def content_sha256(self) -> str:
        """Digest of what is to be learned when; not of whose plan it is, nor of how the title was written."""
        told = [item.model_dump(mode="json", exclude={"practice"}) for item in self.items]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def sha256(self) -> str:
        """Digest of the whole plan."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def item(self, item_id: str) -> PlanItem | None:
        """The item of this id."""
        return next((item for item in self.items if item.item_id == item_id), None)
