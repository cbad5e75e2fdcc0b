"""The review desk: what is shown, what a person decides, and that it goes through the one chain."""

from __future__ import annotations

from typing import Any

import pytest

from aina_assets.adjudication.deciding import PersonDecisionError, decide
from aina_assets.adjudication.protocol import Verdict
from aina_assets.adjudication.review_rules import DISPUTES
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.core.engine import Engine
from aina_assets_tests.builds import Build, copied
from aina_assets_tests.service.conftest import Caller, new_key


def disputed(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for batch in caller.get("/review/batches", params={"limit": 100}).json()["items"]:
        page = caller.get(f"/review/batches/{batch['title_batch']}", params={"limit": 100}).json()
        found += [held for held in page["items"] if held["can_decide"] and held["why"] in DISPUTES]
    return found


def decision(a_title: str, **told: Any) -> dict[str, Any]:
    return {
        "title_id": a_title,
        "decision": "promote_fallback",
        "level": "function",
        "code": "finance",
        "reason": "Its words name finance and nothing finer.",
        "by": "ab",
    } | told


def test_disputed_titles_come_first_and_batches_with_most_of_them(caller: Caller) -> None:
    batches = caller.get("/review/batches", params={"limit": 100}).json()["items"]
    counts = [held["disputed"] for held in batches]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
    titles = caller.get(f"/review/batches/{batches[0]['title_batch']}", params={"limit": 100}).json()["items"]
    disputes = [held["why"] in DISPUTES for held in titles]
    assert disputes == sorted(disputes, reverse=True)
    assert sum(held["can_decide"] for held in titles if held["why"] in DISPUTES) == counts[0]


def test_a_decision_stands_in_the_chain_with_its_reason(caller: Caller) -> None:
    title = disputed(caller)[0]
    before = len(AdjudicationStage(caller.rooms.engine).folded.merges)
    answer = caller.post("/review/decisions", decision(title["title_id"]))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    stage = AdjudicationStage(caller.rooms.engine)
    assert told["merge_sequence"] == before + 1 == len(stage.folded.merges)
    standing = stage.folded.get(title["title_id"])
    assert standing is not None
    assert (standing.decision, standing.level, standing.code) == ("promote_fallback", "function", "finance")
    assert stage.folded.merges[standing.merge].kind == "person"
    order = stage.orders[told["order_sha256"]]
    assert (order.reason, order.ordered_by) == ("Its words name finance and nothing finer.", "ab")
    shown = caller.get(f"/review/batches/{title['title_batch']}", params={"limit": 100}).json()["items"]
    now = next(held for held in shown if held["title_id"] == title["title_id"])
    assert now["can_decide"] is False
    assert now["decided"] == {"decision": "promote_fallback", "level": "function", "code": "finance"}


def test_a_decision_is_made_once_however_often_it_is_sent(caller: Caller) -> None:
    title, key = disputed(caller)[1], new_key()
    body = decision(title["title_id"], decision="keep", level=None, code=None)
    first = caller.post("/review/decisions", body, key=key)
    assert first.status_code == 201
    merges = len(AdjudicationStage(caller.rooms.engine).folded.merges)
    assert caller.post("/review/decisions", body, key=key).content == first.content
    # Sent anew after a crash that lost the key: the very same decision stands.
    again = caller.post("/review/decisions", body)
    assert again.json() == first.json()
    assert len(AdjudicationStage(caller.rooms.engine).folded.merges) == merges


def test_a_title_is_not_decided_twice(caller: Caller) -> None:
    title = disputed(caller)[2]
    assert caller.post("/review/decisions", decision(title["title_id"])).status_code == 201
    other = caller.post("/review/decisions", decision(title["title_id"], code="sales"))
    assert other.status_code == 409
    assert other.json()["type"].endswith("decision-not-taken")


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"code": "nothing"}, 409),
        ({"level": "minor", "code": "99-9900"}, 409),
        ({"decision": "exclude", "level": None, "code": "no_such_reason"}, 409),
        ({"decision": "exclude", "level": None, "code": None}, 409),
        ({"level": "galaxy"}, 422),
        ({"reason": "short"}, 422),
        ({"by": "<script>"}, 422),
        ({"reason": "ask anna.miller@gmail.com about it"}, 422),
        ({"title_id": "0" * 16}, 404),
    ],
)
def test_decisions_that_are_none(caller: Caller, told: dict[str, Any], status: int) -> None:
    title = disputed(caller)[0]
    before = len(AdjudicationStage(caller.rooms.engine).folded.merges)
    answer = caller.post("/review/decisions", decision(title["title_id"], **told))
    assert answer.status_code == status, answer.text
    assert len(AdjudicationStage(caller.rooms.engine).folded.merges) == before


def test_agreed_titles_are_not_decided_here(caller: Caller) -> None:
    page = caller.get("/review/batches/00", params={"limit": 100}).json()["items"]
    agreed = next(held for held in page if held["why"] == "agreed")
    answer = caller.post("/review/decisions", decision(agreed["title_id"]))
    assert answer.status_code == 409


# --- the door itself


@pytest.fixture
def engine_of_one(starter_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return copied(starter_build, tmp_path_factory.mktemp("deciding") / "data")


def test_an_order_that_a_crash_left_is_gone_on_with(engine_of_one: Engine) -> None:
    stage = AdjudicationStage(engine_of_one)
    kept = next(t for t in stage.folded.title_ids() if (s := stage.folded.get(t)) and s.decision == "keep")
    left = stage.folders.orders.give([kept], "the reason", "ab", 1)
    verdict = Verdict(decision="promote_fallback", level="function", code="finance")
    made = decide(AdjudicationStage(engine_of_one), kept, verdict, "the reason", "ab")
    assert made.order == left.digest
    assert len(AdjudicationStage(engine_of_one).orders) == 1


def test_nothing_is_decided_while_the_batch_is_being_asked(engine_of_one: Engine) -> None:
    stage = AdjudicationStage(engine_of_one)
    kept = [t for t in stage.folded.title_ids() if (s := stage.folded.get(t)) and s.decision == "keep"]
    by_batch: dict[str, list[str]] = {}
    for row in engine_of_one.store.read_whole("review_consensus").to_pylist():
        if row["title_id"] in kept:
            by_batch.setdefault(row["title_batch"], []).append(row["title_id"])
    first, second = next(held for held in by_batch.values() if len(held) > 1)[:2]
    stage.folders.orders.give([first], "to be asked again", "cd", 1)
    verdict = Verdict(decision="keep", level=None, code=None)
    with pytest.raises(PersonDecisionError, match="is being asked about 1 other"):
        decide(AdjudicationStage(engine_of_one), second, verdict, "the reason", "ab")


@pytest.mark.slow
def test_a_build_carries_a_decision_into_the_tables_and_the_account_closes(engine_of_one: Engine) -> None:
    import dagster as dg

    from aina_assets.automation import run_build

    stage = AdjudicationStage(engine_of_one)
    kept = next(t for t in stage.folded.title_ids() if (s := stage.folded.get(t)) and s.decision == "keep")
    verdict = Verdict(decision="promote_fallback", level="function", code="finance")
    decide(stage, kept, verdict, "Its words name finance.", "ab")
    with dg.DagsterInstance.ephemeral() as instance:
        summary = run_build(engine_of_one, instance=instance)
    assert summary.is_success, summary.check_failures
    states = engine_of_one.store.read("title_state").to_pylist()
    told = next(row for row in states if row["title_id"] == kept)
    assert (told["state"], told["settled_by"], told["code"]) == ("serve_with_fallback", "person", "finance")
