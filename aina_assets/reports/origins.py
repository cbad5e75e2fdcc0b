"""Where a figure of a report comes from, so that whoever doubts it can look it up.

Belongs here: naming a value in a receipt, a table or the lock, and reading it. Does not: what is told of it.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import seal_holds
from aina_assets.core.storage import sha256_bytes
from aina_assets.sources.lock import SourceLock, read_lock

Value = str | int | float | None


class _Origin(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReceiptOrigin(_Origin):
    """A value in a receipt, or how many values there are."""

    kind: Literal["receipt"] = "receipt"
    file: str = Field(description="place of the receipt in the data root")
    pointer: str = Field(description="JSON pointer (RFC 6901) into the predicate")
    is_count: bool = Field(False, description="the number of values there, and not the value")

    def told(self) -> str:
        """Where to look, in words."""
        return f"{'number of ' if self.is_count else ''}/predicate{self.pointer}"


class TableOrigin(_Origin):
    """A sum over a table's rows, their number, or one row's value."""

    kind: Literal["table"] = "table"
    table: str
    how: Literal["sum", "count", "one"]
    column: str = Field(description="summed or read; empty where rows are counted")
    where: dict[str, str] = Field(description="rows with these values alone")

    def told(self) -> str:
        """Where to look, in words."""
        rows = " and ".join(f"{name} = {value}" for name, value in sorted(self.where.items()))
        return f"{self.how}({self.column or 'rows'})" + (f" where {rows}" if rows else "")

    @property
    def file(self) -> str:
        """Place of the table in the data root."""
        return f"tables/{self.table}.parquet"


class LockOrigin(_Origin):
    """When the oldest file of a source was retrieved, as the lock says."""

    kind: Literal["lock"] = "lock"
    source: str

    def told(self) -> str:
        """Where to look, in words."""
        return f"oldest `retrieved` of {self.source}"

    @property
    def file(self) -> str:
        """The lock, by its name in receipts."""
        return "sources.lock.json"


Origin = Annotated[ReceiptOrigin | TableOrigin | LockOrigin, Field(discriminator="kind")]


class Evidence:
    """What stands in a data root, read once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._receipts: dict[str, tuple[dict[str, Any], str]] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}

    @cached_property
    def _lock(self) -> SourceLock:
        return read_lock(self._engine.settings.lock_path)

    def has(self, file: str) -> bool:
        """Whether there is such a receipt."""
        return (self._engine.data.path / file).is_file()

    def predicate(self, file: str) -> dict[str, Any]:
        """A receipt's predicate.

        Raises:
            StateError: it is absent, or its bytes are not those that were sealed.
        """
        return self._receipt(file)[0]

    def sha256(self, file: str) -> str:
        """A receipt's digest."""
        return self._receipt(file)[1]

    def _receipt(self, file: str) -> tuple[dict[str, Any], str]:
        if file not in self._receipts:
            path = self._engine.data.path / file
            try:
                content = path.read_bytes()
                predicate = json.loads(content)["predicate"]
                is_whole = seal_holds(content, predicate["seal"])
            except FileNotFoundError as error:
                raise StateError("there is no such receipt", file=path) from error
            except (ValueError, KeyError, TypeError) as error:
                raise StateError(f"malformed receipt: {error}", file=path) from error
            if not is_whole:
                raise StateError("damaged receipt: its bytes are not those that were sealed", file=path)
            self._receipts[file] = (predicate, sha256_bytes(content))
        return self._receipts[file]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table's rows; for tables of some hundred rows.

        Raises:
            StateError: there is no such table, or it is damaged.
        """
        if table not in self._rows:
            self._rows[table] = self._engine.store.read_whole(table).to_pylist()
        return self._rows[table]

    def resolve(self, origin: ReceiptOrigin | TableOrigin | LockOrigin) -> Value:
        """The value that stands there.

        Raises:
            StateError: there is none.
        """
        if isinstance(origin, ReceiptOrigin):
            return self._in_receipt(origin)
        if isinstance(origin, TableOrigin):
            return self._in_table(origin)
        dates = [
            record.retrieved.isoformat() for record in self._lock.files if record.source == origin.source
        ]
        return min(dates, default=None)

    def _in_receipt(self, origin: ReceiptOrigin) -> Value:
        found: Any = self.predicate(origin.file)
        for part in origin.pointer.split("/")[1:]:
            step = part.replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(step)] if isinstance(found, list) else found[step]
            except (KeyError, IndexError, ValueError, TypeError) as error:
                path = self._engine.data.path / origin.file
                raise StateError("there is no such value", file=path, place=origin.pointer) from error
        if origin.is_count:
            return len(found)
        if isinstance(found, bool):
            return "yes" if found else "no"
        if isinstance(found, int | float):
            return _plain(found)
        return found if found is None or isinstance(found, str) else json.dumps(found)

    def _in_table(self, origin: TableOrigin) -> Value:
        rows = [
            row
            for row in self.rows(origin.table)
            if all(str(row[name]) == value for name, value in origin.where.items())
        ]
        if origin.how == "count":
            return len(rows)
        if origin.how == "sum":
            return _plain(sum(row[origin.column] for row in rows))
        if len(rows) != 1:
            path = self._engine.store.path(origin.table)
            raise StateError(f"expected one row, found {len(rows)}", file=path, place=origin.told())
        value = rows[0][origin.column]
        if isinstance(value, int | float):
            return _plain(value)
        return None if value is None else str(value)


def _plain(value: int | float) -> int | float:
    """A number as canonical JSON gives it back: there 0.0 and 0 are the same text."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def pointer(*steps: str | int) -> str:
    """A JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
