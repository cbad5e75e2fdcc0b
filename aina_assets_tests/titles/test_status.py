"""Figures of the titles: what `aina status` and `aina titles routes` tell is what the tables hold."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.titles.status import coverage, title_figures
from aina_assets.titles.tables import (
    TITLE_CERTIFICATE,
    TITLE_COVERAGE,
    TITLE_FORM,
    TITLE_GOLD,
    TITLE_ROUTE,
)
from aina_assets_tests.builds import Build, copied, invoke, starter_settings


def test_figures_are_counted_from_the_routes_and_the_gold(starter_build: Build) -> None:
    store = starter_build.engine.store
    routes = Counter(store.read_partitions(TITLE_ROUTE.name)["route"].to_pylist())
    gold = Counter(store.read(TITLE_GOLD.name)["split"].to_pylist())
    bounds = [
        row["error_bound"]
        for row in store.read(TITLE_CERTIFICATE.name).to_pylist()
        if row["state"] == "certified"
    ]
    figures = title_figures(starter_build.engine)
    assert figures == {
        "titles_routed": routes.total(),
        "titles_served": routes["serve_now"] + routes["serve_with_fallback"],
        "titles_serve_now": routes["serve_now"],
        "titles_serve_with_fallback": routes["serve_with_fallback"],
        "titles_adjudicate": routes["adjudicate"],
        "titles_exclude": routes["exclude"],
        "gold_tune_rows": gold["tune"],
        "gold_test_rows": gold["test"],
        "titles_largest_error_bound": max(bounds, default=None),
    }
    assert max(bounds, default=0.0) <= 0.05


@pytest.mark.parametrize("missing", [TITLE_COVERAGE, TITLE_CERTIFICATE, TITLE_GOLD])
def test_where_the_stage_was_not_built_there_are_no_figures(
    starter_build: Build, tmp_path: Path, missing: object
) -> None:
    engine = copied(starter_build, tmp_path / "run")
    engine.store.path(missing.name).unlink()  # type: ignore[attr-defined]
    assert set(title_figures(engine).values()) == {None}
    assert title_figures(engine).keys() == title_figures(starter_build.engine).keys()
    told = invoke(tmp_path / "run", "status")
    assert told.exit_code == 0
    assert "titles_served" in told.output


def test_a_damaged_table_is_named(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    path = engine.store.path(TITLE_COVERAGE.name)
    path.write_bytes(path.read_bytes()[:-20])
    for told in (title_figures, coverage):
        with pytest.raises(StateError) as caught:
            told(engine)
        assert caught.value.file == str(path)


def test_the_coverage_is_the_routes_counted(starter_build: Build) -> None:
    found = coverage(starter_build.engine)
    store = starter_build.engine.store
    routes = store.read_partitions(TITLE_ROUTE.name).to_pylist()
    kinds = Counter((r["route"], r["reason"], r["basis"], r["served_level"]) for r in routes)
    told = {
        (row["route"], row["reason"], row["basis"], row["level"]): row["titles"] for row in found["coverage"]
    }
    assert told == dict(kinds)
    assert found["titles"] == sum(found["routes"].values()) == len(routes)
    forms = store.read(TITLE_FORM.name)["defect"].to_pylist()
    assert found["lines"] == len(forms)
    assert found["defects"] == dict(Counter(filter(None, forms)))
    assert found["gold_rows"] == dict(Counter(store.read(TITLE_GOLD.name)["split"].to_pylist()))


def test_certificates_are_summed_by_state(starter_build: Build) -> None:
    found = coverage(starter_build.engine)
    assert sum(row["strata"] for row in found["certificates"]) == len(found["strata"]) > 0
    for row in found["certificates"]:
        strata = [
            stratum
            for stratum in found["strata"]
            if all(stratum[name] == row[name] for name in ("basis", "claim", "state"))
        ]
        assert row["largest_bound"] == max(stratum["error_bound"] for stratum in strata)
        assert row["errors"] == sum(stratum["errors"] for stratum in strata)


def test_the_command_tells_people_and_machines(starter_build: Build) -> None:
    data = starter_build.engine.data.path
    told = invoke(data, "titles", "routes")
    assert told.exit_code == 0
    titles = coverage(starter_build.engine)["titles"]
    for words in (f"{titles:,} titles", "uncertain_occupation", "certified", "largest bound", "no_letters"):
        assert words in told.output
    assert max(map(len, told.output.splitlines())) <= 80
    assert json.loads(invoke(data, "titles", "routes", "--json").output) == coverage(starter_build.engine)


def test_the_command_without_a_build_is_status_1(tmp_path: Path) -> None:
    assert invoke(tmp_path, "titles", "routes").exit_code == 1
    with pytest.raises(StateError, match="title_coverage"):
        coverage(Engine(starter_settings(tmp_path)))
