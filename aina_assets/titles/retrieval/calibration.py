"""What a score is worth: maps from raw to observed probabilities, fitted on held-out titles.

Belongs here: logistic maps and the expected calibration error. Does not: fitting maps (`fitting`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BINS = 15
# Scores are sums of 32-bit floats: beyond this, 1 and 0 are roundings.
LEAST_DOUBT = 1e-6


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
