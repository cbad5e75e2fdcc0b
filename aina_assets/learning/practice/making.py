"""What the families share: ids, amounts, dates as they are written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from aina_assets.learning.practice.chance import Chance
from aina_assets.learning.practice.policy import Theme
from aina_assets.learning.practice.task import AnswerKey, Material

Made = tuple[tuple[Material, ...], AnswerKey]
FIRST_DAY = date(2026, 3, 2)


def ids(prefix: str, count: int, chance: Chance) -> list[str]:
    """So many ids, in order. They lie in a range of their own that no amount of a material reaches."""
    numbers = sorted(chance.sample(range(7_100, 7_990), count))
    return [f"{prefix}-{number}" for number in numbers]


def money(amount: Decimal) -> str:
    """An amount as it is written: `1,240.50`."""
    return f"{amount:,.2f}"


def euros(theme: Theme) -> str:
    """The heading of a column of amounts."""
    return f"{theme.amount} ({theme.unit})"


def day(chance: Chance) -> date:
    """A working day of some weeks."""
    found = FIRST_DAY + timedelta(days=chance.between(0, 60))
    return found - timedelta(days=max(0, found.weekday() - 4))


def written(when: date) -> str:
    """A day as it is written: `14 March 2026`."""
    return f"{when.day} {when:%B} {when.year}"
