"""The floor: naive TF-IDF of character n-grams, and the occupation of the nearest alternate title.

Belongs here: scikit-learn, nowhere else. Does not: anything of the project's but its tables.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from aina_assets.titles.retrieval.taxonomy import Grouping
from benchmarks.titles.figures import Ranked, ranked
from benchmarks.titles.ours import Question, joined
from benchmarks.titles.splits import Tables

Floats = NDArray[np.float32]

CHUNK = 256
# Below any cosine: an occupation without alternate titles.
NONE_NEAR = np.float32(-1)


class TfidfFloor:
    """Raw titles to the cosine of the nearest alternate title of every occupation.

    Args:
        tables: the tables whose alternate titles are the index.
        classes: O*NET-SOC codes, sorted.
    """

    def __init__(self, tables: Tables, classes: Sequence[str]) -> None:
        titles = tables["onet_job_title"].select(["job_title", "onet_soc_code"]).to_pylist()
        place = {code: number for number, code in enumerate(classes)}
        of_class = np.array([place[row["onet_soc_code"]] for row in titles])
        order = np.argsort(of_class, kind="stable")
        self._vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), dtype=np.float32)
        index = self._vectorizer.fit_transform([titles[number]["job_title"] for number in order])
        self._index = index.T.tocsr()
        self._present, self._starts = np.unique(of_class[order], return_index=True)
        self._classes = len(classes)

    def cosines(self, raw: Sequence[str]) -> Floats:
        """Shape: titles x classes."""
        near = (self._vectorizer.transform(raw) @ self._index).toarray()
        cosines = np.full((len(raw), self._classes), NONE_NEAR, np.float32)
        cosines[:, self._present] = np.maximum.reduceat(near, self._starts, axis=1)
        return cosines

    def predict(self, asked: Question) -> tuple[dict[str, Ranked], float]:
        """What it says of every title, by level, and its titles a second."""
        parts: dict[str, list[Ranked]] = {level: [] for level in asked.right}
        seconds = 0.0
        for first in range(0, len(asked.titles), CHUNK):
            raw = [title.raw for title in asked.titles[first : first + CHUNK]]
            start = time.perf_counter()
            cosines = self.cosines(raw)
            seconds += time.perf_counter() - start
            for level, groups in asked.right.items():
                of_level = asked.groupings[level]
                found = ranked(_largest(of_level, cosines), of_level.names, groups[first : first + CHUNK])
                parts[level].append(found)
        return {level: joined(found) for level, found in parts.items()}, len(asked.titles) / seconds


def _largest(of_level: Grouping, values: Floats) -> Floats:
    order = np.argsort(of_level.of_class, kind="stable")
    starts = np.searchsorted(of_level.of_class[order], np.arange(len(of_level.names)))
    largest: Floats = np.maximum.reduceat(values[:, order], starts, axis=1)
    return largest
