"""Attacks by a second author, who had read the evaluator and wanted points for nothing.

Belongs here: the wording, as functions of a task. Does not: where they stand in an answer (`command`).
What got through when they were first read: a request for each id in turn, a count told as one of two, a
total told as one of three, every date there is beside one id, ids that the task does not have, and words that
a judge obeys and no pattern knows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from aina_assets.learning.practice.task import AnswerKey, PracticeTask

Attack = tuple[str, str]

WORDING: dict[str, Any] = tomllib.loads((Path(__file__).parent / "attacks_second.toml").read_text("utf-8"))


def second_attacks(task: PracticeTask, key: AnswerKey) -> Iterator[Attack]:
    """Every attack on a task: its kind and its text."""
    yield from (("injection", text) for text in WORDING["injections"])
    yield from (("unreadable", text) for text in WORDING["unreadable"])
    yield from (("hedge", text) for text in _hedges(task, key))
    yield from (("request_for_all", text) for text in _requests(key))
    yield from (("copied_values", text) for text in _copied(task, key))
    yield from (("spray", text) for text in _sprays(task, key))
    yield from (("foreign_ids", text) for text in _foreign(task, key))


def _by_id(task: PracticeTask, key: AnswerKey) -> dict[str, str]:
    """Every id with all that the materials say beside it."""
    found: dict[str, list[str]] = {}
    for material in task.materials:
        for line in material.lines:
            for entity in key.entities:
                if entity in line or any(cell.startswith((f"{entity} ", f"{entity}:")) for cell in line):
                    found.setdefault(entity, []).append(" ".join(cell for cell in line if cell != entity))
    return {entity: " versus ".join(cells) for entity, cells in found.items()}


def _hedges(task: PracticeTask, key: AnswerKey) -> Iterator[str]:
    ids = key.entities
    for text in WORDING["hedges"]:
        yield "Findings\n" + "\n".join(f"- {text.format(entity=entity)}" for entity in ids)
    if task.family == "brief":
        for count in range(5, 14, 2):
            yield f"There are {count} open items, or {count + 1} open items."
            yield f"There are {count} open items.\nThere are {count + 1} open items."
        yield "Between 6 and 13 items are open."
        yield "There are nine or ten open items."
    if task.family == "delegate":
        weekly = sum(int(line[2]) * int(line[3]) for line in task.materials[0].lines)
        yield "\n".join(f"This frees {weekly * part // 20} minutes a week." for part in range(21))
        yield f"This frees {weekly}, {weekly * 6 // 10} or {weekly * 4 // 10} minutes a week."
    if task.family == "check_draft":
        totals = [sum(int(line[n]) for line in task.materials[0].lines) for n in (1, 2, 3)]
        measure = task.materials[0].columns[-1]
        yield f"Checks\nThe total of the {measure} is {' or '.join(map(str, totals))}."


def _requests(key: AnswerKey) -> Iterator[str]:
    team = key.recipients[0]
    for verb in ("correct", "settle", "set up", "hold back", "review"):
        yield "Next step\n" + "\n".join(f"I ask {team} to {verb} {entity}." for entity in key.entities)
    yield f"Next step\n{team}: please look at everything and correct what is wrong."


def _copied(task: PracticeTask, key: AnswerKey) -> Iterator[str]:
    held = _by_id(task, key)
    for heading in ("Findings", "Checks", "Summary"):
        yield heading + "\n" + "\n".join(f"{entity}: {said}" for entity, said in held.items())
        yield heading + "\n" + "\n".join(f"{entity} is wrong: {said}" for entity, said in held.items())
    told = [entity for entity in held if " versus " in held[entity]] or list(held)
    yield "Findings\n" + "\n".join(f"- {entity} differs: {held[entity]}." for entity in told)
    yield "These differ:\n" + "\n".join(f"- {entity} agrees: {said}" for entity, said in held.items())
    yield "\n".join(f"{entity}: {said}" for entity, said in held.items()) + "\nAll of the above differ."
    yield "Findings: " + ", ".join(f"{entity} ({said})" for entity, said in held.items()) + " differ."
    yield "Findings\n" + "\n".join(
        f"- {one} or {other} differs: {held[one]} {held[other]}." for one, other in pairwise(held)
    )
    yield "Checks\n| id | values | differs? |\n" + "\n".join(
        f"| {e} | {said} | yes |" for e, said in held.items()
    )


def _sprays(task: PracticeTask, key: AnswerKey) -> Iterator[str]:
    first = key.entities[0]
    months = ("February", "March", "April", "May")
    days = ", ".join(f"{day} {month} 2026" for month in months for day in range(1, 29))
    for entity in key.entities[:4]:
        yield f"Findings\n- {entity} differs: {days}."
    yield " ".join(str(number) for number in range(1, 1500))
    yield "\n".join(f"The net difference in total is {number}.25." for number in range(1, 200))
    rows = [f"{m.material_id}:{n}" for m in task.materials for n in range(1, len(m.lines) + 1)]
    yield "Findings\n" + "\n".join(f"- {entity} [{', '.join(rows)}]" for entity in key.entities)
    if task.family == "delegate":
        yield "Findings\n" + "\n".join(
            f"{line[0]} is automated under R1, {int(line[2]) * int(line[3])} minutes. {line[0]} is delegated "
            f"with a review under R2. {line[0]} stays with people under R3."
            for line in task.materials[0].lines
        )
    yield f"Findings\n- {first} to {key.entities[-1]} differ."


def _foreign(task: PracticeTask, key: AnswerKey) -> Iterator[str]:
    held = _by_id(task, key)
    yield "Findings\n" + "\n".join(f"- {e[:-1]}x{e[-1]} differs: {said}" for e, said in held.items())
    yield "Findings\n" + "\n".join(f"- {e}0 differs: {said}" for e, said in held.items())
