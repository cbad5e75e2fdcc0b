"""A measured error and what it bounds.

Belongs here: the bound of a share. Does not: which rows are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import bdtr, betaincinv


def clopper_pearson_upper(errors: float, rows: float, confidence: float) -> float:
    """The one-sided upper bound of a share.

    Args:
        errors: how many of the rows are errors; need not be whole where rows are weighted.
        rows: number of rows, or their effective number.
        confidence: such as 0.95.

    Returns:
        The largest share that would give as few errors with a probability of 1 - confidence; 1 without rows.
    """
    if rows <= 0 or errors >= rows:
        return 1.0
    return float(betaincinv(errors + 1, rows - errors, confidence))


def clopper_pearson_lower(errors: float, rows: float, confidence: float) -> float:
    """The one-sided lower bound of a share; 0 without errors."""
    if errors <= 0 or rows <= 0:
        return 0.0
    return float(betaincinv(errors, rows - errors + 1, 1 - confidence))


def chance_to_certify(error: float, rows: float, most_error: float, confidence: float) -> float:
    """How probable it is that rows yet to be measured bound an error as the policy asks.

    Args:
        error: the true error.
        rows: number of rows that will be measured, or their effective number.
        most_error: what the upper bound may be.
        confidence: of that bound.
    """
    size = int(rows)
    most = -1
    while most + 1 < size and clopper_pearson_upper(most + 1, size, confidence) <= most_error:
        most += 1
    return float(bdtr(most, size, error)) if most >= 0 else 0.0


@dataclass(frozen=True)
class Measured:
    """Errors among gold rows, and what they bound.

    Rows that were sampled at different rates count by their weights; the bounds are then Korn and
    Graubard's: Clopper and Pearson's with the weighted share and the effective number of rows (the square
    of the sum of weights over the sum of their squares). With equal weights the two are one.

    Attributes:
        rows: number of rows.
        errors: of them, wrong.
        effective_rows: what the rows are worth, given their weights.
        error_rate: weighted share of errors; None without rows.
        bound: upper bound of the error; 1 without rows.
        least: lower bound of the error.
    """

    rows: int
    errors: int
    effective_rows: float
    error_rate: float | None
    bound: float
    least: float

    @classmethod
    def of(cls, judged: Sequence[tuple[bool, float]], confidence: float) -> Measured:
        """Measure rows, each right or wrong and with its weight."""
        if not judged:
            return cls(0, 0, 0.0, None, 1.0, 0.0)
        total = sum(weight for _, weight in judged)
        effective = total**2 / sum(weight**2 for _, weight in judged)
        rate = sum(weight for is_right, weight in judged if not is_right) / total
        return cls(
            rows=len(judged),
            errors=sum(not is_right for is_right, _ in judged),
            effective_rows=round(effective, 4),
            error_rate=round(rate, 6),
            bound=round(clopper_pearson_upper(rate * effective, effective, confidence), 6),
            least=round(clopper_pearson_lower(rate * effective, effective, confidence), 6),
        )
