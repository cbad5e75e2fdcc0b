"""What the words of a title say of its major group, each word by itself.

Belongs here: counting head words and modifiers of authority titles by major group. Does not: any model of
whole titles; this is a second opinion on one, from evidence that it does not weigh in this way.

Of "deli manager", the encoder may well say management; that no list has a manager whose modifier is "deli"
outside of food preparation is what the counts say.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

# A word seen this often counts as much as what is known of all words together.
PRIOR_TITLES = 2.0
LEAST_PRIOR = 1e-3
# Of a title without modifiers, and of modifiers that no list has: about what a modifier says on average.
NOTHING_SAID = -1.0
# A word that ends fewer titles than these may be a skill, a place or a name.
LEAST_HEADED = 5
WORDS_KEPT = 1 << 16


@dataclass(frozen=True, slots=True)
class Support:
    """Log shares (0 or less) of the listed titles with a word that are in a major group.

    Attributes:
        head: of the title's last word.
        least: of the modifier that supports the group least.
        most: of the one that supports it most.
    """

    head: float
    least: float
    most: float

    @property
    def features(self) -> tuple[float, float, float]:
        """The three as a curve sees them: 0 where nothing is said."""
        return (self.head - NOTHING_SAID, self.least - NOTHING_SAID, self.most - NOTHING_SAID)


class WordSupport:
    """Counts over authority titles.

    Args:
        listed: pairs of a title's core and a SOC code that it is listed under.
    """

    def __init__(self, listed: Iterable[tuple[str, str]]) -> None:
        self._heads: dict[str, _Counts] = defaultdict(_Counts)
        self._modifiers: dict[str, _Counts] = defaultdict(_Counts)
        self._own: dict[str, _Counts] = defaultdict(_Counts)
        of_all = _Counts()
        for core, soc_code in dict.fromkeys(listed):
            *modifiers, head = core.split()
            major = soc_code[:2]
            self._heads[head].add(major)
            for modifier in set(modifiers):
                self._modifiers[modifier].add(major)
            of_all.add(major)
            self._own[core].add(major)
        # Asked of the same words again and again: kept, word by word.
        self._of_head = lru_cache(WORDS_KEPT)(partial(self._log_share, self._heads))
        self._of_modifier = lru_cache(WORDS_KEPT)(partial(self._log_share, self._modifiers))
        self._prior = {
            major: max(PRIOR_TITLES * listed / of_all.total, LEAST_PRIOR)
            for major, listed in of_all.by_major.items()
        }

    def is_head(self, word: str) -> bool:
        """Whether several listed titles end in the word."""
        return self._heads.get(word, _NONE).total >= LEAST_HEADED

    def of(self, core: str, major: str) -> Support:
        """What the words of a title say of a major group.

        A title that is listed itself is no evidence for itself: its own rows are not counted.

        Args:
            core: the title, of at least one word.
            major: two digits of a SOC code.
        """
        *modifiers, head = core.split()
        own = self._own.get(core, _NONE)
        own_rows = own.by_major.get(major, 0), own.total
        of_head = self._of_head(head, major, *own_rows)
        of_modifiers = [
            self._of_modifier(word, major, *own_rows) for word in modifiers if word in self._modifiers
        ]
        return Support(
            of_head,
            min(of_modifiers) if of_modifiers else NOTHING_SAID,
            max(of_modifiers) if of_modifiers else NOTHING_SAID,
        )

    def _log_share(
        self, counts: Mapping[str, _Counts], word: str, major: str, own_listed: int, own_total: int
    ) -> float:
        """Logarithm of the share of a word's titles in a major group, without the title's own rows."""
        of_word = counts.get(word, _NONE)
        listed = max(of_word.by_major.get(major, 0) - own_listed, 0)
        total = max(of_word.total - own_total, 0)
        return math.log((listed + self._prior.get(major, LEAST_PRIOR)) / (total + PRIOR_TITLES))


@dataclass(slots=True)
class _Counts:
    by_major: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def add(self, major: str) -> None:
        self.by_major[major] = self.by_major.get(major, 0) + 1
        self.total += 1


_NONE = _Counts()
