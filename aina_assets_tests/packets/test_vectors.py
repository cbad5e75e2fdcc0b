"""Vectors of words: unit length, cosines between 0 and 1, and what is common weighs little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.packets.vectors import Vocabulary, cosines, counted, words

BAGS = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.1, 5), max_size=5), min_size=1, max_size=8
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Analyze the Budgets of 3 companies.", ["analyze", "the", "budget", "company"]),
        ("gas, bus, basis, classes", ["gas", "bus", "basis", "classe"]),
        ("", []),
        ("IT in EU", []),
    ],
)
def test_words_are_lower_case_without_plural_endings(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(BAGS)
def test_cosines_are_between_0_and_1_and_symmetric(bags: list[dict[str, float]]) -> None:
    vectors = Vocabulary(bags).vectors(bags)
    found = cosines(vectors, vectors)
    assert ((found >= 0) & (found <= 1)).all()
    assert np.array_equal(found, found.T)
    for place, bag in enumerate(bags):
        assert found[place, place] == pytest.approx(1.0 if bag else 0.0)


def test_a_rare_term_tells_more_than_a_common_one() -> None:
    bags = [
        counted(bag) for bag in (["all", "rare"], ["all", "rare"], ["all", "x"], ["all", "y"], ["all", "z"])
    ]
    vectors = Vocabulary(bags).vectors(bags)
    found = cosines(vectors, vectors)
    assert found[0, 1] == 1.0
    assert found[0, 2] < 0.1


def test_terms_in_too_many_texts_weigh_nothing() -> None:
    bags = [{"all": 1.0, name: 1.0} for name in "abcd"]
    vectors = Vocabulary(bags, most_common=0.5).vectors(bags)
    assert cosines(vectors, vectors)[0, 1] == 0.0


def test_unknown_terms_have_no_direction() -> None:
    vocabulary = Vocabulary([{"a": 1.0}])
    assert vocabulary.vectors([{"b": 1.0}]).nnz == 0
