"""Ids and batches are kept under decisions: they never change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.titles.identity import title_batch_of, title_id_of
from aina_assets.titles.normalizing.match_key import match_key


@pytest.mark.parametrize(
    ("normalized", "title_id", "batch"),
    [
        ("accountant", "66d9b6415d348491", "12"),
        ("senior marketing manager", "b37581f4a579a886", "22"),
        ("registered nurse", "59094ac1a3d70e9b", "11"),
    ],
)
def test_ids_and_batches_are_as_they_ever_were(normalized: str, title_id: str, batch: str) -> None:
    assert (title_id_of(normalized), title_batch_of(title_id, 32)) == (title_id, batch)


@given(st.text(max_size=40))
def test_a_batch_follows_from_the_id_alone(text: str) -> None:
    title_id = title_id_of(text)
    assert title_batch_of(title_id, 32) == title_batch_of(title_id, 32)
    assert 0 <= int(title_batch_of(title_id, 32)) < 32
    # Twice as many batches split each in two: a title goes to one of its own batch's halves.
    assert int(title_batch_of(title_id, 64)) // 2 == int(title_batch_of(title_id, 32))


@given(st.text(max_size=60))
def test_a_match_key_is_stable_under_itself(text: str) -> None:
    key = match_key(text)
    assert match_key(key) == key
    assert key == key.strip()
    assert "  " not in key


def test_punctuation_and_letter_case_do_not_tell_titles_apart() -> None:
    assert match_key("Driver's Helper (A&P)") == match_key("drivers helper  a and p")
    assert match_key("C++ Developer") != match_key("C Developer")
