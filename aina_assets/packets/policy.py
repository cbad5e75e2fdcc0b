"""The policy on packets: `data/policies/packets.toml`, typed.

Belongs here: reading the file. Does not: applying it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aina_assets.titles.scope import PolicyFile

FILE_NAME = "packets.toml"

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QualityPolicy(_Section):
    """What a packet must hold."""

    least_tasks: Count


class FallbackPolicy(_Section):
    """How much of its members a fallback shows."""

    most_tasks: Count
    most_shared_activities: Count
    most_technologies: Count
    least_agreement: Share


class WorkflowPolicy(_Section):
    """How many workflows tasks are grouped into."""

    least: Count
    most: Count
    tasks_each: Count

    @model_validator(mode="after")
    def _in_order(self) -> WorkflowPolicy:
        if self.least > self.most:
            raise ValueError(f"least {self.least} is above most {self.most}")
        return self

    def most_for(self, tasks: int) -> int:
        """How many workflows so many tasks may have at most."""
        wanted = round(tasks / self.tasks_each)
        return min(tasks, max(self.least, min(self.most, wanted)))


class SimilarPolicy(_Section):
    """Which occupations count as near."""

    kept: Count
    shown: Count
    activities: Share
    task_words: Share
    title_words: Share
    least_recall: Share

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> SimilarPolicy:
        total = self.activities + self.task_words + self.title_words
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the weights sum to {total}, not to 1")
        return self


class ReviewPolicy(_Section):
    """What the semantic review takes for a finding."""

    most_findings_share: Share
    near_duplicate: Share
    task_margin: Share
    task_own: Share
    task_near: Share
    title_floor: Share
    title_share: Share


class PacketPolicy(PolicyFile):
    """The policy on packets."""

    policy: Literal["packets"]
    quality: QualityPolicy
    fallback: FallbackPolicy
    workflows: WorkflowPolicy
    similar: SimilarPolicy
    review: ReviewPolicy


def read_packet_policy(policies_root: Path) -> PacketPolicy:
    """Read the policy from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return PacketPolicy.from_file(policies_root / FILE_NAME)
