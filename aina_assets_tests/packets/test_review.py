"""The semantic review finds planted faults, and little where nothing was planted."""

from __future__ import annotations

import random
from typing import Any

import pytest

from aina_assets.packets.make import PacketStage
from aina_assets.packets.parts import Task
from aina_assets.packets.review.findings import review_rows
from aina_assets.packets.review.tasks import TaskReview
from aina_assets.packets.review.titles import TitleReview


@pytest.fixture(scope="session")
def tasks(stage: PacketStage) -> dict[str, tuple[Task, ...]]:
    return dict(stage.evidence.work.tasks)


def review(stage: PacketStage, tasks: dict[str, tuple[Task, ...]]) -> TaskReview:
    return TaskReview(tasks, stage.nearness, stage.policy.review)


def test_two_tasks_that_say_nearly_the_same_are_a_finding(
    stage: PacketStage, tasks: dict[str, tuple[Task, ...]]
) -> None:
    code = sorted(tasks)[0]
    first = tasks[code][0]
    twin = first.model_copy(update={"task_id": 10**6, "statement": f"{first.statement[:-1]} too."})
    found = review(stage, {**tasks, code: (*tasks[code], twin)}).near_duplicates()
    assert (code, (10**6, first.task_id)) in {(pair.code, pair.task_ids) for pair in found}


def test_planted_tasks_are_found_more_often_than_others(
    stage: PacketStage, tasks: dict[str, tuple[Task, ...]]
) -> None:
    chosen = random.Random(7)
    codes = sorted(code for code in tasks if len(tasks[code]) > 4)
    changed, planted = dict(tasks), set()
    for code in codes[::2]:
        moved = chosen.choice(tasks[code])
        target = chosen.choice([other for other in codes[1::2] if other[:2] != code[:2]])
        changed[code] = tuple(task for task in changed[code] if task is not moved)
        changed[target] = (*changed[target], moved)
        planted.add(moved.task_id)
    found = {odd.task_ids[0] for odd in review(stage, changed).elsewhere()}
    others = sum(map(len, tasks.values())) - len(planted)
    recall, noise = len(found & planted) / len(planted), len(found - planted) / others
    # The starter knows few activities, so that hardly any task is alone in its own; the real files are
    # measured in benchmarks/packets.
    assert noise < 0.02
    assert recall > 8 * noise


def test_a_finding_points_to_the_occupation_that_the_task_is_from(
    stage: PacketStage, tasks: dict[str, tuple[Task, ...]]
) -> None:
    found = {odd.task_ids[0]: odd for odd in review(stage, tasks).elsewhere()}
    for odd in found.values():
        assert odd.points_to != odd.code
        assert stage.nearness.between(odd.code, odd.points_to or "") <= stage.policy.review.task_near


# --- titles


@pytest.fixture(scope="session")
def titles(stage: PacketStage) -> TitleReview:
    return TitleReview(stage.evidence, stage.roles.all, stage.policy.review)


def test_a_title_over_its_own_role_is_no_finding(stage: PacketStage, titles: TitleReview) -> None:
    own = [
        (f"{place:016x}", role.title, role.role_id)
        for place, role in enumerate(stage.roles.all.values())
        if role.level == "occupation" and role.is_in_scope and role.role_id != "onet:99-9999.00"
    ]
    assert titles.elsewhere(own) == []


def test_a_title_over_another_role_is_a_finding_that_names_its_own(
    stage: PacketStage, titles: TitleReview
) -> None:
    (found,) = titles.elsewhere([("0" * 16, "software developer", "soc:23-0000")])
    assert found.points_to == "soc:15-0000"
    assert found.own < found.best
    assert titles.elsewhere([("0" * 16, "software developer", "soc:15-0000")]) == []


def test_words_that_nobody_knows_point_nowhere(titles: TitleReview) -> None:
    assert titles.elsewhere([("0" * 16, "zxqv wvut", "soc:15-0000")]) == []


def test_the_table_has_a_row_a_finding_and_says_what_it_is(stage: PacketStage) -> None:
    rows: list[dict[str, Any]] = list(review_rows(stage))
    stored = stage.store.read("packet_review_finding").to_pylist()
    assert sorted(rows, key=str) == sorted(stored, key=str)
    assert all(row["detail"].endswith(".") for row in rows)
