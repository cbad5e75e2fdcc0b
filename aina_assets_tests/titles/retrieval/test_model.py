"""Scores: probabilities that depend on nothing but the title, joined from two kinds of evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.titles.retrieval.index import NO_TEXT, Neighbours
from aina_assets.titles.retrieval.model import CANDIDATES, LEARNED_BY_HEART, Mixture, mixed
from aina_assets.titles.retrieval.training import softmax
from aina_assets_tests.titles.invented import LISTED_TWICE, OCCUPATIONS, model, normalizer

LISTED = [
    f"{field} {head}" for _, _, fields, heads in OCCUPATIONS.values() for field in fields for head in heads
]
UNKNOWN = ["zeppelin mooring strategist", "kiln auditor", "harbour nurse", "quxotl", "é", ""]

titles = st.lists(st.sampled_from(("kiln", "harbour", "auditor", "nurse", "quxotl", "of")), max_size=5)


def cores(texts: list[str]) -> list[str]:
    return [normalizer()(text).core for text in texts]


def test_every_row_is_a_distribution() -> None:
    found = model().score(cores(LISTED) + UNKNOWN)
    assert found.probability.shape == (len(LISTED) + len(UNKNOWN), len(OCCUPATIONS))
    assert np.isfinite(found.probability).all()
    assert found.probability.min() >= 0
    assert found.probability.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_no_titles_have_no_scores() -> None:
    assert model().score([]).probability.shape == (0, len(OCCUPATIONS))


def test_titles_like_the_listed_ones_are_told_by_the_model() -> None:
    """Each is new as a whole; its head word and its field are listed under one occupation alone."""
    asked = {
        "copper boiler plumber": "47-2152.00",
        "night fever nurse": "29-1141.00",
        "viaduct dam engineer": "17-2051.00",
    }
    best = model().score(list(asked)).probability.argmax(axis=1)
    assert [model().taxonomy.classes[place] for place in best] == list(asked.values())


@settings(max_examples=30, deadline=None)
@given(st.lists(titles.map(" ".join), min_size=1, max_size=8))
def test_a_score_is_its_titles_alone(asked: list[str]) -> None:
    together = model().score(asked)
    for place, title in enumerate(asked):
        (alone,) = model().score([title]).probability
        assert together.probability[place] == pytest.approx(alone, abs=1e-6)
        assert together.own_text[place] == model().score([title]).own_text[0]


def test_candidates_are_the_encoders_best_without_repeats() -> None:
    found = model().score(UNKNOWN)
    width = min(CANDIDATES, len(OCCUPATIONS))
    assert found.candidates.shape == (len(UNKNOWN), width)
    logits, *_ = model().evidence(UNKNOWN, np.full(len(UNKNOWN), NO_TEXT, np.int32))
    for row, places in enumerate(found.candidates):
        assert len(set(places.tolist())) == width
        values = logits[row, places]
        assert (np.diff(values) <= 0).all()


def test_a_listed_title_is_known_and_compared_with_others_alone() -> None:
    asked = cores(LISTED[:20])
    found = model().score(asked)
    texts = model().authority.texts
    assert [texts[place] for place in found.own_text] == asked
    assert not (found.neighbours.text == found.own_text[:, None]).any()
    assert model().score(["quxotl"]).own_text.tolist() == [NO_TEXT]


def test_a_listed_title_is_scored_by_its_neighbours_and_not_by_heart() -> None:
    asked = cores(["Kiln Ledger Auditor", *LISTED_TWICE])
    own = model().score(asked).own_text
    logits, candidates, neighbours = model().evidence(asked, own)
    expected = mixed(logits, candidates, neighbours, Mixture(*LEARNED_BY_HEART))
    assert model().score(asked).probability == pytest.approx(expected)


# --- the mixture

LOGITS = np.array([[2.0, 1.0, 0.0, -1.0]], np.float32)
CANDIDATES_OF_ONE = np.array([[1, 0]], np.int32)
NEAR = Neighbours(np.array([[0.9, 0.1]], np.float32), np.array([[3, 4]], np.int32))


def test_without_the_neighbours_weight_the_encoder_decides() -> None:
    found = mixed(LOGITS, CANDIDATES_OF_ONE, NEAR, Mixture(1.0, 0.0))
    assert found == pytest.approx(softmax(LOGITS.copy()))


def test_a_near_listed_title_lifts_its_occupation() -> None:
    found = mixed(LOGITS, CANDIDATES_OF_ONE, NEAR, Mixture(1.0, 4.0))
    assert found.argmax() == 1
    # What is no candidate counts as the least similar candidate does.
    assert found[0, 2] / found[0, 0] == pytest.approx(np.exp(-2), rel=1e-4)


def test_mixing_leaves_the_logits_as_they_are() -> None:
    before = LOGITS.copy()
    mixed(LOGITS, CANDIDATES_OF_ONE, NEAR, Mixture(0.5, 3.0))
    assert (before == LOGITS).all()
