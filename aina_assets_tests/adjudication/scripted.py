"""Reviewers that answer as a test scripts them, in the small world of the benchmarks.

Belongs here: the reviewers. Does not: assertions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aina_assets.adjudication.plan import BatchPlan
from aina_assets.adjudication.protocol import (
    SEATS,
    ReviewAnswer,
    ReviewerError,
    ReviewerKind,
    ReviewRequest,
    Seat,
)
from aina_assets.adjudication.wave import WaveState
from benchmarks.adjudication.world import BATCHES, World, answer_of

BATCH = BATCHES[0]
Mangle = Callable[[ReviewRequest, dict[str, Any]], Mapping[str, Any] | bytes]


def honest(request: ReviewRequest, said: dict[str, Any]) -> Mapping[str, Any]:
    return said


class Scripted:
    """A reviewer of the world that answers as scripted, and counts what it was asked.

    Args:
        seat: its seat.
        mangle: what it makes of the answers that it would give.
        error: what it raises instead.
        kind: what its decisions are counted as.
    """

    def __init__(
        self,
        world: World,
        seat: Seat,
        mangle: Mangle = honest,
        error: ReviewerError | None = None,
        kind: ReviewerKind = ReviewerKind.LLM,
    ) -> None:
        self.spec = world.room.specs[seat]
        self.kind = kind
        self.asked: list[str] = []
        self._mangle = mangle
        self._error = error

    def review(self, request: ReviewRequest) -> ReviewAnswer:
        """Answer one request."""
        self.asked.append(request.request_id)
        if self._error is not None:
            raise self._error
        said = {
            row.row_id: answer_of(
                self.spec.name, row.title, is_known=row.title.startswith("known "), is_lying=False
            )
            for row in request.rows
        }
        told = self._mangle(request, said)
        content = told if isinstance(told, bytes) else json.dumps({"decisions": told}).encode()
        return ReviewAnswer.to(request, self.kind, content, seconds=0.0, tokens_in=10, tokens_out=5)


def review(world: World, plan: BatchPlan, **mangled: Mangle) -> WaveState:
    """Ask both reviewers for a plan, one of them mangling its outputs, and settle."""
    for seat in SEATS:
        world.room.asking.ask(plan, Scripted(world, seat, mangled.get(seat, honest)))
    return world.room.settle(plan)


def drop(many: int, *, in_repair: bool = True) -> Mangle:
    """Leave rows out of the first chunk, and of its repair."""

    def mangle(request: ReviewRequest, said: dict[str, Any]) -> Mapping[str, Any]:
        is_due = request.chunk == 0 and (in_repair or not request.round)
        return dict(list(said.items())[many:]) if is_due else said

    return mangle


def keep_all(request: ReviewRequest, said: dict[str, Any]) -> Mapping[str, Any]:
    kept = {"decision": "keep", "level": None, "code": None}
    return dict.fromkeys(said, kept)
