"""Which titles are serviceable: the one seam between packets and what decides on titles.

Belongs here: where that is read. Does not: anything else; whoever lets other titles in, or reads them from
other tables, changes this module alone.

Evidence decides most titles (`title_route`); what it leaves open a rule or two reviewers may promote
(`title_state`). A title's claim is what its state says; what the evidence is, its route says either way.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.errors import StateError
from aina_assets.core.store import TableStore
from aina_assets.titles.routing import FALLBACK, SERVE_NOW
from aina_assets.titles.tables import TITLE, TITLE_ROUTE

# Tables that are read here: their assets are parents of `title_packet`.
TABLES: tuple[str, ...] = (TITLE.name, TITLE_ROUTE.name, TITLE_STATE.name)
# Titles in these states are served; of all others no packet is made.
SERVED = (SERVE_NOW, FALLBACK)
BY_EVIDENCE, BY_RULE = "evidence", "rule"
RULED, REVIEWED = "deterministic_rule", "accepted_review_"
# What of a state decides on its packet: the others say how it came about.
STATE_COLUMNS = (
    "title_id",
    "title_batch",
    "normalized_title",
    "state",
    "settled_by",
    "level",
    "code",
    "onet_soc_code",
    "function",
    "rule_id",
    "merge_sha256",
)


@dataclass(frozen=True, slots=True)
class Serviceable:
    """A title that may be served, at which level, and who said so.

    Attributes:
        title_id: title.
        normalized_title: canonical form.
        seniority: rank that the words tell.
        function: business function.
        decided_by: route (evidence alone), rule or review (adjudication).
        decision: the certificate's stratum, the rule's id or the merge's digest.
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


FIELDS = tuple(field.name for field in fields(Serviceable))


class ServiceableTitles:
    """The serviceable titles of the state that stands; the states of all batches are read once.

    Args:
        store: the tables.
    """

    def __init__(self, store: TableStore) -> None:
        self._store = store

    @cached_property
    def _states(self) -> dict[str, list[dict[str, Any]]]:
        read = self._store.read(TITLE_STATE.name, STATE_COLUMNS)
        served = read.filter(pc.is_in(read["state"], value_set=pa.array(SERVED)))
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in served.sort_by("title_id").to_pylist():
            found[row["title_batch"]].append(row)
        return found

    def of_batch(self, batch: str) -> list[Serviceable]:
        """The serviceable titles of a batch, in the order of their ids.

        Raises:
            StateError: a table or this batch of it is missing, or a served title has no route.
        """
        titles = self._store.read(TITLE.name, ["title_id", "seniority"], partition=batch)
        seniority = dict(zip(*(titles[name].to_pylist() for name in titles.column_names), strict=True))
        routes = {row["title_id"]: row for row in self._routes(batch)}
        states = self._states.get(batch, [])
        lost = [row["title_id"] for row in states if row["title_id"] not in routes]
        if lost:
            raise StateError(
                f"{len(lost)} served titles of batch {batch} have no route, first {lost[0]}",
                file=self._store.path(TITLE_STATE.name),
                remedy="The state is of other titles than stand: run `aina build`.",
            )
        return [of_state(row, routes[row["title_id"]], seniority.get(row["title_id"])) for row in states]

    def _routes(self, batch: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._store.read(TITLE_ROUTE.name, partition=batch).to_pylist()
        return rows


def serviceable(store: TableStore, batch: str) -> list[Serviceable]:
    """The serviceable titles of one batch; whoever asks for several takes `ServiceableTitles`.

    Raises:
        StateError: as `ServiceableTitles.of_batch`.
    """
    return ServiceableTitles(store).of_batch(batch)


def digest_of(titles: Iterable[Serviceable]) -> str:
    """One digest of all that is known of some titles: what their packets are made from."""
    told = json.dumps([(FIELDS, *map(attrgetter(*FIELDS), titles))])
    return hashlib.sha256(told.encode()).hexdigest()


def of_state(state: Mapping[str, Any], route: Mapping[str, Any], seniority: str | None) -> Serviceable:
    """A served row of `title_state`, with its row of `title_route`, as packets see it."""
    if state["settled_by"] == BY_EVIDENCE:
        return of_route(route, seniority)
    is_by_rule = state["settled_by"] == BY_RULE
    return Serviceable(
        title_id=state["title_id"],
        normalized_title=state["normalized_title"],
        seniority=seniority,
        function=state["function"],
        decided_by="rule" if is_by_rule else "review",
        decision=state["rule_id"] if is_by_rule else state["merge_sha256"],
        # Whose decision it is stays told: recorded and simulated reviewers are no model's, and no person's.
        reason=RULED if is_by_rule else f"{REVIEWED}{state['settled_by']}",
        basis=None,
        lane=route["lane"],
        served_level=state["level"],
        served_code=state["code"],
        # The evidence's probability is of another claim.
        probability=None,
        # Nor is the error of adjudication's decisions certified.
        error_bound=None,
        likely_onet_soc_code=state["onet_soc_code"],
        evidence_table=route["source_table"],
        evidence_row=route["source_row"],
    )


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
