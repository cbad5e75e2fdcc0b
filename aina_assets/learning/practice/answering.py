"""What a synthetic learner hands in: an answer that holds as much of the key as the learner masters.

Belongs here: writing such answers, for simulated journeys and for tests of the evaluator. Does not:
showing them to anybody who practises.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from aina_assets.learning.practice.making import money, written
from aina_assets.learning.practice.task import AnswerKey, ExpectedClaim, PracticeTask


@dataclass(frozen=True)
class Effort:
    """How much of a right answer is handed in.

    Attributes:
        claims: how many of the claims.
        has_figures: whether the figures are worked out.
        has_citations: whether rows are cited.
        has_next_step: whether somebody is asked for something.
        wrong_claims: how many things are claimed that are not so.
    """

    claims: int
    has_figures: bool = True
    has_citations: bool = True
    has_next_step: bool = True
    wrong_claims: int = 0


def whole(key: AnswerKey) -> Effort:
    """A whole answer."""
    return Effort(len(key.claims))


def by_skill(key: AnswerKey, skill: float) -> Effort:
    """The effort of a learner who masters a share of it, 0 to 1."""
    return Effort(
        claims=round(len(key.claims) * min(1.0, skill * 1.15)),
        has_figures=skill >= 0.55,
        has_citations=skill >= 0.4,
        has_next_step=skill >= 0.5,
        wrong_claims=0 if skill >= 0.35 else 1,
    )


def answer(task: PracticeTask, key: AnswerKey, effort: Effort) -> str:
    """The answer's text."""
    claims = key.claims[: effort.claims]
    lines = ["Findings", *(_claim(task, claim, effort) for claim in claims)]
    expected = {claim.entity for claim in key.claims}
    if task.family == "delegate":
        lines += [
            _wrongly_decided(claim) for claim in key.claims[-effort.wrong_claims :] if effort.wrong_claims
        ]
    else:
        others = [entity for entity in key.entities if entity not in expected]
        lines += [f"- {entity} is wrong as well." for entity in others[: effort.wrong_claims]]
    if effort.has_figures:
        lines += _figures(task, key)
    if effort.has_next_step and claims:
        lines += ["", "Next step", _next_step(task, claims[0].entity, key.recipients[0])]
    return "\n".join(lines) + "\n"


def _claim(task: PracticeTask, claim: ExpectedClaim, effort: Effort) -> str:
    rows = f" [{', '.join(sorted(claim.rows)[:2])}]" if effort.has_citations else ""
    way = claim.evidence[0]
    if task.family == "delegate":
        what = {
            "automate": "can be automated",
            "delegate": "should be delegated, with a review of each result",
            "keep": "stays with people",
        }[claim.stance]
        why = f"{_plain(way.numbers[0])} minutes a week, rule {claim.evidence[1].codes[0]}"
        return f"- {claim.entity} {what}: {why}{rows}."
    if way.dates:
        first, second = way.dates
        both = f"the list tells {written(first)}, the message {written(second)}"
        return f"- {claim.entity}: {both}; they differ{rows}."
    if task.family == "check_draft":
        right, told = way.numbers
        return f"- {claim.entity} is wrong: it tells {_plain(told)} and should be {_plain(right)}{rows}."
    if len(claim.evidence) == 1:
        return f"- {claim.entity} with {money(way.numbers[0])} is missing from the second record{rows}."
    return f"- {claim.entity} differs by {money(way.numbers[0])}{rows}."


def _wrongly_decided(claim: ExpectedClaim) -> str:
    other = "automated" if claim.stance != "automate" else "kept with people"
    return f"- {claim.entity} should be {other}."


def _figures(task: PracticeTask, key: AnswerKey) -> list[str]:
    told = {figure.name: figure.values[0] for figure in key.figures}
    if task.family == "reconcile":
        return [
            f"The net difference is {money(told['net_difference'])}.",
            "",
            "Checks",
            f"The first record adds up to a total of {money(told['control_total'])}.",
        ]
    if task.family == "brief":
        count, minutes = _plain(told["open_count"]), _plain(told["open_minutes"])
        return [f"There are {count} open items; they take {minutes} minutes."]
    if task.family == "check_draft":
        measure = task.materials[0].columns[-1]
        return ["", "Checks", f"The {measure} add up to a total of {_plain(told['control_total'])}."]
    return [f"This frees {_plain(told['freed_minutes'])} minutes a week."]


def _next_step(task: PracticeTask, entity: str, recipient: str) -> str:
    what = {
        "reconcile": "correct",
        "brief": "settle the date of",
        "check_draft": "hold the draft until we correct",
        "delegate": "set up, or leave as it is,",
    }[task.family]
    return f"I ask {recipient} to {what} {entity} this week."


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
