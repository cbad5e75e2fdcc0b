"""Replay the cohort's log out of its table: whole, at every cut, and against what is on record.

Belongs here: folding rows of `learner_event`. Does not: the fold (`records`), the verdict (`rules`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from aina_assets.core.store import TableStore
from aina_assets.learning.records.fold import Folder
from aina_assets.learning.records.schema import FIRST_CHAIN
from aina_assets.learning.records.state import RecordState
from aina_assets.learning.records.stored import StoredFact, chained
from aina_assets.learning.tables import LEARNER_COHORT, LEARNER_EVENT

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Replayed:
    """What a replay came to.

    Attributes:
        differing_cuts: learner and number of the event after which snapshot and tail give another record.
        differing_learners: learners whose record is not the one in the cohort's table.
    """

    events: int
    learners: int
    by_kind: dict[str, int]
    chain_head: str
    records_sha256: str
    late_events: int
    ignored_events: int
    voided_events: int
    cuts: int
    differing_cuts: tuple[tuple[str, int], ...]
    differing_learners: tuple[str, ...]


def replayed(store: TableStore, folder: Folder) -> Replayed:
    """Fold the table's events: each learner whole, and from a snapshot at every cut."""
    rows = store.read(LEARNER_EVENT.name).to_pylist()
    told = {
        row["learner_id"]: row["record_sha256"]
        for row in store.read(LEARNER_COHORT.name, ["learner_id", "record_sha256"]).to_pylist()
    }
    digest = hashlib.sha256()
    cuts = 0
    differing_cuts: list[tuple[str, int]] = []
    states: list[RecordState] = []
    for learner_id, held in groupby(_by_learner(rows), lambda row: str(row["learner_id"])):
        facts = [fact_of(row) for row in held]
        state = folder.fold(learner_id, facts)
        states.append(state)
        digest.update(f"{learner_id}\0{state.sha256}\n".encode())
        for cut in range(len(facts) + 1):
            cuts += 1
            snapshot = RecordState.from_value(json.loads(folder.fold(learner_id, facts[:cut]).to_text()))
            if folder.resumed(snapshot, facts[cut:]).sha256 != state.sha256:
                differing_cuts.append((learner_id, cut))
    return Replayed(
        events=len(rows),
        learners=len(states),
        by_kind=dict(sorted(Counter(row["kind"] for row in rows).items())),
        chain_head=chain_head(rows),
        records_sha256=digest.hexdigest(),
        late_events=sum(state.late_events for state in states),
        ignored_events=sum(len(state.ignored) for state in states),
        voided_events=sum(len(state.voids) for state in states),
        cuts=cuts,
        differing_cuts=tuple(differing_cuts),
        differing_learners=tuple(
            state.learner_id for state in states if told.get(state.learner_id) != state.sha256
        ),
    )


def fact_of(row: Row) -> StoredFact:
    """A row's fact, as the log gives it to the fold."""
    return StoredFact(row["learner_id"], row["number"], row["kind"], row["version"], row["fact"])


def chain_head(rows: Sequence[Row]) -> str:
    """The chain of the last row, as the row tells it."""
    return str(max(rows, key=lambda row: row["sequence"])["chain"]) if rows else FIRST_CHAIN


def broken_links(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows at which the log breaks: a gap in its sequence or in a learner's numbers, or another chain."""
    found: list[dict[str, Any]] = []
    chain = FIRST_CHAIN
    numbers: dict[str, int] = {}
    for place, row in enumerate(sorted(rows, key=lambda row: row["sequence"]), 1):
        chain = chained(chain, row["fact"], row["detail"])
        number = numbers[row["learner_id"]] = numbers.get(row["learner_id"], 0) + 1
        for what, expected, is_so in (
            ("sequence", place, row["sequence"] == place),
            ("number", number, row["number"] == number),
            ("chain", chain, row["chain"] == chain),
        ):
            if not is_so:
                told = {"sequence": row["sequence"], "event_id": row["event_id"]}
                found.append({**told, "what": what, "expected": expected, "found": row[what]})
        # From here on by what the row tells, so that one changed event is one finding.
        chain, numbers[row["learner_id"]] = row["chain"], row["number"]
    return found


def _by_learner(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["learner_id"], row["number"]))
