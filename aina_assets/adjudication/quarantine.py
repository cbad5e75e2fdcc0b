"""Quarantine: waves whose outputs may not be used, each with a receipt, until a person lets go of them.

Belongs here: the receipts and the releases. Does not: finding out that outputs are unusable (`asking`), or
that a reviewer is below its floor (`consensus`).

A quarantined wave changes no state and is never tried again by itself: the same requests would have the same
answers. Releasing it makes the batch's next wave, which asks anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from aina_assets.adjudication.protocol import Seat, Sha256
from aina_assets.core.errors import AinaError
from aina_assets.core.receipts import Predicate, read_receipt, write_receipt
from aina_assets.core.storage import write_json

QUARANTINE = "title_batch_quarantine_v1"
_FOLDER = re.compile(r"(\d{2,3})of(\d{1,3})-w(\d{2,4})")


class QuarantineError(AinaError):
    """A wave cannot be released."""


class TitleBatchQuarantine(Predicate):
    """Why nothing of a batch's wave was accepted. Its raw outputs are the statement's subjects."""

    title_batch: str
    title_batches: int = Field(ge=1)
    wave: int = Field(ge=1)
    plan: Sha256 = Field(description="digest of what was asked")
    fault: Literal["unusable_output", "too_many_faults", "repair_failed", "below_floor"]
    reviewer: Seat = Field(description="whose outputs they are")
    detail: str
    candidates: int = Field(ge=0, description="titles that stay in the queue")
    known_answers: int = Field(ge=0)
    faults: dict[Seat, int] = Field(description="row ids that went wrong at first, by reviewer")
    policy_sha256: Sha256


@dataclass(frozen=True)
class Quarantined:
    """A quarantined wave: its receipt, and whether it was released."""

    receipt: TitleBatchQuarantine
    path: Path
    is_released: bool


class QuarantineBook:
    """The quarantined waves of a data root.

    Args:
        root: their folder; a wave is a folder in it.
        title_batches: how many batches the inventory has.
    """

    def __init__(self, root: Path, title_batches: int) -> None:
        self._root = root
        self._title_batches = title_batches

    def _folder(self, title_batch: str, wave: int) -> Path:
        return self._root / f"{title_batch}of{self._title_batches}-w{wave:02d}"

    def put(self, receipt: TitleBatchQuarantine, answers: dict[str, str]) -> Path:
        """Write a wave's receipt down; the first one stands.

        Args:
            answers: name to sha256 of the raw outputs' files.
        """
        folder = self._folder(receipt.title_batch, receipt.wave)
        path = folder / f"{QUARANTINE}.json"
        return path if path.exists() else write_receipt(folder, QUARANTINE, answers, receipt)

    def of(self, title_batch: str, wave: int) -> Quarantined | None:
        """A wave's quarantine; None where it has none.

        Raises:
            StateError: its receipt is damaged.
        """
        path = self._folder(title_batch, wave) / f"{QUARANTINE}.json"
        if not path.exists():
            return None
        receipt = read_receipt(path, QUARANTINE, TitleBatchQuarantine).predicate
        return Quarantined(receipt, path, (path.parent / "released.json").exists())

    def all(self) -> Iterator[Quarantined]:
        """Every quarantined wave of this number of batches, by batch and wave."""
        for folder in sorted(self._root.glob("*of*-w*")):
            match = _FOLDER.fullmatch(folder.name)
            if match is not None and int(match.group(2)) == self._title_batches:
                found = self.of(match.group(1), int(match.group(3)))
                if found is not None:
                    yield found

    def released(self, title_batch: str) -> int:
        """How many waves of a batch were released."""
        return sum(found.is_released and found.receipt.title_batch == title_batch for found in self.all())

    def release(self, title_batch: str, wave: int, released_by: str, reason: str) -> None:
        """Let go of a wave, so that the next one asks anew.

        Raises:
            QuarantineError: the wave is not quarantined.
        """
        if self.of(title_batch, wave) is None:
            raise QuarantineError(
                f"batch {title_batch}, wave {wave} is not quarantined",
                remedy="See `aina review status` for what is.",
            )
        told = {"released_by": released_by, "reason": reason}
        write_json(self._folder(title_batch, wave) / "released.json", told)
