"""The encoder: vectors on the unit sphere that depend on nothing but their title."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.titles.retrieval import encoder as encoder_module
from aina_assets.titles.retrieval.encoder import TitleEncoder
from aina_assets.titles.retrieval.features import Vocabulary, learn_vocabulary
from aina_assets.titles.retrieval.training import SCALE, Weights
from aina_assets_tests.titles.invented import model, tiny_embedding

FIELDS = ("kiln", "toy", "glass", "river", "stone", "night", "cloud", "wool")
HEADS = ("clerk", "auditor", "planner", "baker", "keeper")
TITLES = [f"{field} {head}" for field in FIELDS for head in HEADS]
CLASSES = 6

words = st.sampled_from((*FIELDS, *HEADS, "unheard", "quxotl", "c++", "é", "مدير"))
titles = st.lists(words, max_size=6).map(" ".join)


def weights_of(vocabulary: Vocabulary, seed: int = 0) -> Weights:
    draw = np.random.default_rng(seed)
    dimensions = tiny_embedding().vectors.shape[1]
    features = draw.normal(size=(vocabulary.size, dimensions)).astype(np.float32)
    features[: vocabulary.tokens] = tiny_embedding().vectors
    return Weights(
        features,
        draw.normal(size=(CLASSES, dimensions)).astype(np.float32),
        draw.normal(size=CLASSES).astype(np.float32),
    )


def made() -> TitleEncoder:
    vocabulary = learn_vocabulary(TITLES, [], len(tiny_embedding().vectors))
    return TitleEncoder(vocabulary, weights_of(vocabulary), tiny_embedding())


@pytest.fixture(scope="module")
def encoder() -> TitleEncoder:
    return made()


def test_vectors_have_length_one(encoder: TitleEncoder) -> None:
    vectors = encoder.vectors([*TITLES, "unheard of", "é"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("title", ["", "  "])
def test_an_empty_title_has_no_direction(encoder: TitleEncoder, title: str) -> None:
    assert not encoder.vectors([title]).any()
    assert encoder.logits(encoder.vectors([title]))[0] == pytest.approx(encoder.bias)


def test_no_titles_give_no_vectors(encoder: TitleEncoder) -> None:
    assert encoder.vectors([]).shape == (0, tiny_embedding().vectors.shape[1])


def test_words_that_no_lesson_had_are_told_apart_by_their_sub_words(encoder: TitleEncoder) -> None:
    one, other, near = encoder.vectors(["zyxwv", "qpqpq", "zyxwu"])
    assert one @ near > one @ other


def test_the_order_of_words_tells(encoder: TitleEncoder) -> None:
    one, other = encoder.vectors(["kiln clerk", "clerk kiln"])
    assert not np.allclose(one, other)


def test_logits_are_scaled_cosines_and_the_bias(encoder: TitleEncoder) -> None:
    vectors = encoder.vectors(TITLES)
    assert np.linalg.norm(encoder.prototypes, axis=1) == pytest.approx(1, abs=1e-5)
    expected = float(SCALE) * vectors.astype(np.float64) @ encoder.prototypes.T + encoder.bias
    assert encoder.logits(vectors) == pytest.approx(expected, abs=1e-3)
    assert (abs(encoder.logits(vectors) - encoder.bias) <= float(SCALE) * 1.001).all()


@given(st.lists(titles, max_size=8))
@settings(max_examples=60)
def test_a_vector_is_its_titles_alone(encoder: TitleEncoder, asked: list[str]) -> None:
    together = encoder.vectors(asked)
    fresh = made()
    for title, vector in zip(asked, together, strict=True):
        assert (encoder.vectors([title])[0] == vector).all()
        assert (fresh.vectors([title])[0] == vector).all()


def test_the_order_of_a_list_does_not_tell(encoder: TitleEncoder) -> None:
    shuffled = random.Random(1).sample(TITLES, len(TITLES))
    by_title = dict(zip(shuffled, made().vectors(shuffled), strict=True))
    for title, vector in zip(TITLES, encoder.vectors(TITLES), strict=True):
        assert (by_title[title] == vector).all()


def test_the_memory_of_words_is_let_go_and_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "MOST_WORDS_KEPT", 3)
    forgetful, asked = made(), [*TITLES, *TITLES]
    found = np.concatenate([forgetful.vectors(asked[first : first + 4]) for first in range(0, len(asked), 4)])
    assert (found == np.concatenate([made().vectors(TITLES)] * 2)).all()


def test_a_list_with_more_words_than_are_kept_is_encoded_whole(
    encoder: TitleEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder_module, "MOST_WORDS_KEPT", 2)
    assert (made().vectors(TITLES) == encoder.vectors(TITLES)).all()


@pytest.mark.parametrize("made_from", [TITLES, ["one"], []])
def test_what_a_file_holds_gives_the_same_vectors(made_from: list[str]) -> None:
    vocabulary = learn_vocabulary(made_from, [], len(tiny_embedding().vectors))
    one = TitleEncoder(vocabulary, weights_of(vocabulary, seed=4), tiny_embedding())
    arrays = one.to_arrays()
    other = TitleEncoder.from_arrays(arrays, tiny_embedding())
    assert other.vocabulary == one.vocabulary
    asked = [*TITLES, "unheard of", ""]
    assert (other.vectors(asked) == one.vectors(asked)).all()
    assert (other.logits(other.vectors(asked)) == one.logits(one.vectors(asked))).all()
    again = other.to_arrays()
    assert {name: array.tobytes() for name, array in again.items()} == {
        name: array.tobytes() for name, array in arrays.items()
    }


def test_weights_are_kept_in_two_bytes(encoder: TitleEncoder) -> None:
    arrays = encoder.to_arrays()
    assert {arrays[name].dtype for name in ("features", "prototypes")} == {np.dtype(np.float16)}


def test_what_the_real_embedding_makes_is_its_titles_alone() -> None:
    encoder = model().encoder
    asked = ["kiln ledger auditor", "copper pipe plumber", "zeppelin mooring strategist"]
    together = encoder.vectors(asked)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)
    assert all((encoder.vectors([title])[0] == together[n]).all() for n, title in enumerate(asked))
