"""A merge: the accepted decisions of a batch's wave, as they are written down.

Belongs here: its shape and its bytes. Does not: where it stands among the others (`chain`), what decisions
mean together (`fold`), or when a batch is accepted (`wave`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aina_assets.adjudication.protocol import ReviewerKind, Scalar, Seat, Sha256
from aina_assets.core.errors import AinaError

MERGE_TYPE: Literal["https://aina.invalid/adjudication/merge/v1"] = (
    "https://aina.invalid/adjudication/merge/v1"
)
DECISION_COLUMNS = (
    "title_id",
    "decision",
    "level",
    "code",
    "why",
    "verdict_a",
    "verdict_b",
    "request_a",
    "request_b",
    "order",
)
KNOWN_COLUMNS = (
    "title_id",
    "verdict_a",
    "verdict_b",
    "request_a",
    "request_b",
    "is_right_a",
    "is_right_b",
)
Columns = dict[str, list[Any]]


class ChainError(AinaError):
    """The chain of merges is not whole: a file was changed, lost, added or exchanged."""

    default_remedy: ClassVar[str] = (
        "Restore the folder of merges from a backup. Nothing is made of a chain that is not whole."
    )


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RequestRecord(_Model):
    """A request that decisions of a merge rest on, and the answer that it had."""

    request_id: Sha256
    reviewer: Seat
    kind: ReviewerKind
    provider: str
    model: str
    parameters: dict[str, Scalar]
    prompt_sha256: Sha256
    schema_sha256: Sha256
    answer_sha256: Sha256
    round: Literal[0, 1]
    chunk: int
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None


class Merge(_Model):
    """The accepted consensus of a batch's wave.

    Decisions and known answers are kept as columns of one length: a row is the same place in each. Requests
    are named in them by their place in `requests`.
    """

    type: Literal["https://aina.invalid/adjudication/merge/v1"] = MERGE_TYPE
    sequence: int = Field(ge=1)
    previous: Sha256 = Field(description="digest of the merge before it; zeros for the first")
    title_batch: Annotated[str, Field(pattern=r"^\d{2,3}$")]
    title_batches: int = Field(ge=1, description="how many batches the inventory had")
    wave: int = Field(ge=1)
    plan: Sha256 = Field(description="digest of what was asked")
    policies: dict[str, str] = Field(description="digests of the policies that it was accepted under")
    accepted_by: str = Field(min_length=1, description="`policy`, or the person who accepted it")
    kind: ReviewerKind
    requests: tuple[RequestRecord, ...]
    faults: dict[Seat, int] = Field(description="row ids of each reviewer that went wrong at first")
    repaired: dict[Seat, int] = Field(description="rows of each reviewer whose verdict is the repair's")
    decisions: Columns
    known: Columns

    @model_validator(mode="after")
    def _columns_are_of_one_length(self) -> Merge:
        for name, columns, expected in (
            ("decisions", self.decisions, DECISION_COLUMNS),
            ("known", self.known, KNOWN_COLUMNS),
        ):
            if set(columns) != set(expected) or len({len(values) for values in columns.values()}) != 1:
                raise ValueError(f"{name}: not the columns {', '.join(expected)}, all of one length")
        return self

    @property
    def body(self) -> bytes:
        """What is merged, wherever in the chain it stands."""
        return rfc8785.dumps(self.model_dump(mode="json", exclude={"sequence", "previous"}))

    @property
    def content(self) -> bytes:
        """The file's bytes: canonical JSON."""
        return rfc8785.dumps(self.model_dump(mode="json")) + b"\n"


def merge_of(content: Mapping[str, Any], path: Path) -> Merge:
    """A merge's JSON, typed.

    Raises:
        ChainError: it is no merge.
    """
    try:
        return Merge.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise ChainError(
            f"not a merge: {first['msg']}", file=path, place=".".join(map(str, first["loc"]))
        ) from error
