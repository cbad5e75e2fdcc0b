"""Fit curves and margins on gold tune rows.

Belongs here: the fit. Does not: the test rows, or what curves and margins say of a title (`curves`).

A function's offset is pulled towards none, since lists are better in some fields than in others. Which margin
a basis has, test rows tell (`certificate`), along steps that
tune rows fix beforehand: from the margin that serves most titles in expectation, which are those within it
times the chance that test rows certify them, to the widest that has a chance. The error to expect is the
curves', not the rows' own, which are few. Below the major group the policy keeps the margin small: a title
that is told less finely with more certainty leaves more of the error that may be certified to titles that
would not be served at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from aina_assets.titles.certifying.claims import BASES, CLAIMS, EXCLUDE
from aina_assets.titles.certifying.curves import (
    AS_IT_STANDS,
    KINDS,
    MARGINS,
    Calibration,
    Curve,
    Judged,
    claim_by_evidence,
    log_odds,
    steps_between,
)
from aina_assets.titles.certifying.measure import Measured, chance_to_certify
from aina_assets.titles.gold.labels import TUNE_SHARE
from aina_assets.titles.serve_policy import ServePolicy

# Pulls a curve that few rows tell of towards "the score is right as it stands", and a group's offset towards
# none: a Gaussian prior's inverse variance.
PRIOR = 5.0
GROUP_PRIOR = 2.0
# With a smaller chance to be certified a step is tried in vain.
HOPELESS = 0.02


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


def _chance(error: float, served: Measured, policy: ServePolicy) -> float:
    """The chance that test rows certify what serves these tune rows; gold is split at a known share."""
    of_test = served.effective_rows * (1 - TUNE_SHARE) / TUNE_SHARE
    return chance_to_certify(error, of_test, policy.certificate.most_error, policy.certificate.confidence)
