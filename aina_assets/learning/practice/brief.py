"""Family `brief`: a list and a message about it that tells other dates for some items."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from aina_assets.learning.practice.chance import Chance
from aina_assets.learning.practice.making import Made, day, ids, written
from aina_assets.learning.practice.policy import Theme
from aina_assets.learning.practice.task import AnswerKey, Evidence, ExpectedClaim, ExpectedFigure, Material

MISTOLD, TOLD_RIGHT = 3, 2
MINUTES = (("minute", "hour", "min", "workload", "effort", "time"),)
COUNT = (("open", "outstanding", "remain", "unfinished", "pending"),)


def made(theme: Theme, chance: Chance) -> Made:
    """Materials and key: three open items whose date the message tells wrongly, two that it tells rightly."""
    items = ids(theme.ids, chance.between(11, 15), chance)
    due = {item: day(chance) for item in items}
    minutes = {item: 5 * chance.between(3, 30) for item in items}
    # Open minutes must be a figure of its own, and no item's.
    done = set(chance.sample(items, chance.between(2, 5)))
    pending = [item for item in items if item not in done]
    told = chance.sample(pending, MISTOLD + TOLD_RIGHT)
    wrong = told[:MISTOLD]
    said = {item: due[item] for item in told}
    for item in wrong:
        said[item] = due[item] + timedelta(days=7 * chance.between(1, 3) * chance.pick((-1, 1)))
    steps = dict(zip(items, (chance.pick(theme.steps) for _ in items), strict=True))
    listed = tuple(
        (item, steps[item], "done" if item in done else "open", written(due[item]), str(minutes[item]))
        for item in items
    )
    order = sorted(told)
    lines = tuple((f"{item} is due on {written(said[item])}.",) for item in order)
    rows = {item: {f"M1:{n}"} for n, item in enumerate(items, 1)}
    for number, item in enumerate(order, 2):
        rows[item].add(f"M2:{number}")
    materials = (
        Material(
            material_id="M1",
            kind="table",
            title=f"Open and done items of the {theme.records[0]}",
            columns=("id", "step", "status", "due", "minutes"),
            lines=listed,
        ),
        Material(
            material_id="M2",
            kind="message",
            title="Message",
            columns=(),
            lines=(
                (f"I am handing my items over. Questions about dates go to {theme.team}.",),
                *lines,
            ),
        ),
    )
    key = AnswerKey(
        entities=tuple(items),
        claims=tuple(
            ExpectedClaim(item, "differs", (Evidence(dates=(due[item], said[item])),), frozenset(rows[item]))
            for item in wrong
        ),
        figures=(
            ExpectedFigure(
                "open_minutes", (Decimal(sum(minutes[i] for i in pending)),), MINUTES, is_minutes=True
            ),
            ExpectedFigure("open_count", (Decimal(len(pending)),), COUNT),
        ),
        recipients=(theme.team,),
        # What is done is counted beside what is open.
        given_numbers=frozenset(Decimal(value) for value in (*minutes.values(), len(items), len(done))),
        # The message tells of five items, three of them wrongly.
        wrong_costs=2,
    )
    return materials, key
