"""One wave of a batch: repaired, quarantined, rejected, held or merged; and killed anywhere, run again.

Batch 072 is the reference run's case: outputs whose row ids went wrong beyond what may be repaired. Its
raw outputs are kept, a receipt says why, and no state changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aina_assets.adjudication.protocol import (
    SEATS,
    ReviewerKind,
    ReviewerPendingError,
    ReviewerRateLimitedError,
    ReviewerTimeoutError,
    ReviewRequest,
)
from aina_assets.adjudication.quarantine import (
    QUARANTINE,
    QuarantineBook,
    QuarantineError,
    TitleBatchQuarantine,
)
from aina_assets.core.receipts import read_receipt
from aina_assets.core.storage import sha256_file
from aina_assets_tests.adjudication.scripted import BATCH, Mangle, Scripted, drop, keep_all, review
from benchmarks.adjudication.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


# --- batch 072


def test_batch_072_is_quarantined_with_its_raw_outputs_and_no_state_changes(world: World) -> None:
    before = world.folded().digest
    plan = world.plan(BATCH)
    state = review(world, plan, reviewer_b=drop(3))
    assert state.status == "quarantined"
    assert world.folded().digest == before
    assert world.folders.chain.files() == []
    path = world.folders.root / "quarantine" / f"{BATCH}of2-w01" / f"{QUARANTINE}.json"
    statement = read_receipt(path, QUARANTINE, TitleBatchQuarantine)
    told = statement.predicate
    assert (told.title_batch, told.wave, told.fault, told.reviewer) == (
        BATCH,
        1,
        "too_many_faults",
        "reviewer_b",
    )
    assert told.detail == f"3 of {len(plan.rows)} row ids missing, repeated or foreign"
    assert told.candidates == len(plan.candidates)
    assert told.faults == {"reviewer_a": 0, "reviewer_b": 3}
    # Every raw output that there was is a subject, and lies where it is said to.
    assert len(statement.subject) == 6
    for subject in statement.subject:
        assert sha256_file(world.root / subject.name) == subject.digest.sha256


def test_a_quarantined_wave_is_not_asked_again_until_it_is_released(world: World) -> None:
    plan = world.plan(BATCH)
    review(world, plan, reviewer_b=drop(3))
    again = Scripted(world, "reviewer_b")
    part, fault = world.room.asking.ask(world.plan(BATCH), again)
    assert (again.asked, part.status, fault) == ([], "unusable", None)
    assert world.room.settle(world.plan(BATCH)).status == "quarantined"
    world.folders.quarantines.release(BATCH, 1, "tester", "the model was mended")
    fresh = world.plan(BATCH)
    assert fresh.wave == 2
    assert not {row.row_id for row in fresh.rows} & {row.row_id for row in plan.rows}
    assert review(world, fresh).status == "merged"
    assert set(world.inventory[BATCH]) == set(world.folded().title_ids())


@pytest.mark.parametrize(
    ("mangle", "fault"),
    [
        (lambda request, said: b"no JSON", "unusable_output"),
        (lambda request, said: json.dumps({"decisions": said}).encode()[:-9], "unusable_output"),
        (lambda request, said: {f"{n:08x}": v for n, v in enumerate(said.values())}, "too_many_faults"),
        (drop(1), "repair_failed"),
        (
            lambda request, said: (
                b"sorry" if request.round else dict(list(said.items())[request.chunk == 0 :])
            ),
            "repair_failed",
        ),
    ],
)
def test_each_kind_of_unusable_output_has_its_name(world: World, mangle: Mangle, fault: str) -> None:
    plan = world.plan(BATCH)
    state = review(world, plan, reviewer_a=mangle)
    assert state.status == "quarantined"
    found = world.folders.quarantines.of(BATCH, 1)
    assert found is not None
    assert (found.receipt.fault, found.receipt.reviewer) == (fault, "reviewer_a")
    assert found.receipt.detail == state.detail


def test_only_what_is_quarantined_can_be_released(world: World) -> None:
    with pytest.raises(QuarantineError, match="not quarantined"):
        world.folders.quarantines.release(BATCH, 1, "tester", "because")


def test_quarantines_of_another_number_of_batches_are_not_this_inventorys(world: World) -> None:
    review(world, world.plan(BATCH), reviewer_a=drop(3))
    assert [found.receipt.title_batch for found in world.folders.quarantines.all()] == [BATCH]
    assert list(QuarantineBook(world.folders.root / "quarantine", 32).all()) == []


# --- repair


def test_a_row_that_went_missing_is_asked_once_more_and_taken(world: World) -> None:
    plan = world.plan(BATCH)
    reviewer = Scripted(world, "reviewer_a", drop(1, in_repair=False))
    part, fault = world.room.asking.ask(plan, reviewer)
    assert fault is None
    assert (part.status, part.faults, len(part.repaired)) == ("complete", 1, 1)
    assert set(part.verdicts) == set(plan.by_row)
    assert len(reviewer.asked) == 4
    state = review(world, plan)
    assert state.appended is not None
    told = state.appended.file.read()[0]
    assert (told["faults"], told["repaired"]) == (
        {"reviewer_a": 1, "reviewer_b": 0},
        {"reviewer_a": 1, "reviewer_b": 0},
    )
    assert sum(request["round"] for request in told["requests"]) == 1


def test_a_foreign_row_alone_needs_no_repair_and_is_counted(world: World) -> None:
    plan = world.plan(BATCH)

    def add(request: ReviewRequest, said: dict[str, Any]) -> Mapping[str, Any]:
        return said | ({"0badf00d": next(iter(said.values()))} if request.chunk == 1 else {})

    reviewer = Scripted(world, "reviewer_a", add)
    part, _ = world.room.asking.ask(plan, reviewer)
    assert (part.status, part.faults, part.repaired, len(reviewer.asked)) == ("complete", 1, (), 3)


# --- asking


def test_what_was_answered_is_not_asked_again(world: World) -> None:
    plan = world.plan(BATCH)
    first = Scripted(world, "reviewer_a")
    world.room.asking.ask(plan, first)
    second = Scripted(world, "reviewer_a")
    part, _ = world.room.asking.ask(world.plan(BATCH), second)
    assert (len(first.asked), second.asked, part.status) == (3, [], "complete")


def test_a_reviewer_that_fails_is_not_asked_on_and_its_answers_are_kept(world: World) -> None:
    plan = world.plan(BATCH)
    failing = Scripted(world, "reviewer_a", error=ReviewerTimeoutError("too slow"))
    part, fault = world.room.asking.ask(plan, failing)
    assert isinstance(fault, ReviewerTimeoutError)
    assert (len(failing.asked), len(part.outstanding), part.status) == (1, 3, "open")
    assert world.room.settle(plan).status == "open"


def test_a_person_is_given_every_sheet(world: World) -> None:
    waiting = Scripted(world, "reviewer_b", error=ReviewerPendingError("fill it"))
    part, fault = world.room.asking.ask(world.plan(BATCH), waiting)
    assert isinstance(fault, ReviewerPendingError)
    assert (len(waiting.asked), len(part.outstanding)) == (3, 3)


def test_a_rate_limit_tells_how_long(world: World) -> None:
    limited = ReviewerRateLimitedError("slow down", retry_after_seconds=30)
    _, fault = world.room.asking.ask(world.plan(BATCH), Scripted(world, "reviewer_b", error=limited))
    assert isinstance(fault, ReviewerRateLimitedError)
    assert fault.retry_after_seconds == 30


def test_several_requests_at_once_end_as_one_by_one(world: World, tmp_path: Path) -> None:
    plan = world.plan(BATCH)
    told: list[str] = []
    part, _ = world.room.asking.ask(
        plan,
        Scripted(world, "reviewer_a"),
        threads=3,
        on_answer=lambda request, _: told.append(request.request_id),
    )
    other = World(tmp_path / "other")
    single, _ = other.room.asking.ask(other.plan(BATCH), Scripted(other, "reviewer_a"))
    assert part.verdicts == single.verdicts
    assert sorted(told) == sorted(request.request_id for request, _ in part.asked)


def test_what_was_asked_is_kept_before_it_is_answered(world: World) -> None:
    plan = world.plan(BATCH)
    world.room.asking.ask(plan, Scripted(world, "reviewer_a", error=ReviewerTimeoutError("too slow")))
    (path,) = (world.folders.root / "requests").glob("*.json")
    request = ReviewRequest.model_validate_json(path.read_bytes())
    assert request.request_id == path.stem
    assert set(request.row_ids) <= set(plan.by_row)


# --- consensus and its fate


def test_what_both_say_is_merged_and_the_queue_is_empty(world: World) -> None:
    state = review(world, world.plan(BATCH))
    assert (state.status, state.detail) == ("merged", "")
    assert world.plan(BATCH).rows == ()
    assert world.room.settle(world.plan(BATCH)).status == "empty"
    (link,) = world.folders.chain.links()
    assert link.merge["kind"] == "llm"
    assert link.merge["accepted_by"] == "policy"
    assert len(link.merge["known"]["title_id"]) == 3
    assert {request["tokens_in"] for request in link.merge["requests"]} == {10}


def test_a_reviewer_below_its_floor_has_the_batch_rejected(world: World) -> None:
    def lie(request: ReviewRequest, said: dict[str, Any]) -> Mapping[str, Any]:
        wrong = {"decision": "promote_fallback", "level": "function", "code": "product"}
        return dict.fromkeys(said, wrong)

    state = review(world, world.plan(BATCH), reviewer_b=lie)
    assert state.status == "quarantined"
    assert state.detail.startswith("reviewer_b: 0 of 3 known answers right")
    found = world.folders.quarantines.of(BATCH, 1)
    assert found is not None
    assert (found.receipt.fault, found.receipt.reviewer) == ("below_floor", "reviewer_b")
    assert len(world.folded()) == 0


def test_a_batch_on_which_reviewers_agree_too_little_is_held_until_a_person_accepts_it(world: World) -> None:
    plan = world.plan(BATCH)
    state = review(world, plan, reviewer_a=keep_all)
    assert state.status == "held"
    assert "the least is 60%" in state.detail
    assert len(world.folded()) == 0
    accepted = world.room.settle(plan, accepted_by="tester")
    assert accepted.status == "merged"
    assert accepted.appended is not None
    told = accepted.appended.file.read()[0]
    assert told["accepted_by"] == "tester"
    assert set(told["decisions"]["decision"]) == {"keep"}


def test_a_person_cannot_put_a_name_under_what_the_policy_accepts(world: World) -> None:
    plan = world.plan(BATCH)
    for seat in SEATS:
        world.room.asking.ask(plan, Scripted(world, seat))
    state = world.room.settle(plan, accepted_by="tester")
    assert state.appended is not None
    assert state.appended.file.read()[0]["accepted_by"] == "policy"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((ReviewerKind.LLM, ReviewerKind.LLM), "llm"),
        ((ReviewerKind.LLM, ReviewerKind.PERSON), "person"),
        ((ReviewerKind.RECORDED, ReviewerKind.LLM), "recorded"),
        ((ReviewerKind.LLM, ReviewerKind.SIMULATED), "simulated"),
        ((ReviewerKind.PERSON, ReviewerKind.SIMULATED), "simulated"),
    ],
)
def test_decisions_count_as_of_models_only_where_both_reviewers_are(
    world: World, kinds: tuple[ReviewerKind, ReviewerKind], expected: str
) -> None:
    plan = world.plan(BATCH)
    for seat, kind in zip(SEATS, kinds, strict=True):
        world.room.asking.ask(plan, Scripted(world, seat, kind=kind))
    world.room.settle(plan)
    (merge,) = world.folded().merges
    assert merge.kind == expected


def test_without_a_second_reviewer_the_queue_stays(world: World) -> None:
    plan = world.plan(BATCH)
    world.room.asking.ask(plan, Scripted(world, "reviewer_a"))
    assert world.room.settle(plan).status == "open"
    assert len(world.folded()) == 0


def test_settling_a_plan_that_another_process_merged_is_told_and_changes_nothing(world: World) -> None:
    plan = world.plan(BATCH)
    first = review(world, plan)
    again = world.room.settle(plan)
    assert first.appended is not None
    assert again.appended is not None
    assert (first.appended.is_new, again.appended.is_new) == (True, False)
    assert first.appended.sha256 == again.appended.sha256
