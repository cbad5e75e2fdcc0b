"""Which titles are serviceable: the one seam between packets and what decides on titles.

Belongs here: where that is read. Does not: anything else; whoever lets other titles in changes this module
alone, by giving the same rows from the tables that decide then, and by naming those tables in `TABLES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aina_assets.core.store import TableStore
from aina_assets.titles.routing import FALLBACK, SERVE_NOW
from aina_assets.titles.tables import TITLE, TITLE_ROUTE

# Partitioned tables that are read here: their digests are inputs of `title_packet`, their assets its parents.
TABLES: tuple[str, ...] = (TITLE.name, TITLE_ROUTE.name)
# Titles routed so are served; of all others no packet is made.
SERVED = (SERVE_NOW, FALLBACK)


@dataclass(frozen=True, slots=True)
class Serviceable:
    """A title that may be served, at which level, and who said so.

    Attributes:
        title_id: title.
        normalized_title: canonical form.
        seniority: rank that the words tell.
        function: business function.
        decided_by: route (evidence alone), rule or review (adjudication).
        decision: the certificate's stratum, the rule's id or the merge's id.
        reason: reason of the decision.
        basis: what the certificate is given for; None where nothing is certified.
        lane: strongest lane with evidence.
        served_level: level that is claimed, from `detailed` to `function`.
        served_code: SOC code or business function that is claimed.
        probability: calibrated probability that the claim is right.
        error_bound: upper bound of the error; None where none was measured.
        likely_onet_soc_code: occupation that evidence favours below a detailed code.
        evidence_table: table of the best evidence.
        evidence_row: its row in that table's source file.
    """

    title_id: str
    normalized_title: str
    seniority: str | None
    function: str | None
    decided_by: Literal["route", "rule", "review"]
    decision: str
    reason: str
    basis: str | None
    lane: str | None
    served_level: str
    served_code: str
    probability: float | None
    error_bound: float | None
    likely_onet_soc_code: str | None
    evidence_table: str | None
    evidence_row: int | None


def serviceable(store: TableStore, batch: str) -> list[Serviceable]:
    """The serviceable titles of a batch, in the order of their ids.

    Raises:
        StateError: a table or this batch of it is missing.
    """
    titles = store.read(TITLE.name, ["title_id", "seniority"], partition=batch).to_pylist()
    seniority = {row["title_id"]: row["seniority"] for row in titles}
    routes = store.read(TITLE_ROUTE.name, partition=batch).to_pylist()
    found = [of_route(row, seniority.get(row["title_id"])) for row in routes if row["route"] in SERVED]
    return sorted(found, key=lambda title: title.title_id)


def of_route(row: Mapping[str, Any], seniority: str | None) -> Serviceable:
    """A row of `title_route` that is served, as packets see it; fields that it lacks are None."""
    return Serviceable(
        title_id=row["title_id"],
        normalized_title=row["normalized_title"],
        seniority=seniority,
        function=row.get("function"),
        decided_by="route",
        # Without a certificate, what is served rests on a publisher's own list, and the reason says so.
        decision=row.get("stratum") or row["reason"],
        reason=row["reason"],
        basis=row.get("basis"),
        lane=row.get("lane"),
        served_level=row["served_level"],
        served_code=row["served_code"],
        probability=row.get("probability"),
        error_bound=row.get("error_bound"),
        likely_onet_soc_code=row.get("onet_soc_code"),
        evidence_table=row.get("source_table"),
        evidence_row=row.get("source_row"),
    )
