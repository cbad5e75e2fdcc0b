"""One wave of one batch, from what two reviewers have said to a merge, a quarantine, or the queue.

Belongs here: the order of things, and which of them writes. Does not: the things themselves.

Everything here can be done again: what was written is found and left alone, what was not is written. A
process that is killed between any two writes leaves a state from which the same call ends the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aina_assets.adjudication.asking import Asking, Part
from aina_assets.adjudication.chain import Appended, MergeChain
from aina_assets.adjudication.consensus import Consensus, Targets, consensus_of, kind_of_pair
from aina_assets.adjudication.merge import Merge, RequestRecord
from aina_assets.adjudication.plan import BatchPlan
from aina_assets.adjudication.policy import ReviewPolicy
from aina_assets.adjudication.protocol import SEATS, ReviewerKind, ReviewerSpec, Seat
from aina_assets.adjudication.quarantine import QuarantineBook, TitleBatchQuarantine
from aina_assets.core.storage import sha256_file

Status = Literal["empty", "open", "held", "quarantined", "merged"]
BY_POLICY = "policy"
PLACEHOLDER = "0" * 64


@dataclass(frozen=True)
class WaveState:
    """Where a batch's wave stands.

    Attributes:
        status: empty: nothing to ask; open: a reviewer has not answered all; held: a person has to accept it;
            quarantined: nothing of it is used; merged.
        parts: what each configured reviewer has said.
        consensus: of complete parts.
        detail: why it is held or quarantined.
        appended: the merge, where this call made it or found it.
    """

    status: Status
    parts: Mapping[Seat, Part] = field(default_factory=dict)
    consensus: Consensus | None = None
    detail: str = ""
    appended: Appended | None = None


@dataclass(frozen=True)
class WaveRoom:
    """What a wave is settled with.

    Attributes:
        asking: requests and answers.
        chain: the merges.
        quarantines: quarantined waves.
        specs: the configured reviewers, by seat.
        targets: what can be promoted to.
        policy: when what is accepted.
        policies: digests of all policies that decide, for the merge.
        title_batches: how many batches the inventory has.
    """

    asking: Asking
    chain: MergeChain
    quarantines: QuarantineBook
    specs: Mapping[Seat, ReviewerSpec]
    targets: Targets
    policy: ReviewPolicy
    policies: Mapping[str, str]
    title_batches: int

    def settle(self, plan: BatchPlan, accepted_by: str = BY_POLICY) -> WaveState:
        """Make of a wave what can be made of it: quarantine it, merge it, or leave it in the queue.

        Args:
            accepted_by: a person's name accepts a batch that is held.

        Raises:
            MergeConflictError: a title of the plan was decided since the plan was made.
            StateError: a stored answer is damaged.
        """
        if not plan.rows:
            return WaveState("empty")
        quarantined = self.quarantines.of(plan.title_batch, plan.wave)
        if quarantined is not None:
            return WaveState("quarantined", detail=quarantined.receipt.detail)
        parts = {seat: self.asking.part(plan, self.specs[seat]) for seat in SEATS if seat in self.specs}
        unusable = next((part for part in parts.values() if part.fault is not None), None)
        if unusable is not None and unusable.fault is not None:
            self._quarantine(plan, parts, unusable.reviewer, unusable.fault, unusable.detail)
            return WaveState("quarantined", parts, None, unusable.detail)
        if len(parts) < len(SEATS) or any(part.status == "open" for part in parts.values()):
            return WaveState("open", parts)
        return self._decided(plan, parts, accepted_by)

    def _decided(self, plan: BatchPlan, parts: Mapping[Seat, Part], accepted_by: str) -> WaveState:
        verdicts = {seat: part.verdicts for seat, part in parts.items()}
        consensus = consensus_of(plan, verdicts, self.targets, self.policy)
        if consensus.rejected is not None:
            self._quarantine(plan, parts, consensus.rejected, "below_floor", consensus.detail)
            return WaveState("quarantined", parts, consensus, consensus.detail)
        if consensus.fate == "hold" and accepted_by == BY_POLICY:
            return WaveState("held", parts, consensus, consensus.detail)
        appended = self.chain.append(self._merge(plan, parts, consensus, accepted_by))
        return WaveState("merged", parts, consensus, consensus.detail, appended)

    def _quarantine(
        self,
        plan: BatchPlan,
        parts: Mapping[Seat, Part],
        reviewer: Seat,
        fault: Literal["unusable_output", "too_many_faults", "repair_failed", "below_floor"],
        detail: str,
    ) -> None:
        evidence = self.asking.evidence
        paths = [
            evidence.answer_path(answer.request_id)
            for part in parts.values()
            for _, answer in part.asked
            if answer is not None
        ]
        receipt = TitleBatchQuarantine(
            title_batch=plan.title_batch,
            title_batches=self.title_batches,
            wave=plan.wave,
            plan=plan.digest,
            fault=fault,
            reviewer=reviewer,
            detail=detail,
            candidates=len(plan.candidates),
            known_answers=len(plan.known),
            faults={seat: part.faults for seat, part in parts.items()},
            policy_sha256=self.policy.sha256,
        )
        answers = {path.relative_to(evidence.root.parent).as_posix(): sha256_file(path) for path in paths}
        self.quarantines.put(receipt, answers)

    def _merge(
        self, plan: BatchPlan, parts: Mapping[Seat, Part], consensus: Consensus, accepted_by: str
    ) -> Merge:
        requests = _requests(parts)
        place = {record.request_id: number for number, record in enumerate(requests)}
        decisions, known = consensus.decisions, consensus.known
        is_by_policy = consensus.fate == "accept"
        return Merge(
            sequence=1,
            previous=PLACEHOLDER,
            title_batch=plan.title_batch,
            title_batches=self.title_batches,
            wave=plan.wave,
            plan=plan.digest,
            policies=dict(self.policies),
            accepted_by=BY_POLICY if is_by_policy else accepted_by,
            kind=kind_of_pair(*(_kind(parts[seat]) for seat in SEATS)),
            requests=requests,
            faults={seat: part.faults for seat, part in parts.items()},
            repaired={seat: len(part.repaired) for seat, part in parts.items()},
            decisions={
                "title_id": [row.title_id for row in decisions],
                "decision": [row.decision for row in decisions],
                "level": [row.level for row in decisions],
                "code": [row.code for row in decisions],
                "why": [row.why for row in decisions],
                "verdict_a": [row.verdict_a for row in decisions],
                "verdict_b": [row.verdict_b for row in decisions],
                "request_a": [place[row.request_a] for row in decisions],
                "request_b": [place[row.request_b] for row in decisions],
                "order": [row.order for row in decisions],
            },
            known={
                "title_id": [row.title_id for row in known],
                "verdict_a": [row.verdict_a for row in known],
                "verdict_b": [row.verdict_b for row in known],
                "request_a": [place[row.request_a] for row in known],
                "request_b": [place[row.request_b] for row in known],
                "is_right_a": [row.is_right_a for row in known],
                "is_right_b": [row.is_right_b for row in known],
            },
        )


def _kind(part: Part) -> ReviewerKind:
    kinds = [answer.kind for _, answer in part.asked if answer is not None]
    kind = kinds[0]
    for other in kinds[1:]:
        kind = kind_of_pair(kind, other)
    return kind


def _requests(parts: Mapping[Seat, Part]) -> tuple[RequestRecord, ...]:
    return tuple(
        RequestRecord(
            request_id=request.request_id,
            reviewer=request.reviewer,
            kind=answer.kind,
            provider=answer.provider,
            model=answer.model,
            parameters=answer.parameters,
            prompt_sha256=answer.prompt_sha256,
            schema_sha256=answer.schema_sha256,
            answer_sha256=answer.content_sha256,
            round=request.round,
            chunk=request.chunk,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            cost_usd=answer.cost_usd,
        )
        for seat in SEATS
        for request, answer in parts[seat].asked
        if answer is not None
    )
