"""Addresses of the process itself: whether it answers, and whether it can serve."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import APIRouter, Response

from aina_assets import __version__
from aina_assets.service.api.common import JSON, RoomsOf
from aina_assets.service.api.models import Health, Readiness
from aina_assets.service.rooms import Rooms

router = APIRouter(tags=["process"])


@router.get("/health", response_model=None, responses={200: {"model": Health}}, summary="Alive")
async def health() -> Response:
    """The process answers."""
    return Response(Health(status="ok", version=__version__).model_dump_json(), media_type=JSON)


@router.get(
    "/ready",
    response_model=None,
    responses={200: {"model": Readiness}, 503: {"model": Readiness, "description": "not ready"}},
    summary="Ready to serve",
)
def ready(rooms: RoomsOf) -> Response:
    """The state that was opened still stands, and the learners' database can be read and written."""
    checks = {"state_is_current": rooms.is_current(), "learner_database": _answers(rooms)}
    is_ready = all(checks.values())
    told = Readiness(status="ready" if is_ready else "not_ready", checks=checks, state=rooms.mark.sha256)
    return Response(told.model_dump_json(), 200 if is_ready else 503, media_type=JSON)


def _answers(rooms: Rooms) -> bool:
    try:
        rooms.log.head  # noqa: B018
    except sa.exc.SQLAlchemyError:
        return False
    return True
