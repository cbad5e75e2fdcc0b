"""What a reviewer is asked, what it answers, and how it says that it cannot.

Belongs here: the interface between the stage and its reviewers. Does not: any reviewer (`reviewers`), what is
put into a prompt (`prompts`), or what an answer is worth (`validation`).

A reviewer is asked by chunk. It gives back its raw output and nothing that it made of it: whether the output
is usable is judged in one place, the same for all.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol, get_args, runtime_checkable

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator

from aina_assets.core.errors import AinaError

Decision = Literal["promote_fallback", "exclude", "keep"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
# What a title may be promoted to, from the finest to the coarsest.
TargetLevel = Literal["detailed", "broad", "minor", "major", "function"]
TARGET_LEVELS: tuple[TargetLevel, ...] = get_args(TargetLevel)

Seat = Literal["reviewer_a", "reviewer_b"]
SEATS: tuple[Seat, ...] = get_args(Seat)
Backend = Literal["http", "command", "recorded", "person", "simulated"]
Scalar = str | int | float | bool
Parameters = Mapping[str, Scalar]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RowId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
# An answer is a JSON object with this one member: row id to verdict.
DECISIONS_MEMBER = "decisions"
# A SOC code, a function or a reason: no room for prose, whatever a title made a reviewer say.
CODE_PATTERN = r"^[A-Za-z0-9_.-]{1,40}$"


class ReviewerKind(StrEnum):
    """Who decided. Only an `llm`'s decisions count as LLM decisions; the others are counted by their name."""

    LLM = "llm"
    PERSON = "person"
    RECORDED = "recorded"
    SIMULATED = "simulated"


# --- faults of a reviewer


class ReviewerError(AinaError):
    """A reviewer gave no answer. Its rows stay in the queue; answers that it gave before are kept."""

    default_remedy: ClassVar[str] = "Run `aina review run` again: what was answered is not asked again."


class ReviewerTimeoutError(ReviewerError):
    """No answer within the time allowed, after the bounded attempts."""


class ReviewerUnavailableError(ReviewerError):
    """The reviewer cannot be reached, is not installed, or has no answer to this request on record."""


class ReviewerRefusedError(ReviewerError):
    """The reviewer refuses: no access, a wrong request, or a model that declines."""

    default_remedy: ClassVar[str] = "See what it says; correct its entry in the reviewers' file."


class ReviewerRateLimitedError(ReviewerError):
    """The reviewer wants fewer requests than the bounded attempts could wait for.

    Attributes:
        retry_after_seconds: how long it asks to wait; None where it does not say.
    """

    def __init__(
        self, message: str, *, retry_after_seconds: float | None = None, file: str | None = None
    ) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message, file=file)


class ReviewerPendingError(ReviewerError):
    """The request lies with the reviewer (a person's sheet, say), who has not answered yet."""

    default_remedy: ClassVar[str] = "Fill the sheet named, then `aina review import`."


# --- who is asked


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReviewerSpec(_Model):
    """One reviewer, as the reviewers' file has it.

    Of the backend `recorded`, the option `answers` names a folder with a raw answer a request, found by
    request id; or the option `sheet` a CSV file `title,decision,level,code`: judgements made by title, which
    are replayed for the rows whose `written_as` it has, whatever the prompt. A row that it has not is left
    out of the output, as by a reviewer who skips it.
    """

    name: Seat = Field(description="the seat that it takes")
    backend: Backend
    provider: str = Field(min_length=1, description="who runs it: openai, local, a person's initials")
    model: str = Field(min_length=1, description="which model, or which person")
    family: str = Field(
        min_length=1, description="model family: two of one family err alike more than two of different ones"
    )
    parameters: dict[str, Scalar] = Field(
        default_factory=dict,
        description="what changes its answers (temperature, seed, max_tokens): part of the request's id",
    )
    options: dict[str, Any] = Field(
        default_factory=dict,
        description="what does not: endpoint, command, folder, time-outs, attempts, prices; the backend's "
        "own. A secret is named here by its environment variable and never written",
    )


# --- what is asked


class Message(_Model):
    """One message of a prompt."""

    role: Literal["system", "user"]
    content: str


class Option(_Model):
    """A group that a row may be promoted to, with the evidence for it."""

    level: TargetLevel
    code: str = Field(description="SOC code (`11-2000`) or business function")
    name: str
    probability: float | None = Field(description="as the titles' model has it; null where it says nothing")


class PromptRow(_Model):
    """A row as a reviewer sees it. Nothing in it tells a known answer from a question."""

    row_id: RowId
    title: str = Field(description="the title's normalized form, which the decision is about")
    written_as: str = Field(description="its commonest raw form")
    options: tuple[Option, ...]
    notes: tuple[str, ...] = Field(description="further evidence, a sentence each")


class ReviewRequest(_Model):
    """A chunk of a batch, as one reviewer is asked it.

    `request_id` is the digest of reviewer, model, parameters, prompt, schema and rows (`request_id_of`): two
    requests with one id are the same question to the same reviewer, and an answer is stored under it.
    """

    request_id: Sha256
    reviewer: Seat
    provider: str
    model: str
    parameters: dict[str, Scalar]
    title_batch: str
    wave: int = Field(ge=1)
    chunk: int = Field(ge=0, description="number of the chunk in its batch")
    round: Literal[0, 1] = Field(description="0: the question; 1: the one repair, for rows that went wrong")
    messages: tuple[Message, ...] = Field(min_length=1)
    output_schema_json: str = Field(description="JSON Schema of the output, as canonical JSON")
    rows: tuple[PromptRow, ...] = Field(min_length=1, description="in the order in which they are shown")

    @property
    def row_ids(self) -> tuple[str, ...]:
        """The rows' ids, in the order in which they are shown."""
        return tuple(row.row_id for row in self.rows)

    @property
    def output_schema(self) -> dict[str, Any]:
        """The JSON Schema of the output: an object whose one member has exactly the row ids as members."""
        schema: dict[str, Any] = json.loads(self.output_schema_json)
        return schema

    @property
    def prompt_sha256(self) -> str:
        """Digest of the messages."""
        return _sha256([message.model_dump() for message in self.messages])

    @property
    def schema_sha256(self) -> str:
        """Digest of the output's schema."""
        return hashlib.sha256(self.output_schema_json.encode()).hexdigest()


class Verdict(_Model):
    """What a reviewer says of one row: `{"decision": ..., "level": ..., "code": ...}`.

    level and code say what to: of a promotion the target level and its group (one of the row's options, any
    business function, or another SOC group of that level); of an exclusion level is null and code the scope
    policy's reason; else both are null.
    """

    decision: Decision
    level: TargetLevel | None
    code: Annotated[str, Field(pattern=CODE_PATTERN)] | None


# --- what is answered


class ReviewAnswer(_Model):
    """A reviewer's raw output, with all that says where it came from. Evidence; never read as state."""

    request_id: Sha256
    reviewer: Seat
    kind: ReviewerKind
    provider: str
    model: str = Field(description="as the reviewer itself names it where it does, else as it was asked")
    parameters: dict[str, Scalar]
    prompt_sha256: Sha256
    schema_sha256: Sha256
    content: bytes = Field(description="the output's bytes, whatever they are")
    finish: str | None = Field(None, description="why it stopped, in its own word: stop, length")
    tokens_in: int | None = Field(None, ge=0, description="null where it does not say")
    tokens_out: int | None = Field(None, ge=0)
    cost_usd: float | None = Field(None, ge=0, description="null where no price is known")
    seconds: float = Field(ge=0, description="how long it took, waits between attempts included")
    attempts: int = Field(1, ge=1)

    @field_serializer("content")
    def _readable(self, content: bytes) -> dict[str, str]:
        try:
            return {"text": content.decode("utf-8")}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(content).decode("ascii")}

    @field_validator("content", mode="before")
    @classmethod
    def _as_bytes(cls, value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"text"}:
                return value["text"].encode("utf-8")
            if set(value) == {"base64"}:
                return base64.b64decode(value["base64"], validate=True)
        return value

    @property
    def content_sha256(self) -> str:
        """Digest of the output's bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @classmethod
    def to(
        cls, request: ReviewRequest, kind: ReviewerKind, content: bytes, *, seconds: float, **told: Any
    ) -> ReviewAnswer:
        """The answer to a request; `told` is what the reviewer says of itself (model, tokens_in)."""
        asked: dict[str, Any] = {
            "request_id": request.request_id,
            "reviewer": request.reviewer,
            "provider": request.provider,
            "model": request.model,
            "parameters": request.parameters,
            "prompt_sha256": request.prompt_sha256,
            "schema_sha256": request.schema_sha256,
        }
        return cls(**{**asked, "kind": kind, "content": content, "seconds": seconds, **told})


@runtime_checkable
class Reviewer(Protocol):
    """Someone, or something, that reviews.

    `review` may be called from several threads at once, never twice at once with one request. It bounds its
    own time and attempts; it stores nothing that the stage reads (the stage stores the answer).
    """

    @property
    def spec(self) -> ReviewerSpec:
        """Who it is."""
        ...

    @property
    def kind(self) -> ReviewerKind:
        """What its decisions are counted as."""
        ...

    def review(self, request: ReviewRequest) -> ReviewAnswer:
        """Answer one request.

        Raises:
            ReviewerTimeoutError, ReviewerUnavailableError, ReviewerRefusedError, ReviewerRateLimitedError,
            ReviewerPendingError: there is no answer, and why.
        """
        ...


class ReviewerFactory(Protocol):
    """What makes reviewers of their specs: `reviewers.make_reviewer`."""

    def __call__(self, spec: ReviewerSpec, *, home: Path, work: Path) -> Reviewer:
        """Make one.

        Args:
            spec: its entry in the reviewers' file.
            home: folder of that file, which relative paths among the options start from.
            work: folder in the data root for what the reviewer keeps itself: sheets, cost ledger.

        Raises:
            SettingsError: an option is missing, unknown or wrong; names it.
        """
        ...


def request_id_of(
    spec: ReviewerSpec, messages: tuple[Message, ...], output_schema_json: str, row_ids: tuple[str, ...]
) -> str:
    """The digest of a question to a reviewer: of who is asked, with which parameters, and what.

    Raises:
        ValueError: a parameter is not a finite number.
    """
    return _sha256(
        {
            "reviewer": spec.name,
            "backend": spec.backend,
            "provider": spec.provider,
            "model": spec.model,
            "parameters": spec.parameters,
            "messages": [message.model_dump() for message in messages],
            "schema": output_schema_json,
            "rows": list(row_ids),
        }
    )


def _sha256(value: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
