"""The nearest authority title of each candidate occupation: as a search through all of them would find it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aina_assets.titles.retrieval.index import NO_NEIGHBOUR, NO_TEXT, ClassIndex
from aina_assets.titles.retrieval.training import unit_rows

CLASSES = 5
EMPTY = 4


def unit(seed: int, count: int) -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32))[0]


def entries(seed: int, texts: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Every text in one class or two; no text is in the last class."""
    draw = np.random.default_rng(seed)
    pairs = {(text, int(found)) for text in range(texts) for found in draw.integers(0, EMPTY, 2)}
    text_of, class_of = zip(*sorted(pairs, key=lambda pair: draw.random()), strict=True)
    return np.array(text_of, np.int32), np.array(class_of, np.int32)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), texts=st.integers(1, 30), titles=st.integers(1, 12))
def test_it_finds_what_a_search_through_all_finds(seed: int, texts: int, titles: int) -> None:
    vectors, asked = unit(seed, texts), unit(seed + 1, titles)
    text_of, class_of = entries(seed, texts)
    draw = np.random.default_rng(seed + 2)
    candidates = np.array([draw.permutation(CLASSES)[:3] for _ in range(titles)], np.int32)
    own = draw.integers(-1, texts, titles).astype(np.int32)
    found = ClassIndex(vectors, text_of, class_of, CLASSES).nearest(asked, candidates, own)
    for row in range(titles):
        for column, number in enumerate(candidates[row]):
            listed = [text for text in text_of[class_of == number] if text != own[row]]
            if not listed:
                assert found.text[row, column] == NO_TEXT
                assert found.similarity[row, column] == NO_NEIGHBOUR
                continue
            best = max(float(asked[row] @ vectors[text]) for text in listed)
            assert found.similarity[row, column] == pytest.approx(best, abs=1e-5)
            assert found.text[row, column] in listed
            assert asked[row] @ vectors[found.text[row, column]] == pytest.approx(best, abs=1e-5)


def test_a_title_is_no_neighbour_of_itself() -> None:
    vectors = unit(0, 2)
    index = ClassIndex(vectors, np.array([0, 1], np.int32), np.array([0, 0], np.int32), 1)
    candidates = np.zeros((2, 1), np.int32)
    found = index.nearest(vectors, candidates, np.array([0, -1], np.int32))
    assert found.text.ravel().tolist() == [1, 1]
    alone = ClassIndex(vectors[:1], np.array([0], np.int32), np.array([0], np.int32), 1)
    none = alone.nearest(vectors[:1], candidates[:1], np.array([0], np.int32))
    assert (none.text.item(), none.similarity.item()) == (NO_TEXT, float(NO_NEIGHBOUR))


def test_of_equally_near_texts_the_first_is_taken() -> None:
    vectors = np.repeat(unit(0, 1), 3, axis=0)
    text_of, class_of = np.array([2, 0, 1], np.int32), np.zeros(3, np.int32)
    found = ClassIndex(vectors, text_of, class_of, 1).nearest(
        vectors[:1], np.zeros((1, 1), np.int32), np.array([-1], np.int32)
    )
    assert found.text.item() == 0


def test_a_text_of_two_classes_is_found_in_both() -> None:
    vectors = unit(0, 1)
    index = ClassIndex(vectors, np.array([0, 0], np.int32), np.array([0, 1], np.int32), 2)
    found = index.nearest(vectors, np.array([[0, 1]], np.int32), np.array([-1], np.int32))
    assert found.text.tolist() == [[0, 0]]


def test_no_titles_have_no_neighbours() -> None:
    index = ClassIndex(unit(0, 2), np.array([0, 1], np.int32), np.array([0, 1], np.int32), 2)
    found = index.nearest(unit(0, 0), np.zeros((0, 2), np.int32), np.zeros(0, np.int32))
    assert found.text.shape == found.similarity.shape == (0, 2)
