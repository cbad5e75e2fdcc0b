"""A reviewer that errs at stated rates, for tests and rehearsals; never counted as a model or a person.

Belongs here: true decisions (from a sheet, or drawn) and the answers to them, by a confusion matrix. Does
not: broken outputs (`faults`).

Everything is drawn from hashes of a seed and the row's title: the same title has the same answer in whatever
batch, chunk or order it comes, in any process. Errors of the share `alike_share` are drawn with the truth's
seed, which both reviewers have in common: there they err alike, as two models of one family do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from aina_assets.adjudication.protocol import (
    DECISIONS,
    Decision,
    PromptRow,
    ReviewAnswer,
    ReviewerKind,
    ReviewerSpec,
    ReviewRequest,
    Verdict,
)
from aina_assets.adjudication.reviewers.options import SimulatedOptions, options_of
from aina_assets.adjudication.reviewers.outputs import output_of
from aina_assets.adjudication.reviewers.sheets import read_verdicts
from aina_assets.titles.functions import NAMES
from aina_assets.titles.scope import REASONS

T = TypeVar("T")


def uniform(*parts: str | int) -> float:
    """A number in [0, 1) that depends on the parts alone."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56)


class SimulatedReviewer:
    """A reviewer that errs at stated rates.

    Args:
        spec: its entry in the reviewers' file.
        home: folder that the sheet of true decisions is relative to.

    Raises:
        SettingsError: an option is missing, unknown or wrong.
        SheetError: the sheet of true decisions is malformed; names the lines.
    """

    kind = ReviewerKind.SIMULATED

    def __init__(self, spec: ReviewerSpec, home: Path) -> None:
        self.spec = spec
        self._options = options_of(spec, SimulatedOptions)
        truth = self._options.truth
        self._truth = {} if truth is None else read_verdicts(home / truth)

    def review(self, request: ReviewRequest) -> ReviewAnswer:
        """Answer one request; see `Reviewer`."""
        verdicts = {row.row_id: self.verdict(row) for row in request.rows}
        return ReviewAnswer.to(
            request, self.kind, output_of(verdicts), seconds=0.0, finish="stop", tokens_in=0, tokens_out=0
        )

    def truth(self, row: PromptRow) -> Verdict:
        """The true decision on a row."""
        known = self._truth.get(row.written_as)
        if known is not None:
            return known
        seed = self._options.truth_seed
        decision = _draw(self._options.truth_shares, uniform("truth", seed, row.title))
        return _verdict(decision, row, uniform("target", seed, row.title))

    def verdict(self, row: PromptRow) -> Verdict:
        """Its answer on a row."""
        truth = self.truth(row)
        options, title = self._options, row.title
        is_alike = uniform("alike", options.truth_seed, title) < options.alike_share
        seed = f"common {options.truth_seed}" if is_alike else f"{self.spec.name} {options.seed}"
        shares = options.confusion.get(truth.decision, {truth.decision: 1.0})
        decision = _draw(shares, uniform("answer", seed, title))
        place = uniform("place", seed, title)
        if decision != truth.decision:
            return _verdict(decision, row, place)
        if decision == "promote_fallback" and uniform("wrong", seed, title) < options.wrong_target_share:
            return _verdict(decision, row, place, other_than=truth)
        return truth


def _draw(shares: Mapping[Decision, float], at: float) -> Decision:
    """The decision at a place between 0 and 1, where each takes up its share in a fixed order."""
    named = [decision for decision in DECISIONS if shares.get(decision, 0.0) > 0.0]
    for decision in named:
        at -= shares[decision]
        if at < 0:
            return decision
    return named[-1]


def _verdict(decision: Decision, row: PromptRow, at: float, other_than: Verdict | None = None) -> Verdict:
    if decision == "keep":
        return Verdict(decision=decision, level=None, code=None)
    if decision == "exclude":
        return Verdict(decision=decision, level=None, code=_pick(REASONS, at))
    # Sorted: each reviewer is shown the groups in an order of its own.
    groups = sorted((option.level, option.code) for option in row.options)
    targets = [Verdict(decision=decision, level=level, code=code) for level, code in groups]
    others = [target for target in targets if target != other_than]
    if not others:
        names = [name for name in NAMES if other_than is None or name != other_than.code]
        return Verdict(decision=decision, level="function", code=_pick(names, at))
    return _pick(others, at)


def _pick(values: Sequence[T], at: float) -> T:
    return values[int(at * len(values))]
