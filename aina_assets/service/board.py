"""The gates as they stand, looked at in the background: each look reads the state's files.

Belongs here: when the gates are looked at anew. Does not: deciding (`gates`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread
from time import monotonic
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.receipts import describe
from aina_assets.learning.times import time_text

# A look hashes what it holds against receipts; whoever asks within this time is told of the last one.
FRESH_SECONDS = 30.0


@dataclass(frozen=True)
class Look:
    """What one look at the gates found.

    Attributes:
        told: as the gates' receipt tells it, without what makes it a receipt.
        looked_at: when, as events tell times.
    """

    told: dict[str, Any]
    looked_at: str


class GateBoard:
    """The gates of a data root.

    Args:
        engine: settings and data root.
        clock: the time that a look tells.
        is_building: as `Gatekeeper.board`.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime], *, is_building: bool = False) -> None:
        self._engine = engine
        self._clock = clock
        self._is_building = is_building
        self._lock = Lock()
        self._last: Look | None = None
        self._since = 0.0
        self._is_looking = False

    def look(self) -> Look:
        """The last look; a new one is begun in the background where it is old."""
        last = self._last
        if last is None:
            return self.refresh()
        if monotonic() - self._since > FRESH_SECONDS and not self._is_looking:
            self._is_looking = True
            Thread(target=self._look_again, daemon=True, name="gate-board").start()
        return last

    def refresh(self) -> Look:
        """Look now.

        Raises:
            SettingsError: the control map cannot be read.
        """
        with self._lock:
            keeper = Gatekeeper(self._engine)
            board = keeper.board(is_building=self._is_building)
            told = describe(keeper, board).model_dump(mode="json", exclude={"seal", "rests_on"})
            self._last = Look(told, time_text(self._clock()))
            self._since = monotonic()
            return self._last

    def _look_again(self) -> None:
        try:
            self.refresh()
        finally:
            self._is_looking = False
