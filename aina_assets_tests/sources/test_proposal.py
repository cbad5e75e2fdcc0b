"""A proposed lock made of a lane's folder, how it is written, and how its difference reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aina_assets.core import errors
from aina_assets.core.settings import Settings
from aina_assets.sources.lock import SourceLock, read_lock
from aina_assets.sources.upstream.proposal import Proposal, difference, propose_lock, write_proposal
from aina_assets_tests.sources import made_up
from aina_assets_tests.sources.loopback import locked
from aina_assets_tests.sources.made_up import BASE, FIGURES, OLD_FILES, README, TODAY, TRAIN, sha
from aina_assets_tests.sources.shapes import git_blob

hub_lock, onet_lock, soc_lock = made_up.hub_lock, made_up.onet_lock, made_up.soc_lock


def test_a_mirrors_changed_files_are_proposed(tmp_path: Path, hub_lock: SourceLock) -> None:
    mirror = tmp_path / "mirror"
    changed = OLD_FILES | {README: b"# Made up, twice", TRAIN: b"PAR1 newer"}
    for file in hub_lock.files[::2]:
        path = mirror / file.mirror_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(changed[file.name])
    settings = Settings(sources="mirror", mirror=(mirror,), data=tmp_path / "run")
    proposal = propose_lock(settings, hub_lock, ["gdpval"], today=TODAY)
    by_name = {file.name: file for file in proposal.lock.files}
    assert by_name[README].git_blob_id == git_blob(changed[README])
    assert by_name[TRAIN].lfs_sha256 == by_name[TRAIN].sha256 == sha(changed[TRAIN])
    assert by_name[FIGURES] == next(file for file in hub_lock.files if file.name == FIGURES)
    assert proposal.notes == (f"gdpval: {'a' * 12} {FIGURES} is not in the lane; its record stays",)
    assert proposal.drifts == ()


@pytest.mark.parametrize(
    ("content", "expected"), [(b"", errors.EmptyFileError), (b"<html>", errors.HtmlInsteadOfDataError)]
)
def test_an_unusable_file_of_a_mirror_is_not_proposed(
    tmp_path: Path, soc_lock: SourceLock, content: bytes, expected: type[errors.SourceError]
) -> None:
    mirror = tmp_path / "mirror"
    path = mirror / soc_lock.files[0].mirror_path
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    settings = Settings(sources="mirror", mirror=(mirror,), data=tmp_path / "run")
    with pytest.raises(expected):
        propose_lock(settings, soc_lock, ["soc"])


def test_a_proposal_is_written_beside_the_lock_never_over_it(tmp_path: Path, soc_lock: SourceLock) -> None:
    lock_path = tmp_path / "sources.lock.json"
    lock_path.write_text(soc_lock.to_json())
    before = lock_path.read_bytes()
    new = SourceLock(files=soc_lock.files[:1])
    written = write_proposal(Proposal(new, tuple(difference(soc_lock, new))), lock_path)
    assert written == tmp_path / "sources.lock.proposed.json"
    assert lock_path.read_bytes() == before
    assert read_lock(written) == new
    assert json.loads(written.read_text())["lock_version"] == 1


def test_the_difference_reads_as_lines(onet_lock: SourceLock) -> None:
    first, _, third = onet_lock.files
    new = SourceLock(
        files=(
            first.model_copy(update={"bytes": 4}),
            third,
            locked(f"{BASE}/db_31_0_text/New.txt", b"new", vintage="31.0"),
        )
    )
    assert difference(onet_lock, onet_lock) == []
    assert difference(onet_lock, new) == [
        "onet 30.3 Job Titles.txt: bytes 3 -> 4",
        f"onet 31.0 New.txt: added, 3 bytes, sha256 {sha(b'new')}",
        "onet 30.3 Read Me.txt: removed",
    ]
