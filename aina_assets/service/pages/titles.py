"""Pages of titles: finding one, and why it has its route, down to source rows.

Belongs here: what these pages show. Does not: routing or explaining.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from aina_assets.service.api.kept import suggestions
from aina_assets.service.errors import NotFoundError
from aina_assets.service.pages.shown import page, rooms_of
from aina_assets.service.pagination import offset_of
from aina_assets.titles.retrieval.taxonomy import LEVELS

router = APIRouter()
ON_A_PAGE = 25


@router.get("/titles")
def titles_page(request: Request) -> Response:
    """Titles that fit what was typed."""
    rooms = rooms_of(request)
    typed = " ".join(request.query_params.get("q", "")[:200].split())
    cursor = request.query_params.get("cursor")
    found = suggestions(rooms, typed, cursor, ON_A_PAGE) if typed else None
    values = {
        "typed": typed,
        "found": found,
        "known": len(rooms.titles),
        "first": offset_of(cursor) + 1 if typed else 1,
    }
    return page(request, "titles.html", values, section="titles")


@router.get("/titles/{title_id}")
def title_page(request: Request, title_id: str) -> Response:
    """Why a title has its route."""
    rooms = rooms_of(request)
    told = rooms.explainer.explain(title_id)
    try:
        reviewed = rooms.review.title(title_id)
    except NotFoundError:
        reviewed = None
    levels = [
        {**level, "is_served": level["level"] == told["route"]["served_level"]}
        for level in sorted(told["levels"], key=lambda held: LEVELS.index(held["level"]))
    ]
    values = {
        "told": told,
        "reviewed": reviewed,
        "levels": levels,
    }
    return page(request, "title.html", values, section="titles")
