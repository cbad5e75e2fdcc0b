"""All that the service speaks to, opened over one built state, and warmed before anybody asks.

Belongs here: putting the stages' doors together, and noticing that the state was built anew. Does not: what
any of them does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from threading import RLock
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import receipt_path
from aina_assets.core.storage import sha256_file
from aina_assets.learning.desk import Desk
from aina_assets.learning.opening import open_desk, open_log
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.times import time_text
from aina_assets.packets.reader import PacketReader
from aina_assets.service.board import GateBoard
from aina_assets.service.explaining import TitleExplainer
from aina_assets.service.idempotency import Keys
from aina_assets.service.receipts import ReceiptShelf
from aina_assets.service.reviewing import ReviewDesk
from aina_assets.service.shelf import Shelf
from aina_assets.service.suggesting import TitleIndex, open_index
from aina_assets.verification.manifest import MANIFEST

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class StateMark:
    """Which state something was opened over."""

    sha256: str
    stamp: tuple[int, int]


class Rooms:
    """The doors of the stages over one built state.

    Args:
        engine: settings and data root.
        log: learners' events; the data root's own where None.
        clock: the time that acts tell.
        is_building: a build runs, and the gates' board is asked accordingly.

    Raises:
        StateError: the state was not built.
        SettingsError: a policy is absent or malformed.
    """

    def __init__(
        self,
        engine: Engine,
        log: EventLog | None = None,
        *,
        clock: Clock = utc_now,
        is_building: bool = False,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.log = log or open_log(engine)
        self.keys = Keys(self.log)
        self.desk: Desk = open_desk(engine, self.log)
        self.shelf = Shelf(PacketReader(engine))
        self.review = ReviewDesk(engine)
        self.receipts = ReceiptShelf(engine.data.receipts)
        self.board = GateBoard(engine, clock, is_building=is_building)
        self.mark = state_mark(engine)
        # What a new title comes to is asked of models that one thread at a time may use.
        self.work = RLock()

    @cached_property
    def titles(self) -> TitleIndex:
        """All titles that are known."""
        return open_index(self.engine)

    @cached_property
    def explainer(self) -> TitleExplainer:
        """Why titles have their routes."""
        return TitleExplainer(self.engine)

    @cached_property
    def sandbox_tasks(self) -> list[dict[str, Any]]:
        """GDPval tasks by id, with the roles that they belong to; their words are in none of it."""
        names = ["task_id", "occupation", "sector", "rubric_item_count", "reference_file_count"]
        tasks: list[dict[str, Any]] = self.engine.store.read("gdpval_task", names).to_pylist()
        links: dict[str, list[dict[str, Any]]] = {}
        for row in self.engine.store.read("gdpval_role_link").to_pylist():
            told = {name: row[name] for name in ("role_id", "soc_code", "relation")}
            links.setdefault(row["task_id"], []).append(told)
        return [
            {**task, "roles": sorted(links.get(task["task_id"], []), key=lambda told: str(told["role_id"]))}
            for task in sorted(tasks, key=lambda row: str(row["task_id"]))
        ]

    @cached_property
    def roles(self) -> list[str]:
        """Roles whose packets are handed out."""
        reader = PacketReader(self.engine)
        return [role_id for role_id in reader.roles if reader.held("role", role_id) is None]

    @cached_property
    def source_files(self) -> list[dict[str, Any]]:
        """Source files of this build, with licence and attribution."""
        rows: list[dict[str, Any]] = self.engine.store.read("source_file").to_pylist()
        return rows

    @cached_property
    def occupations(self) -> Mapping[str, str]:
        """SOC codes and their names."""
        rows = self.engine.store.read("soc_group", ["soc_code", "title"]).to_pylist()
        return {row["soc_code"]: row["title"] for row in rows}

    def at(self) -> str:
        """The time, as events tell it."""
        return time_text(self.clock())

    def warm(self) -> None:
        """Read and compute what the first requests would wait for."""
        _ = (self.titles, self.sandbox_tasks, self.source_files, self.occupations)
        with self.work:
            self.explainer.warm()
            # A title that no inventory has goes through the models.
            for title in ("accountant", "keeper of the warm models"):
                self.desk.resolve(title)
        self.review.batches()
        self.board.refresh()

    def is_current(self) -> bool:
        """Whether the state is still the one that was opened."""
        try:
            return (
                _stamp(self.engine) == self.mark.stamp or state_mark(self.engine).sha256 == self.mark.sha256
            )
        except StateError:
            return False

    def close(self) -> None:
        """Let the databases go."""
        self.keys.close()
        self.log.close()


def state_mark(engine: Engine) -> StateMark:
    """The mark of the state that stands: the digest of its manifest.

    Raises:
        StateError: nothing was built here.
    """
    try:
        path = receipt_path(engine.data.receipts, MANIFEST)
        return StateMark(sha256_file(path), _stamp(engine))
    except FileNotFoundError as error:
        raise StateError("nothing was built here yet", remedy="Run `aina build` first.") from error


def _stamp(engine: Engine) -> tuple[int, int]:
    try:
        told = receipt_path(engine.data.receipts, MANIFEST).stat()
    except FileNotFoundError as error:
        raise StateError("nothing was built here yet", remedy="Run `aina build` first.") from error
    return told.st_mtime_ns, told.st_ino
