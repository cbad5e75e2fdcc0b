"""What 1,000 more titles cost an inventory that has been assessed, as a ratio to the whole.

Belongs here: making the stage's tables twice, through its own functions. Does not: routes and certificates,
which are made from all titles.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from aina_assets.core.engine import Engine
from aina_assets.core.settings import Lane, Settings
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.make import acquire_source, make_table
from aina_assets.titles.make import TitleStage
from aina_assets.titles.retrieval.model import OccupationModel
from aina_assets.titles.retrieval.model_file import save_model
from benchmarks.titles.splits import ONET_TABLES, SOC_TABLES

ADDED = 1_000


def growth_figures(
    model: OccupationModel, mirror: Path, lines: Sequence[str], added: Sequence[str]
) -> dict[str, float]:
    """Seconds for the inventory, for the same with some lines more, and their ratio.

    Both counts begin with an empty process's work: reading the model and the authority titles. What that
    alone costs, which is the same whatever is added, is told apart.
    """
    with tempfile.TemporaryDirectory() as scratch:
        listed = Path(scratch) / "titles.txt"
        settings = Settings(
            sources=Lane.MIRROR, mirror=(mirror,), data=Path(scratch) / "run", titles=listed, lock=None
        )
        _write(listed, lines)
        engine = Engine(settings)
        _make(engine, "onet", ONET_TABLES)
        _make(engine, "soc", SOC_TABLES)
        stage = TitleStage(engine)
        stage.authority_title()
        save_model(model, stage.model_path)
        whole, starting = _seconds(settings)
        _write(listed, [*lines, *added])
        more, starting_again = _seconds(settings)
    return {
        "lines": len(lines),
        "added": len(added),
        "whole_seconds": whole,
        "added_seconds": more,
        "starting_seconds": starting_again,
        "ratio": more / whole,
        "ratio_without_starting": (more - starting_again) / (whole - starting),
    }


def _seconds(settings: Settings) -> tuple[float, float]:
    """Seconds from the list's file to the evidence of every batch, and those of starting alone."""
    begun = time.perf_counter()
    engine = Engine(settings)
    stage = TitleStage(engine)
    _ = stage.assessor
    started = time.perf_counter()
    _make(engine, "titles", ("title_list",))
    stage.title_form()
    for key in settings.title_batch_keys:
        stage.title(key)
        stage.evidence(key)
    return time.perf_counter() - begun, started - begun


def _make(engine: Engine, source_id: str, names: Sequence[str]) -> None:
    source = SOURCES[source_id]
    files = acquire_source(source_id, engine)
    for contract in source.contracts:
        if contract.name in names:
            make_table(source, contract, files, engine)


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
