"""The walk: whether every file still is what the receipts say, and what a difference voids.

Belongs here: reading receipts and manifest as witnesses, comparing, following what rests on what. Does not:
making anything. Every byte is read where no remembered digests are given.

Whom to believe when two disagree: a receipt whose seal holds says what it was written to say; a file that
is as the manifest says is not at fault where an older receipt says otherwise, then it is the receipt that
is stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.core.errors import AinaError, LockError
from aina_assets.core.receipts import seal_holds, subject_name
from aina_assets.core.storage import DigestCache, sha256_bytes, sha256_file
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.receipts import LOCK_SUBJECT
from aina_assets.verification.manifest import MANIFEST, BuildManifest
from aina_assets.verification.sources import source_files
from aina_assets.verification.state import (
    GRAPH,
    PRODUCT,
    input_files,
    is_growing,
    receipt_files,
    reported_files,
    state_files,
    unknown_files,
)

THE_LOCK = "the lock"
MANIFEST_NAME = subject_name(MANIFEST)
DECISIVE = (MANIFEST_NAME, THE_LOCK)


class Kind(StrEnum):
    """In which way a file is not what it should be."""

    DIFFERS = "differs"
    ABSENT = "absent"
    DAMAGED = "damaged"
    STALE = "stale"
    UNLISTED = "unlisted"


@dataclass(frozen=True)
class Difference:
    """One file that is not what it should be.

    Attributes:
        name: the file, by its name in receipts.
        kind: in which way.
        says: what was expected and what was found, in words.
        void: everything that rests on it, directly or not, in order.
    """

    name: str
    kind: Kind
    says: str
    void: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a walk found.

    Attributes:
        differences: files that are not what they should be.
        notes: what is worth knowing and voids nothing.
        files: how many files were held against a digest.
        bytes_read: how large they are together.
        receipts: how many receipts were held against their seals.
    """

    differences: tuple[Difference, ...]
    notes: tuple[str, ...]
    files: int
    bytes_read: int
    receipts: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


@dataclass
class _Witnesses:
    """What receipts say: digests by name, and what rests on what."""

    stated: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    above: dict[str, set[str]] = field(default_factory=dict)
    manifest: BuildManifest | None = None

    def say(self, witness: str, name: str, sha256: str) -> None:
        self.stated.setdefault(name, {}).setdefault(sha256, []).append(witness)

    def rest(self, upper: str, lower: str) -> None:
        self.above.setdefault(lower, set()).add(upper)

    def void(self, name: str) -> tuple[str, ...]:
        """All that rests on a file; `tables/title/` rests on every file below it."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            lower = waiting.pop()
            folder = lower[: lower.rfind("/") + 1]
            for upper in self.above.get(lower, set()) | self.above.get(folder, set()):
                if upper not in found and upper != name:
                    found.add(upper)
                    waiting.append(upper)
        return tuple(sorted(found))


def verify(
    engine: Engine,
    *,
    is_offline: bool = True,
    digests: DigestCache | None = None,
    more: Iterable[Difference] = (),
    leaving_out_above: str | None = None,
) -> Report:
    """Walk the state.

    Args:
        is_offline: never ask the network.
        digests: remembered digests of unchanged files; every byte is read where None.
        more: what the caller found amiss in files that only it can read; what rests on them is told here.
        leaving_out_above: a receipt; what rests on it is not told of. While a build runs, that is of the
            build before.

    Raises:
        FetchError: not offline, and the live lane did not give a file.
    """
    return _Walk(engine, digests, is_offline=is_offline).run(more, leaving_out_above)


class _Walk:
    def __init__(self, engine: Engine, digests: DigestCache | None, *, is_offline: bool) -> None:
        self._engine = engine
        self._digests = digests
        self._is_offline = is_offline
        self._witnesses = _Witnesses()
        self._found: dict[str, Difference] = {}
        self._notes: list[str] = []
        self._files = self._bytes = 0
        self._is_built_from_lock = True

    def run(self, more: Iterable[Difference], leaving_out_above: str | None) -> Report:
        data = self._engine.data
        receipts = receipt_files(data)
        self._hear(receipts, leaving_out_above)
        if self._witnesses.manifest is None:
            self._tell(MANIFEST_NAME, Kind.ABSENT, "there is no manifest: this is no finished build")
        places: dict[str, Path | None] = {
            **input_files(self._engine.settings),
            **receipts,
            **reported_files(data),
        }
        standing = state_files(data)
        self._compare(places | standing | self._sources(), standing)
        self._product()
        self._graph()
        for difference in more:
            self._found.setdefault(difference.name, difference)
        if unknown := unknown_files(data, standing):
            self._notes.append(f"files that nobody looks after: {', '.join(unknown)}")
        left_out = self._witnesses.void(leaving_out_above) if leaving_out_above else ()
        found = (
            replace(found, void=self._witnesses.void(name))
            for name, found in self._found.items()
            if name not in left_out
        )
        return Report(
            differences=tuple(sorted(found, key=lambda difference: difference.name)),
            notes=tuple(self._notes),
            files=self._files,
            bytes_read=self._bytes,
            receipts=len(receipts),
        )

    def _tell(self, name: str, kind: Kind, says: str) -> None:
        self._found.setdefault(name, Difference(name, kind, says))

    # --- witnesses

    def _hear(self, receipts: Mapping[str, Path], leaving_out_above: str | None) -> None:
        """Take what every whole receipt says; name the others."""
        statements: dict[str, dict[str, Any]] = {}
        for name, path in receipts.items():
            content = path.read_bytes()
            statement = _statement(content)
            if statement is None:
                self._tell(name, Kind.DAMAGED, _why_not_whole(content))
                continue
            statements[name] = statement
            # Its seal says that it is what was written: whoever says otherwise speaks of another.
            self._witnesses.say(name, name, sha256_bytes(content))
            for lower in (*statement["subject"], *statement["predicate"]["rests_on"]):
                self._witnesses.rest(name, lower["name"])
        left_out = self._witnesses.void(leaving_out_above) if leaving_out_above else ()
        for name, statement in statements.items():
            if name not in left_out:
                for lower in (*statement["subject"], *statement["predicate"]["rests_on"]):
                    self._witnesses.say(name, lower["name"], lower["digest"]["sha256"])
        if MANIFEST_NAME in statements:
            self._hear_manifest(BuildManifest.model_validate(statements[MANIFEST_NAME]["predicate"]))

    def _hear_manifest(self, manifest: BuildManifest) -> None:
        self._witnesses.manifest = manifest
        for entry in (*manifest.tables, *manifest.files):
            for lower in entry.made_from:
                self._witnesses.rest(entry.file, lower)
        if manifest.product is not None:
            for lower in manifest.product.made_from:
                self._witnesses.rest(PRODUCT, lower)

    # --- comparing

    def _sources(self) -> dict[str, Path | None]:
        """Where the source files lie. The lock is a witness too, unless it is another than was built from."""
        stated = self._witnesses.stated
        for name in [name for name in stated if _is_source(name)]:
            self._witnesses.rest(name, LOCK_SUBJECT)
        path = self._engine.settings.lock_path
        self._is_built_from_lock = not (
            LOCK_SUBJECT in stated and path.is_file() and sha256_file(path) not in stated[LOCK_SUBJECT]
        )
        try:
            files = source_files(self._engine, is_offline=self._is_offline)
        except LockError as error:
            self._is_built_from_lock = False
            self._tell(LOCK_SUBJECT, Kind.DAMAGED, error.message)
            return {}
        for name, file in files.items():
            if self._is_built_from_lock and file.locked and (file.path is not None or file.is_required):
                self._witnesses.say(THE_LOCK, name, file.locked)
        return {name: file.path for name, file in files.items()}

    def _compare(self, places: Mapping[str, Path | None], standing: Mapping[str, Path]) -> None:
        for name, by_digest in sorted(self._witnesses.stated.items()):
            path = places.get(name)
            if path is not None and path.is_file():
                self._compare_one(name, self._digest(path), by_digest)
            elif self._is_built_from_lock or not _is_source(name):
                self._tell(name, Kind.ABSENT, f"stated by {_names(by_digest.values())}")
        if self._witnesses.manifest is not None:
            added = standing.keys() - self._witnesses.stated.keys()
            for name in sorted(added):
                if not is_growing(name):
                    self._tell(name, Kind.UNLISTED, "not in the manifest: made after the build")
            if growing := sum(map(is_growing, added)):
                self._notes.append(
                    f"reviews: {growing} files are of after the build; `aina build` names them"
                )

    def _compare_one(self, name: str, found: str, by_digest: Mapping[str, list[str]]) -> None:
        """A file against all that say something of it.

        What the manifest or the lock says otherwise is the file's fault, and so is what nobody says. Where
        they agree with the file, an older receipt that does not is the one at fault.
        """
        others = {sha256: told_by for sha256, told_by in by_digest.items() if sha256 != found}
        decisive = [told for told_by in others.values() for told in told_by if told in DECISIVE]
        if found not in by_digest or decisive:
            self._tell(name, Kind.DIFFERS, f"is {found}; {_names(others.values())}: {', '.join(others)}")
            return
        for told_by in others.values():
            for witness in told_by:
                self._tell(witness, Kind.STALE, f"speaks of another {name} than stands")

    def _digest(self, path: Path) -> str:
        self._files += 1
        self._bytes += path.stat().st_size
        return self._digests.sha256(path) if self._digests else sha256_file(path)

    def _product(self) -> None:
        """The DuckDB file against the note of its digest: its bytes differ from machine to machine."""
        path, manifest = self._engine.data.warehouse, self._witnesses.manifest
        expected = manifest.product if manifest else None
        if expected is None:
            return
        if not path.is_file():
            self._tell(PRODUCT, Kind.ABSENT, f"stated by {MANIFEST_NAME}")
            return
        try:
            noted = json.loads((self._engine.data.cache / "product.json").read_bytes())
            sha256, fingerprint = noted["sha256"], noted["fingerprint"]
        except (OSError, ValueError, KeyError, TypeError):
            self._notes.append(f"{PRODUCT}: its digest is not on record; `aina build` notes it anew")
            return
        if self._digest(path) != sha256:
            self._tell(PRODUCT, Kind.DIFFERS, "not the bytes that were written")
        elif fingerprint != expected.fingerprint:
            self._tell(PRODUCT, Kind.STALE, "filled from other tables than the manifest's")

    def _graph(self) -> None:
        """The graph's DuckDB file against the note of its digest."""
        path = self._engine.data.graph
        if not path.is_file():
            if "tables/graph_node.parquet" in self._witnesses.stated:
                self._tell(GRAPH, Kind.ABSENT, "the graph's tables stand, its file does not")
            return
        try:
            sha256 = json.loads((self._engine.data.cache / "graph.json").read_bytes())["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            self._notes.append(f"{GRAPH}: its digest is not on record; `aina build` notes it anew")
            return
        if self._digest(path) != sha256:
            self._tell(GRAPH, Kind.DIFFERS, "not the bytes that were written")


def _statement(content: bytes) -> dict[str, Any] | None:
    """A receipt's statement; None where its bytes are not those that were sealed."""
    try:
        raw = json.loads(content)
        seal = raw["predicate"]["seal"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(raw, dict) or not isinstance(seal, str) or not seal_holds(content, seal):
        return None
    return raw


def _why_not_whole(content: bytes) -> str:
    """What is wrong with a receipt: it was damaged, or written before receipts were sealed."""
    if b'"seal":' not in content and b"https://in-toto.io/Statement/v1" in content:
        return "without a seal: of an engine before seals; `aina build` writes it anew"
    return "not the bytes that were sealed"


def _is_source(name: str) -> bool:
    """Whether a name is a source file's: it begins with a source's id."""
    return name.partition("/")[0] in SOURCES


def _names(told_by: Iterable[Iterable[str]]) -> str:
    return ", ".join(sorted({witness for witnesses in told_by for witness in witnesses}))


def sound_or_why(engine: Engine, digests: DigestCache | None = None) -> str:
    """Empty where the state verifies; else what is wrong, in a few words."""
    try:
        report = verify(engine, digests=digests)
    except (AinaError, OSError) as error:
        return f"cannot be verified: {error}"
    return ", ".join(f"{d.name} {d.kind}" for d in report.differences[:3])
