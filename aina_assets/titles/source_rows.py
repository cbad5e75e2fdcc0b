"""Where an authority lists a text: the source row behind a retrieved candidate.

Belongs here: which row speaks for a class and a text. Does not: finding texts (`retrieval`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aina_assets.titles.retrieval.index import NO_TEXT

SourceRow = tuple[str, int]
"""A source table's name, and a row's number in it."""


class SourceRows:
    """Looks rows up; each pair of a class and a text is looked for once.

    Args:
        texts: normalized authority titles.
        classes: O*NET-SOC codes.
        columns: of each column of `authority_title` its values, row by row.
    """

    def __init__(
        self, texts: Sequence[str], classes: Sequence[str], columns: Mapping[str, Sequence[Any]]
    ) -> None:
        self._classes = classes
        self._columns = columns
        places = {text: place for place, text in enumerate(texts)}
        self._rows: list[list[int]] = [[] for _ in places]
        for number, core in enumerate(columns["core_title"]):
            place = places.get(core)
            if place is not None:
                self._rows[place].append(number)
        self._known: dict[int, SourceRow | None] = {NO_TEXT: None}

    def __call__(self, classes: NDArray[np.int32], texts: NDArray[np.int32]) -> list[SourceRow | None]:
        """Of each class and text the row that lists the text under the class; None for no text.

        Args:
            classes: n places of classes.
            texts: n places of texts; `NO_TEXT` for none.
        """
        pairs = np.where(texts == NO_TEXT, NO_TEXT, classes.astype(np.int64) * len(self._rows) + texts)
        known = self._known
        for pair in set(pairs.tolist()).difference(known):
            known[pair] = self._row(*divmod(pair, len(self._rows)))
        return [known[pair] for pair in pairs.tolist()]

    def _row(self, number: int, text: int) -> SourceRow:
        """The row of the class itself, else of its SOC code, else of any."""
        code = self._classes[number]
        rows, onet, soc = self._rows[text], self._columns["onet_soc_code"], self._columns["soc_code"]
        of_soc = next((row for row in rows if soc[row] == code[:7]), rows[0])
        best = next((row for row in rows if onet[row] == code), of_soc)
        return self._columns["source_table"][best], self._columns["source_row"][best]
