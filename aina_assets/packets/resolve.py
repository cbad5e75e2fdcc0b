"""From a text to a packet: a title of the inventory, a role's name, or the honest answer why there is none.

Belongs here: which packet a text asks for. Does not: routing a title; that is asked of the titles' own parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from aina_assets.core.engine import Engine
from aina_assets.packets import serviceable as seam
from aina_assets.packets.composing.title import head, title_row
from aina_assets.packets.contract import RolePacket, TitlePacket
from aina_assets.packets.make import ListedTitles, PacketStage, role_heads
from aina_assets.packets.quality.findings import certificates
from aina_assets.packets.quality.gate import TitleGate
from aina_assets.packets.quality.ledger import Ledger
from aina_assets.packets.reader import NoPacketError, PacketReader
from aina_assets.packets.unserved import Unserved, state_of, unserved
from aina_assets.titles.explaining.explain import Explainer
from aina_assets.titles.identity import title_batch_of
from aina_assets.titles.make import TitleStage

State = Literal["served", "held", "not_serviceable", "no_title"]
TITLE_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Resolution:
    """What a text came to.

    Attributes:
        state: served; held (the quality gate); not_serviceable (adjudicate or exclude); no_title (no usable
            text).
        is_in_inventory: whether the built inventory has the title; another one is routed as it is asked.
        detail: one sentence for people.
        title: the packet of a title.
        role: the packet, where the text named a role by its id or code.
        unserved: where a usable title without a packet stands, and the roles that it may name.
    """

    state: State
    is_in_inventory: bool
    detail: str
    title: TitlePacket | None = None
    role: RolePacket | None = None
    unserved: Unserved | None = None


NO_TITLE = Resolution("no_title", False, "the text is no usable title")


class Resolver:
    """Resolves texts over a built state.

    Args:
        engine: settings and tables.

    Raises:
        StateError: packets or titles were not built.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._titles = TitleStage(engine)
        self.reader = PacketReader(engine)

    def resolve(self, text: str) -> Resolution:
        """Find the packet that a text asks for.

        Args:
            text: a title in any form, a title id, a role id (`onet:13-2051.00`) or a code.

        Raises:
            PacketHeldError: a role that was asked by its id is held back.
        """
        role_id = self._role_id(text)
        if role_id is not None:
            role = self.reader.role(role_id)
            return Resolution("served", False, f"the role {role.title}", role=role)
        state = state_of(self._engine.store, text) if TITLE_ID.fullmatch(text) else None
        if state is not None:
            text = state["normalized_title"]
        title_id = self._titles.title_id(text) if state is None else state["title_id"]
        if title_id is None:
            return NO_TITLE
        try:
            self.reader.title_row(title_id)
        except NoPacketError:
            return self._unserved(text, title_id)
        rule = self.reader.held("title", title_id)
        if rule is not None:
            return Resolution("held", True, f"the quality gate holds its packet back: {rule}")
        return Resolution("served", True, "a title of the inventory", title=self.reader.title(title_id))

    def _role_id(self, text: str) -> str | None:
        names = (text, f"onet:{text}", f"soc:{text}", f"function:{text}")
        return next((name for name in names if name in self.reader.roles), None)

    # --- titles without a packet

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._titles)

    @cached_property
    def _stage(self) -> PacketStage:
        return PacketStage(self._engine)

    def _unserved(self, text: str, title_id: str) -> Resolution:
        state = state_of(self._engine.store, title_id)
        if state is not None:
            told = f"its state is {state['state']}"
            told += f", settled by {state['settled_by']}" if state["settled_by"] else ""
            return Resolution("not_serviceable", True, told, unserved=self._told(text, state))
        found = self._explainer.routed(text)
        if found is None:
            return NO_TITLE
        route, _ = found
        if route["route"] not in seam.SERVED:
            told = f"its route is {route['route']} ({route['reason']})"
            return Resolution("not_serviceable", False, told, unserved=self._told(text, None))
        seniority = self._titles.normalizer(text).seniority
        packet = self._composed(seam.of_route(route, seniority), title_id)
        if packet is None:
            return Resolution("held", False, "its packet, composed as it was asked, fails the quality gate")
        return Resolution("served", False, "not in the inventory: routed as it was asked", title=packet)

    def _told(self, text: str, state: dict[str, Any] | None) -> Unserved | None:
        (told,) = self._explainer.explain([text])
        return None if told.evidence is None else unserved(told, state, self.reader, self._stage.roles)

    def _composed(self, title: seam.Serviceable, title_id: str) -> TitlePacket | None:
        """The packet of a title that no batch has, held against the same gate."""
        stage, store = self._stage, self._engine.store
        role = stage.roles.of_claim(title.served_level, title.served_code, title.function)
        if role is None or self.reader.held("role", role.role_id) is not None:
            return None
        batch = title_batch_of(title_id, self._engine.settings.title_batches)
        heads, book = role_heads(store), stage.evidence.rows.book
        listed = ListedTitles(store).get(title.evidence_table, title.evidence_row)
        row = title_row(title, batch, heads[role.role_id], listed, book)
        told = head(row, heads[role.role_id], book)
        gate = TitleGate(Ledger(store, book.files), book, certificates(store))
        is_covered = stage.roles.is_at_or_above(role, title.served_level, title.served_code, title.function)
        if gate.check(row, told, heads[role.role_id].sha256, is_covered=is_covered):
            return None
        return self.reader.composed(told, row["packet_sha256"], role.role_id)
