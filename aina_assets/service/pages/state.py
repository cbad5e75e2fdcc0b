"""Pages of the state: gates, sources and attribution, receipts, the API.

Belongs here: what these pages show. Does not: deciding, or reading sources.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from aina_assets.gates.decide import Reason
from aina_assets.gates.words import REASONS
from aina_assets.service.api.kept import gates_told
from aina_assets.service.pages.shown import page, rooms_of

router = APIRouter()
DOMAINS = {
    "public_runtime": "Others can reach the service",
    "external_writes": "Rows leave this machine",
    "real_user_data": "Real people's data is taken in",
    "production_telemetry": "Figures are sent to others",
    "deployment_promotion": "A build is promoted to production",
}


@router.get("/gates")
def gates_page(request: Request) -> Response:
    """How the gates stand, and why."""
    told = gates_told(rooms_of(request).board.look())
    holds: dict[str, list[Any]] = {}
    for hold in told.open_holds:
        holds.setdefault(hold.domain.value, []).append(hold)
    values = {
        "told": told,
        "holds": holds,
        "domains": DOMAINS,
        "reasons": {reason.value: says for reason, says in REASONS.items()},
        "hold_reason": Reason.HOLD_OPEN.value,
    }
    return page(request, "gates.html", values, section="gates")


@router.get("/sources")
def sources_page(request: Request) -> Response:
    """What everything rests on, under which licence, with the words that must be shown."""
    rooms = rooms_of(request)
    by_source: dict[str, list[dict[str, Any]]] = {}
    for row in rooms.source_files:
        by_source.setdefault(row["source"], []).append(row)
    values = {
        "by_source": by_source,
        "attributions": list(dict.fromkeys(row["attribution"] for row in rooms.source_files)),
        "receipts": rooms.receipts.names(),
        "mark": rooms.mark.sha256,
        "lane": rooms.engine.settings.sources.value,
    }
    return page(request, "sources.html", values, section="sources")


@router.get("/api")
def api_page(request: Request) -> Response:
    """The API's addresses."""
    described = request.app.openapi()
    rows = [
        {
            "method": method.upper(),
            "path": path,
            "summary": told.get("summary", ""),
            "writes": method == "post",
        }
        for path, methods in described["paths"].items()
        for method, told in methods.items()
    ]
    return page(request, "api.html", {"rows": rows}, section="")
