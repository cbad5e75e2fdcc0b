"""Titles for a cohort: served ones of every level, one that waits, one that reviewers kept, one excluded.

Belongs here: choosing among a built state's titles, always the same ones. Does not: what they come to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.engine import Engine
from aina_assets.packets.tables import TITLE_PACKET

LEVELS = ("detailed", "broad", "minor", "major", "function")
UNSERVED_STATES = ("prompt_candidate", "residual", "exclude")


def cohort_titles(engine: Engine, served: int, unserved: int = 1) -> list[str]:
    """Titles of the inventory: `served` ones, the levels in turn, and of each unserved state `unserved`.

    Raises:
        StateError: titles or packets were not built.
    """
    store = engine.store
    rows = store.read_partitions(
        TITLE_PACKET.name, ["title_id", "normalized_title", "served_level"]
    ).to_pylist()
    by_level: dict[str, list[Mapping[str, Any]]] = {level: [] for level in LEVELS}
    for row in _shuffled(rows):
        by_level[row["served_level"]].append(row)
    chosen: list[str] = []
    while len(chosen) < served and any(by_level.values()):
        for level in LEVELS:
            if by_level[level] and len(chosen) < served:
                chosen.append(by_level[level].pop(0)["normalized_title"])
    known = {row["title_id"] for row in rows}
    states = store.read(TITLE_STATE.name, ["title_id", "normalized_title", "state"]).to_pylist()
    for state in UNSERVED_STATES:
        held = [row for row in _shuffled(states) if row["state"] == state and row["title_id"] not in known]
        chosen += [row["normalized_title"] for row in held[:unserved]]
    return chosen


def _shuffled(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows in the order of their ids' digests: any order but the alphabet's, and always the same."""
    return sorted(rows, key=lambda row: hashlib.sha256(f"cohort\0{row['title_id']}".encode()).hexdigest())
