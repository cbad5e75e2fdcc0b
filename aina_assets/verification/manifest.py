"""The build's manifest: every table and file of a state with its digest, its origin, and the code's.

Belongs here: the predicate `build_manifest_v1`, making it from what stands. Does not: comparing anything.

What each file was made from is told by the names of other files, so that whoever reads the manifest alone can
tell what a wrong file voids. No clock and no path of the machine is in it: two machines that build the same
state write the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.engine import Engine
from aina_assets.core.errors import ProvenanceMismatchError
from aina_assets.core.receipts import Predicate, read_receipt, receipt_path, write_receipt
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.store import TableInfo, code_version
from aina_assets.sources.receipts import LOCK_SUBJECT, SNAPSHOT, PublicSourceSnapshot
from aina_assets.verification.state import (
    ANSWERS,
    MERGES,
    PRODUCT,
    REQUESTS,
    input_files,
    state_files,
)
from aina_assets.warehouse.product import stored_fingerprint
from aina_assets.warehouse.tables import product_contracts

MANIFEST = "build_manifest_v1"
TABLES = "tables/"
NOT_OF_A_STAGE = frozenset({"cli"})

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(description="place in the data root")
    bytes: int = Field(ge=0)
    sha256: Sha256
    made_from: tuple[str, ...] = Field(
        description="names of the files that it was made from; one that ends with / is all files below it"
    )


class TableEntry(_Entry):
    """One table's file, or one partition's."""

    table: str
    partition: str | None
    rows: int = Field(ge=0)
    vintages: dict[str, str] = Field(description="source to vintage")
    contract: Sha256 = Field(description="digest of the table's contract")
    settings: dict[str, str] = Field(description="other inputs: settings, and digests of values")


class FileEntry(_Entry):
    """A file that is no table."""


class ProductEntry(BaseModel):
    """The DuckDB file: its own bytes vary, what it was filled from does not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    fingerprint: Sha256
    made_from: tuple[str, ...]


class BuildManifest(Predicate):
    """Every file of a state, with what it was made from, under which policies and by which code."""

    lane: Literal["starter", "mirror", "live"]
    code: dict[str, str] = Field(description="digest of each stage's code")
    requirements_sha256: Sha256 | None = Field(description="digest of requirements.lock")
    vintages: dict[str, str] = Field(description="source to vintage")
    inputs: dict[str, Sha256] = Field(description="committed files that decide what is made")
    tables: tuple[TableEntry, ...]
    files: tuple[FileEntry, ...]
    product: ProductEntry | None
    total_rows: int = Field(ge=0)
    total_bytes: int = Field(ge=0)

    @property
    def digests(self) -> dict[str, str]:
        """Digest by name of everything that the manifest speaks of."""
        return {**self.inputs, **{entry.file: entry.sha256 for entry in (*self.tables, *self.files)}}

    def figures(self) -> dict[str, object]:
        """The figures that people ask first."""
        tables = {entry.table for entry in self.tables}
        return {
            "tables": len(tables),
            "files": len(self.tables) + len(self.files),
            "rows": self.total_rows,
            "bytes": self.total_bytes,
            **self.vintages,
        }


def make_manifest(engine: Engine) -> BuildManifest:
    """The manifest of what stands.

    Raises:
        StateError: a table or the snapshot receipt is absent or damaged.
    """
    return _Maker(engine).manifest()


def write_manifest(engine: Engine, below: Iterable[str]) -> tuple[Path, BuildManifest]:
    """Write the manifest; its subjects are the files that it names.

    Args:
        below: names of the receipts of the stages before.
    """
    manifest = make_manifest(engine)
    path = write_receipt(
        engine.data.receipts, MANIFEST, manifest.digests, manifest, rests_on=sorted(set(below))
    )
    return path, manifest


def read_manifest(engine: Engine) -> BuildManifest:
    """The manifest that stands.

    Raises:
        StateError: there is none, or it is damaged.
    """
    return read_receipt(receipt_path(engine.data.receipts, MANIFEST), MANIFEST, BuildManifest).predicate


def require_same_build(engine: Engine, expected_sha256: str) -> None:
    """Refuse a state that is not the build that the caller was made for.

    Raises:
        ProvenanceMismatchError: names both builds.
    """
    path = receipt_path(engine.data.receipts, MANIFEST)
    found = engine.digests.sha256(path) if path.is_file() else "no build"
    if found != expected_sha256:
        raise ProvenanceMismatchError(f"expected the build {expected_sha256}, found {found}", file=path)


class _Maker:
    """Reads what stands, once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._files = state_files(engine.data)
        inputs = input_files(engine.settings)
        self._inputs = {name: engine.digests.sha256(path) for name, path in inputs.items()}

    @cached_property
    def _infos(self) -> dict[str, TableInfo]:
        store = self._engine.store
        found = {}
        for name in self._files:
            if name.startswith(TABLES):
                place = Path(name.removeprefix(TABLES))
                table, key = (place.parent.name, place.stem) if place.parent.name else (place.stem, None)
                found[name] = store.info(table, key)
        return found

    @cached_property
    def _source_files(self) -> frozenset[str]:
        """The source files' names, `<source>/<file>`, as the snapshot has them."""
        path = receipt_path(self._engine.data.receipts, SNAPSHOT)
        statement = read_receipt(path, SNAPSHOT, PublicSourceSnapshot)
        names = (subject.name for subject in statement.subject)
        return frozenset(name for name in names if not name.startswith(TABLES) and name != LOCK_SUBJECT)

    def manifest(self) -> BuildManifest:
        tables = tuple(self._table(name, info) for name, info in self._infos.items())
        files = tuple(self._file(name) for name in self._files if name not in self._infos)
        return BuildManifest(
            lane=self._engine.settings.sources.value,
            code={
                folder.name: code_version(folder.name)
                for folder in sorted((PROJECT_ROOT / "aina_assets").iterdir())
                if (folder / "__init__.py").is_file() and folder.name not in NOT_OF_A_STAGE
            },
            requirements_sha256=self._requirements(),
            vintages=self._vintages(),
            inputs=self._inputs,
            tables=tables,
            files=files,
            product=self._product(),
            total_rows=sum(entry.rows for entry in tables),
            total_bytes=sum(entry.bytes for entry in (*tables, *files)),
        )

    def _vintages(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for info in self._infos.values():
            for source, vintage in info.provenance.vintages.items():
                found.setdefault(source, vintage)
        return dict(sorted(found.items()))

    def _requirements(self) -> str | None:
        path = PROJECT_ROOT / "requirements.lock"
        return self._engine.digests.sha256(path) if path.is_file() else None

    def _table(self, name: str, info: TableInfo) -> TableEntry:
        made_from, others = self._resolved(info.provenance.inputs, info)
        return TableEntry(
            file=name,
            bytes=info.bytes,
            sha256=info.sha256,
            made_from=made_from,
            table=info.name,
            partition=info.partition,
            rows=info.rows,
            vintages=dict(info.provenance.vintages),
            contract=info.provenance.contract,
            settings=others,
        )

    def _file(self, name: str) -> FileEntry:
        path = self._files[name]
        return FileEntry(
            file=name,
            bytes=path.stat().st_size,
            sha256=self._engine.digests.sha256(path),
            made_from=self._origins(name, path),
        )

    def _origins(self, name: str, path: Path) -> tuple[str, ...]:
        """What a file that is no table was made from: a merge of answers, an answer of its request."""
        if name.startswith(f"{MERGES}/"):
            names: Iterable[str] = (f"{ANSWERS}/{asked}.json" for asked in _merged_requests(path))
        elif name.startswith(f"{ANSWERS}/"):
            names = [f"{REQUESTS}/{path.name}"]
        else:
            return self._resolved(_noted_inputs(path))[0]
        return tuple(sorted(name for name in names if name in self._files))

    def _product(self) -> ProductEntry | None:
        fingerprint = stored_fingerprint(self._engine.data.warehouse)
        if fingerprint is None:
            return None
        tables = (f"{TABLES}{contract.name}.parquet" for contract in product_contracts())
        return ProductEntry(file=PRODUCT, fingerprint=fingerprint, made_from=tuple(sorted(tables)))

    def _resolved(
        self, inputs: Mapping[str, str], info: TableInfo | None = None
    ) -> tuple[tuple[str, ...], dict[str, str]]:
        """Inputs as names of files, and those that are none."""
        names: set[str] = set()
        others: dict[str, str] = {}
        for given, digest in inputs.items():
            if name := self._name_of(given, digest, info):
                names.add(name)
            else:
                others[given] = digest
        return tuple(sorted(names)), dict(sorted(others.items()))

    def _name_of(self, given: str, digest: str, info: TableInfo | None) -> str | None:
        """The file, or folder of partitions, that an input names; None where it is a setting."""
        names = (name for name in self._candidates(given, digest, info) if self._is_on_record(name))
        return next(names, None)

    def _candidates(self, given: str, digest: str, info: TableInfo | None) -> Iterator[str]:
        """What an input may name, the most exact first: a place, a source's file, a table, a model."""
        yield given
        if info is not None:
            yield from (f"{source}/{given}" for source in info.provenance.vintages)
            sibling = f"{TABLES}{given}/{info.partition}.parquet"
            if sibling in self._infos and self._infos[sibling].sha256 == digest:
                yield sibling
        yield from (f"{TABLES}{given}.parquet", f"{TABLES}{given}/")
        yield from (name for name in self._files if Path(name).stem == given and not name.endswith(".json"))

    def _is_on_record(self, name: str) -> bool:
        """Whether a name is a file's of the state, of the sources or of what decides, or a folder's."""
        if name.endswith("/"):
            return any(file.startswith(name) for file in self._files)
        return name in self._files or name in self._inputs or name in self._source_files


def _merged_requests(path: Path) -> tuple[str, ...]:
    """Ids of the requests whose answers a merge rests on; of a damaged merge none: it is named itself."""
    try:
        return tuple(str(asked["request_id"]) for asked in json.loads(path.read_bytes())["requests"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _noted_inputs(path: Path) -> Mapping[str, str]:
    """What a model was fitted to, as the note beside it says; of a note and of other files nothing."""
    try:
        about = json.loads(path.with_suffix(".json").read_bytes())["about"]
        inputs = about["inputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    is_told = isinstance(inputs, dict) and all(isinstance(value, str) for value in inputs.values())
    return inputs if is_told else {}
