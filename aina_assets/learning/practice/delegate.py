"""Family `delegate`: steps of the work, and rules on what a model may take over."""

from __future__ import annotations

from decimal import Decimal

from aina_assets.learning.practice.chance import Chance
from aina_assets.learning.practice.making import Made
from aina_assets.learning.practice.policy import Theme
from aina_assets.learning.practice.task import (
    AnswerKey,
    Evidence,
    ExpectedClaim,
    ExpectedFigure,
    Material,
    Stance,
)

# Two steps of each kind, so that saying one thing of all is wrong twice as often as right.
KINDS: tuple[Stance, ...] = ("automate", "automate", "delegate", "delegate", "keep", "keep")
FREED = (("free", "save", "saving", "gain", "release"), ("minute", "hour", "min"))
# The place of the step that decides among a theme's steps.
DECISION = 3
REVIEW_SHARE = Decimal("0.4")


def made(theme: Theme, chance: Chance) -> Made:
    """Materials and key: six steps, each under the one rule that decides it."""
    kinds = chance.shuffled(KINDS)
    rules = chance.shuffled(("keep", "delegate", "automate"))
    names = {rule: f"R{number}" for number, rule in enumerate(rules, 1)}
    texts = {
        "keep": "A step that cannot be undone, or that decides about a person, stays with people.",
        "delegate": "A step that can be undone and needs judgement may go to a model; a person reviews "
        "each result, which takes 40% of the minutes.",
        "automate": "A step that can be undone and follows a fixed form may run without anyone.",
    }
    steps = [f"P{number}" for number in range(1, len(kinds) + 1)]
    cases = {step: 5 * chance.between(3, 12) for step in steps}
    minutes = {step: chance.between(3, 14) for step in steps}
    lines = []
    # The step that decides is one that stays with people, whatever else the draw says.
    decision, *others = (theme.steps[DECISION], *theme.steps[:DECISION], *theme.steps[DECISION + 1 :])
    order = chance.shuffled(others)
    order.insert(kinds.index("keep"), decision)
    for step, name, kind in zip(steps, order, kinds, strict=False):
        undone = "no" if kind == "keep" else "yes"
        form = {"automate": "fixed form", "delegate": "needs judgement"}.get(
            kind, chance.pick(("fixed form", "needs judgement"))
        )
        lines.append((step, name, str(cases[step]), str(minutes[step]), undone, form))
    weekly = {step: Decimal(cases[step] * minutes[step]) for step in steps}
    freed = sum(
        (
            weekly[step] * (1 if kind == "automate" else 1 - REVIEW_SHARE)
            for step, kind in zip(steps, kinds, strict=True)
            if kind != "keep"
        ),
        Decimal(),
    )
    rows = dict(zip(steps, (f"M1:{number}" for number in range(1, len(steps) + 1)), strict=True))
    materials = (
        Material(
            material_id="M1",
            kind="table",
            title="Steps of the work",
            columns=("id", "step", "cases a week", "minutes a case", "can be undone", "kind of work"),
            lines=tuple(lines),
        ),
        Material(
            material_id="M2",
            kind="rules",
            title="Rules",
            columns=(),
            lines=tuple((f"{names[rule]}: {texts[rule]}",) for rule in rules),
        ),
        Material(
            material_id="M3",
            kind="message",
            title="Message",
            columns=(),
            lines=((f"What is approved goes to {theme.team}, by id, to be set up.",),),
        ),
    )
    key = AnswerKey(
        entities=tuple(steps),
        claims=tuple(
            ExpectedClaim(
                step,
                kind,
                (Evidence(numbers=(weekly[step],)), Evidence(codes=(names[kind],))),
                frozenset((rows[step], f"M2:{names[kind][1:]}")),
            )
            for step, kind in zip(steps, kinds, strict=True)
        ),
        figures=(ExpectedFigure("freed_minutes", (freed,), FREED, is_minutes=True),),
        recipients=(theme.team,),
        given_numbers=frozenset(Decimal(value) for held in (cases, minutes) for value in held.values()),
    )
    return materials, key
