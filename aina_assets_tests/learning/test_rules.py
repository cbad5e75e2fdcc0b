"""Every rule of learning holds of a sound state, and names the row that breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, Severity
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.learning import rules
from aina_assets.learning.records.stored import chained
from aina_assets.learning.tables import (
    GDPVAL_ROLE_LINK,
    LEARNER_COHORT,
    LEARNER_EVENT,
    LEARNER_MODEL_FIGURE,
    LEARNER_PLAN_ITEM,
    LEARNER_PLAN_SOURCE,
    LEARNER_RECORD,
)
from aina_assets_tests.builds import Build, plant_canary
from aina_assets_tests.packets.states import Rows, change, edit_first

WHOLE: list[Callable[[Engine], Finding]] = [
    rules.learners_are_synthetic,
    rules.log_is_whole,
    rules.replay_gives_the_record,
    rules.plans_keep_their_promises,
    rules.plans_are_near_the_optimum,
    rules.recommendations_lead_to_rows,
    rules.learner_model_ships,
    rules.mastery_follows_results,
    rules.gdpval_tasks_are_linked,
    rules.sandbox_wrote_no_text,
]


@pytest.mark.parametrize("rule", WHOLE)
def test_a_sound_state_passes(starter_build: Build, rule: Callable[[Engine], Finding]) -> None:
    found = rule(starter_build.engine)
    assert found.passed, found.summary
    assert found.summary
    assert found.figures


def named(found: Finding, **values: object) -> bool:
    """Whether the finding fails and its sample has a row with these values."""
    return not found.passed and any(values.items() <= dict(row).items() for row in found.sample)


def test_a_learner_who_is_not_synthetic_is_named(engine: Engine) -> None:
    # Of the pattern's shape, and not made here: its check digits are wrong.
    change(engine, LEARNER_COHORT, edit_first(learner_id="syn-1-0-000000000000"))
    assert named(rules.learners_are_synthetic(engine), what="not a synthetic learner's id")


def test_personal_data_in_an_answer_is_named_and_not_repeated(engine: Engine) -> None:
    rows: Rows = engine.store.read(LEARNER_EVENT.name).to_pylist()
    place = next(n for n, row in enumerate(rows) if row["kind"] == "submitted")
    rows[place]["detail"] = json.dumps("Please write to jane.doe@example.com.")
    change(engine, LEARNER_EVENT, lambda _: rows)
    found = rules.learners_are_synthetic(engine)
    assert named(found, key=rows[place]["event_id"], what="e_mail")
    assert "jane" not in str(found)


def _event(engine: Engine, place: int, **values: object) -> None:
    def edit(rows: Rows) -> Rows:
        rows[place] |= values
        return rows

    change(engine, LEARNER_EVENT, edit)


def test_a_changed_event_is_named(engine: Engine) -> None:
    held = engine.store.read(LEARNER_EVENT.name).to_pylist()[3]
    _event(engine, 3, fact=held["fact"].replace("2026", "2025"))
    assert named(rules.log_is_whole(engine), sequence=4, what="chain")


def test_a_lost_event_is_named(engine: Engine) -> None:
    change(engine, LEARNER_EVENT, lambda rows: rows[:5] + rows[6:])
    assert named(rules.log_is_whole(engine), sequence=7, what="sequence", expected=6)


def test_a_learners_number_that_is_missing_is_named(engine: Engine) -> None:
    _event(engine, 2, number=9)
    assert named(rules.log_is_whole(engine), sequence=3, what="number", expected=3)


def test_a_record_that_the_log_does_not_give_is_named(engine: Engine) -> None:
    learner = engine.store.read(LEARNER_COHORT.name).to_pylist()[0]["learner_id"]
    change(engine, LEARNER_COHORT, edit_first(record_sha256="0" * 64))
    assert named(rules.replay_gives_the_record(engine), learner_id=learner, what="record")


def test_an_event_that_was_changed_with_its_chain_gives_another_record(engine: Engine) -> None:
    def edit(rows: Rows) -> Rows:
        chain = "0" * 64
        for row in sorted(rows, key=lambda row: int(row["sequence"])):
            if row["kind"] == "evaluated":
                row["fact"] = row["fact"].replace('"is_pass":true', '"is_pass":false')
            chain = row["chain"] = chained(chain, row["fact"], row["detail"])
        return rows

    change(engine, LEARNER_EVENT, edit)
    assert rules.log_is_whole(engine).passed
    assert named(rules.replay_gives_the_record(engine), what="record")


def test_an_item_before_what_it_rests_on_is_named(engine: Engine) -> None:
    def edit(rows: Rows) -> Rows:
        item = next(row for row in rows if row["prerequisites"])
        item["prerequisites"] = "nothing/of/this/plan"
        return rows

    change(engine, LEARNER_PLAN_ITEM, edit)
    assert named(rules.plans_keep_their_promises(engine), what="stands before nothing/of/this/plan")


def test_an_item_in_the_wrong_week_is_named(engine: Engine) -> None:
    held = engine.store.read(LEARNER_PLAN_ITEM.name).to_pylist()[0]
    change(engine, LEARNER_PLAN_ITEM, edit_first(week=held["week"] + 1))
    assert named(rules.plans_keep_their_promises(engine), item_id=held["item_id"])


def test_a_plan_over_its_horizon_is_named(engine: Engine) -> None:
    rows = engine.store.read(LEARNER_COHORT.name).to_pylist()
    place = next(n for n, row in enumerate(rows) if row["minutes_chosen"] > row["weekly_minutes"])

    def edit(held: Rows) -> Rows:
        held[place]["horizon_weeks"] = 1
        return held

    change(engine, LEARNER_COHORT, edit)
    assert named(
        rules.plans_keep_their_promises(engine), plan_id=rows[place]["plan_id"], what="ends after week 1"
    )


def test_a_plan_that_is_worth_too_little_is_named(engine: Engine) -> None:
    def edit(rows: Rows) -> Rows:
        row = next(row for row in rows if row["worth_by_other_method"])
        row["worth_chosen"] = row["worth_by_other_method"] * 0.97
        return rows

    change(engine, LEARNER_COHORT, edit)
    found = rules.plans_are_near_the_optimum(engine)
    assert not found.passed
    assert found.figures["largest_gap"] == pytest.approx(0.03)


def test_a_gap_of_one_percent_is_let_through(engine: Engine) -> None:
    def edit(rows: Rows) -> Rows:
        row = next(row for row in rows if row["worth_by_other_method"])
        row["worth_chosen"] = row["worth_by_other_method"] * 0.99
        return rows

    change(engine, LEARNER_COHORT, edit)
    assert rules.plans_are_near_the_optimum(engine).passed


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"source_row": 999_999}, "the row is not there"),
        ({"sha256": "0" * 64}, "the file has another digest"),
        ({"file": "onet/Nothing.txt"}, "the file has another digest"),
        ({"source_table": "no_such_table"}, "the row is not there"),
    ],
)
def test_a_recommendation_that_leads_nowhere_is_named(
    engine: Engine, values: dict[str, object], what: str
) -> None:
    change(engine, LEARNER_PLAN_SOURCE, edit_first(**values))
    assert named(rules.recommendations_lead_to_rows(engine), what=what)


def test_a_recommendation_without_a_row_is_named(engine: Engine) -> None:
    item = engine.store.read(LEARNER_PLAN_ITEM.name).to_pylist()[0]

    def edit(rows: Rows) -> Rows:
        key = (item["plan_id"], item["item_id"])
        return [row for row in rows if (row["plan_id"], row["item_id"]) != key]

    change(engine, LEARNER_PLAN_SOURCE, edit)
    found = rules.recommendations_lead_to_rows(engine)
    assert named(found, item_id=item["item_id"], what="rests on no row")


def test_a_model_that_foretells_worse_does_not_ship(engine: Engine) -> None:
    def edit(rows: Rows) -> Rows:
        return [{**row, "gain_low_nats": -0.01} for row in rows]

    change(engine, LEARNER_MODEL_FIGURE, edit)
    assert named(rules.learner_model_ships(engine), policy="knowledge_tracing", better="average")


@pytest.mark.parametrize(
    "values", [{"passes": 99}, {"due": None}, {"attempts": 0, "passes": 0, "due": None, "prior": 0.123}]
)
def test_mastery_without_results_is_named(engine: Engine, values: dict[str, object]) -> None:
    rows: Rows = engine.store.read(LEARNER_RECORD.name).to_pylist()
    place = next(n for n, row in enumerate(rows) if row["attempts"])
    rows[place] |= values
    change(engine, LEARNER_RECORD, lambda _: rows)
    assert named(rules.mastery_follows_results(engine), workflow_id=rows[place]["workflow_id"])


def test_a_task_of_no_role_is_a_warning(engine: Engine) -> None:
    lost = engine.store.read(GDPVAL_ROLE_LINK.name).to_pylist()[0]["task_id"]
    change(engine, GDPVAL_ROLE_LINK, lambda rows: [row for row in rows if row["task_id"] != lost])
    found = rules.gdpval_tasks_are_linked(engine)
    assert named(found, task_id=lost)
    assert found.severity is Severity.WARN


def test_gdpval_words_in_a_receipt_are_found(engine: Engine) -> None:
    planted = plant_canary(engine)
    planted.rename(engine.data.receipts / "notes.json")
    found = rules.sandbox_wrote_no_text(engine)
    assert named(found, file="receipts/notes.json", text="canary")


def test_gdpval_words_in_the_learners_folder_are_found(engine: Engine) -> None:
    planted = plant_canary(engine)
    engine.data.learning.mkdir(parents=True)
    planted.rename(engine.data.learning / "learners.sqlite-wal")
    assert not rules.sandbox_wrote_no_text(engine).passed


def test_the_policies_are_the_committed_ones(starter_build: Build) -> None:
    settings: Settings = starter_build.engine.settings
    assert settings.policies_root == Path(PROJECT_ROOT) / "data" / "policies"
