"""One reviewer's part in a wave: what stands of it in the evidence, and asking for what is missing.

Belongs here: chunks, the one repair, what is outstanding. Does not: how a reviewer is reached
(`reviewers`), or what two reviewers together decide (`consensus`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

from aina_assets.adjudication.evidence import EvidenceStore
from aina_assets.adjudication.plan import BatchPlan
from aina_assets.adjudication.policy import RepairPolicy
from aina_assets.adjudication.prompts import PromptBook, repair_request, requests_of
from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    Reviewer,
    ReviewerError,
    ReviewerPendingError,
    ReviewerSpec,
    ReviewRequest,
    Seat,
    Verdict,
)
from aina_assets.adjudication.validation import Parsed, UnusableOutputError, parse_output

Status = Literal["open", "unusable", "complete"]
Fault = Literal["unusable_output", "too_many_faults", "repair_failed"]


@dataclass(frozen=True)
class Part:
    """What a reviewer has said of a batch so far.

    Attributes:
        reviewer: the seat.
        status: open: requests are outstanding; unusable: nothing of it may be used; complete: every row has
            its verdict.
        verdicts: of each row, its verdict and the request that it came from; of a complete part, all rows.
        asked: every request, the repairs too, with its answer where there is one.
        faults: row ids that went wrong at first.
        repaired: rows whose verdict came from the repair.
        fault, detail: of an unusable part, what was wrong.
    """

    reviewer: Seat
    status: Status
    verdicts: dict[str, tuple[Verdict, str]] = field(default_factory=dict)
    asked: tuple[tuple[ReviewRequest, ReviewAnswer | None], ...] = ()
    faults: int = 0
    repaired: tuple[str, ...] = ()
    fault: Fault | None = None
    detail: str = ""

    @property
    def outstanding(self) -> tuple[ReviewRequest, ...]:
        """The requests without an answer; none of an unusable part."""
        if self.status == "unusable":
            return ()
        return tuple(request for request, answer in self.asked if answer is None)


@dataclass(frozen=True)
class Asking:
    """How a wave is put to reviewers.

    Attributes:
        evidence: where requests and answers lie.
        book: what prompts say before their rows.
        chunk_rows: rows a request, at most.
        repair: how many row ids may go wrong.
    """

    evidence: EvidenceStore
    book: PromptBook
    chunk_rows: int
    repair: RepairPolicy

    def part(self, plan: BatchPlan, spec: ReviewerSpec) -> Part:
        """What stands of a reviewer's part; nothing is asked.

        Raises:
            StateError: a stored answer is damaged.
        """
        questions = requests_of(plan, spec, self.book, self.chunk_rows)
        asked = [(request, self.evidence.answer(request.request_id)) for request in questions]
        parsed: list[tuple[ReviewRequest, Parsed]] = []
        for request, answer in asked:
            if answer is None:
                continue
            try:
                parsed.append((request, parse_output(answer.content, request.row_ids)))
            except UnusableOutputError as error:
                return _unusable(spec, asked, "unusable_output", f"{_called(request)}: {error}")
        faults = sum(found.faults for _, found in parsed)
        if faults > self.repair.most_share * len(plan.rows):
            # More answers cannot mend this: the share is of the rows of the whole batch.
            return _unusable(
                spec,
                asked,
                "too_many_faults",
                f"{faults} of {len(plan.rows)} row ids missing, repeated or foreign",
                faults,
            )
        verdicts = {
            row_id: (verdict, request.request_id)
            for request, found in parsed
            for row_id, verdict in found.verdicts.items()
        }
        if len(parsed) < len(asked):
            return Part(spec.name, "open", verdicts, tuple(asked), faults)
        return self._repaired(plan, spec, asked, parsed, verdicts, faults)

    def _repaired(
        self,
        plan: BatchPlan,
        spec: ReviewerSpec,
        asked: list[tuple[ReviewRequest, ReviewAnswer | None]],
        parsed: Sequence[tuple[ReviewRequest, Parsed]],
        verdicts: dict[str, tuple[Verdict, str]],
        faults: int,
    ) -> Part:
        repaired: list[str] = []
        for request, found in parsed:
            if not found.unanswered:
                continue
            repair = repair_request(request, plan, spec, self.book, found.unanswered)
            answer = self.evidence.answer(repair.request_id)
            asked.append((repair, answer))
            if answer is None:
                continue
            try:
                again = parse_output(answer.content, repair.row_ids)
            except UnusableOutputError as error:
                return _unusable(spec, asked, "repair_failed", f"{_called(repair)}: {error}", faults)
            if again.faults:
                detail = f"{_called(repair)}: {again.faults} row ids went wrong again"
                return _unusable(spec, asked, "repair_failed", detail, faults)
            for row_id, verdict in again.verdicts.items():
                verdicts[row_id] = (verdict, repair.request_id)
                repaired.append(row_id)
        is_open = any(answer is None for _, answer in asked)
        status: Status = "open" if is_open else "complete"
        return Part(spec.name, status, verdicts, tuple(asked), faults, tuple(sorted(repaired)))

    def ask(
        self,
        plan: BatchPlan,
        reviewer: Reviewer,
        *,
        threads: int = 1,
        on_answer: Callable[[ReviewRequest, ReviewAnswer], None] = lambda request, answer: None,
    ) -> tuple[Part, ReviewerError | None]:
        """Ask a reviewer for all that is outstanding, the one repair included; every answer is kept at once.

        Args:
            threads: how many requests are under way at once.
            on_answer: told of each answer.

        Returns:
            What stands then, and the fault for which requests are still outstanding, if any.
        """
        part = self.part(plan, reviewer.spec)
        # The questions, then the repairs: there is no third round.
        for _ in range(2):
            if not part.outstanding:
                break
            fault = self._ask_all(part.outstanding, reviewer, threads, on_answer)
            part = self.part(plan, reviewer.spec)
            if fault is not None:
                return part, fault
        return part, None

    def _ask_all(
        self,
        requests: Iterable[ReviewRequest],
        reviewer: Reviewer,
        threads: int,
        on_answer: Callable[[ReviewRequest, ReviewAnswer], None],
    ) -> ReviewerError | None:
        stopped: list[ReviewerError] = []
        pending: list[ReviewerError] = []

        def ask_one(request: ReviewRequest) -> None:
            # A reviewer that fails is not asked on: what is wrong with it is wrong with the next request too.
            if stopped:
                return
            self.evidence.keep_request(request)
            try:
                answer = reviewer.review(request)
            except ReviewerPendingError as error:
                pending.append(error)
                return
            except ReviewerError as error:
                stopped.append(error)
                return
            on_answer(request, self.evidence.keep_answer(request, answer))

        if threads == 1:
            for request in requests:
                ask_one(request)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(ask_one, requests))
        return next(iter((*stopped, *pending)), None)


def _called(request: ReviewRequest) -> str:
    return f"chunk {request.chunk}{', repair' if request.round else ''} ({request.request_id[:12]})"


def _unusable(
    spec: ReviewerSpec,
    asked: Sequence[tuple[ReviewRequest, ReviewAnswer | None]],
    fault: Fault,
    detail: str,
    faults: int = 0,
) -> Part:
    return Part(spec.name, "unusable", {}, tuple(asked), faults, (), fault, detail)
