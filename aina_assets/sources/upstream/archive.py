"""Take one expected file out of a zip that a publisher serves it in.

Belongs here: what makes an archive unsafe, and reading exactly one member. Does not: fetching the
archive, or judging the member's content; the lock does that.
"""

from __future__ import annotations

import errno
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from aina_assets.core.errors import UnsafeArchiveError
from aina_assets.core.storage import CHUNK_BYTES

MAX_MEMBERS = 10_000
MAX_RATIO = 200
# Below this a high ratio is only a very regular small file.
RATIO_MATTERS_FROM_BYTES = 10 << 20
MAX_GROWTH = 4
"""A member may be that many times as large as the lock says, before it counts as an attack: an upstream
revision changes a workbook's size, and is then named as a changed hash."""

# RuntimeError is the standard library's word for an encrypted member; ValueError covers names that are
# not in their declared encoding.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def extract_member(archive: Path, member: str, destination: Path, *, expected_bytes: int) -> None:
    """Write one member of a zip to `destination`.

    The whole archive is refused if any of its members would leave its folder: such an archive was not
    made by the publisher's usual means.

    Args:
        expected_bytes: the locked size, against which a bomb is told.

    Raises:
        UnsafeArchiveError: the archive is damaged, has an unsafe member, or lacks the expected one;
            names the archive and the member.
    """
    with _damage_named(archive, member), zipfile.ZipFile(archive) as opened:
        info = find_member(opened, member, archive)
        _refuse_bomb(info, expected_bytes, archive)
        with opened.open(info) as source, destination.open("wb") as sink:
            _copy_bounded(source, sink, info, archive)


@contextmanager
def _damage_named(archive: Path, place: str | None = None) -> Iterator[None]:
    """Turn what the standard library raises on a damaged zip into one error."""
    try:
        yield
    except _DAMAGE as error:
        raise UnsafeArchiveError(f"not a readable zip: {error}", file=archive, place=place) from error
    except OSError as error:
        # A damaged offset makes it seek before the start; any other OSError is the disk's.
        if error.errno != errno.EINVAL:
            raise
        raise UnsafeArchiveError(f"not a readable zip: {error}", file=archive, place=place) from error


def member_matching(archive: Path, pattern: str) -> str:
    """The one member whose name matches a regular expression as a whole.

    Raises:
        UnsafeArchiveError: the archive is damaged or unsafe, or no member or several match.
    """
    with _damage_named(archive), zipfile.ZipFile(archive) as opened:
        infos = opened.infolist()
    for info in infos:
        _refuse_unsafe_name(info, archive)
    found = [info.filename for info in infos if re.fullmatch(pattern, info.filename)]
    if len(found) != 1:
        raise UnsafeArchiveError(f"expected one member like {pattern!r}, found {found}", file=archive)
    return found[0]


def find_member(opened: zipfile.ZipFile, member: str, archive: Path) -> zipfile.ZipInfo:
    """The expected member, after every member's name was looked at.

    Raises:
        UnsafeArchiveError: a member is unsafe, or the expected one is absent or there twice.
    """
    infos = opened.infolist()
    if len(infos) > MAX_MEMBERS:
        raise UnsafeArchiveError(f"{len(infos)} members, over {MAX_MEMBERS}", file=archive)
    for info in infos:
        _refuse_unsafe_name(info, archive)
    found = [info for info in infos if info.filename == member]
    if len(found) != 1:
        names = ", ".join(sorted(info.filename for info in infos if not info.is_dir())[:8])
        raise UnsafeArchiveError(
            f"expected the member {member!r} once, found it {len(found)} times; there are: {names}",
            file=archive,
            place=member,
        )
    if found[0].is_dir() or found[0].flag_bits & 0x1:
        raise UnsafeArchiveError("the member is a folder, or encrypted", file=archive, place=member)
    return found[0]


def _refuse_unsafe_name(info: zipfile.ZipInfo, archive: Path) -> None:
    # The name as it stands in the archive: zipfile cuts `filename` at a NUL.
    name = info.orig_filename.replace("\\", "/")
    is_outside = name.startswith("/") or ".." in PurePosixPath(name).parts or re.match(r"[A-Za-z]:", name)
    if is_outside or "\0" in name:
        raise UnsafeArchiveError("a member leaves the archive's folder", file=archive, place=repr(name))
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnsafeArchiveError("a member is a symbolic link", file=archive, place=name)


def _refuse_bomb(info: zipfile.ZipInfo, expected_bytes: int, archive: Path) -> None:
    if info.file_size > MAX_GROWTH * expected_bytes:
        raise UnsafeArchiveError(
            f"the member is too large: {info.file_size} bytes, the lock says {expected_bytes}",
            file=archive,
            place=info.filename,
        )
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size >= RATIO_MATTERS_FROM_BYTES and ratio > MAX_RATIO:
        raise UnsafeArchiveError(
            f"the member grows {ratio:.0f} times, over {MAX_RATIO}", file=archive, place=info.filename
        )


def _copy_bounded(source: IO[bytes], sink: IO[bytes], info: zipfile.ZipInfo, archive: Path) -> None:
    # The size in the directory is a claim of the archive; what is written is counted.
    written = 0
    while chunk := source.read(CHUNK_BYTES):
        written += len(chunk)
        if written > info.file_size:
            raise UnsafeArchiveError(
                f"the member holds more than the {info.file_size} bytes that it declares",
                file=archive,
                place=info.filename,
            )
        sink.write(chunk)
