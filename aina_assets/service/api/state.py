"""Addresses of the built state: titles, packets, the sandbox, gates, receipts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from aina_assets.packets.contract import RolePacket, TitlePacket
from aina_assets.service.api.common import (
    JSON,
    READ,
    IfNoneMatch,
    KeptOf,
    RoomsOf,
    problems,
    tagged_response,
)
from aina_assets.service.api.models import (
    GatesAnswer,
    ReceiptNames,
    SandboxPage,
    TitleExplained,
    TitlePage,
)
from aina_assets.service.pagination import DEFAULT, Cursor, Limit

router = APIRouter(tags=["state"])
Typed = Annotated[
    str, Query(min_length=1, max_length=200, description="what was typed so far", examples=["account"])
]


@router.get(
    "/titles",
    response_model=None,
    responses={200: {"model": TitlePage}, **problems(422)},
    summary="Titles that fit what was typed",
)
async def titles(kept: KeptOf, q: Typed, limit: Limit = DEFAULT, cursor: Cursor = None) -> Response:
    """Titles that begin so, or have a word that does; of the inventory, and those that authorities list."""
    return Response(kept.titles(q, cursor, limit), media_type=JSON)


@router.get(
    "/titles/{title_id}",
    response_model=None,
    responses={200: {"model": TitleExplained}, **problems(*READ)},
    summary="Why a title has its route",
)
def title(
    kept: KeptOf,
    title_id: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", examples=["04d0dd3f016ada9b"])],
) -> Response:
    """The title's state, its evidence down to source rows, and what certifies its route."""
    return Response(kept.title(title_id), media_type=JSON)


PACKET_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": RolePacket | TitlePacket,
        "headers": {"ETag": {"schema": {"type": "string"}, "description": "names these bytes"}},
    },
    304: {"description": "the caller has it"},
    **problems(403, *READ),
}


@router.get(
    "/packets/{packet_id}",
    response_model=None,
    responses=PACKET_ANSWERS,
    summary="A role's or title's packet",
)
async def packet(
    rooms: RoomsOf,
    packet_id: Annotated[
        str,
        Path(
            max_length=64,
            pattern=r"^([0-9a-f]{16}|onet:\d{2}-\d{4}\.\d{2}|soc:\d{2}-\d{4}|function:[a-z_]+)$",
            description="a title id, or a role id",
            examples=["onet:13-2011.00"],
        ),
    ],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What the work is, each statement with its source row (`role_packet_v1`, `title_packet_v1`)."""
    return tagged_response(rooms.shelf.packet(packet_id), if_none_match)


@router.get(
    "/sandbox/tasks",
    response_model=None,
    responses={200: {"model": SandboxPage}, **problems(422)},
    summary="GDPval tasks beside their roles",
)
async def sandbox_tasks(kept: KeptOf, limit: Limit = DEFAULT, cursor: Cursor = None) -> Response:
    """Ids, names and counts; a task's words stay in the publisher's file."""
    return Response(kept.sandbox(cursor, limit), media_type=JSON)


@router.get(
    "/gates",
    response_model=None,
    responses={200: {"model": GatesAnswer}, **problems()},
    summary="How the gates stand",
)
async def gates(kept: KeptOf) -> Response:
    """Every gate with its reasons, every open hold; looked at in the background, at the time told."""
    return Response(kept.gates(), media_type=JSON)


@router.get(
    "/receipts",
    response_model=None,
    responses={200: {"model": ReceiptNames}, **problems()},
    summary="Receipts that there are",
)
def receipt_names(rooms: RoomsOf) -> Response:
    """The names that `GET /receipts/{name}` knows."""
    return Response(ReceiptNames(items=tuple(rooms.receipts.names())).model_dump_json(), media_type=JSON)


@router.get(
    "/receipts/{name}",
    response_model=None,
    responses={
        200: {
            "description": "An in-toto statement",
            "content": {JSON: {"schema": {"type": "object", "required": ["_type", "subject", "predicate"]}}},
        },
        304: {"description": "the caller has it"},
        **problems(*READ),
    },
    summary="A receipt",
)
def receipt(
    rooms: RoomsOf,
    name: Annotated[
        str, Path(max_length=64, pattern=r"^[a-z][a-z0-9_]{2,63}$", examples=["build_manifest_v1"])
    ],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A receipt's bytes, as they were sealed."""
    return tagged_response(rooms.receipts.read(name), if_none_match)
