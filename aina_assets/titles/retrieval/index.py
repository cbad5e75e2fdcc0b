"""The authority titles as vectors, by occupation: which of them stand nearest to a title.

Belongs here: similarity within an occupation. Does not: how vectors are made.

A title is compared with the titles of its most probable occupations alone: one small matrix product an
occupation answers for all the titles of a chunk that have it among their candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
NO_TEXT = -1
# Lower than any cosine: the score of an occupation that has no other title than the one asked about.
NO_NEIGHBOUR = np.float32(-1.0)


@dataclass(frozen=True)
class Neighbours:
    """For each title and candidate occupation, the nearest authority title.

    Attributes:
        similarity: n x k cosines; -1 where there is none.
        text: n x k places in the index's list of texts; -1 where there is none.
    """

    similarity: Floats
    text: NDArray[np.int32]


class ClassIndex:
    """Vectors of authority texts, grouped by class.

    Args:
        vectors: texts x dimensions, of length 1.
        text_of: entries; the text of each (text, class) pair.
        class_of: entries; its class.
        classes: number of classes.
    """

    def __init__(
        self, vectors: Floats, text_of: NDArray[np.int32], class_of: NDArray[np.int32], classes: int
    ) -> None:
        order = np.lexsort((text_of, class_of))
        self._texts = text_of[order]
        self._vectors = vectors[self._texts]
        self._starts = np.searchsorted(class_of[order], np.arange(classes + 1))
        # One number an entry, ascending: where a text stands in a class is a search away.
        self._width = int(text_of.max(initial=0)) + 1
        self._keys = class_of[order].astype(np.int64) * self._width + self._texts

    def nearest(
        self, vectors: Floats, candidates: NDArray[np.int32], own_text: NDArray[np.int32]
    ) -> Neighbours:
        """The nearest text of each candidate class.

        Args:
            vectors: n x dimensions, of length 1.
            candidates: n x k classes.
            own_text: n; the text equal to the title itself, which is no evidence for it; -1 for none.
        """
        flat = candidates.ravel()
        order = np.argsort(flat, kind="stable")
        classes, rows = flat[order], order // candidates.shape[1]
        own = self._own_entries(classes, own_text[rows])
        # Of each question the place of the best text in its class, and its cosine.
        best = np.full(len(flat), NO_TEXT, np.int64)
        top = np.full(len(flat), NO_NEIGHBOUR, np.float32)
        asked, firsts, counts = np.unique(classes, return_index=True, return_counts=True)
        starts = self._starts.tolist()
        for number, first, last in zip(
            asked.tolist(), firsts.tolist(), (firsts + counts).tolist(), strict=True
        ):
            start, end = starts[number], starts[number + 1]
            if start == end:
                continue
            scores = vectors[rows[first:last]] @ self._vectors[start:end].T
            for place, entry in own.get(number, ()):
                scores[place - first, entry - start] = NO_NEIGHBOUR
            scores.argmax(axis=1, out=best[first:last])
            scores.max(axis=1, out=top[first:last])
        # A class whose only text is the title itself has no other.
        found = top > NO_NEIGHBOUR
        text = np.full(len(flat), NO_TEXT, np.int32)
        text[order[found]] = self._texts[self._starts[classes[found]] + best[found]]
        similarity = np.empty(len(flat), np.float32)
        similarity[order] = top
        return Neighbours(similarity.reshape(candidates.shape), text.reshape(candidates.shape))

    def _own_entries(
        self, classes: NDArray[np.int32], own_text: NDArray[np.int32]
    ) -> dict[int, list[tuple[int, int]]]:
        """Questions whose title is itself among the texts of the class asked about.

        Args:
            classes, own_text: of each question.

        Returns:
            By class, the places of such questions and of the entries that they must not be compared with.
        """
        known = np.flatnonzero(own_text != NO_TEXT)
        keys = classes[known].astype(np.int64) * self._width + own_text[known]
        entries = np.minimum(np.searchsorted(self._keys, keys), max(len(self._keys) - 1, 0))
        is_own = self._keys[entries] == keys if len(self._keys) else np.zeros(len(keys), bool)
        found: dict[int, list[tuple[int, int]]] = {}
        for place, entry in zip(known[is_own].tolist(), entries[is_own].tolist(), strict=True):
            found.setdefault(int(classes[place]), []).append((place, entry))
        return found
