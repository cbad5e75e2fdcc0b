"""What could be claimed of a title, and whether a gold row says that the claim is right.

Belongs here: the order of claims, which of them a title's evidence allows at given thresholds, and right or
wrong. Does not: choosing thresholds, or certifying.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aina_assets.titles.retrieval.taxonomy import LEVELS
from aina_assets.titles.retrieval.word_support import Support

EXCLUDE = "exclude"
# An exclusion is decided first; then the ladder, from the most specific level that gold can judge: gold rows
# have SOC codes, which say nothing of the O*NET occupation below them.
SERVED_LEVELS = LEVELS[1:]
FINER_LEVELS = SERVED_LEVELS[: SERVED_LEVELS.index("major")]
CLAIMS = (EXCLUDE, *SERVED_LEVELS)
BASES = ("authority", "ambiguous", "retrieval", "words")
WORDS = "words"
# The columns of `title_level` that have each level's group and its probability.
_CODES = (*((level, f"{level}_code") for level in LEVELS[:-1]), (LEVELS[-1], LEVELS[-1]))
_PROBABILITIES = tuple((level, f"{level}_probability") for level in LEVELS)


@dataclass(frozen=True, slots=True)
class Assessed:
    """A title's evidence as claims see it.

    Attributes:
        title_id: the title.
        basis: what its certificates are given for.
        code: group of each level, and the function.
        probability: of each level, that the title is in scope and in that group.
        in_scope_probability: that it is in scope at all.
        scope_reason: most probable reason for being out of scope.
        word_reason: the reason that its words alone give.
        has_in_scope_match: whether an exact match is in scope; then nothing excludes it.
        finest_level: the finest level that its words allow; None for no level.
        support: what its words say of its major group.
    """

    title_id: str
    basis: str
    code: Mapping[str, str]
    probability: Mapping[str, float]
    in_scope_probability: float
    scope_reason: str | None
    word_reason: str | None
    has_in_scope_match: bool
    finest_level: str | None
    support: Support

    @property
    def is_excluded_by_words(self) -> bool:
        """Whether a word rule says what it is, and nothing that is listed contradicts."""
        return self.word_reason is not None and not self.has_in_scope_match

    def basis_of(self, claim: str) -> str:
        """The basis of a claim: the words, where they alone exclude."""
        return WORDS if claim == EXCLUDE and self.is_excluded_by_words else self.basis

    def group_of(self, claim: str) -> str:
        """The stratum's group: the business function; for an exclusion the reason."""
        if claim == EXCLUDE:
            words = self.word_reason if self.is_excluded_by_words else None
            return words or self.scope_reason or "not_a_job"
        return self.code["function"]

    def score_of(self, claim: str) -> float:
        """What a threshold is held against: the higher, the surer the claim."""
        return 1 - self.in_scope_probability if claim == EXCLUDE else self.probability[claim]

    def allows(self, claim: str) -> bool:
        """Whether the claim may be made of it at all, whatever the probability."""
        if claim == EXCLUDE:
            return not self.has_in_scope_match
        if self.is_excluded_by_words or self.finest_level is None:
            return False
        return LEVELS.index(claim) >= LEVELS.index(self.finest_level)


def assessed_rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[Assessed]:
    """The rows of `title_level` as claims see them."""
    for row in rows:
        yield Assessed(
            title_id=row["title_id"],
            basis=row["basis"],
            code={level: row[column] for level, column in _CODES},
            probability={level: row[column] for level, column in _PROBABILITIES},
            in_scope_probability=row["in_scope_probability"],
            scope_reason=row["scope_reason"],
            word_reason=row["word_reason"],
            has_in_scope_match=row["has_in_scope_match"],
            finest_level=row["finest_level"],
            support=Support(row["head_support"], row["least_modifier_support"], row["most_modifier_support"]),
        )


@dataclass(frozen=True, slots=True)
class Truth:
    """What a gold row says of a title.

    Attributes:
        is_in_scope: whether its work is in scope.
        groups: of each SOC level, the groups of the accepted codes; of function, the accepted functions.
        weight: titles of the inventory that the row stands for.
    """

    is_in_scope: bool
    groups: Mapping[str, frozenset[str]]
    weight: float

    def is_right(self, title: Assessed, claim: str) -> bool:
        """Whether a claim on the title is right. Serving work that is out of scope never is."""
        if claim == EXCLUDE:
            return not self.is_in_scope
        return self.is_in_scope and title.code[claim] in self.groups[claim]
