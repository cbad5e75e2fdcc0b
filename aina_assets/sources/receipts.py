"""The receipt of what was acquired: `public_source_snapshot_v1`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import Predicate, write_receipt
from aina_assets.core.store import NOT_AVAILABLE
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.lock import LockedFile

SNAPSHOT = "public_source_snapshot_v1"
# The lock that the files were held against is a subject too.
LOCK_SUBJECT = "sources.lock.json"


class SourceSnapshot(BaseModel):
    """One source in the snapshot."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    publisher: str
    status: Literal["available", "not_available"]
    vintage: str = Field(description="release name; not_available where the lane has none")
    revisions: tuple[str, ...] = Field(description="Hub commits")
    files: int = Field(ge=0)
    bytes: int = Field(ge=0)
    rows: dict[str, int] = Field(description="rows by table made from it")
    licences: tuple[str, ...]


class PublicSourceSnapshot(Predicate):
    """What public sources this state rests on: files, bytes, rows, revisions."""

    lane: Literal["starter", "mirror", "live"]
    files: int = Field(ge=0)
    bytes: int = Field(ge=0)
    rows: int = Field(ge=0)
    revisions: dict[str, str] = Field(description="Hub commit by source")
    sources: tuple[SourceSnapshot, ...]


def write_snapshot(engine: Engine, acquired: Mapping[str, SourceFiles]) -> tuple[Path, PublicSourceSnapshot]:
    """Write the snapshot receipt; its subjects are the lock, the source files, the tables made of them."""
    snapshots = tuple(_snapshot(engine, acquired[source]) for source in SOURCES)
    predicate = PublicSourceSnapshot(
        lane=engine.settings.sources.value,
        files=sum(snapshot.files for snapshot in snapshots),
        bytes=sum(snapshot.bytes for snapshot in snapshots),
        rows=sum(sum(snapshot.rows.values()) for snapshot in snapshots),
        revisions={s.source: s.revisions[0] for s in snapshots if s.revisions},
        sources=snapshots,
    )
    digests = {
        f"{source}/{name}": digest
        for source, files in acquired.items()
        for name, digest in files.digests().items()
    }
    digests[LOCK_SUBJECT] = engine.digests.sha256(engine.settings.lock_path)
    for source in SOURCES.values():
        for contract in source.contracts:
            digests[f"tables/{contract.name}.parquet"] = engine.store.info(contract.name).sha256
    return write_receipt(engine.data.receipts, SNAPSHOT, digests, predicate), predicate


def _snapshot(engine: Engine, files: SourceFiles) -> SourceSnapshot:
    source = SOURCES[files.source]
    records = [file.record for file in files.files.values()]
    commits = {r.revision for r in records if isinstance(r, LockedFile) and r.revision}
    return SourceSnapshot(
        source=source.id,
        publisher=source.publisher,
        status="available" if files.is_available else "not_available",
        vintage=files.vintage if files.is_available else NOT_AVAILABLE,
        revisions=tuple(sorted(commits)),
        files=len(records),
        bytes=sum(record.bytes for record in records),
        rows={contract.name: engine.store.info(contract.name).rows for contract in source.contracts},
        licences=tuple(sorted({record.licence for record in records})),
    )
