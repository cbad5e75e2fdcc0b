"""Errors as problem details (RFC 9457): one document for every fault, with its remedy.

Belongs here: which fault has which status. Does not: raising. Nothing of what was sent is repeated, and no
path of this machine is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from aina_assets.adjudication.chain import MergeConflictError, MergeLockedError
from aina_assets.adjudication.commands import UnknownBatchError
from aina_assets.adjudication.deciding import PersonDecisionError
from aina_assets.core.errors import (
    AinaError,
    CapabilityError,
    EventConflictError,
    LearnerError,
    NotSyntheticError,
    PersonalDataError,
    StateError,
    StorageFullError,
)
from aina_assets.packets.reader import NoPacketError, PacketHeldError
from aina_assets.service.errors import (
    BodyError,
    ConflictError,
    FormError,
    HostError,
    KeyMissingError,
    KeyReusedError,
    MediaTypeError,
    NotFoundError,
    OriginError,
    TokenError,
    TooLargeError,
)

MEDIA_TYPE = "application/problem+json"
PREFIX = "https://aina.invalid/problems/"
# The first class that an error is of tells its status and its name.
STATUSES: Sequence[tuple[type[AinaError], HTTPStatus, str]] = (
    (NotFoundError, HTTPStatus.NOT_FOUND, "not-found"),
    (TokenError, HTTPStatus.UNAUTHORIZED, "token-required"),
    (OriginError, HTTPStatus.FORBIDDEN, "foreign-origin"),
    (HostError, HTTPStatus.MISDIRECTED_REQUEST, "other-host"),
    (FormError, HTTPStatus.FORBIDDEN, "form-not-ours"),
    (TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"),
    (MediaTypeError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media-type"),
    (BodyError, HTTPStatus.BAD_REQUEST, "malformed-body"),
    (KeyMissingError, HTTPStatus.BAD_REQUEST, "idempotency-key-missing"),
    (KeyReusedError, HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused"),
    (ConflictError, HTTPStatus.CONFLICT, "conflict"),
    (PersonalDataError, HTTPStatus.UNPROCESSABLE_ENTITY, "personal-data-refused"),
    (NotSyntheticError, HTTPStatus.UNPROCESSABLE_ENTITY, "not-synthetic"),
    (EventConflictError, HTTPStatus.CONFLICT, "event-conflict"),
    (NoPacketError, HTTPStatus.NOT_FOUND, "no-packet"),
    (PacketHeldError, HTTPStatus.FORBIDDEN, "packet-held"),
    (UnknownBatchError, HTTPStatus.NOT_FOUND, "not-found"),
    (PersonDecisionError, HTTPStatus.CONFLICT, "decision-not-taken"),
    (MergeConflictError, HTTPStatus.CONFLICT, "decision-conflict"),
    (MergeLockedError, HTTPStatus.SERVICE_UNAVAILABLE, "busy"),
    (CapabilityError, HTTPStatus.FORBIDDEN, "gate-closed"),
    (LearnerError, HTTPStatus.UNPROCESSABLE_ENTITY, "learner-input"),
    (StorageFullError, HTTPStatus.INSUFFICIENT_STORAGE, "disk-full"),
    (StateError, HTTPStatus.SERVICE_UNAVAILABLE, "state-not-usable"),
)


class FieldFault(BaseModel):
    """One field that is wrong."""

    model_config = ConfigDict(extra="forbid")

    place: str = Field(description="where, as `body.title` or `query.limit`")
    says: str = Field(description="what is wrong; not what it held")


class Problem(BaseModel):
    """What went wrong, and what to do about it."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(
        description="which kind of problem", pattern=r"^https://aina\.invalid/problems/[a-z-]+$"
    )
    title: str = Field(description="the status in words")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="what is wrong with this request")
    remedy: str = Field(description="what to do about it")
    place: str | None = Field(None, description="field or thing that it is about")
    request_id: str
    errors: tuple[FieldFault, ...] = ()


class ProblemResponse(Response):
    """A problem as an answer."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        self.problem = problem
        content = problem.model_dump_json(exclude_none=True)
        super().__init__(content, problem.status, {**(headers or {}), "Cache-Control": "no-store"})


def status_of(error: AinaError) -> tuple[HTTPStatus, str]:
    """The status and the name of an error's kind; an error that nobody expected is the service's own."""
    for kind, status, name in STATUSES:
        if isinstance(error, kind):
            return status, name
    return HTTPStatus.INTERNAL_SERVER_ERROR, "internal"


def problem_of(error: AinaError, request_id: str) -> Problem:
    """An error of a stage as a problem. Its file is left out: it may be a path of this machine."""
    status, name = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal(request_id)
    return plain(status, name, error.message, request_id, remedy=error.remedy, place=error.place)


def plain(
    status: HTTPStatus,
    name: str,
    detail: str,
    request_id: str,
    *,
    remedy: str = "See docs/service.md.",
    place: str | None = None,
    errors: Sequence[FieldFault] = (),
) -> Problem:
    """A problem of these parts."""
    return Problem(
        type=f"{PREFIX}{name}",
        title=status.phrase,
        status=int(status),
        detail=detail,
        remedy=remedy,
        place=place,
        request_id=request_id,
        errors=tuple(errors),
    )


def internal(request_id: str) -> Problem:
    """A fault of the service itself; what it was stands in the log under the request's id."""
    return plain(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal",
        "the service failed at this request",
        request_id,
        remedy="Look the request id up in the service's log; what was acknowledged before stands.",
    )


def of_validation(errors: Sequence[Any], request_id: str) -> Problem:
    """A problem of fields that do not fit; names them, and not what they held."""
    faults = [
        FieldFault(place=_place(error.get("loc", ())), says=str(error.get("msg", "is wrong")))
        for error in errors
    ]
    is_body = any(error.get("type") == "json_invalid" for error in errors)
    status = HTTPStatus.BAD_REQUEST if is_body else HTTPStatus.UNPROCESSABLE_ENTITY
    first = faults[0]
    return plain(
        status,
        "malformed-body" if is_body else "invalid-fields",
        f"{first.place}: {first.says}" if not is_body else "the body is no JSON",
        request_id,
        remedy="Correct the fields named; /openapi.json says what each may hold.",
        place=first.place,
        errors=faults,
    )


def _place(loc: Sequence[Any]) -> str:
    """Where a fault is. Keys of maps are typed by whoever sends them: those are not repeated."""
    told = [str(part) if isinstance(part, int) or str(part).isidentifier() else "(key)" for part in loc]
    return ".".join(told[:4])[:120] or "body"
