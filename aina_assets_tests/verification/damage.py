"""Single wrong bits in a state, and what both verifiers say of each.

Belongs here: choosing a bit, flipping it and back, asking. Does not: assertions. The benchmark runs the same
over a real build ten thousand times.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import receipt_path
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import DigestCache
from aina_assets.reports.receipts import CHANGE_RECEIPT, FOUNDER_RECEIPT
from aina_assets.service.fixtures.receipts import API_FIXTURE, UI_FIXTURE
from aina_assets.verification.sources import source_files
from aina_assets.verification.state import (
    GRAPH,
    PRODUCT,
    input_files,
    receipt_files,
    reported_files,
    state_files,
)
from aina_assets.verification.walk import Difference, Kind, verify

ALONE = PROJECT_ROOT / "tools" / "verify_alone.py"
ABOVE_THE_MANIFEST = (FOUNDER_RECEIPT, CHANGE_RECEIPT, API_FIXTURE, UI_FIXTURE)


@dataclass(frozen=True)
class Flip:
    """One wrong bit: the file by its name in receipts, its path, and the bit's position."""

    name: str
    path: Path
    bit: int


def flippable(engine: Engine) -> dict[str, Path]:
    """Every file that verification covers, by its name: sources, tables, models, receipts, policies."""
    found = {
        name: file.path
        for name, file in source_files(engine, is_offline=True).items()
        if file.path is not None
    }
    found |= (
        state_files(engine.data)
        | receipt_files(engine.data)
        | reported_files(engine.data)
        | input_files(engine.settings)
    )
    # The two DuckDB files: held against the note of their digest.
    found |= {
        name: path
        for name, path in ((PRODUCT, engine.data.warehouse), (GRAPH, engine.data.graph))
        if path.is_file()
    }
    return dict(sorted(found.items()))


def flips(files: Mapping[str, Path], count: int, seed: int) -> Iterator[Flip]:
    """Random bits: a file by chance, then a bit of it by chance, so that small files are hit as often."""
    chance = random.Random(seed)
    names = sorted(files)
    for _ in range(count):
        name = chance.choice(names)
        yield Flip(name, files[name], chance.randrange(files[name].stat().st_size * 8))


@contextmanager
def flipped(flip: Flip) -> Iterator[None]:
    """The file with its wrong bit, inside the block."""
    with flip.path.open("r+b") as handle:
        handle.seek(flip.bit // 8)
        (byte,) = handle.read(1)
        handle.seek(flip.bit // 8)
        handle.write(bytes([byte ^ (1 << flip.bit % 8)]))
    try:
        yield
    finally:
        with flip.path.open("r+b") as handle:
            handle.seek(flip.bit // 8)
            handle.write(bytes([byte]))


def differences(engine: Engine, digests: DigestCache | None = None) -> dict[str, Difference]:
    """What the walk finds, by file."""
    return {found.name: found for found in verify(engine, digests=digests).differences}


def alone(engine: Engine, *options: str) -> dict[str, Any]:
    """What the script finds that shares no code with the package: Python without the project's packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ALONE), str(engine.data.path), "--json", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert bool(told["differences"]) == bool(done.returncode)
    return told


def named(engine: Engine) -> dict[str, Kind]:
    return {name: found.kind for name, found in differences(engine).items()}


def as_a_build_leaves_it(engine: Engine) -> None:
    """Without the receipts that a build makes last, after the manifest: they would be of the state before."""
    for name in ABOVE_THE_MANIFEST:
        receipt_path(engine.data.receipts, name).unlink(missing_ok=True)
