"""What makes an archive unsafe; each is refused by name, and nothing is written outside."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from aina_assets.core.errors import UnsafeArchiveError
from aina_assets.sources.upstream.archive import extract_member, member_matching

MEMBER = "oesm24nat/national_M2024_dl.xlsx"
CONTENT = bytes(range(256)) * 40


def make(folder: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def assert_refused(archive: Path, words: str, *, expected_bytes: int = len(CONTENT)) -> None:
    destination = archive.parent / "out" / "workbook.xlsx"
    destination.parent.mkdir()
    before = set(archive.parent.rglob("*"))
    with pytest.raises(UnsafeArchiveError, match=words) as caught:
        extract_member(archive, MEMBER, destination, expected_bytes=expected_bytes)
    assert caught.value.file == str(archive)
    assert set(archive.parent.rglob("*")) - before <= {destination}


def test_the_expected_member_is_written(tmp_path: Path) -> None:
    archive = make(tmp_path, {"oesm24nat/": b"", MEMBER: CONTENT, "oesm24nat/readme.txt": b"other"})
    extract_member(archive, MEMBER, tmp_path / "out.xlsx", expected_bytes=len(CONTENT))
    assert (tmp_path / "out.xlsx").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "C:/evil", "..\\evil", "\\\\host\\evil"]
)
def test_a_member_outside_its_folder_condemns_the_archive(tmp_path: Path, name: str) -> None:
    assert_refused(make(tmp_path, {MEMBER: CONTENT, name: b"x"}), "leaves the archive's folder")


def test_a_name_cut_at_a_nul_is_refused(tmp_path: Path) -> None:
    archive = make(tmp_path, {MEMBER: CONTENT, "safe.txtZ../evil": b"x"})
    archive.write_bytes(archive.read_bytes().replace(b"safe.txtZ../evil", b"safe.txt\0../evil"))
    assert_refused(archive, "leaves the archive's folder")


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "archive.zip"
    link = zipfile.ZipInfo(MEMBER)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(link, "/etc/passwd")
    assert_refused(archive, "symbolic link")


def test_an_absent_member_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    assert_refused(make(tmp_path, {"oesm24nat/other.xlsx": CONTENT}), r"there are: oesm24nat/other\.xlsx")


def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    archive = make(tmp_path, {MEMBER: CONTENT})
    with zipfile.ZipFile(archive, "a") as opened, pytest.warns(UserWarning, match="Duplicate name"):
        opened.writestr(MEMBER, b"the other one")
    assert_refused(archive, "found it 2 times")


def test_a_member_far_larger_than_locked_is_refused(tmp_path: Path) -> None:
    assert_refused(make(tmp_path, {MEMBER: CONTENT * 5}), "too large")


def test_a_bomb_is_told_by_its_ratio(tmp_path: Path) -> None:
    size = 11 << 20
    assert_refused(make(tmp_path, {MEMBER: bytes(size)}), r"grows \d+ times", expected_bytes=size)


def test_a_size_that_lies_bounds_what_is_written(tmp_path: Path) -> None:
    archive = make(tmp_path, {MEMBER: CONTENT})
    # Declare 100 bytes in the directory and before the content; the deflated content holds more.
    raw = archive.read_bytes().replace(struct.pack("<L", len(CONTENT)), struct.pack("<L", 100))
    archive.write_bytes(raw)
    destination = tmp_path / "out.xlsx"
    with pytest.raises(UnsafeArchiveError):
        extract_member(archive, MEMBER, destination, expected_bytes=100)
    assert destination.stat().st_size <= 100


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    archive = make(tmp_path, {MEMBER: CONTENT}, zipfile.ZIP_STORED)
    raw = bytearray(archive.read_bytes())
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(raw)
    assert_refused(archive, "a folder, or encrypted")


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    archive = make(tmp_path, {MEMBER: CONTENT}, zipfile.ZIP_STORED)
    archive.write_bytes(archive.read_bytes().replace(CONTENT[:64], bytes(64), 1))
    assert_refused(archive, "not a readable zip")


@pytest.mark.parametrize("kept", [0, 10, -30])
def test_a_truncated_archive_is_refused(tmp_path: Path, kept: int) -> None:
    archive = make(tmp_path, {MEMBER: CONTENT})
    archive.write_bytes(archive.read_bytes()[:kept])
    assert_refused(archive, "not a readable zip")


def test_every_single_damaged_byte_is_found_or_harmless(tmp_path: Path) -> None:
    content = b"SOC\tshare\n" * 20
    pristine = make(tmp_path, {MEMBER: content}).read_bytes()
    archive, destination = tmp_path / "damaged.zip", tmp_path / "out.xlsx"
    for offset in range(len(pristine)):
        damaged = bytearray(pristine)
        damaged[offset] ^= 0xFF
        archive.write_bytes(damaged)
        try:
            extract_member(archive, MEMBER, destination, expected_bytes=len(content))
        except UnsafeArchiveError:
            continue
        assert destination.read_bytes() == content, offset


def test_one_member_is_found_by_pattern(tmp_path: Path) -> None:
    archive = make(tmp_path, {MEMBER: CONTENT, "oesm24nat/field_descriptions.xlsx": b"x"})
    assert member_matching(archive, r"[^/]+/national_M[0-9]{4}_dl\.xlsx") == MEMBER
    with pytest.raises(UnsafeArchiveError, match="expected one member"):
        member_matching(archive, r".*\.xlsx")
    (tmp_path / "not.zip").write_bytes(io.BytesIO(b"no").read())
    with pytest.raises(UnsafeArchiveError, match="not a readable zip"):
        member_matching(tmp_path / "not.zip", ".*")
