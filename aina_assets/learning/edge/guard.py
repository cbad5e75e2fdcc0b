"""The one way in for text that a person typed: it is taken, or refused and the refusal recorded.

Belongs here: refusing, and the append-only list of refusals. Does not: finding signals (`signals`).

A refusal tells the gate, the field, the kinds of signals with their counts, and a time that the caller
gives. It does not hold the text, nor a digest of it: a digest of an address is as good as the address to
whoever has a list.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol

import sqlalchemy as sa

from aina_assets.core.errors import AinaError, NotSyntheticError, PersonalDataError
from aina_assets.learning.edge.signals import signals
from aina_assets.learning.identity import check_learner_id
from aina_assets.learning.records.schema import REFUSED_INPUT, writing
from aina_assets.sources.readers.person_names import PersonNames

GATE = "real_user_data"
MOST_FIELD = 64


class RealUserData(Protocol):
    """The gate `real_user_data`: what the edge asks before it takes what looks like a real person's data.

    This is the one seam to the gates: whatever hands out capabilities is wrapped so.
    """

    def require(self, scope: str) -> None:
        """Return where the act is allowed.

        Raises:
            AinaError: it is not; its message may say why, and repeats nothing that was typed.
        """


class Closed:
    """The gate as it stands: closed."""

    def require(self, scope: str) -> None:
        """Never allow it."""
        raise PersonalDataError(f"the gate {GATE} is closed: {scope} is not taken", place=GATE)


@dataclass(frozen=True)
class Refusal:
    """A refusal, as it is recorded."""

    refusal_id: str
    occurred_at: str
    gate: str
    field: str
    signals: Mapping[str, int]
    reason: str


class Edge:
    """Takes or refuses input.

    Args:
        engine: the database of the learner events, which the refusals stand beside.
        names: given and family names.
        gate: asked before anything that looks like a real person's data is taken.
    """

    def __init__(self, engine: sa.Engine, names: PersonNames, gate: RealUserData | None = None) -> None:
        self._engine = engine
        self._names = names
        self._gate = gate or Closed()

    def admit(self, learner_id: str, texts: Mapping[str, str], at: str) -> None:
        """Let a learner's texts in.

        Args:
            texts: by the name of their field.
            at: the time, as events tell it.

        Raises:
            NotSyntheticError: the learner is not a synthetic one and the gate is closed.
            PersonalDataError: a text holds what looks like a real person's data and the gate is closed.
        """
        try:
            check_learner_id(learner_id)
        except NotSyntheticError as error:
            self._ask("learner_id", {"not_synthetic": 1}, at, error)
        for field, text in texts.items():
            found = signals(text, self._names)
            if found:
                told = ", ".join(f"{kind} ({count})" for kind, count in found.items())
                self._ask(
                    field,
                    found,
                    at,
                    PersonalDataError(f"the text holds what looks like personal data: {told}", place=field),
                )

    def refusals(self) -> list[Refusal]:
        """All refusals, by time."""
        query = sa.select(REFUSED_INPUT).order_by(REFUSED_INPUT.c.occurred_at, REFUSED_INPUT.c.refusal_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [Refusal(**{**row, "signals": json.loads(row["signals"])}) for row in rows]

    def _ask(self, field: str, found: Mapping[str, int], at: str, error: AinaError) -> None:
        try:
            self._gate.require(f"input of {field[:MOST_FIELD]}")
        except AinaError as closed:
            self._refuse(field, found, at, error, closed)

    def _refuse(
        self, field: str, found: Mapping[str, int], at: str, error: AinaError, closed: AinaError
    ) -> NoReturn:
        values = {
            "refusal_id": secrets.token_hex(16),
            "occurred_at": at,
            "gate": GATE,
            # Fields are named by the code; where one is not, what stands there may have been typed.
            "field": field if field.isidentifier() and len(field) <= MOST_FIELD else "(unnamed)",
            "signals": json.dumps(dict(found), sort_keys=True),
            "reason": closed.message,
        }
        with writing(self._engine) as connection:
            connection.execute(REFUSED_INPUT.insert().values(values))
        raise error from closed
