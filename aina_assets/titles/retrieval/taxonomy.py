"""The ladder of levels: from one O*NET occupation up to a business function.

Belongs here: the levels, and which group of each level an occupation is in. Does not: which level a title
is served at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# From the most specific to the coarsest. SOC's own words for its levels, with the O*NET occupation (eight
# digits) below and the business function above them.
SOC_LEVELS = ("occupation", "detailed", "broad", "minor", "major")
LEVELS = (*SOC_LEVELS, "function")
DIGITS = {"occupation": 8, "detailed": 6, "broad": 5, "minor": 3, "major": 2}
OUT_OF_SCOPE = "(out of scope)"


@dataclass(frozen=True)
class Grouping:
    """The groups of one level, and the group of each class.

    Attributes:
        level: one of `LEVELS`.
        names: the groups' codes (or function names), sorted.
        of_class: classes; the place of each class's group in `names`.
    """

    level: str
    names: tuple[str, ...]
    of_class: NDArray[np.int32]

    def sums(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of each group. Shape: titles x groups, from titles x classes."""
        if np.array_equal(self.of_class, np.arange(len(self.names))):
            return probabilities
        order = np.argsort(self.of_class, kind="stable")
        starts = np.searchsorted(self.of_class[order], np.arange(len(self.names)))
        sorted_columns = probabilities if (np.diff(self.of_class) >= 0).all() else probabilities[:, order]
        summed: NDArray[np.float32] = np.add.reduceat(sorted_columns, starts, axis=1)
        return summed


@dataclass(frozen=True)
class Taxonomy:
    """The classes (O*NET-SOC codes, sorted) and their groups at every SOC level."""

    classes: tuple[str, ...]
    groupings: Mapping[str, Grouping]

    def group(self, code: str, level: str) -> str:
        """The group of a class at a level.

        Raises:
            KeyError: it is no class.
        """
        grouping = self.groupings[level]
        return grouping.names[int(grouping.of_class[self.place[code]])]

    def sums(self, probabilities: NDArray[np.float32]) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Each SOC level, from the finest, with the probability of its groups. Shape: titles x groups.

        A level's groups are summed from those of the level below: that is a third of the work.
        """
        for level, step in self._steps.items():
            probabilities = step.sums(probabilities)
            yield level, probabilities

    @cached_property
    def _steps(self) -> dict[str, Grouping]:
        """Each level's groups as groups of those below."""
        steps = {}
        of_class: NDArray[np.int32] = np.arange(len(self.classes), dtype=np.int32)
        for level in SOC_LEVELS:
            group = self.groupings[level]
            _, first = np.unique(of_class, return_index=True)
            steps[level] = Grouping(level, group.names, group.of_class[first])
            of_class = group.of_class
        return steps

    @cached_property
    def place(self) -> dict[str, int]:
        """Each class's place."""
        return {code: place for place, code in enumerate(self.classes)}


def build_taxonomy(onet_soc_codes: Sequence[str], parents: Mapping[str, str | None]) -> Taxonomy:
    """The taxonomy of occupations.

    Args:
        onet_soc_codes: O*NET-SOC codes such as `13-2011.00`.
        parents: SOC code to its parent's, for detailed, broad and minor groups.

    Raises:
        KeyError: an occupation's SOC code has no parent among them.
    """
    classes = tuple(sorted(set(onet_soc_codes)))
    chains = []
    for code in classes:
        detailed = code[:7]
        broad = parents[detailed] or ""
        minor = parents[broad] or ""
        chains.append((code, detailed, broad, minor, parents[minor] or ""))
    return Taxonomy(
        classes,
        {
            level: grouping(level, [chain[place] for chain in chains])
            for place, level in enumerate(SOC_LEVELS)
        },
    )


def grouping(level: str, group_of_class: Sequence[str]) -> Grouping:
    """A level's grouping from the group of each class."""
    names = tuple(sorted(set(group_of_class)))
    place = {name: number for number, name in enumerate(names)}
    return Grouping(level, names, np.array([place[name] for name in group_of_class], np.int32))
