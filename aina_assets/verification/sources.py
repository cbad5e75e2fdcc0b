"""The source files of a state: where they lie now, and what the lock says of them.

Belongs here: finding files without holding them against anything, so that every difference can be told and
not the first alone. Does not: comparing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aina_assets.core.engine import Engine
from aina_assets.core.errors import SourceError
from aina_assets.core.settings import Lane
from aina_assets.sources.acquire import FileLane, FolderLane, lane_for
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.lock import SourceLock, read_lock, selected_vintage
from aina_assets.sources.make import acquire_source
from aina_assets.sources.tables.bls import API

TITLES = "titles"


@dataclass(frozen=True)
class SourceFile:
    """A source file as this run would read it.

    Attributes:
        path: where it lies; None where the lane does not have it.
        locked: its sha256 by the lock; None where no lock knows it.
        is_required: the lock does not allow the source to be absent.
    """

    path: Path | None
    locked: str | None
    is_required: bool


def source_files(engine: Engine, *, is_offline: bool) -> dict[str, SourceFile]:
    """Every source file by its name in receipts, `<source>/<file>`.

    Args:
        is_offline: never ask the network; in the live lane a file that is not at hand is absent then.

    Raises:
        LockError: the lock cannot be read.
        FetchError: the live lane did not give a file.
    """
    lane = _lane(engine, is_offline=is_offline)
    lock = read_lock(engine.settings.lock_path)
    found: dict[str, SourceFile] = {}
    for source in SOURCES:
        if source == API or (source == TITLES and engine.settings.titles is not None):
            found |= _unlocked(engine, source, is_offline=is_offline)
        elif source == TITLES:
            starter = engine.settings.starter()
            found |= _locked(
                source, read_lock(starter.lock_path), FolderLane((starter.starter_root,)), engine
            )
        else:
            found |= _locked(source, lock, lane, engine)
    return found


def _lane(engine: Engine, *, is_offline: bool) -> FileLane:
    if engine.settings.sources is Lane.LIVE and is_offline:
        return FolderLane((engine.data.downloads,))
    return lane_for(engine.settings, engine.digests)


def _locked(source: str, lock: SourceLock, lane: FileLane, engine: Engine) -> dict[str, SourceFile]:
    return {
        f"{source}/{file.name}": SourceFile(lane.locate(file), file.sha256, not file.is_optional)
        for file in lock.select(source, selected_vintage(engine.settings, source))
    }


def _unlocked(engine: Engine, source: str, *, is_offline: bool) -> dict[str, SourceFile]:
    """Files that no lock knows: a user's title inventory, cached answers of an API."""
    settings = engine.settings
    if source == API and settings.sources is Lane.LIVE and is_offline:
        # As a mirror: what was answered and cached is looked at, nothing is asked.
        settings = settings.model_copy(update={"sources": Lane.MIRROR, "mirror": (engine.data.downloads,)})
    with suppress(SourceError):
        files = acquire_source(source, Engine(settings)).files
        return {f"{source}/{name}": SourceFile(file.path, None, True) for name, file in files.items()}
    return {}
