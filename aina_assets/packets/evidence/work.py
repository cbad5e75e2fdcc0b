"""What occupations do: tasks with their importance, activities and AI signals.

Belongs here: joining rows into tasks of the contract. Does not: choosing which a packet shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any, get_args

from aina_assets.packets.evidence.rows import EXTRACT, RowReader
from aina_assets.packets.parts import (
    AbsentSignal,
    Activity,
    ImportanceSource,
    Origin,
    Signal,
    SignalKind,
    Task,
)

SIGNAL_KINDS: tuple[SignalKind, ...] = get_args(SignalKind)
# The table whose absence as a whole says that a kind of signal is not available.
SIGNAL_TABLE: Mapping[str, str] = {
    "penetration": "aei_task_penetration",
    "usage": "aei_task_usage",
    "automation": "aei_task_collaboration",
    "augmentation": "aei_task_collaboration",
    "withheld": "aei_task_collaboration",
    "thinking": "aei_task_thinking",
}


class Work:
    """Tasks of occupations.

    Args:
        rows: the tables.
    """

    def __init__(self, rows: RowReader) -> None:
        self._rows = rows

    @cached_property
    def tasks(self) -> dict[str, tuple[Task, ...]]:
        """The tasks of every occupation that has some, by rank."""
        found: dict[str, list[Task]] = defaultdict(list)
        for (
            code,
            task_id,
            statement,
            kind,
            file,
            row,
            rank,
            importance,
            source,
            of_file,
            of_row,
        ) in self._rows.fetch(
            "select t.onet_soc_code, t.task_id, t.task, t.task_type, t.source_file, t.source_row, i.rank, "
            "i.importance, i.importance_source, i.source_file, i.source_row "
            "from onet_task t join task_importance i using (onet_soc_code, task_id) order by 1, i.rank"
        ):
            key = (code, task_id)
            signals, absent = self._signals.get(key, ((), self._no_signals))
            found[code].append(
                Task(
                    task_id=task_id,
                    onet_soc_code=code,
                    statement=statement,
                    rank=rank,
                    importance=importance,
                    importance_origin=None
                    if of_file is None
                    else self._rows.origin(
                        "onet" if source == "onet_task_rating" else EXTRACT, of_file, of_row
                    ),
                    task_type=kind,
                    member_share=None,
                    activities=self._activities.get(key, ()),
                    signals=signals,
                    absent_signals=absent,
                    origin=self._rows.origin("onet", file, row),
                )
            )
        return {code: tuple(tasks) for code, tasks in found.items()}

    @cached_property
    def importance_sources(self) -> dict[tuple[str, int], ImportanceSource]:
        """What the rank of each task rests on."""
        return {
            (code, task_id): source
            for code, task_id, source in self._rows.fetch(
                "select onet_soc_code, task_id, importance_source from task_importance"
            )
        }

    @cached_property
    def _activities(self) -> dict[tuple[str, int], tuple[Activity, ...]]:
        found: dict[tuple[str, int], list[Activity]] = defaultdict(list)
        for code, task_id, dwa_id, title, iwa_id, gwa_id, file, row in self._rows.fetch(
            "select t.onet_soc_code, t.task_id, d.dwa_id, d.dwa_title, d.iwa_id, d.gwa_id, t.source_file, "
            "t.source_row from onet_task_dwa t join onet_dwa d using (dwa_id) order by t.source_row"
        ):
            found[code, task_id].append(
                Activity(
                    dwa_id=dwa_id,
                    title=title,
                    iwa_id=iwa_id,
                    gwa_id=gwa_id,
                    origin=self._rows.origin("onet", file, row),
                )
            )
        return {key: tuple(activities) for key, activities in found.items()}

    @cached_property
    def activity_names(self) -> dict[str, tuple[str, Origin]]:
        """Name and defining row of intermediate and general activities and the groups above, by id."""
        elements = self._rows.fetch(
            "select element_id, element_name, source_file, source_row from onet_content_model"
        )
        intermediate = self._rows.fetch("select iwa_id, iwa_title, source_file, source_row from onet_iwa")
        return {
            code: (name, self._rows.origin("onet", file, row))
            for code, name, file, row in (*elements, *intermediate)
        }

    @cached_property
    def _no_signals(self) -> tuple[AbsentSignal, ...]:
        return tuple(self._absent(kind) for kind in SIGNAL_KINDS)

    def _absent(self, kind: SignalKind) -> AbsentSignal:
        is_there = self._rows.is_available(SIGNAL_TABLE[kind])
        return AbsentSignal(kind=kind, reason="no_row" if is_there else "not_available")

    @cached_property
    def _signals(self) -> dict[tuple[str, int], tuple[tuple[Signal, ...], tuple[AbsentSignal, ...]]]:
        rows: dict[tuple[str, int], dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for code, task_id, kind, *rest in self._rows.fetch(
            "select onet_soc_code, task_id, kind, value, status, unit, released, text_link, source_file, "
            "source_row from task_ai_signal order by 1, 2, 3"
        ):
            rows[code, task_id][kind] = tuple(rest)
        without = dict(zip(SIGNAL_KINDS, self._no_signals, strict=True))
        found = {}
        for key, kinds in rows.items():
            signals: list[Signal] = []
            absent: list[AbsentSignal] = []
            for kind in SIGNAL_KINDS:
                if kind not in kinds:
                    absent.append(without[kind])
                    continue
                value, status, unit, released, link, file, row = kinds[kind]
                if value is None:
                    absent.append(AbsentSignal(kind=kind, reason=status))
                    continue
                signals.append(
                    Signal(
                        kind=kind,
                        value=value,
                        unit=unit,
                        released=released,
                        text_link=link,
                        origin=self._rows.origin("economic_index", file, row),
                    )
                )
            found[key] = (tuple(signals), tuple(absent))
        return found
