"""The learner model's policy: `data/policies/learner_model.toml`, typed.

Belongs here: reading the file. Does not: estimating.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aina_assets.titles.scope import PolicyFile

FILE_NAME = "learner_model.toml"
RATINGS = 5

Chance = Annotated[float, Field(gt=0, lt=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TracingParameters(_Section):
    """Parameters of Bayesian knowledge tracing."""

    guess: Chance = Field(description="P(pass | not known)")
    slip: Chance = Field(description="P(fail | known)")
    learn: Chance = Field(description="P(known after an attempt | not known before)")
    forget: Annotated[float, Field(ge=0, lt=1)] = Field(description="P(not known after | known before)")
    prior: tuple[Chance, ...] = Field(min_length=RATINGS, max_length=RATINGS)
    prior_untold: Chance

    @model_validator(mode="after")
    def _passes_speak_for_knowing(self) -> TracingParameters:
        # Else a pass would lower the estimate: the model would have its two states exchanged.
        if self.guess >= 1 - self.slip:
            raise ValueError("guess must be below 1 - slip")
        if list(self.prior) != sorted(self.prior):
            raise ValueError("a higher self-rating must not have a lower prior")
        return self


class AverageParameters(_Section):
    """The plain average, drawn towards the population's mean by `weight` results."""

    mean: Chance
    weight: Annotated[float, Field(gt=0)]


class ReviewPolicy(_Section):
    """How sure the learner should still be when a review is due."""

    desired_retention: Annotated[float, Field(ge=0.7, le=0.99)]
    maximum_interval_days: int = Field(ge=1, le=3650)


class SimulationPolicy(_Section):
    """The population of simulated learners."""

    seed: int = Field(ge=0)
    training_learners: int = Field(ge=20)
    held_out_learners: int = Field(ge=20)
    workflows: int = Field(ge=1)
    most_attempts: int = Field(ge=3)


class LearnerModelPolicy(PolicyFile):
    """Which estimate of mastery is used, with which parameters."""

    policy: Literal["learner_model"]
    model: Literal["knowledge_tracing", "average"]
    pass_score: Chance
    good_score: Chance
    easy_score: Chance
    knowledge_tracing: TracingParameters
    average: AverageParameters
    review: ReviewPolicy
    simulation: SimulationPolicy

    @model_validator(mode="after")
    def _rungs_in_order(self) -> LearnerModelPolicy:
        if not self.pass_score <= self.good_score <= self.easy_score:
            raise ValueError("pass_score <= good_score <= easy_score does not hold")
        return self


def read_learner_model(policies_root: Path) -> LearnerModelPolicy:
    """Read the policy from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return LearnerModelPolicy.from_file(policies_root / FILE_NAME)
