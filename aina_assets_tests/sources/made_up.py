"""Small made-up locks and what they lock, for the tests of drift and of proposals."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from aina_assets.sources.lock import LockedFile, SourceLock
from aina_assets_tests.sources.loopback import hub_locked, locked

BASE = "https://www.onetcenter.org/dl_files/database"
STRUCTURE = "https://www.bls.gov/soc/2018/soc_structure_2018.xlsx"
CROSSWALK = "https://www.onetcenter.org/taxonomy/2019/soc/2019_to_SOC_Crosswalk.xlsx"
TODAY = date(2026, 11, 23)
REPO, COMMIT, HEAD = "example/made-up", "a" * 40, "b" * 40
README, FIGURES, TRAIN = "README.md", "data/two words.csv", "data/train.parquet"
OLD_FILES = {README: b"# Made up", FIGURES: b"a,b\n1,2\n", TRAIN: b"PAR1 old"}


def sha(content: bytes) -> str:
    """Content's sha256 in hex."""
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def hub_lock() -> SourceLock:
    return SourceLock(
        files=(
            hub_locked(REPO, COMMIT, README, OLD_FILES[README], layout="2025-10"),
            hub_locked(REPO, COMMIT, "data/two%20words.csv", OLD_FILES[FIGURES], name=FIGURES),
            hub_locked(REPO, COMMIT, TRAIN, OLD_FILES[TRAIN], lfs_sha256=sha(OLD_FILES[TRAIN])),
        )
    )


@pytest.fixture
def onet_lock() -> SourceLock:
    def record(release: str, name: str) -> LockedFile:
        url = f"{BASE}/db_{release.replace('.', '_')}_text/{name.replace(' ', '%20')}"
        return locked(
            url, b"old", vintage=release, layout=release, attribution=f"O*NET {release} Database, CC BY"
        )

    return SourceLock(
        files=(
            record("30.3", "Job Titles.txt"),
            record("30.3", "Read Me.txt"),
            record("30.2", "Job Titles.txt"),
        )
    )


@pytest.fixture
def soc_lock() -> SourceLock:
    fields = {"source": "soc", "vintage": "SOC 2018", "layout": "2018"}
    return SourceLock(
        files=(locked(STRUCTURE, b"structure", **fields), locked(CROSSWALK, b"crosswalk", **fields))
    )
