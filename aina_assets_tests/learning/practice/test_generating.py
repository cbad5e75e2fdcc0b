"""Practice tasks: the same seed gives the same task; keys are sound and stay inside."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.core.errors import LearnerError, SettingsError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.practice.chance import Chance
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.practice.policy import FAMILIES, FILE_NAME, FamilyName, read_practice
from aina_assets.learning.practice.task import WorkContext

PRACTICE = Practice.read(PROJECT_ROOT / "data" / "policies")
themes = st.sampled_from(sorted(PRACTICE.policy.themes))
families = st.sampled_from(FAMILIES)
seeds = st.integers(0, 10_000)
each_family = pytest.mark.parametrize("family", FAMILIES)


@given(families, themes, seeds)
@settings(max_examples=40)
def test_a_task_and_its_key_are_the_seeds_alone(family: FamilyName, theme: str, seed: int) -> None:
    task = PRACTICE.task(family, theme, seed)
    assert Practice.read(PROJECT_ROOT / "data" / "policies").task(family, theme, seed) == task
    assert PRACTICE.key(task) == PRACTICE.key(task)
    assert PRACTICE.task(family, theme, seed + 1).materials != task.materials


@given(families, themes, seeds)
@settings(max_examples=60)
def test_what_is_to_be_worked_out_stands_in_no_material(family: FamilyName, theme: str, seed: int) -> None:
    task = PRACTICE.task(family, theme, seed)
    key = PRACTICE.key(task)
    given_text = task.given_text()
    for figure in key.figures:
        for value in figure.values:
            assert f"{value:,.2f}" not in given_text
            assert value not in key.given_numbers
    assert len({claim.entity for claim in key.claims}) == len(key.claims)
    lines = {m.material_id: len(m.lines) for m in task.materials}
    for claim in key.claims:
        assert claim.entity in key.entities
        for row in claim.rows:
            material, _, number = row.partition(":")
            assert 1 <= int(number) <= lines[material]
    claims = sum(criterion.criterion_id.startswith("claim_") for criterion in task.criteria)
    assert claims == len(key.claims)


def test_reconciled_records_differ_where_the_key_says_and_nowhere_else() -> None:
    task = PRACTICE.task("reconcile", "finance", 11)
    key = PRACTICE.key(task)
    first, second = (
        {entity: Decimal(amount.replace(",", "")) for entity, amount in material.lines}
        for material in task.materials[:2]
    )
    differing = {entity for entity in first if first[entity] != second.get(entity)}
    assert differing == {claim.entity for claim in key.claims}
    assert key.figure("net_difference").values == (abs(sum(first.values()) - sum(second.values())),)


def test_a_draft_is_wrong_where_the_key_says() -> None:
    task = PRACTICE.task("check_draft", "general", 5)
    key = PRACTICE.key(task)
    rows = {line[0]: [int(cell) for cell in line[1:]] for line in task.materials[0].lines}
    totals = [sum(column) for column in zip(*rows.values(), strict=True)]
    for line in task.materials[1].lines:
        entity, _, text = line[0].partition(": ")
        for measure, total in zip(task.materials[0].columns[1:], totals, strict=True):
            if text.startswith("All groups together") and measure in text:
                assert str(total) in text
                assert entity not in {claim.entity for claim in key.claims}


def test_no_stance_fits_more_than_two_steps() -> None:
    for seed in range(20):
        key = PRACTICE.key(PRACTICE.task("delegate", "people", seed))
        assert max(Counter(claim.stance for claim in key.claims).values()) == 2


@each_family
def test_the_context_is_shown_and_changes_no_key(family: FamilyName) -> None:
    context = WorkContext(
        role_title="Clerks",
        workflow_id="soc:43-0000/w1",
        workflow_name="Checking records",
        task_ids=(1,),
        statements=("A statement of the work.",),
        technologies=(),
        attribution=("Somebody's.",),
    )
    plain, dressed = PRACTICE.task(family, "general", 1), PRACTICE.task(family, "general", 1, context)
    assert plain.task_id != dressed.task_id
    assert PRACTICE.key(plain) == PRACTICE.key(dressed)
    assert "A statement of the work." in dressed.given_text()


@each_family
def test_a_task_shows_nothing_of_its_key(family: FamilyName) -> None:
    text = PRACTICE.task(family, "general", 2).model_dump_json()
    assert "evidence" not in text
    assert "stance" not in text


def test_a_theme_that_is_not_there_is_refused() -> None:
    with pytest.raises(LearnerError, match="no theme"):
        PRACTICE.task("brief", "astronomy", 1)


def test_every_function_has_a_theme_and_every_stage_a_family() -> None:
    held = PRACTICE.policy
    assert held.theme_of("finance") == "finance"
    assert held.theme_of(None) == "general"
    assert {held.family_of(family.stage) for family in held.families.values()} == set(FAMILIES)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('stage = "verify"', 'stage = "understand"', "each stage has one family"),
        ("[themes.general]", "[themes.common]", "no theme 'general'"),
        ('functions = ["finance"]', 'functions = ["sales"]', "exactly one theme"),
        ("[families.brief]", "[families.short]", "families"),
    ],
)
def test_a_policy_that_is_not_whole_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (PROJECT_ROOT / "data" / "policies" / FILE_NAME).read_text("utf-8")
    assert old in text
    (tmp_path / FILE_NAME).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(SettingsError, match=told):
        read_practice(tmp_path)


@given(st.integers(1, 50), st.text(max_size=5))
def test_chance_draws_what_it_promises(bound: int, seed: str) -> None:
    chance = Chance(seed)
    assert all(0 <= chance.below(bound) < bound for _ in range(20))
    drawn = Chance(seed).sample(range(bound), bound)
    assert sorted(drawn) == list(range(bound))
    assert drawn == Chance(seed).shuffled(range(bound))
