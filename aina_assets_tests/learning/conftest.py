"""The starter's state for learning's tests: to be changed, each test its own copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from aina_assets.core.engine import Engine
from aina_assets_tests.builds import Build, copied

# How long an example takes tells of the machine and who shares it, and of nothing that is promised here.
settings.register_profile("without_clock", deadline=None)
settings.load_profile("without_clock")


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    """A copy of the built starter that a test may change."""
    return copied(starter_build, tmp_path / "data")
