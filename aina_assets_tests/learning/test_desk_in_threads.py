"""Sixteen learners at one desk, each in a thread: nothing is lost, mixed up, or other than in turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aina_assets.learning.assessing.inputs import AssessmentInput
from aina_assets.learning.cohort.titles import cohort_titles
from aina_assets.learning.desk import Desk, Policies
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.opening import open_desk
from aina_assets.learning.practice.answering import answer, whole
from aina_assets.learning.records.log import EventLog
from aina_assets_tests.builds import Build
from aina_assets_tests.learning.samples import EARLIEST

LEARNERS = 16


def walk(desk: Desk, policies: Policies, titles: list[str], number: int) -> str:
    """A learner's way through the desk; the digest of the record."""
    who = synthetic_learner_id(3, number)
    for turn in range(2):
        title = titles[(number + turn) % len(titles)]
        packet = desk.assess(AssessmentInput(learner_id=who, title=title), EARLIEST)
        plan = desk.plan(packet.assessment_id, EARLIEST)
        for item in plan.items[:1]:
            begun = desk.start(plan.plan_id, item.item_id, EARLIEST, attempt=turn + 1)
            key = policies.practice.key(begun.task)
            desk.submit(who, begun.attempt_id, answer(begun.task, key, whole(key)), EARLIEST)
    return desk.record(who).sha256


def test_sixteen_learners_at_once_have_the_records_that_they_have_in_turn(
    starter_build: Build, tmp_path: Path
) -> None:
    engine = starter_build.engine
    policies, titles = Policies.read(engine.settings), cohort_titles(engine, 6)
    together, in_turn = EventLog(tmp_path / "together.sqlite"), EventLog(tmp_path / "in_turn.sqlite")
    desk = open_desk(engine, together)
    with ThreadPoolExecutor(LEARNERS) as pool:
        found = list(pool.map(lambda number: walk(desk, policies, titles, number), range(LEARNERS)))
    alone = open_desk(engine, in_turn)
    assert found == [walk(alone, policies, titles, number) for number in range(LEARNERS)]
    assert together.verify() == in_turn.verify()
