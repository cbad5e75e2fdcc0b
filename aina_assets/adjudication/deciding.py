"""A person decides a title that two reviewers kept: through an order that names it, and a wave of its own.

Belongs here: the one door for a single decision by a person. Does not: pages and addresses (`service`), or
what a wave is worth (`wave`).

The order holds the reason and the name; the wave asks about that title alone, and the person takes both of
its seats. So the decision goes through the same validation, the same consensus and the same chain as every
other one, is counted as a person's (`kind`), and is never taken for two independent reviewers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from aina_assets.adjudication.chain import Appended
from aina_assets.adjudication.fold import Standing
from aina_assets.adjudication.orders import BoundedReview
from aina_assets.adjudication.plan import BatchPlan, make_plan
from aina_assets.adjudication.prompts import requests_of
from aina_assets.adjudication.protocol import (
    SEATS,
    ReviewAnswer,
    ReviewerKind,
    ReviewerSpec,
    Seat,
    Verdict,
)
from aina_assets.adjudication.reviewers.outputs import output_of
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.core.errors import AinaError
from aina_assets.titles.identity import title_batch_of

PROVIDER = "review_desk"
KEEP = "keep"


class PersonDecisionError(AinaError):
    """A person's decision cannot be taken: the title is not a kept one, or its batch is under review."""

    default_remedy: ClassVar[str] = (
        "A title that two reviewers kept can be decided, once nothing else of its batch is being asked."
    )


@dataclass(frozen=True)
class PersonDecision:
    """What became of a decision.

    Attributes:
        decision, level, code: what stands now.
        order: digest of the order that holds reason and name.
        appended: the merge.
    """

    title_id: str
    title_batch: str
    decision: str
    level: str | None
    code: str | None
    order: str
    appended: Appended


def decide(stage: AdjudicationStage, title_id: str, verdict: Verdict, reason: str, by: str) -> PersonDecision:
    """Decide one kept title, and append the decision to the chain.

    The same decision, for the same reason and by the same person, sent again after a crash in between goes on
    with the order that was given.

    Args:
        stage: the data root's, opened for this call: what it remembers must not be older.
        verdict: promote to a group that exists, exclude for a reason of the scope policy, or keep.

    Raises:
        PersonDecisionError: the title is not kept, its batch is being asked, or there is no such target.
        MergeConflictError, MergeLockedError: somebody else decided in the meantime.
        ChainError, OrderError: what stands is not whole.
    """
    key = title_batch_of(title_id, stage.folders.title_batches)
    standing = stage.folded.get(title_id)
    if standing is not None and (again := _again(stage, title_id, standing, verdict, reason, by)):
        return again
    if standing is None or standing.decision != KEEP:
        told = "no reviewer kept it" if standing is None else f"it was decided already: {standing.decision}"
        raise PersonDecisionError(f"the title cannot be decided here: {told}", place=title_id)
    wanted, _ = stage.candidates(key)
    if others := [other for other in wanted if other != title_id]:
        raise PersonDecisionError(
            f"batch {key} is being asked about {len(others)} other titles",
            place=title_id,
            remedy="Let its reviewers finish (`aina review run`) before you decide single titles.",
        )
    _refuse_unknown_target(stage, verdict)
    order = _order(stage, title_id, reason, by)
    plan = _plan(stage, key, title_id, order)
    specs = {seat: _spec(seat, by) for seat in SEATS}
    for spec in specs.values():
        _answer(stage, plan, spec, verdict)
    state = replace(stage.room, specs=specs).settle(plan, by)
    if state.appended is None or state.consensus is None:
        raise PersonDecisionError(f"the decision was not accepted: {state.detail}", place=title_id)
    made = state.consensus.decisions[0]
    return PersonDecision(title_id, key, made.decision, made.level, made.code, order.digest, state.appended)


def _again(
    stage: AdjudicationStage, title_id: str, standing: Standing, verdict: Verdict, reason: str, by: str
) -> PersonDecision | None:
    """The decision that stands, if it is this very one: whoever sends it again is told what became of it."""
    order = stage.orders.get(standing.order or "")
    if order is None or (order.title_ids, order.reason, order.ordered_by) != ((title_id,), reason, by):
        return None
    if (standing.decision, standing.level, standing.code) != (verdict.decision, verdict.level, verdict.code):
        return None
    merge = stage.folded.merges[standing.merge]
    appended = Appended(merge.file, merge.sha256, False)
    return PersonDecision(
        title_id,
        merge.file.title_batch,
        standing.decision,
        standing.level,
        standing.code,
        order.digest,
        appended,
    )


def _refuse_unknown_target(stage: AdjudicationStage, verdict: Verdict) -> None:
    if verdict.decision == "promote_fallback" and not stage.targets.knows(verdict):
        raise PersonDecisionError(
            f"there is no group {verdict.level}/{verdict.code} with work in scope",
            place="code",
            remedy="Choose a group of the SOC that is in scope, or a business function.",
        )
    if verdict.decision == "exclude" and verdict.code not in stage.targets.reasons:
        raise PersonDecisionError(
            "an exclusion needs a reason of the scope policy",
            place="code",
            remedy=f"One of: {', '.join(sorted(stage.targets.reasons))}.",
        )


def _order(stage: AdjudicationStage, title_id: str, reason: str, by: str) -> BoundedReview:
    for digest, order in stage.orders.items():
        told = (order.title_ids, order.reason, order.ordered_by)
        if told == ((title_id,), reason, by) and (digest, title_id) not in stage.folded.used_orders:
            return order
    return stage.folders.orders.give([title_id], reason, by, 1)


def _plan(stage: AdjudicationStage, key: str, title_id: str, order: BoundedReview) -> BatchPlan:
    questions = stage.questions([title_id], key)
    return make_plan(key, stage.wave(key), questions.values(), {}, [], {title_id: order.digest})


def _spec(seat: Seat, by: str) -> ReviewerSpec:
    return ReviewerSpec(name=seat, backend="person", provider=PROVIDER, model=by, family="person")


def _answer(stage: AdjudicationStage, plan: BatchPlan, spec: ReviewerSpec, verdict: Verdict) -> None:
    evidence = stage.folders.evidence
    for request in requests_of(plan, spec, stage.book, stage.asking.chunk_rows):
        output = output_of(dict.fromkeys(request.row_ids, verdict))
        answer = ReviewAnswer.to(request, ReviewerKind.PERSON, output, seconds=0.0, finish="decided")
        evidence.keep_request(request)
        evidence.keep_answer(request, answer)
