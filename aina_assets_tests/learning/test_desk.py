"""The desk over a built state: titles, assessments, plans, practice, records, traces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.errors import LearnerError, NotSyntheticError, PersonalDataError
from aina_assets.learning.assessing.inputs import AssessmentInput, EvidenceItem, Goal, read_assessment_input
from aina_assets.learning.assessing.resolving import gender_forms
from aina_assets.learning.cohort.journeys import Walker
from aina_assets.learning.cohort.people import learner
from aina_assets.learning.cohort.titles import cohort_titles
from aina_assets.learning.cohort.transcript import transcript
from aina_assets.learning.desk import Desk, Policies
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.opening import open_desk, open_log
from aina_assets.learning.planning.planner import check_plan
from aina_assets.learning.practice.answering import answer, whole
from aina_assets.learning.records.documents import Documents
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.tracing import trace
from aina_assets_tests.builds import Build
from aina_assets_tests.learning.samples import EARLIEST, LEARNER

TITLE = "administrative assistant"
LATER = "2026-01-06T10:00:00Z"


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    return EventLog(tmp_path / "events.sqlite")


@pytest.fixture
def desk(starter_build: Build, log: EventLog) -> Desk:
    return open_desk(starter_build.engine, log)


@pytest.fixture
def policies(starter_build: Build) -> Policies:
    return Policies.read(starter_build.engine.settings)


def said(title: str = TITLE, **more: Any) -> AssessmentInput:
    return AssessmentInput(learner_id=LEARNER, title=title, **more)


# --- titles


def test_a_served_title_has_its_role_and_is_told_its_bound(desk: Desk) -> None:
    found = desk.resolve(TITLE)
    assert found.role is not None
    assert (found.answer.path, found.answer.route) == ("role", "serve_now")
    assert found.answer.role_id == found.role.role_id
    assert "% are wrong" in " ".join(found.answer.told)
    assert found.answer.rows


def test_a_title_that_is_not_decided_gets_its_functions_work_and_is_told_so(
    starter_build: Build, desk: Desk
) -> None:
    rows = starter_build.engine.store.read("title_state").to_pylist()
    kept = next(row for row in rows if row["state"] == "residual" and row["function"] is not None)
    found = desk.resolve(kept["normalized_title"])
    answer = found.answer
    assert (answer.path, answer.route, answer.served_level) == ("function", "adjudicate", "function")
    told = " ".join(answer.told)
    assert "looked at the title and kept it" in told
    assert "broader than your title" in told


def test_a_function_that_is_told_helps_a_title_without_words(desk: Desk) -> None:
    none, told = desk.resolve("!!!"), desk.resolve("!!!", "finance")
    assert (none.answer.path, none.role) == ("none", None)
    assert "no usable job title" in none.answer.told[0]
    assert told.answer.role_id == "function:finance"
    assert "which you named" in " ".join(told.answer.told)


def test_a_title_out_of_scope_gets_no_path(desk: Desk) -> None:
    found = desk.resolve("registered nurse", "finance")
    if found.answer.route != "exclude":
        pytest.skip("the starter's gold does not certify the exclusion")
    assert found.role is None
    assert "out of scope" in found.answer.told[0]


def test_forms_that_differ_by_gender_are_one(desk: Desk, policies: Policies) -> None:
    gender = policies.planning.gender
    for forms in (
        ["saleswoman", "salesman", "salesperson"],
        ["Chairwoman of the Board", "chairman of the board"],
        ["female software developer", "software developer", "Male Software Developer"],
        ["waitress", "waiter"],
        ["stewardesses", "stewards"],
    ):
        made = [gender_forms(form, gender) for form in forms]
        assert all(held == made[0] for held in made), forms
        answers = [desk.resolve(form).answer for form in forms]
        assert all(held == answers[0] for held in answers), forms
    assert gender_forms("German translator", gender)[0].startswith("german")


@pytest.mark.parametrize(
    "form",
    [
        "Administrative Assistant",
        "ADMINISTRATIVE ASSISTANT",
        "  administrative   assistant ",
        "Administrative Assistant (urgent hire)",
        "Administrative Assistant - Remote",
        "administrative assistant, full time",
    ],
)
def test_words_that_say_nothing_of_the_work_change_nothing_in_the_plan(desk: Desk, form: str) -> None:
    def content(title: str) -> str:
        packet = desk.assess(said(title), EARLIEST)
        return desk.plan(packet.assessment_id, EARLIEST).content_sha256

    assert content(form) == content(TITLE)


def test_titles_of_one_role_have_one_plan(starter_build: Build, desk: Desk) -> None:
    titles: dict[str, list[str]] = {}
    for row in starter_build.engine.store.read_partitions("title_packet").to_pylist():
        titles.setdefault(row["role_id"], []).append(row["normalized_title"])
    compared = 0
    for synonyms in titles.values():
        plans = set()
        for number, title in enumerate(synonyms[:3]):
            who = AssessmentInput(learner_id=synthetic_learner_id(5, number), title=title)
            packet = desk.assess(who, EARLIEST)
            plans.add(desk.plan(packet.assessment_id, EARLIEST).content_sha256)
        assert len(plans) == 1, synonyms[:3]
        compared += len(synonyms[:3]) > 1
    assert compared > 3


# --- what is said


def test_what_was_not_told_is_assumed_and_stated(desk: Desk) -> None:
    packet = desk.assess(said(), EARLIEST)
    assumed = {held.assumption_id for held in packet.assumptions}
    assert {"weekly_minutes", "horizon_weeks", "goals", "weekly_workflows"} <= assumed
    assert {f"readiness/{need.workflow_id}" for need in packet.workflows} <= assumed
    assert {need.mastery_basis for need in packet.workflows} == {"assumed"}
    full = desk.assess(
        said(
            weekly_minutes=60,
            horizon_weeks=3,
            goals=(Goal(stage="verify"),),
            weekly_workflows=(),
            readiness={need.name: 2 for need in packet.workflows},
        ),
        EARLIEST,
    )
    assert not any(
        name.startswith(("readiness", "weekly", "horizon", "goals"))
        for name in (held.assumption_id for held in full.assumptions)
    )


def test_readiness_evidence_and_results_move_mastery_up(desk: Desk, policies: Policies) -> None:
    (name, *_) = [need.workflow_id for need in desk.assess(said(), EARLIEST).workflows]

    def mastery(**more: Any) -> tuple[float, str]:
        packet = desk.assess(said(**more), EARLIEST)
        need = next(held for held in packet.workflows if held.workflow_id == name)
        return need.mastery, need.mastery_basis

    low, high = mastery(readiness={name: 0}), mastery(readiness={name: 4})
    assert low[1] == high[1] == "self_rating"
    assert low[0] < high[0]
    shown = mastery(
        readiness={name: 0}, evidence=(EvidenceItem(workflow=name, kind="work_sample", months_ago=2),)
    )
    old = mastery(
        readiness={name: 0}, evidence=(EvidenceItem(workflow=name, kind="work_sample", months_ago=200),)
    )
    assert low[0] < shown[0]
    assert shown[1] == "evidence"
    assert old == low
    packet = desk.assess(said(weekly_minutes=300), EARLIEST)
    plan = desk.plan(packet.assessment_id, EARLIEST)
    item = next(held for held in plan.items if held.workflow_id == name)
    begun = desk.start(plan.plan_id, item.item_id, LATER)
    key = policies.practice.key(begun.task)
    desk.submit(LEARNER, begun.attempt_id, answer(begun.task, key, whole(key)), LATER)
    assert mastery(readiness={name: 0})[1] == "record"


def test_a_workflow_that_the_role_does_not_have_is_refused_by_its_field(desk: Desk) -> None:
    with pytest.raises(LearnerError, match="no such workflow") as refused:
        desk.assess(said(readiness={"juggling": 3}), EARLIEST)
    assert refused.value.place == "readiness"
    assert "juggling" not in str(refused.value)


def test_an_excluded_workflow_is_not_planned(desk: Desk) -> None:
    before = desk.assess(said(), EARLIEST)
    name = before.workflows[0].workflow_id
    after = desk.assess(said(constraints={"excluded_workflows": [name]}), EARLIEST)
    assert name not in {need.workflow_id for need in after.workflows}


def test_a_persons_data_goes_no_further_than_the_edge(desk: Desk, log: EventLog) -> None:
    with pytest.raises(PersonalDataError):
        desk.assess(said("clerk, jane.doe@example.com"), EARLIEST)
    with pytest.raises(PersonalDataError):
        desk.assess(said(tools=("call +44 20 7946 0958",)), EARLIEST)
    # The input's own shape refuses an id that is none; the desk asks once more.
    real = said().model_copy(update={"learner_id": "jane.doe@example.com"})
    with pytest.raises(NotSyntheticError):
        desk.assess(real, EARLIEST)
    assert log.head[0] == 0
    assert Documents(log.engine).ids("assessment") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "input"),
        ('{"learner_id": "jane.doe@example.com", "title": "clerk"}', "learner_id"),
        (f'{{"learner_id": "{LEARNER}", "title": ""}}', "title"),
        (f'{{"learner_id": "{LEARNER}", "title": "clerk", "weekly_minutes": -1}}', "weekly_minutes"),
        (f'{{"learner_id": "{LEARNER}", "title": "clerk", "salary": 1}}', "salary"),
    ],
)
def test_a_malformed_input_is_refused_by_its_field_alone(text: str, place: str) -> None:
    with pytest.raises(LearnerError) as refused:
        read_assessment_input(text)
    assert refused.value.place == place
    assert "jane" not in str(refused.value)


# --- practise


@pytest.fixture
def begun(desk: Desk) -> tuple[Desk, str, str]:
    packet = desk.assess(said(weekly_minutes=120), EARLIEST)
    plan = desk.plan(packet.assessment_id, EARLIEST)
    made = desk.start(plan.plan_id, plan.items[0].item_id, LATER)
    return desk, plan.plan_id, made.attempt_id


def test_a_task_shows_the_work_that_it_stands_for(begun: tuple[Desk, str, str]) -> None:
    desk, plan_id, attempt_id = begun
    task, plan = desk.task_of(attempt_id), desk.read_plan(plan_id)
    assert task.context is not None
    assert task.context.workflow_id == plan.items[0].workflow_id
    assert task.context.statements
    assert task.context.attribution
    assert task == desk.practice_of(plan, plan.items[0])


def test_an_answer_is_evaluated_and_in_the_record_once(
    begun: tuple[Desk, str, str], policies: Policies, log: EventLog
) -> None:
    desk, plan_id, attempt_id = begun
    task = desk.task_of(attempt_id)
    text = answer(task, policies.practice.key(task), whole(policies.practice.key(task)))
    first = desk.submit(LEARNER, attempt_id, text, LATER)
    head = log.head
    assert desk.submit(LEARNER, attempt_id, text, LATER) == first
    assert log.head == head
    record = desk.record(LEARNER)
    assert record.attempts[attempt_id].score == first[1].score > 0.9
    assert record.plan is not None
    assert record.plan.items[desk.read_plan(plan_id).items[0].item_id] == "passed"
    with pytest.raises(LearnerError, match="another text"):
        desk.submit(LEARNER, attempt_id, "something else", LATER)


def test_what_is_not_there_cannot_be_practised(begun: tuple[Desk, str, str]) -> None:
    desk, plan_id, attempt_id = begun
    with pytest.raises(LearnerError, match="no such item"):
        desk.start(plan_id, "nothing", LATER)
    with pytest.raises(LearnerError, match="no plan of this id"):
        desk.start("plan-none", "nothing", LATER)
    with pytest.raises(LearnerError, match="no such attempt"):
        desk.submit(synthetic_learner_id(7, 99), attempt_id, "text", LATER)
    with pytest.raises(PersonalDataError):
        desk.submit(LEARNER, attempt_id, "ask Maria Gonzalez for it", LATER)
    assert desk.record(LEARNER).attempts[attempt_id].submission_id is None


def test_a_second_try_has_materials_of_its_own(begun: tuple[Desk, str, str]) -> None:
    desk, plan_id, attempt_id = begun
    item_id = desk.read_plan(plan_id).items[0].item_id
    again = desk.start(plan_id, item_id, LATER, attempt=2)
    assert again.attempt_id != attempt_id
    assert again.task.materials != desk.task_of(attempt_id).materials


# --- down to the source row


def test_every_item_leads_to_rows_of_the_locked_files(
    begun: tuple[Desk, str, str], starter_build: Build
) -> None:
    desk, plan_id, _ = begun
    plan = desk.read_plan(plan_id)
    for item in plan.items[:4]:
        found = trace(plan, item.item_id, starter_build.engine.store)
        assert found.holds
        assert {"task", "workflow"} <= {row.what for row in found.rows}
        assert all(row.says for row in found.rows if row.what == "task")


def test_a_trace_says_where_it_breaks(begun: tuple[Desk, str, str], starter_build: Build) -> None:
    desk, plan_id, _ = begun
    plan = desk.read_plan(plan_id)
    item = plan.items[0]
    moved = item.rows[0].model_copy(update={"row": 999_999})
    broken = plan.model_copy(update={"items": (item.model_copy(update={"rows": (moved,)}),)})
    found = trace(broken, item.item_id, starter_build.engine.store)
    assert (found.holds, found.rows[0].is_there, found.rows[0].is_same_file) == (False, False, True)
    sources = tuple(held.model_copy(update={"sha256": "0" * 64}) for held in plan.sources)
    other = trace(plan.model_copy(update={"sources": sources}), item.item_id, starter_build.engine.store)
    assert not any(row.is_same_file for row in other.rows)
    with pytest.raises(LearnerError, match="no such item"):
        trace(plan, "nothing", starter_build.engine.store)


# --- the cohort


def test_a_journey_reads_from_the_first_word_to_the_record(
    desk: Desk, policies: Policies, log: EventLog
) -> None:
    found = desk.resolve(TITLE)
    who = learner(2, 3, TITLE, found.role, found.function)
    walked = Walker(desk, policies.practice, 2).walk(who)
    lines = list(transcript(walked))
    sections = [line for line in lines if line.startswith("# ")]
    assert [section.split()[1] for section in sections[:3]] == ["Learner", "Needs", "Plan"]
    assert sections[-1] == "# Record"
    assert lines[-1] == f"state {desk.record(who.said.learner_id).sha256}"
    assert check_plan(walked.plan) == []
    head = log.head
    Walker(desk, policies.practice, 2).walk(who)
    assert log.head == head


def test_a_cohort_has_titles_of_every_kind(starter_build: Build) -> None:
    titles = cohort_titles(starter_build.engine, 6)
    assert titles == cohort_titles(starter_build.engine, 6)
    assert len(set(titles)) == len(titles) > 6


def test_the_log_lies_in_the_data_root_unless_another_is_set(starter_build: Build, tmp_path: Path) -> None:
    from aina_assets.core.engine import Engine
    from aina_assets_tests.builds import starter_settings

    engine = Engine(starter_settings(tmp_path))
    open_log(engine).close()
    assert (tmp_path / "learning" / "learners.sqlite").is_file()
    other = Engine(starter_settings(tmp_path / "x", learner_db=f"sqlite:///{tmp_path}/other.sqlite"))
    open_log(other).close()
    assert (tmp_path / "other.sqlite").is_file()
    assert not (tmp_path / "x").exists()
