"""Bring a source's locked files to hand: one interface, three lanes.

- starter: the committed folder, a mirror with a lock of its own;
- mirror: folders laid out as `<host>/<url path>`;
- live: the network, into `AINA_DATA/sources`, at the locked revision.

Whatever the lane, a file is held against the lock before anybody reads it, and a failed or changed
download leaves the last good file in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aina_assets.core.errors import MissingSourceError, SourceError
from aina_assets.core.settings import Lane, Settings
from aina_assets.core.storage import DigestCache
from aina_assets.sources.lock import FileRecord, LockedFile, SourceLock, selected_vintage, verify_file


@dataclass(frozen=True)
class AcquiredFile:
    """A file that was held against its record."""

    path: Path
    record: FileRecord


@dataclass(frozen=True)
class SourceFiles:
    """One source's verified files of one vintage; empty where the lane has none of them."""

    source: str
    vintage: str
    layout: str
    files: Mapping[str, AcquiredFile]

    @property
    def is_available(self) -> bool:
        """Whether the lane has this source."""
        return bool(self.files)

    def path(self, name: str) -> Path:
        """The path of a file that the reader needs.

        Raises:
            MissingSourceError: this vintage was locked without it.
        """
        if name not in self.files:
            raise MissingSourceError(
                f"{self.source} {self.vintage} has no file {name!r}",
                remedy="Lock the file (`aina sources lock`), or choose another vintage.",
            )
        return self.files[name].path

    def has(self, name: str) -> bool:
        """Whether this vintage was locked with the file."""
        return name in self.files

    def digests(self) -> dict[str, str]:
        """The files' locked sha256 by name: what everything made from them depends on."""
        return {name: file.record.sha256 for name, file in sorted(self.files.items())}


class FileLane(Protocol):
    """A way to bring a locked file to hand."""

    def locate(self, file: LockedFile) -> Path | None:
        """The file's local path, fetched if need be; None where the lane does not have it."""
        ...


class FolderLane:
    """Files that lie in folders laid out as `<host>/<url path>`; the first folder that has one wins."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self._roots = roots

    def locate(self, file: LockedFile) -> Path | None:
        """Where the file lies, or None."""
        for root in self._roots:
            path = root / file.mirror_path
            if path.is_file():
                return path
        return None


def lane_for(settings: Settings, digests: DigestCache | None = None) -> FileLane:
    """The lane that the settings choose."""
    if settings.sources is Lane.STARTER:
        return FolderLane((settings.starter_root,))
    if settings.sources is Lane.MIRROR:
        return FolderLane(settings.mirror)
    # Imported here so that offline runs do not pay for the network clients.
    from aina_assets.sources.upstream.live import LiveLane  # noqa: PLC0415

    return LiveLane(settings, digests=digests)


def acquire(
    source: str,
    settings: Settings,
    lock: SourceLock,
    *,
    lane: FileLane | None = None,
    digests: DigestCache | None = None,
) -> SourceFiles:
    """Bring all files of a source's selected vintage to hand, verified.

    Args:
        source: source id.
        lane: where files come from; the settings' own where None.
        digests: remembered digests of unchanged files; all bytes are read where None.

    Raises:
        MissingSourceError: a required source is absent, or an optional one is there in part.
        SourceError: a file is not what the lock says; nothing was replaced.
    """
    lane = lane or lane_for(settings, digests)
    selected = lock.select(source, selected_vintage(settings, source))
    files: dict[str, AcquiredFile] = {}
    absent: list[LockedFile] = []
    for locked in selected:
        path = lane.locate(locked)
        if path is None:
            absent.append(locked)
            continue
        verify_file(path, locked, digests)
        files[locked.name] = AcquiredFile(path, locked)
    if absent and (files or not all(file.is_optional for file in absent)):
        raise MissingSourceError(
            f"{source}: {len(absent)} of {len(selected)} locked files are absent from the "
            f"{settings.sources} lane, the first is {absent[0].name!r}",
            file=absent[0].mirror_path,
            remedy="Check AINA_MIRROR (layout DIR/<host>/<url path>), or use AINA_SOURCES=live.",
        )
    vintage = selected[0].vintage if selected else "none"
    layout = selected[0].layout if selected else "none"
    return SourceFiles(source, vintage, layout, files)


def source_faults(source: str, settings: Settings, lock: SourceLock) -> list[SourceError]:
    """Every file of the source that the lane has and that is not what the lock says, one fault a file.

    `acquire` stops at the first; a person who mends a folder wants them all. Every byte is read.
    """
    lane = lane_for(settings)
    faults: list[SourceError] = []
    for locked in lock.select(source, selected_vintage(settings, source)):
        try:
            path = lane.locate(locked)
            if path is not None:
                verify_file(path, locked)
        except SourceError as error:
            faults.append(error)
    return faults
