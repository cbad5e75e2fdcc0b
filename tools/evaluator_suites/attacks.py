"""Texts that try to raise a score without doing the work.

Belongs here: the wording, as functions of a task and of a base answer. Does not: which are kept (`command`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aina_assets.learning.evaluating.rubric import Rubric
from aina_assets.learning.practice.task import AnswerKey, PracticeTask

Attack = tuple[str, str]

WORDING: dict[str, Any] = tomllib.loads((Path(__file__).parent / "attacks.toml").read_text("utf-8"))


def attacks(task: PracticeTask, key: AnswerKey, rubric: Rubric, others: list[str]) -> Iterator[Attack]:
    """Every attack on a task: its kind and its text.

    Args:
        others: whole answers to other tasks.
    """
    yield from (("injection", text) for text in WORDING["injections"])
    yield from (("off_topic", text) for text in (*WORDING["off_topic"], *others))
    yield from (("padding", text * times) for text, times in WORDING["padding"])
    yield from (("empty", text) for text in WORDING["empty"])
    yield from (("rubric_echo", text) for text in _echoes(task, key, rubric))
    yield from (("prompt_copy", text) for text in _copies(task, key))
    yield from (("keyword_stuffing", text) for text in _stuffed(task, key))
    yield from (("blanket", text) for text in _blankets(task, key))


def _echoes(task: PracticeTask, key: AnswerKey, rubric: Rubric) -> Iterator[str]:
    criteria = [criterion.text for criterion in task.criteria]
    yield "\n".join(criteria)
    yield "\n".join(f"- {text}" for text in criteria)
    yield "In this answer I do the following: " + " ".join(
        f"It {text[0].lower()}{text[1:]}" for text in criteria
    )
    yield "\n".join(criterion.advice for criterion in rubric.criteria)
    yield " ".join(f"I have done this: {criterion.advice}" for criterion in rubric.criteria)
    yield rubric.pass_note
    yield (
        "Findings: the lines that differ are named with both amounts. Checks: the total was computed. "
        f"Next step: {key.recipients[0]} was asked to correct what is wrong. Everything that the task asks "
        "for is stated above."
    )


def _copies(task: PracticeTask, key: AnswerKey) -> Iterator[str]:
    tables = "\n".join(material.text() for material in task.materials)
    yield task.given_text()
    yield tables
    yield f"Findings\n{tables}\nChecks\n{tables}\nNext step\n{task.deliverable}"
    yield "\n".join(" ".join(line) for material in task.materials for line in material.lines)
    yield f"{task.scenario} {task.deliverable}"
    by_id: dict[str, list[str]] = {}
    for material in task.materials:
        for line in material.lines:
            for cell in line:
                entity = next(
                    (held for held in key.entities if held == cell or cell.startswith(f"{held}:")), None
                )
                if entity:
                    by_id.setdefault(entity, []).append(" ".join(part for part in line if part != entity))
    yield "\n".join(f"{entity}: {' / '.join(cells)}" for entity, cells in by_id.items())
    yield "The lines that differ:\n" + "\n".join(f"- {e}: {' vs '.join(cells)}" for e, cells in by_id.items())


def _stuffed(task: PracticeTask, key: AnswerKey) -> Iterator[str]:
    words, team = WORDING["keywords"][task.family], key.recipients[0]
    ids = " ".join(key.entities)
    rows = " ".join(f"[{m.material_id}:{n}]" for m in task.materials for n in range(1, len(m.lines) + 1))
    yield words
    yield f"{words} {ids} {team}"
    yield f"{words} {rows}"
    yield f"{team} {words} {ids} {rows}"
    yield "\n".join(f"{entity} {words}" for entity in key.entities)
    yield f"Please ask {team} to correct, settle, review, confirm and set up everything."
    yield f"I ask {team} to correct {', '.join(key.entities)} this week."
    yield " ".join(f"{word} is stated." for word in words.split())
    yield f"The checks were done and the total was recomputed. {rows}"


def _blankets(task: PracticeTask, key: AnswerKey) -> Iterator[str]:
    ids = key.entities
    spray = ", ".join(f"{n}.{n % 4 * 25:02d}" for n in range(20, 400, 7))
    counts = ", ".join(str(n) for n in range(100, 2000, 40))
    if task.family == "delegate":
        for stance in ("automated", "delegated with a review", "kept with people"):
            yield "\n".join(f"- {entity} should be {stance} under rule R1, R2 and R3." for entity in ids)
            yield "\n".join(f"- {entity} should be {stance} under rule R1." for entity in ids)
        yield "\n".join(f"- {entity} can be automated, delegated or kept." for entity in ids)
        yield f"This frees one of {counts} minutes a week."
        yield "\n".join(f"This frees {n} minutes a week." for n in range(100, 1500, 50))
        return
    yield "\n".join(f"- {entity} differs and is wrong." for entity in ids)
    yield "\n".join(f"- {entity} differs by {spray}." for entity in ids)
    yield "\n".join(f"- {entity} differs, or it agrees; both are possible." for entity in ids)
    yield f"All of {', '.join(ids)} are wrong."
    yield f"The net difference in total is one of {spray}, {counts}."
    yield "\n".join(f"The total is {n}." for n in range(500, 4000, 100))
    yield "\n".join(f"There are {n} open items." for n in range(1, 16))
    yield "\n".join(f"The open items take {n} minutes in total." for n in range(300, 1500, 50))
