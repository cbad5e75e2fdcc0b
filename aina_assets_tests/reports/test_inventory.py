"""The inventory: every file has a class, nothing is counted twice, and the lists are written."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.reports import inventory as module
from aina_assets.reports.inventory import (
    CACHE,
    CODE,
    DATA,
    ENVIRONMENT,
    EVIDENCE,
    OF_DATA,
    OF_PROJECT,
    POLICY,
    RECEIPTS,
    STARTER,
    TESTS,
    UNKNOWN,
    classify,
    inventory,
    summary,
    write_inventory,
)
from aina_assets_tests.builds import invoke, starter_settings


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aina_assets/core/store.py", CODE),
        ("aina_assets/core/__pycache__/store.cpython-311.pyc", ENVIRONMENT),
        ("aina_assets_tests/graph.txt", TESTS),
        ("data/policies/gates.toml", POLICY),
        ("data/gold/README.md", POLICY),
        ("data/starter/authored/README.md", STARTER),
        (".venv/lib/x.py", ENVIRONMENT),
        ("somebody/elses.bin", UNKNOWN),
    ],
)
def test_a_file_of_the_project_has_its_class(name: str, kind: str) -> None:
    assert classify(name, OF_PROJECT) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sources/www.bls.gov/a.xlsx", CACHE),
        ("tables/title/07.parquet", DATA),
        ("reports/founder_report.html", DATA),
        ("reports/builds/a/build_manifest_v1.json", RECEIPTS),
        ("receipts/a_v1.json", RECEIPTS),
        ("reviews/answers/a.json", EVIDENCE),
        ("dagster/history/runs.db", ENVIRONMENT),
        ("notes.txt", UNKNOWN),
    ],
)
def test_a_file_of_the_data_root_has_its_class(name: str, kind: str) -> None:
    assert classify(name, OF_DATA) == kind


def test_every_committed_file_has_a_class() -> None:
    names = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(names) > 300
    assert [name for name in names if classify(name, OF_PROJECT) == UNKNOWN] == []


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A project of five files with a data root inside it."""
    project = tmp_path / "project"
    data = project / "data" / "run"
    for name in ("aina_assets/a.py", ".venv/bin/python", ".venv/lib/b.py", "data/policies/c.toml", "odd.bin"):
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1234")
    (data / "receipts").mkdir(parents=True)
    (data / "receipts" / "a_v1.json").write_bytes(b"12")
    monkeypatch.setattr(module, "PROJECT_ROOT", project)
    return Engine(starter_settings(data))


def test_nothing_is_counted_twice_and_an_environment_is_counted_whole(small: Engine) -> None:
    found = {(e.place, e.file): (e.kind, e.files, e.bytes) for e in inventory(small)}
    assert found == {
        ("project", "aina_assets/a.py"): (CODE, 1, 4),
        ("project", ".venv/"): (ENVIRONMENT, 2, 8),
        ("project", "data/policies/c.toml"): (POLICY, 1, 4),
        ("project", "odd.bin"): (UNKNOWN, 1, 4),
        ("data", "receipts/a_v1.json"): (RECEIPTS, 1, 2),
    }
    assert summary(inventory(small))[ENVIRONMENT] == {"files": 2, "bytes": 8}


def test_the_lists_are_written(small: Engine) -> None:
    entries = inventory(small)
    first, second = write_inventory(small, entries)
    rows = list(csv.DictReader(first.read_text("utf-8").splitlines()))
    assert {row["file"]: row["class"] for row in rows}["odd.bin"] == UNKNOWN
    told = json.loads(second.read_bytes())
    assert told["unknown"] == ["odd.bin"]
    assert sum(counts["files"] for counts in told["classes"].values()) == 6


def test_a_file_in_no_class_is_named_and_is_status_1(small: Engine) -> None:
    result = invoke(small.data.path, "inventory")
    assert result.exit_code == 1
    assert "in no class: project odd.bin" in result.stderr
