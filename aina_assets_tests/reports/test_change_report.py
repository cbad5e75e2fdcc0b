"""The change report: the builds that it knows, and what it says of two."""

from __future__ import annotations

import json

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import read_receipt, receipt_path, write_receipt
from aina_assets.reports import change_report as module
from aina_assets.reports.change_report import BUILDS, CHANGE_REPORT, keep_build
from aina_assets.reports.make import write_changes
from aina_assets.reports.rules import figures_equal_receipts
from aina_assets.verification.manifest import MANIFEST, BuildManifest


def another_build(engine: Engine, rows: int) -> None:
    """A manifest with another count of rows, and one table gone."""
    statement = read_receipt(receipt_path(engine.data.receipts, MANIFEST), MANIFEST, BuildManifest)
    changed = statement.predicate.model_copy(
        update={"total_rows": rows, "tables": statement.predicate.tables[1:], "vintages": {"onet": "31.0"}}
    )
    write_receipt(
        engine.data.receipts, MANIFEST, {s.name: s.digest.sha256 for s in statement.subject}, changed
    )


def test_the_first_build_has_none_before_it(engine: Engine) -> None:
    assert keep_build(engine) is None
    assert "first build that is known here" in write_changes(engine).html.read_text("utf-8")


def test_the_same_build_again_is_no_change(engine: Engine) -> None:
    first = write_changes(engine).html.read_bytes()
    assert write_changes(engine).html.read_bytes() == first


def test_what_is_other_is_told_with_the_receipts_of_both(engine: Engine) -> None:
    keep_build(engine)
    gone = read_receipt(
        receipt_path(engine.data.receipts, MANIFEST), MANIFEST, BuildManifest
    ).predicate.tables[0]
    another_build(engine, 7)
    text = write_changes(engine).markdown.read_text("utf-8")
    assert " rows then, 7 now." in text
    assert f"| {gone.table} | {gone.rows:,} | absent | gone |" in text
    assert "| vintage | onet | starter-1 | 31.0 |" in text
    assert figures_equal_receipts(engine, CHANGE_REPORT).passed


def test_only_the_last_builds_are_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BUILDS", 2)
    for rows in (1, 2, 3, 4):
        another_build(engine, rows)
        before = keep_build(engine)
    folder = engine.data.path / BUILDS
    index = json.loads((folder / "index.json").read_bytes())
    assert len(index) == 2
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == sorted(index)
    assert before == f"{BUILDS}/{index[0]}"


def test_a_damaged_index_begins_anew(engine: Engine) -> None:
    keep_build(engine)
    (engine.data.path / BUILDS / "index.json").write_text("{")
    assert keep_build(engine) is None
