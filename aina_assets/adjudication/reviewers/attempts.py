"""Ask within bounds: attempts, pauses, rate, money; each attempt in the ledger, each step told.

Belongs here: what every reviewer that costs something has in common. Does not: how one attempt is made; that
is the backend's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    ReviewerError,
    ReviewerKind,
    ReviewerRateLimitedError,
    ReviewerSpec,
    ReviewerTimeoutError,
    ReviewRequest,
)
from aina_assets.adjudication.reviewers.events import Happened, Observer, ReviewEvent, unobserved
from aina_assets.adjudication.reviewers.ledger import Ledger, Outcome
from aina_assets.adjudication.reviewers.limits import Limits
from aina_assets.adjudication.reviewers.options import CostOptions
from aina_assets.sources.upstream.http import LONGEST_RETRY_AFTER_SECONDS, RetryPolicy

# English text has about four bytes a token; codes and digits fewer.
BYTES_A_TOKEN = 3


class ReviewerBudgetError(ReviewerError):
    """The wave has cost what it may; nothing was asked."""

    default_remedy: ClassVar[str] = (
        "Raise most_usd_a_wave in the reviewers' file, or leave the rest in the queue."
    )


@dataclass(frozen=True)
class Output:
    """What one attempt gave."""

    content: bytes
    finish: str | None = None
    model: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None


class AttemptError(Exception):
    """One attempt failed; never leaves this package.

    Args:
        error: what is raised where no further attempt is made.
        is_final: another attempt would fail in the same way.
        retry_after_seconds: how long the reviewer asks to wait.
    """

    def __init__(
        self, error: ReviewerError, *, is_final: bool = False, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.is_final = is_final
        self.retry_after_seconds = retry_after_seconds

    @property
    def outcome(self) -> Outcome:
        """The ledger's word for it."""
        if isinstance(self.error, ReviewerTimeoutError):
            return "timed_out"
        if isinstance(self.error, ReviewerRateLimitedError):
            return "rate_limited"
        return "refused" if self.is_final else "failed"


class Attempts:
    """Asks one reviewer, within its bounds.

    Args:
        kind: what the reviewer's decisions are counted as.
        ledger: where each attempt is written down.
        observer: told of each step.
        clock, sleep: for tests.
    """

    def __init__(
        self,
        spec: ReviewerSpec,
        options: CostOptions,
        kind: ReviewerKind,
        ledger: Ledger,
        *,
        observer: Observer = unobserved,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._spec, self._options, self._kind, self._ledger = spec, options, kind, ledger
        self._observer, self._clock, self._sleep = observer, clock, sleep
        self._policy = RetryPolicy(options.attempts, options.backoff_seconds, sleep)
        self._limits = Limits(
            options.concurrency,
            options.requests_per_minute,
            options.tokens_per_minute,
            clock=clock,
            sleep=sleep,
        )

    def review(self, request: ReviewRequest, attempt_once: Callable[[], Output]) -> ReviewAnswer:
        """Ask until there is an answer or the attempts are used up.

        Args:
            attempt_once: makes one attempt; raises AttemptError.

        Raises:
            ReviewerError: there is no answer, and why.
        """
        began = self._clock()
        for attempt in range(1, self._options.attempts + 1):
            try:
                output = self._attempt(request, attempt, attempt_once)
            except AttemptError as fault:
                pause = self._pause_seconds(fault, attempt)
                if pause is None:
                    self._tell(request, "failed", attempt, self._clock() - began, fault.error.message)
                    raise fault.error from fault
                self._tell(request, "tries_again", attempt, pause, fault.error.message)
                if fault.retry_after_seconds is None:
                    self._sleep(pause)
                else:
                    # The reviewer is busy, and not with this request alone: everybody waits.
                    self._limits.hold(pause)
            else:
                seconds = self._clock() - began
                self._tell(request, "answered", attempt, seconds)
                return self._answer(request, output, attempt, seconds)
        raise AssertionError("unreachable: the last attempt ends in an answer or an error")

    def _attempt(self, request: ReviewRequest, attempt: int, attempt_once: Callable[[], Output]) -> Output:
        def waits(seconds: float) -> None:
            self._tell(
                request, "waits", attempt, seconds, "no room in this minute, or the reviewer asked to wait"
            )

        with self._limits.slot(self._estimate(request), waits) as used:
            self._hold_budget(request)
            call = self._ledger.begin(request, attempt)
            self._tell(request, "asked", attempt)
            began = self._clock()
            try:
                output = attempt_once()
            except AttemptError as fault:
                self._ledger.end(call, fault.outcome, seconds=self._clock() - began)
                raise
            if output.tokens_in is not None and output.tokens_out is not None:
                used(output.tokens_in + output.tokens_out)
            self._ledger.end(
                call,
                "answered",
                seconds=self._clock() - began,
                tokens_in=output.tokens_in,
                tokens_out=output.tokens_out,
                cost_usd=self._options.cost_usd(output.tokens_in, output.tokens_out),
            )
            return output

    def _estimate(self, request: ReviewRequest) -> int:
        prompt = sum(len(message.content.encode()) for message in request.messages)
        most_out = next(
            (
                value
                for name in ("max_completion_tokens", "max_tokens")
                if isinstance(value := self._spec.parameters.get(name), int)
            ),
            0,
        )
        return (prompt + len(request.output_schema_json)) // BYTES_A_TOKEN + most_out

    def _hold_budget(self, request: ReviewRequest) -> None:
        most = self._options.most_usd_a_wave
        if most is None:
            return
        spent = self._ledger.cost_usd(request.wave, request.reviewer)
        if spent >= most:
            raise ReviewerBudgetError(
                f"wave {request.wave} has cost {request.reviewer} {spent} USD of most_usd_a_wave = {most}",
                file=self._ledger.path,
            )

    def _pause_seconds(self, fault: AttemptError, attempt: int) -> float | None:
        """How long to wait for the next attempt; None where there is none."""
        if fault.is_final or attempt == self._options.attempts:
            return None
        asked = fault.retry_after_seconds
        if asked is not None and asked > LONGEST_RETRY_AFTER_SECONDS:
            # To come back sooner would be rude, and to wait would look like a hang.
            return None
        return max(asked or 0.0, self._policy.pause_seconds(attempt, None, self._spec.provider))

    def _answer(self, request: ReviewRequest, output: Output, attempt: int, seconds: float) -> ReviewAnswer:
        cost = self._options.cost_usd(output.tokens_in, output.tokens_out)
        return ReviewAnswer.to(
            request,
            self._kind,
            output.content,
            seconds=round(seconds, 3),
            model=output.model or request.model,
            finish=output.finish,
            tokens_in=output.tokens_in,
            tokens_out=output.tokens_out,
            cost_usd=None if cost is None else float(Decimal(cost)),
            attempts=attempt,
        )

    def _tell(
        self, request: ReviewRequest, happened: Happened, attempt: int, seconds: float = 0.0, said: str = ""
    ) -> None:
        self._observer(ReviewEvent(request, happened, attempt, seconds, said))
