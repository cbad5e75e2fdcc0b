"""Put chosen items in order and into weeks.

Belongs here: order and weeks. Does not: choosing (`choosing`).

Work goes on from item to item; what a week does not hold goes on in the next. So no week has more than its
minutes, and whatever fits into all weeks together has its place.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from aina_assets.learning.planning.choosing import Item


@dataclass(frozen=True)
class Placed:
    """An item's place: its position among the items, and the weeks in which it begins and ends, from 1."""

    place: int
    week: int
    last_week: int


def scheduled(items: Sequence[Item], chosen: Sequence[int], weekly_minutes: int) -> list[Placed]:
    """The chosen items in order: what rests on others after them, the worthiest by the minute first.

    Args:
        weekly_minutes: over 0 where anything is chosen.
    """
    placed: list[Placed] = []
    minute = 0
    for place in ordered(items, chosen):
        end = minute + items[place].minutes
        placed.append(Placed(place, minute // weekly_minutes + 1, (end - 1) // weekly_minutes + 1))
        minute = end
    return placed


def ordered(items: Sequence[Item], chosen: Sequence[int]) -> list[int]:
    """The chosen items, each after those that it rests on.

    An item's turn comes by the worth by the minute of the best that it opens, itself included: a module of
    little worth that leads to much does not wait.
    """
    inside = set(chosen)
    children: dict[int, list[int]] = {place: [] for place in inside}
    for place in inside:
        for parent in items[place].parents:
            children[parent].append(place)
    urgency: dict[int, float] = {}
    for place in sorted(inside, reverse=True):
        own = items[place].worth / items[place].minutes
        urgency[place] = max([own, *(urgency[child] for child in children[place])])
    waiting = {place: len(items[place].parents) for place in inside}
    ready = [(-urgency[place], place) for place in inside if waiting[place] == 0]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        _, place = heapq.heappop(ready)
        order.append(place)
        for child in children[place]:
            waiting[child] -= 1
            if waiting[child] == 0:
                heapq.heappush(ready, (-urgency[child], child))
    return order
