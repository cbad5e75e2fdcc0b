"""Asking within bounds, with a backend that is a function: what is waited for, written down and told."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    ReviewerKind,
    ReviewerRefusedError,
    ReviewerUnavailableError,
)
from aina_assets.adjudication.reviewers.attempts import AttemptError, Attempts, Output
from aina_assets.adjudication.reviewers.events import ReviewEvent
from aina_assets.adjudication.reviewers.ledger import Ledger
from aina_assets.adjudication.reviewers.options import CostOptions
from aina_assets_tests.adjudication.reviewers.asked import Clock, request_of, rows_of, spec_of

FAILS = AttemptError(ReviewerUnavailableError("no"))


class Rig:
    """Attempts at a scripted backend."""

    def __init__(self, folder: Path, *script: Output | BaseException, **options: Any) -> None:
        self.script = list(script)
        self.clock = Clock()
        self.events: list[ReviewEvent] = []
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.spec = spec_of("http", parameters={"max_tokens": 100})
        self.attempts = Attempts(
            self.spec,
            CostOptions.model_validate(options),
            ReviewerKind.LLM,
            self.ledger,
            observer=self.events.append,
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    def once(self) -> Output:
        what = self.script.pop(0)
        if isinstance(what, BaseException):
            raise what
        return what

    def review(self) -> ReviewAnswer:
        return self.attempts.review(request_of(self.spec, rows_of("Baker")), self.once)


def test_a_crash_in_the_middle_of_a_call_leaves_it_open_in_the_ledger(tmp_path: Path) -> None:
    for crash in (KeyboardInterrupt(), MemoryError()):
        with pytest.raises(type(crash)):
            Rig(tmp_path, crash).review()
    Rig(tmp_path, Output(b"{}", tokens_in=1, tokens_out=1)).review()
    (spent,) = Ledger(tmp_path / "ledger.jsonl").spent()
    assert (spent.calls, spent.open, spent.answered, spent.failed) == (3, 2, 1, 0)
    assert spent.unpriced == 3


def _die_in_a_call(folder: Path) -> None:
    def die() -> Output:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("it lives on")

    rig = Rig(folder)
    rig.attempts.review(request_of(rig.spec, rows_of("Baker")), die)


def test_a_process_killed_in_the_middle_of_a_call_leaves_it_open_in_the_ledger(tmp_path: Path) -> None:
    worker = multiprocessing.get_context("fork").Process(target=_die_in_a_call, args=(tmp_path,))
    worker.start()
    worker.join(30)
    assert worker.exitcode == -signal.SIGKILL
    Rig(tmp_path, Output(b"{}")).review()
    (spent,) = Ledger(tmp_path / "ledger.jsonl").spent()
    assert (spent.calls, spent.open, spent.answered) == (2, 1, 1)


def test_pauses_double_and_end(tmp_path: Path) -> None:
    rig = Rig(tmp_path, *[FAILS] * 10, attempts=10, backoff_seconds=8)
    with pytest.raises(ReviewerUnavailableError):
        rig.review()
    assert rig.script == []
    wanted = [8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert len(rig.clock.pauses) == len(wanted)
    for pause, most in zip(rig.clock.pauses, wanted, strict=True):
        assert most / 2 - 0.01 <= pause <= most


def test_an_answer_counts_its_time_with_the_waits(tmp_path: Path) -> None:
    rig = Rig(tmp_path, FAILS, Output(b"{}"), backoff_seconds=10)
    answer = rig.review()
    # A call's own time has no waits in it.
    assert answer.seconds - rig.ledger.spent()[0].seconds >= 4.9


def test_a_minute_has_room_for_so_many_attempts_failed_ones_among_them(tmp_path: Path) -> None:
    rig = Rig(tmp_path, FAILS, FAILS, Output(b"{}"), requests_per_minute=2, backoff_seconds=0)
    rig.review()
    (wait,) = [event for event in rig.events if event.happened == "waits"]
    assert (wait.attempt, wait.rows) == (3, 1)
    assert 0 < wait.seconds <= 60


def test_a_prompt_that_no_minute_has_room_for_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    rig = Rig(tmp_path, Output(b"{}"), tokens_per_minute=150)
    with pytest.raises(ReviewerRefusedError, match="over tokens_per_minute = 150"):
        rig.review()
    assert len(rig.script) == 1
    assert rig.ledger.spent() == ()


@pytest.mark.parametrize(
    ("tokens", "cost"), [((2_000_000, 1_000_000), 5.0), ((0, 0), 0.0), ((1, None), None), ((None, 1), None)]
)
def test_the_cost_is_that_of_the_list_prices(
    tokens: tuple[int | None, int | None], cost: float | None, tmp_path: Path
) -> None:
    prices = {"usd_per_million_tokens_in": "1.25", "usd_per_million_tokens_out": "2.5"}
    rig = Rig(tmp_path, Output(b"{}", tokens_in=tokens[0], tokens_out=tokens[1]), **prices)
    assert rig.review().cost_usd == cost
    assert rig.ledger.spent()[0].unpriced == (cost is None)
