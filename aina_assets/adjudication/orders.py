"""Bounded reviews: orders to review again titles that were kept, each by name.

Belongs here: an order, where orders lie, which are still open. Does not: deciding; a title that an order
names goes through a wave like any other.

An order is the receipt without which no kept title is decided anew. It is named by its own digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aina_assets.core.errors import AinaError
from aina_assets.core.storage import sha256_bytes, write_once

ORDER_TYPE: Literal["https://aina.invalid/adjudication/bounded_review/v1"] = (
    "https://aina.invalid/adjudication/bounded_review/v1"
)


class OrderError(AinaError):
    """A bounded review is too large, names titles that are not kept, or was changed."""

    default_remedy: ClassVar[str] = "Name kept titles, and no more than title_review.toml allows."


class BoundedReview(BaseModel):
    """An order to review kept titles again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["https://aina.invalid/adjudication/bounded_review/v1"] = ORDER_TYPE
    number: int = Field(ge=1, description="orders before it and one: the same titles may be ordered again")
    title_ids: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")], ...] = Field(min_length=1)
    reason: str = Field(min_length=1)
    ordered_by: str = Field(min_length=1)

    @model_validator(mode="after")
    def _each_title_once(self) -> BoundedReview:
        if list(self.title_ids) != sorted(set(self.title_ids)):
            raise ValueError("title_ids: not sorted, or one of them twice")
        return self

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return rfc8785.dumps(self.model_dump(mode="json")) + b"\n"

    @property
    def digest(self) -> str:
        """What it is called by."""
        return sha256_bytes(self.content)


class OrderBook:
    """The bounded reviews of a data root."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def give(self, title_ids: Iterable[str], reason: str, ordered_by: str, most_titles: int) -> BoundedReview:
        """Give an order and write it down.

        Raises:
            OrderError: it names no title, or more than `most_titles`.
        """
        wanted = tuple(sorted(set(title_ids)))
        if not wanted or len(wanted) > most_titles:
            raise OrderError(f"a bounded review names 1 to {most_titles} titles, this one {len(wanted)}")
        order = BoundedReview(
            number=len(self.orders()) + 1, title_ids=wanted, reason=reason, ordered_by=ordered_by
        )
        write_once(self._root / f"{order.digest}.json", order.content)
        return order

    def orders(self) -> dict[str, BoundedReview]:
        """Every order by its digest, in the order in which they were given.

        Raises:
            OrderError: an order is not what its name is of.
        """
        found: dict[str, BoundedReview] = {}
        for path in self._root.glob("*.json"):
            content = path.read_bytes()
            try:
                order = BoundedReview.model_validate_json(content)
            except ValidationError as error:
                raise OrderError(f"not a bounded review: {error.errors()[0]['msg']}", file=path) from error
            if path.stem != sha256_bytes(content):
                raise OrderError("a bounded review was changed", file=path, remedy="Restore the file.")
            found[path.stem] = order
        return dict(sorted(found.items(), key=lambda item: (item[1].number, item[0])))


def open_orders(orders: Mapping[str, BoundedReview], used: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The titles that orders name and that were not decided under them yet, each with its first open order.

    Args:
        used: orders with titles that were decided under them.
    """
    done = set(used)
    found: dict[str, str] = {}
    for digest, order in orders.items():
        for title_id in order.title_ids:
            if (digest, title_id) not in done:
                found.setdefault(title_id, digest)
    return found
