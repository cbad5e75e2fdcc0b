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
from typing import NoReturn

import sqlalchemy as sa

from aina_assets.core.capabilities import Capability, Domain, admit_learner
from aina_assets.core.errors import AinaError, NotSyntheticError, PersonalDataError
from aina_assets.learning.edge.signals import signals
from aina_assets.learning.identity import check_learner_id
from aina_assets.learning.records.schema import REFUSED_INPUT, writing
from aina_assets.sources.readers.person_names import PersonNames

GATE = Domain.REAL_USER_DATA.value
NO_COHORT = "nobody"
MOST_FIELD = 64


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
        leave: leave to take data of the cohort's real people; None where there is none.
        cohort: whose data the capability is of.
    """

    def __init__(
        self,
        engine: sa.Engine,
        names: PersonNames,
        leave: Capability | None = None,
        cohort: str = NO_COHORT,
    ) -> None:
        self._engine = engine
        self._names = names
        self._leave = leave
        self._cohort = cohort

    def admit(self, learner_id: str, texts: Mapping[str, str], at: str) -> None:
        """Let a learner's texts in.

        Args:
            texts: by the name of their field.
            at: the time, as events tell it.

        Raises:
            NotSyntheticError: the learner is not a synthetic one, and no capability covers the cohort.
            PersonalDataError: a text holds what looks like a real person's data, and no capability does.
        """
        try:
            check_learner_id(learner_id)
        except NotSyntheticError as error:
            self._ask("learner_id", {"not_synthetic": 1}, at, error)
        self.admit_texts(texts, at)

    def admit_texts(self, texts: Mapping[str, str], at: str) -> None:
        """Let texts in that are of no learner, such as a reviewer's reason.

        Args and Raises: as `admit`.
        """
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
            admit_learner(is_synthetic=False, cohort=self._cohort, capability=self._leave)
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
