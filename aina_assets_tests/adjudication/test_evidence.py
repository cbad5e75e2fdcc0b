"""Evidence: what was asked and answered is kept as it was, once, and told where it is not what it says.

Raw outputs are never read as state (`test_rules` loses them all and makes the same state).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.adjudication.evidence import EvidenceStore
from aina_assets.adjudication.protocol import ReviewAnswer, ReviewerKind
from aina_assets.core.errors import StateError
from aina_assets_tests.adjudication.scripted import BATCH, Scripted
from benchmarks.adjudication.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_first_answer_to_a_request_stands(world: World) -> None:
    plan = world.plan(BATCH)
    part, _ = world.room.asking.ask(plan, Scripted(world, "reviewer_a"))
    request, answer = part.asked[0]
    assert answer is not None
    late = ReviewAnswer.to(request, ReviewerKind.LLM, b"something else", seconds=9.0)
    assert world.folders.evidence.keep_answer(request, late) == answer
    assert world.folders.evidence.answer(request.request_id) == answer


def test_an_answer_to_another_question_is_not_kept(world: World) -> None:
    plan = world.plan(BATCH)
    part, _ = world.room.asking.ask(plan, Scripted(world, "reviewer_a"))
    (_, answer), (second, _) = part.asked[:2]
    assert answer is not None
    with pytest.raises(StateError, match="another question"):
        world.folders.evidence.keep_answer(second, answer)


def test_a_damaged_or_misplaced_answer_is_named(tmp_path: Path, world: World) -> None:
    plan = world.plan(BATCH)
    part, _ = world.room.asking.ask(plan, Scripted(world, "reviewer_a"))
    store = EvidenceStore(world.folders.root)
    first, second = (store.answer_path(request.request_id) for request, _ in part.asked[:2])
    second.write_bytes(first.read_bytes())
    with pytest.raises(StateError, match="under another request's name"):
        world.room.asking.part(plan, world.room.specs["reviewer_a"])
    second.write_text("{}")
    with pytest.raises(StateError, match="damaged") as caught:
        list(store.answers())
    assert caught.value.file == str(second)


def test_bytes_that_are_no_text_are_kept_as_they_are(world: World) -> None:
    plan = world.plan(BATCH)
    world.room.asking.ask(plan, Scripted(world, "reviewer_a", lambda request, said: b"\xff\x00\xfe"))
    assert {answer.content for answer in world.folders.evidence.answers()} == {b"\xff\x00\xfe"}
