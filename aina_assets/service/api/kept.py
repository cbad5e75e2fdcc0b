"""Answers that follow from the built state alone, kept as bytes: that state does not change while served.

Belongs here: keeping them. Does not: learners' answers, which change with every event.
"""

from __future__ import annotations

from functools import lru_cache

from aina_assets.service.api.models import (
    GatesAnswer,
    SandboxPage,
    TitleExplained,
    TitlePage,
    TitleSuggestion,
)
from aina_assets.service.board import Look
from aina_assets.service.pagination import cut
from aina_assets.service.rooms import Rooms

PAGES_KEPT, TITLES_KEPT = 2_048, 4_096
GATES_TOLD = tuple(name for name in GatesAnswer.model_fields if name != "looked_at")


def suggestions(rooms: Rooms, typed: str, cursor: str | None, limit: int) -> TitlePage:
    """Titles for what was typed.

    Raises:
        CursorError: the cursor is none.
    """
    page = cut(rooms.titles.find(typed), cursor, limit)
    return TitlePage(
        items=tuple(
            TitleSuggestion(
                title=told.title,
                title_id=told.title_id,
                route=told.route,
                state=told.state,
                origin=told.origin,
            )
            for told in page.items
        ),
        next=page.next,
    )


def gates_told(look: Look) -> GatesAnswer:
    """How the gates stand, as a look found them."""
    told = {name: look.told[name] for name in GATES_TOLD}
    return GatesAnswer.model_validate({**told, "looked_at": look.looked_at})


class KeptAnswers:
    """The answers of one service.

    Args:
        rooms: what it speaks to.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self.titles = lru_cache(PAGES_KEPT)(self._titles)
        self.title = lru_cache(TITLES_KEPT)(self._title)
        self.sandbox = lru_cache(PAGES_KEPT)(self._sandbox)
        self._gates: tuple[Look, bytes] | None = None

    def _titles(self, typed: str, cursor: str | None, limit: int) -> bytes:
        return suggestions(self._rooms, typed, cursor, limit).model_dump_json().encode()

    def _title(self, title_id: str) -> bytes:
        told = TitleExplained.model_validate(self._rooms.explainer.explain(title_id))
        return told.model_dump_json().encode()

    def _sandbox(self, cursor: str | None, limit: int) -> bytes:
        page = cut(self._rooms.sandbox_tasks, cursor, limit)
        told = SandboxPage.model_validate({"items": tuple(page.items), "next": page.next})
        return told.model_dump_json().encode()

    def gates(self) -> bytes:
        """How the gates stand, of the last look."""
        look = self._rooms.board.look()
        if self._gates is None or self._gates[0] is not look:
            self._gates = (look, gates_told(look).model_dump_json().encode())
        return self._gates[1]
