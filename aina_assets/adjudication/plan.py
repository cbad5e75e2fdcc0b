"""What one wave asks of one title batch: its rows, in no order yet, with the known answers among them.

Belongs here: which rows, their ids, which gold rows join them. Does not: how a prompt is written
(`prompts`), or which titles are candidates (`make`).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from aina_assets.adjudication.policy import KnownAnswerPolicy
from aina_assets.adjudication.protocol import Option, Verdict
from aina_assets.titles.certifying.claims import Truth

NO_LEVEL = "none"
ROW_ID_DIGITS = 8


@dataclass(frozen=True)
class Question:
    """A title as a reviewer may see it.

    Attributes:
        title_id: the title.
        title: its normalized form.
        written_as: its commonest raw form.
        options: groups that the evidence suggests, best first.
        notes: further evidence.
    """

    title_id: str
    title: str
    written_as: str
    options: tuple[Option, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownAnswer:
    """What the gold set says of a title.

    Attributes:
        truth: scope and groups.
        level: the finest level that its words justify.
    """

    truth: Truth
    level: str

    def is_right(self, verdict: Verdict) -> bool | None:
        """Whether a verdict is right; None where the reviewer did not answer and should have."""
        if verdict.decision == "keep":
            return True if self.level == NO_LEVEL else None
        if verdict.decision == "exclude":
            return not self.truth.is_in_scope
        groups = self.truth.groups.get(verdict.level or "", frozenset())
        return self.truth.is_in_scope and verdict.code in groups


@dataclass(frozen=True)
class PlanRow:
    """A row of the wave.

    Attributes:
        row_id: what a reviewer sees of the title's identity: unknowable from the title alone, and another one
            in every wave.
        question: the title.
        known: the answer, of a row that is there to be known; None of a candidate.
        order: digest of the bounded review that names the title; None of one not reviewed before.
    """

    row_id: str
    question: Question
    known: KnownAnswer | None = None
    order: str | None = None


@dataclass(frozen=True)
class BatchPlan:
    """The wave of a batch: candidates and known answers, sorted by row id."""

    title_batch: str
    wave: int
    rows: tuple[PlanRow, ...]

    @cached_property
    def by_row(self) -> Mapping[str, PlanRow]:
        """The rows by their ids."""
        return {row.row_id: row for row in self.rows}

    @property
    def candidates(self) -> tuple[PlanRow, ...]:
        """The rows whose answer is asked for."""
        return tuple(row for row in self.rows if row.known is None)

    @property
    def known(self) -> tuple[PlanRow, ...]:
        """The rows whose answer is known."""
        return tuple(row for row in self.rows if row.known is not None)

    @cached_property
    def digest(self) -> str:
        """Digest of what is asked: batch, wave, and every row with its evidence."""
        told = [
            self.title_batch,
            self.wave,
            [
                [row.row_id, row.question.title_id, row.known is not None, row.order]
                + [row.question.title, row.question.written_as, list(row.question.notes)]
                + [option.model_dump() for option in row.question.options]
                for row in self.rows
            ],
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def make_plan(
    title_batch: str,
    wave: int,
    candidates: Iterable[Question],
    known: Mapping[str, KnownAnswer],
    seeds: Sequence[Question],
    orders: Mapping[str, str],
) -> BatchPlan:
    """The plan of a batch's wave; no rows where there are no candidates.

    Args:
        candidates: titles to be decided.
        known: known answers by title.
        seeds: titles with known answers that join the candidates; none of them is one.
        orders: digest of the bounded review by title, for titles that were reviewed before.

    Raises:
        ValueError: a title is there twice.
    """
    asked = sorted(candidates, key=lambda question: question.title_id)
    if not asked:
        return BatchPlan(title_batch, wave, ())
    questions = [*asked, *seeds]
    ids = _row_ids(title_batch, wave, [question.title_id for question in questions])
    rows = [
        PlanRow(
            row_id,
            question,
            known[question.title_id] if place >= len(asked) else None,
            orders.get(question.title_id) if place < len(asked) else None,
        )
        for place, (row_id, question) in enumerate(zip(ids, questions, strict=True))
    ]
    return BatchPlan(title_batch, wave, tuple(sorted(rows, key=lambda row: row.row_id)))


def known_answer_count(policy: KnownAnswerPolicy, candidates: int) -> int:
    """How many known answers join so many candidates: the policy's share of all rows, or its least number."""
    if not candidates or not policy.share:
        return 0
    return max(policy.least_rows, math.ceil(policy.share * candidates / (1 - policy.share)))


def choose_seeds(title_batch: str, wave: int, title_ids: Iterable[str], count: int) -> list[str]:
    """The titles whose known answers join a wave: other ones in each batch and wave, the same every time."""
    return sorted(title_ids, key=lambda title_id: _digest(title_batch, wave, "seed", title_id))[:count]


def order_key(title_batch: str, wave: int, reviewer: str, row_id: str) -> str:
    """What rows are sorted by for a reviewer: a shuffle of its own, the same every time."""
    return _digest(title_batch, wave, reviewer, row_id)


def _row_ids(title_batch: str, wave: int, title_ids: Sequence[str]) -> list[str]:
    if len(set(title_ids)) < len(title_ids):
        raise ValueError(f"batch {title_batch}: a title is asked twice in one wave")
    found: dict[str, str] = {}
    for title_id in title_ids:
        salt = 0
        # 32 bits are short for a reviewer to copy; two titles of a batch meet once in some thousand batches.
        while (row_id := _digest(title_batch, wave, f"row{salt}", title_id)[:ROW_ID_DIGITS]) in found:
            salt += 1
        found[row_id] = title_id
    return list(found)


def _digest(title_batch: str, wave: int, purpose: str, subject: str) -> str:
    return hashlib.sha256(f"aina-review-1:{title_batch}:{wave}:{purpose}:{subject}".encode()).hexdigest()
