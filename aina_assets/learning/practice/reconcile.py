"""Family `reconcile`: two records of one period, of which some lines differ."""

from __future__ import annotations

from decimal import Decimal

from aina_assets.learning.practice.chance import Chance
from aina_assets.learning.practice.making import Made, euros, ids, money
from aina_assets.learning.practice.policy import Theme
from aina_assets.learning.practice.task import AnswerKey, Evidence, ExpectedClaim, ExpectedFigure, Material

LINES, OTHER_AMOUNTS = 12, 3
NET = (
    ("net", "overall", "total", "altogether", "together", "combined", "sum", "whole"),
    ("differ", "gap", "varian", "discrepan"),
)
CONTROL = (("total", "sum", "add"),)


def made(theme: Theme, chance: Chance) -> Made:
    """Materials and key: three lines with other amounts, one line that only the first record has."""
    lines = ids(theme.ids, LINES, chance)
    amounts = {line: Decimal(chance.between(4_000, 98_000)) * 5 / 100 for line in lines}
    odd = chance.sample(lines, OTHER_AMOUNTS + 1)
    other = dict(amounts)
    for line, size in zip(odd, chance.sample(range(7, 60), OTHER_AMOUNTS), strict=False):
        # Signs differ, so that the net difference is no sum of what is easily seen.
        sign = -1 if line == odd[0] else 1
        other[line] += sign * Decimal(size * 10 + chance.between(1, 9)) / 4
    lone = odd[-1]
    del other[lone]
    first = [(line, money(amounts[line])) for line in lines]
    second = [(line, money(other[line])) for line in chance.shuffled(list(other))]
    rows = {line: {f"M1:{n}"} for n, (line, _) in enumerate(first, 1)}
    for number, (line, _) in enumerate(second, 1):
        rows[line].add(f"M2:{number}")
    left, right = sum(amounts.values(), Decimal()), sum(other.values(), Decimal())
    claims = [
        ExpectedClaim(
            line,
            "differs",
            (
                Evidence(numbers=(abs(amounts[line] - other[line]),)),
                Evidence(numbers=(amounts[line], other[line])),
            ),
            frozenset(rows[line]),
        )
        for line in odd
        if line != lone
    ]
    claims.append(
        ExpectedClaim(lone, "differs", (Evidence(numbers=(amounts[lone],)),), frozenset(rows[lone]))
    )
    names = theme.records
    message = (
        f"Please compare the {names[0]} with the {names[1]} before the month is closed. "
        f"Corrections of either record go to {theme.team}, by id."
    )
    materials = (
        _table("M1", f"{names[0].capitalize()} of the month", theme, first),
        _table("M2", f"{names[1].capitalize()} of the month", theme, second),
        Material(
            material_id="M3",
            kind="message",
            title="Message",
            columns=(),
            lines=((message,),),
        ),
    )
    key = AnswerKey(
        entities=tuple(lines),
        claims=tuple(claims),
        figures=(
            ExpectedFigure("net_difference", (abs(left - right),), NET),
            ExpectedFigure("control_total", (left, right), CONTROL),
        ),
        recipients=(theme.team,),
        given_numbers=frozenset((*amounts.values(), *other.values())),
    )
    return materials, key


def _table(material_id: str, title: str, theme: Theme, rows: list[tuple[str, str]]) -> Material:
    return Material(
        material_id=material_id,
        kind="table",
        title=title,
        columns=("id", euros(theme)),
        lines=tuple(rows),
    )
