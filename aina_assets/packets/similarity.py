"""Which occupations are near which: by shared weighted activities, words of their tasks and of their titles.

Belongs here: vectors of occupations and their nearest. Does not: O*NET's Related Occupations, which this is
measured against (benchmarks/packets) and which are never an input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aina_assets.packets.evidence import Evidence
from aina_assets.packets.parts import Task
from aina_assets.packets.policy import SimilarPolicy
from aina_assets.packets.vectors import DECIMALS, MOST_COMMON, Floats, Vocabulary, cosines, counted, words

# A task weighs half as much when it is the eleventh of its occupation.
HALF_AT_RANK = 10
# How much an activity counts by its level: the finer it is, the more telling.
DWA_SHARE, IWA_SHARE, GWA_SHARE = 0.5, 0.3, 0.2
OWN_NAME = 3


def task_weight(rank: int) -> float:
    """How much a task counts by its rank: 1 for the first, falling slowly."""
    return 1 / (1 + (rank - 1) / HALF_AT_RANK)


@dataclass(frozen=True)
class Near:
    """An occupation near another one."""

    code: str
    other: str
    rank: int
    similarity: float
    activities: float
    is_related: bool


@dataclass(frozen=True)
class Nearness:
    """Cosines between occupations.

    Attributes:
        codes: n O*NET-SOC codes that have tasks.
        similarity: n x n, weighted mean of the three.
        activities: n x n, by work activities alone.
    """

    codes: tuple[str, ...]
    similarity: Floats
    activities: Floats

    @cached_property
    def _places(self) -> dict[str, int]:
        return {code: place for place, code in enumerate(self.codes)}

    def between(self, code: str, other: str) -> float:
        """Similarity of two occupations; 0 where one has no tasks."""
        if code not in self._places or other not in self._places:
            return 0.0
        return float(self.similarity[self._places[code], self._places[other]])

    def mean_between(self, codes: Sequence[str]) -> float | None:
        """Mean similarity by activities of two different occupations; None with fewer than two."""
        places = [self._places[code] for code in codes if code in self._places]
        if len(places) < 2:
            return None
        block = self.activities[np.ix_(places, places)]
        pairs = len(places) * (len(places) - 1)
        return round(float((block.sum() - np.trace(block)) / pairs), DECIMALS)

    def nearest(self, related: frozenset[tuple[str, str]], kept: int) -> Iterator[Near]:
        """Of each occupation the `kept` nearest, the nearest first.

        Args:
            related: pairs of O*NET's Related Occupations, to tell which are among them.
        """
        for place, code in enumerate(self.codes):
            similarity = self.similarity[place]
            # Codes are sorted: of equally near ones a stable sort takes the first by code.
            order = [
                int(other)
                for other in np.argsort(-similarity, kind="stable")[: kept + 1]
                if other != place and similarity[other] > 0
            ]
            for rank, other in enumerate(order[:kept], 1):
                yield Near(
                    code,
                    self.codes[other],
                    rank,
                    float(similarity[other]),
                    float(self.activities[place, other]),
                    (code, self.codes[other]) in related,
                )


def activity_bag(tasks: Sequence[Task], level: str) -> dict[str, float]:
    """The activities of one level that tasks have, weighted by the tasks' ranks."""
    bag: dict[str, float] = {}
    for task in tasks:
        for activity in {getattr(activity, level) for activity in task.activities}:
            bag[activity] = bag.get(activity, 0.0) + task_weight(task.rank)
    return bag


def nearness(evidence: Evidence, policy: SimilarPolicy) -> Nearness:
    """Cosines between all occupations that have tasks."""
    codes = tuple(sorted(code for code, tasks in evidence.work.tasks.items() if tasks))
    tasks = [evidence.work.tasks[code] for code in codes]
    shares = {"dwa_id": DWA_SHARE, "iwa_id": IWA_SHARE, "gwa_id": GWA_SHARE}
    activities = sum(
        (share * _within([activity_bag(own, level) for own in tasks]) for level, share in shares.items()),
        np.zeros((len(codes), len(codes))),
    )
    by_words = _within(
        [counted(word for task in own for word in words(task.statement)) for own in tasks],
        most_common=MOST_COMMON,
    )
    by_titles = _within([_title_bag(evidence, code) for code in codes])
    similarity = (
        policy.activities * activities + policy.task_words * by_words + policy.title_words * by_titles
    )
    return Nearness(codes, np.round(similarity, DECIMALS), np.round(activities, DECIMALS))


def _title_bag(evidence: Evidence, code: str) -> dict[str, float]:
    own = words(evidence.soc.occupations[code].title) * OWN_NAME
    return counted(
        [*own, *(word for title in evidence.soc.job_titles.get(code, ()) for word in words(title))]
    )


def _within(bags: Sequence[Mapping[str, float]], *, most_common: float = 1.0) -> Floats:
    vectors = Vocabulary(bags, most_common=most_common).vectors(bags)
    return cosines(vectors, vectors)


def nearest_rows(found: Nearness, related: frozenset[tuple[str, str]], kept: int) -> list[dict[str, object]]:
    """Rows of `occupation_similarity`."""
    return [
        {
            "onet_soc_code": near.code,
            "near_onet_soc_code": near.other,
            "rank": near.rank,
            "similarity": near.similarity,
            "activity_similarity": near.activities,
            "is_related_in_onet": near.is_related,
        }
        for near in found.nearest(related, kept)
    ]
