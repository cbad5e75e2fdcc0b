"""Titles are answered by their state: as evidence, a rule or reviewers settled it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.learning.assessing.resolving import TitleResolver
from aina_assets.learning.cohort.titles import UNSERVED_STATES, cohort_titles
from aina_assets.learning.desk import Policies
from aina_assets_tests.builds import Build

SERVED = ("serve_now", "serve_with_fallback")
MOST_A_STATE = 12


@pytest.fixture(scope="module")
def titles(starter_build: Build) -> TitleResolver:
    engine = starter_build.engine
    return TitleResolver(engine, Policies.read(engine.settings).planning.gender)


def of_state(build: Build, *states: str) -> list[dict[str, str]]:
    """Titles of these states: some of each way in which they were settled."""
    rows = build.engine.store.read("title_state").to_pylist()
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        if row["state"] in states:
            found.setdefault((row["state"], row["settled_by"]), []).append(row)
    return [row for held in found.values() for row in held[:MOST_A_STATE]]


def test_a_title_that_is_excluded_by_whomever_has_no_path(
    starter_build: Build, titles: TitleResolver
) -> None:
    rows = of_state(starter_build, "exclude")
    assert {row["settled_by"] for row in rows} >= {"evidence", "rule", "recorded"}
    for row in rows:
        found = titles.resolve(row["normalized_title"], "finance")
        assert (found.answer.path, found.answer.route) == ("none", "exclude"), row["normalized_title"]
        assert "out of scope" in found.answer.told[0]
        assert (row["settled_by"] == "rule") == ("A rule" in found.answer.told[0])
        assert (row["settled_by"] == "recorded") == ("A recorded review" in found.answer.told[0])


def test_a_title_that_reviewers_kept_is_told_so_and_has_its_functions_work(
    starter_build: Build, titles: TitleResolver
) -> None:
    for row in of_state(starter_build, "residual"):
        found = titles.resolve(row["normalized_title"])
        assert (found.answer.route, found.answer.reason) == ("adjudicate", "kept_by_recorded")
        assert found.answer.told[0].startswith("A recorded review looked at the title and kept it (merge ")
        assert (found.role is None) is (row["function"] is None), row["normalized_title"]


def test_a_title_that_is_promoted_is_served_as_far_as_packets_go(
    starter_build: Build, titles: TitleResolver
) -> None:
    packets = starter_build.engine.store.read_partitions("title_packet", ["title_id"])["title_id"].to_pylist()
    rows = of_state(starter_build, *SERVED)
    assert {row["settled_by"] for row in rows} >= {"evidence", "rule", "recorded"}
    for row in rows:
        found = titles.resolve(row["normalized_title"])
        if row["title_id"] in packets:
            assert (found.answer.path, found.answer.route) == ("role", row["state"]), row["normalized_title"]
        else:
            assert found.answer.reason == "no_packet"
            assert found.answer.path != "role"


def test_a_decided_title_keeps_its_answer_whatever_its_other_forms_would_get(
    starter_build: Build, titles: TitleResolver
) -> None:
    """Of "foreman" the inventory may say that it is out of scope; of "foreperson" it says nothing."""
    endings = ("man", "woman", "person", "men")
    rows = [
        row
        for row in starter_build.engine.store.read("title_state").to_pylist()
        if row["normalized_title"].endswith(endings) and row["state"] == "exclude"
    ]
    assert rows
    for row in rows[:MOST_A_STATE]:
        assert titles.resolve(row["normalized_title"]).answer.route == "exclude", row["normalized_title"]


def test_the_cohort_has_a_title_of_every_state_that_there_is(starter_build: Build) -> None:
    engine = starter_build.engine
    rows = engine.store.read("title_state", ["normalized_title", "state"]).to_pylist()
    states = {row["normalized_title"]: row["state"] for row in rows}
    chosen = [states[title] for title in cohort_titles(engine, 10)]
    assert len(chosen) == len(set(cohort_titles(engine, 10)))
    assert set(chosen[:10]) <= set(SERVED)
    assert set(chosen[10:]) == set(states.values()) & set(UNSERVED_STATES)


def test_the_same_titles_are_chosen_again(starter_build: Build, tmp_path: Path) -> None:
    from aina_assets_tests.builds import copied

    other = copied(starter_build, tmp_path / "data")
    assert cohort_titles(other, 20) == cohort_titles(starter_build.engine, 20)
