"""How far two reviewers agree, beyond what chance would give, and how sure that is.

Belongs here: coefficients and their interval. Does not: Cohen's kappa, which the gold sets use too
(`titles.gold.agreement`), and what agreement is enough (the policy).

Several coefficients, since each misleads somewhere: where nearly all rows are of one kind, kappa and alpha
are low however often two agree, and AC1 stays near the share that they agree on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from aina_assets.titles.gold.agreement import cohens_kappa

Pairs = Sequence[tuple[Hashable, Hashable]]
# Fixed, so that the same rows have the same interval.
_SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class AgreementFigures:
    """How far two reviewers agree.

    Attributes:
        rows: rows that both answered.
        share: share of rows with equal answers; None without rows.
        kappa: Cohen's kappa; None where chance alone makes them agree on every row.
        ac1: Gwet's AC1; None without rows, or with one category only.
        alpha: Krippendorff's alpha, nominal; None where all answers are of one category.
        alpha_low, alpha_high: its bootstrap interval; None where alpha is.
    """

    rows: int
    share: float | None
    kappa: float | None
    ac1: float | None
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None


def agreement_figures(
    pairs: Pairs, categories: int, *, confidence: float, resamples: int
) -> AgreementFigures:
    """All coefficients of two reviewers' answers.

    Args:
        pairs: both answers of each row.
        categories: how many different answers there could have been.
        confidence, resamples: of alpha's interval.
    """
    interval = alpha_interval(pairs, confidence=confidence, resamples=resamples)
    return AgreementFigures(
        rows=len(pairs),
        share=raw_agreement(pairs),
        kappa=cohens_kappa(pairs),
        ac1=gwets_ac1(pairs, categories),
        alpha=krippendorffs_alpha(pairs),
        alpha_low=None if interval is None else interval[0],
        alpha_high=None if interval is None else interval[1],
    )


def raw_agreement(pairs: Pairs) -> float | None:
    """The share of rows with equal answers; None without rows."""
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None


def gwets_ac1(pairs: Pairs, categories: int) -> float | None:
    """Gwet's AC1 of two reviewers: agreement above chance, chance being low where answers are of one kind.

    None without rows, or where only one answer is possible.

    Args:
        categories: how many different answers there could have been; those that nobody gave count.

    Source: K. L. Gwet, Computing inter-rater reliability and its variance in the presence of high
    agreement, 2008.
    """
    if not pairs or categories < 2:
        return None
    rows = len(pairs)
    given = Counter(answer for pair in pairs for answer in pair)
    shares = [count / (2 * rows) for count in given.values()]
    by_chance = sum(share * (1 - share) for share in shares) / (categories - 1)
    observed = sum(a == b for a, b in pairs) / rows
    return (observed - by_chance) / (1 - by_chance)


def krippendorffs_alpha(units: Sequence[Sequence[Hashable | None]]) -> float | None:
    """Krippendorff's alpha for nominal answers: one less disagreement, as a share of chance's.

    Any number of reviewers; None stands for no answer, and units with fewer than two answers tell nothing.
    None where all answers are of one category, or there are none.

    Args:
        units: the answers to each row.

    Source: K. Krippendorff, Computing Krippendorff's alpha-reliability, 2011.
    """
    coincidences: Counter[tuple[Hashable, Hashable]] = Counter()
    for unit in units:
        answers = [answer for answer in unit if answer is not None]
        if len(answers) < 2:
            continue
        counts = Counter(answers)
        for a, count_a in counts.items():
            for b, count_b in counts.items():
                together = count_a * (count_b - (a == b)) / (len(answers) - 1)
                coincidences[a, b] += together  # type: ignore[assignment]
    return _alpha_of(coincidences)


def _alpha_of(coincidences: Mapping[tuple[Hashable, Hashable], float]) -> float | None:
    margins: Counter[Hashable] = Counter()
    for (a, _), count in coincidences.items():
        margins[a] += count  # type: ignore[assignment]
    total = sum(margins.values())
    expected = total * total - sum(count * count for count in margins.values())
    if expected <= 0:
        return None
    observed = sum(count for (a, b), count in coincidences.items() if a != b)
    return 1 - (total - 1) * observed / expected


def alpha_interval(pairs: Pairs, *, confidence: float, resamples: int) -> tuple[float, float] | None:
    """A bootstrap interval of two reviewers' alpha: rows drawn anew, with replacement; the same every time.

    None where alpha is, or where every draw would be of one category.
    """
    if krippendorffs_alpha(pairs) is None:
        return None
    names = sorted({answer for pair in pairs for answer in pair}, key=repr)
    place = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for a, b in pairs:
        counts[place[a], place[b]] += 1
    # Rows with the same two answers are alike: to draw rows is to draw counts of the table's cells.
    drawn = np.random.default_rng(_SEED).multinomial(len(pairs), counts.ravel() / len(pairs), resamples)
    values = _alphas(drawn.reshape(resamples, len(names), len(names)).astype(np.float64))
    if not values.size:
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def _alphas(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Alpha of each table of two reviewers' answers. Shape: tables x categories x categories."""
    both = tables + tables.transpose(0, 2, 1)
    margins = both.sum(axis=2)
    total = margins.sum(axis=1)
    expected = total**2 - (margins**2).sum(axis=1)
    observed = total - np.einsum("tcc->t", both)
    is_mixed = expected > 0
    found: NDArray[np.float64] = 1 - (total[is_mixed] - 1) * observed[is_mixed] / expected[is_mixed]
    return found


def is_below(right: int, answered: int, floor: float, confidence: float) -> bool:
    """Whether a share of right answers is below a floor by more than chance explains (one-sided binomial)."""
    if not answered:
        return False
    return bool(bdtr(right, answered, floor) < 1 - confidence)
