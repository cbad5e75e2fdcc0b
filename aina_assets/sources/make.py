"""Make the sources' tables: acquire, read, write, and leave alone what has not changed.

Belongs here: which files a source consists of in this run, and when its tables must be made anew. Does
not: how a file is fetched or read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.store import NOT_AVAILABLE, Provenance, TableInfo, code_version, contract_digest
from aina_assets.sources.acquire import FileLane, SourceFiles, acquire
from aina_assets.sources.catalog import SOURCES, Source
from aina_assets.sources.lock import FileRecord, LockedFile, SourceLock, read_lock
from aina_assets.sources.readers.oews_api import acquire_api
from aina_assets.sources.readers.person_names import person_names_digest
from aina_assets.sources.readers.title_list import user_title_list
from aina_assets.sources.tables.files import SOURCE_FILE
from aina_assets.sources.tables.title_list import TITLE_LIST


def acquire_source(
    source_id: str, engine: Engine, *, lock: SourceLock | None = None, lane: FileLane | None = None
) -> SourceFiles:
    """A source's verified files in this run.

    The title inventory is the user's where one is set, else the starter's; the API's files are its
    cached answers; every other source is what the lock selects.

    Raises:
        SourceError: a file is absent or is not what its record says.
    """
    settings = engine.settings
    if source_id == "titles" and settings.titles is not None:
        return user_title_list(settings.titles)
    if source_id == "oews_api":
        return acquire_api(settings)
    if source_id == "titles":
        # No publisher has a title inventory: without one of the user's, the starter's stands in.
        starter = settings.starter()
        return acquire(source_id, starter, read_lock(starter.lock_path), digests=engine.digests)
    lock = lock or read_lock(settings.lock_path)
    return acquire(source_id, settings, lock, lane=lane, digests=engine.digests)


def source_provenance(contract: TableContract, files: SourceFiles) -> Provenance:
    """What a table of the source would be made from now.

    A policy that decides what is read counts as code, not as one of the source's files.
    """
    code = code_version("core", "sources")
    if contract.name == TITLE_LIST.name:
        code = f"{code}-{person_names_digest()[:16]}"
    return Provenance(
        vintages={files.source: files.vintage if files.is_available else NOT_AVAILABLE},
        inputs=files.digests(),
        code=code,
        contract=contract_digest(contract),
    )


def make_table(
    source: Source, contract: TableContract, files: SourceFiles, engine: Engine
) -> tuple[TableInfo, bool]:
    """Make a table if what it is made from changed; give it, and whether it was made.

    A source that is not available gives a table without rows whose vintage says so.

    Raises:
        SourceError, ContractError: the table that stood there still stands.
    """
    provenance = source_provenance(contract, files)
    standing = engine.store.current(contract.name, provenance)
    if standing is not None:
        return standing, False
    if not files.is_available:
        return engine.store.write(contract, contract.empty(), provenance), True
    if contract.name in source.writers:
        writer = source.writers[contract.name]
        return engine.store.write_file(
            contract, provenance, lambda path, metadata: writer(files, path, metadata, engine.settings)
        ), True
    return engine.store.write(contract, source.readers[contract.name](files), provenance), True


def make_file_table(acquired: Mapping[str, SourceFiles], engine: Engine) -> tuple[TableInfo, bool]:
    """Make the table of source files."""
    provenance = Provenance(
        vintages={
            source: files.vintage if files.is_available else NOT_AVAILABLE
            for source, files in sorted(acquired.items())
        },
        inputs={
            f"{source}/{name}": digest
            for source, files in sorted(acquired.items())
            for name, digest in files.digests().items()
        },
        code=code_version("core", "sources"),
        contract=contract_digest(SOURCE_FILE),
    )
    standing = engine.store.current(SOURCE_FILE.name, provenance)
    if standing is not None:
        return standing, False
    rows = [
        _file_row(file.record, engine)
        for _, files in sorted(acquired.items())
        for _, file in sorted(files.files.items())
    ]
    table = pa.Table.from_pylist(rows, schema=SOURCE_FILE.arrow_schema)
    return engine.store.write(SOURCE_FILE, table, provenance), True


def _file_row(record: FileRecord, engine: Engine) -> dict[str, object]:
    locked = record if isinstance(record, LockedFile) else None
    return {
        "source": record.source,
        "vintage": record.vintage,
        "layout": record.layout,
        "lane": engine.settings.sources.value,
        "name": record.name,
        "url": locked.url if locked else None,
        "revision": locked.revision if locked else None,
        "file_bytes": record.bytes,
        "sha256": record.sha256,
        "is_locked": locked is not None,
        "licence": record.licence,
        "attribution": record.attribution,
    }


def acquire_all(engine: Engine, sources: Iterable[str] = tuple(SOURCES)) -> dict[str, SourceFiles]:
    """Every source's verified files."""
    return {source: acquire_source(source, engine) for source in sources}
