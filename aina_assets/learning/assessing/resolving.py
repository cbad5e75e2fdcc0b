"""What a title comes to: a role, a business function's work, or an honest no.

Belongs here: asking the titles and the packets, whatever gender the title is written in. Does not: routing
(`titles`), composing packets (`packets`).

The answers: `serve_now` and `serve_with_fallback` give the title's packet, at the level that its
certificate allows. A title that waits for review (`adjudicate`) gets the work of its business function,
and is told so; so does one that has no usable words but a told function. An excluded title gets no path.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.learning.assessing.curriculum import SourceRow, TitleAnswer
from aina_assets.learning.planning.policy import GenderPolicy
from aina_assets.packets.contract import RolePacket, TitlePacket
from aina_assets.packets.reader import NoPacketError, PacketHeldError
from aina_assets.packets.resolve import Resolver
from aina_assets.titles.explaining.explain import Explainer
from aina_assets.titles.identity import title_batch_of
from aina_assets.titles.make import TitleStage
from aina_assets.titles.tables import TITLE_ROUTE

ROUTES = ("serve_now", "serve_with_fallback", "adjudicate", "exclude")
LEVELS = ("occupation", "detailed", "broad", "minor", "major", "function")
MOST_FORMS = 12
KEPT = 512


@dataclass(frozen=True)
class Resolved:
    """A title's answer, and the packet that the path rests on; None where there is no path."""

    answer: TitleAnswer
    role: RolePacket | None
    function: str | None


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
        self._kept = lru_cache(KEPT)(self._resolve)
        self._routes = lru_cache(maxsize=None)(self._read_routes)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._titles)

    def resolve(self, title: str, function: str | None = None) -> Resolved:
        """The answer to a title.

        Args:
            function: the business function that the learner told, used where the title gives no role.
        """
        forms = gender_forms(title, self._gender)
        answers = [self._kept(form) for form in forms]
        best = min(zip(answers, forms, strict=True), key=lambda held: (*_rank(held[0].answer), held[1]))[0]
        if best.role is not None or best.answer.route == "exclude":
            return best
        return self._by_function(best, function or best.function, is_told=function is not None)

    # --- one form

    def _resolve(self, title: str) -> Resolved:
        title_id = self._titles.title_id(title)
        if title_id is None:
            return _unserved("no_usable_title", None, {})
        route = self._standing_route(title_id)
        if route is not None and self._resolver.reader.held("title", title_id) is None:
            # Of a title of the inventory the route stands in a table: the models need not be asked.
            try:
                return _of_packet(self._resolver.reader.title(title_id), is_in_inventory=True)
            except NoPacketError:
                return _unserved(None, title_id, route)
        resolution = self._resolver.resolve(title)
        if resolution.title is not None:
            return _of_packet(resolution.title, is_in_inventory=resolution.is_in_inventory)
        if resolution.role is not None or resolution.state == "no_title":
            # A role's code names a packet, and is no title.
            return _unserved("no_usable_title", None, {})
        explained = self._explainer.explain([title])[0]
        reason = "held_by_quality_gate" if resolution.state == "held" else None
        view = explained.evidence.route if explained.evidence else None
        return _unserved(reason, explained.title_id, {} if view is None else asdict(view))

    def _standing_route(self, title_id: str) -> dict[str, Any] | None:
        batch = title_batch_of(title_id, self._engine.settings.title_batches)
        return self._routes(batch).get(title_id)

    def _read_routes(self, batch: str) -> dict[str, dict[str, Any]]:
        store = self._engine.store
        if batch not in store.partitions(TITLE_ROUTE.name):
            return {}
        columns = ["title_id", "route", "reason", "function", "scope_reason"]
        rows = store.read(TITLE_ROUTE.name, columns, partition=batch).to_pylist()
        return {row["title_id"]: row for row in rows}

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


def _of_packet(packet: TitlePacket, *, is_in_inventory: bool) -> Resolved:
    served, role = packet.served, packet.role
    is_exact = not role.is_fallback
    told = [f"Your title is served at the level {served.level}: {role.title}."]
    if served.error_bound is not None:
        told.append(f"Of titles that are served so, at most {served.error_bound:.1%} are wrong (95% sure).")
    if not is_in_inventory:
        told.append("The title is not in the inventory; it was routed as it was asked.")
    told += [statement.detail for statement in (*packet.statements, *role.statements)]
    answer = TitleAnswer(
        path="role",
        route="serve_now" if is_exact else "serve_with_fallback",
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


def _unserved(reason: str | None, title_id: str | None, route: dict[str, Any]) -> Resolved:
    is_excluded = route.get("route") == "exclude" and reason is None
    name = reason or str(route.get("reason", "no_usable_title"))
    told = {
        "no_usable_title": "The text is no usable job title.",
        "held_by_quality_gate": "The quality gate holds the title's packet back.",
    }.get(name, f"The title waits for review ({name.replace('_', ' ')}).")
    if is_excluded:
        scope = str(route.get("scope_reason") or name).replace("_", " ")
        told = f"The title is out of scope ({scope}): there is no path for it here."
    answer = TitleAnswer(
        path="none",
        route="exclude" if is_excluded else "adjudicate",
        reason=name,
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
    return Resolved(answer, None, route.get("function"))
