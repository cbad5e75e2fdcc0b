"""Phrases found in lists of words: one look-up a word, however many phrases there are.

Belongs here: the table. Does not: which phrases there are; those are the lexicon's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

Value = TypeVar("Value")
_DIGIT = re.compile(r"\d")


class PhraseTable(Generic[Value]):
    """Values by phrase. Of several phrases at one place the longest is found."""

    def __init__(self, phrases: Mapping[str, Value]) -> None:
        by_first: dict[str, list[tuple[int, list[str], Value]]] = {}
        for phrase, value in phrases.items():
            words = phrase.split()
            by_first.setdefault(words[0], []).append((len(words), words, value))
        for entries in by_first.values():
            entries.sort(key=lambda entry: -entry[0])
        self._by_first = by_first
        self.first_words = frozenset(by_first)

    def at(self, words: Sequence[str], start: int) -> tuple[int, Value] | None:
        """The longest phrase that begins at `start`: its number of words and its value."""
        for length, phrase, value in self._by_first.get(words[start], ()):
            if words[start : start + length] == phrase:
                return length, value
        return None

    def at_end(self, words: Sequence[str]) -> tuple[int, Value] | None:
        """The longest phrase that `words` end in."""
        for start in range(len(words)):
            found = self.at(words, start) if words[start] in self._by_first else None
            if found and start + found[0] == len(words):
                return found
        return None

    def covers(self, words: Sequence[str]) -> Value | None:
        """The value of the phrase that is all of `words`."""
        found = self.at(words, 0) if words else None
        return found[1] if found and found[0] == len(words) else None


def phrase_set(phrases: Iterable[str]) -> PhraseTable[bool]:
    """A table that only tells whether a phrase is there."""
    return PhraseTable(dict.fromkeys(phrases, True))


def has_digit(text: str) -> bool:
    """Whether a digit stands in it."""
    return _DIGIT.search(text) is not None


def numbers_masked(words: list[str]) -> list[str]:
    """The words with # for every number, as the lexicon's patterns have it; the list itself without any."""
    return ["#" if word.isdigit() else word for word in words] if any(map(str.isdigit, words)) else words
