"""The sandbox: links, kinds and holds without words; words on the screen alone."""

from __future__ import annotations

from typing import Any

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import HashMismatchError, LearnerError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.sandbox.holds import holds
from aina_assets.learning.sandbox.kinds import KINDS, kind_of
from aina_assets.learning.sandbox.links import links
from aina_assets.learning.sandbox.showing import task_on_screen
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import forbidden_texts
from aina_assets.titles.scope import read_scope_policy
from aina_assets_tests.builds import Build, invoke
from aina_assets_tests.packets.states import change

SCOPE = read_scope_policy(PROJECT_ROOT / "data" / "policies")
DETAILED = ["13-1023", "13-1022", "13-2011", "29-1141"]


@pytest.mark.parametrize(
    ("criterion", "points", "kind"),
    [
        ("Submits a single PDF", 2, "file"),
        ("States a total of $1,200", 2, "figure"),
        ("Has a section called Risks", 1, "structure"),
        ("Cites the guideline that it follows", 1, "citation"),
        ("Recommends a vendor", 3, "action"),
        ("Is written in a professional tone", 1, "judgement"),
        ("Mentions the landlord", 1, "content"),
        ("States a total of $1,300", -5, "penalty"),
    ],
)
def test_a_criterion_has_a_kind(criterion: str, points: float, kind: str) -> None:
    assert kind_of(criterion, points) == kind
    assert kind in KINDS


def test_a_task_belongs_to_its_occupation_its_group_and_a_groups_members() -> None:
    tasks = [{"task_id": "t1", "occupation": "Accountants"}, {"task_id": "t2", "occupation": "Buyers"}]
    occupations: list[dict[str, Any]] = [
        {"occupation": "Accountants", "soc_code": "13-2011"},
        {"occupation": "Buyers", "soc_code": "13-1020"},
        {"occupation": "Nobody", "soc_code": None},
    ]
    roles = [
        {"role_id": "onet:13-2011.00", "code": "13-2011.00"},
        {"role_id": "soc:13-2011", "code": "13-2011"},
        {"role_id": "onet:13-1023.00", "code": "13-1023.00"},
        {"role_id": "soc:13-1020", "code": "13-1020"},
        {"role_id": "soc:13-0000", "code": "13-0000"},
        {"role_id": "function:finance", "code": "finance"},
    ]
    found = {
        (row["task_id"], row["role_id"]): row["relation"]
        for row in links(tasks, occupations, roles, SCOPE, DETAILED)
    }
    assert found == {
        ("t1", "onet:13-2011.00"): "occupation",
        ("t1", "soc:13-2011"): "group",
        ("t2", "onet:13-1023.00"): "member",
        ("t2", "soc:13-1020"): "group",
    }
    lost = [*tasks, {"task_id": "t3", "occupation": "Nobody"}]
    assert {row["task_id"] for row in links(lost, occupations, roles, SCOPE, DETAILED)} == {"t1", "t2"}


def _holds(**values: object) -> dict[str, bool]:
    plain: dict[str, object] = {
        "tasks": [{"task_id": "t1", "occupation": "Accountants", "reference_file_count": 0}],
        "kinds": [{"task_id": "t1", "is_checkable": True}],
        "scope_shares": {"13-2011": 1.0},
        "occupations": {"Accountants": "13-2011"},
        "licences": ["CC-BY-4.0"],
        "has_canary": False,
    }
    return {hold.hold_id: hold.is_open for hold in holds(**(plain | values))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hold", "values"),
    [
        (
            "attachments_not_fetched",
            {"tasks": [{"task_id": "t1", "occupation": "Accountants", "reference_file_count": 2}]},
        ),
        ("licence_not_declared", {"licences": ["not declared"]}),
        ("canary_present", {"has_canary": True}),
        ("occupations_outside_scope", {"scope_shares": {"13-2011": 0.0}}),
        ("criteria_need_a_reader", {"kinds": [{"task_id": "t1", "is_checkable": False}]}),
    ],
)
def test_each_hold_opens_for_its_reason_alone(hold: str, values: dict[str, object]) -> None:
    assert not any(_holds().values())
    assert [name for name, is_open in _holds(**values).items() if is_open] == [hold]


def test_a_tasks_words_are_those_of_the_locked_file(starter_build: Build) -> None:
    engine = starter_build.engine
    row = engine.store.read("gdpval_task").to_pylist()[0]
    text = task_on_screen(engine, row["task_id"])
    assert len(text.prompt) == row["prompt_characters"]
    assert len(text.criteria) == row["rubric_item_count"]
    with pytest.raises(LearnerError, match="no such GDPval task"):
        task_on_screen(engine, "nothing")


def test_words_that_are_not_those_of_the_table_are_not_shown(engine: Engine) -> None:
    change(engine, "gdpval_task", lambda rows: [{**row, "prompt_sha256": "0" * 64} for row in rows])
    task_id = engine.store.read("gdpval_task").to_pylist()[0]["task_id"]
    with pytest.raises(HashMismatchError):
        task_on_screen(engine, task_id)


def test_words_go_to_a_screen_and_nowhere_else(starter_build: Build) -> None:
    engine = starter_build.engine
    task_id = engine.store.read("gdpval_task").to_pylist()[0]["task_id"]
    told = invoke(engine.data.path, "learn", "sandbox", "show", task_id)
    assert told.exit_code == 1
    assert "not a terminal" in told.output
    listed = invoke(engine.data.path, "learn", "sandbox", "list")
    assert listed.exit_code == 0
    words = forbidden_texts(acquire_source("gdpval", engine))
    assert not any(text in f"{told.output}{listed.output}" for text in words.values())
    assert "open   canary_present" in listed.output
