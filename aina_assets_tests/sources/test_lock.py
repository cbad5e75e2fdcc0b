"""The lock: what it refuses to hold, and how a file that is not the locked one is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.errors import (
    EmptyFileError,
    HashMismatchError,
    HtmlInsteadOfDataError,
    LockError,
    MissingSourceError,
    SourceError,
    TruncatedFileError,
    UnlockedRevisionError,
)
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import DigestCache
from aina_assets.sources.lock import LockedFile, SourceLock, read_lock, verify_file
from aina_assets_tests.sources import made_up
from aina_assets_tests.sources.loopback import HTML_PAGE, hub_locked, locked
from aina_assets_tests.sources.made_up import BASE, sha

onet_lock = made_up.onet_lock

URL = "https://www.onetcenter.org/dl_files/Two%20Words.txt"
CONTENT = b"header\nrow\n"


def written(tmp_path: Path, *records: dict[str, Any], **fields: Any) -> Path:
    path = tmp_path / "sources.lock.json"
    path.write_text(json.dumps({"lock_version": 1, "files": list(records)} | fields))
    return path


def record(**fields: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(locked(URL, CONTENT).model_dump_json(exclude_none=True))
    return plain | fields


# --- reading


@pytest.mark.parametrize("path", ["data/sources.lock.json", "data/starter/sources.lock.json"])
def test_writing_a_committed_lock_again_loses_nothing(path: str, tmp_path: Path) -> None:
    lock = read_lock(PROJECT_ROOT / path)
    (tmp_path / "lock.json").write_text(lock.to_json(), "utf-8")
    again = read_lock(tmp_path / "lock.json")
    assert sorted(again.files, key=lambda file: file.url) == sorted(lock.files, key=lambda file: file.url)
    assert again.to_json() == lock.to_json()


def test_an_absent_lock_is_named(tmp_path: Path) -> None:
    with pytest.raises(LockError) as caught:
        read_lock(tmp_path / "none.json")
    assert caught.value.file == str(tmp_path / "none.json")
    assert "git" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_file_that_is_no_lock_is_malformed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lock.json"
    path.write_bytes(content)
    with pytest.raises(LockError, match="malformed lock") as caught:
        read_lock(path)
    assert (caught.value.file, caught.value.place) == (str(path), "the whole file")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"bytes": 0}, "files.0.bytes"),
        ({"sha256": "A" * 64}, "files.0.sha256"),
        ({"git_blob_id": "x"}, "files.0.git_blob_id"),
        ({"retrieved": "yesterday"}, "files.0.retrieved"),
        ({"stranger": 1}, "files.0.stranger"),
        ({"url": "http://www.onetcenter.org/x"}, "files.0.url"),
        ({"url": "https://www.onetcenter.org/x?y=1"}, "files.0.url"),
        ({"url": "https://www.onetcenter.org/x#y"}, "files.0.url"),
        ({"url": "https:///x"}, "files.0.url"),
    ],
)
def test_a_malformed_record_is_named_by_its_place(tmp_path: Path, change: dict[str, Any], place: str) -> None:
    with pytest.raises(LockError, match="malformed lock") as caught:
        read_lock(written(tmp_path, record(**change)))
    assert caught.value.place == place


def test_another_lock_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LockError) as caught:
        read_lock(written(tmp_path, record(), lock_version=2))
    assert caught.value.place == "lock_version"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.onetcenter.org/../x",
        "https://www.onetcenter.org/a/%2e%2e/x",
        "https://www.onetcenter.org/a/..%2fx",
        "https://www.onetcenter.org/a//x",
        "https://www.onetcenter.org/./x",
        "https://www.onetcenter.org/",
        "https://../x",
        "https://.hidden/x",
    ],
)
def test_an_address_cannot_lead_out_of_its_mirror(url: str) -> None:
    with pytest.raises(ValueError, match=r"leaves its folder|not a host's name"):
        locked(url, CONTENT, name="x")


def test_a_files_place_in_a_mirror_is_its_address() -> None:
    assert locked(URL, CONTENT).mirror_path == "www.onetcenter.org/dl_files/Two Words.txt"


@pytest.mark.parametrize("revision", ["main", "v1.0", "a" * 39, "A" * 40, "g" * 40, None])
def test_a_hub_revision_that_is_no_commit_is_refused(tmp_path: Path, revision: str | None) -> None:
    good = hub_locked("owner/name", "a" * 40, "data.csv", CONTENT)
    faulty = json.loads(good.model_dump_json(exclude_none=True)) | {"revision": revision}
    with pytest.raises(UnlockedRevisionError) as caught:
        read_lock(written(tmp_path, faulty))
    assert repr(revision or "") in caught.value.message
    assert caught.value.file == good.url
    assert good.hub_repo == "owner/name"


def test_two_records_for_one_address_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LockError, match=f"two records for {URL}"):
        read_lock(written(tmp_path, record(), record(vintage="30.2")))


def test_two_files_of_one_name_in_a_vintage_are_refused(tmp_path: Path) -> None:
    other = record(url="https://www.onetcenter.org/elsewhere/Two%20Words.txt")
    with pytest.raises(LockError, match=r"two records for onet 30\.3 'Two Words\.txt'"):
        read_lock(written(tmp_path, record(), other))


# --- choosing


def test_a_vintages_files_are_chosen(onet_lock: SourceLock) -> None:
    assert onet_lock.vintages("onet") == ("30.3", "30.2")
    assert [file.name for file in onet_lock.select("onet", "30.3")] == ["Job Titles.txt", "Read Me.txt"]
    assert onet_lock.select("soc", "SOC 2018") == ()


def test_a_vintage_that_is_not_locked_is_refused_naming_those_that_are(onet_lock: SourceLock) -> None:
    with pytest.raises(LockError, match=r"vintage 31\.0 is not locked; the lock has 30\.3, 30\.2"):
        onet_lock.select("onet", "31.0")


def test_a_source_locked_at_one_vintage_gives_that_one() -> None:
    lock = SourceLock(files=(locked(f"{BASE}/x.txt", CONTENT, vintage="starter-1"),))
    assert [file.vintage for file in lock.select("onet", "30.2")] == ["starter-1"]


# --- holding a file against its record


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        (None, MissingSourceError, "Two Words.txt of onet 30.3 is absent"),
        (b"", EmptyFileError, f"the lock says {len(CONTENT)} bytes"),
        (CONTENT[:4], TruncatedFileError, f"expected {len(CONTENT)} bytes, found 4"),
        (CONTENT[::-1], HashMismatchError, f"expected {sha(CONTENT)}, found {sha(CONTENT[::-1])}"),
        (CONTENT + b"x", HashMismatchError, f"expected {sha(CONTENT)}, found {sha(CONTENT + b'x')}"),
        (HTML_PAGE, HtmlInsteadOfDataError, "Maintenance We will be back."),
        (b"\xef\xbb\xbf\r\n <HTML>denied", HtmlInsteadOfDataError, "denied"),
    ],
)
def test_a_file_that_is_not_the_locked_one_is_named_with_what_was_found(
    tmp_path: Path, content: bytes | None, error: type[SourceError], told: str
) -> None:
    path = tmp_path / "Two Words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        verify_file(path, locked(URL, CONTENT))
    assert type(caught.value) is error
    assert told in caught.value.message
    assert caught.value.file == str(path)
    assert caught.value.remedy


def test_a_folder_in_a_files_place_is_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(MissingSourceError):
        verify_file(tmp_path, locked(URL, CONTENT))


def test_a_good_file_gives_its_digest_with_and_without_memory(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(CONTENT)
    digests = DigestCache(tmp_path / "digests.json")
    file: LockedFile = locked(URL, CONTENT)
    assert verify_file(path, file) == verify_file(path, file, digests) == sha(CONTENT)
    path.write_bytes(CONTENT[::-1])
    with pytest.raises(HashMismatchError):
        verify_file(path, file, digests)


def test_a_hub_address_must_name_the_locked_commit() -> None:
    record = next(f for f in read_lock(PROJECT_ROOT / "data" / "sources.lock.json").files if f.revision)
    branch = record.url.replace(str(record.revision), "main")
    with pytest.raises(UnlockedRevisionError, match="does not name the locked commit"):
        LockedFile.model_validate(record.model_dump() | {"url": branch})


def test_a_lock_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="cannot be read"):
        read_lock(tmp_path)
