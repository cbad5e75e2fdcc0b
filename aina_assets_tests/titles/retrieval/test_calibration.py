"""Increasing maps from stated to observed shares, and the error that is left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aina_assets.titles.retrieval.calibration import (
    IDENTITY,
    LogisticMap,
    expected_calibration_error,
    log_odds,
)
from aina_assets.titles.retrieval.fitting import LEAST_ROWS, fit_logistic


def sample(truth: LogisticMap, count: int = 20_000) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Stated probabilities, and outcomes of which a map tells how often they are right."""
    draw = np.random.default_rng(0)
    stated = draw.random(count)
    return stated, draw.random(count) < truth(stated)


@pytest.mark.parametrize("truth", [LogisticMap(0.0, 1.0), LogisticMap(-1.0, 0.6), LogisticMap(0.5, 2.0)])
def test_a_map_is_found_again(truth: LogisticMap) -> None:
    found = fit_logistic(*sample(truth))
    assert (found.offset, found.slope) == pytest.approx((truth.offset, truth.slope), abs=0.08)


def test_a_map_mends_the_calibration_error() -> None:
    stated, right = sample(LogisticMap(-1.0, 0.6))
    assert expected_calibration_error(stated, right) > 0.1
    assert expected_calibration_error(fit_logistic(stated, right)(stated), right) < 0.02


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(LEAST_ROWS, 600))
def test_a_map_tells_apart_what_was_told_apart(seed: int, count: int) -> None:
    """Even where outcomes contradict the scores: an order of titles is never turned round."""
    draw = np.random.default_rng(seed)
    stated = draw.random(count)
    values = fit_logistic(stated, draw.random(count) > stated)(np.linspace(0.001, 0.999, 101))
    assert (np.diff(values) > 0).all()
    assert values.min() > 0
    assert values.max() < 1


@pytest.mark.parametrize(
    "right",
    [np.zeros(LEAST_ROWS - 1, bool), np.zeros(400, bool), np.ones(400, bool)],
    ids=["too few", "none right", "all right"],
)
def test_where_nothing_can_be_learned_nothing_changes(right: NDArray[np.bool_]) -> None:
    assert fit_logistic(np.full(len(right), 0.9), right) is IDENTITY
    assert IDENTITY(np.array([0.0, 0.3, 1.0])) == pytest.approx([0, 0.3, 1], abs=2e-6)


def test_certainty_is_a_rounding() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    assert log_odds(np.array([1.0])) == pytest.approx(-log_odds(np.array([0.0])))


def test_rows_count_by_their_weights() -> None:
    stated = np.full(200, 0.5)
    right = np.arange(200) % 2 == 0
    heavy = np.where(right, 9.0, 1.0)
    assert expected_calibration_error(stated, right) == pytest.approx(0.0, abs=0.04)
    assert expected_calibration_error(stated, right, heavy) == pytest.approx(0.4, abs=0.02)


def test_the_calibration_error_of_certain_predictions_is_their_error_rate() -> None:
    right = np.arange(300) % 10 != 0
    assert expected_calibration_error(np.ones(300), right) == pytest.approx(0.1)
    assert expected_calibration_error(np.ones(300), np.ones(300, bool)) == 0.0


def test_without_titles_there_is_no_error() -> None:
    assert expected_calibration_error(np.zeros(0), np.zeros(0, bool)) == 0.0
