"""A real inventory of 73,380 titles, at full size: every promise of the stage holds of it.

No text of the list may be committed: titles are named by id here, and messages tell counts alone.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.certifying.claims import SERVED_LEVELS
from aina_assets.titles.certifying.measure import clopper_pearson_upper
from aina_assets.titles.explaining.explain import Explainer
from aina_assets.titles.make import TitleStage
from aina_assets.titles.receipts import COVERAGE
from aina_assets.titles.serve_policy import read_serve_policy
from aina_assets.titles.status import coverage, title_figures
from aina_assets.titles.tables import (
    TITLE,
    TITLE_CERTIFICATE,
    TITLE_EXACT_CANDIDATE,
    TITLE_FORM,
    TITLE_LEVEL,
    TITLE_ROUTE,
)
from aina_assets_tests.builds import Build, built, starter_settings

pytestmark = [pytest.mark.real_data, pytest.mark.slow]

LINES = 73_380
MOST_ERROR = read_serve_policy(PROJECT_ROOT / "data" / "policies").certificate.most_error


@pytest.fixture(scope="module")
def build(real_mirror: Path, real_titles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    settings = starter_settings(
        tmp_path_factory.mktemp("real"), sources="mirror", mirror=(real_mirror,), titles=real_titles
    )
    with built(settings) as found:
        yield found


@pytest.fixture(scope="module")
def routes(build: Build) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = build.engine.store.read_partitions(TITLE_ROUTE.name).to_pylist()
    return rows


def test_it_is_built_and_every_check_passes(build: Build) -> None:
    assert build.summary.is_success, build.summary.check_failures + build.summary.step_failures
    assert [failure.check for failure in build.summary.check_failures if failure.severity == "ERROR"] == []


def test_every_line_becomes_a_title_with_one_route(build: Build, routes: list[dict[str, Any]]) -> None:
    store = build.engine.store
    forms = store.read(TITLE_FORM.name, ["title_id", "defect"]).to_pylist()
    assert len(forms) == LINES
    of_lines = {form["title_id"] for form in forms if form["title_id"]}
    assert sum(form["defect"] is not None for form in forms) < 20
    assert Counter(row["title_id"] for row in routes) == Counter(of_lines)
    assert len(of_lines) > 70_000


def test_batches_are_of_like_size(build: Build) -> None:
    sizes = [info.rows for info in build.engine.store.infos(TITLE.name)]
    assert len(sizes) == 32
    assert max(sizes) < 1.2 * min(sizes)


def test_what_is_claimed_carries_a_bound_within_the_policy(routes: list[dict[str, Any]]) -> None:
    for row in routes:
        if row["route"] == "adjudicate":
            assert row["stratum"] is None
        else:
            assert row["error_bound"] <= MOST_ERROR
            assert row["stratum"]


def test_bounds_are_clopper_and_pearsons_of_the_rows_told(build: Build) -> None:
    for row in build.engine.store.read(TITLE_CERTIFICATE.name).to_pylist():
        if row["bound_rows"] and row["error_rate"] is not None:
            rows = row["effective_rows"]
            bound = clopper_pearson_upper(row["error_rate"] * rows, rows, 0.95)
            assert row["error_bound"] == pytest.approx(bound, abs=2e-4), row
        assert row["errors"] <= row["rows"]


def test_a_served_level_is_one_that_the_evidence_allows(build: Build, routes: list[dict[str, Any]]) -> None:
    levels = {
        row["title_id"]: row for row in build.engine.store.read_partitions(TITLE_LEVEL.name).to_pylist()
    }
    for row in routes:
        if row["served_level"] is None:
            continue
        level = levels[row["title_id"]]
        assert level["finest_level"] is not None
        finest = level["finest_level"] if level["finest_level"] != "occupation" else "detailed"
        assert SERVED_LEVELS.index(row["served_level"]) >= SERVED_LEVELS.index(finest)
        code = "function" if row["served_level"] == "function" else f"{row['served_level']}_code"
        assert row["served_code"] == level[code]


def test_an_exact_match_in_scope_forbids_any_exclusion(build: Build, routes: list[dict[str, Any]]) -> None:
    """Asked of the candidates themselves, not of what the levels say of them."""
    scope = TitleStage(build.engine).policies.scope
    exact = build.engine.store.read_partitions(TITLE_EXACT_CANDIDATE.name, ["title_id", "soc_code"])
    listed_in = {row["title_id"] for row in exact.to_pylist() if scope.of_code(row["soc_code"]).is_in_scope}
    assert len(listed_in) > 10_000
    assert [
        row["title_id"] for row in routes if row["route"] == "exclude" and row["title_id"] in listed_in
    ] == []


def test_titles_are_served_and_excluded_at_all(build: Build) -> None:
    figures = title_figures(build.engine)
    assert (figures["titles_served"] or 0) > 10_000
    assert (figures["titles_exclude"] or 0) > 10_000
    assert figures["titles_routed"] == sum(coverage(build.engine)["routes"].values())


def test_explained_titles_have_the_routes_on_record(build: Build, routes: list[dict[str, Any]]) -> None:
    sample = random.Random(7).sample(routes, 150)
    explained = Explainer(TitleStage(build.engine)).explain([row["normalized_title"] for row in sample])
    for row, found in zip(sample, explained, strict=True):
        if found.evidence is None:
            # A title whose words alone would be withheld as a name stands in the list with more beside them.
            assert found.defect == "withheld"
            continue
        route = asdict(found.evidence.route)
        told = {name: route[name] for name in row.keys() & route.keys()}
        assert (found.title_id, told) == (row["title_id"], {name: row[name] for name in told})
        assert all(one.source.file and one.source.row for one in found.evidence.exact)


def test_the_receipt_tells_no_title(build: Build, routes: list[dict[str, Any]]) -> None:
    told = (build.engine.data.receipts / f"{COVERAGE}.json").read_text("utf-8")
    predicate = json.loads(told)["predicate"]
    assert predicate["titles"] == len(routes)
    words = [row["normalized_title"] for row in routes if len(row["normalized_title"].split()) > 2]
    assert sum(words_of in told for words_of in words) == 0


def test_a_second_build_leaves_every_title_alone(build: Build) -> None:
    with built(build.engine.settings) as second:
        assert second.summary.is_success
    told = {step.name: step.is_reused for step in second.steps if step.stage == "titles" and step.rows}
    assert {name for name, is_reused in told.items() if not is_reused} == set()
