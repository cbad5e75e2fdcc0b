"""Whole builds for tests: the starter's, in a folder of the test's own.

Belongs here: building, copying a built state, changing a state or a starter tree for the worse. Does not:
assertions. It knows Dagster, so it is imported where it is used.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from aina_assets import automation
from aina_assets.automation import run_build
from aina_assets.cli import app
from aina_assets.core.build import BuildSummary
from aina_assets.core.engine import Engine
from aina_assets.core.progress import Step
from aina_assets.core.settings import Settings
from aina_assets.core.storage import sha256_file
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import forbidden_texts


@dataclass
class Build:
    """A build that ended: what it was asked, came to and told."""

    engine: Engine
    summary: BuildSummary
    instance: dg.DagsterInstance
    steps: list[Step] = field(default_factory=list)

    @cached_property
    def materializations(self) -> dict[str, dg.AssetMaterialization]:
        """Each asset's materialization, by its name; of a partitioned one that of any partition."""
        records = self.instance.get_records_for_run(
            self.summary.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
        ).records
        found = [record.event_log_entry.asset_materialization for record in records]
        return {event.asset_key.to_user_string(): event for event in found if event is not None}


def starter_settings(data: Path, **overrides: Any) -> Settings:
    """The starter lane into `data`, whatever the environment says."""
    unset = dict.fromkeys(("titles", "lock", "reviewers"))
    values: dict[str, Any] = {"sources": "starter", "data": data, **unset}
    return Settings(**(values | overrides))


def invoke(data: Path, *arguments: str, keyboard: str | None = None, **environment: str) -> Result:
    """Run `aina` in this process, with these settings alone; a build is recorded in memory.

    Args:
        keyboard: what a person types.
        environment: settings by their name without `AINA_`.
    """
    clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("AINA_")}
    settings = {f"AINA_{name}": value for name, value in environment.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(automation, "open_instance", lambda engine: dg.DagsterInstance.ephemeral())
        return CliRunner().invoke(
            app, arguments, input=keyboard, env=clean | {"AINA_DATA": str(data)} | settings
        )


@contextmanager
def built(settings: Settings, **options: Any) -> Iterator[Build]:
    """Build with these settings, recorded in an instance that lives as long as the block."""
    engine = Engine(settings)
    steps: list[Step] = []
    with dg.DagsterInstance.ephemeral() as instance:
        summary = run_build(engine, instance=instance, observer=steps.append, **options)
        yield Build(engine, summary, instance, steps)


def copied(build: Build, target: Path) -> Engine:
    """An engine over a copy of the built state."""
    shutil.copytree(build.engine.data.path, target, dirs_exist_ok=True)
    return Engine(starter_settings(target))


def table_digests(data: Path) -> dict[str, str]:
    """The sha256 of every table's and partition's file, read from its bytes, by `table` or `table/key`."""
    tables = data / "tables"
    return {
        path.relative_to(tables).with_suffix("").as_posix(): sha256_file(path)
        for path in sorted(tables.rglob("*.parquet"))
    }


def parts(data: Path) -> list[Path]:
    """What is half-written below a data root."""
    return [path for path in data.rglob("*") if ".part" in path.name]


def copied_starter(target: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the starter sources that this process takes for the committed ones."""
    source = starter_settings(target).starter_root
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("authored"))
    monkeypatch.setattr(Settings, "starter_root", property(lambda self: target))
    return target


def flip_byte(path: Path, position: int) -> None:
    """Put one wrong byte into a file."""
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def plant_canary(engine: Engine) -> Path:
    """Leave the starter's own GDPval canary in a file that a run might have written."""
    path = engine.data.path / "notes.txt"
    path.write_text(f"seen: {forbidden_texts(acquire_source('gdpval', engine))['canary']}\n", "utf-8")
    return path
