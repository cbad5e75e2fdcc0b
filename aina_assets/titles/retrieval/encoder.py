"""The trained encoder: from titles to vectors and to logits of occupations.

Belongs here: inference, and keeping the weights in a file. Does not: training, or what is made of logits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aina_assets.titles.retrieval.features import Featurizer, Vocabulary, word_counts
from aina_assets.titles.retrieval.static_embedding import StaticEmbedding
from aina_assets.titles.retrieval.training import SCALE, Weights, unit_rows

Floats = NDArray[np.float32]
# A list of titles has some tens of thousands of distinct words; past this the oldest memory is let go.
MOST_WORDS_KEPT = 200_000


class TitleEncoder:
    """Vectors and logits of titles. Weights are kept as 16-bit floats: the file is half as large, and
    differences in the last bits between machines mostly vanish."""

    def __init__(self, vocabulary: Vocabulary, weights: Weights, embedding: StaticEmbedding) -> None:
        self.vocabulary = vocabulary
        # As the file keeps them, whether they come from it or from training.
        self._features = weights.features.astype(np.float16, copy=False).astype(np.float32)
        self.prototypes, _ = unit_rows(unit_rows(weights.prototypes)[0].astype(np.float16).astype(np.float32))
        self.bias = weights.bias
        self._featurizer = Featurizer(vocabulary, embedding)
        self._word_rows: dict[str, int] = {}
        self._word_vectors: Floats = np.zeros((0, self._features.shape[1]), np.float32)

    def vectors(self, titles: Sequence[str]) -> Floats:
        """The titles on the unit sphere. Shape: titles x dimensions.

        Args:
            titles: normalized titles; an empty one gets zeros.
        """
        words, counts = word_counts(titles)
        summed = counts @ self._vectors_of(words)
        summed += self._featurizer.structure_matrix(titles) @ self._features
        return unit_rows(summed.astype(np.float32))[0]

    def logits(self, vectors: Floats) -> Floats:
        """How plausible each class is. Shape: titles x classes."""
        logits: Floats = vectors @ self.prototypes.T
        # In place: a few thousand rows of logits are as large as a processor's cache several times over.
        logits *= SCALE
        logits += self.bias
        return logits

    def _vectors_of(self, words: Sequence[str]) -> Floats:
        if len(self._word_rows) > MOST_WORDS_KEPT:
            self._word_rows, self._word_vectors = {}, self._word_vectors[:0]
        new = [word for word in words if word not in self._word_rows]
        if new:
            made = self._featurizer.words_matrix(new) @ self._features
            first = len(self._word_rows)
            self._word_rows.update({word: first + place for place, word in enumerate(new)})
            self._word_vectors = np.concatenate([self._word_vectors, made.astype(np.float32)])
        return self._word_vectors[[self._word_rows[word] for word in words]]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What a file must hold."""
        vocabulary = self.vocabulary
        return {
            "tokens": np.asarray(vocabulary.tokens),
            **{
                name: np.frombuffer("\n".join(getattr(vocabulary, name)).encode(), np.uint8)
                for name in ("words", "ngrams", "pairs", "heads")
            },
            "features": self._features.astype(np.float16),
            "prototypes": self.prototypes.astype(np.float16),
            "bias": self.bias,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], embedding: StaticEmbedding) -> TitleEncoder:
        """The encoder that `to_arrays` described."""

        def lines(name: str) -> tuple[str, ...]:
            text = arrays[name].tobytes().decode()
            return tuple(text.split("\n")) if text else ()

        vocabulary = Vocabulary(
            int(arrays["tokens"]), lines("words"), lines("ngrams"), lines("pairs"), lines("heads")
        )
        weights = Weights(arrays["features"], arrays["prototypes"].astype(np.float32), arrays["bias"])
        return cls(vocabulary, weights, embedding)
