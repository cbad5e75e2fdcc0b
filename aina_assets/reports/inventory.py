"""Every file of the project and of the data root, in one of a few classes, with its size.

Belongs here: the classes and the walk. Does not: whether a file is what it should be (`verification`).
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from aina_assets.core.engine import Engine
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import write_bytes, write_json

INVENTORY_CSV, INVENTORY_JSON = "inventory.csv", "inventory.json"
CODE, TESTS, STARTER, DOCS, POLICY = (
    "hand-authored code",
    "tests and benchmarks",
    "starter source",
    "documents",
    "policy, gold and lock",
)
CACHE, DATA, RECEIPTS, EVIDENCE, ENVIRONMENT, VERSIONS, UNKNOWN = (
    "downloaded cache",
    "generated data",
    "receipts",
    "review evidence",
    "environment",
    "version control",
    "unknown",
)
CLASSES = (
    CODE,
    TESTS,
    DOCS,
    POLICY,
    STARTER,
    CACHE,
    DATA,
    RECEIPTS,
    EVIDENCE,
    ENVIRONMENT,
    VERSIONS,
    UNKNOWN,
)
# The first pattern that fits decides; `*` stands for any text, slashes too.
OF_PROJECT: tuple[tuple[str, str], ...] = (
    (".git", VERSIONS),
    (".git/*", VERSIONS),
    (".gitignore", VERSIONS),
    (".gitattributes", VERSIONS),
    (".venv/*", ENVIRONMENT),
    (".*_cache/*", ENVIRONMENT),
    (".hypothesis/*", ENVIRONMENT),
    ("*__pycache__/*", ENVIRONMENT),
    ("*.egg-info/*", ENVIRONMENT),
    (".logs_queue/*", ENVIRONMENT),
    ("requirements*.lock", ENVIRONMENT),
    ("requirements*.in", ENVIRONMENT),
    ("data/starter/*", STARTER),
    ("data/policies/*", POLICY),
    ("data/gold/*", POLICY),
    ("data/sources.lock*.json", POLICY),
    ("aina_assets_tests/*", TESTS),
    ("benchmarks/*", TESTS),
    ("aina_assets/*", CODE),
    ("tools/*", CODE),
    ("deploy/*", CODE),
    (".ci/*", CODE),
    (".github/*", CODE),
    (".pre-commit-config.yaml", CODE),
    ("Makefile", CODE),
    ("*.toml", CODE),
    ("dagster.yaml", CODE),
    ("workspace.yaml", CODE),
    ("docs/*", DOCS),
    ("*.md", DOCS),
)
OF_DATA: tuple[tuple[str, str], ...] = (
    ("sources/*", CACHE),
    ("cache/*", CACHE),
    ("receipts/*", RECEIPTS),
    ("reports/builds/*", RECEIPTS),
    ("gates/*", RECEIPTS),
    ("reviews/*", EVIDENCE),
    ("tables/*", DATA),
    ("models/*", DATA),
    ("learning/*", DATA),
    ("exports/*", DATA),
    ("reports/*", DATA),
    ("*.duckdb", DATA),
    ("*.duckdb.wal", DATA),
    ("build.json", DATA),
    ("sources.lock*.proposed.json", DATA),
    ("dagster/*", ENVIRONMENT),
    (".build.lock", ENVIRONMENT),
)
# Below these nothing is looked at singly: a person asks how large they are, not what is in them.
COUNTED_WHOLE = frozenset({".venv", ".git"})


@dataclass(frozen=True)
class Entry:
    """A file, or a folder that is counted as a whole.

    Attributes:
        place: `project` or `data`.
        file: its place there; a folder ends with a slash.
        kind: its class.
        files: 1, or how many files the folder holds.
        bytes: its size.
    """

    place: str
    file: str
    kind: str
    files: int
    bytes: int


def classify(name: str, rules: Sequence[tuple[str, str]]) -> str:
    """The class of a file by its place, in POSIX form."""
    return next((kind for pattern, kind in rules if fnmatchcase(name, pattern)), UNKNOWN)


def inventory(engine: Engine) -> list[Entry]:
    """Every file of the project, then of the data root, in order."""
    data = engine.data.path
    entries = list(_walk("project", PROJECT_ROOT, OF_PROJECT, apart=data))
    return entries + list(_walk("data", data, OF_DATA))


def _walk(
    place: str, root: Path, rules: Sequence[tuple[str, str]], apart: Path | None = None
) -> Iterator[Entry]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        for name in sorted(folders):
            path = here / name
            if path == apart or name in COUNTED_WHOLE:
                folders.remove(name)
            if name in COUNTED_WHOLE and path != apart:
                count, size = _whole(path)
                yield Entry(
                    place, f"{path.relative_to(root).as_posix()}/", classify(f"{name}/x", rules), count, size
                )
        folders.sort()
        for name in sorted(files):
            path = here / name
            relative = path.relative_to(root).as_posix()
            yield Entry(place, relative, classify(relative, rules), 1, path.lstat().st_size)


def _whole(root: Path) -> tuple[int, int]:
    sizes = [(Path(folder) / name).lstat().st_size for folder, _, files in os.walk(root) for name in files]
    return len(sizes), sum(sizes)


def summary(entries: Sequence[Entry]) -> dict[str, dict[str, int]]:
    """Files and bytes of each class, in the classes' order."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for entry in entries:
        files[entry.kind] += entry.files
        sizes[entry.kind] += entry.bytes
    return {kind: {"files": files[kind], "bytes": sizes[kind]} for kind in CLASSES if files[kind]}


def write_inventory(engine: Engine, entries: Sequence[Entry]) -> tuple[Path, Path]:
    """Write the list as CSV and its summary as JSON into the data root's reports."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("place", "file", "class", "files", "bytes"))
    writer.writerows((e.place, e.file, e.kind, e.files, e.bytes) for e in entries)
    folder = engine.data.reports
    first, second = folder / INVENTORY_CSV, folder / INVENTORY_JSON
    write_bytes(first, lines.getvalue().encode())
    write_json(
        second, {"classes": summary(entries), "unknown": [e.file for e in entries if e.kind == UNKNOWN]}
    )
    return first, second
