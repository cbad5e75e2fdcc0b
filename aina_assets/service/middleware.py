"""What every request goes through: an id, the host, the origin, the size, the token, the headers, the log.

Belongs here: what is asked before anything of a body is understood. Does not: forms' own tokens (`pages`).

One ASGI layer, not one for each: a request costs a few microseconds here. A write to the API without the
token goes no further, whatever address it is for, so that no address can forget to ask.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from time import perf_counter
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aina_assets.core.errors import AinaError
from aina_assets.core.hosts import is_loopback
from aina_assets.service.auth import Keyring
from aina_assets.service.errors import (
    HostError,
    MediaTypeError,
    OriginError,
    TokenError,
    TooLargeError,
)
from aina_assets.service.logs import LOGGER, say
from aina_assets.service.problem import ProblemResponse, internal, problem_of, status_of

PAGES = "/ui"
MOST_BODY_BYTES = 256 * 1024
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
HEADERS: Mapping[str, str] = {
    # Nothing is loaded from elsewhere, nothing inline is run, nobody frames us, forms go to us alone.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Envelope:
    """The layer around the app.

    Args:
        app: what is inside.
        keyring: the token.
        most_body_bytes: a larger body is refused before it is read to its end.
    """

    def __init__(self, app: ASGIApp, keyring: Keyring, most_body_bytes: int = MOST_BODY_BYTES) -> None:
        self._app = app
        self._keyring = keyring
        self._most = most_body_bytes
        self._log = logging.getLogger(LOGGER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["X-Request-Id"] = request_id
                for name, value in HEADERS.items():
                    out[name] = value
            await send(message)

        try:
            self._admit(scope, headers)
            await self._app(scope, await self._bounded(scope, receive), sending)
        except AinaError as error:
            if status:
                raise
            await _refusal(error, request_id)(scope, receive, sending)
        except Exception:
            self._log.exception("failed", extra={"told": {"event": "failed", "request_id": request_id}})
            if status:
                raise
            await ProblemResponse(internal(request_id))(scope, receive, sending)
        finally:
            say(
                self._log,
                "request",
                request_id=request_id,
                method=scope["method"],
                route=_template(scope),
                status=status,
                ms=round((perf_counter() - start) * 1000, 1),
            )

    def _admit(self, scope: Scope, headers: Headers) -> None:
        """Let a request in by what its head says.

        Raises:
            HostError, OriginError, TokenError, TooLargeError, MediaTypeError: it is not let in.
        """
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if not is_loopback(name):
            raise HostError("this service is reached at this machine's own address alone", place="Host")
        if scope["method"] in SAFE:
            return
        origin = headers.get("origin")
        if origin is not None and origin != f"{scope['scheme']}://{host}":
            raise OriginError("a page of another origin sent this request", place="Origin")
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise OriginError("a page of another site sent this request", place="Sec-Fetch-Site")
        is_page = scope["path"].startswith(f"{PAGES}/")
        if not is_page and not self._keyring.is_bearer(headers.get("authorization")):
            raise TokenError("writing needs the service's token", place="Authorization")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or int(length[:12]) > self._most:
            raise _too_large(self._most)
        has_body = length != "0" or "transfer-encoding" in headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        wanted = "application/x-www-form-urlencoded" if is_page else "application/json"
        if has_body and kind != wanted:
            raise MediaTypeError(f"this address takes {wanted}", place="Content-Type")

    async def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """The body, read up to the limit: a length that was not told is counted."""
        if scope["method"] in SAFE:
            return receive
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                break
            body += message.get("body", b"")
            if len(body) > self._most:
                raise _too_large(self._most)
            if not message.get("more_body", False):
                break
        is_given = False

        async def given() -> Message:
            nonlocal is_given
            if is_given:
                return await receive()
            is_given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        return given


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"the body is over {most // 1024} KiB", place="body")


def _refusal(error: AinaError, request_id: str) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status_of(error)[0] == 401 else {}
    return ProblemResponse(problem_of(error, request_id), headers)


def _template(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path", None) or "(none)")
