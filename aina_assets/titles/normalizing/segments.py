"""Separated parts of a title: brackets, tails after commas and dashes, tags in front.

Belongs here: taking a folded title apart at its punctuation, telling what each part is, and putting the
title's own parts into one order of words. Does not: running words (`words`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from aina_assets.titles.normalizing.cleaning import BAR, Signs
from aina_assets.titles.normalizing.lexicon import Lexicon
from aina_assets.titles.normalizing.phrases import PhraseTable, numbers_masked, phrase_set
from aina_assets.titles.normalizing.words import Found, RunningWords

_BRACKETED = re.compile(r"\(([^()]*)\)")
_TO_ROUND = str.maketrans("[]{}", "()()")
_SEPARATOR = re.compile(r"\s-+(?=\s|$)|\s-+|-+\s|--+|[|,;:!?\"*~^`<>=\\_()]|\.{2,}")
_MONEY = re.compile(
    r"[$€£]\s?\d[\d,.]*k?(?:\s?(?:-|to)\s?[$€£]?\s?\d[\d,.]*k?)?"
    r"(?:\s?(?:/|per|an?\s)\s?(?:hour|hr|h|year|yr|annum|month|mo|week|wk|day)\b)?"
)
_BETWEEN_MONEY = re.compile(r"[€£]")
_EMPLOYER_SIGN = "@"
# More words than these are a description: they stay behind the head.
_MOST_INVERTED = 2
_AND = "and"
MOST_PARTS_KEPT = 8192


@dataclass(slots=True)
class _Part:
    """What a separated part was told to be, phrase by phrase."""

    words: list[str]
    employment: list[str]
    locations: list[str]
    noise: list[str]
    credentials: list[str]
    modifiers: list[str]
    level: str | None = None


class Segments:
    """Takes titles apart at their punctuation."""

    def __init__(self, lexicon: Lexicon, signs: Signs, running: RunningWords) -> None:
        self._signs = signs
        self._running = running
        employment = lexicon.employment
        self._employment = PhraseTable(
            {
                **employment.last_after_head,
                **employment.first_before_head,
                **employment.first,
                **employment.anywhere,
                **employment.separated,
            }
        )
        locations = lexicon.locations
        self._locations = phrase_set(
            [*locations.regions, *locations.countries, *locations.cities, *locations.states]
        )
        self._location_codes = frozenset(locations.codes)
        self._lonely_codes = frozenset(locations.lonely_codes)
        self._location_endings = frozenset(locations.endings)
        self._noise = phrase_set([*lexicon.noise.separated, *lexicon.noise.first])
        self._credentials = phrase_set(lexicon.noise.credentials)
        self._employment_nouns = phrase_set(employment.nouns)
        self._modifiers = PhraseTable({m.word: m.canonical for m in lexicon.seniority.modifiers})
        self._glue = frozenset(lexicon.glue.words)
        self._legal_forms = phrase_set(lexicon.employers.legal_forms)
        heads = {*lexicon.seniority.groups["heads"], *lexicon.inversion.also}
        self._inverted = frozenset(heads - set(lexicon.inversion.never))
        # Places, forms of employment and the like come back in thousands of titles.
        self._told = lru_cache(MOST_PARTS_KEPT)(self._read)

    def words_of(self, text: str, found: Found) -> list[str]:
        """The title's own words in order; what its other parts say is added to `found`."""
        text, codes, hashtags = self._running.codes.take(text, BAR)
        found.codes += codes
        text = self._without_remarks(text, found)
        found.noise += hashtags
        text, bracketed = _without_brackets(self._signs.joined(text).translate(_TO_ROUND))
        texts = [part for part in _SEPARATOR.split(text) if part and not part.isspace()]
        parts = [words for part in texts if (words := self._named(part, found))]
        if not parts:
            # A title that stands in brackets altogether.
            parts = [words for part in bracketed if (words := self._signs.words(part))]
            bracketed = []
        prefix = self._read_brackets(bracketed, found)
        if len(parts) > 1:
            found.codes += [words[0] for words in parts if self._is_number(words)]
            parts = [words for words in parts if not self._is_number(words)]
        return [*prefix, *self._title_words(parts, found)] if parts else []

    def _is_number(self, words: list[str]) -> bool:
        return len(words) == 1 and self._running.codes.is_number(words[0])

    def _without_remarks(self, text: str, found: Found) -> str:
        """The text without markers of gender and pay."""
        text, markers = self._signs.gender_markers(text)
        found.noise += markers
        if "$" in text or _BETWEEN_MONEY.search(text):
            found.noise += [pay.strip() for pay in _MONEY.findall(text)]
            text = _MONEY.sub(BAR, text)
        return text

    def _named(self, part: str, found: Found) -> list[str]:
        """The words of a part; what follows an @ is an employer's name."""
        own, sign, name = part.partition(_EMPLOYER_SIGN)
        if sign and (employer := self._signs.words(name)):
            found.employers.append(" ".join(employer))
        return self._signs.words(own)

    def _read_brackets(self, texts: list[str], found: Found) -> list[str]:
        """Remarks in brackets: known ones to their fields, all others to the noise."""
        prefix: list[str] = []
        after_location = False
        for text in texts:
            for piece in re.split(r"[,;:|]|\s-+\s", text):
                words = self._signs.words(piece)
                if not words:
                    continue
                part = self._told(tuple(words), after_location)
                if part is None:
                    # What is in a bracket is never a word of the title, but it may be an employer's name.
                    is_employer = len(words) > 1 and self._legal_forms.at_end(words)
                    (found.employers if is_employer else found.noise).append(" ".join(words))
                    continue
                after_location = bool(part.locations)
                prefix += self._take(part, found)
        return prefix

    def _title_words(self, parts: list[list[str]], found: Found) -> list[str]:
        """The parts that are the title's own, joined; the first that is no remark holds its head."""
        prefix: list[str] = []
        own: list[list[str]] = []
        held_back: list[_Part] = []
        after_location = False
        for words in parts:
            part = self._told(tuple(words), after_location) if len(parts) > 1 else None
            after_location = part is not None and bool(part.locations)
            if part is not None and not (self._is_remark_on(part, own[0]) if own else self._is_tag(part)):
                part = None
            if part is not None:
                if own:
                    prefix += self._take(part, found)
                else:
                    held_back.append(part)
            elif len(parts) > 1 and len(words) > 1 and self._legal_forms.at_end(words):
                found.employers.append(" ".join(words))
            else:
                own.append(self._without_level(words, found) if len(parts) > 1 else words)
        if not own and held_back:
            # Nothing but remarks: the first of them is what there is of a title.
            own.append(held_back.pop(0).words)
        for part in held_back:
            prefix += self._take(part, found)
        return [*prefix, *self._in_order(own, found)]

    def _is_remark_on(self, part: _Part, title: list[str]) -> bool:
        return not part.level or not self._running.levels.is_taught_in(title)

    def _is_tag(self, part: _Part) -> bool:
        """Whether a part in front is none of the title's own: a remark or a form of employment."""
        other = part.locations or part.modifiers or part.credentials or part.level
        return not other and not self._employment_nouns.covers(part.words)

    def _without_level(self, words: list[str], found: Found) -> list[str]:
        rest, level = self._running.levels.split(words)
        found.level = found.level or level
        return rest

    def _in_order(self, own: list[list[str]], found: Found) -> list[str]:
        """ "Engineer, Software" as "software engineer"; all else as it stands."""
        joined = [word for words in own for word in words]
        if len(own) != 2 or own[1][0] == _AND:
            return joined
        tail = self._running.replaced(own[1])
        tail_words = [word for word in tail if word != _AND]
        if len(tail_words) > _MOST_INVERTED and len(own[1]) > _MOST_INVERTED:
            return joined
        seniority = self._running.seniority
        # A second title, or a phrase of its own, is no field of the first.
        if tail[-1] in seniority.person_nouns or seniority.head_of(tail) != tail[-1]:
            return joined
        aside = Found()
        head = self._running.settle(own[0], aside)
        if len(head.core) != 1 or head.core[0] not in self._inverted:
            return joined
        found.employment += aside.employment
        found.level = found.level or aside.level
        place = head.words.index(head.core[0])
        return [*head.words[:place], *own[1], *head.words[place:]]

    def _take(self, part: _Part, found: Found) -> list[str]:
        """Add what a part was told to be; return the modifiers that go before the title."""
        found.employment += part.employment
        found.noise += [*part.noise, *part.credentials]
        if part.locations:
            found.locations.append(" ".join(part.locations))
        found.level = found.level or part.level
        return part.modifiers

    def _read(self, given: tuple[str, ...], after_location: bool) -> _Part | None:
        """What a part is, if every word of it is understood; None for words of a title."""
        words = list(given)
        part = _Part(words, [], [], [], [], [])
        if level := self._running.levels.whole(words):
            return replace(part, level=level)
        if len(words) > 1 and words[-1] in self._location_endings:
            return replace(part, locations=words)
        words = self._running.replaced(words)
        if modifier := self._modifiers.covers(words):
            return replace(part, modifiers=modifier.split())
        masked = numbers_masked(words)
        place = 0
        while place < len(words):
            near_location = bool(part.locations) or (after_location and place == 0)
            length = self._read_phrase(words, masked, place, part, near_location)
            if not length:
                return None
            place += length
        return part if part.employment or part.locations or part.noise or part.credentials else None

    def _read_phrase(
        self, words: list[str], masked: list[str], place: int, part: _Part, near_location: bool
    ) -> int:
        """Add the phrase at `place` to the part; its length, or 0 where it is not understood."""
        has_number = masked is not words
        form = self._employment.at(words, place)
        if form is None and has_number:
            form = self._employment.at(masked, place)
        if form:
            part.employment.append(form[1])
            return form[0]
        if location := self._locations.at(words, place):
            part.locations += words[place : place + location[0]]
            return location[0]
        word = words[place]
        if word in self._lonely_codes or (near_location and word in self._location_codes):
            part.locations.append(word)
            return 1
        noise = self._noise.at(words, place)
        if noise is None and has_number:
            noise = self._noise.at(masked, place)
        if noise:
            part.noise.append(" ".join(words[place : place + noise[0]]))
            return noise[0]
        if credential := self._credentials.at(words, place):
            part.credentials.append(" ".join(words[place : place + credential[0]]))
            return credential[0]
        return 1 if word in self._glue else 0


def _without_brackets(text: str) -> tuple[str, list[str]]:
    """The text without its innermost-to-outermost brackets, and what they held."""
    held: list[str] = []

    def take(found: re.Match[str]) -> str:
        held.append(found[1])
        return " "

    while True:
        rest = _BRACKETED.sub(take, text)
        if rest == text:
            return rest, held
        text = rest
