"""How much may be asked of a reviewer at once and in a minute.

Belongs here: a bound on concurrency, requests and tokens, kept by all threads that share it. Does not: the
reviewer's own limits, which it tells by refusing; then `hold` keeps everybody back.

The minute is a sliding window and not a bucket that refills: in no 60 seconds, wherever they begin, is more
than the limit begun. A bucket lets through up to twice that.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aina_assets.adjudication.protocol import ReviewerRefusedError

WINDOW_SECONDS = 60.0


@dataclass
class _Begun:
    at: float
    tokens: int


class Limits:
    """The bounds that all requests to one reviewer share.

    Args:
        concurrency: requests at once.
        requests_per_minute: in any 60 s; None for any number.
        tokens_per_minute: the same of tokens.
        clock: seconds that only grow.
        sleep: waits; only ever called by the one thread whose turn it is.
    """

    def __init__(
        self,
        concurrency: int,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._requests, self._tokens = requests_per_minute, tokens_per_minute
        self._clock, self._sleep = clock, sleep
        self._slots = threading.BoundedSemaphore(concurrency)
        # Who waits for the window holds the turn, so that nobody overtakes a large request for ever.
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._begun: deque[_Begun] = deque()
        self._held_until = 0.0

    @contextmanager
    def slot(
        self, tokens: int, on_wait: Callable[[float], None] = lambda seconds: None
    ) -> Iterator[Callable[[int], None]]:
        """Wait for room, then hold a slot for the block.

        Args:
            tokens: what the request will use, estimated.
            on_wait: told of each wait and its seconds.

        Yields:
            What to call with the number of tokens that were really used.

        Raises:
            ReviewerRefusedError: the request alone is more than a minute's tokens.
        """
        if self._tokens is not None and tokens > self._tokens:
            raise ReviewerRefusedError(
                f"one request needs about {tokens} tokens, over tokens_per_minute = {self._tokens}",
                remedy="Ask for fewer rows a chunk, or raise tokens_per_minute.",
            )
        with self._slots:
            with self._turn:
                while (seconds := self._missing_seconds(tokens)) > 0:
                    on_wait(seconds)
                    self._sleep(seconds)
                begun = self._begin(tokens)
            yield lambda used: self._correct(begun, used)

    def hold(self, seconds: float) -> None:
        """Let nobody begin for so long: the reviewer asked for it."""
        with self._guard:
            self._held_until = max(self._held_until, self._clock() + seconds)

    def _missing_seconds(self, tokens: int) -> float:
        with self._guard:
            now = self._clock()
            while self._begun and self._begun[0].at <= now - WINDOW_SECONDS:
                self._begun.popleft()
            waits = [self._held_until - now]
            if self._requests is not None and len(self._begun) >= self._requests:
                waits.append(self._begun[-self._requests].at + WINDOW_SECONDS - now)
            if self._tokens is not None:
                waits.append(self._until_tokens_fit(tokens, self._tokens) - now)
            return max(waits)

    def _until_tokens_fit(self, tokens: int, limit: int) -> float:
        excess = sum(begun.tokens for begun in self._begun) + tokens - limit
        until = float("-inf")
        for begun in self._begun:
            if excess <= 0:
                break
            excess -= begun.tokens
            until = begun.at + WINDOW_SECONDS
        return until

    def _begin(self, tokens: int) -> _Begun:
        with self._guard:
            begun = _Begun(self._clock(), tokens)
            self._begun.append(begun)
            return begun

    def _correct(self, begun: _Begun, used: int) -> None:
        with self._guard:
            begun.tokens = used
