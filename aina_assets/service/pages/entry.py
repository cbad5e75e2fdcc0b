"""Signing a browser in with the token, and out.

Belongs here: the session's cookie. Does not: the token.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from aina_assets.service.auth import COOKIE
from aina_assets.service.middleware import PAGES
from aina_assets.service.pages.forms import Posted, parsed
from aina_assets.service.pages.shown import keyring_of, page

router = APIRouter()


@router.get("/enter")
def enter(request: Request) -> Response:
    """The form that takes the token."""
    return page(request, "enter.html", {"to": _within(request.query_params.get("to", "")), "fault": ""})


@router.post("/enter")
async def take_token(request: Request) -> Response:
    """Sign in."""
    values = parsed(await request.body())
    to = _within((values.get("to") or ("",))[0])
    given = (values.get("token") or ("",))[0].strip()
    if not keyring_of(request).is_token(given):
        told = {"to": to, "fault": "This is not the token of this run of the service."}
        return page(request, "enter.html", told, status=401)
    response = RedirectResponse(f"{to}{'&' if '?' in to else '?'}done=in", status_code=303)
    response.set_cookie(
        COOKIE, keyring_of(request).session, httponly=True, samesite="strict", path=PAGES, max_age=43_200
    )
    return response


@router.post("/leave")
def leave(_: Posted) -> Response:
    """Sign out."""
    response = RedirectResponse(f"{PAGES}/?done=out", status_code=303)
    response.delete_cookie(COOKIE, path=PAGES, httponly=True, samesite="strict")
    return response


def _within(to: str) -> str:
    """An address of these pages; their beginning where it is none."""
    is_ours = to.startswith(f"{PAGES}/") and "//" not in to and "\\" not in to and to.isprintable()
    return to if is_ours and len(to) <= 400 else f"{PAGES}/"
