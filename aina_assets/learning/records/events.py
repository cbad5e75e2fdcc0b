"""Learner events: what each kind says, at its current version.

Belongs here: the events' shape and their one canonical text. Does not: older versions (`upcasting`), storing
(`log`), what a record makes of them (`fold`).
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from aina_assets.core.errors import EventError, NotSyntheticError
from aina_assets.learning.identity import check_learner_id
from aina_assets.learning.times import TIME, instant, time_text

MOST_TEXT = 20_000
# Text that is no Unicode has no canonical form; a control sign has no place in an answer.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _is_time(text: str) -> str:
    if time_text(instant(text)) != text:
        raise ValueError(f"not a time as {TIME}")
    return text


def _is_learner(text: str) -> str:
    try:
        return check_learner_id(text)
    except NotSyntheticError as error:
        raise ValueError(error.message) from error


def _is_clean(text: str) -> str:
    if _UNFIT.search(text):
        raise ValueError("holds a control sign or half a character")
    return text


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,95}$")]
EventId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{7,63}$")]
LearnerId = Annotated[str, AfterValidator(_is_learner)]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"), AfterValidator(_is_time)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Rating = Annotated[int, Field(ge=0, le=4)]
CleanText = Annotated[str, AfterValidator(_is_clean)]
Verdict = Literal["MET", "UNMET", "CANNOT_ASSESS"]
VoidReason = Literal["entered_in_error", "duplicate_attempt", "rubric_withdrawn", "evaluation_disputed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Assessed(_Part):
    """A learner's role, readiness, goals and capacity, as a plan is made of them."""

    kind: Literal["assessed"] = "assessed"
    version: Literal[2] = 2
    assessment_id: Id = Field(description="id of the assessment")
    assessment_sha256: Sha256 = Field(description="digest of the whole assessment")
    title_id: Id | None = Field(description="the title's id; null where it is no usable title")
    packet_id: Id = Field(description="packet that the path rests on")
    packet_sha256: Sha256 = Field(description="its digest")
    route: Literal["serve_now", "serve_with_fallback", "adjudicate", "exclude"]
    weekly_minutes: int = Field(ge=0, le=10_080, description="capacity a week")
    horizon_weeks: int = Field(ge=1, le=104)
    readiness: dict[Id, Rating] = Field(
        description="self-rated readiness, 0 to 4, by workflow; told ones alone"
    )
    assumptions: tuple[Id, ...] = Field(description="ids of what was assumed since it was not told")


class PlannedItem(_Part):
    """A step of a plan."""

    item_id: Id
    module_id: Id
    workflow_id: Id
    week: int = Field(ge=1, le=104)
    minutes: int = Field(ge=1)


class Planned(_Part):
    """A plan was made."""

    kind: Literal["planned"] = "planned"
    version: Literal[1] = 1
    plan_id: Id
    plan_sha256: Sha256
    assessment_id: Id
    items: tuple[PlannedItem, ...]


class Started(_Part):
    """A learner began a practice task."""

    kind: Literal["started"] = "started"
    version: Literal[1] = 1
    attempt_id: Id
    task_id: Id
    task_sha256: Sha256
    workflow_id: Id
    item_id: Id | None = Field(description="plan item that it belongs to, if any")


class Submitted(_Part):
    """A learner handed an answer in."""

    kind: Literal["submitted"] = "submitted"
    version: Literal[1] = 1
    submission_id: Id
    attempt_id: Id
    text: CleanText = Field(max_length=MOST_TEXT, description="the answer")


class CriterionVerdict(_Part):
    """What an evaluation says of one criterion; spans are positions in the submission's text."""

    criterion_id: Id
    verdict: Verdict
    spans: tuple[tuple[int, int], ...] = ()

    @model_validator(mode="after")
    def _spans_are_spans(self) -> CriterionVerdict:
        if any(not 0 <= start < end <= MOST_TEXT for start, end in self.spans):
            raise ValueError("a span starts before it ends, inside the text")
        return self


class Evaluated(_Part):
    """A submission was evaluated against a locked rubric."""

    kind: Literal["evaluated"] = "evaluated"
    version: Literal[2] = 2
    evaluation_id: Id
    submission_id: Id
    rubric_id: Id
    rubric_version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    rubric_sha256: Sha256
    score: Share = Field(description="share of the rubric's weight that is MET")
    score_low: Share = Field(description="least score that the verdicts leave possible")
    score_high: Share = Field(description="greatest score that they leave possible")
    is_pass: bool | None = Field(description="whether the score passes; null where that cannot be told")
    judge: Id | None = Field(description="the model judge that was asked; null without one")
    criteria: tuple[CriterionVerdict, ...]

    @model_validator(mode="after")
    def _score_is_between(self) -> Evaluated:
        if not self.score_low <= self.score <= self.score_high:
            raise ValueError("score_low <= score <= score_high does not hold")
        return self


class Voided(_Part):
    """An earlier event of the same learner shall count as if it had never been."""

    kind: Literal["voided"] = "voided"
    version: Literal[1] = 1
    target_event_id: EventId
    reason: VoidReason


Data = Annotated[Assessed | Planned | Started | Submitted | Evaluated | Voided, Field(discriminator="kind")]
KINDS = ("assessed", "planned", "started", "submitted", "evaluated", "voided")
# What a record does not need of an event: kept beside it, so that a replay does not read it.
DETAILS = {"submitted": "text", "evaluated": "criteria"}
CURRENT_VERSIONS = {
    "assessed": 2,
    "planned": 1,
    "started": 1,
    "submitted": 1,
    "evaluated": 2,
    "voided": 1,
}


class LearnerEvent(BaseModel):
    """Something that happened to a learner. Its id makes sending it again harmless."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event_id: EventId = Field(description="chosen by the sender; the same id is the same event")
    learner_id: LearnerId = Field(description="a synthetic learner's id")
    occurred_at: Time = Field(description="when it happened, as the sender tells it; UTC, whole seconds")
    data: Data

    def canonical(self) -> str:
        """The event's one text: JSON with sorted keys and no blanks, numbers as Python writes them.

        Not RFC 8785: that writes 1.0 as 1 and is ten times slower; this text is read by this code alone.
        """
        return canonical_text(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """Digest of the canonical text."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


EVENT = TypeAdapter(LearnerEvent)


def canonical_text(value: Any) -> str:
    """JSON with sorted keys and no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parse_event(value: Any) -> LearnerEvent:
    """An event of current versions from JSON-like values.

    Raises:
        EventError: it is malformed; names the field and not what it held.
    """
    try:
        return EVENT.validate_python(value)
    except ValidationError as error:
        raise _event_error(error) from error


def parse_event_text(text: str) -> LearnerEvent:
    """As `parse_event`, from JSON text."""
    try:
        return EVENT.validate_json(text)
    except ValidationError as error:
        raise _event_error(error) from error


def _event_error(error: ValidationError) -> EventError:
    first = error.errors(include_input=False, include_url=False)[0]
    return EventError(f"malformed event: {first['msg']}", place=".".join(map(str, first["loc"])) or "event")
