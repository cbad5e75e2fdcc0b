"""Why a title has its route, and what was decided of it since: as values that an answer or a page can show.

Belongs here: putting the titles' and the reviews' explanations together, and keeping them. Does not: any
explanation (`titles.explaining`, `adjudication`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property, lru_cache
from threading import RLock
from typing import Any

from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.engine import Engine
from aina_assets.service.errors import NotFoundError
from aina_assets.titles.explaining.explain import Explainer
from aina_assets.titles.explaining.views import Evidence
from aina_assets.titles.make import TitleStage

KEPT = 4_096
MOST_CANDIDATES = 8


class TitleExplainer:
    """Explains titles of the inventory.

    Args:
        engine: a built state's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._explainer = Explainer(TitleStage(engine))
        self._lock = RLock()
        self._kept = lru_cache(KEPT)(self._explain)

    def explain(self, title_id: str) -> dict[str, Any]:
        """What is known of a title, as JSON-like values.

        Raises:
            NotFoundError: the inventory has no title of this id.
        """
        return self._kept(title_id)

    def warm(self) -> None:
        """Read the tables that every explanation needs."""
        for title_id in list(self._states)[:1]:
            self.explain(title_id)

    @cached_property
    def _states(self) -> Mapping[str, dict[str, Any]]:
        rows = self._engine.store.read(TITLE_STATE.name).to_pylist()
        return {row["title_id"]: row for row in rows}

    def _explain(self, title_id: str) -> dict[str, Any]:
        state = self._states.get(title_id)
        if state is None:
            raise NotFoundError("the inventory has no title of this id", place="title_id")
        with self._lock:
            told = self._explainer.explain([state["normalized_title"]])[0]
        if told.evidence is None:
            raise NotFoundError("the inventory has no title of this id", place="title_id")
        shown = (
            "state",
            "settled_by",
            "level",
            "code",
            "onet_soc_code",
            "function",
            "scope_reason",
            "error_bound",
            "rule_id",
            "merge_sequence",
            "merge_sha256",
            "order_sha256",
        )
        return {
            "title_id": title_id,
            "title": state["normalized_title"],
            "title_batch": state["title_batch"],
            "state": {name: state[name] for name in shown},
            **_evidence(told.evidence),
            "policies": [asdict(policy) for policy in told.policies],
        }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    told = asdict(evidence)
    kept = (
        "deciding_form",
        "form_count",
        "lane",
        "basis",
        "levels",
        "in_scope_probability",
        "finest_level",
        "caps",
        "route",
        "certificate",
        "next_finer",
    )
    return {
        **{name: told[name] for name in kept},
        "forms": told["forms"],
        "exact": told["exact"][:MOST_CANDIDATES],
        "retrieved": told["retrieved"][:MOST_CANDIDATES],
    }
