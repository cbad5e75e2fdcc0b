"""Why a title has its route, and what was decided of it since: as values that an answer or a page can show.

Belongs here: putting the titles' and the reviews' explanations together, and keeping them. Does not: any
explanation (`titles.explaining`, `adjudication`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property, lru_cache
from threading import RLock
from typing import Any

import pyarrow as pa

from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.engine import Engine
from aina_assets.core.store import TableInfo, TableStore
from aina_assets.service.errors import NotFoundError
from aina_assets.titles.explaining.explain import Explainer
from aina_assets.titles.explaining.sources import Row, Tables
from aina_assets.titles.explaining.views import Evidence
from aina_assets.titles.make import TitleStage

KEPT = 4_096
MOST_CANDIDATES = 8


class KeptTables(Tables):
    """Tables of a state that is served: each is read once, with an index of what is looked up in it.

    An explanation asks for a few rows of a dozen files. To open them each time takes longer than the
    rest, and far longer where other threads are at work.
    """

    def __init__(self, store: TableStore) -> None:
        super().__init__(store)
        self._of_state = store
        self._infos = lru_cache(maxsize=None)(super().info)
        self._read = lru_cache(maxsize=None)(self._read_table)

    def info(self, name: str, partition: str | None = None) -> TableInfo:
        """As `Tables.info`, looked at once."""
        return self._infos(name, partition)

    def rows(
        self,
        name: str,
        column: str,
        values: Iterable[str | int],
        columns: Sequence[str],
        partition: str | None = None,
    ) -> list[Row]:
        """As `Tables.rows`."""
        self.info(name, partition)
        table, places = self._read(name, column, tuple(columns), partition)
        wanted = sorted(place for value in set(values) for place in places.get(value, ()))
        found: list[Row] = table.take(wanted).to_pylist() if wanted else []
        return found

    def _read_table(
        self, name: str, column: str, columns: tuple[str, ...], partition: str | None
    ) -> tuple[pa.Table, Mapping[Any, Sequence[int]]]:
        table = self._of_state.read(name, list(dict.fromkeys((*columns, column))), partition=partition)
        places: dict[Any, list[int]] = defaultdict(list)
        for place, value in enumerate(table[column].to_pylist()):
            places[value].append(place)
        # One piece: rows are taken from it many times.
        return table.select(list(columns)).combine_chunks(), places


class TitleExplainer:
    """Explains titles of the inventory.

    Args:
        engine: a built state's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._explainer = Explainer(TitleStage(engine), KeptTables(engine.store))
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
        first: dict[str, str] = {}
        for title_id, state in self._states.items():
            first.setdefault(state["title_batch"], title_id)
        for title_id in first.values():
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
