"""Coefficients of agreement, against the examples that were published with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.adjudication.statistics import (
    agreement_figures,
    alpha_interval,
    gwets_ac1,
    is_below,
    krippendorffs_alpha,
    raw_agreement,
)
from aina_assets.titles.gold.agreement import cohens_kappa

# K. Krippendorff, Computing Krippendorff's alpha-reliability (2011): four observers, missing answers as dots.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
# K. L. Gwet's example of two abstractors (R package irrCAC, cont3x3abstractors), with its published
# coefficients.
ABSTRACTORS = ((13, 0, 0), (0, 20, 7), (0, 4, 56))
# The same author's example of a paradox: 118 and 5 and 2 of 125, where kappa is below zero.
PARADOX = [("+", "+")] * 118 + [("+", "-")] * 5 + [("-", "+")] * 2

Pairs = list[tuple[str, str]]
pairs = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=60)


def table_pairs() -> list[tuple[int, int]]:
    return [(a, b) for a in range(3) for b in range(3) for _ in range(ABSTRACTORS[a][b])]


def test_alpha_of_two_observers_and_two_values_is_the_published_one() -> None:
    assert krippendorffs_alpha(list(zip("0100000010", "1110010000", strict=True))) == pytest.approx(
        0.095, abs=5e-4
    )


def test_alpha_of_two_observers_and_five_values_is_the_published_one() -> None:
    units = list(zip("aabbdcccedda", "babbbcccEddd".lower(), strict=True))
    assert krippendorffs_alpha(units) == pytest.approx(0.692, abs=5e-4)


def test_alpha_of_four_observers_with_missing_answers_is_the_published_one() -> None:
    rows = [[None if value == "." else value for value in line.split()] for line in OBSERVERS]
    assert krippendorffs_alpha(list(zip(*rows, strict=True))) == pytest.approx(0.743, abs=5e-4)


def test_coefficients_of_a_published_table() -> None:
    found = table_pairs()
    assert cohens_kappa(found) == pytest.approx(0.7964094, abs=1e-7)
    assert gwets_ac1(found, 3) == pytest.approx(0.8493305, abs=1e-7)
    assert krippendorffs_alpha(found) == pytest.approx(0.7972585, abs=1e-6)


def test_ac1_stays_near_the_agreement_where_kappa_does_not() -> None:
    assert raw_agreement(PARADOX) == 0.944
    assert gwets_ac1(PARADOX, 2) == pytest.approx(0.9408, abs=1e-4)
    assert cohens_kappa(PARADOX) == pytest.approx(-0.0234, abs=1e-4)


@given(pairs)
def test_perfect_agreement_is_one_and_no_coefficient_is_more(found: Pairs) -> None:
    same = [(a, a) for a, _ in found]
    assert gwets_ac1(same, 3) == 1
    assert krippendorffs_alpha(same) == (1 if len(set(same)) > 1 else None)
    for value in (gwets_ac1(found, 3), krippendorffs_alpha(found)):
        assert value is None or value <= 1 + 1e-12


@given(pairs)
def test_coefficients_do_not_care_who_is_first_or_what_answers_are_called(found: Pairs) -> None:
    turned = [(b, a) for a, b in found]
    renamed = [(f"x{a}", f"x{b}") for a, b in found]
    for other in (turned, renamed):
        assert krippendorffs_alpha(other) == pytest.approx(krippendorffs_alpha(found))
        assert gwets_ac1(other, 3) == pytest.approx(gwets_ac1(found, 3))


@given(pairs)
def test_the_interval_is_the_same_every_time_and_in_order(found: Pairs) -> None:
    interval = alpha_interval(found, confidence=0.95, resamples=200)
    assert interval == alpha_interval(found, confidence=0.95, resamples=200)
    if krippendorffs_alpha(found) is None:
        assert interval is None
    if interval is not None:
        assert interval[0] <= interval[1] <= 1


def test_the_interval_holds_alpha_and_narrows_with_rows() -> None:
    few, many = table_pairs(), table_pairs() * 20
    widths = []
    for found in (few, many):
        interval = alpha_interval(found, confidence=0.95, resamples=2000)
        alpha = krippendorffs_alpha(found)
        assert interval is not None
        assert alpha is not None
        assert interval[0] < alpha < interval[1]
        widths.append(interval[1] - interval[0])
    assert widths[1] < widths[0] / 3


def test_where_nothing_can_be_told_nothing_is() -> None:
    empty = agreement_figures([], 3, confidence=0.95, resamples=100)
    assert (empty.rows, empty.share, empty.kappa, empty.ac1, empty.alpha, empty.alpha_low) == (
        0,
        None,
        None,
        None,
        None,
        None,
    )
    alike = agreement_figures([("keep", "keep")] * 5, 3, confidence=0.95, resamples=100)
    assert (alike.share, alike.kappa, alike.ac1, alike.alpha) == (1.0, None, 1.0, None)
    assert krippendorffs_alpha([["a"], ["b", None], []]) is None


@pytest.mark.parametrize(
    ("right", "answered", "expected"),
    [
        (0, 0, False),
        (0, 1, False),
        (0, 2, False),
        (0, 3, True),
        (1, 3, False),
        (30, 40, False),
        (24, 40, True),
    ],
)
def test_a_reviewer_is_below_a_floor_of_three_in_four_where_chance_does_not_explain_it(
    right: int, answered: int, expected: bool
) -> None:
    assert is_below(right, answered, 0.75, 0.95) is expected
