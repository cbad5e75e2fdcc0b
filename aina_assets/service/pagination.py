"""Pages of lists: a limit, a cursor that the caller hands back unread, and the header that names the next.

Belongs here: cutting and naming. Does not: what is in the list.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Query

from aina_assets.core.errors import LearnerError

T = TypeVar("T")
MOST = 100
DEFAULT = 20

Limit = Annotated[int, Query(ge=1, le=MOST, description="items on a page", examples=[DEFAULT])]
Cursor = Annotated[
    str | None,
    Query(
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="`next` of the page before; the first page where absent",
    ),
]


class CursorError(LearnerError):
    """A cursor that no page gave."""

    default_remedy = "Hand back `next` of the page before, unchanged."


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list, and the cursor of the next one; None where there is no next."""

    items: Sequence[T]
    next: str | None


def cut(items: Sequence[T], cursor: str | None, limit: int) -> Page[T]:
    """The page of a whole list that a cursor names."""
    start = offset_of(cursor)
    rest = len(items) - start - limit
    return Page(items[start : start + limit], cursor_of(start + limit) if rest > 0 else None)


def cursor_of(offset: int) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(f"at:{offset}".encode()).decode().rstrip("=")


def offset_of(cursor: str | None) -> int:
    """The place that a cursor names.

    Raises:
        CursorError: it is none.
    """
    if cursor is None:
        return 0
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        word, _, number = told.partition(":")
        if word != "at" or not number.isascii() or not number.isdecimal() or len(number) > 9:
            raise ValueError("no cursor")
        return int(number)
    except (ValueError, binascii.Error) as error:
        raise CursorError("this cursor is none of ours", place="query.cursor") from error
