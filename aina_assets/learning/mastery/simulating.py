"""Simulated learners: what they say of themselves, and how they fare, attempt by attempt.

Belongs here: a world that is none of the estimates' own, so that neither wins by being its author. Does not:
the estimates. A learner's skill in a workflow is a continuous figure; it grows with each attempt by less
and less, fades with the days between, and an attempt passes with a chance that is logistic in skill less
difficulty. Three kinds of learners in equal parts: `growing`, `steady` (who do not grow: the average is
right about them) and `fading` (who grow, and forget fast).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aina_assets.learning.mastery.policy import SimulationPolicy

KINDS = ("growing", "steady", "fading")
_GROWTH = {"growing": (0.35, 0.12), "steady": (0.0, 0.0), "fading": (0.45, 0.12)}
_FADE = {"growing": 0.02, "steady": 0.0, "fading": 0.16}
# What parts the five self-ratings, in units of skill; and how far a learner misjudges himself.
_RATING_STEPS = (-1.2, -0.4, 0.4, 1.2)
_MISJUDGEMENT = 0.9
_UNTOLD_SHARE = 0.15
UNTOLD = -1


@dataclass(frozen=True)
class Population:
    """Sequences of attempts; a sequence is a learner's attempts at one workflow.

    Attributes:
        learner: number of the learner, by sequence.
        kind: position in KINDS, by sequence.
        rating: self-rating 0 to 4, or UNTOLD, by sequence.
        length: attempts, by sequence.
        passed: whether each attempt passed, sequence by place; beyond the length False.
    """

    learner: NDArray[np.int64]
    kind: NDArray[np.int64]
    rating: NDArray[np.int64]
    length: NDArray[np.int64]
    passed: NDArray[np.bool_]

    @property
    def is_attempt(self) -> NDArray[np.bool_]:
        """Which places are attempts, sequence by place."""
        places: NDArray[np.int64] = np.arange(self.passed.shape[1])
        return places[None, :] < self.length[:, None]


def simulated(policy: SimulationPolicy, learners: int, *, part: str) -> Population:
    """A population of so many learners.

    Args:
        part: `training` or `held_out`: two draws that share no learner.
    """
    stream = ("training", "held_out").index(part)
    chance = np.random.Generator(np.random.PCG64([policy.seed, stream]))
    sequences = learners * policy.workflows
    learner = np.repeat(np.arange(learners), policy.workflows)
    kind = learner % len(KINDS)
    ability = np.repeat(chance.normal(0.0, 0.9, learners), policy.workflows)
    start = ability + chance.normal(0.0, 0.8, sequences)
    difficulty = np.tile(chance.normal(0.1, 0.6, policy.workflows), learners)
    rating = np.searchsorted(_RATING_STEPS, start + chance.normal(0.0, _MISJUDGEMENT, sequences))
    rating[chance.random(sequences) < _UNTOLD_SHARE] = UNTOLD
    length = chance.integers(2, policy.most_attempts + 1, sequences)
    growth = np.array([_GROWTH[name] for name in KINDS])[kind]
    fade = np.array([_FADE[name] for name in KINDS])[kind]
    passed = np.zeros((sequences, policy.most_attempts), dtype=np.bool_)
    gained = np.zeros(sequences)
    for place in range(policy.most_attempts):
        days = chance.integers(3, 22, sequences)
        gained *= np.exp(-fade * np.log1p(days)) if place else 1.0
        logit = 1.4 * (start + gained - difficulty)
        passed[:, place] = chance.random(sequences) < 1 / (1 + np.exp(-logit))
        gain = np.maximum(chance.normal(growth[:, 0], growth[:, 1]), 0.0)
        gained += gain / np.sqrt(1 + place)
    population = Population(learner, kind, rating, length, passed)
    passed &= population.is_attempt
    return population
