"""Where a download lies before it is known to be good, and how it leaves that place.

Belongs here: temporary folders and files of downloads, what a killed process left of them, and holding
a fetched file against its lock record under its final name. Does not: fetching.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aina_assets.core.errors import SourceError
from aina_assets.core.storage import DataRoot, disk_full_named
from aina_assets.sources.lock import LockedFile, verify_file

STALE_SECONDS = 24 * 3600.0
_PREFIX = "fetch-"


@contextmanager
def scratch_folder(root: DataRoot, target: Path | str) -> Iterator[Path]:
    """A folder in the cache that is gone afterwards, whatever happens.

    Args:
        target: what the download is for; a full disk is reported under this name.

    Raises:
        StorageFullError: the disk ran full inside the block.
    """
    with disk_full_named(Path(target)):
        root.cache.mkdir(parents=True, exist_ok=True)
        sweep_stale(root.cache, f"{_PREFIX}*")
        with tempfile.TemporaryDirectory(dir=root.cache, prefix=_PREFIX) as folder:
            yield Path(folder)


def sweep_stale(folder: Path, pattern: str) -> None:
    """Remove what a killed process left a day or more ago; what is younger may belong to a live one."""
    if not folder.is_dir():
        return
    for path in folder.glob(pattern):
        # Two processes may sweep at once: the loser finds nothing, which is as good.
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def verify_fetched(fetched: Path, locked: LockedFile, target: Path, url: str) -> None:
    """Hold a fetched file against the lock before it takes its place.

    A fault is reported under the name that the file would have had, since the temporary one is gone by
    the time somebody reads the message.

    Raises:
        SourceError: as `verify_file` does; names the target and the address that was asked.
    """
    try:
        verify_file(fetched, locked)
    except SourceError as error:
        raise renamed(error, target, url) from error


def renamed(error: SourceError, target: Path | str, url: str) -> SourceError:
    """The same fault, told of the target and the address instead of the temporary file."""
    return type(error)(f"{url}: {error.message}", file=target, place=error.place, remedy=error.remedy)
