"""How a path is planned: `data/policies/planning.toml`, typed.

Belongs here: reading the file. Does not: planning.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aina_assets.learning.practice.policy import STAGES, Stage
from aina_assets.titles.scope import PolicyFile

FILE_NAME = "planning.toml"

Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[int, Field(ge=5, le=600)]
Word = Annotated[str, Field(pattern=r"^[a-z]+$")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SolverPolicy(_Section):
    """When a plan is solved by which method."""

    exact_items: int = Field(ge=1)
    unit_minutes: int = Field(ge=1)


class WorthPolicy(_Section):
    """What a module and a step are worth, as shares of their workflow's worth."""

    understand: Share
    do_with_ai: Share
    verify: Share
    automate_or_delegate: Share
    module_share: Share
    most_shift_to_automation: Share
    least_opportunity: Share
    assumed_opportunity: Share
    weekly: Annotated[float, Field(ge=1)]
    not_weekly: Annotated[float, Field(gt=0, le=1)]
    goal: Annotated[float, Field(ge=1)]

    def of_stage(self, stage: Stage) -> float:
        """The share of a stage."""
        share: float = getattr(self, stage)
        return share

    @model_validator(mode="after")
    def _shares_are_a_whole(self) -> WorthPolicy:
        if abs(sum(self.of_stage(stage) for stage in STAGES) - 1) > 1e-9:
            raise ValueError("the shares of the four stages do not add up to 1")
        if self.most_shift_to_automation > self.do_with_ai:
            raise ValueError("more would be shifted from do_with_ai than it has")
        return self


class MinutesPolicy(_Section):
    """How long modules and steps take."""

    understand: Minutes
    do_with_ai: Minutes
    verify: Minutes
    automate_or_delegate: Minutes
    step: Minutes
    most_steps: int = Field(ge=0, le=30)

    def of_stage(self, stage: Stage) -> int:
        """The minutes of a stage's module."""
        minutes: int = getattr(self, stage)
        return minutes


class EvidencePolicy(_Section):
    """What evidence counts as, in passed results."""

    training: int = Field(ge=0, le=5)
    certificate: int = Field(ge=0, le=5)
    work_sample: int = Field(ge=0, le=5)
    most_months: int = Field(ge=1)


class AssumedPolicy(_Section):
    """What is assumed where nothing was told."""

    weekly_minutes: int = Field(ge=15)
    horizon_weeks: int = Field(ge=1)


class GenderPolicy(_Section):
    """Words and endings that tell a gender, and what stands beside them."""

    words: tuple[Word, ...]
    suffixes: tuple[tuple[Word, Word, Word], ...]
    pairs: tuple[tuple[Word, Word], ...]


class PlanningPolicy(PolicyFile):
    """The planning policy."""

    policy: Literal["planning"]
    solver: SolverPolicy
    worth: WorthPolicy
    minutes: MinutesPolicy
    evidence: EvidencePolicy
    assumed: AssumedPolicy
    gender: GenderPolicy

    @model_validator(mode="after")
    def _minutes_are_whole_units(self) -> PlanningPolicy:
        unit = self.solver.unit_minutes
        odd = [m for m in (*map(self.minutes.of_stage, STAGES), self.minutes.step) if m % unit]
        if odd:
            raise ValueError(
                f"{odd[0]} minutes are no multiple of {unit}: the fast method would not be exact"
            )
        return self


def read_planning(policies_root: Path) -> PlanningPolicy:
    """Read the policy from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return PlanningPolicy.from_file(policies_root / FILE_NAME)
