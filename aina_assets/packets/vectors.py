"""Weighted vectors of words and of work activities, and cosines of them.

Belongs here: arithmetic on texts and bags. Does not: what is compared with what.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

WORD = re.compile(r"[a-z]{3,}")
# Words in more than this share of the texts tell nothing.
MOST_COMMON = 0.3
# As many decimals of a cosine are the same on every machine.
DECIMALS = 4

Floats = NDArray[np.float64]


def words(text: str) -> list[str]:
    """The words of a text in lower case, plural endings cut; single letters and pairs are left out."""
    return [_stem(word) for word in WORD.findall(text.lower())]


@cache
def _stem(word: str) -> str:
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    is_plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if is_plural else word


def counted(terms: Iterable[str]) -> dict[str, float]:
    """How often each term occurs."""
    return dict(Counter(terms))


class Vocabulary:
    """The terms of a set of bags, with their inverse document frequency.

    Args:
        bags: term to weight, one bag a text.
        most_common: terms in more than this share of the bags weigh nothing.
    """

    def __init__(self, bags: Sequence[Mapping[str, float]], *, most_common: float = 1.0) -> None:
        frequency = Counter(chain.from_iterable(bags))
        limit = max(most_common * len(bags), 1)
        self._place = {
            term: place for place, term in enumerate(sorted(t for t, n in frequency.items() if n <= limit))
        }
        counts = np.array([frequency[term] for term in self._place], np.float64)
        self._weight = np.log((1 + len(bags)) / counts)

    def vectors(self, bags: Sequence[Mapping[str, float]]) -> Any:
        """Unit vectors of bags, n x terms, sparse; a bag of unknown terms alone has a zero vector."""
        place = self._place.get
        places = np.array([place(term, -1) for bag in bags for term in bag], np.int64)
        weights = np.array([weight for bag in bags for weight in bag.values()], np.float64)
        rows = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
        known = places >= 0
        places, weights, rows = places[known], weights[known], rows[known]
        # By row and then by term: sums of one order are the same on every machine.
        order = np.lexsort((places, rows))
        places, rows = places[order], rows[order]
        values = np.sqrt(weights[order]) * self._weight[places]
        lengths = np.sqrt(np.bincount(rows, values * values, len(bags)))
        lengths[lengths == 0] = 1.0
        starts = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(bags)))))
        return sp.csr_matrix((values / lengths[rows], places, starts), shape=(len(bags), len(self._place)))


def cosines(left: Any, right: Any) -> Floats:
    """Cosines of unit vectors: n x m, rounded."""
    found: Floats = np.asarray((left @ right.T).todense(), np.float64)
    return np.clip(np.round(found, DECIMALS), 0.0, 1.0)
