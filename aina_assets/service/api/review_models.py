"""What requests and answers of the review desk hold.

Belongs here: shapes, bounds, examples. Does not: what a decision is worth (`adjudication`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.adjudication.protocol import CODE_PATTERN, Decision, TargetLevel
from aina_assets.learning.records.events import CleanText
from aina_assets.service.api.models import Cursor, Sha256

TitleIdText = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BatchTold(_Told):
    """A batch and how much of it waits for a person."""

    title_batch: str
    wave: int
    status: str
    kind: str | None
    candidates: int
    agreement: float | None
    promoted: int
    excluded: int
    kept: int
    disputed: int = Field(description="titles whose verdicts contradict each other, still undecided")
    waiting: int = Field(description="titles that no reviewer was asked about")
    since: int = Field(description="people's decisions that the tables do not have yet")
    detail: str | None


class BatchPage(_Told):
    """Batches, those with most disputed titles first."""

    items: tuple[BatchTold, ...]
    next: Cursor


class SideTold(_Told):
    """A verdict."""

    decision: str
    level: str | None
    code: str | None


class ReviewedTitleTold(_Told):
    """A title as two reviewers left it."""

    title_id: str
    title: str
    title_batch: str
    wave: int
    why: str
    decision: str
    level: str | None
    code: str | None
    a: SideTold
    b: SideTold
    state: str | None
    can_decide: bool
    decided: SideTold | None


class ReviewedTitlePage(_Told):
    """Reviewed titles of a batch, disputed ones first."""

    items: tuple[ReviewedTitleTold, ...]
    next: Cursor


class DecisionRequest(_Told):
    """A person's decision on a title that two reviewers kept."""

    title_id: TitleIdText = Field(examples=["04d0dd3f016ada9b"])
    decision: Decision
    level: TargetLevel | None = Field(None, description="of a promotion: the level of the group")
    code: Annotated[str, Field(pattern=CODE_PATTERN)] | None = Field(
        None, description="of a promotion the group or function, of an exclusion the reason"
    )
    reason: Annotated[CleanText, Field(min_length=8, max_length=500, description="why; goes on record")]
    by: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9 _.-]{1,40}$", description="initials or a role: goes on record")
    ]


class DecisionAnswer(_Told):
    """A decision that stands in the chain of merges."""

    title_id: str
    title_batch: str
    decision: str
    level: str | None
    code: str | None
    kind: Literal["person"]
    order_sha256: Sha256 = Field(description="order that holds the reason and who decided")
    merge_sequence: int
    merge_sha256: Sha256
