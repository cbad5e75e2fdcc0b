"""Estimates of mastery: Bayesian knowledge tracing, and the plain average that it has to beat.

Belongs here: the two estimates, as arithmetic on shares. Does not: choosing between them (`comparing`) or
keeping them (`records`).
"""

from __future__ import annotations

from typing import Protocol

from aina_assets.learning.mastery.policy import (
    AverageParameters,
    LearnerModelPolicy,
    TracingParameters,
)

# Estimates are kept to so many digits: two machines' arithmetic never differs there.
DIGITS = 9


class MasteryModel(Protocol):
    """An estimate of mastery after each result; all figures are shares from 0 to 1."""

    def prior(self, rating: int | None) -> float:
        """The estimate before any result, from a self-rating of 0 to 4."""

    def updated(self, mastery: float, *, passes: int, attempts: int, is_pass: bool) -> float:
        """The estimate after one result more; `passes` and `attempts` count the ones before."""

    def chance_of_pass(self, mastery: float) -> float:
        """How likely the next result is a pass."""


class KnowledgeTracing:
    """Bayesian knowledge tracing (Corbett and Anderson 1995), with forgetting and a prior by self-rating."""

    def __init__(self, parameters: TracingParameters) -> None:
        self._parameters = parameters

    def prior(self, rating: int | None) -> float:
        """P(known) before any result."""
        return self._parameters.prior_untold if rating is None else self._parameters.prior[rating]

    def updated(self, mastery: float, *, passes: int, attempts: int, is_pass: bool) -> float:  # noqa: ARG002
        """P(known) after a result and the attempt's own learning."""
        held = self._parameters
        if is_pass:
            known, unknown = mastery * (1 - held.slip), (1 - mastery) * held.guess
        else:
            known, unknown = mastery * held.slip, (1 - mastery) * (1 - held.guess)
        told = known / (known + unknown)
        return round(told * (1 - held.forget) + (1 - told) * held.learn, DIGITS)

    def chance_of_pass(self, mastery: float) -> float:
        """P(pass) of the next attempt."""
        return mastery * (1 - self._parameters.slip) + (1 - mastery) * self._parameters.guess


class Average:
    """The share of passes so far, drawn towards the population's mean; self-ratings are not believed."""

    def __init__(self, parameters: AverageParameters) -> None:
        self._parameters = parameters

    def prior(self, rating: int | None) -> float:  # noqa: ARG002
        """The population's mean."""
        return self._parameters.mean

    def updated(self, mastery: float, *, passes: int, attempts: int, is_pass: bool) -> float:  # noqa: ARG002
        """The share after one result more."""
        held = self._parameters
        return round((held.mean * held.weight + passes + is_pass) / (held.weight + attempts + 1), DIGITS)

    def chance_of_pass(self, mastery: float) -> float:
        """The share itself."""
        return mastery


def mastery_model(policy: LearnerModelPolicy) -> MasteryModel:
    """The estimate that the policy names."""
    if policy.model == "average":
        return Average(policy.average)
    return KnowledgeTracing(policy.knowledge_tracing)
