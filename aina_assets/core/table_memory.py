"""Which code made which table file: remembered beside the tables, one small file a table or partition.

Not in the table's own file: a change of code that gives the same rows must give the same bytes. One file
each and not one for all: two processes that make different partitions at once would lose each other's
entries between reading and writing. Belongs here: remembering. Does not: what a table was made from.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from aina_assets.core.storage import write_json

MEMORY_FOLDER = ".made"


class TableMemory:
    """What made the tables below a folder. A lost or damaged memory costs a rebuild and nothing else."""

    def __init__(self, root: Path) -> None:
        self._root = root / MEMORY_FOLDER

    def _path(self, name: str, partition: str | None) -> Path:
        return self._root / (f"{name}.json" if partition is None else f"{name}/{partition}.json")

    def code(self, name: str, partition: str | None, sha256: str) -> str:
        """The code that made the table's file with this digest; empty where that is not known."""
        with suppress(FileNotFoundError, ValueError):
            record = json.loads(self._path(name, partition).read_bytes())
            if isinstance(record, dict) and record.get("sha256") == sha256:
                return str(record.get("code", ""))
        return ""

    def remember(self, name: str, partition: str | None, sha256: str, code: str) -> None:
        """Note, atomically, which code made the table's file with this digest."""
        write_json(self._path(name, partition), {"sha256": sha256, "code": code})

    def forget(self, name: str, partition: str | None) -> None:
        """Drop the note of a table's file that is no more."""
        self._path(name, partition).unlink(missing_ok=True)
