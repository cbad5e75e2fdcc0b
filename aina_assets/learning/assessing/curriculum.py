"""What a plan is made of: needs per workflow and task, capacity, goals, and what was assumed.

Belongs here: the shape, and its digest. Does not: filling it (`assessor`).
"""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.learning.practice.policy import Stage
from aina_assets.packets.parts import PacketSource

OpportunityBasis = Literal["penetration", "usage", "exposure", "assumed"]
PathKind = Literal["role", "function", "none"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceRow(_Part):
    """A row that something rests on; `file` is one of the packet's sources."""

    what: str = Field(
        description="what the row says: task, importance, signal, workflow, evidence of a title"
    )
    file: str
    row: int = Field(ge=1)


class Assumption(_Part):
    """Something that was not told, what stands in for it, and why."""

    assumption_id: str
    value: str
    why: str


class TitleAnswer(_Part):
    """What the title came to.

    `path` is what the plan rests on: the title's own role, a business function's work where the title is held
    for review, or nothing.
    """

    path: PathKind
    route: Literal["serve_now", "serve_with_fallback", "adjudicate", "exclude"]
    reason: str
    title_id: str | None
    served_level: str | None
    served_code: str | None
    error_bound: float | None = Field(description="of the stratum that serves it; null where not measured")
    role_id: str | None
    role_title: str | None
    packet_sha256: str | None
    told: tuple[str, ...] = Field(description="what the learner is told about it, in sentences")
    rows: tuple[SourceRow, ...] = Field(description="rows that the route rests on")


class TaskNeed(_Part):
    """A task of the role, as the plan weighs it."""

    task_id: int
    onet_soc_code: str
    weight: float = Field(ge=0, description="its share of its workflow's importance")
    opportunity: float = Field(ge=0, le=1)
    basis: OpportunityBasis
    automation_share: float | None = Field(description="of automating and augmenting uses; null untold")
    rows: tuple[SourceRow, ...]


class WorkflowNeed(_Part):
    """A workflow of the role, as the plan weighs it."""

    workflow_id: str
    name: str
    importance: float = Field(ge=0, le=1, description="its share of the role's importance")
    readiness: int | None = Field(description="self-rated, 0 to 4; null untold")
    mastery: float = Field(ge=0, le=1)
    mastery_basis: Literal["self_rating", "evidence", "record", "assumed"]
    is_weekly: bool | None
    goal_stages: tuple[Stage, ...] = Field(description="stages that a goal names")
    tasks: tuple[TaskNeed, ...]
    rows: tuple[SourceRow, ...]

    @property
    def gap(self) -> float:
        """What is missing to mastery."""
        return 1 - self.mastery


class CurriculumInputPacket(_Part):
    """What a plan is made of."""

    schema_version: Literal["1.0.0"] = "1.0.0"
    assessment_id: str
    learner_id: str
    title: TitleAnswer
    function: str | None
    workflows: tuple[WorkflowNeed, ...]
    weekly_minutes: int
    horizon_weeks: int
    longest_step_minutes: int | None
    has_model_access: bool
    assumptions: tuple[Assumption, ...]
    sources: tuple[PacketSource, ...]
    attribution: tuple[str, ...]
    policies: dict[str, str] = Field(description="digests of the policies that decided")

    @property
    def capacity_minutes(self) -> int:
        """Minutes in all weeks together."""
        return self.weekly_minutes * self.horizon_weeks

    @property
    def sha256(self) -> str:
        """Digest of all of it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
