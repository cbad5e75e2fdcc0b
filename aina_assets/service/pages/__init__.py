"""Pages for people: forms, timelines, charts, the review desk; made on the server, usable without a script.

Belongs here: what a page shows and which act a form asks for. Does not: the acts, or any figure of its own.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from aina_assets.service.middleware import PAGES
from aina_assets.service.pages import entry, learn, practise, review, state, titles

STATIC = Path(__file__).resolve().parents[1] / "static"


def mount_pages(app: FastAPI) -> None:
    """Give the app its pages and their files."""
    for module in (entry, learn, practise, titles, review, state):
        app.include_router(module.router, prefix=PAGES, include_in_schema=False)
    app.mount(f"{PAGES}/static", StaticFiles(directory=STATIC), name="static")
    app.add_api_route("/", _to_pages, include_in_schema=False)


def _to_pages() -> RedirectResponse:
    return RedirectResponse(f"{PAGES}/", status_code=307)
