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

    def nearest(
        self, vectors: Floats, candidates: NDArray[np.int32], own_text: NDArray[np.int32]
    ) -> Neighbours:
        """The nearest text of each candidate class.

        Args:
            vectors: n x dimensions, of length 1.
            candidates: n x k classes.
            own_text: n; the text equal to the title itself, which is no evidence for it; -1 for none.
        """
        similarity = np.full(candidates.shape, NO_NEIGHBOUR, np.float32)
        text = np.full(candidates.shape, NO_TEXT, np.int32)
        flat = candidates.ravel()
        order = np.argsort(flat, kind="stable")
        bounds = np.searchsorted(flat[order], np.arange(len(self._starts)))
        columns = candidates.shape[1]
        for number in np.unique(flat):
            places = order[bounds[number] : bounds[number + 1]]
            first, last = self._starts[number], self._starts[number + 1]
            if first == last:
                continue
            rows = places // columns
            texts = self._texts[first:last]
            scores = vectors[rows] @ self._vectors[first:last].T
            scores[own_text[rows][:, None] == texts[None, :]] = NO_NEIGHBOUR
            best = scores.argmax(axis=1)
            top = scores[np.arange(len(rows)), best]
            similarity.ravel()[places] = top
            text.ravel()[places] = np.where(top > NO_NEIGHBOUR, texts[best], NO_TEXT)
        return Neighbours(similarity, text)
