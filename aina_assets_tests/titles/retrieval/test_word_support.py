"""What single words say of a major group: counts of listed titles, without the title's own."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.titles.retrieval.word_support import NOTHING_SAID, PRIOR_TITLES, Support, WordSupport

LISTED = [
    ("deli cook", "35-2014"),
    ("deli clerk", "35-3023"),
    ("deli worker", "35-3023"),
    ("kiln manager", "11-3051"),
    ("marketing manager", "11-2021"),
    ("sales manager", "11-2022"),
]
SHARE = 3 / 6


def share(listed: int, total: int, of_all: float = SHARE) -> float:
    return math.log((listed + PRIOR_TITLES * of_all) / (total + PRIOR_TITLES))


def test_head_and_modifier_are_counted_apart() -> None:
    found = WordSupport(LISTED).of("deli manager", "11")
    assert found.head == pytest.approx(share(3, 3))
    assert found.least == found.most == pytest.approx(share(0, 3))
    other = WordSupport(LISTED).of("deli manager", "35")
    assert other.head == pytest.approx(share(0, 3))
    assert other.most == pytest.approx(share(3, 3))


def test_of_several_modifiers_the_least_and_the_most_are_told() -> None:
    found = WordSupport(LISTED).of("deli marketing manager", "11")
    assert found.least == pytest.approx(share(0, 3))
    assert found.most == pytest.approx(share(1, 1))


def test_a_listed_title_is_no_evidence_for_itself() -> None:
    support = WordSupport(LISTED)
    assert support.of("kiln manager", "11").head == pytest.approx(share(2, 2))
    # Its only other title with "kiln" would be itself: what is left is what is known of all words.
    assert support.of("kiln manager", "11").most == pytest.approx(share(0, 0))


@pytest.mark.parametrize("title", ["manager", "quxotl manager"])
def test_where_no_modifier_is_known_nothing_is_said(title: str) -> None:
    found = WordSupport(LISTED).of(title, "11")
    assert (found.least, found.most) == (NOTHING_SAID, NOTHING_SAID)
    assert found.features[1:] == (0.0, 0.0)


def test_an_unknown_head_says_what_is_known_of_all_words() -> None:
    assert WordSupport(LISTED).of("quxotl", "11").head == pytest.approx(share(0, 0))


def test_a_title_listed_twice_under_a_code_counts_once() -> None:
    one, twice = WordSupport(LISTED), WordSupport(LISTED * 2)
    assert one.of("deli manager", "11") == twice.of("deli manager", "11")


def test_without_any_listed_title_there_is_still_an_answer() -> None:
    found = WordSupport([]).of("deli manager", "11")
    assert all(math.isfinite(value) and value <= 0 for value in (found.head, found.least, found.most))


words = st.sampled_from(("deli", "kiln", "cook", "manager", "sales", "new", "word"))


@given(st.lists(words, min_size=1, max_size=5).map(" ".join), st.sampled_from(("11", "35", "99")))
def test_support_is_a_log_share(title: str, major: str) -> None:
    found = WordSupport(LISTED).of(title, major)
    assert found.least <= found.most
    for value in (found.head, found.least, found.most):
        assert math.isfinite(value)
        assert value <= 0


def test_features_are_zero_where_nothing_is_said() -> None:
    assert Support(NOTHING_SAID, NOTHING_SAID, NOTHING_SAID).features == (0.0, 0.0, 0.0)
