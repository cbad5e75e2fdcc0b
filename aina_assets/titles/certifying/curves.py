"""Calibrated claims: what a score is worth for titles of a basis, and how sure a claim must be.

Belongs here: curves, margins, and which claims they make. Does not: fitting them (`calibrating`), or what
becomes of a title.

A score is mapped to the share that was right among tune rows by a logistic curve of its log odds: two
numbers a basis and claim, with what the title's words support by themselves, and an offset for each business
function. A basis has one margin for all levels it serves; below the major group the policy keeps it small.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aina_assets.titles.certifying.claims import EXCLUDE, FINER_LEVELS, SERVED_LEVELS, Assessed, Truth
from aina_assets.titles.certifying.measure import Measured
from aina_assets.titles.retrieval.word_support import Support

Judged = tuple[Assessed, Truth]

# Scores are rounded to four places: 1 means "above 0.99995", not "certain".
LEAST_DOUBT = 5e-5
# Log odds below which a probability is 0 and its exponential overflows.
FARTHEST = 700.0
SERVE = "serve"
KINDS = (EXCLUDE, SERVE)
MARGINS = tuple(round(step / 200, 4) for step in range(1, 41))


@dataclass(frozen=True)
class Curve:
    """Calibrated log odds = offset + offset of the group + slope x raw log odds + what the words support.

    Attributes:
        words: weights of a title's word support: head, least and most modifier.
        groups: offset of a business function (for an exclusion: of a reason); 0 for one not among them.
    """

    offset: float
    slope: float
    words: tuple[float, float, float]
    groups: Mapping[str, float]

    def __call__(self, score: float, support: Support, group: str) -> float:
        """The calibrated probability of a raw score."""
        head, least, most = self.words
        said_head, said_least, said_most = support.features
        odds = (
            self.offset
            + self.groups.get(group, 0.0)
            + self.slope * log_odds(score)
            + head * said_head
            + least * said_least
            + most * said_most
        )
        return 1 / (1 + math.exp(-odds)) if odds > -FARTHEST else 0.0


AS_IT_STANDS = Curve(0.0, 1.0, (0.0, 0.0, 0.0), {})


def log_odds(score: float) -> float:
    """Log odds of a probability that was rounded."""
    bounded = min(max(score, LEAST_DOUBT), 1 - LEAST_DOUBT)
    return math.log(bounded / (1 - bounded))


@dataclass(frozen=True)
class Calibration:
    """What was fitted on tune rows.

    Attributes:
        curves: of each basis and claim.
        margins: of each basis and kind of claim: the largest doubt at which a claim is made; None where no
            margin keeps the error.
        most_below_major: what a margin is at most below the major group.
        steps: of each basis and kind: the margins that certificates may try, from the narrowest.
        measured: what the narrowest step of each basis and kind leaves on the tune rows themselves.
    """

    curves: Mapping[tuple[str, str], Curve]
    margins: Mapping[tuple[str, str], float | None]
    most_below_major: float = 1.0
    steps: Mapping[tuple[str, str], tuple[float, ...]] = field(default_factory=dict)
    measured: Mapping[tuple[str, str], Measured] = field(default_factory=dict)

    def probability(self, title: Assessed, claim: str) -> float:
        """The calibrated probability that a claim on a title is right."""
        curve = self.curves.get((title.basis, claim), AS_IT_STANDS)
        return curve(title.score_of(claim), title.support, title.group_of(claim))

    def makes(self, title: Assessed, claim: str) -> bool:
        """Whether the evidence is enough for a claim, should its stratum be certified."""
        if not title.allows(claim):
            return False
        if claim == EXCLUDE and title.is_excluded_by_words:
            return True
        margin = self.margin(title.basis, claim)
        return margin is not None and self.probability(title, claim) >= 1 - margin

    def margin(self, basis: str, claim: str) -> float | None:
        """The largest doubt at which a claim on titles of a basis is made."""
        margin = self.margins.get((basis, kind_of(claim)))
        if margin is not None and claim in FINER_LEVELS:
            return min(margin, self.most_below_major)
        return margin

    def with_margin(self, basis: str, kind: str, margin: float) -> Calibration:
        """The same with another margin."""
        return replace(self, margins={**self.margins, (basis, kind): margin})


def kind_of(claim: str) -> str:
    """`exclude`, or `serve` for every level."""
    return EXCLUDE if claim == EXCLUDE else SERVE


def claims_of(kind: str) -> tuple[str, ...]:
    """The claims of a kind."""
    return (EXCLUDE,) if kind == EXCLUDE else SERVED_LEVELS


def steps_between(narrowest: float | None, widest: float | None) -> tuple[float, ...]:
    """The margins from one to another."""
    if narrowest is None or widest is None:
        return ()
    return tuple(margin for margin in MARGINS if narrowest <= margin <= widest)


def claim_by_evidence(title: Assessed, kind: str, calibration: Calibration) -> str | None:
    """The first claim of a kind that a title's evidence makes; None for none, and where words exclude."""
    if kind == EXCLUDE and title.is_excluded_by_words:
        return None
    return next((claim for claim in claims_of(kind) if calibration.makes(title, claim)), None)
