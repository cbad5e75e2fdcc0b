"""How a page is shown: templates, what each of them knows, faults as pages.

Belongs here: rendering. Does not: what is on any page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from aina_assets.service.auth import COOKIE, Keyring
from aina_assets.service.pages import words
from aina_assets.service.problem import Problem
from aina_assets.service.rooms import Rooms

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
LEARNER_COOKIE = "aina_learner"
SECTIONS = (
    ("learn", "/ui/", "Learn"),
    ("record", "/ui/record", "Record"),
    ("titles", "/ui/titles", "Titles"),
    ("review", "/ui/review", "Review"),
    ("gates", "/ui/gates", "Gates"),
    ("sources", "/ui/sources", "Sources"),
)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        # Every text is escaped, whatever it is: what a learner typed is shown, never run.
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= words.FILTERS
    return environment


def rooms_of(request: Request) -> Rooms:
    """The rooms that this service speaks to."""
    rooms: Rooms = request.app.state.rooms
    return rooms


def keyring_of(request: Request) -> Keyring:
    """The service's token."""
    keyring: Keyring = request.app.state.keyring
    return keyring


def is_signed_in(request: Request) -> bool:
    """Whether this browser was signed in with the token."""
    return keyring_of(request).is_session(request.cookies.get(COOKIE))


def page(
    request: Request, template: str, values: Mapping[str, Any], *, section: str = "", status: int = 200
) -> HTMLResponse:
    """A page.

    Args:
        section: which part of the navigation it belongs to.
    """
    signed_in = is_signed_in(request)
    known = {
        "sections": SECTIONS,
        "section": section,
        "is_signed_in": signed_in,
        # A form's token is given to a signed-in browser alone.
        "form_token": keyring_of(request).form() if signed_in else "",
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "note": words.NOTES.get(request.query_params.get("done", ""), ""),
    }
    told = {**known, **values}
    if "faults" in told:
        # A field without a fault has an empty one; every other name must be there.
        told["faults"] = defaultdict(str, told["faults"])
    content = _environment().get_template(template).render(told)
    return HTMLResponse(content, status, {"Cache-Control": "no-store"})


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """A fault as a page."""
    return page(request, "error.html", {"problem": problem}, status=problem.status)
