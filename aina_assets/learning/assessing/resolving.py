"""What a title comes to: a role, a business function's work, or an honest no.

Belongs here: asking the titles and the packets, whatever gender the title is written in. Does not: routing
(`titles`), composing packets (`packets`).

A title of the inventory is answered by its state, as evidence, a rule or reviewers settled it. `serve_now`
and `serve_with_fallback` give the title's packet, at the level that is claimed. A title that waits for
review, or that reviewers kept (`adjudicate`), gets the work of its business function, and is told so; so
does one that has no usable words but a told function. An excluded title gets no path. A title that the
inventory does not have is routed as it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from itertools import product
from threading import RLock
from typing import Any, Literal

from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.engine import Engine
from aina_assets.core.store import TableStore
from aina_assets.learning.assessing.curriculum import SourceRow, TitleAnswer
from aina_assets.learning.planning.policy import GenderPolicy
from aina_assets.packets.contract import RolePacket, TitlePacket
from aina_assets.packets.reader import NoPacketError, PacketHeldError
from aina_assets.packets.resolve import Resolver
from aina_assets.titles.explaining.explain import Explainer
from aina_assets.titles.make import TitleStage

ROUTES = ("serve_now", "serve_with_fallback", "adjudicate", "exclude")
SERVED = ROUTES[:2]
LEVELS = ("occupation", "detailed", "broad", "minor", "major", "function")
MOST_FORMS = 12
KEPT = 512
STATE_COLUMNS = (
    "title_id",
    "state",
    "settled_by",
    "route_reason",
    "function",
    "scope_reason",
    "rule_id",
    "merge_sha256",
)
BY_EVIDENCE, WAITING = "evidence", "prompt_candidate"
# Who settled a title, in words; what was recorded or simulated is called so.
SETTLED_BY: Mapping[str, str] = {
    "rule": "A rule of the adjudication",
    "llm": "A review by two language models",
    "person": "A review by two people",
    "recorded": "A recorded review",
    "simulated": "A simulated review, which is a rehearsal and no judgement,",
}

Row = Mapping[str, Any]
ServedRoute = Literal["serve_now", "serve_with_fallback"]


@dataclass(frozen=True)
class Resolved:
    """A title's answer, and the packet that the path rests on; None where there is no path."""

    answer: TitleAnswer
    role: RolePacket | None
    function: str | None


class _States:
    """Every title's state: Arrow columns and a place for each id; dictionaries would take far more."""

    def __init__(self, store: TableStore) -> None:
        self._table = store.read(TITLE_STATE.name, STATE_COLUMNS)
        self._places = {title_id: place for place, title_id in enumerate(self._table["title_id"].to_pylist())}

    def get(self, title_id: str) -> Row | None:
        """A title's state; None where the inventory does not have it."""
        place = self._places.get(title_id)
        if place is None:
            return None
        row: Row = self._table.slice(place, 1).to_pylist()[0]
        return row


class TitleResolver:
    """Resolves titles over a built state.

    Args:
        engine: settings and tables.
        gender: forms of one title that are asked together.

    Raises:
        StateError: titles or packets were not built.
    """

    def __init__(self, engine: Engine, gender: GenderPolicy) -> None:
        self._engine = engine
        self._resolver = Resolver(engine)
        self._gender = gender
        self._titles = TitleStage(engine)
        # Readers of one Parquet file and the models are not made for several threads: one title at a time.
        self._one_at_a_time = RLock()
        self._kept = lru_cache(KEPT)(self._best)

    @cached_property
    def _states(self) -> _States:
        return _States(self._engine.store)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._titles)

    def resolve(self, title: str, function: str | None = None) -> Resolved:
        """The answer to a title.

        Args:
            function: the business function that the learner told, used where the title gives no role.
        """
        best = self._kept(tuple(gender_forms(title, self._gender)))
        if best.role is not None or best.answer.route == "exclude":
            return best
        return self._by_function(best, function or best.function, is_told=function is not None)

    def _best(self, forms: tuple[str, ...]) -> Resolved:
        """The answer of the form that is served best; of forms that are decided, where any is."""
        with self._one_at_a_time:
            asked = [form for form in forms if self._is_decided(form)] or forms
            answers = [(self._resolve(form), form) for form in asked]
        return min(answers, key=lambda held: (*_rank(held[0].answer), held[1]))[0]

    # --- one form

    def _is_decided(self, title: str) -> bool:
        title_id = self._titles.title_id(title)
        state = None if title_id is None else self._states.get(title_id)
        return state is not None and state["state"] != WAITING

    def _resolve(self, title: str) -> Resolved:
        title_id = self._titles.title_id(title)
        if title_id is None:
            return _unserved("no_usable_title", None, {})
        state = self._states.get(title_id)
        if state is not None:
            # Of a title of the inventory the answer stands in tables: the models need not be asked.
            return self._of_inventory(title_id, state)
        resolution = self._resolver.resolve(title)
        if resolution.title is not None:
            return _of_packet(resolution.title)
        if resolution.role is not None or resolution.state == "no_title":
            # A role's code names a packet, and is no title.
            return _unserved("no_usable_title", None, {})
        explained = self._explainer.explain([title])[0]
        reason = "held_by_quality_gate" if resolution.state == "held" else None
        view = explained.evidence.route if explained.evidence else None
        return _unserved(reason, explained.title_id, {} if view is None else asdict(view))

    def _of_inventory(self, title_id: str, state: Row) -> Resolved:
        reader = self._resolver.reader
        if state["state"] not in SERVED:
            return _settled(title_id, state)
        try:
            # An id that the gate holds back is known to it; a packet that was never made is not.
            if reader.held("title", title_id) is None:
                return _of_packet(reader.title(title_id), state["state"])
        except PacketHeldError:
            # The title's packet is fine, the role's that it hands on is not.
            pass
        except NoPacketError:
            return _unserved("no_packet", title_id, {"function": state["function"]})
        return _unserved("held_by_quality_gate", title_id, {"function": state["function"]})

    def _by_function(self, resolved: Resolved, function: str | None, *, is_told: bool) -> Resolved:
        """The work of a business function, for a title that no packet serves."""
        answer = resolved.answer
        if function is None:
            told = (*answer.told, "No business function is known either, so no path can be planned.")
            return Resolved(answer.model_copy(update={"told": told}), None, None)
        try:
            role = self._resolver.reader.role(f"function:{function}")
        except (NoPacketError, PacketHeldError):
            told = (*answer.told, f"There is no packet of the business function {function}.")
            return Resolved(answer.model_copy(update={"told": told}), None, function)
        whose = "which you named" if is_told else "which its words point to"
        told = (
            *answer.told,
            f"The path is of the business function {function}, {whose}: it is broader than your title.",
        )
        update = {
            "path": "function",
            "served_level": "function",
            "served_code": function,
            "role_id": role.role_id,
            "role_title": role.title,
            "packet_sha256": role.packet_sha256,
            "told": told,
        }
        return Resolved(answer.model_copy(update=update), role, function)


def gender_forms(title: str, gender: GenderPolicy) -> list[str]:
    """The forms of a title that differ by gender alone, the title's own among them, in one order for all."""
    alternatives: list[tuple[str, ...]] = []
    pieces = re.split(r"([a-z]+)", title.lower())
    for piece in pieces:
        alternatives.append(_alternatives(piece, gender))
    forms = {" ".join("".join(held).split()) for held in product(*alternatives)}
    # A title of many such words would have too many forms; the first ones in order stand for all.
    return sorted(form for form in forms if form)[:MOST_FORMS] or [title]


def _alternatives(word: str, gender: GenderPolicy) -> tuple[str, ...]:
    if word in gender.words:
        return ("",)
    for told, stands_for in gender.pairs:
        for ending in ("", "s", "es"):
            if word == f"{told}{ending}":
                return (f"{stands_for}{ending[-1:]}",)
    for suffixes in gender.suffixes:
        for suffix in suffixes:
            # "woman" ends in "man": the longer one is listed first.
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                return tuple(f"{word[: -len(suffix)]}{other}" for other in suffixes)
    return (word,)


def _rank(answer: TitleAnswer) -> tuple[int, int]:
    """Better answers first: by route, then by how fine the level is."""
    level = LEVELS.index(answer.served_level) if answer.served_level in LEVELS else len(LEVELS)
    return ROUTES.index(answer.route), level


def _of_packet(packet: TitlePacket, state: ServedRoute | None = None) -> Resolved:
    """The answer of a title's packet; `state` is the title's own where the inventory has it."""
    served, role = packet.served, packet.role
    as_asked: ServedRoute = "serve_with_fallback" if role.is_fallback else "serve_now"
    told = [f"Your title is served at the level {served.level}: {role.title}."]
    if served.error_bound is not None:
        told.append(f"Of titles that are served so, at most {served.error_bound:.1%} are wrong (95% sure).")
    if state is None:
        told.append("The title is not in the inventory; it was routed as it was asked.")
    told += [statement.detail for statement in (*packet.statements, *role.statements)]
    answer = TitleAnswer(
        path="role",
        route=state or as_asked,
        reason=served.reason,
        title_id=packet.title_id,
        served_level=served.level,
        served_code=served.code,
        error_bound=served.error_bound,
        role_id=role.role_id,
        role_title=role.title,
        packet_sha256=packet.packet_sha256,
        told=tuple(told),
        rows=tuple(
            SourceRow(what="evidence of the title", file=held.origin.file, row=held.origin.row)
            for held in served.evidence
        ),
    )
    return Resolved(answer, role, packet.function or role.function)


def _settled(title_id: str, state: Row) -> Resolved:
    """The answer to a title of the inventory that is not served: excluded, kept by reviewers, or waiting."""
    by_evidence = state["settled_by"] in (None, BY_EVIDENCE)
    scope = str(state["scope_reason"] or state["route_reason"]).replace("_", " ")
    if state["state"] == "exclude":
        who = "" if by_evidence else f" {SETTLED_BY[state['settled_by']]} said so{_which(state)}."
        told = f"The title is out of scope ({scope}): there is no path for it here.{who}"
        reason = str(state["route_reason"]) if by_evidence else f"excluded_by_{state['settled_by']}"
        return _without_path("exclude", reason, title_id, told, state["function"])
    if state["state"] == "residual":
        told = (
            f"{SETTLED_BY[state['settled_by']]} looked at the title and kept it{_which(state)}: it is served "
            "when there is new evidence."
        )
        return _without_path(
            "adjudicate", f"kept_by_{state['settled_by']}", title_id, told, state["function"]
        )
    return _unserved(str(state["route_reason"]), title_id, {"function": state["function"]})


def _which(state: Row) -> str:
    if state["rule_id"] is not None:
        return f" ({state['rule_id']})"
    return "" if state["merge_sha256"] is None else f" (merge {state['merge_sha256'][:12]})"


def _unserved(reason: str | None, title_id: str | None, route: Row) -> Resolved:
    """The answer to a title that is not served, by its route where no other reason is told."""
    name = reason or str(route.get("reason", "no_usable_title"))
    if route.get("route") == "exclude" and reason is None:
        scope = str(route.get("scope_reason") or name).replace("_", " ")
        told = f"The title is out of scope ({scope}): there is no path for it here."
        return _without_path("exclude", name, title_id, told, route.get("function"))
    told = {
        "no_usable_title": "The text is no usable job title.",
        "held_by_quality_gate": "The quality gate holds the title's packet back.",
        "no_packet": "The title may be served, but no packet describes its work.",
    }.get(name, f"The title waits for review ({name.replace('_', ' ')}).")
    return _without_path("adjudicate", name, title_id, told, route.get("function"))


def _without_path(
    route: Literal["adjudicate", "exclude"],
    reason: str,
    title_id: str | None,
    told: str,
    function: str | None,
) -> Resolved:
    answer = TitleAnswer(
        path="none",
        route=route,
        reason=reason,
        title_id=title_id,
        served_level=None,
        served_code=None,
        error_bound=None,
        role_id=None,
        role_title=None,
        packet_sha256=None,
        told=(told,),
        rows=(),
    )
    return Resolved(answer, None, function)
