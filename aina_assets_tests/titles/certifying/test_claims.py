"""Which claims evidence allows, and when one is right."""

from __future__ import annotations

import pytest

from aina_assets.titles.certifying.claims import CLAIMS, EXCLUDE, SERVED_LEVELS, WORDS
from aina_assets_tests.titles.certifying.samples import assessed, truth


def test_an_exclusion_comes_first_then_the_ladder_from_its_finest_level() -> None:
    assert CLAIMS == ("exclude", "detailed", "broad", "minor", "major", "function")


@pytest.mark.parametrize("finest", ["detailed", "minor", "function"])
def test_nothing_finer_than_the_words_allow(finest: str) -> None:
    title = assessed(finest=finest)
    allowed = [level for level in SERVED_LEVELS if title.allows(level)]
    assert allowed == list(SERVED_LEVELS[SERVED_LEVELS.index(finest) :])


def test_a_title_whose_words_allow_no_level_is_served_at_none() -> None:
    assert not any(assessed(finest=None).allows(level) for level in SERVED_LEVELS)


def test_a_match_in_scope_forbids_any_exclusion() -> None:
    title = assessed(has_match=True, word_reason="military")
    assert not title.allows(EXCLUDE)
    assert not title.is_excluded_by_words
    assert title.allows("detailed")


def test_words_exclude_on_their_own_basis() -> None:
    title = assessed(word_reason="military")
    assert (title.basis_of(EXCLUDE), title.group_of(EXCLUDE)) == (WORDS, "military")
    assert not title.allows("detailed")
    assert assessed().basis_of(EXCLUDE) == "authority"
    assert assessed().group_of(EXCLUDE) == "physical_trade"


def test_right_and_wrong() -> None:
    title = assessed()
    assert truth().is_right(title, "detailed")
    assert not truth(wrong=("detailed",)).is_right(title, "detailed")
    assert truth(wrong=("detailed",)).is_right(title, "minor")
    assert not truth().is_right(title, EXCLUDE)
    out = truth(is_in_scope=False)
    assert out.is_right(title, EXCLUDE)
    assert not any(out.is_right(title, level) for level in SERVED_LEVELS)
