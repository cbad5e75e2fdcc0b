"""Choose items of the greatest worth within capacity, prerequisites kept: exactly, by two methods.

Belongs here: the two methods. Does not: what an item is worth (`catalogue`).

HiGHS solves the integer program of any size, in time that nobody can promise. The dynamic program goes
workflow by workflow: of each it takes every closed set of modules with the best of their steps, for every
capacity at once. It is exact while minutes are whole multiples of its unit; its time grows with items x
capacity, not exponentially. Both are exact, so more capacity never covers less, and a goal never lowers
what is done for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from aina_assets.core.errors import AinaError

# Two sets whose worths differ by less are worth the same; the one that is found first stays.
SAME = 1e-12
SCALE = 1_000.0
# HiGHS gives up after so many seconds, and the other method is asked.
MOST_SECONDS = 10.0


class PlanError(AinaError):
    """No plan could be made."""

    default_remedy = "Report the assessment's id: every assessment has a plan, be it an empty one."


@dataclass(frozen=True)
class Item:
    """What choosing needs to know of an item.

    Attributes:
        parents: positions of the items that must be chosen with it; each stands before it.
        group: items of different groups do not rest on each other.
    """

    worth: float
    minutes: int
    parents: tuple[int, ...]
    group: str


def worth_of(items: Sequence[Item], chosen: Sequence[int]) -> float:
    """The worth of a choice."""
    return sum(items[place].worth for place in chosen)


def minutes_of(items: Sequence[Item], chosen: Sequence[int]) -> int:
    """The minutes of a choice."""
    return sum(items[place].minutes for place in chosen)


# --- the integer program


def by_highs(items: Sequence[Item], capacity: int) -> list[int] | None:
    """The best choice by HiGHS; None where it was not done in time."""
    if not items:
        return []
    worths = np.array([item.worth for item in items])
    scale = SCALE / worths.max() if worths.max() > 0 else 1.0
    # Of equally good choices the one with the earlier items: the result does not hang on the solver's way.
    tie = np.linspace(1.0, 0.0, len(items)) * 1e-6
    links = [(place, parent) for place, item in enumerate(items) for parent in item.parents]
    rows = np.repeat(np.arange(len(links)), 2)
    columns = np.array([place for link in links for place in link], dtype=int)
    values = np.tile([1.0, -1.0], len(links))
    constraints = [
        LinearConstraint(np.array([item.minutes for item in items], dtype=float), -np.inf, capacity)
    ]
    if links:
        matrix = csr_array((values, (rows, columns)), shape=(len(links), len(items)))
        constraints.append(LinearConstraint(matrix, -np.inf, 0))
    found = milp(
        -(worths * scale + tie),
        integrality=np.ones(len(items)),
        bounds=Bounds(0, 1),
        constraints=constraints,
        options={"mip_rel_gap": 0.0, "time_limit": MOST_SECONDS, "presolve": True},
    )
    if found.status != 0 or found.x is None:
        return None
    return [place for place, value in enumerate(found.x) if value > 0.5]


# --- the dynamic program

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Way:
    """One way to take a group's modules, and for every capacity which of their steps."""

    modules: tuple[int, ...]
    steps: tuple[int, ...]
    taken: NDArray[np.bool_]
    best: Floats


def by_dynamic_program(items: Sequence[Item], capacity: int, unit: int) -> list[int]:
    """The best choice by dynamic programming.

    Args:
        capacity: minutes.
        unit: minutes that all items' minutes are multiples of.

    Raises:
        PlanError: an item's minutes are no multiple of the unit.
    """
    if any(item.minutes % unit for item in items):
        raise PlanError(f"an item's minutes are no multiple of {unit}")
    width = min(capacity, sum(item.minutes for item in items)) // unit + 1
    best: Floats = np.zeros(width)
    layers: list[tuple[list[_Way], NDArray[np.int64]]] = []
    for group in dict.fromkeys(item.group for item in items):
        places = [place for place, item in enumerate(items) if item.group == group]
        modules = _modules(items, places)
        steps = [place for place in places if place not in modules]
        ways = [_way(items, steps, taken, best, unit) for taken in _closed(items, modules)]
        values = np.stack([way.best for way in ways])
        # The first way of equal ones: `argmax` takes it, once differences that are none are taken away.
        table = values.copy()
        table[1:] -= SAME
        picked = table.argmax(axis=0)
        best = np.take_along_axis(values, picked[None], axis=0)[0]
        layers.append((ways, picked))
    return _walk_back(items, layers, width - 1, unit)


def _way(
    items: Sequence[Item], ends: Sequence[int], modules: tuple[int, ...], before: Floats, unit: int
) -> _Way:
    best = _shifted(before, minutes_of(items, modules) // unit) + worth_of(items, modules)
    steps = tuple(place for place in ends if set(items[place].parents) <= set(modules))
    taken = np.zeros((len(steps), len(best)), dtype=np.bool_)
    for number, place in enumerate(steps):
        with_it = _shifted(best, items[place].minutes // unit) + items[place].worth
        taken[number] = with_it > best + SAME
        best = np.where(taken[number], with_it, best)
    return _Way(modules, steps, taken, best)


def _shifted(best: Floats, by: int) -> Floats:
    """What `best` gives with `by` units less; where there are not so many, nothing is possible."""
    if by == 0:
        return best.copy()
    shifted = np.full_like(best, -np.inf)
    if by < len(best):
        shifted[by:] = best[:-by]
    return shifted


def _modules(items: Sequence[Item], places: Sequence[int]) -> list[int]:
    """The items of a group that rest on nothing, or that others rest on."""
    rested_on = {parent for place in places for parent in items[place].parents}
    return [place for place in places if place in rested_on or not items[place].parents]


def _closed(items: Sequence[Item], modules: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every set of a group's modules that holds what they rest on, the empty one first."""
    for count in range(len(modules) + 1):
        for chosen in combinations(modules, count):
            if all(set(items[place].parents) <= set(chosen) for place in chosen):
                yield chosen


def _walk_back(
    items: Sequence[Item], layers: Sequence[tuple[list[_Way], NDArray[np.int64]]], left: int, unit: int
) -> list[int]:
    chosen: list[int] = []
    for ways, picked in reversed(layers):
        way = ways[picked[left]]
        for number in range(len(way.steps) - 1, -1, -1):
            if way.taken[number, left]:
                place = way.steps[number]
                chosen.append(place)
                left -= items[place].minutes // unit
        chosen += way.modules
        left -= minutes_of(items, way.modules) // unit
    return sorted(chosen)
