"""Level codes and requisition numbers among a title's words.

Belongs here: telling "analyst ii" and "req 40117" from "type ii" and "k 9". Does not: what a level means for
seniority; a level says which of an employer's grades, and employers differ.
"""

from __future__ import annotations

import re

from aina_assets.titles.normalizing.lexicon import Lexicon
from aina_assets.titles.normalizing.phrases import has_digit

_SPELLED = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
# The grades of the US general schedule are written with their series between: gs 0343 13.
_GRADED = "gs"
_SERIES_DIGITS = 4
_LONG_NUMBER = re.compile(r"\d{5,}")
_YEAR = re.compile(r"(?:19|20)\d\d")


class Levels:
    """Finds the one level of a title, in front or at the end."""

    def __init__(self, lexicon: Lexicon) -> None:
        levels = lexicon.levels
        self._words = frozenset(levels.words)
        self._leading = frozenset(levels.leading)
        self._numerals = frozenset(levels.numerals)
        letters = "|".join(levels.letters)
        self._lettered = re.compile(rf"(?:{letters})[1-9]")
        self._not_after = frozenset(levels.not_after)
        self._not_before = frozenset(levels.not_before)
        self._not_with = frozenset(levels.not_with)
        # Without one of these, or a digit, no title has a level.
        self.triggers = self._words | self._numerals

    def split(self, words: list[str]) -> tuple[list[str], str | None]:
        """The words without their level, and the level; words that are nothing else are left."""
        if self.triggers.isdisjoint(words) and not has_digit(" ".join(words)):
            return words, None
        for length in (3, 2, 1):
            if len(words) <= length:
                continue
            tail = self._code(words[-length:])
            if tail and self._fits_at_end(words, length):
                return words[:-length], tail
            lead = self._code(words[:length])
            if lead and self._fits_in_front(words, length):
                return words[length:], lead
        return words, None

    def whole(self, words: list[str]) -> str | None:
        """The level that a separated part of a title is, if it is one."""
        return self._code(words)

    def is_taught_in(self, words: list[str]) -> bool:
        """Whether a grade beside these words is what is taught, and so a part of the title."""
        return not self._not_with.isdisjoint(words)

    def _code(self, words: list[str]) -> str | None:
        if len(words) == 1:
            word = words[0]
            is_level = word in self._numerals or self._lettered.fullmatch(word)
            return word if is_level or (len(word) == 1 and "1" <= word <= "9") else None
        if words[0] not in self._words or not (number := self._number(words[-1])):
            return None
        if len(words) == 2:
            return f"{words[0]}-{number}" if words[0] == _GRADED else f"{words[0]} {number}"
        has_series = words[0] == _GRADED and words[1].isdigit() and len(words[1]) == _SERIES_DIGITS
        return f"{_GRADED}-{number}" if has_series and len(words) == 3 else None

    def _number(self, word: str) -> str | None:
        if word in self._numerals or (word.isdigit() and len(word) <= 2):
            return word
        return _SPELLED.get(word)

    def _fits_at_end(self, words: list[str], length: int) -> bool:
        if length == 1:
            return words[-2] not in self._not_after and words[-2] not in self._words
        return words[-length] == _GRADED or not self.is_taught_in(words)

    def _fits_in_front(self, words: list[str], length: int) -> bool:
        first = words[0]
        if length == 1:
            # A bare number or numeral in front is a part of the title: 1 on 1 aide, v belt builder.
            return self._lettered.fullmatch(first) is not None
        return first in self._leading and words[length] not in self._not_before


class Codes:
    """Finds requisition numbers and other numbers that are no words of a title."""

    def __init__(self, lexicon: Lexicon) -> None:
        codes = lexicon.codes
        words, fillers = "|".join(codes.words), "|".join(codes.fillers)
        separators, digits = r"[\s.:#_-]*", rf"[a-z]?\d{{{codes.fewest_digits},}}(?:-\d+)*"
        self._labelled = re.compile(
            rf"(?<![a-z0-9])(?:{words})(?:{separators}(?:{fillers}))?{separators}{digits}(?![a-z0-9])"
        )
        self._hashed = re.compile(r"(?<![^\s|(\[{,;:-])#(?:\w[\w-]*)")
        self._bracketed = re.compile(r"[\[({]\s*\d{3,}\s*[\])}]")

    def take(self, text: str, separator: str) -> tuple[str, list[str], list[str]]:
        """A folded text without its codes and hashtags; the codes; the hashtags."""
        codes: list[str] = []
        hashtags: list[str] = []

        def take(found: re.Match[str]) -> str:
            codes.append(" ".join(re.findall(r"[a-z0-9]+", found[0])))
            return separator

        def take_hashed(found: re.Match[str]) -> str:
            if has_digit(found[0]):
                return take(found)
            hashtags.append(found[0])
            return separator

        if "#" in text:
            text = self._hashed.sub(take_hashed, text)
        if has_digit(text):
            text = self._bracketed.sub(take, self._labelled.sub(take, text))
        return text, codes, hashtags

    def split(self, words: list[str]) -> tuple[list[str], list[str]]:
        """Words without codes: labelled ones anywhere, long numbers and years at the end; and the codes."""
        text, codes, _ = self.take(" ".join(words), " ")
        words = text.split() if codes else words
        end = len(words)
        while end > 1 and self.is_number(words[end - 1]):
            end -= 1
        return words[:end], [*codes, *words[end:]]

    def is_number(self, word: str) -> bool:
        """Whether a word is a long number or a year, which no title ends in."""
        return _LONG_NUMBER.fullmatch(word) is not None or _YEAR.fullmatch(word) is not None
