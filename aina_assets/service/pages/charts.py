"""Charts as geometry: where bars, ticks and days of an inline SVG are; a template draws them.

Belongs here: lengths and places, in the SVG's own units. Does not: colours, words, or any figure of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from aina_assets.learning.planning.plan import Plan
from aina_assets.service.api.models import LearnerRecord

WIDTH = 960
LABEL = 270
ROW = 34
TOP = 30


@dataclass(frozen=True)
class Bar:
    """A plan item in the timeline."""

    number: int
    x: float
    y: float
    width: float
    stage: str
    told: str
    is_done: bool


@dataclass(frozen=True)
class Timeline:
    """The path, a row for each workflow, a column for each week."""

    width: int
    height: int
    label: int
    rows: Sequence[tuple[float, str]]
    weeks: Sequence[tuple[float, int]]
    bars: Sequence[Bar]


def timeline(plan: Plan, done: Mapping[str, str]) -> Timeline:
    """Where the items of a plan are.

    Args:
        done: how far each item is, by its id.
    """
    names = list(dict.fromkeys(item.workflow_name for item in plan.items))
    last = max((item.last_week for item in plan.items), default=1)
    week = (WIDTH - LABEL) / last
    spent = 0
    bars = []
    for number, item in enumerate(plan.items, 1):
        # Items follow each other; an item that begins in a later week waits for it.
        spent = max(spent, (item.week - 1) * plan.weekly_minutes)
        x = LABEL + spent / max(plan.weekly_minutes, 1) * week
        width = item.minutes / max(plan.weekly_minutes, 1) * week
        spent += item.minutes
        y = TOP + names.index(item.workflow_name) * ROW + 6
        told = f"Week {item.week}: {item.workflow_name}, {item.minutes} min"
        state = done.get(item.item_id, "")
        bars.append(
            Bar(number, round(x, 1), y, round(max(width - 2, 3), 1), item.stage, told, state == "passed")
        )
    return Timeline(
        width=WIDTH,
        height=TOP + len(names) * ROW + 8,
        label=LABEL,
        rows=[(TOP + place * ROW, name) for place, name in enumerate(names)],
        weeks=[(round(LABEL + place * week, 1), place + 1) for place in range(last)],
        bars=bars,
    )


@dataclass(frozen=True)
class MasteryRow:
    """A workflow's mastery: what was told or assumed at first, and what it is now."""

    name: str
    prior: float
    mastery: float
    results: int


def mastery(record: LearnerRecord, names: Mapping[str, str]) -> list[MasteryRow]:
    """The workflows' bars.

    Args:
        names: workflows' names by id.
    """
    return [
        MasteryRow(names.get(workflow_id, workflow_id), held.prior, held.mastery, held.attempts)
        for workflow_id, held in record.workflows.items()
    ]


@dataclass(frozen=True)
class Day:
    """A day of the review calendar."""

    x: int
    y: int
    day: date
    due: Sequence[str]
    results: int
    is_today: bool
    is_past: bool


@dataclass(frozen=True)
class Calendar:
    """Practice behind and reviews ahead, a column for each week, Monday at the top."""

    width: int
    height: int
    cell: int
    days: Sequence[Day]
    months: Sequence[tuple[int, str]]
    later: Sequence[tuple[date, str]]


def calendar(record: LearnerRecord, names: Mapping[str, str], now: datetime) -> Calendar:
    """Where the days are: four weeks behind, twelve ahead; what is due later stands apart."""
    cell, left, top, behind, ahead = 34, 44, 26, 4, 12
    today = now.date()
    monday = today - timedelta(days=today.weekday() + 7 * behind)
    due: dict[date, list[str]] = {}
    results: dict[date, int] = {}
    for workflow_id, held in record.workflows.items():
        if held.next_review is not None:
            when = datetime.fromisoformat(held.next_review.due).date()
            due.setdefault(when, []).append(names.get(workflow_id, workflow_id))
        for at, _ in held.reviews:
            when = datetime.fromisoformat(at).date()
            results[when] = results.get(when, 0) + 1
    days, months = [], []
    for week in range(behind + ahead + 1):
        first = monday + timedelta(weeks=week)
        if first.day <= 7 or week == 0:
            months.append((left + week * cell, f"{first:%b}"))
        for weekday in range(7):
            when = first + timedelta(days=weekday)
            days.append(
                Day(
                    x=left + week * cell,
                    y=top + weekday * cell,
                    day=when,
                    due=due.get(when, ()),
                    results=results.get(when, 0),
                    is_today=when == today,
                    is_past=when < today,
                )
            )
    last = monday + timedelta(weeks=behind + ahead + 1)
    later = sorted(
        (when, name) for when, held in due.items() for name in held if when >= last or when < monday
    )
    return Calendar(left + (behind + ahead + 1) * cell + 4, top + 7 * cell + 6, cell, days, months, later)


@dataclass(frozen=True)
class Piece:
    """A piece of an answer, and the criteria that it is evidence of."""

    text: str
    criteria: tuple[int, ...]


def pieces(text: str, spans: Mapping[int, Sequence[tuple[int, int]]]) -> list[Piece]:
    """An answer cut where evidence begins and ends.

    Args:
        spans: characters by the criterion's number.
    """
    cuts = {0, len(text)}
    for held in spans.values():
        for start, end in held:
            cuts |= {min(start, len(text)), min(end, len(text))}
    places = sorted(cuts)
    found = []
    for start, end in pairwise(places):
        criteria = tuple(
            number
            for number, held in spans.items()
            if any(first <= start and end <= last for first, last in held)
        )
        found.append(Piece(text[start:end], criteria))
    return found
