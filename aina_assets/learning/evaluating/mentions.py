"""What a clause mentions: ids, numbers, days, rules, rows of materials.

Belongs here: finding them, however they are written. Does not: what is said of them (`stances`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["entity", "number", "date", "code", "citation"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
# Materials carry the year 2026 alone; a date that does not tell its year means it.
YEAR = 2026
# A tenth of an hour is how finely hours are told; a figure of three digits may be told without cents.
ROUNDED_HOURS, LEAST_ROUNDED = 3, 100
_DATES = (
    re.compile(r"\b(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b"),
    re.compile(rf"\b{_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+(20\d\d))?\b"),
    re.compile(rf"\b{_MONTH}\s+{_DAY}\b(?:,?\s+(20\d\d))?"),
)
_ROWS = r"(\d{1,2}(?:\s*(?:,|and|&|-|to)\s*\d{1,2})*)"
_CITATIONS = (
    re.compile(rf"\bm([1-9])\s*(?::|,?\s*(?:rows?|lines?|r\.?|l\.?)\s*#?)\s*{_ROWS}\b(?![.,]?\d)"),
    re.compile(rf"\b(?:rows?|lines?)\s*{_ROWS}\s*(?:of|in|on)\s*(?:the\s+)?m([1-9])\b"),
)
_NUMBER = re.compile(
    r"(?<![\w.,-])[-+]?(?:[$€£]\s?)?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w]|[.,]\d)"
)
_HOURS = re.compile(
    r"(?<![\w.,])(\d+(?:\.\d+)?)\s*(?:h|hrs?|hours?)\b(?:\s*(?:and\s*)?(\d{1,2})\s*(?:m|mins?|minutes?)\b)?"
)
_SMALL = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty
"""
_WORDS = _SMALL.split()
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b")
_CODE = re.compile(r"\b(?:rule\s*)?r\s?(\d)\b|\brule\s+(\d)\b")


@dataclass(frozen=True)
class Mention:
    """Something that a text mentions, and where.

    Attributes:
        kind: what it is.
        start, end: its place in the text that was looked through.
        value: an id or a code.
        number: of a number; of hours the minutes.
        hours: of hours the number as it is written, which may count something else.
        day: of a date.
        rows: of a citation, as `M1:4`.
        is_word: whether a number is written as a word.
    """

    kind: Kind
    start: int
    end: int
    value: str = ""
    number: Decimal = Decimal()
    hours: Decimal | None = None
    day: date | None = None
    rows: frozenset[str] = frozenset()
    is_word: bool = False

    def is_value(self, value: Decimal) -> bool:
        """Whether the number is this value, written exactly, rounded to a whole, or as hours of minutes."""
        if self.hours is not None:
            return abs(self.number - value) <= ROUNDED_HOURS or self.hours == value
        if self.number == value:
            return True
        is_rounded = self.number == self.number.to_integral_value() and value >= LEAST_ROUNDED
        return is_rounded and abs(self.number - value) < 1


class Mentions:
    """Finds mentions of a task's ids.

    Args:
        entities: the task's ids, such as `INV-7155` or `S3`.
    """

    def __init__(self, entities: Iterable[str]) -> None:
        self._known = {_number(entity): entity for entity in entities}
        self._pattern = _entity_pattern(list(self._known.values()))
        self._unknown = _unknown_pattern(next(iter(self._known.values())))

    def find(self, text: str) -> list[Mention]:
        """The mentions of a comparable text, in order; no character belongs to two."""
        free = list(text)
        found: list[Mention] = []

        def take(mentions: Iterable[Mention]) -> None:
            for mention in mentions:
                if "\0" not in free[mention.start : mention.end]:
                    found.append(mention)
                    free[mention.start : mention.end] = "\0" * (mention.end - mention.start)

        # What could be taken for a plain number goes first.
        take(_citations(text))
        take(self._entities(text))
        take(_dates(text))
        take(_hours(text))
        take(_codes(text))
        take(_numbers("".join(" " if sign == "\0" else sign for sign in free)))
        take(_word_numbers(text))
        return sorted(found, key=lambda mention: mention.start)

    def _entities(self, text: str) -> Iterable[Mention]:
        for match in self._pattern.finditer(text):
            number = next(group for group in match.groups() if group)
            yield Mention("entity", match.start(), match.end(), value=self._known[int(number)])
        # An id that the task does not have is an id: what is claimed of it is wrong.
        for match in self._unknown.finditer(text):
            yield Mention("entity", match.start(), match.end(), value=match[0])


def _number(entity: str) -> int:
    return int(re.sub(r"\D", "", entity))


def _entity_pattern(entities: Sequence[str]) -> re.Pattern[str]:
    """Ids as people write them: `INV-7155`, `inv 7155`, `#7155`; `S3`, `statement 3`; `P4`, `step 4`."""
    prefix = re.sub(r"[\d-]", "", entities[0]).lower()
    numbers = "|".join(sorted((re.sub(r"\D", "", entity) for entity in entities), key=len, reverse=True))
    if prefix in ("s", "p"):
        word = {"s": "(?:statement|sentence|point)", "p": "step"}[prefix]
        return re.compile(rf"\b{prefix}\s?-?({numbers})\b|\b{word}s?\s+(?:no\.?\s*|#\s*)?({numbers})\b")
    return re.compile(rf"(?<![\w.,])(?:{prefix}\s*-?\s*|#\s*)?({numbers})\b(?![.,]\d)")


def _unknown_pattern(entity: str) -> re.Pattern[str]:
    """Ids of the task's form, known or not."""
    prefix = re.sub(r"[\d-]", "", entity).lower()
    if prefix in ("s", "p"):
        return re.compile(rf"\b{prefix}-?\d{{1,2}}\b")
    return re.compile(rf"\b{prefix}\s?-\s?\w*\d\w*\b")


def _citations(text: str) -> Iterable[Mention]:
    for position, pattern in enumerate(_CITATIONS):
        for match in pattern.finditer(text):
            material, rows = (match[1], match[2]) if position == 0 else (match[2], match[1])
            cited = frozenset(f"M{material}:{row}" for row in _rows(rows))
            yield Mention("citation", match.start(), match.end(), rows=cited)


def _rows(text: str) -> set[int]:
    rows: set[int] = set()
    for part in re.split(r"\s*(?:,|and|&)\s*", text):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        if ends:
            rows.update(range(ends[0], ends[-1] + 1) if ends[0] <= ends[-1] else ends)
    return rows


def _dates(text: str) -> Iterable[Mention]:
    for position, pattern in enumerate(_DATES):
        for match in pattern.finditer(text):
            if position == 0:
                year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
            else:
                named, numbered = (match[2], match[1]) if position == 1 else (match[1], match[2])
                year, month, day = int(match[3] or YEAR), _MONTHS.index(named) + 1, int(numbered)
            try:
                yield Mention("date", match.start(), match.end(), day=date(year, month, day))
            except ValueError:
                continue


def _hours(text: str) -> Iterable[Mention]:
    for match in _HOURS.finditer(text):
        minutes = Decimal(match[1]) * 60 + Decimal(match[2] or 0)
        yield Mention("number", match.start(), match.end(), number=minutes, hours=Decimal(match[1]))


def _codes(text: str) -> Iterable[Mention]:
    for match in _CODE.finditer(text):
        yield Mention("code", match.start(), match.end(), value=f"R{match[1] or match[2]}")


def _numbers(text: str) -> Iterable[Mention]:
    for match in _NUMBER.finditer(text):
        yield Mention("number", match.start(), match.end(), number=Decimal(match[1].replace(",", "")))


def _word_numbers(text: str) -> Iterable[Mention]:
    for match in _WORD.finditer(text):
        value = Decimal(_WORDS.index(match[1]))
        yield Mention("number", match.start(), match.end(), number=value, is_word=True)
