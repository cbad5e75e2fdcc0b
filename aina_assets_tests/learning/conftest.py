"""The starter's state for learning's tests: to be changed, each test its own copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets_tests.builds import Build, copied


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    """A copy of the built starter that a test may change."""
    return copied(starter_build, tmp_path / "data")
