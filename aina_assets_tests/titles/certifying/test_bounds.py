"""Bounds of a measured error: more published values, the binomial tail itself, what unequal weights cost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from aina_assets.titles.certifying.measure import Measured, clopper_pearson_lower, clopper_pearson_upper

JUDGED = st.lists(st.tuples(st.booleans(), st.floats(0.01, 1000, allow_nan=False)), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("errors", "rows", "confidence", "bound"),
    [
        # Without an error the bound is 1 - 0.05 ** (1 / rows): 59 rows are the fewest below 5%.
        (0, 59, 0.95, 0.0495),
        (0, 58, 0.95, 0.0503),
        (0, 299, 0.95, 0.0100),
        # 93 rows with one error, 124 with two, 153 with three: Wilks' numbers for 95% / 95%.
        (1, 93, 0.95, 0.0500),
        (2, 124, 0.95, 0.0499),
        (3, 153, 0.95, 0.0499),
        # The upper ends of two-sided 95% intervals, from Clopper and Pearson's tables.
        (0, 10, 0.975, 0.3085),
        (1, 10, 0.975, 0.4450),
        (5, 10, 0.975, 0.8129),
        (5, 100, 0.975, 0.1128),
    ],
)
def test_the_upper_bound_is_the_published_one(
    errors: float, rows: float, confidence: float, bound: float
) -> None:
    assert clopper_pearson_upper(errors, rows, confidence) == pytest.approx(bound, abs=5.1e-5)


@pytest.mark.parametrize(
    ("errors", "rows", "bound"), [(1, 10, 0.0025), (5, 10, 0.1871), (10, 10, 0.6915), (5, 100, 0.0164)]
)
def test_the_lower_bound_is_the_published_one(errors: float, rows: float, bound: float) -> None:
    assert clopper_pearson_lower(errors, rows, 0.975) == pytest.approx(bound, abs=5.1e-5)


@given(st.integers(0, 40), st.integers(41, 300))
def test_the_bounds_are_where_the_binomial_tail_says(errors: int, rows: int) -> None:
    upper = clopper_pearson_upper(errors, rows, 0.95)
    assert binom.cdf(errors, rows, upper) == pytest.approx(0.05, abs=1e-9)
    lower = clopper_pearson_lower(errors, rows, 0.95)
    assert lower == 0 if not errors else binom.sf(errors - 1, rows, lower) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(("errors", "rows"), [(0, 0), (1, 1), (7, 7)])
def test_nothing_is_promised_without_rows_or_where_all_are_wrong(errors: float, rows: float) -> None:
    assert clopper_pearson_upper(errors, rows, 0.95) == 1.0


@pytest.mark.parametrize(("errors", "rows"), [(0, 0), (0, 5)])
def test_the_lower_bound_is_zero_without_errors(errors: float, rows: float) -> None:
    assert clopper_pearson_lower(errors, rows, 0.95) == 0.0


def test_without_rows_no_rate_is_told_and_the_bound_is_one() -> None:
    assert Measured.of([], 0.95) == Measured(0, 0, 0.0, None, 1.0, 0.0)


@pytest.mark.parametrize("weight", [1.0, 12.5])
def test_with_equal_weights_the_bound_is_clopper_and_pearsons(weight: float) -> None:
    found = Measured.of([(place >= 2, weight) for place in range(100)], 0.95)
    assert (found.rows, found.errors, found.effective_rows, found.error_rate) == (100, 2, 100.0, 0.02)
    assert found.bound == pytest.approx(clopper_pearson_upper(2, 100, 0.95), abs=1e-6)
    assert found.least == pytest.approx(clopper_pearson_lower(2, 100, 0.95), abs=1e-6)


def test_unequal_weights_move_the_rate_and_cost_rows() -> None:
    # 10 rows of weight 9 and 10 of weight 1: (90 + 10)^2 / (10 x 81 + 10 x 1) rows' worth.
    heavy = Measured.of([(place > 0, 9.0 if place < 10 else 1.0) for place in range(20)], 0.95)
    light = Measured.of([(place < 19, 9.0 if place < 10 else 1.0) for place in range(20)], 0.95)
    assert heavy.effective_rows == light.effective_rows == round(10_000 / 820, 4)
    assert (heavy.error_rate, light.error_rate) == (0.09, 0.01)
    assert heavy.errors == light.errors == 1
    assert heavy.bound == pytest.approx(
        clopper_pearson_upper(0.09 * 10_000 / 820, 10_000 / 820, 0.95), abs=1e-6
    )
    assert light.bound < heavy.bound


@settings(max_examples=60, deadline=None)
@given(JUDGED)
def test_bounds_enclose_the_rate_and_weights_never_gain_rows(judged: list[tuple[bool, float]]) -> None:
    found = Measured.of(judged, 0.95)
    assert found.error_rate is not None
    assert 0 <= found.least <= found.error_rate + 1e-6
    assert found.error_rate - 1e-6 <= found.bound <= 1
    assert found.effective_rows <= found.rows + 1e-3


@settings(max_examples=60, deadline=None)
@given(JUDGED, st.integers(0, 1000))
def test_one_error_more_never_lowers_the_bound(judged: list[tuple[bool, float]], place: int) -> None:
    place %= len(judged)
    worse = [(is_right and at != place, weight) for at, (is_right, weight) in enumerate(judged)]
    assert Measured.of(worse, 0.95).bound >= Measured.of(judged, 0.95).bound - 1e-6
