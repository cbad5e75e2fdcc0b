"""How many queries of the BLS API a day has left, counted across processes.

Belongs here: the count and its file. Does not: asking BLS.

BLS counts too, and a user over the threshold is refused until the next day: it is better not to ask.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

from filelock import FileLock

from aina_assets.core.errors import BlsQuotaError
from aina_assets.core.storage import write_json

COUNT_FILE = "bls_api_queries.json"


class DailyQuota:
    """A count of one user's queries in one UTC day.

    Args:
        folder: cache folder that holds the count.
        key: registration key, or None; each key has a count of its own, stored under its hash.
        limit: queries a day.
        today: the current UTC day.
    """

    def __init__(self, folder: Path, key: str | None, limit: int, today: Callable[[], date]) -> None:
        self._path = folder / COUNT_FILE
        self._user = hashlib.sha256(key.encode()).hexdigest()[:12] if key else "keyless"
        self._limit = limit
        self._today = today

    def take(self) -> None:
        """Count one query, before it is sent.

        Raises:
            BlsQuotaError: there is none left today.
        """
        self._update(1)

    def exhaust(self) -> None:
        """Note that BLS itself says that nothing is left: others may use the same key or address."""
        with suppress(BlsQuotaError):
            self._update(self._limit)

    def used(self) -> int:
        """Queries counted today."""
        return self._read().get(self._user, 0)

    def _update(self, more: int) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_suffix(".lock")):
            counts = self._read()
            used = counts.get(self._user, 0)
            if used >= self._limit:
                raise BlsQuotaError(
                    f"{used} of {self._limit} queries are used up on {self._today()} (UTC)", file=self._path
                )
            counts[self._user] = min(used + more, self._limit)
            write_json(self._path, {"day": self._today().isoformat(), "queries": counts})

    def _read(self) -> dict[str, int]:
        """Today's counts by user; none where the file is another day's, absent or damaged."""
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            content = json.loads(self._path.read_bytes())
            if content["day"] == self._today().isoformat():
                return {str(user): int(count) for user, count in content["queries"].items()}
        return {}
