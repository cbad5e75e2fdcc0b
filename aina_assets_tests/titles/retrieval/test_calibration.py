"""Monotone maps from stated to observed shares, and the error that is left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.titles.retrieval.calibration import (
    IDENTITY,
    LEAST_ROWS_A_KNOT,
    MonotoneMap,
    expected_calibration_error,
    fit_monotone,
)


def sample(share_of_stated: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Stated probabilities, and outcomes that are right this share of as often as stated."""
    draw = np.random.default_rng(0)
    stated = draw.random(count)
    return stated, draw.random(count) < stated * share_of_stated


@pytest.mark.parametrize("share_of_stated", [1.0, 0.6, 0.1])
def test_a_map_gives_the_share_that_was_right(share_of_stated: float) -> None:
    stated, right = sample(share_of_stated)
    mapped = fit_monotone(stated, right)(np.array([0.2, 0.5, 0.9]))
    assert mapped == pytest.approx(np.array([0.2, 0.5, 0.9]) * share_of_stated, abs=0.05)


def test_a_map_mends_the_calibration_error() -> None:
    stated, right = sample(0.6)
    before = expected_calibration_error(stated, right)
    assert before == pytest.approx(0.2, abs=0.02)
    assert expected_calibration_error(fit_monotone(stated, right)(stated), right) < 0.02


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2 * LEAST_ROWS_A_KNOT, 900))
def test_a_map_never_falls_and_stays_a_probability(seed: int, count: int) -> None:
    draw = np.random.default_rng(seed)
    stated, right = draw.random(count).round(2), draw.random(count) < 0.5
    found = fit_monotone(stated, right, draw.random(count) + 0.1)
    values = found(np.linspace(0, 1, 201))
    assert (np.diff(values) >= 0).all()
    assert values.min() >= 0
    assert values.max() <= 1
    assert list(found.raw) == sorted(set(found.raw))


def test_too_few_rows_change_nothing() -> None:
    few = 2 * LEAST_ROWS_A_KNOT - 1
    assert fit_monotone(np.full(few, 0.9), np.zeros(few, bool)) is IDENTITY
    assert IDENTITY(np.array([0.0, 0.3, 1.0])).tolist() == [0.0, 0.3, 1.0]


def test_beyond_its_knots_a_map_is_flat() -> None:
    found = MonotoneMap((0.2, 0.8), (0.1, 0.7))
    assert found(np.array([0.0, 0.5, 1.0])) == pytest.approx([0.1, 0.4, 0.7])


def test_rows_count_by_their_weights() -> None:
    stated = np.full(200, 0.5)
    right = np.arange(200) % 2 == 0
    heavy = np.where(right, 9.0, 1.0)
    assert fit_monotone(stated, right, heavy)(np.array([0.5])) == pytest.approx(0.9)
    assert expected_calibration_error(stated, right) == pytest.approx(0.0, abs=0.04)
    assert expected_calibration_error(stated, right, heavy) == pytest.approx(0.4, abs=0.02)


def test_the_calibration_error_of_certain_predictions_is_their_error_rate() -> None:
    right = np.arange(300) % 10 != 0
    assert expected_calibration_error(np.ones(300), right) == pytest.approx(0.1)
    assert expected_calibration_error(np.ones(300), np.ones(300, bool)) == 0.0


def test_without_titles_there_is_no_error() -> None:
    assert expected_calibration_error(np.zeros(0), np.zeros(0, bool)) == 0.0
