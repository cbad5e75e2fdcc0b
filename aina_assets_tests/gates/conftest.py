"""What the gates' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets_tests.gates.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A gate office in which nothing is asked yet."""
    return Office(tmp_path)
