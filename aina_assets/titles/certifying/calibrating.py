"""Calibrated claims: what a score is worth for titles of a basis, and how sure a claim must be.

Belongs here: fitting both on gold tune rows. Does not: the test rows, or what becomes of a title.

A score is mapped to the share that was right among tune rows by a logistic curve of its log odds: two
numbers a basis and claim, and an offset for each business function that is pulled towards none, since lists
are better in some fields than in others. A basis then has one margin for all levels it serves: the largest
doubt at which the error to expect of all that is served, by these curves, is within the policy. The curves
are asked and not the rows' own errors, which are few and go up and down with every margin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from aina_assets.titles.certifying.claims import BASES, CLAIMS, EXCLUDE, SERVED_LEVELS, Assessed, Truth
from aina_assets.titles.certifying.measure import Measured
from aina_assets.titles.serve_policy import ServePolicy

Judged = tuple[Assessed, Truth]

# Scores are rounded to four places: 1 means "above 0.99995", not "certain".
LEAST_DOUBT = 5e-5
# Pulls a curve that few rows tell of towards "the score is right as it stands", and a group's offset towards
# none: a Gaussian prior's inverse variance.
PRIOR = 5.0
GROUP_PRIOR = 2.0
# A title whose major group is sure gains little, and risks much, from a finer level that is just sure enough;
# and a function alone says least. Both need the same surety with half the doubt.
CAREFUL_SHARE = 0.5
CAREFUL_LEVELS = ("detailed", "broad", "minor", "function")
MARGINS = tuple(round(step / 200, 4) for step in range(1, 41))


@dataclass(frozen=True)
class Curve:
    """Calibrated log odds = offset + offset of the group + slope x raw log odds.

    Attributes:
        groups: offset of a business function (for an exclusion: of a reason); 0 for one not among them.
    """

    offset: float
    slope: float
    groups: Mapping[str, float]

    def __call__(self, score: float, group: str) -> float:
        """The calibrated probability of a raw score."""
        odds = self.offset + self.groups.get(group, 0.0) + self.slope * log_odds(score)
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, odds))))


AS_IT_STANDS = Curve(0.0, 1.0, {})


def log_odds(score: float) -> float:
    """Log odds of a probability that was rounded."""
    bounded = min(max(score, LEAST_DOUBT), 1 - LEAST_DOUBT)
    return math.log(bounded / (1 - bounded))


def fit_curve(
    scores: Sequence[float], groups: Sequence[str], right: Sequence[bool], weights: Sequence[float]
) -> Curve:
    """Fit a curve; its slope is never negative, so that a higher score is never worth less."""
    if not scores:
        return AS_IT_STANDS
    x = np.array([log_odds(score) for score in scores])
    y = np.array(right, float)
    w = np.array(weights, float)
    w *= len(w) / w.sum()
    names = sorted(set(groups))
    member = np.array([[group == name for name in names] for group in groups], float)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = at[0] + at[1] * x + member @ at[2:]
        error = w * (1 / (1 + np.exp(-z)) - y)
        pull = np.concatenate([[PRIOR * at[0], PRIOR * (at[1] - 1)], GROUP_PRIOR * at[2:]])
        value = float((w * (np.logaddexp(0, z) - y * z)).sum())
        prior = 0.5 * float(PRIOR * (at[0] ** 2 + (at[1] - 1) ** 2) + GROUP_PRIOR * (at[2:] ** 2).sum())
        slope = np.concatenate([[error.sum(), (error * x).sum()], error @ member]) + pull
        return value + prior, slope

    start = np.concatenate([[0.0, 1.0], np.zeros(len(names))])
    bounds = [(-8, 8), (0.0, 4.0), *([(-4.0, 4.0)] * len(names))]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    offset, slope, *of_groups = (round(float(value), 4) for value in found)
    return Curve(offset, slope, dict(zip(names, of_groups, strict=True)))


@dataclass(frozen=True)
class Calibration:
    """What was fitted on tune rows.

    Attributes:
        curves: of each basis and claim.
        margins: of each basis, for service and for exclusion: the largest doubt at which a claim is made;
            None where no margin keeps the error.
        measured: what the margin of each basis leaves on the tune rows themselves.
    """

    curves: Mapping[tuple[str, str], Curve]
    margins: Mapping[tuple[str, str], float | None]
    measured: Mapping[tuple[str, str], Measured]

    def probability(self, title: Assessed, claim: str) -> float:
        """The calibrated probability that a claim on a title is right."""
        curve = self.curves.get((title.basis, claim), AS_IT_STANDS)
        return curve(title.score_of(claim), title.group_of(claim))

    def makes(self, title: Assessed, claim: str) -> bool:
        """Whether the evidence is enough for a claim, should its stratum be certified."""
        if not title.allows(claim):
            return False
        if claim == EXCLUDE and title.is_excluded_by_words:
            return True
        margin = self.margins.get((title.basis, kind_of(claim)))
        if margin is None:
            return False
        return self.probability(title, claim) >= 1 - margin * (
            CAREFUL_SHARE if claim in CAREFUL_LEVELS else 1
        )


def kind_of(claim: str) -> str:
    """`exclude`, or `serve` for every level."""
    return EXCLUDE if claim == EXCLUDE else "serve"


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
                curves[basis, claim] = fit_curve(
                    [title.score_of(claim) for title, _ in allowed],
                    [title.group_of(claim) for title, _ in allowed],
                    [truth.is_right(title, claim) for title, truth in allowed],
                    [truth.weight for _, truth in allowed],
                )
    margins: dict[tuple[str, str], float | None] = {}
    measured: dict[tuple[str, str], Measured] = {}
    for basis, rows in by_basis.items():
        for kind, claims in ((EXCLUDE, (EXCLUDE,)), ("serve", SERVED_LEVELS)):
            margins[basis, kind], measured[basis, kind] = _widest(rows, basis, kind, claims, curves, policy)
    return Calibration(curves, margins, measured)


def _widest(
    rows: Sequence[Judged],
    basis: str,
    kind: str,
    claims: Sequence[str],
    curves: Mapping[tuple[str, str], Curve],
    policy: ServePolicy,
) -> tuple[float | None, Measured]:
    best: tuple[float | None, Measured] = (None, Measured.of([], policy.certificate.confidence))
    for margin in MARGINS:
        trial = Calibration(curves, {(basis, kind): margin}, {})
        judged, doubt, weight = [], 0.0, 0.0
        for title, truth in rows:
            if kind == EXCLUDE and title.is_excluded_by_words:
                continue
            claim = next((claim for claim in claims if trial.makes(title, claim)), None)
            if claim is not None:
                judged.append((truth.is_right(title, claim), truth.weight))
                doubt += truth.weight * (1 - trial.probability(title, claim))
                weight += truth.weight
        if len(judged) < policy.threshold.least_tune_rows:
            continue
        if doubt / weight > policy.threshold.expected_error:
            break
        best = (margin, Measured.of(judged, policy.certificate.confidence))
    return best
