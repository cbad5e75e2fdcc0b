"""What a person is told of a title that has no packet: where it stands, and which roles it may name.

Belongs here: the state in words, the candidates that evidence has, and the packets of those. Does not:
choosing one of them; that is what evidence could not do, and what adjudication is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.store import TableStore
from aina_assets.packets.reader import PacketReader
from aina_assets.packets.roles import Roles, role_id_of
from aina_assets.titles.explaining.views import Evidence, Explanation

MOST_CANDIDATES = 10
# Groups that a title may be of where its occupation is not told; finer ones repeat the candidates.
GROUP_LEVELS = ("minor", "major", "function")
EXCLUDED = "exclude"
STATES: Mapping[str, str] = {
    "prompt_candidate": "evidence leaves it open, no rule settles it, and no accepted review covers it yet: "
    "it waits for two reviewers",
    "residual": "two reviewers looked at it and kept it: it stays out of every claim until new evidence or "
    "a bounded review names it",
    EXCLUDED: "it is out of scope: no packet is made of such work",
}


@dataclass(frozen=True, slots=True)
class CandidateRole:
    """A role that a title may name, and why; nobody decided that it does.

    Attributes:
        role_id: the role, whose packet `command` shows.
        level: level that the role speaks at.
        title: what people call it.
        why: what evidence there is, with its file and row where a publisher lists it.
        probability: that the title is in scope and of the group; None of a single occupation, for which only
            an order is known.
        is_in_scope: whether the role's work is.
        is_held: whether the quality gate holds its packet back.
    """

    role_id: str
    level: str
    title: str
    why: str
    probability: float | None
    is_in_scope: bool
    is_held: bool
    command: str


@dataclass(frozen=True, slots=True)
class Unserved:
    """A title without a packet.

    Attributes:
        state: prompt_candidate, residual or exclude; of a title that the inventory lacks its route.
        settled_by: evidence, rule, or the kind of reviewers; None while nobody settled it.
        decision: rule id, digest of the merge, or reason of the exclusion.
        route: what evidence gave it; `route_reason` says why.
        adjudication: what adjudication says of it, in a sentence.
        commands: what tells more.
        candidates: likeliest first; none of an excluded title.
    """

    title: str
    title_id: str
    title_batch: str
    is_in_inventory: bool
    state: str
    settled_by: str | None
    decision: str | None
    route: str
    route_reason: str
    route_meaning: str
    function: str | None
    adjudication: str
    commands: tuple[str, ...]
    candidates: tuple[CandidateRole, ...]


def state_of(store: TableStore, title_id: str) -> dict[str, Any] | None:
    """The row of `title_state` of a title; None of one that the inventory lacks."""
    states = store.read(TITLE_STATE.name)
    found = states.filter(pc.equal(states["title_id"], title_id)).to_pylist()
    return found[0] if found else None


def unserved(
    told: Explanation, state: Mapping[str, Any] | None, reader: PacketReader, roles: Roles
) -> Unserved:
    """What is known of a usable title that has no packet.

    Args:
        told: the title's evidence.
        state: its row of `title_state`; None where the inventory lacks it.
    """
    evidence, title = told.evidence, told.normalized
    if evidence is None or title is None:
        raise ValueError("only a usable title has evidence")
    route = evidence.route
    name = route.route if state is None else state["state"]
    quoted = f'"{title.normalized}"'
    is_excluded = name == EXCLUDED
    return Unserved(
        title=title.normalized,
        title_id=told.title_id or "",
        title_batch=told.title_batch or "",
        is_in_inventory=state is not None,
        state=name,
        settled_by=None if state is None else state["settled_by"],
        decision=None if state is None else _decision(state),
        route=route.route,
        route_reason=route.reason,
        route_meaning=route.meaning,
        function=route.function if state is None else state["function"],
        adjudication=_adjudication(state),
        commands=(
            f"aina titles explain {quoted}",
            *([f"aina review explain {quoted}"] if state is not None else []),
        ),
        candidates=() if is_excluded else tuple(_candidates(evidence, reader, roles))[:MOST_CANDIDATES],
    )


def _decision(state: Mapping[str, Any]) -> str | None:
    for name in ("rule_id", "merge_sha256", "scope_reason"):
        if state[name] is not None:
            return str(state[name])
    return None


def _adjudication(state: Mapping[str, Any] | None) -> str:
    if state is None:
        return "Nothing: the inventory lacks this title, and adjudication decides on titles of the inventory."
    said = STATES[state["state"]]
    if state["settled_by"] == "rule":
        said += f"; the rule {state['rule_id']} says so"
    elif state["merge_sha256"] is not None:
        kind = state["settled_by"] or "earlier"
        said += f"; {kind} reviewers, merge {state['merge_sha256'][:12]}"
    elif state["settled_by"] == "evidence":
        said += "; evidence settles that, and adjudication is not asked"
    return f"{said[0].upper()}{said[1:]}."


# --- candidates


def _candidates(evidence: Evidence, reader: PacketReader, roles: Roles) -> Iterator[CandidateRole]:
    seen: set[str] = set()
    for role_id, why, probability in _named(evidence, roles):
        head = reader.roles.get(role_id)
        if head is None or role_id in seen:
            continue
        seen.add(role_id)
        yield CandidateRole(
            role_id=role_id,
            level=head.level,
            title=head.title,
            why=why,
            probability=None if probability is None else round(probability, 4),
            is_in_scope=roles.all[role_id].is_in_scope,
            is_held=reader.held("role", role_id) is not None,
            command=f"aina packets show {role_id}",
        )


def _named(evidence: Evidence, roles: Roles) -> Iterator[tuple[str, str, float | None]]:
    """Role ids with what speaks for them: exact listings, likely occupations, then groups."""
    for exact in evidence.exact:
        place = f"{exact.source.file}, row {exact.source.row}"
        yield _role_of(exact.code, roles), f"listed as {exact.source.title!r} ({place})", None
    for found in evidence.retrieved:
        near = found.nearest
        like = "" if near is None else f", like {near.title!r} ({near.file}, row {near.row})"
        yield _role_of(found.code, roles), f"number {found.rank} of the model{like}", None
    for level in evidence.levels:
        if level.level in GROUP_LEVELS:
            yield role_id_of(level.level, level.code), f"most plausible {level.level}", level.probability


def _role_of(code: str, roles: Roles) -> str:
    """The role of an O*NET-SOC code, or of a SOC code the one that a claim of it is served with."""
    if "." in code:
        return role_id_of("occupation", code)
    role = roles.of_claim("detailed", code, None)
    return role_id_of("detailed", code) if role is None else role.role_id
