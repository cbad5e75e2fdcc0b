"""Fill the wording's slots from a task and its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from aina_assets.learning.practice.making import money, written
from aina_assets.learning.practice.task import AnswerKey, ExpectedClaim, PracticeTask

Figures = Mapping[str, tuple[Decimal, ...]]
Slots = dict[str, str]


def slots(task: PracticeTask, key: AnswerKey) -> Slots:
    """The slots of a task's family."""
    figures = {figure.name: figure.values for figure in key.figures}
    return {"team": key.recipients[0]} | FILLERS[task.family](task, key, figures)


def _row(claim: ExpectedClaim, material: str) -> str:
    return next(row.partition(":")[2] for row in sorted(claim.rows) if row.startswith(material))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _reconcile(task: PracticeTask, key: AnswerKey, figures: Figures) -> Slots:
    first, second = (material.title.removesuffix(" of the month").lower() for material in task.materials[:2])
    found = {
        "A": first,
        "B": second,
        "net": money(figures["net_difference"][0]),
        "ta": money(figures["control_total"][0]),
        "tb": money(figures["control_total"][1]),
    }
    for place, claim in enumerate(key.claims[:3], 1):
        one, other = claim.evidence[1].numbers
        found |= {
            f"c{place}": claim.entity,
            f"a{place}": money(one),
            f"b{place}": money(other),
            f"d{place}": money(claim.evidence[0].numbers[0]),
            f"r{place}": _row(claim, "M1"),
            f"s{place}": _row(claim, "M2"),
        }
    lone = key.claims[3]
    return found | {"lone": lone.entity, "amt": money(lone.evidence[0].numbers[0]), "rl": _row(lone, "M1")}


def _check_draft(task: PracticeTask, key: AnswerKey, figures: Figures) -> Slots:
    found = {"m3": task.materials[0].columns[-1], "total": _plain(figures["control_total"][0])}
    for place, claim in enumerate(key.claims, 1):
        right, told = claim.evidence[0].numbers
        found |= {
            f"e{place}": claim.entity,
            f"n{place}": claim.entity[1:],
            f"v{place}": _plain(right),
            f"t{place}": _plain(told),
            f"w{place}": sorted(claim.rows)[0],
        }
    return found


def _brief(task: PracticeTask, key: AnswerKey, figures: Figures) -> Slots:  # noqa: ARG001
    found = {"open": _plain(figures["open_count"][0]), "minutes": _plain(figures["open_minutes"][0])}
    for place, claim in enumerate(key.claims, 1):
        listed, said = claim.evidence[0].dates
        found |= {
            f"c{place}": claim.entity,
            f"da{place}": written(listed),
            f"db{place}": written(said),
            f"r{place}": _row(claim, "M1"),
            f"s{place}": _row(claim, "M2"),
        }
    return found


def _delegate(task: PracticeTask, key: AnswerKey, figures: Figures) -> Slots:  # noqa: ARG001
    found = {"freed": _plain(figures["freed_minutes"][0])}
    letters = {"automate": ("u", "ra"), "delegate": ("g", "rd"), "keep": ("k", "rk")}
    counts = dict.fromkeys(letters, 0)
    for claim in key.claims:
        letter, rule = letters[claim.stance]
        counts[claim.stance] += 1
        name = f"{letter}{counts[claim.stance]}"
        found |= {
            name: claim.entity,
            f"{letter}n{counts[claim.stance]}": claim.entity[1:],
            f"w{name}": _plain(claim.evidence[0].numbers[0]),
            f"r{name}": _row(claim, "M1"),
            rule: claim.evidence[1].codes[0],
        }
    return found


FILLERS: Mapping[str, Callable[[PracticeTask, AnswerKey, Figures], Slots]] = {
    "reconcile": _reconcile,
    "check_draft": _check_draft,
    "brief": _brief,
    "delegate": _delegate,
}
