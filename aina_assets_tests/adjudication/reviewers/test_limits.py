"""Bounds on requests at once and in a minute: laws of the sliding window."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.adjudication.protocol import ReviewerRefusedError
from aina_assets.adjudication.reviewers.limits import WINDOW_SECONDS, Limits


class StillClock:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(
    st.integers(1, 5),
    st.none() | st.integers(50, 200),
    st.lists(
        st.tuples(st.floats(0, 40), st.integers(0, 50), st.none() | st.integers(0, 50)),
        min_size=1,
        max_size=30,
    ),
)
@settings(deadline=None)
def test_no_window_of_a_minute_has_more_than_the_limit(
    requests: int, tokens: int | None, asked: list[tuple[float, int, int | None]]
) -> None:
    clock = StillClock()
    limits = Limits(1, requests, tokens, clock=clock, sleep=clock.sleep)
    begun: list[tuple[float, int]] = []
    for idle, estimate, used in asked:
        clock.now += idle
        before = clock.now
        with limits.slot(estimate) as correct:
            begun.append((clock.now, estimate))
            # Nobody waits longer than until the window has passed.
            assert clock.now - before <= WINDOW_SECONDS + 1e-6
            if used is not None and used <= estimate:
                correct(used)
                begun[-1] = (clock.now, used)
    for start, _ in begun:
        # Less a hair, for what ends just when the next begins.
        window = [count for at, count in begun if start <= at < start + WINDOW_SECONDS - 1e-6]
        assert len(window) <= requests
        assert tokens is None or sum(window) <= tokens


def test_what_fits_is_not_kept_waiting() -> None:
    clock = StillClock()
    limits = Limits(1, 3, 100, clock=clock, sleep=clock.sleep)
    waits: list[float] = []
    for tokens in (50, 25, 25):
        with limits.slot(tokens, waits.append):
            clock.now += 1.0
    assert waits == []
    # The fourth request waits for the first to be a minute old, which begun three seconds ago.
    with limits.slot(1, waits.append):
        assert waits == [pytest.approx(57.0)]


def test_tokens_that_were_not_used_make_room() -> None:
    clock = StillClock()
    limits = Limits(1, None, 100, clock=clock, sleep=clock.sleep)
    with limits.slot(100) as used:
        used(10)
    before = clock.now
    with limits.slot(90):
        assert clock.now == before


def test_a_request_that_no_minute_has_room_for_is_refused() -> None:
    with pytest.raises(ReviewerRefusedError, match="about 101 tokens"), Limits(1, None, 100).slot(101):
        pytest.fail("it was let through")


def test_a_hold_keeps_everybody_back_and_the_longest_counts() -> None:
    clock = StillClock()
    limits = Limits(1, clock=clock, sleep=clock.sleep)
    limits.hold(20.0)
    limits.hold(5.0)
    before = clock.now
    with limits.slot(1):
        assert clock.now - before == 20.0


def test_a_slot_is_given_back_after_an_error() -> None:
    limits = Limits(1)
    for _ in range(3):
        with pytest.raises(KeyError), limits.slot(1):
            raise KeyError
    done = threading.Event()

    def take() -> None:
        with limits.slot(1):
            done.set()

    threading.Thread(target=take, daemon=True).start()
    assert done.wait(5.0)
