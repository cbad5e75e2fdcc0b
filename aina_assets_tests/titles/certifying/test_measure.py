"""The bound of a share: published values, and what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.titles.certifying.measure import (
    Measured,
    chance_to_certify,
    clopper_pearson_lower,
    clopper_pearson_upper,
)


@pytest.mark.parametrize(
    ("errors", "rows", "bound"),
    # The rule of three's neighbours: 1 - 0.05 ** (1 / n) without errors; tables of Clopper and Pearson.
    [(0, 59, 0.0495), (0, 58, 0.0503), (0, 100, 0.0295), (1, 93, 0.0500), (5, 100, 0.1023), (10, 10, 1.0)],
)
def test_the_upper_bound_is_the_published_one(errors: int, rows: int, bound: float) -> None:
    assert clopper_pearson_upper(errors, rows, 0.95) == pytest.approx(bound, abs=2e-4)


def test_without_rows_nothing_is_known() -> None:
    assert Measured.of([], 0.95) == Measured(0, 0, 0.0, None, 1.0, 0.0)


judged = st.lists(st.tuples(st.booleans(), st.floats(0.5, 20)), min_size=1, max_size=60)


@given(judged)
def test_the_rate_lies_between_its_bounds(rows: list[tuple[bool, float]]) -> None:
    found = Measured.of(rows, 0.95)
    assert found.error_rate is not None
    assert found.least <= found.error_rate + 1e-6
    assert found.error_rate <= found.bound + 1e-6
    assert 0 < found.effective_rows <= found.rows + 1e-3


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.floats(0.5, 20))
def test_equal_weights_give_the_plain_bound(right: list[bool], weight: float) -> None:
    found = Measured.of([(is_right, weight) for is_right in right], 0.95)
    errors = right.count(False)
    assert found.bound == pytest.approx(clopper_pearson_upper(errors, len(right), 0.95), abs=1e-4)
    assert found.least == pytest.approx(clopper_pearson_lower(errors, len(right), 0.95), abs=1e-4)


@given(st.integers(0, 30), st.integers(31, 200))
def test_more_errors_never_lower_the_bound(errors: int, rows: int) -> None:
    assert clopper_pearson_upper(errors, rows, 0.95) < clopper_pearson_upper(errors + 1, rows, 0.95) + 1e-12


@pytest.mark.parametrize(("error", "rows"), [(0.0, 59), (0.02, 346), (0.03, 800), (0.04, 800)])
def test_the_chance_to_certify_is_what_draws_give(error: float, rows: int) -> None:
    drawn = np.random.default_rng(1).binomial(rows, error, 4_000)
    held = {n: clopper_pearson_upper(n, rows, 0.95) <= 0.05 for n in set(drawn.tolist())}
    share = sum(held[n] for n in drawn.tolist()) / len(drawn)
    assert chance_to_certify(error, rows, 0.05, 0.95) == pytest.approx(share, abs=0.03)


def test_too_few_rows_certify_nothing() -> None:
    assert chance_to_certify(0.0, 58, 0.05, 0.95) == 0.0
    assert chance_to_certify(0.0, 59, 0.05, 0.95) == 1.0


@given(st.floats(0, 0.2), st.floats(0, 0.2), st.integers(59, 2_000))
def test_a_larger_error_has_a_smaller_chance(one: float, other: float, rows: int) -> None:
    small, large = sorted((one, other))
    assert chance_to_certify(small, rows, 0.05, 0.95) >= chance_to_certify(large, rows, 0.05, 0.95)
