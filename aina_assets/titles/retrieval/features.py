"""What the encoder sees of a title: its sub-words, words, character n-grams, word pairs and head word.

Belongs here: the vocabulary and the sparse rows. Does not: weights, or any normalizing of titles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from aina_assets.titles.retrieval.static_embedding import StaticEmbedding

NGRAM_SIZES = (3, 4, 5)
# A word seen once says nothing that its sub-words do not; nor does an n-gram of fewer than three words.
LEAST_TITLES = 2
LEAST_WORDS = 3
# A word has about thirty n-grams and one or two of everything else.
NGRAM_WEIGHT = np.float32(0.3)
PAIR_MARK = " "


@dataclass(frozen=True)
class Vocabulary:
    """The features that have a vector of their own, in the order of their rows.

    Rows are: the sub-word tokens (`tokens` of them), then `words`, `ngrams`, `pairs` ("two words") and
    `heads` (the last word).
    """

    tokens: int
    words: tuple[str, ...]
    ngrams: tuple[str, ...]
    pairs: tuple[str, ...]
    heads: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.tokens + len(self.words) + len(self.ngrams) + len(self.pairs) + len(self.heads)


def learn_vocabulary(titles: Iterable[str], texts: Iterable[str], tokens: int) -> Vocabulary:
    """The features that occur often enough in titles, and words that do in other texts.

    Args:
        titles: normalized titles.
        texts: normalized sentences; they give words alone.
        tokens: number of sub-word tokens.
    """
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    heads: Counter[str] = Counter()
    for title in titles:
        parts = title.split()
        if parts:
            words.update(set(parts))
            pairs.update({PAIR_MARK.join(pair) for pair in pairwise(parts)})
            heads[parts[-1]] += 1
    for text in texts:
        words.update(set(text.split()))
    ngrams: Counter[str] = Counter()
    for word in words:
        ngrams.update(set(_ngrams(word)))

    def frequent(counts: Counter[str], least: int) -> tuple[str, ...]:
        return tuple(sorted(key for key, count in counts.items() if count >= least))

    return Vocabulary(
        tokens=tokens,
        words=frequent(words, LEAST_TITLES),
        ngrams=frequent(ngrams, LEAST_WORDS),
        pairs=frequent(pairs, LEAST_TITLES),
        heads=frequent(heads, LEAST_TITLES),
    )


def _ngrams(word: str) -> list[str]:
    marked = f" {word} "
    return [marked[i : i + size] for size in NGRAM_SIZES for i in range(len(marked) - size + 1)]


class Featurizer:
    """Turns titles into sparse rows over a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, embedding: StaticEmbedding) -> None:
        self.vocabulary = vocabulary
        self._embedding = embedding
        first = vocabulary.tokens
        self._words = _rows(vocabulary.words, first)
        first += len(vocabulary.words)
        self._ngrams = _rows(vocabulary.ngrams, first)
        first += len(vocabulary.ngrams)
        self._pairs = _rows(vocabulary.pairs, first)
        self._heads = _rows(vocabulary.heads, first + len(vocabulary.pairs))

    def words_matrix(self, words: Sequence[str]) -> sp.csr_matrix:
        """One row a word: its tokens, itself and its n-grams. Shape: words x vocabulary size."""
        indices: list[int] = []
        values: list[float] = []
        starts = [0]
        for word, tokens in zip(words, self._embedding.token_ids(words), strict=True):
            own = self._words.get(word)
            grams = [row for gram in _ngrams(word) if (row := self._ngrams.get(gram)) is not None]
            found = [*tokens, *(() if own is None else (own,))]
            indices += found + grams
            values += [1.0] * len(found) + [float(NGRAM_WEIGHT)] * len(grams)
            starts.append(len(indices))
        return _csr(values, indices, starts, self.vocabulary.size)

    def structure_matrix(self, titles: Sequence[str]) -> sp.csr_matrix:
        """One row a title: its word pairs and its head word. Shape: titles x vocabulary size."""
        indices: list[int] = []
        starts = [0]
        pairs, heads = self._pairs, self._heads
        for title in titles:
            parts = title.split()
            for pair in pairwise(parts):
                row = pairs.get(PAIR_MARK.join(pair))
                if row is not None:
                    indices.append(row)
            if parts and (head := heads.get(parts[-1])) is not None:
                indices.append(head)
            starts.append(len(indices))
        return _csr([1.0] * len(indices), indices, starts, self.vocabulary.size)

    def title_matrix(self, titles: Sequence[str]) -> sp.csr_matrix:
        """One row a title, all its features. Shape: titles x vocabulary size."""
        return (self.text_matrix(titles) + self.structure_matrix(titles)).tocsr()

    def text_matrix(self, texts: Sequence[str]) -> sp.csr_matrix:
        """One row a text: its words' features alone, for sentences that have no head word."""
        words, counts = word_counts(texts)
        return (counts @ self.words_matrix(words)).tocsr()


def word_counts(texts: Sequence[str]) -> tuple[list[str], sp.csr_matrix]:
    """The distinct words of texts, and how often each text has each. Shape: texts x words."""
    rows: dict[str, int] = {}
    indices: list[int] = []
    starts = [0]
    for text in texts:
        indices += [rows.setdefault(word, len(rows)) for word in text.split()]
        starts.append(len(indices))
    return list(rows), _csr([1.0] * len(indices), indices, starts, len(rows))


def _rows(keys: Sequence[str], first: int) -> dict[str, int]:
    return {key: first + place for place, key in enumerate(keys)}


def _csr(
    values: Sequence[float], indices: Sequence[int], starts: Sequence[int], columns: int
) -> sp.csr_matrix:
    data: NDArray[np.float32] = np.asarray(values, np.float32)
    return sp.csr_matrix(
        (data, np.asarray(indices, np.int32), np.asarray(starts, np.int32)),
        shape=(len(starts) - 1, columns),
    )
