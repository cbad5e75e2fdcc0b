"""The sources' rules: each is fed something bad and names it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.settings import Settings
from aina_assets.core.store import METADATA_KEY, NOT_AVAILABLE, Provenance
from aina_assets.sources import rules
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.expectations import Expectations
from aina_assets.sources.readers.title_list import user_title_list
from aina_assets.sources.tables.bls import OEWS_NATIONAL
from aina_assets.sources.tables.soc import CONTRACTS
from aina_assets_tests.conftest import source_files

SOC = SOURCES["soc"]
GROUP, MATCH, CROSSWALK = CONTRACTS
VINTAGE = "SOC 2018"
ORIGIN = {"vintage": VINTAGE, "source_file": "x.xlsx"}
EXPECTATIONS = Expectations(
    policy="source_expectations",
    version=1,
    rows={"soc": {VINTAGE: {"soc_group": 2}}},
    join_floors={"real": {}, "starter": {}},
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(Settings(data=tmp_path / "run"))


@pytest.fixture
def files(tmp_path: Path) -> SourceFiles:
    paths = {}
    for name in ("a.txt", "b.txt"):
        paths[name] = tmp_path / name
        paths[name].write_text(f"content of {name}")
    return source_files("soc", VINTAGE, "2018", paths)


def group(code: str, parent: str | None = None, **changes: Any) -> dict[str, Any]:
    row = {"soc_code": code, "level": "major", "title": "x", "parent_soc_code": parent, "definition": None}
    return {**ORIGIN, "source_row": int(code[3:]) + 1, **row, **changes}


def put(engine: Engine, contract: TableContract, *rows: dict[str, Any], vintage: str = VINTAGE) -> None:
    """Write a table past its contract, as a fault in the code would."""
    text = Provenance({contract.source: vintage}, {}, "", "").to_json()
    schema = pa.schema(field.with_nullable(True) for field in contract.arrow_schema)
    table = pa.Table.from_pylist(list(rows), schema=schema).replace_schema_metadata({METADATA_KEY: text})
    engine.data.tables.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, engine.store.path(contract.name))


# --- files


def test_files_that_are_what_the_lock_says_pass(files: SourceFiles) -> None:
    finding = rules.files_match_lock(files)
    assert finding.passed
    assert finding.summary == "2 locked files, 32 bytes, are what the lock says"


def test_a_flipped_byte_is_found_though_size_and_time_are_as_before(files: SourceFiles) -> None:
    path = files.path("b.txt")
    before = path.stat()
    path.write_bytes(b"C" + path.read_bytes()[1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    finding = rules.files_match_lock(files)
    assert not finding.passed
    (row,) = finding.sample
    assert row["file"] == "b.txt"
    assert files.files["b.txt"].record.sha256 in row["finding"]
    assert "1 of 2 locked files" in finding.summary


def test_every_faulty_file_is_named(files: SourceFiles) -> None:
    files.path("a.txt").unlink()
    files.path("b.txt").write_bytes(b"")
    finding = rules.files_match_lock(files)
    assert [row["file"] for row in finding.sample] == ["a.txt", "b.txt"]
    assert finding.failed_rows == 2


def test_a_source_that_is_not_there_says_so() -> None:
    finding = rules.files_match_lock(SourceFiles("soc", "none", "none", {}))
    assert finding.passed
    assert NOT_AVAILABLE in finding.summary


def test_a_users_own_file_has_no_lock_to_match(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("Cook")
    assert rules.files_match_lock(user_title_list(tmp_path / "t.txt")).summary.startswith("not locked")


# --- tables


@pytest.mark.parametrize("limit", [0, 1_000_000])
def test_a_row_that_breaks_the_contract_is_named(
    engine: Engine, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "WHOLE_TABLE_ROWS", limit)
    put(engine, GROUP, group("11-0000"), group("11-0001", level="galaxy"))
    finding = rules.table_contract_holds(GROUP, engine)
    assert not finding.passed
    (row,) = finding.sample
    assert (row["rule"], row["soc_code"]) == ("level is one of the closed list", "11-0001")
    put(engine, GROUP, group("11-0000"))
    assert rules.table_contract_holds(GROUP, engine).passed


@pytest.mark.parametrize("limit", [0, 1_000_000])
def test_an_orphan_is_named(engine: Engine, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "WHOLE_TABLE_ROWS", limit)
    put(engine, GROUP, group("11-0000"), group("11-0001", "11-0000"), group("11-0002", "99-0000"))
    finding = rules.table_references_resolve(GROUP, engine)
    assert not finding.passed
    (row,) = finding.sample
    assert row["parent_soc_code"] == "99-0000"
    put(engine, GROUP, group("11-0000"), group("11-0001", "11-0000"))
    assert rules.table_references_resolve(GROUP, engine).passed


def row_count(engine: Engine) -> Any:
    return rules.table_row_count_expected(SOC, GROUP, engine, EXPECTATIONS)


def test_another_row_count_than_the_vintages_is_named(engine: Engine) -> None:
    put(engine, GROUP, group("11-0000"))
    finding = row_count(engine)
    assert not finding.passed
    assert list(finding.sample) == [{"found": 1, "expected": 2}]
    assert VINTAGE in finding.summary
    put(engine, GROUP, group("11-0000"), group("11-0001"))
    assert row_count(engine).passed


def test_rows_without_a_source_are_faked_rows(engine: Engine) -> None:
    put(engine, GROUP, group("11-0000"), vintage=NOT_AVAILABLE)
    finding = row_count(engine)
    assert not finding.passed
    assert finding.failed_rows == 1
    assert "faked" in finding.remedy
    put(engine, GROUP, vintage=NOT_AVAILABLE)
    assert row_count(engine).passed


def test_a_vintage_without_a_count_on_record_is_not_judged(engine: Engine) -> None:
    put(engine, GROUP, group("11-0000"), vintage="SOC 2028")
    assert row_count(engine).passed


def test_rows_of_another_vintage_are_named(engine: Engine, files: SourceFiles) -> None:
    put(engine, GROUP, group("11-0000"), group("11-0001", vintage="SOC 2010"))
    finding = rules.table_vintage_is_selected(SOC, GROUP, engine, files)
    assert not finding.passed
    assert list(finding.sample) == [{"vintage": "SOC 2010", "rows": 1}]
    assert finding.failed_rows == 1


def test_a_table_of_another_vintage_than_selected_is_named(engine: Engine, files: SourceFiles) -> None:
    put(engine, GROUP, vintage="SOC 2010")
    finding = rules.table_vintage_is_selected(SOC, GROUP, engine, files)
    assert not finding.passed
    assert finding.summary == "made from SOC 2010, selected SOC 2018"
    put(engine, GROUP, group("11-0000"))
    assert rules.table_vintage_is_selected(SOC, GROUP, engine, files).passed


def test_a_table_that_outlived_its_source_is_named(engine: Engine) -> None:
    put(engine, GROUP, group("11-0000"))
    gone = SourceFiles("soc", "none", "none", {})
    finding = rules.table_vintage_is_selected(SOC, GROUP, engine, gone)
    assert not finding.passed
    assert finding.summary.startswith(f"made from {VINTAGE}, selected {NOT_AVAILABLE}")


# --- figures


def figure(row: int, value: float | None, status: str) -> dict[str, Any]:
    return {
        "vintage": "May 2024",
        "source_file": "x.xlsx",
        "source_row": row,
        "occupation_code": "11-1011",
        "occupation_title": "x",
        "occupation_group": "detailed",
        "measure": "employment_jobs",
        "value": value,
        "value_status": status,
    }


@pytest.mark.parametrize(("value", "status"), [(0.0, "not_released"), (None, "published"), (9.0, "missing")])
def test_a_figure_that_contradicts_its_status_is_named(
    engine: Engine, value: float | None, status: str
) -> None:
    put(
        engine,
        OEWS_NATIONAL,
        figure(2, 1.0, "published"),
        figure(3, None, "top_coded"),
        figure(4, value, status),
    )
    finding = rules.values_are_typed(OEWS_NATIONAL, engine)
    assert not finding.passed
    (row,) = finding.sample
    assert (row["source_row"], row["value"], row["value_status"]) == (4, value, status)
    assert "1 of 3 figures" in finding.summary


def test_figures_that_agree_with_their_status_pass_and_are_counted(engine: Engine) -> None:
    put(engine, OEWS_NATIONAL, figure(2, 1.0, "published"), figure(3, None, "top_coded"))
    finding = rules.values_are_typed(OEWS_NATIONAL, engine)
    assert finding.passed
    assert finding.figures == {"rows_published": 1, "rows_top_coded": 1}
