"""Figures of predictions: hits, risk against coverage, calibration error and what of it is chance.

Belongs here: arithmetic on arrays. Does not: where predictions come from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aina_assets.titles.retrieval.calibration import expected_calibration_error

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TOP = 5
WIDTH_BINS = 10
COVERAGES = tuple(step / 10 for step in range(1, 11))
SIMULATIONS = 100
SEED = 7
PLACES = 4


@dataclass(frozen=True)
class Ranked:
    """What was predicted for n titles at one level.

    Attributes:
        is_first: whether the first group is right.
        is_among: whether one of the first five is.
        raw: the first one's score; a probability where the predictor states one.
        calibrated: what the model's map makes of it; None where the model has no map of the level.
    """

    is_first: Flags
    is_among: Flags
    raw: Floats
    calibrated: Floats | None = None

    def part(self, chosen: Flags) -> Ranked:
        """Some of the titles."""
        calibrated = None if self.calibrated is None else self.calibrated[chosen]
        return Ranked(self.is_first[chosen], self.is_among[chosen], self.raw[chosen], calibrated)


def ranked(scores: NDArray[np.floating], names: Sequence[str], right: Sequence[frozenset[str]]) -> Ranked:
    """Judge scores.

    Args:
        scores: titles x groups; of equal ones the first counts as higher.
        names: the groups.
        right: of each title the groups that are right.
    """
    order = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    is_right = np.array(
        [[names[place] in of_title for place in row] for row, of_title in zip(order, right, strict=True)],
        bool,
    ).reshape(len(scores), -1)
    top = scores[np.arange(len(scores)), order[:, 0]].astype(np.float64)
    return Ranked(is_right[:, 0], np.logical_or.reduce(is_right, axis=1), top)


def hit_figures(found: Ranked) -> dict[str, Any]:
    """Top-1 and top-5."""
    if not len(found.raw):
        return {"n": 0}
    return {"n": len(found.raw), "top1": _share(found.is_first), "top5": _share(found.is_among)}


def lost_figures(found: Ranked, whole: Ranked) -> dict[str, Any]:
    """Hits, and what was lost against predictions for the same titles: its mean and standard error."""
    figures = hit_figures(found)
    for name, is_hit, was_hit in (
        ("top1", found.is_first, whole.is_first),
        ("top5", found.is_among, whole.is_among),
    ):
        lost = was_hit.astype(float) - is_hit
        if figures["n"] > 1:
            error = lost.std(ddof=1) / np.sqrt(len(lost))
            figures[f"{name}_lost"] = [round(float(lost.mean()), PLACES), round(float(error), PLACES)]
    return figures


def all_figures(found: Ranked) -> dict[str, Any]:
    """Hits, risk against coverage, and calibration error."""
    figures = hit_figures(found)
    if not figures["n"]:
        return figures
    figures["error_at_coverage"] = error_at_coverage(found)
    figures["ece_raw"] = _errors(found.raw, found.is_first)
    if found.calibrated is not None:
        figures["ece"] = _errors(found.calibrated, found.is_first)
        figures["ece_by_chance"] = errors_by_chance(found.calibrated)
    return figures


def error_at_coverage(found: Ranked) -> dict[str, float]:
    """The error among the surest tenth, two tenths and so on.

    The calibrated probability orders titles, the raw one those that it holds equal: it never falls where
    the raw one rises, so that the raw order is both.
    """
    wrong = ~found.is_first[np.argsort(-found.raw, kind="stable")]
    return {f"{share:.0%}": _share(wrong[: max(1, round(share * len(wrong)))]) for share in COVERAGES}


def error_of_equal_widths(probability: Floats, right: Flags) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins = np.minimum((probability * WIDTH_BINS).astype(int), WIDTH_BINS - 1)
    gaps = np.bincount(bins, weights=probability - right, minlength=WIDTH_BINS)
    return float(np.abs(gaps).sum() / len(probability))


MEASURES: dict[str, Callable[[Floats, Flags], float]] = {
    "equal_widths": error_of_equal_widths,
    "equal_counts": expected_calibration_error,
}


def errors_by_chance(probability: Floats) -> dict[str, float]:
    """The mean calibration error of a perfectly calibrated model that states these probabilities.

    Bins hold finite numbers of titles: outcomes drawn from the very probabilities still miss them.
    """
    random = np.random.default_rng(SEED)
    drawn = [random.random(len(probability)) < probability for _ in range(SIMULATIONS)]
    return {
        name: round(float(np.mean([measure(probability, right) for right in drawn])), PLACES)
        for name, measure in MEASURES.items()
    }


def _errors(probability: Floats, right: Flags) -> dict[str, float]:
    return {name: round(measure(probability, right), PLACES) for name, measure in MEASURES.items()}


def _share(flags: Flags) -> float:
    return round(float(flags.mean()), PLACES)
