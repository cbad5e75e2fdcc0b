"""What a reviewer tells while it works, for progress bars and logs.

Belongs here: the events. Does not: what becomes of them, or anything that must not be lost (`ledger`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aina_assets.adjudication.protocol import ReviewRequest

Happened = Literal["asked", "waits", "tries_again", "answered", "failed"]


@dataclass(frozen=True)
class ReviewEvent:
    """Something that happened to a request.

    Attributes:
        rows: rows of the request.
        seconds: of `waits` and `tries_again` how long it will wait; of `answered` and `failed` how long the
            request took as a whole; else 0.
        said: why it waits, tries again or failed; never holds a key.
    """

    request: ReviewRequest
    happened: Happened
    attempt: int
    seconds: float = 0.0
    said: str = ""

    @property
    def rows(self) -> int:
        """Rows of the request."""
        return len(self.request.rows)


Observer = Callable[[ReviewEvent], None]


def unobserved(_: ReviewEvent) -> None:
    """The observer of who does not watch."""
