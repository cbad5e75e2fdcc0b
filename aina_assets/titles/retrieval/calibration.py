"""What a score is worth: monotone maps from raw to observed probabilities, fitted on held-out titles.

Belongs here: isotonic maps and the expected calibration error. Does not: which titles were held out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

Array = NDArray[np.float64]

# Fewer observations a knot would follow noise; the map is a straight line between knots.
LEAST_ROWS_A_KNOT = 50
BINS = 15


@dataclass(frozen=True)
class MonotoneMap:
    """A non-decreasing, piecewise linear map from [0, 1] to [0, 1].

    Attributes:
        raw: knots' raw probabilities, ascending.
        observed: the share that was right there, non-decreasing.
    """

    raw: tuple[float, ...]
    observed: tuple[float, ...]

    def __call__(self, values: NDArray[np.floating]) -> Array:
        """The calibrated probabilities of raw ones."""
        mapped: Array = np.interp(values, self.raw, self.observed)
        return mapped


IDENTITY = MonotoneMap((0.0, 1.0), (0.0, 1.0))


def fit_monotone(
    raw: NDArray[np.floating], right: NDArray[np.bool_], weights: NDArray[np.floating] | None = None
) -> MonotoneMap:
    """Fit a map to what was right.

    Args:
        raw: n raw probabilities.
        right: n; whether the prediction with that probability was right.
        weights: n; how many titles each stands for; one each where None.

    Returns:
        The map; the identity where there are too few rows for two knots.
    """
    if len(raw) < 2 * LEAST_ROWS_A_KNOT:
        return IDENTITY
    weight = np.ones(len(raw)) if weights is None else np.asarray(weights, np.float64)
    order = np.argsort(raw, kind="stable")
    knots = np.array_split(order, len(order) // LEAST_ROWS_A_KNOT)
    x = np.array([np.average(raw[knot], weights=weight[knot]) for knot in knots])
    y = np.array([np.average(right[knot], weights=weight[knot]) for knot in knots])
    fitted = isotonic_regression(y, weights=[weight[knot].sum() for knot in knots]).x
    # Equal raw values would make the interpolation depend on their order.
    x, first = np.unique(np.round(x, 6), return_index=True)
    return MonotoneMap(tuple(x.tolist()), tuple(np.round(np.clip(fitted[first], 0, 1), 6).tolist()))


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
