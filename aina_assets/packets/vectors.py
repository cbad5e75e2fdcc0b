"""Weighted vectors of words and of work activities, and cosines of them.

Belongs here: arithmetic on texts and bags. Does not: what is compared with what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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


def _stem(word: str) -> str:
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    is_plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if is_plural else word


def counted(terms: Iterable[str]) -> dict[str, float]:
    """How often each term occurs."""
    counts: dict[str, float] = {}
    for term in terms:
        counts[term] = counts.get(term, 0.0) + 1.0
    return counts


class Vocabulary:
    """The terms of a set of bags, with their inverse document frequency.

    Args:
        bags: term to weight, one bag a text.
        most_common: terms in more than this share of the bags weigh nothing.
    """

    def __init__(self, bags: Sequence[Mapping[str, float]], *, most_common: float = 1.0) -> None:
        frequency: dict[str, int] = {}
        for bag in bags:
            for term in bag:
                frequency[term] = frequency.get(term, 0) + 1
        limit = max(most_common * len(bags), 1)
        self._place = {
            term: place for place, term in enumerate(sorted(t for t, n in frequency.items() if n <= limit))
        }
        counts = np.array([frequency[term] for term in self._place], np.float64)
        self._weight = np.log((1 + len(bags)) / counts)

    def vectors(self, bags: Sequence[Mapping[str, float]]) -> Any:
        """Unit vectors of bags, n x terms, sparse; a bag of unknown terms alone has a zero vector."""
        data: list[float] = []
        columns: list[int] = []
        starts = [0]
        for bag in bags:
            known = sorted((self._place[term], weight) for term, weight in bag.items() if term in self._place)
            values = [float(np.sqrt(weight)) * float(self._weight[place]) for place, weight in known]
            length = float(np.sqrt(sum(value * value for value in values))) or 1.0
            data += [value / length for value in values]
            columns += [place for place, _ in known]
            starts.append(len(data))
        return sp.csr_matrix((data, columns, starts), shape=(len(bags), len(self._place)))


def cosines(left: Any, right: Any) -> Floats:
    """Cosines of unit vectors: n x m, rounded."""
    found: Floats = np.asarray((left @ right.T).todense(), np.float64)
    return np.clip(np.round(found, DECIMALS), 0.0, 1.0)
