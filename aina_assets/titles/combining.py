"""What a title's exact matches say together: which codes, how far they are trusted, what those codes share.

Belongs here: one verdict on all matches of a title. Does not: finding matches (`authority`), or joining them
with the model's scores (`assess`).

Some thousands of lists of codes stand behind all titles that authorities have: each is combined once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aina_assets.titles.authority import EXACT_LANES, Match
from aina_assets.titles.retrieval.taxonomy import LEVELS, SOC_LEVELS, Taxonomy
from aina_assets.titles.scope import ScopePolicy
from aina_assets.titles.serve_policy import Trust

RETRIEVAL = "retrieval"
FINEST, COARSEST = LEVELS[0], LEVELS[-1]


@dataclass(frozen=True)
class CombinedMatch:
    """What matches say.

    Attributes:
        lane: the strongest; `retrieval` where there are none.
        basis: `authority`, `ambiguous` (several codes) or `retrieval`.
        exact_codes: how many SOC codes they name.
        is_any_in_scope: whether the work of one of them is served.
        places: the classes they name, in order; none where no O*NET occupation has their codes.
        doubt: how probable it is, by their lists' trust, that none of them is right.
        finest_level: the finest that the codes allow a title to be served at.
    """

    lane: str
    basis: str
    exact_codes: int
    is_any_in_scope: bool
    places: NDArray[np.intp]
    doubt: float
    finest_level: str


NO_MATCH = CombinedMatch(RETRIEVAL, RETRIEVAL, 0, False, np.zeros(0, np.intp), 1.0, FINEST)


class MatchCombiner:
    """Combines the matches of a title.

    Args:
        taxonomy: the classes.
        scope: which work is served.
        trust: in each lane.
    """

    def __init__(self, taxonomy: Taxonomy, scope: ScopePolicy, trust: Trust) -> None:
        self._taxonomy = taxonomy
        self._scope = scope
        self._trust: dict[str, float] = trust.model_dump()
        self._places_of_soc: dict[str, list[int]] = {}
        for place, code in enumerate(taxonomy.classes):
            self._places_of_soc.setdefault(code[:7], []).append(place)
        self._known: dict[frozenset[tuple[str, str, str, str | None]], CombinedMatch] = {
            frozenset(): NO_MATCH
        }

    def __call__(self, matches: Sequence[Match]) -> CombinedMatch:
        """What the matches of one title say."""
        key = frozenset([(m.lane, m.source_table, m.soc_code, m.onet_soc_code) for m in matches])
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._combined(matches)
        return known

    def _combined(self, matches: Sequence[Match]) -> CombinedMatch:
        codes = sorted({match.soc_code for match in matches})
        doubt = 1.0
        # By list: two that have a title in a normalized form are two, as when they have it word for word.
        for lane, _ in sorted({(match.lane, match.source_table) for match in matches}):
            doubt *= 1 - self._trust[lane]
        return CombinedMatch(
            lane=min((match.lane for match in matches), key=EXACT_LANES.index),
            basis="authority" if len(codes) == 1 else "ambiguous",
            exact_codes=len(codes),
            is_any_in_scope=any(self._scope.of_code(code).is_in_scope for code in codes),
            places=np.array(sorted({place for match in matches for place in self._places(match)}), np.intp),
            doubt=doubt,
            finest_level=self._finest(codes),
        )

    def _places(self, match: Match) -> list[int]:
        of_soc = self._places_of_soc.get(match.soc_code, [])
        if match.onet_soc_code is None:
            return of_soc
        classes = self._taxonomy.classes
        return [place for place in of_soc if classes[place] == match.onet_soc_code] or of_soc

    def _finest(self, codes: Sequence[str]) -> str:
        if not self._places_of_soc.keys() >= set(codes):
            # A list has it under a code that no O*NET occupation has: the codes below are not its own.
            return COARSEST
        if len(codes) == 1:
            return FINEST
        places = [place for code in codes for place in self._places_of_soc[code]]
        for level in SOC_LEVELS:
            of_class = self._taxonomy.groupings[level].of_class
            if len(np.unique(of_class[places])) == 1:
                return level
        return COARSEST
