"""The leak search: text planted anywhere in a run's files is found, and told without the text itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aina_assets.core.storage import DataRoot
from aina_assets.sources.leaks import LeakSearch, no_forbidden_text, written_files

CANARY = "gdpval:made:up:01234567-89ab-cdef-0123-456789abcdef"
FRAGMENT = "plan the made up garden party for the imaginary "
FORBIDDEN = {"canary": CANARY, "task 1 fragment 1": FRAGMENT}


def parquet(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path)


def field_with(text: str) -> pa.Schema:
    return pa.schema([pa.field("x", pa.int64(), metadata={"description": text})])


def database(path: Path, *statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


PLANTS: dict[str, tuple[str, Callable[[Path, str], object], str]] = {
    "JSON": ("receipts/r.json", lambda p, t: p.write_text(json.dumps({"note": t})), "bytes"),
    "log": ("dagster/storage/compute.log", lambda p, t: p.write_text(f"step failed: {t}\n"), "bytes"),
    "SQLite": ("dagster/runs.db", lambda p, t: p.write_bytes(b"SQLite\0\xff" + t.encode() + b"\0"), "bytes"),
    "text column": (
        "tables/t.parquet",
        lambda p, t: parquet(p, pa.table({"n": [1, 2], "note": [None, f"so: {t}!"]})),
        "column note",
    ),
    "large text column": (
        "tables/t.parquet",
        lambda p, t: parquet(p, pa.table({"note": pa.array([t], pa.large_string())})),
        "column note",
    ),
    "dictionary column": (
        "tables/t.parquet",
        lambda p, t: parquet(p, pa.table({"note": pa.array([t]).dictionary_encode()})),
        "column note",
    ),
    "list column": (
        "tables/t.parquet",
        lambda p, t: parquet(p, pa.table({"note": [["x", t]]})),
        "column note",
    ),
    "struct column": (
        "tables/t.parquet",
        lambda p, t: parquet(p, pa.table({"note": [{"inner": t}]})),
        "column note",
    ),
    "bytes column": (
        "tables/t.parquet",
        lambda p, t: parquet(p, pa.table({"note": [t.encode()]})),
        "column note",
    ),
    "file metadata": (
        "tables/t.parquet",
        lambda p, t: parquet(p, pa.table({"n": [1]}).replace_schema_metadata({"k": t})),
        "file metadata",
    ),
    "field metadata": (
        "tables/t.parquet",
        lambda p, t: parquet(p, pa.table({"x": [1]}, schema=field_with(t))),
        "file metadata",
    ),
    "DuckDB table": (
        "aina.duckdb",
        lambda p, t: database(
            p, "create table notes (n int, note varchar)", f"insert into notes values (1, '{t}')"
        ),
        "table notes, column note",
    ),
    "DuckDB list": (
        "aina.duckdb",
        lambda p, t: database(
            p, "create table notes (note varchar[])", f"insert into notes values (['{t}'])"
        ),
        "table notes, column note",
    ),
    "DuckDB view": (
        "aina.duckdb",
        lambda p, t: database(p, f"create view v as select '{t}' as note"),
        "view v",
    ),
}


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("label", FORBIDDEN)
def test_planted_text_is_named_by_file_place_and_label_and_not_repeated(
    tmp_path: Path, plant: str, label: str
) -> None:
    name, write, place = PLANTS[plant]
    (tmp_path / "clean.json").write_text("{}")
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    write(tmp_path / name, FORBIDDEN[label])
    finding = no_forbidden_text(DataRoot(tmp_path), FORBIDDEN)
    assert not finding.passed
    assert finding.failed_rows == 1
    assert list(finding.sample) == [{"file": name, "place": place, "text": label}]
    assert FORBIDDEN[label] not in repr(finding)


def test_clean_files_pass_and_are_counted(tmp_path: Path) -> None:
    parquet(tmp_path / "t.parquet", pa.table({"note": ["clean", None], "n": [1, 2]}))
    database(tmp_path / "aina.duckdb", "create table notes as select 'clean' as note, null::varchar as none")
    (tmp_path / "r.json").write_text(FRAGMENT[:-4])
    finding = no_forbidden_text(DataRoot(tmp_path), FORBIDDEN)
    assert finding.passed
    assert finding.summary == "none of 2 texts occurs in 3 files"


def test_raw_files_are_what_text_may_stand_in(tmp_path: Path) -> None:
    root = DataRoot(tmp_path)
    for folder in (root.downloads / "huggingface.co", root.cache / "fetch-1"):
        folder.mkdir(parents=True)
        (folder / "README.md").write_text(CANARY)
    (tmp_path / ".t.parquet.1-a.part").write_text(CANARY)
    (tmp_path / ".build.lock").write_text("")
    (tmp_path / "sources.lock.onet.json").write_text("{}")
    assert written_files(root) == [tmp_path / "sources.lock.onet.json"]
    assert no_forbidden_text(root, FORBIDDEN).passed


def test_all_leaks_are_counted(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.log").write_text(f"{CANARY} {FRAGMENT}")
    finding = no_forbidden_text(DataRoot(tmp_path), FORBIDDEN)
    assert finding.failed_rows == 24
    assert len(finding.sample) == 10


def test_a_text_that_occurs_often_or_within_another_is_labelled_once() -> None:
    search = LeakSearch({"long": "abcdef", "short": "cd"})
    assert search.in_bytes(b"abcdef abcdef cd") == ["long", "short"]
    assert search.in_bytes(b"abcde") == ["short"]
    assert search.in_bytes(b"") == []


def test_a_file_that_is_gone_when_it_is_read_holds_nothing(tmp_path: Path) -> None:
    assert LeakSearch({"canary": "x"}).in_file(tmp_path / "journal") == []
