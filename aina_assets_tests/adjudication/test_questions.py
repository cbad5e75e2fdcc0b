"""Titles as reviewers see them: groups that exist, evidence in sentences, the same every time."""

from __future__ import annotations

from aina_assets.adjudication.protocol import TARGET_LEVELS
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.titles.tables import TITLE_EXACT_CANDIDATE
from aina_assets_tests.adjudication.test_make import a_batch, rows
from aina_assets_tests.builds import Build


def test_every_group_that_is_shown_can_be_promoted_to_and_none_twice(starter_build: Build) -> None:
    stage = AdjudicationStage(starter_build.engine)
    key = a_batch(starter_build.engine)
    wanted = [row["title_id"] for row in rows(starter_build.engine, "title_route", key)]
    found = stage._questions.read(wanted, [key])
    assert set(found) == set(wanted)
    for question in found.values():
        shown = [(option.level, option.code) for option in question.options]
        assert len(shown) == len(set(shown)) <= stage.policies.review.prompt.most_options
        for option in question.options:
            assert option.code in stage.targets.codes[option.level]
            assert option.name


def test_what_authorities_list_is_told_with_the_code(starter_build: Build) -> None:
    stage = AdjudicationStage(starter_build.engine)
    key = a_batch(starter_build.engine)
    listed = rows(starter_build.engine, TITLE_EXACT_CANDIDATE.name, key)
    found = stage._questions.read({row["title_id"] for row in listed}, [key])
    for row in listed:
        notes = " ".join(found[row["title_id"]].notes)
        assert f"under {row['soc_code']} " in notes
        is_in_scope = stage.policies.scope.of_code(row["soc_code"]).is_in_scope
        assert is_in_scope or "out of scope: " in notes


def test_of_no_titles_nothing_is_read(starter_build: Build) -> None:
    assert AdjudicationStage(starter_build.engine)._questions.read([], ["00"]) == {}


def test_targets_are_functions_and_soc_groups_with_work_in_scope(starter_build: Build) -> None:
    stage = AdjudicationStage(starter_build.engine)
    assert set(stage.targets.codes) == set(TARGET_LEVELS)
    for level, codes in stage.targets.codes.items():
        assert codes
        if level != "function":
            # Nursing is out of scope whole; of the group of counsellors one occupation is in.
            assert not any(code.startswith("35") for code in codes)
    assert "13-0000" in stage.targets.codes["major"]
    assert "military" in stage.targets.reasons


def test_every_prompt_begins_with_the_codebook_and_the_closed_lists(starter_build: Build) -> None:
    stage = AdjudicationStage(starter_build.engine)
    text = stage.book.text
    assert text.startswith("# Review codebook")
    for name in (*stage.policies.functions.names, *stage.targets.reasons, "13-0000"):
        assert f"- {name}: " in text
