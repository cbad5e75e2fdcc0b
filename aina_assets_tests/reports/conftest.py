"""What the reports' tests share: a state of their own that they may damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets_tests.builds import Build, starter_settings


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    """An engine over a copy of what reports are made of and of the reports; not of the large files."""
    data = tmp_path / "data"
    built = starter_build.engine.data.path
    shutil.copytree(built / "receipts", data / "receipts")
    shutil.copytree(built / "reports", data / "reports")
    for name in ("title_coverage", "title_certificate", "title_gold", "source_file"):
        source = built / "tables" / f"{name}.parquet"
        (data / "tables").mkdir(exist_ok=True)
        shutil.copy(source, data / "tables" / source.name)
    return Engine(starter_settings(data))
