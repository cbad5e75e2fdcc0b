"""The live lane: a locked file from the network into `AINA_DATA/sources`, verified before it counts.

Belongs here: when to fetch, by which client, and where the file goes. Does not: how a client asks (see
`http`, `hub`) or what is in an archive (see `archive`).
"""

from __future__ import annotations

from pathlib import Path

from aina_assets.core.errors import HashMismatchError, MissingSourceError, SourceError, UnsafeArchiveError
from aina_assets.core.settings import Settings
from aina_assets.core.storage import PART_SUFFIX, DataRoot, DigestCache, atomic_path
from aina_assets.sources.lock import HUB_HOST, Archive, LockedFile, verify_file
from aina_assets.sources.upstream.archive import extract_member
from aina_assets.sources.upstream.http import HttpClient
from aina_assets.sources.upstream.scratch import renamed, scratch_folder, sweep_stale, verify_fetched

# A zip's size is not locked, its member's is: an archive may be that much larger before it is refused.
ARCHIVE_GROWTH = 16
SMALLEST_ARCHIVE_LIMIT_BYTES = 64 << 20


class LiveLane:
    """Locked files from the network, at the locked revision, into the data root.

    Args:
        digests: remembered digests of unchanged files; every byte of a present file is read where None.
        http: client for all hosts but the Hub; made from the settings where None.
    """

    def __init__(
        self, settings: Settings, *, digests: DigestCache | None = None, http: HttpClient | None = None
    ) -> None:
        self._settings = settings
        self._root = DataRoot(settings.data)
        self._digests = digests
        self._http = http or HttpClient(settings)

    def locate(self, file: LockedFile) -> Path | None:
        """The file's path: the one at hand if it is the locked one, else fetched.

        What stands at that path is replaced only by a file that was held against the lock.

        Returns:
            None where upstream no longer has an optional file.

        Raises:
            SourceError: it cannot be had, or is not what the lock says; names file, place and remedy.
            StorageFullError: the disk ran full.
        """
        target = self._root.downloads / file.mirror_path
        if self._is_good(target, file):
            return target
        try:
            self._fetch(file, target)
        except MissingSourceError:
            if file.is_optional:
                return None
            raise
        return target

    def _is_good(self, target: Path, file: LockedFile) -> bool:
        try:
            verify_file(target, file, self._digests)
        except SourceError:
            return False
        return True

    def _fetch(self, file: LockedFile, target: Path) -> None:
        sweep_stale(target.parent, f".{target.name}.*{PART_SUFFIX}")
        if file.host == HUB_HOST:
            # Imported here: the library is only paid for by a run that fetches from the Hub.
            from aina_assets.sources.upstream.hub import HubClient  # noqa: PLC0415

            HubClient(self._settings).fetch(file, target)
        elif file.archive is not None:
            self._fetch_member(file, file.archive, target)
        else:
            self._fetch_plain(file, target)

    def _fetch_plain(self, file: LockedFile, target: Path) -> None:
        with atomic_path(target) as part:
            was_resumed = self._http.download(file.url, part, limit_bytes=file.bytes)
            try:
                verify_fetched(part, file, target, file.url)
            except HashMismatchError:
                if not was_resumed:
                    raise
                # A server that mixes two states of a file in its answers to ranges: once more, whole.
                self._http.download(file.url, part, limit_bytes=file.bytes)
                verify_fetched(part, file, target, file.url)

    def _fetch_member(self, file: LockedFile, archive: Archive, target: Path) -> None:
        with scratch_folder(self._root, target) as folder, atomic_path(target) as part:
            packed = folder / "archive.zip"
            limit = max(SMALLEST_ARCHIVE_LIMIT_BYTES, ARCHIVE_GROWTH * file.bytes)
            self._http.download(archive.url, packed, limit_bytes=limit)
            try:
                extract_member(packed, archive.member, part, expected_bytes=file.bytes)
            except UnsafeArchiveError as error:
                raise renamed(error, target, archive.url) from error
            verify_fetched(part, file, target, archive.url)
