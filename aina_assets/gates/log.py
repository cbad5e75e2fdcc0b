"""The decision log: every request, signature, stop and answer of the gates, appended and chained.

Each entry is an in-toto statement on one line. An answer is a Simple Verification Result (the published
predicate `svr/v0.1`) about the evidence that it looked at; entries name the entry before them by its digest
and carry a seal. A head file beside the log says how many entries there are, so that a shortened log is
known. It is written after the entry: an entry without its head is one that a crash cut short there, and
counts; a head without its entry is a loss, and the log is corrupt.

Belongs here: appending and reading. Does not: what is decided. An entry that cannot be written is an error,
and whoever asked gets nothing: what is not on record does not happen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.errors import StateError
from aina_assets.core.receipts import Predicate, seal_holds, sealed_bytes, subjects
from aina_assets.core.storage import disk_full_named, sha256_bytes, write_json
from aina_assets.gates.decide import Log

ENTRY = "gate_decision_v1"
SVR = "https://in-toto.io/attestation/svr/v0.1"
VERIFIER = "https://aina.invalid/gates/v1"
LOCK_SECONDS = 30
# Clocks of one machine differ by less: an entry further ahead was written under a wrong clock.
LARGEST_SKEW_SECONDS = 2
FIRST = "0" * 64


class Event(StrEnum):
    """What an entry is about."""

    REQUESTED = "requested"
    SIGNED = "signed"
    CLOSED = "closed"
    REOPENED = "reopened"
    ASKED = "asked"


class PolicyReference(BaseModel):
    """The policy that was applied."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uri: str
    digest: dict[str, str]


class Verifier(BaseModel):
    """Who verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = VERIFIER
    policy: PolicyReference | None = None


class GateEntry(Predicate):
    """A Simple Verification Result, with what the gates add to it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)

    predicate_uri = SVR

    verifier: Verifier
    time_created: datetime = Field(alias="timeCreated")
    properties: tuple[str, ...] = Field(description="what was verified and held; of a denial none")
    number: int = Field(ge=1, alias="aina_number")
    event: Event = Field(alias="aina_event")
    domain: str = Field(alias="aina_domain")
    scope: str = Field(alias="aina_scope")
    reach: str = Field("", alias="aina_reach")
    state: str = Field("", alias="aina_state")
    is_granted: bool = Field(False, alias="aina_is_granted")
    reasons: tuple[str, ...] = Field((), alias="aina_reasons")
    holds: tuple[str, ...] = Field((), alias="aina_holds")
    who: str = Field("", alias="aina_who")
    said: str = Field("", alias="aina_said")
    approval: str = Field("", alias="aina_approval", description="sha256 of the approval's file")


@dataclass(frozen=True)
class LogState:
    """What reading the log gave.

    Attributes:
        found: whether it is whole.
        entries: the entries as far as they hold, each with its digest.
        fault: what is wrong, in words; empty where nothing is.
    """

    found: Log
    entries: tuple[tuple[GateEntry, str], ...]
    fault: str = ""

    @property
    def approvals(self) -> frozenset[str]:
        """Digests of the approvals' files that were signed here."""
        return frozenset(entry.approval for entry, _ in self.entries if entry.event is Event.SIGNED)


class DecisionLog:
    """The log in one data root.

    Args:
        path: the log.
        head: the file that counts its entries.
    """

    def __init__(self, path: Path, head: Path) -> None:
        self._path = path
        self._head = head

    def append(self, now: datetime, evidence: Mapping[str, str], **told: Any) -> str:
        """Add an entry and give its digest; flushed to the disk before it returns.

        Args:
            evidence: digest by name of what the entry is about: its subjects.
            told: the entry's fields.

        Raises:
            StateError: the log has lost entries; nothing is added to it.
            StorageFullError, OSError: it could not be written.
        """
        with self._locked(), disk_full_named(self._path):
            (counted, _), fault = self._read_head()
            content = self._path.read_bytes() if self._path.is_file() else b""
            whole = content[: content.rfind(b"\n") + 1]
            lines = whole.splitlines(keepends=True)
            if fault or counted > len(lines):
                lost = fault or "the decision log is shorter than its head says"
                raise StateError(lost, file=self._path, remedy="docs/runbooks.md, The decision log.")
            before = sha256_bytes(lines[-1]) if lines else FIRST
            entry = GateEntry(
                number=len(lines) + 1,
                time_created=now.astimezone(UTC),
                rests_on=subjects({"gates/decisions.jsonl": before}),
                **told,
            )
            line = sealed_bytes(evidence or {"gates/decisions.jsonl": before}, ENTRY, entry)
            # What a crash left of a line that was never acknowledged goes; whole lines are never touched.
            with self._path.open("ab") as handle:
                handle.truncate(len(whole))
                handle.write(line)
                handle.flush()
                os.fsync(handle.fileno())
            digest = sha256_bytes(line)
            write_json(self._head, {"entries": entry.number, "sha256": digest})
        return digest

    def read(self, now: datetime) -> LogState:
        """Read and hold the whole log against its chain, its seals and its head."""
        try:
            with self._locked(is_reading=True):
                content = self._path.read_bytes() if self._path.is_file() else b""
                head, fault = self._read_head()
        except (OSError, Timeout) as error:
            return LogState(Log.CORRUPT, (), f"the log cannot be read: {error}")
        lines = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
        entries, broken = _entries(lines)
        fault = fault or broken or _against_head(entries, *head)
        if fault:
            return LogState(Log.CORRUPT, tuple(entries), fault)
        latest = max((entry.time_created for entry, _ in entries), default=now)
        if (latest - now).total_seconds() > LARGEST_SKEW_SECONDS:
            return LogState(Log.FUTURE_DATED, tuple(entries), f"an entry is of {latest.isoformat()}")
        return LogState(Log.INTACT, tuple(entries))

    def _read_head(self) -> tuple[tuple[int, str], str]:
        try:
            raw = json.loads(self._head.read_bytes())
            counted = int(raw["entries"])
            return (counted, str(raw["sha256"])), "" if counted > 0 else "the log's head counts no entry"
        except FileNotFoundError:
            return (0, ""), ""
        except (OSError, ValueError, KeyError, TypeError) as error:
            return (0, ""), f"the log's head cannot be read: {error}"

    @contextmanager
    def _locked(self, *, is_reading: bool = False) -> Iterator[None]:
        if is_reading and not self._path.parent.is_dir():
            yield
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_name(".decisions.lock"), timeout=LOCK_SECONDS):
            yield


def _entries(lines: Sequence[bytes]) -> tuple[list[tuple[GateEntry, str]], str]:
    """The entries up to the first that does not hold, each with its digest; and what is wrong there."""
    entries: list[tuple[GateEntry, str]] = []
    before = FIRST
    for number, line in enumerate(lines, 1):
        entry = _entry(line)
        if entry is None or entry.number != number or _named_before(entry) != before:
            return entries, f"entry {number} is damaged or out of place"
        before = sha256_bytes(line)
        entries.append((entry, before))
    return entries, ""


def _against_head(entries: Sequence[tuple[GateEntry, str]], counted: int, digest: str) -> str:
    """What is wrong between the log and its head; empty where nothing is."""
    if counted > len(entries) or (counted and entries[counted - 1][1] != digest):
        return f"the head counts {counted} entries, the log has {len(entries)}"
    if counted < len(entries) - 1:
        return "entries were added behind the head's back"
    return ""


def _entry(line: bytes) -> GateEntry | None:
    """The entry on a line; None where it is not one, or not as it was sealed."""
    try:
        entry = GateEntry.model_validate(json.loads(line)["predicate"])
    except (ValueError, KeyError, TypeError):
        return None
    return entry if seal_holds(line, entry.seal) else None


def _named_before(entry: GateEntry) -> str:
    return entry.rests_on[0].digest.sha256 if len(entry.rests_on) == 1 else ""
