"""Reading an answer: its text as it is compared, its lines, sentences and clauses, with their places.

Belongs here: splitting, and the way back to the characters that were typed. Does not: what a clause says
(`mentions`, `stances`) or whether it counts (`guards`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Span = tuple[int, int]

# Letters of other scripts that look like Latin ones, and signs that are typed in several ways.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһոαοενικρτυ’‘ʼ`´“”„«»–—−‐‑",
    "aeopcyxijsdhnaoevikptu'''''\"\"\"\"\"-----",
)
_PLAIN_BLANKS = str.maketrans({"\t": " ", "\r": " ", "\x0b": " ", "\x0c": " ", "`": "'"})
_BULLET = re.compile(r"\s*(?:[-*•–—+>]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_HEADING = re.compile(r"\s*#{1,6}\s+")
# A full stop ends a sentence unless it stands in a number or after an abbreviation. A question mark does not:
# what follows it is the answer.
_SENTENCE = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bno)(?<!\bapprox)[.!]+(?=\s|$)")
_CLAUSE = re.compile(
    r";\s*|,?\s+(?:but|while|whereas|however|although|though|yet|on the other hand)\b,?\s*", re.IGNORECASE
)
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d[\d.,:/-]*\d|\d")


@dataclass(frozen=True)
class Clause:
    """A piece of a line that says one thing.

    Attributes:
        text: as it is compared: lower case, one kind of quotes and dashes.
        start: where it begins in the comparable text of the whole answer.
        line: number of its line.
        sentence: number of its sentence in the whole answer.
        is_contrast: whether a word before it sets it against what stands before ("but", "while").
    """

    text: str
    start: int
    line: int
    sentence: int
    is_contrast: bool


@dataclass(frozen=True)
class Line:
    """A line of the answer.

    Attributes:
        text: its comparable text, without bullet and heading signs.
        is_lead: whether it introduces what follows: a heading, or a line that ends in a colon.
        is_bullet: whether it is an item of a list or a table's row.
        follows_blank: whether an empty line stands before it.
    """

    text: str
    is_lead: bool
    is_bullet: bool
    follows_blank: bool


class Reading:
    """An answer, read.

    Args:
        text: as it was typed.
    """

    def __init__(self, text: str) -> None:
        self.original = text
        self.text, self._places = _comparable(text)

    def span(self, start: int, end: int) -> Span:
        """The characters of the typed text that a stretch of the comparable text stands for."""
        return self._places[start], self._places[end - 1] + 1

    @cached_property
    def latin_share(self) -> float:
        """The share of Latin letters among the letters as they were typed; 1 without letters."""
        letters = [sign for sign in self.original if sign.isalpha()]
        latin = sum("LATIN" in unicodedata.name(sign, "") for sign in letters)
        return latin / len(letters) if letters else 1.0

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines, empty ones included."""
        return self._split[0]

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses, in order."""
        return self._split[1]

    @cached_property
    def _split(self) -> tuple[tuple[Line, ...], tuple[Clause, ...]]:
        lines: list[Line] = []
        clauses: list[Clause] = []
        position = sentences = 0
        was_blank = True
        for number, raw in enumerate(self.text.split("\n")):
            heading = _HEADING.match(raw)
            bullet = None if heading else _BULLET.match(raw)
            begin = (heading or bullet).end() if heading or bullet else 0  # type: ignore[union-attr]
            body = raw[begin:]
            stripped = body.strip().strip("*_").rstrip()
            lines.append(
                Line(
                    text=stripped,
                    is_lead=bool(stripped) and (heading is not None or _introduces(stripped)),
                    is_bullet=bullet is not None or raw.lstrip().startswith("|"),
                    follows_blank=was_blank,
                )
            )
            was_blank = not stripped
            for start, end in _pieces(body, _SENTENCE):
                sentences += 1
                whole = body[start:end]
                last = 0
                for first, end_ in _pieces(whole, _CLAUSE):
                    piece, between = whole[first:end_], whole[last:first]
                    last = end_
                    if piece.strip():
                        is_contrast = any(sign.isalpha() for sign in between)
                        place = position + begin + start + first
                        clauses.append(Clause(piece, place, number, sentences, is_contrast))
            position += len(raw) + 1
        return tuple(lines), tuple(clauses)


def tokens(text: str) -> list[str]:
    """The words and numbers of a comparable text."""
    return _TOKEN.findall(text)


def comparable(text: str) -> str:
    """The text as it is compared: lower case, one kind of quotes and dashes, nothing that is not seen."""
    return _comparable(text)[0]


def _comparable(text: str) -> tuple[str, Sequence[int]]:
    if text.isascii():
        # Nearly all of what is typed; sign by sign it would take fifty times as long.
        return text.lower().translate(_PLAIN_BLANKS), range(len(text))
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        # What is not seen, and could split a word: joiners, marks of direction, soft hyphens.
        if unicodedata.category(sign) in ("Cf", "Mn"):
            continue
        for part in unicodedata.normalize("NFKC", sign).translate(_LOOKALIKES).lower():
            plain = part if part == "\n" or not part.isspace() else " "
            signs.append(plain.translate(_LOOKALIKES))
            places.append(place)
    return "".join(signs), places


def _introduces(line: str) -> bool:
    if line.endswith(":"):
        return True
    # A short line without a figure or a full stop: a heading without its sign.
    return len(line.split()) <= 6 and not any(sign.isdigit() for sign in line) and line[-1] not in ".!?,;|"


def _pieces(text: str, border: re.Pattern[str]) -> list[Span]:
    """The stretches between borders; a border belongs to none, and none stands in brackets."""
    found, start = [], 0
    for match in border.finditer(text):
        before = text[start : match.start()]
        if before.count("(") > before.count(")") or before.count("[") > before.count("]"):
            continue
        found.append((start, match.start()))
        start = match.end()
    return [*found, (start, len(text))]
