"""What a score is worth: maps from raw to observed probabilities, fitted on held-out titles.

Belongs here: logistic maps and the expected calibration error. Does not: which titles were held out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]

BINS = 15
# Scores are sums of 32-bit floats: beyond this, 1 and 0 are roundings.
LEAST_DOUBT = 1e-6
LEAST_ROWS = 100


@dataclass(frozen=True)
class LogisticMap:
    """An increasing map of log odds: offset + slope x log odds (Platt's).

    It has no steps: two titles that were told apart by their raw scores still are, which a served level's
    margin needs.
    """

    offset: float
    slope: float

    def __call__(self, values: NDArray[np.floating]) -> Array:
        """The calibrated probabilities of raw ones."""
        mapped: Array = 1 / (1 + np.exp(-(self.offset + self.slope * log_odds(values))))
        return mapped


IDENTITY = LogisticMap(0.0, 1.0)


def log_odds(values: NDArray[np.floating]) -> Array:
    """Log odds of probabilities, those of 0 and 1 bounded."""
    bounded = np.clip(np.asarray(values, np.float64), LEAST_DOUBT, 1 - LEAST_DOUBT)
    odds: Array = np.log(bounded / (1 - bounded))
    return odds


def fit_logistic(raw: NDArray[np.floating], right: NDArray[np.bool_]) -> LogisticMap:
    """Fit a map to what was right, by maximum likelihood.

    Args:
        raw: n raw probabilities.
        right: n; whether the prediction with that probability was right.

    Returns:
        The map; the identity where there are too few rows, or all or none were right.
    """
    if len(raw) < LEAST_ROWS or right.all() or not right.any():
        return IDENTITY
    x, y = log_odds(raw), right.astype(np.float64)

    def loss(at: Array) -> tuple[float, Array]:
        z = at[0] + at[1] * x
        error = 1 / (1 + np.exp(-z)) - y
        return float((np.logaddexp(0, z) - y * z).mean()), np.array([error.mean(), (error * x).mean()])

    found = minimize(loss, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B", bounds=[(-8, 8), (0.05, 8)]).x
    return LogisticMap(round(float(found[0]), 4), round(float(found[1]), 4))


def expected_calibration_error(
    probability: NDArray[np.floating],
    right: NDArray[np.bool_],
    weights: NDArray[np.floating] | None = None,
) -> float:
    """Mean distance between stated and observed share over bins of equal numbers of titles.

    Args:
        probability: n stated probabilities.
        right: n outcomes.
        weights: n; one each where None.
    """
    if not len(probability):
        return 0.0
    weight = np.ones(len(probability)) if weights is None else np.asarray(weights, np.float64)
    error = 0.0
    for part in np.array_split(np.argsort(probability, kind="stable"), BINS):
        if len(part):
            stated = np.average(probability[part], weights=weight[part])
            error += weight[part].sum() * abs(stated - np.average(right[part], weights=weight[part]))
    return float(error / weight.sum())
