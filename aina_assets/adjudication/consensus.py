"""What two reviewers together decide on a batch, and whether it may be accepted.

Belongs here: row by row from two verdicts to one decision, the known answers, the batch's fate. Does not:
reading outputs (`validation`), or writing a merge (`merging`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aina_assets.adjudication.plan import BatchPlan
from aina_assets.adjudication.policy import ReviewPolicy
from aina_assets.adjudication.protocol import (
    DECISIONS,
    SEATS,
    TARGET_LEVELS,
    Decision,
    ReviewerKind,
    Seat,
    TargetLevel,
    Verdict,
)
from aina_assets.adjudication.statistics import AgreementFigures, agreement_figures, is_below

Why = Literal["agreed", "both_keep", "other_decision", "other_level", "other_group", "unknown_target"]
Fate = Literal["accept", "hold", "reject"]
KEEP: Decision = "keep"


@dataclass(frozen=True)
class Targets:
    """The groups that a title can be promoted to.

    Attributes:
        codes: of each level, the groups that exist and have work in scope.
        reasons: the reasons for being out of scope.
    """

    codes: Mapping[TargetLevel, frozenset[str]]
    reasons: frozenset[str]

    def knows(self, verdict: Verdict) -> bool:
        """Whether what a verdict promotes to can be promoted to; True of other verdicts."""
        if verdict.decision != "promote_fallback":
            return True
        return verdict.level is not None and verdict.code in self.codes.get(verdict.level, frozenset())


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision on one title.

    Attributes:
        title_id: the title.
        decision, level, code: what was decided; a code that only one of two exclusions gives is not kept.
        why: how it came about; all but `agreed` keep the title.
        verdict_a, verdict_b: what each reviewer said, as text.
        request_a, request_b: the requests that they said it to.
        order: the bounded review that named the title, if one did.
    """

    title_id: str
    decision: Decision
    level: TargetLevel | None
    code: str | None
    why: Why
    verdict_a: str
    verdict_b: str
    request_a: str
    request_b: str
    order: str | None = None


@dataclass(frozen=True, slots=True)
class KnownResult:
    """What both reviewers made of a title whose answer is known; None: not answered."""

    title_id: str
    verdict_a: str
    verdict_b: str
    request_a: str
    request_b: str
    is_right_a: bool | None
    is_right_b: bool | None

    @property
    def is_alike_wrong(self) -> bool:
        """Whether both gave the same wrong answer: the agreement that means nothing."""
        return self.is_right_a is False and self.is_right_b is False and self.verdict_a == self.verdict_b


@dataclass(frozen=True)
class Consensus:
    """A batch that both reviewers completed.

    Attributes:
        decisions: of every candidate, sorted by title.
        known: of every known answer, sorted by title.
        figures: agreement on the decision, over the candidates.
        fate: accept; hold: a person has to accept it; reject: a reviewer is below its floor.
        detail: why it is not accepted.
        rejected: the reviewer that is below its floor.
    """

    decisions: tuple[Decided, ...]
    known: tuple[KnownResult, ...]
    figures: AgreementFigures
    fate: Fate
    detail: str
    rejected: Seat | None = None


def verdict_text(verdict: Verdict) -> str:
    """A verdict as one text: `promote_fallback/minor/13-2000`, `exclude/military`, `keep`."""
    return "/".join(part for part in (verdict.decision, verdict.level, verdict.code) if part)


def verdict_of(text: str) -> Verdict:
    """The verdict that a text says; the inverse of `verdict_text`.

    Raises:
        ValueError: it is none.
    """
    parts = text.split("/")
    level = parts[1] if len(parts) == 3 else None
    code = parts[-1] if len(parts) > 1 else None
    if level is not None and level not in TARGET_LEVELS:
        raise ValueError(f"not a verdict: {text!r}")
    return Verdict.model_validate({"decision": parts[0], "level": level, "code": code})


def decide(
    title_id: str,
    a: tuple[Verdict, str],
    b: tuple[Verdict, str],
    targets: Targets,
    order: str | None = None,
) -> Decided:
    """The decision that two verdicts make, each with the id of its request."""
    (verdict_a, request_a), (verdict_b, request_b) = a, b
    decision, level, code, why = _together(verdict_a, verdict_b, targets)
    return Decided(
        title_id,
        decision,
        level,
        code,
        why,
        verdict_text(verdict_a),
        verdict_text(verdict_b),
        request_a,
        request_b,
        order,
    )


def _together(
    a: Verdict, b: Verdict, targets: Targets
) -> tuple[Decision, TargetLevel | None, str | None, Why]:
    kept: Why | None = None
    if not targets.knows(a) or not targets.knows(b):
        kept = "unknown_target"
    elif a.decision != b.decision:
        kept = "other_decision"
    elif a.decision == KEEP:
        kept = "both_keep"
    elif a.decision == "promote_fallback" and a.level != b.level:
        kept = "other_level"
    elif a.decision == "promote_fallback" and a.code != b.code:
        kept = "other_group"
    if kept is not None:
        return KEEP, None, None, kept
    if a.decision == "promote_fallback":
        return a.decision, a.level, a.code, "agreed"
    reason = a.code if a.code == b.code and a.code in targets.reasons else None
    return a.decision, None, reason, "agreed"


def consensus_of(
    plan: BatchPlan,
    verdicts: Mapping[Seat, Mapping[str, tuple[Verdict, str]]],
    targets: Targets,
    policy: ReviewPolicy,
) -> Consensus:
    """What two complete parts make of a batch.

    Args:
        verdicts: of each seat, every row's verdict with the id of its request.

    Raises:
        KeyError: a part is not complete.
    """
    part_a, part_b = (verdicts[seat] for seat in SEATS)
    decisions = [
        decide(row.question.title_id, part_a[row.row_id], part_b[row.row_id], targets, row.order)
        for row in plan.candidates
    ]
    known = [
        KnownResult(
            row.question.title_id,
            verdict_text(part_a[row.row_id][0]),
            verdict_text(part_b[row.row_id][0]),
            part_a[row.row_id][1],
            part_b[row.row_id][1],
            row.known.is_right(part_a[row.row_id][0]),
            row.known.is_right(part_b[row.row_id][0]),
        )
        for row in plan.known
        if row.known is not None
    ]
    pairs = [(part_a[row.row_id][0].decision, part_b[row.row_id][0].decision) for row in plan.candidates]
    figures = agreement_figures(
        pairs,
        len(DECISIONS),
        confidence=policy.interval.confidence,
        resamples=policy.interval.resamples,
    )
    fate, detail, rejected = _fate(known, figures, policy)
    return Consensus(
        tuple(sorted(decisions, key=lambda row: row.title_id)),
        tuple(sorted(known, key=lambda row: row.title_id)),
        figures,
        fate,
        detail,
        rejected,
    )


def _fate(
    known: Sequence[KnownResult], figures: AgreementFigures, policy: ReviewPolicy
) -> tuple[Fate, str, Seat | None]:
    for seat, answers in zip(
        SEATS, ([row.is_right_a for row in known], [row.is_right_b for row in known]), strict=True
    ):
        counts = Counter(answers)
        answered = counts[True] + counts[False]
        if is_below(counts[True], answered, policy.known_answers.floor, policy.known_answers.confidence):
            told = f"{seat}: {counts[True]} of {answered} known answers right"
            return "reject", f"{told}; the floor is {policy.known_answers.floor:.0%}", seat
    least = policy.consensus.least_agreement
    if figures.share is not None and figures.share < least:
        told = f"the reviewers agree on {figures.share:.0%} of the decisions; the least is {least:.0%}"
        return "hold", told, None
    return "accept", "", None


def kind_of_pair(a: ReviewerKind, b: ReviewerKind) -> ReviewerKind:
    """What a decision of two is counted as: as of language models only where both are."""
    for kind in (ReviewerKind.SIMULATED, ReviewerKind.RECORDED, ReviewerKind.PERSON):
        if kind in (a, b):
            return kind
    return ReviewerKind.LLM
