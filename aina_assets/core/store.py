"""The table store: one Parquet file a table, which carries its own provenance.

Provenance stands in the file's metadata, not beside it, so that a table and what it says of its origin
are replaced in one rename. Which code made a table is remembered beside it, under the file's digest: a
change of code that gives the same rows gives the same bytes, and a damaged file is not recognized and is
made anew. Belongs here: writing, reading and describing tables. Does not: what is in them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from aina_assets.core.contracts import TableContract
from aina_assets.core.errors import ContractError, ProvenanceMismatchError, StateError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import DigestCache, atomic_path, sha256_file, write_json

METADATA_KEY = b"aina.provenance"
COMPRESSION = "zstd"
PART_ROWS = 500_000
MEMORY_FILE = ".made.json"
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
    """What a table file is: where, how large, and made from what; `sha256` is its data version."""

    name: str
    path: Path
    rows: int
    bytes: int
    sha256: str
    provenance: Provenance


class TableStore:
    """Parquet tables in a folder.

    Args:
        root: the folder.
        digests: remembered digests of unchanged files; without it every byte is read for a digest.
    """

    def __init__(self, root: Path, digests: DigestCache | None = None) -> None:
        self.root = root
        self._digests = digests
        self._memory = root / MEMORY_FILE

    def path(self, name: str) -> Path:
        """Where a table's file lies."""
        return self.root / f"{name}.parquet"

    def write(self, contract: TableContract, table: pa.Table, provenance: Provenance) -> TableInfo:
        """Replace a table, atomically, by rows that hold its contract.

        Raises:
            ContractError: the rows break a promise; the table that stood there still stands.
            StorageFullError: the disk ran full; likewise.
        """
        conformed = contract.conform(table)
        metadata = {METADATA_KEY: provenance.to_json().encode()}
        with atomic_path(self.path(contract.name)) as temporary:
            pq.write_table(conformed.replace_schema_metadata(metadata), temporary, compression=COMPRESSION)
        return self._remember(contract.name, provenance.code)

    def write_file(
        self,
        contract: TableContract,
        provenance: Provenance,
        writer: Callable[[Path, Mapping[str, str]], int],
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
        with atomic_path(self.path(contract.name)) as temporary:
            writer(temporary, {METADATA_KEY.decode(): provenance.to_json()})
            found = {field.name: field.type for field in pq.read_schema(temporary)}
            expected = {column.name: column.type for column in contract.columns}
            if found != expected:
                raise ContractError(f"{contract.name}: columns {found}, expected {expected}")
        return self._remember(contract.name, provenance.code)

    def info(self, name: str) -> TableInfo:
        """Describe a table from its file's footer and digest.

        Raises:
            StateError: there is no such table, or its file is not one that this store wrote.
        """
        path = self.path(name)
        try:
            footer = pq.read_metadata(path)
            raw = (footer.metadata or {})[METADATA_KEY]
            provenance = Provenance(**json.loads(raw))
        except FileNotFoundError as error:
            raise StateError(f"there is no table {name!r}", file=path) from error
        except (pa.ArrowInvalid, OSError, KeyError, TypeError, ValueError) as error:
            raise StateError(f"table {name!r} is damaged or not of this store: {error}", file=path) from error
        sha256 = self._digests.sha256(path) if self._digests else sha256_file(path)
        provenance = replace(provenance, code=self._made_by(name, sha256))
        return TableInfo(name, path, footer.num_rows, path.stat().st_size, sha256, provenance)

    def current(self, name: str, provenance: Provenance) -> TableInfo | None:
        """The table if it stands, undamaged, and was made from exactly this; else None: make it."""
        try:
            info = self.info(name)
        except StateError:
            return None
        return info if info.provenance == provenance else None

    def read(
        self, name: str, columns: Sequence[str] | None = None, *, vintages: Mapping[str, str] | None = None
    ) -> pa.Table:
        """Read a table.

        Args:
            columns: those to read; all where None.
            vintages: the vintages that the caller expects; another origin is refused.

        Raises:
            StateError: there is no such table or it is damaged.
            ProvenanceMismatchError: names the stored and the expected vintages.
        """
        info = self.info(name)
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

    def _made_by(self, name: str, sha256: str) -> str:
        """The code that made the table with this digest; empty where that is not known."""
        record = self._read_memory().get(name, {})
        return str(record.get("code", "")) if record.get("sha256") == sha256 else ""

    def _remember(self, name: str, code: str) -> TableInfo:
        info = self.info(name)
        write_json(self._memory, {**self._read_memory(), name: {"sha256": info.sha256, "code": code}})
        return replace(info, provenance=replace(info.provenance, code=code))

    def _read_memory(self) -> dict[str, dict[str, str]]:
        # A lost or damaged memory costs a rebuild and nothing else.
        with suppress(FileNotFoundError, ValueError):
            memory = json.loads(self._memory.read_bytes())
            if isinstance(memory, dict):
                return memory
        return {}

    def parts(self, name: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """The table's columns in parts of at most `PART_ROWS` rows, so that memory stays bounded."""
        with _opened(self.path(name)) as file:
            for batch in file.iter_batches(batch_size=PART_ROWS, columns=list(columns)):
                yield pa.Table.from_batches([batch])

    def head(self, name: str, rows: int) -> list[dict[str, Any]]:
        """The table's first rows; no more of the file is read than they need."""
        with _opened(self.path(name)) as file:
            for batch in file.iter_batches(batch_size=rows):
                records: list[dict[str, Any]] = batch.to_pylist()
                return records
        return []


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


def contract_digest(contract: TableContract) -> str:
    """Digest of all that a contract promises."""
    promise: dict[str, Any] = {
        "columns": [{**asdict(column), "type": str(column.type)} for column in contract.columns],
        "key": contract.key,
        "references": [asdict(reference) for reference in contract.references],
    }
    return hashlib.sha256(json.dumps(promise, sort_keys=True).encode()).hexdigest()


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
