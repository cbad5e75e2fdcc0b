"""What every module of the API shares: the rooms, the key of a POST, answers with tags, documented problems.

Belongs here: those. Does not: addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import Depends, Header, Path, Request, Response
from fastapi.security import HTTPBearer

from aina_assets.service.api.kept import KeptAnswers
from aina_assets.service.idempotency import Answered, checked_key
from aina_assets.service.problem import MEDIA_TYPE, Problem
from aina_assets.service.rooms import Rooms
from aina_assets.service.shelf import Tagged, is_known

JSON = "application/json"
# Writes queue by what they are: a plan does not wait for everybody's answers.
Lane = Literal["beginning", "planning", "handing_in", "deciding"]
LEARNER_PATTERN = r"^syn-(0|[1-9]\d{0,5})-(0|[1-9]\d{0,8})-[0-9a-f]{12}$"
BEARER = HTTPBearer(auto_error=False, description="The token of `service/token` in the data root.")


async def rooms_of(request: Request) -> Rooms:
    """The rooms that this service speaks to."""
    rooms: Rooms = request.app.state.rooms
    return rooms


async def _key(
    idempotency_key: Annotated[
        str | None,
        Header(
            description="chosen by the sender: the same request under the same key is done once. "
            "Required; 8 to 64 letters, digits, `-` or `_`",
            examples=["c7f3a1e0-4b52-4f0e-9d0e-5a1f7a6f2b11"],
        ),
    ] = None,
) -> str:
    return checked_key(idempotency_key)


async def _kept(request: Request) -> KeptAnswers:
    kept: KeptAnswers = request.app.state.kept
    return kept


RoomsOf = Annotated[Rooms, Depends(rooms_of)]
KeptOf = Annotated[KeptAnswers, Depends(_kept)]
Key = Annotated[str, Depends(_key)]
# The token itself is asked for before anything is read (`middleware`); this documents it.
WRITES = [Depends(BEARER)]
LearnerPath = Annotated[
    str, Path(max_length=48, description="a synthetic learner", examples=["syn-9-1-7f3a9c2b1d04"])
]
PracticePath = Annotated[
    str,
    Path(
        max_length=48,
        description="`<plan_id>.<number of the item, from 1>`, and `.<try>` from the second try on",
        examples=["plan-0123456789abcdef01234567.1"],
    ),
]
IfNoneMatch = Annotated[str | None, Header(max_length=400, description="entity tags that the caller has")]

_PROBLEMS = {
    400: "malformed JSON, or no idempotency key",
    401: "no token, or another one",
    403: "a foreign origin, a closed gate, or a packet that is held back",
    404: "there is nothing of this id",
    409: "it contradicts what stands",
    413: "the body is too large",
    415: "the body is of another type",
    421: "another host than this service's",
    422: "a field does not fit, real personal data, or a key used for another request",
    503: "the state cannot be used",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problems of an address."""
    told = {*statuses, 421, 503}
    return {
        status: {
            "description": _PROBLEMS[status],
            "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema(ref_template=REF)}},
        }
        for status in sorted(told)
    }


REF = "#/components/schemas/{model}"
READ = (404, 422)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422)


async def answered(request: Request, act: Callable[[], Answered], lane: Lane) -> Response:
    """Do a keyed act in its lane, beside the loop that reads; give its answer.

    One a lane: more would take turns at Python and at the database, and none would end sooner. While one
    waits for the disk another works.
    """
    told = await to_thread.run_sync(act, limiter=request.app.state.lanes[lane])
    headers = {"Cache-Control": "no-store"}
    if told.is_replay:
        headers["Idempotency-Replayed"] = "true"
    return Response(told.body, told.status, headers, JSON)


def tagged_response(told: Tagged, if_none_match: str | None) -> Response:
    """Content with its tag; none where the caller has it."""
    headers = {"ETag": told.tag, "Cache-Control": "no-cache"}
    if is_known(if_none_match, told.tag):
        return Response(status_code=304, headers=headers)
    return Response(told.content, 200, headers, JSON)
