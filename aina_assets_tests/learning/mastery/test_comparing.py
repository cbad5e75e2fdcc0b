"""The learner model ships because it foretells better: the comparison can go either way."""

from __future__ import annotations

import numpy as np
import pytest

from aina_assets.learning.mastery.comparing import Comparison, compared, foretold, losses
from aina_assets.learning.mastery.fitting import fitted
from aina_assets.learning.mastery.policy import LearnerModelPolicy
from aina_assets.learning.mastery.simulating import KINDS, simulated
from aina_assets.learning.mastery.tracing import Average
from aina_assets_tests.learning.samples import policy


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compared(policy())


def test_the_committed_model_beats_the_average_on_held_out_learners(comparison: Comparison) -> None:
    assert comparison.winner == policy().model == "knowledge_tracing"
    assert comparison.gain > comparison.gain_low > 0
    assert comparison.attempts > 10_000
    assert set(comparison.figures["average"]) == {*KINDS, "all"}


def _with_tracing(**parameters: float) -> LearnerModelPolicy:
    held = policy()
    tracing = held.knowledge_tracing.model_copy(update=parameters)
    return held.model_copy(update={"knowledge_tracing": tracing})


def test_a_worse_model_does_not_ship() -> None:
    worse = compared(_with_tracing(guess=0.02, slip=0.02, learn=0.4))
    assert worse.gain < 0
    assert worse.winner == "average"


def test_held_out_learners_are_not_the_training_ones() -> None:
    held = policy().simulation
    training = simulated(held, 50, part="training")
    held_out = simulated(held, 50, part="held_out")
    assert not np.array_equal(training.passed, held_out.passed)
    assert np.array_equal(training.passed, simulated(held, 50, part="training").passed)


def test_the_committed_parameters_are_the_fitted_ones() -> None:
    held = policy()
    tracing, average = fitted(held)
    found, told = tracing.model_dump(), held.knowledge_tracing.model_dump()
    assert found.pop("prior") == pytest.approx(told.pop("prior"), abs=0.01)
    assert found == pytest.approx(told, abs=0.01)
    assert average.model_dump() == pytest.approx(held.average.model_dump(), abs=0.05)


def test_foretelling_looks_at_nothing_that_comes_later() -> None:
    held = policy()
    population = simulated(held.simulation, 20, part="training")
    model = Average(held.average)
    before = foretold(model, population)
    changed = population.passed.copy()
    changed[:, 3:] ^= population.is_attempt[:, 3:]
    after = foretold(model, type(population)(**{**vars(population), "passed": changed}))
    assert np.array_equal(before[:, :4], after[:, :4], equal_nan=True)
    assert not np.array_equal(before, after, equal_nan=True)


def test_a_sure_and_right_forecast_costs_nothing() -> None:
    population = simulated(policy().simulation, 20, part="training")
    perfect = np.where(population.passed, 1.0, 0.0)
    assert np.nanmax(losses(perfect, population)) < 1e-5
