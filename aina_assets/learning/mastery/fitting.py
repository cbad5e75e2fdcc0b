"""Fit the estimates' parameters to simulated learners that train them; the held-out ones are not looked at.

Belongs here: fitting. Does not: writing the policy: a person takes the figures over, as a reviewed change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from aina_assets.learning.mastery.policy import (
    RATINGS,
    AverageParameters,
    LearnerModelPolicy,
    TracingParameters,
)
from aina_assets.learning.mastery.simulating import UNTOLD, Population, simulated

DIGITS = 3
Vector = NDArray[np.float64]


def fitted(policy: LearnerModelPolicy) -> tuple[TracingParameters, AverageParameters]:
    """The likeliest parameters of both estimates for the training learners."""
    population = simulated(policy.simulation, policy.simulation.training_learners, part="training")
    return _fitted_tracing(population), _fitted_average(population)


def _fitted_tracing(population: Population) -> TracingParameters:
    start = _logit(np.array([0.2, 0.2, 0.1, 0.02, 0.1, 0.25, 0.4, 0.6, 0.8, 0.3]))
    bounds = [(-5, -0.5), (-5, -0.5), (-6, 0), (-7, -1), *[(-4, 4)] * (RATINGS + 1)]
    found = minimize(lambda held: _tracing_loss(_share(held), population), start, bounds=bounds)
    guess, slip, learn, forget, *priors = (round(float(share), DIGITS) for share in _share(found.x))
    return TracingParameters(
        guess=guess,
        slip=slip,
        learn=learn,
        forget=forget,
        prior=tuple(sorted(priors[:RATINGS])),
        prior_untold=priors[RATINGS],
    )


def _tracing_loss(held: Vector, population: Population) -> float:
    guess, slip, learn, forget = held[:4]
    # An untold rating is -1: the last prior.
    known = held[4:][np.where(population.rating == UNTOLD, RATINGS, population.rating)]
    total = 0.0
    for place in range(population.passed.shape[1]):
        is_attempt, passed = population.is_attempt[:, place], population.passed[:, place]
        if_known = np.where(passed, 1 - slip, slip)
        if_unknown = np.where(passed, guess, 1 - guess)
        likelihood = known * if_known + (1 - known) * if_unknown
        total -= float(np.log(likelihood)[is_attempt].sum())
        told = known * if_known / likelihood
        known = told * (1 - forget) + (1 - told) * learn
    return total / float(population.length.sum())


def _fitted_average(population: Population) -> AverageParameters:
    found = minimize(
        lambda held: _average_loss(float(_share(held[:1])[0]), float(np.exp(held[1])), population),
        np.array([0.0, 0.7]),
        bounds=[(-3, 3), (-2, 4)],
    )
    mean, weight = float(_share(found.x[:1])[0]), float(np.exp(found.x[1]))
    return AverageParameters(mean=round(mean, DIGITS), weight=round(weight, DIGITS))


def _average_loss(mean: float, weight: float, population: Population) -> float:
    before: Vector = np.cumsum(population.passed, axis=1) - population.passed
    attempts = np.arange(population.passed.shape[1])[None, :]
    chances = (mean * weight + before) / (weight + attempts)
    likelihood = np.where(population.passed, chances, 1 - chances)
    loss: float = -np.log(likelihood)[population.is_attempt].mean()
    return loss


def _logit(share: Vector) -> Vector:
    held: Vector = np.log(share / (1 - share))
    return held


def _share(logit: Vector) -> Vector:
    held: Vector = 1 / (1 + np.exp(-logit))
    return held
