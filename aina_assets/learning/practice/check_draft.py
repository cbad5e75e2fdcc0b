"""Family `check_draft`: a table, and a draft about it of which some statements are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from aina_assets.learning.practice.chance import Chance
from aina_assets.learning.practice.making import Made
from aina_assets.learning.practice.policy import Theme
from aina_assets.learning.practice.task import AnswerKey, Evidence, ExpectedClaim, ExpectedFigure, Material

WRONG = 3
CONTROL = (("total", "sum", "add", "altogether"),)


@dataclass(frozen=True)
class _Statement:
    text: str
    right: int
    rows: frozenset[str]


def made(theme: Theme, chance: Chance) -> Made:
    """Materials and key: eight statements that can be worked out from the table, three of them wrong."""
    first, second, third = theme.measures
    groups = chance.shuffled(theme.groups)
    figures = {group: [chance.between(101, 899) for _ in theme.measures] for group in groups}
    row = {group: f"M1:{number}" for number, group in enumerate(groups, 1)}
    every = frozenset(row.values())
    a, b, c, d = groups[:4]
    columns = list(zip(*figures.values(), strict=True))
    statements = [
        _Statement(f"All groups together had {{}} {first}.", sum(columns[0]), every),
        _Statement(f"All groups together had {{}} {second}.", sum(columns[1]), every),
        _Statement(
            f"{a} and {b} together had {{}} {first}.",
            figures[a][0] + figures[b][0],
            frozenset((row[a], row[b])),
        ),
        _Statement(
            f"{c} and {d} together had {{}} {second}.",
            figures[c][1] + figures[d][1],
            frozenset((row[c], row[d])),
        ),
        _Statement(
            f"{b} had {{}} more {first} than {second}, or that many fewer.",
            abs(figures[b][0] - figures[b][1]),
            frozenset((row[b],)),
        ),
        _Statement(
            f"The highest and the lowest number of {third} are {{}} apart.",
            max(columns[2]) - min(columns[2]),
            every,
        ),
        _Statement(
            f"{a} and {d} are {{}} {third} apart.",
            abs(figures[a][2] - figures[d][2]),
            frozenset((row[a], row[d])),
        ),
        _Statement(
            f"{c} had {{}} {first} and {second} together.",
            figures[c][0] + figures[c][1],
            frozenset((row[c],)),
        ),
    ]
    statements = chance.shuffled(statements)
    # Any but the totals may be wrong; totals that are right serve the checks.
    candidates = [n for n, held in enumerate(statements) if held.rows != every or third in held.text]
    wrong = set(chance.sample(candidates, WRONG))
    lines, told = [], []
    for number, held in enumerate(statements):
        off = chance.pick((-1, 1)) * chance.between(11, 60) if number in wrong else 0
        shown = held.right + (off if held.right + off > 0 else abs(off))
        lines.append((f"S{number + 1}: {held.text.format(shown)}",))
        told.append(Decimal(shown))
    materials = (
        Material(
            material_id="M1",
            kind="table",
            title=f"{theme.measures[0].capitalize()} by {theme.group}",
            columns=(theme.group, *theme.measures),
            lines=tuple((group, *map(str, figures[group])) for group in groups),
        ),
        Material(material_id="M2", kind="draft", title="Draft", columns=(), lines=tuple(lines)),
        Material(
            material_id="M3",
            kind="message",
            title="Message",
            columns=(),
            lines=((f"The draft goes out through {theme.team} on Friday, once somebody has checked it.",),),
        ),
    )
    key = AnswerKey(
        entities=tuple(f"S{number + 1}" for number in range(len(statements))),
        claims=tuple(
            ExpectedClaim(
                f"S{number + 1}",
                "differs",
                (
                    Evidence(numbers=(Decimal(statements[number].right), told[number])),
                    Evidence(numbers=(Decimal(statements[number].right),)),
                ),
                statements[number].rows | {f"M2:{number + 1}"},
            )
            for number in sorted(wrong)
        ),
        figures=(
            # Of the measure that the draft gives no total of: nobody can copy it.
            ExpectedFigure("control_total", (Decimal(sum(columns[2])),), (*CONTROL, _stems(third))),
        ),
        recipients=(theme.team,),
        given_numbers=frozenset(Decimal(value) for held in figures.values() for value in held).union(told),
    )
    return materials, key


def _stems(words: str) -> tuple[str, ...]:
    """The words of a measure that can stand for it, without endings."""
    return tuple(word.rstrip("s")[:9] for word in words.split())
