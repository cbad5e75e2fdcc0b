"""The files that a state consists of, by their names in receipts.

Belongs here: which files below the data root are held against the manifest, which are looked after otherwise
and how, and which committed files decide what is made. Does not: reading any of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from aina_assets.core.settings import Settings
from aina_assets.core.storage import PART_SUFFIX, DataRoot
from aina_assets.sources.receipts import LOCK_SUBJECT

MERGES, REQUESTS, ANSWERS = "reviews/merges", "reviews/requests", "reviews/answers"
_LOCK_FILE = "the operating system's lock; empty"
DEEP = "**/"
PRODUCT, GRAPH = "aina.duckdb", "graph.duckdb"
# A receipt's bytes in a DSSE envelope, beside it.
ENVELOPE_SUFFIX = ".dsse.json"


@dataclass(frozen=True)
class Kept:
    """Files that the manifest names with their digests: a folder and a pattern in it.

    Attributes:
        is_growing: people's commands add files between two builds; one that the manifest does not have yet is
            noted, and one that it has may not differ.
    """

    folder: str
    pattern: str
    is_growing: bool = False


# A stage whose files are neither tables nor receipts registers its folder here.
KEPT: tuple[Kept, ...] = (
    Kept("tables", "**/*.parquet"),
    Kept("models", "*"),
    Kept(MERGES, "*.json"),
    Kept(REQUESTS, "*.json", is_growing=True),
    Kept(ANSWERS, "*.json", is_growing=True),
    Kept("reviews/quarantine", "**/*.json", is_growing=True),
    Kept("reviews/orders", "*.json", is_growing=True),
    Kept("reports", "*"),
)
# Reports that are made of the manifest and the gates: their own receipts name them, above the manifest.
REPORTED = tuple(
    f"reports/{name}.{suffix}"
    for name in ("founder_report", "source_report", "change_report")
    for suffix in ("html", "md")
)
# What else lies in a data root, and who looks after it. A file that is in neither list is told as unknown.
APART: Mapping[str, str] = {
    "receipts": "sealed, and named by the receipts that rest on them",
    PRODUCT: "held against the note of its digest, and against the tables that it was filled from",
    GRAPH: "held against the note of its digest",
    **{
        f"reviews/{folder}/.once.lock": _LOCK_FILE
        for folder in ("requests", "answers", "quarantine", "orders")
    },
    "reviews/reviewers": "what reviewers keep themselves: sheets, the cost ledger",
    "reviews/merges/.lock": _LOCK_FILE,
    "reports/builds": "receipts of the last builds, each sealed; the change report compares with them",
    "reports/quality_report.html": "the history of checks; no data",
    "reports/quality_report.md": "the history of checks; no data",
    "reports/inventory.csv": "what lies where; no data",
    "reports/inventory.json": "what lies where; no data",
    "learning": "events are chained by their digests: `aina learn verify`",
    "exports": "copies that commands write for people; no part of the state",
    "cache": "may be deleted at any time",
    "sources": "downloads, held against the lock",
    "dagster": "the record of runs; no data",
    "gates": "the decision log is chained and sealed; approvals are signed",
    "service": "the running service's token, and screenshots of its pages; no data",
    "build.json": "the last build's summary; no data",
    ".build.lock": _LOCK_FILE,
    "tables/.made": "which code made a table; a wrong one costs a rebuild",
}
# Beside the lock or in the data root: a lock that a person may accept.
PROPOSALS = "sources.lock*.proposed.json"


def state_files(data: DataRoot) -> dict[str, Path]:
    """The files that the manifest names, by their place in the data root."""
    found: dict[str, Path] = {}
    for kept in KEPT:
        wanted, is_deep = kept.pattern.removeprefix(DEEP), kept.pattern.startswith(DEEP)
        for name, file in _files_below(data.path / kept.folder, is_deep=is_deep):
            if fnmatchcase(file, wanted) and not _is_hidden(name):
                found[f"{kept.folder}/{name}"] = data.path / kept.folder / name
    return dict(sorted((name, path) for name, path in found.items() if not _is_apart(name)))


def reported_files(data: DataRoot) -> dict[str, Path]:
    """The reports that receipts above the manifest name, by their place in the data root."""
    return {name: data.path / name for name in REPORTED if (data.path / name).is_file()}


def is_growing(name: str) -> bool:
    """Whether a file of the state may be one that was added after the build."""
    return any(kept.is_growing and name.startswith(f"{kept.folder}/") for kept in KEPT)


def input_files(settings: Settings) -> dict[str, Path]:
    """The committed files that decide what is made: policies, gold sets, the lock."""
    root = settings.policies_root
    policies = (*_plain_files(root), *_plain_files(root, "rubrics/*"))
    found = {f"policies/{path.relative_to(root).as_posix()}": path for path in policies}
    found |= {f"gold/{path.name}": path for path in _plain_files(settings.gold_root, "*.csv")}
    return dict(sorted({**found, LOCK_SUBJECT: settings.lock_path}.items()))


def receipt_files(data: DataRoot) -> dict[str, Path]:
    """Every receipt, by its place in the data root; a signed envelope beside one is none itself."""
    paths = (path for path in sorted(data.receipts.glob("*.json")) if not path.name.endswith(ENVELOPE_SUFFIX))
    return {f"receipts/{path.name}": path for path in paths}


def unknown_files(data: DataRoot, standing: Mapping[str, Path] | None = None) -> list[str]:
    """Files of the data root that nobody looks after; `standing` is what `state_files` gave."""
    kept = state_files(data) if standing is None else standing
    known = tuple(f"{place}/" for place in APART)
    return sorted(
        name
        for name, file in _files_below(data.path, is_deep=True)
        if PART_SUFFIX not in file
        and name not in kept
        and name not in APART
        and name not in REPORTED
        and not name.startswith(known)
        and not fnmatchcase(file, PROPOSALS)
    )


def _plain_files(folder: Path, pattern: str = "*") -> Iterator[Path]:
    return (path for path in sorted(folder.glob(pattern)) if path.is_file() and not path.name.startswith("."))


def _is_apart(name: str) -> bool:
    return name in APART or name in REPORTED


def _files_below(folder: Path, *, is_deep: bool) -> Iterator[tuple[str, str]]:
    """Files of a folder: their place in it, and their own name. Texts: a state has thousands of files."""
    root = str(folder)
    for place, folders, files in os.walk(root):
        above = place[len(root) :].replace(os.sep, "/").lstrip("/")
        yield from ((f"{above}/{file}" if above else file, file) for file in files)
        if not is_deep:
            folders.clear()


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or "/." in name
