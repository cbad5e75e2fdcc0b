"""Workflows: every task in one, named by an activity, as many as the policy allows, the same every time."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.packets.make import PacketStage
from aina_assets.packets.parts import Origin, Task
from aina_assets.packets.policy import WorkflowPolicy
from aina_assets.packets.workflows import heads_of, workflows
from aina_assets_tests.packets.states import task

POLICY = WorkflowPolicy(least=3, most=7, tasks_each=3)
IWAS = [f"4.A.{a}.{b}.{c}.I0{d}" for a in (1, 2) for b in "ab" for c in (1, 2) for d in (1, 2)]
ORIGIN = Origin(file="onet/IWA Reference.txt", row=2)
NAMES = {
    name: (f"{name} as people call it.", ORIGIN)
    for iwa in IWAS
    for name in (iwa, iwa.rpartition(".")[0], iwa.rpartition(".")[0].rpartition(".")[0])
}
TASKS = st.lists(
    st.lists(st.sampled_from(IWAS), min_size=1, max_size=3, unique=True), min_size=1, max_size=30
).map(lambda every: [task(number, tuple(names)) for number, names in enumerate(every, 1)])


@given(TASKS)
def test_every_task_is_in_exactly_one_workflow(tasks: list[Task]) -> None:
    found = workflows("onet:11-1011.00", tasks, NAMES, POLICY)
    covered = Counter(task_id for workflow in found for task_id in workflow.task_ids)
    assert covered == Counter(task.task_id for task in tasks)


@given(TASKS)
def test_there_are_as_many_as_the_policy_allows(tasks: list[Task]) -> None:
    found = workflows("onet:11-1011.00", tasks, NAMES, POLICY)
    assert 1 <= len(found) <= min(POLICY.most, len(tasks))
    assert len({workflow.activity_id for workflow in found}) == len(found)


@given(TASKS)
def test_shares_fall_and_add_up(tasks: list[Task]) -> None:
    found = workflows("onet:11-1011.00", tasks, NAMES, POLICY)
    shares = [workflow.importance_share for workflow in found]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0, abs=0.01)


@given(TASKS)
def test_a_workflow_is_named_by_an_activity_that_one_of_its_tasks_has(tasks: list[Task]) -> None:
    by_id = {task.task_id: task for task in tasks}
    for workflow in workflows("onet:11-1011.00", tasks, NAMES, POLICY):
        owners = {head.activity_id for task_id in workflow.task_ids for head in heads_of(by_id[task_id])}
        assert workflow.activity_id in owners
        assert not workflow.name.endswith(".")


def test_tasks_of_one_fine_activity_make_a_workflow_of_its_name() -> None:
    names = ("4.A.1.a.1.I01", "4.A.1.b.1.I01", "4.A.2.a.1.I01")
    tasks = [task(number, (names[number % 3],)) for number in range(1, 10)]
    found = workflows("onet:11-1011.00", tasks, NAMES, POLICY)
    assert {workflow.activity_id for workflow in found} == set(names)
    assert {len(workflow.task_ids) for workflow in found} == {3}
    assert {workflow.activity_level for workflow in found} == {"iwa"}


def test_a_task_that_no_activity_covers_joins_the_nearest() -> None:
    # Eight fine activities of one task each in one general group, and at most three workflows.
    narrow = WorkflowPolicy(least=1, most=1, tasks_each=30)
    tasks = [task(1, ("4.A.1.a.1.I01",)), task(2, ("4.A.1.a.1.I01",)), task(3, ("4.A.2.b.2.I02",))]
    (found,) = workflows("onet:11-1011.00", tasks, NAMES, narrow)
    assert found.task_ids == (1, 2, 3)


def test_without_named_activities_there_are_none() -> None:
    assert workflows("onet:11-1011.00", [], NAMES, POLICY) == ()
    assert workflows("onet:11-1011.00", [task(1, ("4.Z.9.z.9.I09",))], NAMES, POLICY) == ()


def test_on_the_starter_the_fine_activities_name_most_workflows(stage: PacketStage) -> None:
    names = stage.evidence.work.activity_names
    total: Counter[str] = Counter()
    covered = every = 0
    for code, tasks in stage.evidence.work.tasks.items():
        by_id = {task.task_id: task for task in tasks}
        for workflow in workflows(f"onet:{code}", tasks, names, stage.policy.workflows):
            total[workflow.activity_level] += 1
            for task_id in workflow.task_ids:
                every += 1
                covered += workflow.activity_id in {head.activity_id for head in heads_of(by_id[task_id])}
    assert covered / every > 0.9
    assert total["gwa_group"] < total["iwa"] + total["gwa"]
