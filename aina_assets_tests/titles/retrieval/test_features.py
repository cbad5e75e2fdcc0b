"""What the encoder sees of a title: which features have a row, and which rows a title has."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from aina_assets.titles.retrieval.features import (
    NGRAM_WEIGHT,
    Featurizer,
    Vocabulary,
    learn_vocabulary,
    word_counts,
)
from aina_assets.titles.retrieval.static_embedding import load_static_embedding
from aina_assets_tests.titles.invented import tiny_embedding

TITLES = ("kiln ledger clerk", "kiln ledger auditor", "toy clerk", "wharf auditor", "")
TEXTS = ("count the wharf stock", "wharf stock of stockings")


@pytest.fixture(scope="module")
def tokens() -> int:
    return len(tiny_embedding().vectors)


@pytest.fixture(scope="module")
def vocabulary(tokens: int) -> Vocabulary:
    return learn_vocabulary(TITLES, TEXTS, tokens)


@pytest.fixture(scope="module")
def featurizer(vocabulary: Vocabulary) -> Featurizer:
    return Featurizer(vocabulary, tiny_embedding())


def named(vocabulary: Vocabulary, row: NDArray[np.float32]) -> dict[str, float]:
    """The features of a row beyond its tokens: kind and text, to the value."""
    names = [
        f"{kind}:{key}" for kind in ("words", "ngrams", "pairs", "heads") for key in getattr(vocabulary, kind)
    ]
    return {name: float(value) for name, value in zip(names, row[vocabulary.tokens :], strict=True) if value}


def test_what_occurs_often_enough_has_a_row(vocabulary: Vocabulary) -> None:
    assert vocabulary.words == ("auditor", "clerk", "kiln", "ledger", "stock", "wharf")
    assert vocabulary.pairs == ("kiln ledger",)
    assert vocabulary.heads == ("auditor", "clerk")


def test_a_word_counts_once_a_title_and_a_text_gives_words_alone() -> None:
    learned = learn_vocabulary(["toy toy toy"], ["dam dam", "a dam wall"], 0)
    assert learned.words == ("dam",)
    assert (learned.pairs, learned.heads) == ((), ())


def test_an_ngram_has_a_row_where_three_words_share_it() -> None:
    learned = learn_vocabulary(["stocker", "stocking", "stock", "dam"], [], 0)
    assert " stock" not in learned.ngrams  # six characters: n-grams have at most five
    assert {" st", " sto", " stoc", "sto", "stoc", "stock", "toc", "tock", "ock"} == set(learned.ngrams)
    assert learn_vocabulary(["stocker", "stocking"], [], 0).ngrams == ()


def test_the_vocabulary_does_not_depend_on_the_order_of_titles(vocabulary: Vocabulary, tokens: int) -> None:
    assert learn_vocabulary(reversed(TITLES), reversed(TEXTS), tokens) == vocabulary
    assert vocabulary.size == tokens + len(
        (*vocabulary.words, *vocabulary.ngrams, *vocabulary.pairs, *vocabulary.heads)
    )


def test_a_title_has_its_words_pairs_and_head(vocabulary: Vocabulary, featurizer: Featurizer) -> None:
    (row,) = featurizer.title_matrix(["kiln ledger clerk"]).toarray()
    found = named(vocabulary, row)
    grams = {name: value for name, value in found.items() if name.startswith("ngrams:")}
    assert {name: value for name, value in found.items() if name not in grams} == {
        "words:kiln": 1, "words:ledger": 1, "words:clerk": 1, "pairs:kiln ledger": 1, "heads:clerk": 1,
    }  # fmt: skip
    assert set(grams.values()) <= {float(NGRAM_WEIGHT)}
    # Four letters of "kiln" are four tokens; "ledger" repeats a letter inside the word.
    assert row[: vocabulary.tokens].sum() == len("kilnledgerclerk")


def test_every_place_of_an_ngram_counts() -> None:
    learned = Vocabulary(len(tiny_embedding().vectors), (), ("ana", " ba"), (), ())
    (row,) = Featurizer(learned, tiny_embedding()).words_matrix(["banana"]).toarray()
    assert named(learned, row) == pytest.approx(
        {"ngrams:ana": 2 * float(NGRAM_WEIGHT), "ngrams: ba": float(NGRAM_WEIGHT)}
    )


def test_a_repeated_word_and_pair_count_each_time(vocabulary: Vocabulary, featurizer: Featurizer) -> None:
    (row,) = featurizer.title_matrix(["kiln ledger kiln ledger"]).toarray()
    found = named(vocabulary, row)
    assert (found["words:kiln"], found["pairs:kiln ledger"]) == (2, 2)
    assert not any(name.startswith("heads:") for name in found)


def test_the_order_of_words_tells_pairs_and_head_apart(featurizer: Featurizer) -> None:
    one, other = featurizer.text_matrix(["kiln clerk", "clerk kiln"]).toarray()
    assert (one == other).all()
    one, other = featurizer.structure_matrix(["kiln clerk", "clerk kiln"]).toarray()
    assert (one != other).any()


def test_an_unknown_word_has_its_tokens_alone(vocabulary: Vocabulary, featurizer: Featurizer) -> None:
    (row,) = featurizer.title_matrix(["zq"]).toarray()
    assert named(vocabulary, row) == {}
    assert row.sum() == 2


def test_a_word_of_no_known_letter_has_the_unknown_token(featurizer: Featurizer) -> None:
    (row,) = featurizer.title_matrix(["مدير"]).toarray()
    assert np.flatnonzero(row).tolist() == [0]


@pytest.mark.parametrize("title", ["", " ", "\t"])
def test_an_empty_title_has_nothing(featurizer: Featurizer, title: str) -> None:
    assert featurizer.title_matrix([title]).nnz == 0


@pytest.mark.parametrize("titles", [[], ["", ""], list(TITLES)])
def test_there_is_a_row_for_every_title(
    vocabulary: Vocabulary, featurizer: Featurizer, titles: list[str]
) -> None:
    for made in (featurizer.title_matrix, featurizer.text_matrix, featurizer.structure_matrix):
        assert made(titles).shape == (len(titles), vocabulary.size)
        assert made(titles).dtype == np.float32
    assert featurizer.words_matrix([]).shape == (0, vocabulary.size)


def test_words_are_counted_in_the_order_in_which_they_are_met() -> None:
    words, counts = word_counts(["dam toy dam", "", "quay toy"])
    assert words == ["dam", "toy", "quay"]
    assert counts.toarray().tolist() == [[2, 1, 0], [0, 0, 0], [0, 1, 1]]


def test_a_text_is_the_sum_of_its_words(featurizer: Featurizer) -> None:
    (text,) = featurizer.text_matrix(["kiln toy kiln"]).toarray()
    kiln, toy = featurizer.words_matrix(["kiln", "toy"]).toarray()
    assert text == pytest.approx(2 * kiln + toy)


def test_the_wheels_embedding_takes_words_apart_one_by_one() -> None:
    embedding = load_static_embedding()
    both = embedding.token_ids(["accountant", "هندسة"])
    assert both == [*embedding.token_ids(["accountant"]), *embedding.token_ids(["هندسة"])]
    assert all(ids and max(ids) < len(embedding.vectors) for ids in both)
    assert embedding.vectors.dtype == np.float32
    assert embedding.name.startswith("wordllama ")
