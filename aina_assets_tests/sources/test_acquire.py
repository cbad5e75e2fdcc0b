"""Acquiring from folders: all of a source or none of it, and never a file that is not the locked one."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.errors import HashMismatchError, LockError, MissingSourceError
from aina_assets.core.settings import Settings
from aina_assets.sources.acquire import acquire, source_faults
from aina_assets.sources.lock import LockedFile, SourceLock
from aina_assets_tests.sources.loopback import locked
from aina_assets_tests.sources.made_up import BASE, sha

FIRST, SECOND = b"first\n", b"second\n"


def lock_of(*, is_optional: bool = False) -> SourceLock:
    return SourceLock(
        files=tuple(
            locked(f"{BASE}/{name}", content, vintage="30.2", is_optional=is_optional)
            for name, content in (("first.txt", FIRST), ("second.txt", SECOND))
        )
    )


def put(mirror: Path, file: LockedFile, content: bytes) -> Path:
    path = mirror / file.mirror_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def mirrors(tmp_path: Path) -> tuple[Path, Path]:
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
    return folders


@pytest.fixture
def settings(mirrors: tuple[Path, Path], tmp_path: Path) -> Settings:
    return Settings(sources="mirror", mirror=mirrors, data=tmp_path / "run")


def test_a_sources_files_come_verified_from_the_first_folder_that_has_them(
    mirrors: tuple[Path, Path], settings: Settings
) -> None:
    lock = lock_of()
    first, second = lock.files
    put(mirrors[1], first, b"not looked at")
    expected = {
        "first.txt": put(mirrors[0], first, FIRST),
        "second.txt": put(mirrors[1], second, SECOND),
    }
    files = acquire("onet", settings, lock)
    assert (files.source, files.vintage, files.layout, files.is_available) == ("onet", "30.2", "30.3", True)
    assert {name: files.path(name) for name in files.files} == expected
    assert files.digests() == {"first.txt": sha(FIRST), "second.txt": sha(SECOND)}


@pytest.mark.parametrize("is_optional", [False, True])
def test_a_source_that_is_there_in_part_is_refused_naming_what_lacks(
    is_optional: bool, mirrors: tuple[Path, Path], settings: Settings
) -> None:
    lock = lock_of(is_optional=is_optional)
    put(mirrors[0], lock.files[0], FIRST)
    with pytest.raises(MissingSourceError) as caught:
        acquire("onet", settings, lock)
    assert (
        "1 of 2 locked files are absent from the mirror lane, the first is 'second.txt'"
        in caught.value.message
    )
    assert caught.value.file == lock.files[1].mirror_path
    assert "AINA_MIRROR" in caught.value.remedy


def test_a_required_source_must_be_there(settings: Settings) -> None:
    with pytest.raises(MissingSourceError, match="2 of 2 locked files"):
        acquire("onet", settings, lock_of())


def test_an_optional_source_may_be_absent_as_a_whole(settings: Settings) -> None:
    files = acquire("onet", settings, lock_of(is_optional=True))
    assert not files.is_available
    assert files.digests() == {}
    with pytest.raises(MissingSourceError, match=r"onet 30\.2 has no file 'first\.txt'"):
        files.path("first.txt")


def test_a_source_that_is_not_locked_has_no_files(settings: Settings) -> None:
    files = acquire("soc", settings, lock_of())
    assert (files.is_available, files.vintage) == (False, "none")


def test_a_vintage_that_is_not_locked_is_refused(settings: Settings) -> None:
    other = locked(f"{BASE}/other.txt", FIRST, vintage="30.3")
    lock = SourceLock(files=(*lock_of().files, other))
    asked = settings.model_copy(update={"onet_vintage": "29.1"})
    with pytest.raises(LockError, match=r"vintage 29\.1 is not locked"):
        acquire("onet", asked, lock)


def test_a_file_that_is_not_the_locked_one_is_not_given(
    mirrors: tuple[Path, Path], settings: Settings
) -> None:
    lock = lock_of()
    put(mirrors[0], lock.files[0], FIRST)
    altered = put(mirrors[0], lock.files[1], SECOND[::-1])
    with pytest.raises(HashMismatchError) as caught:
        acquire("onet", settings, lock)
    assert caught.value.file == str(altered)


def test_every_faulty_file_is_told_not_the_first_alone(
    mirrors: tuple[Path, Path], settings: Settings
) -> None:
    lock = lock_of()
    altered = [put(mirrors[0], lock.files[0], FIRST[::-1]), put(mirrors[0], lock.files[1], SECOND[::-1])]
    faults = source_faults("onet", settings, lock)
    assert [type(fault) for fault in faults] == [HashMismatchError] * 2
    assert [fault.file for fault in faults] == [str(path) for path in altered]
