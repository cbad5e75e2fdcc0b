"""The starter's state for packets' tests: to read, and to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.packets.make import PacketStage
from aina_assets.packets.reader import PacketReader
from aina_assets_tests.builds import Build, copied


@pytest.fixture(scope="session")
def stage(starter_build: Build) -> PacketStage:
    """The built starter, to be read alone."""
    return PacketStage(starter_build.engine)


@pytest.fixture(scope="session")
def reader(starter_build: Build) -> PacketReader:
    return PacketReader(starter_build.engine)


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    """A copy of the built starter that a test may change."""
    return copied(starter_build, tmp_path / "data")
