"""A title's route is explained down to source rows; what is no title is not echoed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aina_assets.titles.explain import Explainer
from aina_assets.titles.make import TitleStage
from aina_assets_tests.builds import Build, invoke


@pytest.fixture(scope="module")
def explainer(starter_build: Build) -> Explainer:
    return Explainer(TitleStage(starter_build.engine))


def test_every_candidate_has_its_source_row_and_the_route_its_certificate(
    explainer: Explainer, starter_build: Build
) -> None:
    found = explainer.explain("Sr. Mktg Mgr - EMEA")
    assert found.normalized["normalized"] == "senior marketing manager"
    assert found.normalized["location"] == "emea"
    assert found.exact
    for row in (*found.exact, *found.retrieved):
        table = starter_build.engine.store.read(row["source_table"]).to_pylist()
        assert row["source_row"] in {source["source_row"] for source in table}
        assert row["vintage"] == "starter-1"
    assert [row["level"] for row in found.levels] == [
        *("occupation", "detailed", "broad", "minor", "major", "function")
    ]
    assert found.route is not None
    if found.route["route"] != "adjudicate":
        assert found.certificate is not None
        assert found.certificate["error_bound"] == found.route["error_bound"] <= 0.05


def test_it_tells_what_the_build_told(explainer: Explainer, starter_build: Build) -> None:
    for row in starter_build.engine.store.read_partitions("title_route").to_pylist()[::100]:
        found = explainer.explain(row["normalized_title"])
        assert found.title_id == row["title_id"]
        assert found.is_in_inventory
        assert found.route == {name: value for name, value in row.items() if value is not None}


def test_an_unknown_title_is_explained_too(explainer: Explainer) -> None:
    found = explainer.explain("Underwater Basket Accountant")
    assert not found.is_in_inventory
    assert found.retrieved


@pytest.mark.parametrize("text", ["jane.doe@example.invalid", "=cmd()|' /C calc'!A0", "   "])
def test_what_is_no_title_is_not_echoed(explainer: Explainer, text: str) -> None:
    found = explainer.explain(text)
    assert found.defect
    assert (found.asked, found.normalized, found.route) == ("", {}, None)


def test_the_command_tells_people_and_machines(starter_build: Build) -> None:
    data = starter_build.engine.data.path
    told = invoke(data, "titles", "explain", "accountant", "jane.doe@example.invalid")
    assert told.exit_code == 0
    assert "route" in told.output
    assert "jane" not in told.output
    (found, withheld) = json.loads(
        invoke(data, "titles", "explain", "--json", "accountant", "a@b.org").output
    )
    assert found["title_id"]
    assert withheld["defect"] == "personal_data"


def test_without_a_build_it_says_so(tmp_path: Path) -> None:
    told = invoke(tmp_path / "empty", "titles", "explain", "accountant")
    assert told.exit_code == 1
