"""Running words: spellings, abbreviations, forms of employment, employers, until nothing changes.

Belongs here: every rule that looks at words only, and so holds for a title without punctuation. Does not:
separated parts; `segments` has those. The rules are applied again to what they make, so that a normalized
title is its own normalized form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aina_assets.titles.normalizing.levels import Codes, Levels
from aina_assets.titles.normalizing.lexicon import Contextual, Lexicon
from aina_assets.titles.normalizing.phrases import PhraseTable, has_digit, numbers_masked, phrase_set
from aina_assets.titles.normalizing.seniority import Seniority

_VICE, _PRESIDENT = "vice", "president"
_AT, _OF, _THE = "at", "of", "the"
# A pass takes words away or replaces them for good, so that a title of n words settles within n and a few
# passes. A lexicon that needs more goes in circles, and is not to hang a build.
_MORE_PASSES = 16


@dataclass(slots=True)
class Found:
    """What is split off a title on the way; each list in the order found."""

    employment: list[str] = field(default_factory=list)
    locations: list[str] = field(default_factory=list)
    employers: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Words to which no rule applies any more."""

    words: list[str]
    core: list[str]
    rank: str | None


class RunningWords:
    """Applies the rules of running words."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.seniority = Seniority(lexicon)
        self.levels = Levels(lexicon)
        self.codes = Codes(lexicon)
        self._replacements = PhraseTable(
            {phrase: written.split() for phrase, written in lexicon.replacements.items()}
        )
        employment = lexicon.employment
        self._anywhere = PhraseTable(employment.anywhere)
        self._first = PhraseTable(employment.first)
        self._first_before_head = PhraseTable(employment.first_before_head)
        self._last_after_head = PhraseTable(employment.last_after_head)
        self._kept = phrase_set(employment.kept)
        self._noise_first = phrase_set(lexicon.noise.first)
        self._contextual = {entry.word: entry for entry in lexicon.contextual}
        self._vice_ranks = frozenset(lexicon.vice_president.ranks)
        self._connectors = frozenset(lexicon.seniority.connectors)
        self._at_forms = frozenset(lexicon.employers.at_forms)
        self._employment_words = (
            self._anywhere.first_words
            | self._first.first_words
            | self._first_before_head.first_words
            | self._last_after_head.first_words
        )
        self._employment_or_kept = self._employment_words | self._kept.first_words
        self._triggers = (
            self.seniority.triggers
            | self.levels.triggers
            | self._employment_words
            | self._replacements.first_words
            | self._noise_first.first_words
            | self._contextual.keys()
            | {_VICE, _AT}
        )

    def is_plain(self, words: list[str]) -> bool:
        """Whether no rule can apply: the words are their own normalized form."""
        return self._triggers.isdisjoint(words)

    def settle(self, words: list[str], found: Found) -> Settled:
        """Apply all rules until none applies; what is split off is added to `found`."""
        core, rank = words, None
        for _ in range(len(words) + _MORE_PASSES):
            before, core, after = self._pass(words, found)
            rank = self.seniority.rank(before, core, after)
            written = [*before, *core, *after]
            if written == words:
                break
            words = written
        return Settled(words, core, rank)

    def _pass(self, words: list[str], found: Found) -> tuple[list[str], list[str], list[str]]:
        words = self.replaced(words)
        if has_digit("".join(words)):
            words, codes = self.codes.split(words)
            found.codes += codes
        words = self._without_noise(words, found)
        words = self._without_employment(words, found)
        words = self._without_employer(words, found)
        words, level = self.levels.split(words)
        found.level = found.level or level
        before, core, after = self.seniority.split(words)
        return before, self._vice_president(self._in_context(core)), after

    def replaced(self, words: list[str]) -> list[str]:
        """The words with spellings unified and abbreviations written out."""
        if self._replacements.first_words.isdisjoint(words):
            return words
        first_words = self._replacements.first_words
        written: list[str] = []
        place = 0
        while place < len(words):
            found = self._replacements.at(words, place) if words[place] in first_words else None
            length, replacement = found or (1, words[place : place + 1])
            written += replacement
            place += length
        return written

    def _without_noise(self, words: list[str], found: Found) -> list[str]:
        if words and words[0] in self._noise_first.first_words:
            length, _ = self._noise_first.at(words, 0) or (0, None)
            if 0 < length < len(words):
                found.noise.append(" ".join(words[:length]))
                return words[length:]
        return words

    def _without_employment(self, words: list[str], found: Found) -> list[str]:
        has_number = any(map(str.isdigit, words))
        if not has_number and self._employment_words.isdisjoint(words):
            return words
        place = 0
        while place < len(words):
            masked = numbers_masked(words) if has_number else words
            is_any = masked[place] in self._employment_or_kept
            length, form = self._employment_at(masked, place) if is_any else (1, None)
            if form and length < len(words):
                found.employment.append(form)
                words = [*words[:place], *words[place + length :]]
                # What stood before may make a phrase with what now follows: the next pass sees to it.
            else:
                place += max(length, 1)
        return words

    def _employment_at(self, words: list[str], place: int) -> tuple[int, str | None]:
        if kept := self._kept.at(words, place):
            return kept[0], None
        if anywhere := self._anywhere.at(words, place):
            return anywhere
        if place == 0:
            if first := self._first.at(words, 0):
                return first
            first = self._first_before_head.at(words, 0)
            if first and self.seniority.head_of(words) in self.seniority.person_nouns:
                return first
        last = self._last_after_head.at(words, place) if place else None
        if last and place + last[0] == len(words) and words[place - 1] in self.seniority.person_nouns:
            return last
        return 1, None

    def _without_employer(self, words: list[str], found: Found) -> list[str]:
        if _AT not in words or words[-1] not in self._at_forms:
            return words
        place = words.index(_AT)
        # A name and its form are to follow, and a title to go before.
        if place == 0 or len(words) - place < 3:
            return words
        found.employers.append(" ".join(words[place + 1 :]))
        return words[:place]

    def _in_context(self, core: list[str]) -> list[str]:
        if self._contextual.keys().isdisjoint(core):
            return core
        written: list[str] = []
        for place, word in enumerate(core):
            entry = self._contextual.get(word)
            reading = _reading(entry, core, place) if entry else None
            written += reading.split() if reading else [word]
        return written

    def _vice_president(self, core: list[str]) -> list[str]:
        """ "Vice president of marketing", "marketing vice president": "vice president marketing"."""
        if _VICE not in core:
            return core
        place = core.index(_VICE)
        if core[place + 1 : place + 2] != [_PRESIDENT]:
            return core
        before, after = core[:place], core[place + 2 :]
        if len(after) > 1 and after[0] == _OF and after[1] != _THE:
            return [*before, _VICE, _PRESIDENT, *after[1:]]
        start = place
        while start and core[start - 1] in self._vice_ranks:
            start -= 1
        field_words = core[:start]
        if (
            not field_words
            or after
            or field_words[-1] in self._connectors
            or not self.seniority.person_nouns.isdisjoint(field_words)
        ):
            return core
        return [*core[start:], *field_words]


def _reading(entry: Contextual, core: list[str], place: int) -> str | None:
    neighbours: tuple[tuple[Mapping[str, str], list[str]], ...] = (
        (entry.before, core[place + 1 : place + 2]),
        (entry.after, core[max(place - 1, 0) : place]),
    )
    for readings, neighbour in neighbours:
        if neighbour and neighbour[0] in readings:
            return readings[neighbour[0]]
    if len(core) == 1:
        return entry.alone or entry.other
    if place == 0 and entry.first:
        return entry.first
    if place == len(core) - 1 and entry.last:
        return entry.last
    return entry.other
