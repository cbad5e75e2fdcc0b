"""What every stage's tests share: the real sources, and source files made on the spot."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import sha256_file
from aina_assets.sources.acquire import AcquiredFile, SourceFiles
from aina_assets.sources.lock import LockedFile

if TYPE_CHECKING:
    from aina_assets_tests.builds import Build


@pytest.fixture(scope="session")
def real_mirror() -> Path:
    """The folder of real upstream files, laid out as `<host>/<url path>`; skips where it is absent."""
    root = Path(os.environ.get("AINA_REAL_SOURCES", PROJECT_ROOT.parent / "shared" / "sources"))
    mirror = root / "mirror"
    if not mirror.is_dir():
        pytest.skip(f"no real source files: {mirror} is absent (set AINA_REAL_SOURCES)")
    return mirror


@pytest.fixture(scope="session")
def real_titles(real_mirror: Path) -> Path:
    """The list of real job titles beside the mirror; skips where it is absent. No text of it is committed."""
    path = real_mirror.parent / "titles" / "job_titles_73k.txt"
    if not path.is_file():
        pytest.skip("no real title inventory beside the mirror")
    return path


@pytest.fixture(scope="session")
def starter_build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """One build of the starter for all tests that only read it; a test that changes it copies it."""
    # Imported here: tests of plain Python do not wait for Dagster.
    from aina_assets_tests.builds import built, starter_settings

    with built(starter_settings(tmp_path_factory.mktemp("starter"))) as build:
        yield build


def source_files(source: str, vintage: str, layout: str, paths: Mapping[str, Path]) -> SourceFiles:
    """Files as a lane hands them over, for paths that no lock knows."""
    files = {
        name: AcquiredFile(
            path,
            LockedFile(
                source=source,
                vintage=vintage,
                layout=layout,
                name=name,
                url=f"https://test.example/{name.replace(' ', '%20')}",
                bytes=max(path.stat().st_size, 1),
                sha256=sha256_file(path),
                licence="public domain",
                attribution="made for a test",
                retrieved=date(2026, 1, 1),
            ),
        )
        for name, path in paths.items()
    }
    return SourceFiles(source, vintage, layout, files)


def write_xlsx(path: Path, rows: Sequence[Sequence[object]], sheet: str = "Sheet1") -> Path:
    """A workbook of one sheet."""
    workbook = openpyxl.Workbook(write_only=True)
    worksheet = workbook.create_sheet(sheet)
    for row in rows:
        worksheet.append(list(row))
    workbook.save(path)
    return path
