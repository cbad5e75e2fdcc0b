"""The rows that packets' origins must resolve to, read from the tables and from nothing that composed a
packet.

Belongs here: which rows there are, and what those say that packets repeat. Does not: rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import pyarrow.compute as pc

from aina_assets.core.store import TableStore
from aina_assets.packets.parts import PacketSource

# The table of each lane of wages that BLS publishes, by source.
BLS_TABLES: Mapping[str, str] = {
    "oews_national": "oews_national",
    "oews_flat": "oews_flat",
    "oews_api": "oews_api_observation",
}
# What a signal's row must say, by kind: the table and how its value follows from it.
SIGNAL_VALUES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "penetration": ("aei_task_penetration", ("penetration",)),
    "usage": ("aei_task_usage", ("usage_percent",)),
    "automation": ("aei_task_collaboration", ("directive", "feedback_loop")),
    "augmentation": ("aei_task_collaboration", ("task_iteration", "validation", "learning")),
    "withheld": ("aei_task_collaboration", ("filtered",)),
    "thinking": ("aei_task_thinking", ("thinking_fraction",)),
}

Key = tuple[str, int]


class Ledger:
    """Rows by the table and file that they stand in.

    Args:
        store: the tables.
        files: files that origins may name, with their tables.
    """

    def __init__(self, store: TableStore, files: Mapping[str, PacketSource]) -> None:
        self._store = store
        self._files = files
        self._rows: dict[str, frozenset[int]] = {}

    def has(self, file: str, row: int) -> bool:
        """Whether the file's table has the row."""
        rows = self._rows.get(file)
        if rows is None:
            rows = self._rows[file] = self._rows_of(file)
        return row in rows

    def _rows_of(self, file: str) -> frozenset[int]:
        source = self._files.get(file)
        if source is None:
            return frozenset()
        if source.source in BLS_TABLES:
            # The flat file has millions of rows, and packets show the national ones alone.
            return frozenset(row for of_file, row, _ in self.wages if of_file == file)
        read = self._store.read(source.table, ["source_file", "source_row"])
        is_of_file = pc.equal(read["source_file"], file.partition("/")[2])
        return frozenset(read.filter(is_of_file)["source_row"].to_pylist())

    def _texts(self, table: str, columns: Iterable[str]) -> list[tuple[object, ...]]:
        read = self._store.read(table, list(columns))
        return list(zip(*(read[name].to_pylist() for name in read.column_names), strict=True))

    @cached_property
    def statements(self) -> dict[Key, tuple[str, int, str]]:
        """Of each row of the task statements: occupation, task id, text."""
        source = self._texts("onet_task", ("source_file", "source_row", "onet_soc_code", "task_id", "task"))
        return {
            (f"onet/{file}", int(str(row))): (str(code), int(str(task)), str(text))
            for file, row, code, task, text in source
        }

    @cached_property
    def wages(self) -> dict[tuple[str, int, str], tuple[str, float | None, str]]:
        """Of each BLS row and measure: occupation code, value, status."""
        found: dict[tuple[str, int, str], tuple[str, float | None, str]] = {}
        columns = ("source_file", "source_row", "measure", "occupation_code", "value", "value_status")
        for source, table in BLS_TABLES.items():
            for file, row, measure, code, value, status in self._national(table, columns):
                found[f"{source}/{file}", row, measure] = (code, value, status)
        return found

    def _national(
        self, table: str, columns: tuple[str, ...]
    ) -> Iterable[tuple[str, int, str, str, float, str]]:
        is_flat = table == "oews_flat"
        names = [*columns, *(("area_type", "industry_code") if is_flat else ())]
        for part in self._store.parts(table, names):
            kept = part
            if is_flat:
                is_national = pc.and_(
                    pc.equal(part["area_type"], "N"), pc.equal(part["industry_code"], "000000")
                )
                kept = part.filter(is_national)
            yield from zip(*(kept[name].to_pylist() for name in columns), strict=True)

    @cached_property
    def signals(self) -> dict[tuple[str, str, int], float]:
        """Of each kind of signal and row of its file the value."""
        found: dict[tuple[str, str, int], float] = {}
        for kind, (table, parts) in SIGNAL_VALUES.items():
            for file, row, *values in self._texts(table, ("source_file", "source_row", *parts)):
                known = [float(str(value)) for value in values if value is not None]
                if len(known) == len(parts):
                    total = sum(known)
                    found[kind, f"economic_index/{file}", int(str(row))] = (
                        total if len(parts) == 1 else min(total, 1.0)
                    )
        return found

    @cached_property
    def exposures(self) -> dict[Key, tuple[str, float]]:
        """Of each row of the job exposure: SOC code and value."""
        rows = self._texts("aei_job_exposure", ("source_file", "source_row", "soc_code", "observed_exposure"))
        return {
            (f"economic_index/{file}", int(str(row))): (str(code), float(str(value)))
            for file, row, code, value in rows
        }
