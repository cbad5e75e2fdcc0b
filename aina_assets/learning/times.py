"""Times as events tell them: UTC, whole seconds, one way of writing. Written so, they sort as they passed."""

from __future__ import annotations

from datetime import UTC, datetime

TIME = "%Y-%m-%dT%H:%M:%SZ"
CHARACTERS = 20


def instant(text: str) -> datetime:
    """The time that a text tells.

    Raises:
        ValueError: it is no such time.
    """
    # `strptime` takes seven times as long.
    when = datetime.fromisoformat(text)
    if len(text) != CHARACTERS or when.tzinfo is not UTC:
        raise ValueError(f"not a time as {TIME}")
    return when


def time_text(when: datetime) -> str:
    """The text of a time that knows its zone."""
    return f"{when.astimezone(UTC).isoformat()[: CHARACTERS - 1]}Z"
