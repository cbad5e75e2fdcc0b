"""A title's route is explained down to source rows; what is no title is not echoed; damage is told."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.titles.explaining.explain import FORMS_SHOWN, Explainer
from aina_assets.titles.explaining.views import Evidence, Explanation
from aina_assets.titles.make import TitleStage
from aina_assets.titles.tables import (
    TITLE,
    TITLE_EXACT_CANDIDATE,
    TITLE_FORM,
    TITLE_LEVEL,
    TITLE_RETRIEVED_CANDIDATE,
    TITLE_ROUTE,
)
from aina_assets_tests.builds import Build, copied, flip_byte, invoke, starter_settings

PERSONAL = ("jane.doe@example.invalid", "Jane Doe", "Dr. Jane Doe, CFO", "call (212) 555-0199 now")
UNUSABLE = (
    "=cmd()|' /C calc'!A0",
    "   ",
    "",
    "\x00\x07",
    "x" * 10_240,
    "<script>alert(1)</script>",
    "\N{FIRE}",
)


# Sums in other company differ in their last bits, and so now and then in the last place that is kept.
LAST_PLACE = 1.5e-4


@pytest.fixture(scope="module")
def explainer(starter_build: Build) -> Explainer:
    return Explainer(TitleStage(starter_build.engine))


def explained(explainer: Explainer, *texts: str) -> list[Evidence]:
    found = [one.evidence for one in explainer.explain(texts)]
    assert None not in found
    return [evidence for evidence in found if evidence is not None]


def in_order(rows: list[dict[str, Any]], key: tuple[str, ...]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: tuple(str(row[name]) for name in key))


def explaining(engine: Engine, *texts: str) -> list[Explanation]:
    return Explainer(TitleStage(engine)).explain(texts)


# --- a title of the inventory


def test_every_candidate_has_its_source_row_as_the_source_has_it(
    explainer: Explainer, starter_build: Build
) -> None:
    (found,) = explainer.explain(["Sr. Mktg Mgr - EMEA"])
    assert found.normalized is not None
    assert (found.normalized.normalized, found.normalized.location) == ("senior marketing manager", "emea")
    (evidence,) = explained(explainer, "Sr. Mktg Mgr - EMEA")
    assert evidence.exact
    assert evidence.retrieved
    sources = [one.source for one in evidence.exact]
    sources += [one.nearest for one in evidence.retrieved if one.nearest is not None]
    for source in sources:
        rows = starter_build.engine.store.read(source.table).to_pylist()
        (row,) = [row for row in rows if row["source_row"] == source.row]
        assert (row["source_file"], row["vintage"]) == (source.file, source.vintage)
        assert source.vintage == "starter-1"
        assert any(source.title in str(value) for value in row.values())


def test_names_of_codes_are_the_publishers(explainer: Explainer) -> None:
    (evidence,) = explained(explainer, "accountant")
    names = {level.level: (level.code, level.name) for level in evidence.levels}
    assert names["detailed"] == ("13-2011", "Accountants and Auditors")
    assert names["major"] == ("13-0000", "Business and Financial Operations Occupations")
    assert names["function"] == ("finance", "finance")


def test_it_tells_what_the_build_recorded_of_every_kind_of_title(
    explainer: Explainer, starter_build: Build
) -> None:
    store = starter_build.engine.store
    rows = store.read_partitions(TITLE_ROUTE.name).to_pylist()
    by_kind = {(row["route"], row["reason"], row["basis"]): row for row in rows}
    found = explainer.explain([row["normalized_title"] for row in by_kind.values()])
    assert len(by_kind) > 8
    for row, one in zip(by_kind.values(), found, strict=True):
        evidence = one.evidence
        assert evidence is not None
        assert evidence.is_in_inventory
        route = asdict(evidence.route)
        assert (one.title_id, one.title_batch) == (row["title_id"], row["title_batch"])
        shared = row.keys() & route.keys()
        assert {name: row[name] for name in shared} == {name: route[name] for name in shared}
        assert (evidence.lane, evidence.basis) == (row["lane"], row["basis"])
        if row["stratum"] is None:
            assert evidence.certificate is None
        else:
            assert evidence.certificate is not None
            assert evidence.certificate.stratum == row["stratum"]
            assert evidence.certificate.error_bound == row["error_bound"] <= 0.05
            standing = [claim for claim in evidence.claims if claim.is_standing]
            assert [claim.stratum for claim in standing] == [row["stratum"]]


def test_a_title_of_the_inventory_is_computed_as_it_was_recorded(
    explainer: Explainer, starter_build: Build
) -> None:
    """The same text through the model gives what the tables hold."""
    store = starter_build.engine.store
    titles = store.read_partitions(TITLE.name).to_pylist()[::97]
    made = TitleStage(starter_build.engine).assessor.assess(titles)
    ids = [row["title_id"] for row in titles]
    for contract, table in (
        (TITLE_LEVEL, made.levels),
        (TITLE_EXACT_CANDIDATE, made.exact),
        (TITLE_RETRIEVED_CANDIDATE, made.retrieved),
    ):
        recorded = [r for r in store.read_partitions(contract.name).to_pylist() if r["title_id"] in ids]
        pairs = zip(in_order(table.to_pylist(), contract.key), in_order(recorded, contract.key), strict=True)
        for ours, theirs in pairs:
            assert ours == pytest.approx(theirs, abs=LAST_PLACE)


def test_its_first_raw_forms_are_shown_and_the_one_that_decides(
    explainer: Explainer, starter_build: Build
) -> None:
    forms = starter_build.engine.store.read(TITLE_FORM.name).to_pylist()
    most = max(
        starter_build.engine.store.read_partitions(TITLE.name).to_pylist(), key=lambda row: row["form_count"]
    )
    (evidence,) = explained(explainer, most["normalized_title"])
    assert (evidence.deciding_form, evidence.form_count) == (most["raw_title"], most["form_count"])
    lines = [(row["source_row"], row["raw_title"]) for row in forms if row["title_id"] == most["title_id"]]
    assert [(form.line, form.text) for form in evidence.forms] == sorted(lines)[:FORMS_SHOWN]


def test_caps_are_told(explainer: Explainer) -> None:
    (generic,) = explained(explainer, "manager")
    assert generic.caps == ("'manager' is a generic word in serve_now.toml: no level at the finest",)
    assert generic.route.reason == "generic_title"
    assert generic.finest_level is None


def test_a_listed_code_that_no_occupation_has_is_told_as_a_cap(
    explainer: Explainer, starter_build: Build
) -> None:
    store = starter_build.engine.store
    codes = {code[:7] for code in store.read("onet_occupation")["onet_soc_code"].to_pylist()}
    listed = store.read("soc_direct_match_title").to_pylist()
    title = next(row["direct_match_title"] for row in listed if row["soc_code"] not in codes)
    (evidence,) = explained(explainer, title)
    assert evidence.lane == "exact_direct_match"
    assert evidence.caps == (
        "it is listed under a code that no O*NET occupation has: function at the finest",
    )


# --- a title that it does not have


def test_an_unknown_title_is_explained_too(explainer: Explainer) -> None:
    (evidence,) = explained(explainer, "Underwater Basket Accountant")
    assert not evidence.is_in_inventory
    assert (evidence.forms, evidence.form_count) == ((), 0)
    assert evidence.retrieved
    assert evidence.route.route == "adjudicate"
    assert evidence.next_finer is not None
    assert evidence.next_finer.obstacle


def test_titles_known_and_not_and_repeated_are_explained_in_the_order_given(explainer: Explainer) -> None:
    texts = ["Zeppelin Analyst", "accountant", "jane.doe@example.invalid", "ACCOUNTANT", "Zeppelin Analyst"]
    found = explainer.explain(texts)
    assert [one.number for one in found] == [1, 2, 3, 4, 5]
    assert [one.text for one in found] == [
        "Zeppelin Analyst",
        "accountant",
        None,
        "ACCOUNTANT",
        "Zeppelin Analyst",
    ]
    assert found[1].title_id == found[3].title_id
    assert found[0].evidence == found[4].evidence
    assert explainer.explain([]) == []


# --- what is no title


@pytest.mark.parametrize("text", [*PERSONAL, *UNUSABLE])
def test_what_is_no_title_is_not_echoed(explainer: Explainer, text: str) -> None:
    (found,) = explainer.explain([text])
    assert found.defect == ("withheld" if text in PERSONAL else found.defect)
    assert found.defect_meaning
    told = {name: value for name, value in asdict(found).items() if value is not None}
    assert told.keys() == {"number", "defect", "defect_meaning", "policies"}


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_explained_or_has_a_defect(explainer: Explainer, text: str) -> None:
    (found,) = explainer.explain([text])
    assert (found.defect is None) == (found.evidence is not None) == (found.text == text)
    json.dumps(asdict(found))


# --- states that explain nothing


def test_without_a_build_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no title was routed here yet"):
        explaining(Engine(starter_settings(tmp_path)), "accountant")


def test_another_number_of_batches_is_told(starter_build: Build) -> None:
    other = Engine(starter_settings(starter_build.engine.data.path, title_batches=16))
    with pytest.raises(StateError, match="32 batches, AINA_TITLE_BATCHES says 16"):
        explaining(other, "accountant")


@pytest.mark.parametrize(
    "contract",
    [TITLE, TITLE_LEVEL, TITLE_ROUTE, TITLE_EXACT_CANDIDATE, TITLE_RETRIEVED_CANDIDATE, TITLE_FORM],
)
def test_one_wrong_byte_in_a_table_is_told_and_not_explained(
    starter_build: Build, tmp_path: Path, contract: object
) -> None:
    engine = copied(starter_build, tmp_path / "run")
    batch = None if contract is TITLE_FORM else "12"
    path = engine.store.path(contract.name, batch)  # type: ignore[attr-defined]
    flip_byte(path, path.stat().st_size // 3)
    with pytest.raises(StateError) as caught:
        explaining(engine, "accountant")
    assert str(path) in str(caught.value)


def test_a_damaged_model_is_told(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    path = TitleStage(engine).model_path
    flip_byte(path, path.stat().st_size // 2)
    assert explaining(engine, "accountant")[0].evidence is not None
    with pytest.raises(StateError, match="model is damaged"):
        explaining(engine, "Zeppelin Mooring Analyst")


def test_routes_of_other_evidence_than_stands_are_told(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    info = engine.store.info(TITLE_LEVEL.name, "12")
    rows = engine.store.read(TITLE_LEVEL.name, partition="12")
    engine.store.write(TITLE_LEVEL, rows.slice(1), info.provenance, "12")
    with pytest.raises(StateError, match="made from another title_level"):
        explaining(engine, "accountant")


def test_tables_of_another_version_are_told(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    info = engine.store.info(TITLE_ROUTE.name, "12")
    rows = engine.store.read(TITLE_ROUTE.name, partition="12")
    engine.store.write(TITLE_ROUTE, rows, replace(info.provenance, contract="0" * 64), "12")
    with pytest.raises(StateError, match="a version with other columns or rules"):
        explaining(engine, "accountant")


# --- the command


def test_the_command_tells_people_and_machines(starter_build: Build) -> None:
    data = starter_build.engine.data.path
    told = invoke(
        data, "titles", "explain", "Sr. Mktg Mgr - EMEA", "jane.doe@example.invalid", "Zeppelin Analyst"
    )
    assert told.exit_code == 0
    for words in (
        "1. Sr. Mktg Mgr - EMEA",
        "route",
        "listed titles that equal it",
        "2. no usable title: withheld",
        "not in the inventory",
    ):
        assert words in told.output
    assert "jane" not in told.output
    found, withheld = json.loads(invoke(data, "titles", "explain", "--json", "accountant", "a@b.org").output)
    assert found["evidence"]["route"]["route"]
    assert found["evidence"]["claims"][0]["claim"] == "exclude"
    assert (withheld["defect"], withheld["text"], withheld["evidence"]) == ("withheld", None, None)


def test_a_title_gives_the_terminal_no_orders(starter_build: Build) -> None:
    told = invoke(
        starter_build.engine.data.path, "titles", "explain", "\x1b[31mred\x1b[0m [bold]analyst[/bold]"
    )
    assert told.exit_code == 0
    assert "\x1b[31m" not in told.output
    assert "[bold]analyst[/bold]" in told.output


def test_an_argument_that_is_not_utf_8_is_explained(starter_build: Build) -> None:
    text = os.fsdecode(b"acc\xffountant")
    for arguments in ((), ("--json",)):
        assert invoke(starter_build.engine.data.path, "titles", "explain", *arguments, text).exit_code == 0


def test_the_command_without_a_build_is_status_1(tmp_path: Path) -> None:
    told = invoke(tmp_path / "empty", "titles", "explain", "accountant")
    assert told.exit_code == 1
    assert "aina build" in told.stderr
