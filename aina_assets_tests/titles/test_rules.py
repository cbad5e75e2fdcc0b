"""Every rule of the titles holds of a sound state, and names the row that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, Severity
from aina_assets.titles import rules
from aina_assets.titles.tables import (
    TITLE,
    TITLE_CERTIFICATE,
    TITLE_COVERAGE,
    TITLE_FORM,
    TITLE_GOLD,
    TITLE_LEVEL,
    TITLE_ROUTE,
)
from aina_assets_tests.builds import Build, copied

WHOLE: list[Callable[[Engine], Finding]] = [
    rules.every_line_is_accounted_for,
    rules.no_title_is_lost,
    rules.bounds_hold_or_are_demoted,
    rules.gold_speaks_for_the_inventory,
    rules.route_shares_are_steady,
]
BY_BATCH: list[Callable[[Engine, str | None], Finding]] = [
    rules.identity_is_of_the_words,
    rules.one_route_a_title,
    rules.excluded_have_no_match_in_scope,
    rules.claims_are_certified,
]


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "data")


def change(
    engine: Engine, contract: TableContract, edit: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> str | None:
    """Rewrite a table (its first batch with rows) with edited rows; gives the batch."""
    keys = engine.store.partitions(contract.name)
    key = next((key for key in keys if engine.store.info(contract.name, key).rows), None)
    table = engine.store.read(contract.name, partition=key)
    info = engine.store.info(contract.name, key)
    edited = pa.Table.from_pylist(edit(table.to_pylist()), contract.arrow_schema)
    engine.store.write(contract, edited, info.provenance, key)
    return key


def edit_first(**values: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda rows: [{**rows[0], **values}, *rows[1:]]


@pytest.mark.parametrize("rule", WHOLE)
def test_a_sound_state_passes(starter_build: Build, rule: Callable[[Engine], Finding]) -> None:
    assert rule(starter_build.engine).passed


@pytest.mark.parametrize("rule", BY_BATCH)
@pytest.mark.parametrize("partition", [None, "00"])
def test_a_sound_state_passes_whole_and_by_batch(
    starter_build: Build, rule: Callable[[Engine, str | None], Finding], partition: str | None
) -> None:
    assert rule(starter_build.engine, partition).passed


def test_a_line_without_a_form_is_named(engine: Engine) -> None:
    lost = engine.store.read(TITLE_FORM.name).to_pylist()[0]["source_row"]
    change(engine, TITLE_FORM, lambda rows: rows[1:])
    found = rules.every_line_is_accounted_for(engine)
    assert not found.passed
    assert [row["source_row"] for row in found.sample] == [lost]


def test_a_form_that_is_neither_title_nor_defect_is_named(engine: Engine) -> None:
    change(engine, TITLE_FORM, edit_first(title_id=None, defect=None))
    found = rules.every_line_is_accounted_for(engine)
    assert [row["finding"] for row in found.sample] == ["neither a title nor a defect, or both"]


def test_a_lost_title_is_named(engine: Engine) -> None:
    lost: list[str] = []

    def drop(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        lost.append(rows[0]["title_id"])
        return rows[1:]

    change(engine, TITLE, drop)
    found = rules.no_title_is_lost(engine)
    assert [row["title_id"] for row in found.sample] == lost
    missing = rules.one_route_a_title(engine, None)
    assert [row["title_id"] for row in missing.sample] == lost


def test_an_id_that_is_not_of_the_words_is_named(engine: Engine) -> None:
    key = change(engine, TITLE, edit_first(normalized_title="something else altogether"))
    for partition in (None, key):
        found = rules.identity_is_of_the_words(engine, partition)
        assert [row["normalized_title"] for row in found.sample] == ["something else altogether"]


def test_a_title_with_no_route_is_named(engine: Engine) -> None:
    lost: list[str] = []

    def drop(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        lost.append(rows[-1]["title_id"])
        return rows[:-1]

    key = change(engine, TITLE_ROUTE, drop)
    for partition in (None, key):
        found = rules.one_route_a_title(engine, partition)
        assert [(row["title_id"], row["routes"]) for row in found.sample] == [(lost[0], 0)]


def test_an_excluded_title_with_a_match_in_scope_is_named(engine: Engine) -> None:
    key = change(engine, TITLE_LEVEL, edit_first(has_in_scope_match=True))
    title_id = engine.store.read(TITLE_LEVEL.name, partition=key).to_pylist()[0]["title_id"]

    def exclude(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "route": "exclude"} if row["title_id"] == title_id else row for row in rows]

    change(engine, TITLE_ROUTE, exclude)
    found = rules.excluded_have_no_match_in_scope(engine, key)
    assert [row["title_id"] for row in found.sample] == [title_id]


def test_a_claim_without_a_certificate_is_named(engine: Engine) -> None:
    claim = {"route": "exclude", "reason": "certified_out_of_scope", "stratum": "retrieval/exclude/nothing"}
    change(engine, TITLE_ROUTE, edit_first(**claim))
    found = rules.claims_are_certified(engine, None)
    assert [(row["stratum"], row["finding"]) for row in found.sample] == [
        ("retrieval/exclude/nothing", "no such certificate")
    ]


def test_a_claim_on_a_broken_stratum_is_named(engine: Engine) -> None:
    change(
        engine,
        TITLE_CERTIFICATE,
        lambda rows: [{**row, "state": "broken"} for row in rows],
    )
    found = rules.claims_are_certified(engine, None)
    assert not found.passed
    assert all("its certificate is broken" in row["finding"] for row in found.sample)


def test_a_certificate_above_the_bound_is_named(engine: Engine) -> None:
    change(engine, TITLE_CERTIFICATE, edit_first(state="certified", error_bound=0.2))
    found = rules.bounds_hold_or_are_demoted(engine)
    assert [row["error_bound"] for row in found.sample] == [0.2]


def test_an_inventory_without_gold_is_warned_of(engine: Engine) -> None:
    change(engine, TITLE_GOLD, lambda rows: [])
    found = rules.gold_speaks_for_the_inventory(engine)
    assert (found.passed, found.severity) == (False, Severity.WARN)
    assert list(found.sample) == [{"split": "tune", "rows": 0}, {"split": "test", "rows": 0}]
    assert "gold sample" in found.remedy


def test_a_share_that_moved_is_named(engine: Engine) -> None:
    change(
        engine,
        TITLE_COVERAGE,
        lambda rows: [
            {**row, "previous_titles": row["titles"] + (500 if row["route"] == "adjudicate" else 0)}
            for row in rows
        ],
    )
    found = rules.route_shares_are_steady(engine)
    assert (found.passed, found.severity) == (False, Severity.WARN)
    assert {"function", "route", "share", "was"} == set(found.sample[0])
