"""Whether the learner model ships: it must foretell held-out learners better than the plain average.

Belongs here: foretelling, scoring, and the verdict. Does not: fitting (`fitting`), the learners
(`simulating`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aina_assets.learning.mastery.policy import LearnerModelPolicy
from aina_assets.learning.mastery.simulating import KINDS, UNTOLD, Population, simulated
from aina_assets.learning.mastery.tracing import Average, KnowledgeTracing, MasteryModel

RESAMPLES = 2_000
CONFIDENCE = 0.95
Chances = NDArray[np.float64]


@dataclass(frozen=True)
class Foretold:
    """How well a model foretells: lower is better of both.

    Attributes:
        log_loss: mean negative log likelihood of the results, in nats.
        brier: mean squared difference of chance and result.
    """

    log_loss: float
    brier: float


@dataclass(frozen=True)
class Comparison:
    """The learner model against the average on held-out learners.

    Attributes:
        attempts: results that were foretold.
        figures: by model, then by kind of learner (and `all`).
        gain: mean log loss of the average less that of knowledge tracing, in nats.
        gain_low: its lower bound, by resampling learners; knowledge tracing ships where it is above 0.
    """

    attempts: int
    figures: dict[str, dict[str, Foretold]]
    gain: float
    gain_low: float

    @property
    def winner(self) -> str:
        """The model that ships."""
        return "knowledge_tracing" if self.gain_low > 0 else "average"


def foretold(model: MasteryModel, population: Population) -> Chances:
    """The chance of a pass that the model gives each attempt before it sees it, sequence by place."""
    chances = np.full(population.passed.shape, np.nan)
    for sequence in range(len(population.length)):
        rating = int(population.rating[sequence])
        mastery = model.prior(None if rating == UNTOLD else rating)
        passes = 0
        for place in range(int(population.length[sequence])):
            is_pass = bool(population.passed[sequence, place])
            chances[sequence, place] = model.chance_of_pass(mastery)
            mastery = model.updated(mastery, passes=passes, attempts=place, is_pass=is_pass)
            passes += is_pass
    return chances


def losses(chances: Chances, population: Population) -> Chances:
    """Negative log likelihood of each attempt, sequence by place; not a number where there is none."""
    held = np.clip(chances, 1e-6, 1 - 1e-6)
    result: Chances = -np.where(population.passed, np.log(held), np.log1p(-held))
    return result


def compared(policy: LearnerModelPolicy, *, is_rating_told: bool = True) -> Comparison:
    """Foretell the held-out learners with both models, at the policy's parameters.

    Args:
        is_rating_told: whether the models are told the self-ratings; the average makes no use of them.
    """
    population = simulated(policy.simulation, policy.simulation.held_out_learners, part="held_out")
    if not is_rating_told:
        population = replace(population, rating=np.full_like(population.rating, UNTOLD))
    chances = {
        "knowledge_tracing": foretold(KnowledgeTracing(policy.knowledge_tracing), population),
        "average": foretold(Average(policy.average), population),
    }
    by_model = {name: losses(held, population) for name, held in chances.items()}
    difference = by_model["average"] - by_model["knowledge_tracing"]
    return Comparison(
        attempts=int(population.length.sum()),
        figures={name: _figures(held, population) for name, held in chances.items()},
        gain=float(np.nanmean(difference)),
        gain_low=_lower_bound(difference, population, policy.simulation.seed),
    )


def _figures(chances: Chances, population: Population) -> dict[str, Foretold]:
    figures = {}
    for number, kind in enumerate((*KINDS, "all")):
        chosen = np.ones(len(population.kind), bool) if kind == "all" else population.kind == number
        loss = losses(chances, population)[chosen]
        brier = (chances[chosen] - population.passed[chosen]) ** 2
        figures[kind] = Foretold(round(float(np.nanmean(loss)), 4), round(float(np.nanmean(brier)), 4))
    return figures


def _lower_bound(difference: Chances, population: Population, seed: int) -> float:
    """One-sided lower bound of the mean; learners are drawn anew, since a learner's results go together."""
    learners = int(population.learner.max()) + 1
    sums = np.bincount(population.learner, np.nansum(difference, axis=1), learners)
    counts = np.bincount(population.learner, population.length, learners)
    chance = np.random.Generator(np.random.PCG64([seed, 2]))
    drawn = chance.integers(0, learners, (RESAMPLES, learners))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return float(np.quantile(means, 1 - CONFIDENCE))
