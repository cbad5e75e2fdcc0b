"""Calibrated claims: what a score is worth for titles of a basis, and how sure a claim must be.

Belongs here: fitting both on gold tune rows. Does not: the test rows, or what becomes of a title.

A score is mapped to the share that was right among tune rows by a logistic curve of its log odds: two
numbers a basis and claim, with what the title's words support by themselves, and an offset for each business
function that is pulled towards none, since lists are better in some fields than in others.

A basis has one margin for all levels it serves. Which one, test rows tell (`certificate`), along steps that
tune rows fix beforehand: from the margin that serves most titles in expectation, which are those within it
times the chance that test rows certify them, to the widest that has a chance. The error to expect is the
curves', not the rows' own, which are few. Below the major group the policy keeps the margin small: a title
that is told less finely with more certainty leaves more of the error that may be certified to titles that
would not be served at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from aina_assets.titles.certifying.claims import (
    BASES,
    CLAIMS,
    EXCLUDE,
    FINER_LEVELS,
    SERVED_LEVELS,
    Assessed,
    Truth,
)
from aina_assets.titles.certifying.measure import Measured, chance_to_certify
from aina_assets.titles.gold.labels import TUNE_SHARE
from aina_assets.titles.retrieval.word_support import Support
from aina_assets.titles.serve_policy import ServePolicy

Judged = tuple[Assessed, Truth]

# Scores are rounded to four places: 1 means "above 0.99995", not "certain".
LEAST_DOUBT = 5e-5
# Log odds below which a probability is 0 and its exponential overflows.
FARTHEST = 700.0
# Pulls a curve that few rows tell of towards "the score is right as it stands", and a group's offset towards
# none: a Gaussian prior's inverse variance.
PRIOR = 5.0
GROUP_PRIOR = 2.0
SERVE = "serve"
KINDS = (EXCLUDE, SERVE)
# With a smaller chance to be certified a step is tried in vain.
HOPELESS = 0.02
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


def fit_curve(rows: Sequence[Judged], claim: str) -> Curve:
    """Fit a claim's curve; its slope is never negative, so that a higher score is never worth less.

    Words say something of a title's major group; of an exclusion they are not asked.
    """
    if not rows:
        return AS_IT_STANDS
    x = np.array([log_odds(title.score_of(claim)) for title, _ in rows])
    said = np.array([title.support.features for title, _ in rows]) * float(claim != EXCLUDE)
    y = np.array([truth.is_right(title, claim) for title, truth in rows], float)
    w = np.array([truth.weight for _, truth in rows])
    w *= len(w) / w.sum()
    names = sorted({title.group_of(claim) for title, _ in rows})
    member = np.array([[title.group_of(claim) == name for name in names] for title, _ in rows], float)
    design = np.column_stack([np.ones(len(x)), x, said, member])
    prior = np.array([PRIOR, PRIOR, *[PRIOR] * said.shape[1], *[GROUP_PRIOR] * len(names)])
    rest = np.zeros(design.shape[1])
    rest[1] = 1.0

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = design @ at
        away = at - rest
        value = float((w * (np.logaddexp(0, z) - y * z)).sum() + 0.5 * (prior * away**2).sum())
        return value, design.T @ (w * (1 / (1 + np.exp(-z)) - y)) + prior * away

    bounds = [(-8, 8), (0.0, 4.0), *[(-4.0, 4.0)] * (design.shape[1] - 2)]
    found = [
        round(float(value), 4) for value in minimize(loss, rest, jac=True, method="L-BFGS-B", bounds=bounds).x
    ]
    offset, slope, head, least, most = found[:5]
    return Curve(offset, slope, (head, least, most), dict(zip(names, found[5:], strict=True)))


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


def calibrate(tune: Iterable[Judged], policy: ServePolicy) -> Calibration:
    """Fit curves and margins on gold tune rows alone."""
    by_basis: dict[str, list[Judged]] = {basis: [] for basis in BASES}
    for pair in tune:
        by_basis[pair[0].basis].append(pair)
    curves = {}
    for basis, rows in by_basis.items():
        for claim in CLAIMS:
            allowed = [(title, truth) for title, truth in rows if title.allows(claim)]
            if len(allowed) >= policy.threshold.least_tune_rows:
                curves[basis, claim] = fit_curve(allowed, claim)
    found = Calibration(curves, {}, policy.threshold.most_doubt_below_major)
    steps: dict[tuple[str, str], tuple[float, ...]] = {}
    measured: dict[tuple[str, str], Measured] = {}
    for basis, rows in by_basis.items():
        for kind in KINDS:
            steps[basis, kind], measured[basis, kind] = _steps(rows, basis, kind, found, policy)
    narrowest = {key: min(margins, default=None) for key, margins in steps.items()}
    return replace(found, margins=narrowest, steps=steps, measured=measured)


def _steps(
    rows: Sequence[Judged], basis: str, kind: str, calibration: Calibration, policy: ServePolicy
) -> tuple[tuple[float, ...], Measured]:
    """The margins that are worth a try on test rows, and what the narrowest leaves on tune rows."""
    chances: dict[float, float] = {}
    expected: dict[float, float] = {}
    measured: dict[float, Measured] = {}
    for margin in MARGINS:
        trial = calibration.with_margin(basis, kind, margin)
        judged, doubt, weight = [], 0.0, 0.0
        for title, truth in rows:
            claim = claim_by_evidence(title, kind, trial)
            if claim is not None:
                judged.append((truth.is_right(title, claim), truth.weight))
                doubt += truth.weight * (1 - trial.probability(title, claim))
                weight += truth.weight
        if len(judged) >= policy.threshold.least_tune_rows:
            measured[margin] = Measured.of(judged, policy.certificate.confidence)
            chances[margin] = _chance(doubt / weight, measured[margin], policy)
            expected[margin] = weight * chances[margin]
    hopeful = [margin for margin, chance in chances.items() if chance >= HOPELESS]
    if not hopeful:
        return (), Measured.of([], policy.certificate.confidence)
    narrowest = max(hopeful, key=lambda margin: expected[margin])
    return steps_between(narrowest, max(hopeful)), measured[narrowest]


def claim_by_evidence(title: Assessed, kind: str, calibration: Calibration) -> str | None:
    """The first claim of a kind that a title's evidence makes; None for none, and where words exclude."""
    if kind == EXCLUDE and title.is_excluded_by_words:
        return None
    return next((claim for claim in claims_of(kind) if calibration.makes(title, claim)), None)


def _chance(error: float, served: Measured, policy: ServePolicy) -> float:
    """The chance that test rows certify what serves these tune rows; gold is split at a known share."""
    of_test = served.effective_rows * (1 - TUNE_SHARE) / TUNE_SHARE
    return chance_to_certify(error, of_test, policy.certificate.most_error, policy.certificate.confidence)
