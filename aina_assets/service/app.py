"""The application: addresses, what every request goes through, and how faults are told.

Belongs here: putting it together. Does not: opening the state (`rooms`), or binding an address (`running`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, get_args

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from aina_assets import __version__
from aina_assets.core.errors import AinaError
from aina_assets.service.api import health, learners, review, state
from aina_assets.service.api.common import Lane
from aina_assets.service.api.kept import KeptAnswers
from aina_assets.service.auth import Keyring
from aina_assets.service.middleware import PAGES, Envelope
from aina_assets.service.pages import mount_pages
from aina_assets.service.pages.shown import error_page
from aina_assets.service.problem import Problem, ProblemResponse, of_validation, plain, problem_of, status_of
from aina_assets.service.rooms import Rooms

# Each may hold a connection of the learners' database; its pool has 15.
THREADS = 12
DESCRIPTION = """\
A job title becomes a provable learning path. This machine alone, synthetic learners alone.

Writes need the token of `service/token` in the data root (`Authorization: Bearer`), and an `Idempotency-Key`:
the same request under the same key is done once and answered the same. Faults are problem details
(RFC 9457)."""


def create_app(rooms: Rooms, keyring: Keyring) -> FastAPI:
    """The application over opened rooms.

    Args:
        keyring: the token that writes need.
    """
    app = FastAPI(
        title="AINA local beta",
        version=__version__,
        description=DESCRIPTION,
        # FastAPI's own pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        servers=[{"url": "/", "description": "this machine"}],
    )
    app.state.rooms = rooms
    app.state.keyring = keyring
    app.state.kept = KeptAnswers(rooms)
    app.state.lanes = {lane: CapacityLimiter(1) for lane in get_args(Lane)}
    for module in (learners, state, review, health):
        app.include_router(module.router)
    mount_pages(app)
    app.add_middleware(Envelope, keyring=keyring)
    app.add_exception_handler(AinaError, _fault)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    return app


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def request_id_of(request: Request) -> str:
    """The request's id."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def _told(request: Request, problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """A fault as whoever asked can read it: a page to people, a document to programs."""
    if request.url.path.startswith(PAGES):
        return error_page(request, problem)
    return ProblemResponse(problem, headers)


def _fault(request: Request, error: Any) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status_of(error)[0] == HTTPStatus.UNAUTHORIZED else {}
    return _told(request, problem_of(error, request_id_of(request)), headers)


def _invalid(request: Request, error: Any) -> Response:
    return _told(request, of_validation(error.errors(), request_id_of(request)))


def _http(request: Request, error: Any) -> Response:
    status = HTTPStatus(error.status_code)
    names = {404: "not-found", 405: "method-not-allowed", 400: "malformed-body"}
    told = {
        404: "there is nothing at this address",
        405: "this address does not take this method",
        400: "the body cannot be read",
    }
    problem = plain(
        status,
        names.get(status.value, "http"),
        told.get(status.value, status.phrase),
        request_id_of(request),
        remedy="/openapi.json lists the addresses.",
    )
    return _told(request, problem, dict(error.headers or {}))
