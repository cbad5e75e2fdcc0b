"""What the words of a title say of its major group, each word by itself.

Belongs here: counting head words and modifiers of authority titles by major group. Does not: any model of
whole titles; this is a second opinion on one, from evidence that it does not weigh in this way.

Of "deli manager", the encoder may well say management; that no list has a manager whose modifier is "deli"
outside of food preparation is what the counts say.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

# A word seen this often counts as much as what is known of all words together.
PRIOR_TITLES = 2.0
# Of a title without modifiers, and of modifiers that no list has: about what a modifier says on average.
NOTHING_SAID = -1.0
# A word that ends fewer titles than these may be a skill, a place or a name.
LEAST_HEADED = 5


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
        self._heads: dict[str, Counter[str]] = defaultdict(Counter)
        self._modifiers: dict[str, Counter[str]] = defaultdict(Counter)
        self._all: Counter[str] = Counter()
        self._own: dict[str, Counter[str]] = defaultdict(Counter)
        for core, soc_code in sorted(set(listed)):
            *modifiers, head = core.split()
            major = soc_code[:2]
            self._heads[head][major] += 1
            for modifier in set(modifiers):
                self._modifiers[modifier][major] += 1
            self._all[major] += 1
            self._own[core][major] += 1
        self._total = sum(self._all.values())

    def is_head(self, word: str) -> bool:
        """Whether several listed titles end in the word."""
        return self._heads.get(word, Counter()).total() >= LEAST_HEADED

    def of(self, core: str, major: str) -> Support:
        """What the words of a title say of a major group.

        A title that is listed itself is no evidence for itself: its own rows are not counted.

        Args:
            core: the title, of at least one word.
            major: two digits of a SOC code.
        """
        own = self._own.get(core, Counter())
        *modifiers, head = core.split()
        of_modifiers = [
            self._share(self._modifiers[word], own, major) for word in modifiers if word in self._modifiers
        ]
        return Support(
            self._share(self._heads.get(head, Counter()), own, major),
            min(of_modifiers, default=NOTHING_SAID),
            max(of_modifiers, default=NOTHING_SAID),
        )

    def _share(self, counts: Counter[str], own: Counter[str], major: str) -> float:
        listed = max(counts[major] - own[major], 0)
        total = max(counts.total() - own.total(), 0)
        prior = PRIOR_TITLES * self._all[major] / max(self._total, 1)
        return math.log((listed + max(prior, 1e-3)) / (total + PRIOR_TITLES))
