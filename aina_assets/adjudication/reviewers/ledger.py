"""What reviewing costs: an append-only ledger of every call, with sums by wave and reviewer.

Belongs here: writing a call down before it is made and after, reading the sums, finding damage. Does not: the
answers; prices, which each entry brings along.

A call is written down before it is made, so that one cut off by a crash is on record with its cost unknown
rather than not at all. Each line carries the digest of all lines up to it: a changed, lost or reordered line
is found and named; lines lost at the end are not. A last line without its end was never acknowledged (the
process died in the middle of writing it) and is cut off before the next is written. The time of day is on
record: this is a book of what was spent and when, not evidence that must come out the same twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from aina_assets.adjudication.protocol import ReviewRequest, Seat, Sha256
from aina_assets.core.errors import StateError
from aina_assets.core.storage import disk_full_named

FILE_NAME = "ledger.jsonl"
FIRST = "0" * 64
LONGEST_WAIT_SECONDS = 60.0
Outcome = Literal["answered", "refused", "rate_limited", "timed_out", "failed"]
Money = Annotated[Decimal, Field(ge=0)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    call: str = Field(pattern=r"^[0-9a-f]{16}$", description="ties a call's two entries together")
    at: datetime


class Begun(_Entry):
    """A call is about to be made."""

    entry: Literal["begun"] = "begun"
    reviewer: Seat
    provider: str
    model: str
    wave: int = Field(ge=1)
    title_batch: str
    chunk: int = Field(ge=0)
    round: int = Field(ge=0)
    rows: int = Field(ge=1)
    request_id: Sha256
    attempt: int = Field(ge=1)


class Ended(_Entry):
    """A call came to an end; its cost is null where tokens or prices are not known."""

    entry: Literal["ended"] = "ended"
    outcome: Outcome
    tokens_in: int | None = Field(ge=0)
    tokens_out: int | None = Field(ge=0)
    cost_usd: Money | None
    seconds: float = Field(ge=0)


_ENTRY: TypeAdapter[Begun | Ended] = TypeAdapter(Annotated[Begun | Ended, Field(discriminator="entry")])


@dataclass(frozen=True)
class Spent:
    """The sums of one wave and reviewer.

    Attributes:
        calls: attempts begun; of them `answered`, `failed` (refused, timed out and the like) and `open` ones,
            which have no end on record: under way, or cut off by a crash.
        rows: rows of the answered calls.
        cost_usd: of the calls whose cost is known; `unpriced` counts the others, open ones among them.
    """

    wave: int
    reviewer: str
    model: str = ""
    calls: int = 0
    answered: int = 0
    failed: int = 0
    open: int = 0
    rows: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0
    seconds: float = 0.0


@dataclass
class _Book:
    """What was read of the file so far, up to `offset`."""

    offset: int = 0
    line: int = 0
    digest: str = FIRST
    sums: dict[tuple[int, str], Spent] = field(default_factory=dict)
    open_calls: dict[str, Begun] = field(default_factory=dict)


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """The ledger in a file; threads and processes may share the file.

    Args:
        path: the file; it is made with the first entry.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime] = _now) -> None:
        self.path = path
        self._now = now
        self._book = _Book()

    def begin(self, request: ReviewRequest, attempt: int) -> str:
        """Write down that a call is about to be made; gives its id.

        Raises:
            StateError: the ledger is damaged; names the line.
            StorageFullError: the disk is full.
        """
        call = secrets.token_hex(8)
        self._append(
            Begun(
                call=call,
                at=self._now(),
                reviewer=request.reviewer,
                provider=request.provider,
                model=request.model,
                wave=request.wave,
                title_batch=request.title_batch,
                chunk=request.chunk,
                round=request.round,
                rows=len(request.rows),
                request_id=request.request_id,
                attempt=attempt,
            )
        )
        return call

    def end(
        self,
        call: str,
        outcome: Outcome,
        *,
        seconds: float,
        tokens_in: int | None = None,
        tokens_out: int | None = None,
        cost_usd: Decimal | None = None,
    ) -> None:
        """Write down how a call ended.

        Raises:
            StateError, StorageFullError: as `begin`; or no such call is open.
        """
        self._append(
            Ended(
                call=call,
                at=self._now(),
                outcome=outcome,
                tokens_in=tokens_in,
                tokens_out=tokens_out,
                cost_usd=cost_usd,
                seconds=round(seconds, 3),
            )
        )

    def spent(self) -> tuple[Spent, ...]:
        """The sums, by wave and then reviewer.

        Raises:
            StateError: the ledger is damaged; names the line.
        """
        with self._locked():
            self._read_on()
            return tuple(self._book.sums[key] for key in sorted(self._book.sums))

    def cost_usd(self, wave: int, reviewer: str) -> Decimal:
        """What is known to have been spent in a wave on a reviewer."""
        with self._locked():
            self._read_on()
            found = self._book.sums.get((wave, reviewer))
            return Decimal(0) if found is None else found.cost_usd

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A new lock each time: it keeps threads of this process apart too, which one shared lock would not.
        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=LONGEST_WAIT_SECONDS)
        try:
            lock.acquire()
        except Timeout as error:
            raise StateError("another process has held the ledger for too long", file=self.path) from error
        try:
            yield
        finally:
            lock.release()

    def _append(self, entry: Begun | Ended) -> None:
        with self._locked(), disk_full_named(self.path):
            self._read_on()
            if isinstance(entry, Ended) and entry.call not in self._book.open_calls:
                raise StateError(f"no open call has the id {entry.call}", file=self.path)
            line = _line(entry.model_dump(mode="json"), self._book.digest)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                # What follows the last whole line was never acknowledged.
                os.ftruncate(handle, self._book.offset)
                written = 0
                while written < len(line):
                    written += os.pwrite(handle, line[written:], self._book.offset + written)
                os.fsync(handle)
            finally:
                os.close(handle)
            self._read_on()

    def _read_on(self) -> None:
        """Read what others have written since."""
        try:
            with self.path.open("rb") as handle:
                size = handle.seek(0, os.SEEK_END)
                if size < self._book.offset:
                    raise self._damaged("the file is shorter than it was", self._book.line)
                handle.seek(self._book.offset)
                new = handle.read()
        except FileNotFoundError as error:
            if self._book.offset:
                raise self._damaged("the file is gone", self._book.line) from error
            return
        whole = new[: new.rfind(b"\n") + 1]
        for line in whole.splitlines(keepends=True):
            self._read_line(line)

    def _read_line(self, line: bytes) -> None:
        book, number = self._book, self._book.line + 1
        try:
            told: dict[str, Any] = json.loads(line)
            claimed = told.pop("digest")
            entry = _ENTRY.validate_python(told, strict=False)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._damaged(f"no entry of a ledger: {line[:80]!r}", number) from error
        # Bytes, not values: what was changed without changing its meaning was changed all the same.
        if line != _line(told, book.digest):
            raise self._damaged("it was changed, or a line before it was lost", number)
        if isinstance(entry, Ended) and entry.call not in book.open_calls:
            raise self._damaged(f"no open call has the id {entry.call}", number)
        _note(book, entry)
        book.offset += len(line)
        book.line = number
        book.digest = claimed

    def _damaged(self, message: str, line: int) -> StateError:
        return StateError(
            f"the ledger is damaged: {message}",
            file=self.path,
            place=f"line {line}",
            remedy="Restore the file from a copy, or move it away to begin a new one; answers are not lost.",
        )


def _note(book: _Book, entry: Begun | Ended) -> None:
    """Add an entry to the sums."""
    if isinstance(entry, Begun):
        key = (entry.wave, entry.reviewer)
        spent = book.sums.get(key, Spent(*key))
        models = sorted({*spent.model.split(", "), entry.model} - {""})
        book.sums[key] = replace(
            spent,
            model=", ".join(models),
            calls=spent.calls + 1,
            open=spent.open + 1,
            unpriced=spent.unpriced + 1,
        )
        book.open_calls[entry.call] = entry
        return
    begun = book.open_calls.pop(entry.call)
    spent = book.sums[(begun.wave, begun.reviewer)]
    is_answered = entry.outcome == "answered"
    book.sums[(begun.wave, begun.reviewer)] = replace(
        spent,
        open=spent.open - 1,
        answered=spent.answered + is_answered,
        failed=spent.failed + (not is_answered),
        rows=spent.rows + (begun.rows if is_answered else 0),
        tokens_in=spent.tokens_in + (entry.tokens_in or 0),
        tokens_out=spent.tokens_out + (entry.tokens_out or 0),
        cost_usd=spent.cost_usd + (entry.cost_usd or Decimal(0)),
        unpriced=spent.unpriced - (entry.cost_usd is not None),
        seconds=spent.seconds + entry.seconds,
    )


def _canonical(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(payload: dict[str, Any], previous: str) -> str:
    return hashlib.sha256(f"{previous}\n{_canonical(payload)}".encode()).hexdigest()


def _line(payload: dict[str, Any], previous: str) -> bytes:
    return (_canonical({**payload, "digest": _digest(payload, previous)}) + "\n").encode()
