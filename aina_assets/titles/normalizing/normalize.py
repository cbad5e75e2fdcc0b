"""A raw title's canonical form: what it is identified by, what retrieval sees, and all that was split off.

Belongs here: the result and the order of the steps. Does not: the rules (`cleaning`, `segments`, `words`,
`seniority`, `levels`) and the words (`lexicon`).

Three laws hold for every text: the result is a function of the text and the lexicon alone; normalizing
`normalized` gives the same `normalized`, `core` and `seniority`; a text with a defect leaves nothing in any
other field, so that personal data goes no further.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aina_assets.titles.normalizing.cleaning import (
    Defect,
    Signs,
    defect_of,
    fold,
    has_letter,
    has_personal_data,
    unescaped,
    without_tags,
)
from aina_assets.titles.normalizing.lexicon import Lexicon
from aina_assets.titles.normalizing.segments import Segments
from aina_assets.titles.normalizing.words import Found, RunningWords

_PLAIN = re.compile(r"[a-z0-9 ]*[a-z][a-z0-9 ]*")
_LETTERS_ONLY = re.compile(r"[a-z ]+")


@dataclass(frozen=True, slots=True)
class NormalizedTitle:
    """A title's canonical form.

    Attributes:
        normalized: the identity: canonical words of seniority and the core; "" for a defect.
        core: without words of seniority: what retrieval sees.
        seniority: one of the lexicon's ranks.
        level_code: an employer's grade as found: "ii", "3", "l5", "grade 7", "gs-12".
        employment_form: forms of employment, each once, in the order of the lexicon's closed list.
        location: places, in the title's order.
        employer: an employer's name.
        codes: requisition numbers and the like.
        noise: everything else that was split off.
        defect: why the text is no usable title.
    """

    normalized: str
    core: str
    seniority: str | None = None
    level_code: str | None = None
    employment_form: tuple[str, ...] = ()
    location: str | None = None
    employer: str | None = None
    codes: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    defect: Defect | None = None


class Normalizer:
    """Normalizes titles by a lexicon. It holds no state: titles do not influence each other."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._longest = lexicon.limits.longest_title_chars
        self._forms = {form: place for place, form in enumerate(lexicon.employment.forms)}
        self._orders = frozenset(lexicon.defects.orders)
        self._ordered = frozenset(lexicon.defects.ordered)
        self._signs = Signs(lexicon)
        self._running = RunningWords(lexicon)
        self._segments = Segments(lexicon, self._signs, self._running)

    def __call__(self, raw: str) -> NormalizedTitle:
        """The canonical form of a raw title, whatever text it is."""
        if len(raw) > self._longest:
            return _defective("too_long" if not raw.isspace() else "empty")
        text = raw.lower() if raw.isascii() else raw
        if _PLAIN.fullmatch(text):
            words = text.split()
            if _LETTERS_ONLY.fullmatch(text):
                if self._running.is_plain(words) and self._orders.isdisjoint(words):
                    normalized = " ".join(words)
                    return NormalizedTitle(normalized, normalized)
            elif has_personal_data(text):
                return _defective("personal_data")
            return self._finished(words, Found())
        return self._from_signs(raw)

    def _from_signs(self, raw: str) -> NormalizedTitle:
        text, pictures = fold(unescaped(raw))
        if defect := self._defect_of(text):
            return _defective(defect)
        text, tags = without_tags(text)
        if tags and not has_letter(text):
            return _defective("markup")
        found = Found(noise=[*tags, *pictures])
        return self._finished(self._segments.words_of(text, found), found)

    def _defect_of(self, text: str) -> Defect | None:
        return "too_long" if len(text) > self._longest else defect_of(text)

    def _finished(self, words: list[str], found: Found) -> NormalizedTitle:
        settled = self._running.settle(words, found)
        if not settled.words:
            return _defective("nothing_left")
        normalized = " ".join(settled.words)
        split_off = [*found.codes, *found.noise, *found.employers, *found.locations]
        if defect := self._defect_of_words(settled.words, normalized, split_off):
            return _defective(defect)
        return NormalizedTitle(
            normalized=normalized,
            core=" ".join(settled.core),
            seniority=settled.rank,
            level_code=found.level,
            employment_form=tuple(sorted(set(found.employment), key=self._forms.__getitem__)),
            location=" ".join(found.locations) or None,
            employer=" ".join(found.employers) or None,
            codes=_once(found.codes),
            noise=_once(found.noise),
        )

    def _defect_of_words(self, words: list[str], normalized: str, split_off: list[str]) -> Defect | None:
        """What only the words show, for instance a phone number written with stars."""
        if not self._orders.isdisjoint(words) and not self._ordered.isdisjoint(words):
            return "instruction"
        if any(map(has_personal_data, (normalized, *split_off))):
            return "personal_data"
        if len(normalized) > self._longest:
            return "too_long"
        return None if has_letter(normalized) else "no_letters"


def _defective(defect: Defect) -> NormalizedTitle:
    return NormalizedTitle(normalized="", core="", defect=defect)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(value.split()) for value in values))
