"""What must hold of the sources' files and tables. Each rule gives a finding; none knows Dagster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from aina_assets.core.contracts import SAMPLE_ROWS, TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.errors import SourceError
from aina_assets.core.receipts import Predicate, read_receipt
from aina_assets.core.rules import (
    Finding,
    Severity,
    contract_holds,
    contract_holds_in_file,
    contract_holds_in_partitions,
    references_resolve,
    row_count_is,
)
from aina_assets.core.store import NOT_AVAILABLE
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.catalog import Source
from aina_assets.sources.expectations import Expectations
from aina_assets.sources.lock import LockedFile, verify_file
from aina_assets.sources.receipts import LOCK_SUBJECT
from aina_assets.sources.tables.files import SOURCE_FILE

# A table of more rows is held against its contract in parts.
WHOLE_TABLE_ROWS = 1_000_000
TABLES_FOLDER = "tables/"
MODELS_FOLDER = "models/"
REVIEWS_FOLDER = "reviews/"


def files_match_lock(files: SourceFiles) -> Finding:
    """Every byte of every file is what its record says; nothing remembered is trusted."""
    failures = []
    for name, file in files.files.items():
        if not isinstance(file.record, LockedFile):
            continue
        try:
            verify_file(file.path, file.record)
        except SourceError as error:
            failures.append({"file": name, "finding": error.message, "remedy": error.remedy})
    locked = sum(isinstance(file.record, LockedFile) for file in files.files.values())
    total = sum(file.record.bytes for file in files.files.values())
    return Finding(
        passed=not failures,
        summary=(
            f"{len(failures)} of {locked} locked files differ from their record"
            if failures
            else f"not locked: {len(files.files)} files, {total} bytes, as found"
            if files.is_available and not locked
            else f"{locked} locked files, {total} bytes, are what the lock says"
            if files.is_available
            else f"{NOT_AVAILABLE}: this lane has no {files.source}"
        ),
        failed_rows=len(failures),
        sample=failures[:SAMPLE_ROWS],
        remedy="Restore the file from its publisher, or review `aina sources lock`.",
        figures={"files": len(files.files), "bytes": total},
    )


def table_contract_holds(contract: TableContract, engine: Engine, partition: str | None = None) -> Finding:
    """The written table keeps its contract.

    Args:
        partition: the one to look at of a partitioned table; all of them where None.
    """
    store = engine.store
    if contract.partitioned_by is not None and partition is None:
        files = {info.partition: info.path for info in store.infos(contract.name) if info.partition}
        return contract_holds_in_partitions(contract, files)
    info = store.info(contract.name, partition)
    if info.rows > WHOLE_TABLE_ROWS and partition is None:
        return contract_holds_in_file(contract, info.path)
    return contract_holds(contract, store.read(contract.name, partition=partition), partition)


def table_references_resolve(
    contract: TableContract, engine: Engine, partition: str | None = None
) -> Finding:
    """The written table has no orphans. Only the columns that references name are read.

    Args:
        partition: the one whose rows to look at of a partitioned table; all of them where None.
    """
    store = engine.store
    columns = sorted({column for reference in contract.references for column in reference.columns})
    if partition is None:
        table = store.read_whole(contract.name, columns)
    else:
        table = store.read(contract.name, columns, partition=partition)
    if table.num_rows > WHOLE_TABLE_ROWS:
        table = table.group_by(columns).aggregate([])
    wanted: dict[str, set[str]] = {}
    for reference in contract.references:
        wanted.setdefault(reference.table, set()).update(reference.to)
    targets = {name: store.read_whole(name, sorted(to)) for name, to in wanted.items()}
    return references_resolve(contract, table, targets)


def table_row_count_expected(
    source: Source, contract: TableContract, engine: Engine, expectations: Expectations
) -> Finding:
    """The written table has the rows that its vintage is known to have."""
    info = engine.store.info(contract.name)
    vintage = info.provenance.vintages[source.id]
    if vintage == NOT_AVAILABLE:
        return Finding(
            passed=info.rows == 0,
            summary=f"{NOT_AVAILABLE}: this lane has no {source.id}, so the table has {info.rows} rows",
            failed_rows=info.rows,
            remedy="Rows without a source are faked rows: remove what made them.",
            figures={"rows": info.rows},
        )
    return row_count_is(info.rows, expectations.expected_rows(source.id, vintage, contract.name), vintage)


def table_vintage_is_selected(
    source: Source, contract: TableContract, engine: Engine, files: SourceFiles
) -> Finding:
    """The table, and each of its rows, is of the vintage that this run selects."""
    info = engine.store.info(contract.name)
    selected = files.vintage if files.is_available else NOT_AVAILABLE
    stored = info.provenance.vintages[source.id]
    counts: Counter[str] = Counter()
    for part in engine.store.parts(contract.name, ["vintage"]):
        counts.update(_counts(part.column("vintage")))
    foreign = {vintage: rows for vintage, rows in counts.items() if vintage != selected}
    return Finding(
        passed=stored == selected and not foreign,
        summary=f"made from {stored}, selected {selected}"
        + (f"; rows of other vintages: {foreign}" if foreign else ""),
        failed_rows=sum(foreign.values()) or int(stored != selected),
        sample=[{"vintage": vintage, "rows": rows} for vintage, rows in foreign.items()][:SAMPLE_ROWS],
        remedy="Materialize the table again in this lane.",
    )


def values_are_typed(contract: TableContract, engine: Engine) -> Finding:
    """A figure is there exactly when its status says that it was published; none stands in for another."""
    broken_rows = 0
    sample: list[dict[str, Any]] = []
    statuses: Counter[str] = Counter()
    for part in engine.store.parts(
        contract.name, ["occupation_code", "measure", "value", "value_status", "source_row"]
    ):
        is_published = pc.equal(part.column("value_status"), "published")
        broken = part.filter(pc.not_equal(is_published, pc.is_valid(part.column("value"))))
        broken_rows += broken.num_rows
        sample += broken.slice(0, SAMPLE_ROWS - len(sample)).to_pylist()
        statuses.update(_counts(part.column("value_status")))
    return Finding(
        passed=not broken_rows,
        summary=f"{broken_rows} of {statuses.total()} figures contradict their status",
        failed_rows=broken_rows,
        sample=sample,
        remedy="Mend the reader: a withheld figure has a reason and no value.",
        figures={f"rows_{status}": rows for status, rows in statuses.items()},
    )


def file_table_is_complete(engine: Engine, acquired: Mapping[str, SourceFiles]) -> Finding:
    """The table of source files has each file of this run, and no other, with its digest."""
    expected = {
        (source, name, digest)
        for source, files in acquired.items()
        for name, digest in files.digests().items()
    }
    table = engine.store.read(SOURCE_FILE.name, ["source", "name", "sha256"])
    found = {(row["source"], row["name"], row["sha256"]) for row in table.to_pylist()}
    differing = [
        {"source": source, "name": name, "sha256": digest, "is_in_table": (source, name, digest) in found}
        for source, name, digest in sorted(expected ^ found)
    ]
    return Finding(
        passed=not differing,
        summary=f"{len(differing)} of {len(expected)} files differ between this run and the table",
        failed_rows=len(differing),
        sample=differing[:SAMPLE_ROWS],
        remedy="Materialize `source_file` again in this lane.",
        figures={"files": len(expected)},
    )


def receipt_is_of_this_state(
    engine: Engine, name: str, model: type[Predicate], acquired: Mapping[str, SourceFiles]
) -> Finding:
    """The receipt keeps its schema, and each of its subjects is what stands now, digest by digest."""
    statement = read_receipt(engine.data.receipts / f"{name}.json", name, model)
    standing = {
        f"{source}/{file}": digest
        for source, files in acquired.items()
        for file, digest in files.digests().items()
    }
    differing = []
    for subject in statement.subject:
        if subject.name.startswith(TABLES_FOLDER):
            found: str | None = _table_digest(engine, subject.name)
        elif subject.name.startswith(MODELS_FOLDER):
            found = engine.digests.sha256(engine.data.models / subject.name.removeprefix(MODELS_FOLDER))
        elif subject.name.startswith(REVIEWS_FOLDER):
            path = engine.data.path / subject.name
            found = engine.digests.sha256(path) if path.exists() else None
        elif subject.name == LOCK_SUBJECT:
            found = engine.digests.sha256(engine.settings.lock_path)
        else:
            found = standing.get(subject.name)
        if found != subject.digest.sha256:
            differing.append({"subject": subject.name, "stated": subject.digest.sha256, "found": found})
    return Finding(
        passed=not differing,
        summary=f"{len(differing)} of {len(statement.subject)} subjects differ from what stands now",
        failed_rows=len(differing),
        sample=differing[:SAMPLE_ROWS],
        remedy=f"Materialize `{name}` again; if a file differs, verify the sources first.",
        figures={"subjects": len(statement.subject)},
    )


def _table_digest(engine: Engine, subject: str) -> str:
    """The digest of the file that `tables/<table>.parquet` or `tables/<table>/<key>.parquet` names."""
    path = Path(subject.removeprefix(TABLES_FOLDER))
    if path.parent.name:
        return engine.store.info(path.parent.name, path.stem).sha256
    return engine.store.info(path.stem).sha256


def requested_series_are_answered(engine: Engine, files: SourceFiles) -> Finding:
    """Every series that the settings ask of the BLS API has an answer; BLS may not know one."""
    asked = engine.settings.bls_series
    missing = [series for series in asked if not files.has(f"{series}.json")]
    return Finding(
        passed=not missing,
        summary=f"{len(missing)} of {len(asked)} series that AINA_BLS_SERIES names have no answer",
        failed_rows=len(missing),
        sample=[{"series_id": series} for series in missing][:SAMPLE_ROWS],
        remedy="Correct the ids in AINA_BLS_SERIES; in a mirror, put the cached answers beside the others.",
        figures={"asked": len(asked), "missing": len(missing)},
        severity=Severity.WARN,
    )


def _counts(column: Any) -> dict[str, int]:
    """How often each value occurs."""
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}
