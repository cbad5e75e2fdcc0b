"""Tasks that do not fit their occupation, and tasks of an occupation that say the same.

Belongs here: comparing tasks by their words and activities. Does not: titles (`titles`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from aina_assets.packets.parts import Task
from aina_assets.packets.policy import ReviewPolicy
from aina_assets.packets.similarity import Nearness
from aina_assets.packets.vectors import MOST_COMMON, Floats, Vocabulary, cosines, counted, words

# A task counts by its words and by its activities, the finer the more; words alone are too few to tell.
ACTIVITY_WEIGHT: Mapping[str, float] = {"dwa_id": 1.0, "iwa_id": 1.5, "gwa_id": 0.5}


@dataclass(frozen=True)
class TaskFinding:
    """What is odd about a task.

    Attributes:
        code: its occupation.
        task_ids: the task, or the two that say the same.
        points_to: the occupation that it is nearer to; None of a pair.
        score: margin, or likeness.
    """

    code: str
    task_ids: tuple[int, ...]
    points_to: str | None
    score: float


class TaskReview:
    """Compares the tasks of occupations.

    Args:
        tasks: of every occupation that has some.
        nearness: how alike occupations are.
        policy: what counts as odd.
    """

    def __init__(self, tasks: Mapping[str, Sequence[Task]], nearness: Nearness, policy: ReviewPolicy) -> None:
        self._policy = policy
        self._nearness = nearness
        self._codes = sorted(tasks)
        self._tasks = [task for code in self._codes for task in tasks[code]]
        self._owner = np.repeat(np.arange(len(self._codes)), [len(tasks[code]) for code in self._codes])

    @cached_property
    def _words(self) -> Any:
        bags = [counted(words(task.statement)) for task in self._tasks]
        return Vocabulary(bags, most_common=MOST_COMMON).vectors(bags)

    @cached_property
    def _profiles(self) -> Any:
        bags = [
            {
                **counted(words(task.statement)),
                **{
                    getattr(activity, level): weight
                    for level, weight in ACTIVITY_WEIGHT.items()
                    for activity in task.activities
                },
            }
            for task in self._tasks
        ]
        return Vocabulary(bags, most_common=MOST_COMMON).vectors(bags)

    def near_duplicates(self) -> Iterator[TaskFinding]:
        """Pairs of tasks of one occupation whose words say nearly the same."""
        for place, code in enumerate(self._codes):
            # An occupation's tasks stand together.
            rows = range(*np.searchsorted(self._owner, (place, place + 1)))
            own = self._words[rows.start : rows.stop]
            like = cosines(own, own)
            for one, other in zip(*np.nonzero(np.triu(like >= self._policy.near_duplicate, 1)), strict=True):
                ids = tuple(sorted(self._tasks[rows[number]].task_id for number in (one, other)))
                yield TaskFinding(code, ids, None, float(like[one, other]))

    def elsewhere(self) -> Iterator[TaskFinding]:
        """Tasks nearer to another occupation's than to their own's, which has no other of their activity."""
        own, best, nearest = self._likeness()
        margins = np.round(best - own, 4)
        odd = (margins >= self._policy.task_margin) & (own <= self._policy.task_own)
        for place in map(int, np.flatnonzero(odd)):
            code, other = self._codes[self._owner[place]], self._codes[nearest[place]]
            if self._is_alone(place) and self._nearness.between(code, other) <= self._policy.task_near:
                ids = (self._tasks[place].task_id,)
                yield TaskFinding(code, ids, other, float(margins[place]))

    def _likeness(self) -> tuple[Floats, Floats, Any]:
        """Of each task: cosine to the rest of its occupation, the best to another, and which that is."""
        count = len(self._tasks)
        membership = sp.csr_matrix(
            (np.ones(count), (self._owner, np.arange(count))), shape=(len(self._codes), count)
        )
        sums = (membership @ self._profiles).tocsr()
        lengths = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1)).ravel())
        dots: Floats = np.asarray((self._profiles @ sums.T).todense(), np.float64)
        places = np.arange(count)
        with_own = dots[places, self._owner]
        # Without itself: what is left of the sum, and its length.
        rest = np.sqrt(np.maximum(lengths[self._owner] ** 2 - 2 * with_own + 1, 0))
        own: Floats = np.where(rest > 1e-9, (with_own - 1) / np.maximum(rest, 1e-9), 0.0)
        others: Floats = dots / np.maximum(lengths, 1e-9)
        others[places, self._owner] = -1.0
        nearest = others.argmax(axis=1)
        return np.round(own, 4), np.round(others[places, nearest], 4), nearest

    @cached_property
    def _sharing(self) -> dict[tuple[int, str], int]:
        """How many tasks of each occupation have an intermediate activity."""
        found: dict[tuple[int, str], int] = {}
        for owner, task in zip(self._owner, self._tasks, strict=True):
            for activity in {activity.iwa_id for activity in task.activities}:
                found[int(owner), activity] = found.get((int(owner), activity), 0) + 1
        return found

    def _is_alone(self, place: int) -> bool:
        owner = int(self._owner[place])
        return all(self._sharing[owner, a.iwa_id] == 1 for a in self._tasks[place].activities)
