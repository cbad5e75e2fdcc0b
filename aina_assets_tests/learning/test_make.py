"""The stage's tables and receipts: the same inputs give the same bytes; what did not change is left."""

from __future__ import annotations

import json
import shutil

import pytest
from jsonschema import Draft202012Validator

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import read_receipt
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import sha256_file
from aina_assets.learning.make import LearningStage
from aina_assets.learning.receipts import (
    REPLAY,
    RUBRIC_MAP,
    SAFETY_HOLDS,
    SANDBOX,
    GdpvalRubricMap,
    GdpvalSafetyHolds,
    GdpvalSandbox,
    LearnerEventReplay,
    write_replay,
)
from aina_assets.learning.schemas import MODELS, SCHEMAS
from aina_assets.learning.tables import COHORT_TABLES, CONTRACTS, LEARNER_COHORT, LEARNER_EVENT
from aina_assets_tests.builds import Build
from aina_assets_tests.packets.states import change


def test_nothing_is_made_anew_without_a_reason(starter_build: Build) -> None:
    stage = LearningStage(starter_build.engine)
    made = [stage.gdpval_role_link(), stage.gdpval_rubric_kind(), stage.learner_model_figure()]
    assert not any(is_made for _, is_made in (*made, *stage.cohort().values()))


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(engine: Engine) -> None:
    before = {contract.name: sha256_file(engine.store.path(contract.name)) for contract in CONTRACTS}
    for contract in CONTRACTS:
        engine.store.path(contract.name).unlink()
    stage = LearningStage(engine)
    stage.gdpval_role_link()
    stage.gdpval_rubric_kind()
    stage.learner_model_figure()
    assert all(is_made for _, is_made in stage.cohort().values())
    assert {contract.name: sha256_file(engine.store.path(contract.name)) for contract in CONTRACTS} == before
    # The log's database was of the walk alone.
    assert not list(engine.data.cache.glob("cohort-*"))


@pytest.mark.slow
def test_one_table_of_the_cohort_that_is_lost_is_made_anew_with_the_others(engine: Engine) -> None:
    engine.store.path(LEARNER_EVENT.name).unlink()
    made = LearningStage(engine).cohort()
    assert set(made) == {contract.name for contract in COHORT_TABLES}
    assert all(is_made for _, is_made in made.values())


def test_the_cohort_is_mixed(starter_build: Build) -> None:
    store = starter_build.engine.store
    rows = store.read(LEARNER_COHORT.name).to_pylist()
    assert {row["path"] for row in rows} >= {"role", "function"}
    assert len({row["role_id"] for row in rows}) > 3
    assert any(row["items_chosen"] == 0 for row in rows) or any(
        row["passes"] < row["attempts"] for row in rows
    )
    kinds = {row["kind"] for row in store.read(LEARNER_EVENT.name, ["kind"]).to_pylist()}
    assert kinds == {"assessed", "planned", "started", "submitted", "evaluated", "voided"}


# --- receipts


def test_the_replay_receipt_says_what_the_log_gives(starter_build: Build) -> None:
    engine = starter_build.engine
    told = read_receipt(engine.data.receipts / f"{REPLAY}.json", REPLAY, LearnerEventReplay).predicate
    assert told.events == engine.store.info(LEARNER_EVENT.name).rows
    assert told.learners == engine.store.info(LEARNER_COHORT.name).rows
    assert (told.cuts_that_differ, told.learners_that_differ) == (0, 0)
    assert told.cuts == told.events + told.learners
    assert (told.late_events, told.voided_events) == (1, 1)
    assert told.learner_model_gain_low_nats > 0


def test_the_replay_receipt_counts_what_differs(engine: Engine) -> None:
    def edit(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        return [{**rows[0], "record_sha256": "0" * 64}, *rows[1:]]

    change(engine, LEARNER_COHORT, edit)
    assert write_replay(engine)[1].learners_that_differ == 1


def test_the_sandbox_receipts_hold_ids_counts_and_labels_alone(starter_build: Build) -> None:
    receipts = starter_build.engine.data.receipts
    sandbox = read_receipt(receipts / f"{SANDBOX}.json", SANDBOX, GdpvalSandbox).predicate
    rubrics = read_receipt(receipts / f"{RUBRIC_MAP}.json", RUBRIC_MAP, GdpvalRubricMap).predicate
    holds = read_receipt(receipts / f"{SAFETY_HOLDS}.json", SAFETY_HOLDS, GdpvalSafetyHolds).predicate
    store = starter_build.engine.store
    assert sandbox.tasks == rubrics.tasks == store.info("gdpval_task").rows
    assert rubrics.items == sum(rubrics.kinds.values()) == store.info("gdpval_rubric_item").rows
    assert sum(held.items for held in rubrics.rubrics) == rubrics.items
    assert not sandbox.is_text_exported
    assert not holds.is_practice_allowed
    assert set(sandbox.open_holds) == {held.hold_id for held in holds.holds if held.is_open}
    assert {"attachments_not_fetched", "canary_present", "occupations_outside_scope"} <= set(
        sandbox.open_holds
    )


# --- published schemas


@pytest.mark.parametrize("name", MODELS)
def test_a_published_schema_is_a_schema(name: str) -> None:
    schema = json.loads(SCHEMAS[f"{name}.schema"]())
    Draft202012Validator.check_schema(schema)
    committed = PROJECT_ROOT / "docs" / "contracts" / f"{name}.schema.json"
    assert json.loads(committed.read_text("utf-8")) == schema


def test_what_the_desk_makes_keeps_its_published_schemas(
    starter_build: Build, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from aina_assets.learning.assessing.inputs import AssessmentInput
    from aina_assets.learning.opening import open_desk
    from aina_assets.learning.records.log import EventLog
    from aina_assets.learning.standards.case import CaseExport, faults, package_text
    from aina_assets.packets.reader import PacketReader
    from aina_assets_tests.learning.samples import EARLIEST, LEARNER

    folder = tmp_path_factory.mktemp("desk")
    log = EventLog(folder / "events.sqlite")
    desk = open_desk(starter_build.engine, log)
    told = AssessmentInput(learner_id=LEARNER, title="software developer")
    packet = desk.assess(told, EARLIEST)
    plan = desk.plan(packet.assessment_id, EARLIEST)
    begun = desk.start(plan.plan_id, plan.items[0].item_id, EARLIEST)
    role = PacketReader(starter_build.engine).role(packet.title.role_id or "")
    package = CaseExport("2026-06-01T00:00:00Z").package(role)
    assert faults(package) == []
    made = {
        "assessment_input_v1": told.model_dump_json(),
        "curriculum_input_v1": packet.model_dump_json(),
        "learning_plan_v1": plan.model_dump_json(),
        "practice_task_v1": begun.task.model_dump_json(),
        "learner_event_v2": next(log.in_sequence()).event.model_dump_json(),
        "case_package_v1p1": package_text(package),
    }
    for name, text in made.items():
        Draft202012Validator(json.loads(SCHEMAS[f"{name}.schema"]())).validate(json.loads(text))
    shutil.rmtree(folder)
