"""From a recommendation down to the file that it rests on: task, source row, digest, lock.

Belongs here: walking, and saying at each step whether what is there is what the plan was made of. Does
not: making plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from aina_assets.core.errors import LearnerError, StateError
from aina_assets.core.store import TableStore
from aina_assets.learning.planning.plan import Plan, PlanItem
from aina_assets.packets.parts import PacketSource

SOURCE_FILE = "source_file"
# Columns that say what a row is about, the most telling first.
TELLING = (
    "task",
    "task_name",
    "title",
    "element_name",
    "iwa_title",
    "dwa_title",
    "penetration",
    "data_value",
    "usage_percent",
    "observed_exposure",
    "importance",
)


@dataclass(frozen=True)
class TracedRow:
    """A row that an item rests on, as it stands now.

    Attributes:
        what: what it says: task, importance, signal, workflow.
        file: `<source>/<file>`.
        row: its record number there.
        table: the table that holds it; `(none)` where the plan does not tell.
        vintage: the source's release.
        sha256: the file's digest, as the plan tells it.
        is_locked: whether the file is held against the lock.
        is_same_file: whether the file that stands now has this digest.
        is_there: whether the table has the row.
        says: what the row says, shortened; empty where it is not there.
    """

    what: str
    file: str
    row: int
    table: str
    vintage: str
    sha256: str
    is_locked: bool
    is_same_file: bool
    is_there: bool
    says: str

    @property
    def holds(self) -> bool:
        """Whether the step can be followed down to the file's bytes."""
        return self.is_same_file and self.is_there


@dataclass(frozen=True)
class Trace:
    """A plan item and everything that it rests on."""

    plan: Plan
    item: PlanItem
    rows: tuple[TracedRow, ...]

    @property
    def holds(self) -> bool:
        """Whether every step can be followed."""
        return bool(self.rows) and all(row.holds for row in self.rows)


def trace(plan: Plan, item_id: str, store: TableStore) -> Trace:
    """Walk from a plan item to its source rows.

    Raises:
        LearnerError: the plan has no such item.
        StateError: a table is not there or damaged.
    """
    item = plan.item(item_id)
    if item is None:
        raise LearnerError("the plan has no such item", place=item_id)
    sources = {source.file: source for source in plan.sources}
    digests = {
        f"{row['source']}/{row['name']}": row["sha256"]
        for row in store.read(SOURCE_FILE, ["source", "name", "sha256"]).to_pylist()
    }
    return Trace(
        plan,
        item,
        tuple(
            _traced(row.what, row.file, row.row, sources.get(row.file), digests, store) for row in item.rows
        ),
    )


def _traced(
    what: str,
    file: str,
    row: int,
    source: PacketSource | None,
    digests: Mapping[str, str],
    store: TableStore,
) -> TracedRow:
    if source is None:
        return TracedRow(what, file, row, "(none)", "", "", False, False, False, "")
    found = _row_of(source.table, file.partition("/")[2], row, store)
    return TracedRow(
        what=what,
        file=file,
        row=row,
        table=source.table,
        vintage=source.vintage,
        sha256=source.sha256,
        is_locked=source.is_locked,
        is_same_file=digests.get(file) == source.sha256,
        is_there=found is not None,
        says="" if found is None else _says(found),
    )


def _row_of(table: str, file: str, row: int, store: TableStore) -> dict[str, Any] | None:
    try:
        held = store.read_whole(table)
    except StateError:
        return None
    rows = held.filter(pc.equal(held["source_row"], row))
    if "source_file" in held.column_names:
        rows = rows.filter(pc.equal(rows["source_file"], file))
    records: list[dict[str, Any]] = rows.slice(0, 1).to_pylist()
    return records[0] if records else None


def _says(row: Mapping[str, Any]) -> str:
    told = [f"{row[name]}" for name in TELLING if row.get(name) is not None]
    return "; ".join(told)[:160]
