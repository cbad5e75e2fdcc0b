"""The table store: one Parquet file a table or partition, which carries its own provenance.

A table that its contract says is partitioned is a folder of its name with one file a key. Provenance stands
in the file's metadata, not beside it, so that a table and what it says of its origin are replaced in one
rename. Which code made a table is remembered beside it, under the file's digest: a change of code that gives
the same rows gives the same bytes, and a damaged file is not recognized and is made anew. Belongs here:
writing, reading and describing tables. Does not: what is in them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from aina_assets.core.contracts import TableContract
from aina_assets.core.errors import ContractError, ProvenanceMismatchError, StateError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import DigestCache, atomic_path, sha256_file
from aina_assets.core.table_memory import TableMemory

METADATA_KEY = b"aina.provenance"
COMPRESSION = "zstd"
PART_ROWS = 500_000
PARTITION_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
NOT_AVAILABLE = "not_available"


@dataclass(frozen=True)
class Provenance:
    """What a table was made from.

    Attributes:
        vintages: source id to vintage (`not_available` where the lane has no such source).
        inputs: name to sha256 of the files or tables that it was made from.
        code: digest of the code that made it; not in the file, and empty where it is not known.
        contract: digest of its contract.
    """

    vintages: Mapping[str, str]
    inputs: Mapping[str, str]
    code: str
    contract: str

    def to_json(self) -> str:
        """The text that a table's file carries."""
        return json.dumps({**asdict(self), "code": ""}, sort_keys=True)

    @property
    def fingerprint(self) -> str:
        """One digest of all of it, the code included: equal fingerprints mean equal tables."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def is_available(self) -> bool:
        """Whether any of its sources was there to be read."""
        return set(self.vintages.values()) != {NOT_AVAILABLE}


@dataclass(frozen=True)
class TableInfo:
    """What a table file is: where, how large, and made from what.

    `name` is the table's; of a partitioned table this is one file of several, and `partition` its key.
    """

    name: str
    path: Path
    rows: int
    bytes: int
    sha256: str
    provenance: Provenance
    partition: str | None = None


class TableStore:
    """Parquet tables in a folder.

    Wherever a method takes a partition, it speaks of that partition's file of a partitioned table, and
    without one of the file of a table that is not partitioned.

    Args:
        root: the folder.
        digests: remembered digests of unchanged files; without it every byte is read for a digest.
    """

    def __init__(self, root: Path, digests: DigestCache | None = None) -> None:
        self.root = root
        self._digests = digests
        self._memory = TableMemory(root)

    def path(self, name: str, partition: str | None = None) -> Path:
        """Where a table's file lies."""
        if partition is None:
            return self.root / f"{name}.parquet"
        if not PARTITION_KEY.fullmatch(partition):
            raise ValueError(f"{name}: {partition!r} cannot be a partition's key: it names a file")
        return self.root / name / f"{partition}.parquet"

    def write(
        self,
        contract: TableContract,
        table: pa.Table,
        provenance: Provenance,
        partition: str | None = None,
    ) -> TableInfo:
        """Replace a table, or one partition of it, atomically, by rows that hold its contract.

        Raises:
            ContractError: the rows break a promise, or are another partition's; the table that stood
                there still stands.
            StorageFullError: the disk ran full; likewise.
        """
        contract.check_partition(partition)
        conformed = contract.conform(table, partition)
        metadata = {METADATA_KEY: provenance.to_json().encode()}
        with atomic_path(self.path(contract.name, partition)) as temporary:
            pq.write_table(conformed.replace_schema_metadata(metadata), temporary, compression=COMPRESSION)
        return self._remember(contract.name, partition, provenance.code)

    def write_file(
        self,
        contract: TableContract,
        provenance: Provenance,
        writer: Callable[[Path, Mapping[str, str]], int],
        partition: str | None = None,
    ) -> TableInfo:
        """Replace a table, atomically, by a file that `writer` streams.

        For tables too large to hold in memory; the writer validates as it goes.

        Args:
            writer: given a path and the file metadata to put in, writes the Parquet file and returns
                its number of rows.

        Raises:
            ContractError: the file's columns are not the contract's.
            StorageFullError: the disk ran full.
        """
        contract.check_partition(partition)
        with atomic_path(self.path(contract.name, partition)) as temporary:
            writer(temporary, {METADATA_KEY.decode(): provenance.to_json()})
            found = {field.name: field.type for field in pq.read_schema(temporary)}
            expected = {column.name: column.type for column in contract.columns}
            if found != expected:
                raise ContractError(f"{contract.name}: columns {found}, expected {expected}")
        return self._remember(contract.name, partition, provenance.code)

    def info(self, name: str, partition: str | None = None) -> TableInfo:
        """Describe a table's file from its footer and digest.

        Raises:
            StateError: there is no such table, or its file is not one that this store wrote.
        """
        path = self.path(name, partition)
        try:
            footer = pq.read_metadata(path)
            raw = (footer.metadata or {})[METADATA_KEY]
            provenance = Provenance(**json.loads(raw))
        except FileNotFoundError as error:
            raise StateError(f"there is no table {_called(name, partition)}", file=path) from error
        except (pa.ArrowInvalid, OSError, KeyError, TypeError, ValueError) as error:
            raise StateError(
                f"table {_called(name, partition)} is damaged or not of this store: {error}", file=path
            ) from error
        sha256 = self._digests.sha256(path) if self._digests else sha256_file(path)
        provenance = replace(provenance, code=self._memory.code(name, partition, sha256))
        return TableInfo(name, path, footer.num_rows, path.stat().st_size, sha256, provenance, partition)

    def current(self, name: str, provenance: Provenance, partition: str | None = None) -> TableInfo | None:
        """The table's file if it stands, undamaged, and was made from exactly this; else None: make it."""
        try:
            info = self.info(name, partition)
        except StateError:
            return None
        return info if info.provenance == provenance else None

    def read(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        *,
        vintages: Mapping[str, str] | None = None,
        partition: str | None = None,
    ) -> pa.Table:
        """Read a table's file.

        Args:
            columns: those to read; all where None.
            vintages: the vintages that the caller expects; another origin is refused.

        Raises:
            StateError: there is no such table or it is damaged.
            ProvenanceMismatchError: names the stored and the expected vintages.
        """
        info = self.info(name, partition)
        if vintages is not None:
            stored = dict(info.provenance.vintages)
            if stored != dict(vintages):
                raise ProvenanceMismatchError(
                    f"{name}: expected vintages {dict(vintages)}, stored {stored}", file=info.path
                )
        with _opened(info.path) as file:
            absent = sorted(set(columns or ()) - set(file.schema_arrow.names))
            if absent:
                raise StateError(f"table {name!r} has no columns {absent}", file=info.path)
            return file.read(columns=None if columns is None else list(columns))

    def _remember(self, name: str, partition: str | None, code: str) -> TableInfo:
        info = self.info(name, partition)
        self._memory.remember(name, partition, info.sha256, code)
        return replace(info, provenance=replace(info.provenance, code=code))

    def parts(self, name: str, columns: Sequence[str], partition: str | None = None) -> Iterator[pa.Table]:
        """The file's columns in parts of at most `PART_ROWS` rows, so that memory stays bounded."""
        with _opened(self.path(name, partition)) as file:
            for batch in file.iter_batches(batch_size=PART_ROWS, columns=list(columns)):
                yield pa.Table.from_batches([batch])

    def head(self, name: str, rows: int, partition: str | None = None) -> list[dict[str, Any]]:
        """The file's first rows; no more of it is read than they need."""
        with _opened(self.path(name, partition)) as file:
            for batch in file.iter_batches(batch_size=rows):
                records: list[dict[str, Any]] = batch.to_pylist()
                return records
        return []

    # --- partitioned tables

    def partitions(self, name: str) -> tuple[str, ...]:
        """The keys of a partitioned table's files, in order; none where there is no such table."""
        return tuple(sorted(path.stem for path in (self.root / name).glob("*.parquet")))

    def infos(self, name: str) -> list[TableInfo]:
        """Describe every partition of a table, in the keys' order.

        Raises:
            StateError: there is no partition, or one is damaged.
        """
        keys = self.partitions(name)
        if not keys:
            raise StateError(f"there is no partition of table {name!r}", file=self.root / name)
        return [self.info(name, key) for key in keys]

    def read_partitions(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Every partition of a table as one table, in the keys' order.

        Raises:
            StateError: there is no partition, or one is damaged.
        """
        infos = self.infos(name)
        return pa.concat_tables([self.read(name, columns, partition=info.partition) for info in infos])

    def read_whole(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A table whole, whether it is partitioned or not."""
        read = self.read_partitions if self.partitions(name) else self.read
        return read(name, columns)

    def partitioned_digest(self, name: str) -> str:
        """One digest of a partitioned table: of its keys and of each file's digest.

        It is the data version of the table, and the input digest of what is made from all of it.

        Raises:
            StateError: there is no partition, or one is damaged.
        """
        told = "".join(f"{info.partition}\0{info.sha256}\n" for info in self.infos(name))
        return hashlib.sha256(told.encode()).hexdigest()

    def drop_partitions_not_in(self, name: str, keys: Iterable[str]) -> tuple[str, ...]:
        """Remove the files of partitions that are no longer asked for; give their keys.

        For when the number of partitions changed: what the old ones hold would be counted twice.
        """
        kept = set(keys)
        dropped = tuple(key for key in self.partitions(name) if key not in kept)
        for key in dropped:
            # The file first: a note without its file says nothing, a file without its note is made anew.
            self.path(name, key).unlink(missing_ok=True)
            self._memory.forget(name, key)
        return dropped


def _called(name: str, partition: str | None) -> str:
    return repr(name) if partition is None else f"{name!r}, partition {partition!r}"


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    """The file, opened for reading; a damaged page is told as a damaged table.

    Not `pq.read_table`: it imports pyarrow.dataset, which takes longer than reading does.
    """
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (pa.ArrowInvalid, OSError) as error:
        raise StateError(f"table {path.stem!r} is damaged: {error}", file=path) from error


def merged_vintages(infos: Iterable[TableInfo]) -> dict[str, str]:
    """The vintages of several tables together.

    Raises:
        ProvenanceMismatchError: two tables are from different vintages of one source; names both.
    """
    merged: dict[str, str] = {}
    origin: dict[str, str] = {}
    for info in infos:
        for source, vintage in info.provenance.vintages.items():
            if merged.setdefault(source, vintage) != vintage:
                raise ProvenanceMismatchError(
                    f"{origin[source]} is made from {source} {merged[source]}, "
                    f"{info.name} from {source} {vintage}",
                    file=info.path,
                )
            origin.setdefault(source, info.name)
    return merged


@cache
def contract_digest(contract: TableContract) -> str:
    """Digest of all that a contract promises."""
    promise: dict[str, Any] = {
        "columns": [{**asdict(column), "type": str(column.type)} for column in contract.columns],
        "key": contract.key,
        "references": [asdict(reference) for reference in contract.references],
    }
    if contract.partitioned_by is not None:
        # Every file carries this digest: without a reason, one that is not partitioned keeps its bytes.
        promise["partitioned_by"] = contract.partitioned_by
    return hashlib.sha256(json.dumps(promise, sort_keys=True).encode()).hexdigest()


def provenance_of(
    store: TableStore,
    contract: TableContract,
    tables: Sequence[str],
    more: Mapping[str, str] | None = None,
    partition: str | None = None,
    *,
    code: str,
) -> Provenance:
    """What a table would be made from now.

    Args:
        tables: the tables that it is made from; partitioned ones by their own partition where one is given,
            else by all of theirs.
        more: digests of what is no table.
        partition: the one that is made.
        code: digest of the code that makes it.
    """
    infos: list[TableInfo] = []
    inputs: dict[str, str] = dict(more or {})
    for name in tables:
        if store.partitions(name):
            infos += [store.info(name, partition)] if partition else store.infos(name)
            inputs[name] = infos[-1].sha256 if partition else store.partitioned_digest(name)
        else:
            infos.append(store.info(name))
            inputs[name] = infos[-1].sha256
    return Provenance(merged_vintages(infos), inputs, code, contract_digest(contract))


@lru_cache
def code_version(*folders: str) -> str:
    """Digest of the code below the given folders of the package: what a table's making depends on."""
    digest = hashlib.sha256()
    for path in _code_files(folders):
        digest.update(f"{path.relative_to(PROJECT_ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _code_files(folders: Iterable[str]) -> list[Path]:
    # What only tells Dagster about a table does not change the table.
    dagster_only = {"assets.py", "checks.py", "automation.py"}
    found = (
        path
        for folder in folders
        for suffix in ("*.py", "*.sql", "*.toml")
        for path in (PROJECT_ROOT / "aina_assets" / folder).rglob(suffix)
    )
    return sorted(path for path in found if path.name not in dagster_only)
