"""The API's loop over the starter: what a learner does, in order, and what stands afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aina_assets.learning.practice.answering import answer, whole
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.practice.task import PracticeTask
from aina_assets_tests.service.conftest import Caller, new_key


def whole_answer(caller: Caller, task: dict[str, Any]) -> str:
    told = PracticeTask.model_validate(task)
    key = Practice.read(caller.rooms.engine.settings.policies_root).key(told)
    return answer(told, key, whole(key))


def test_a_learner_goes_the_whole_way(caller: Caller) -> None:
    learner, plan = caller.planned()
    practice = f"{plan['plan_id']}.1"
    task = caller.get(f"/practice/{practice}").json()
    assert plan["items"][0]["item_id"].startswith(plan["items"][0]["workflow_id"])
    handed = caller.post(
        f"/practice/{practice}/submit", {"learner_id": learner, "text": whole_answer(caller, task)}
    )
    assert handed.status_code == 201
    evaluation = handed.json()["evaluation"]
    assert evaluation["score_high"] == 1
    assert all(held["spans"] for held in evaluation["criteria"] if held["verdict"] == "MET")
    record = caller.get(f"/learners/{learner}/record").json()
    assert [held["submission_id"] for held in record["attempts"]] == [handed.json()["submission_id"]]
    assert record["workflows"][plan["items"][0]["workflow_id"]]["next_review"]["due"] > record["clock"]
    events = caller.get(f"/learners/{learner}/events").json()["items"]
    kinds = [held["event"]["data"]["kind"] for held in events]
    assert kinds == ["assessed", "planned", "started", "submitted", "evaluated"]


def test_to_look_at_a_practice_begins_nothing(caller: Caller) -> None:
    learner, plan = caller.planned()
    caller.get(f"/practice/{plan['plan_id']}.1")
    assert caller.get(f"/learners/{learner}/record").json()["attempts"] == []


def test_a_practice_is_begun_once_however_often_it_is_begun(caller: Caller) -> None:
    learner, plan = caller.planned()
    practice = f"{plan['plan_id']}.2"
    first = caller.post(f"/practice/{practice}/start")
    caller.clock.pass_by(minutes=5)
    second = caller.post(f"/practice/{practice}/start")
    caller.post(f"/practice/{practice}/submit", {"learner_id": learner, "text": "Nothing yet."})
    assert first.json() == second.json() == caller.get(f"/practice/{practice}").json()
    events = caller.get(f"/learners/{learner}/events").json()["items"]
    assert [held["event"]["data"]["kind"] for held in events].count("started") == 1


def test_every_try_has_materials_of_its_own(caller: Caller) -> None:
    learner, plan = caller.planned()
    practice = f"{plan['plan_id']}.1"
    first = caller.get(f"/practice/{practice}").json()
    handed = caller.post(f"/practice/{practice}/submit", {"learner_id": learner, "text": "Nothing yet."})
    following = handed.json()["next_practice_id"]
    assert following == f"{practice}.2"
    assert caller.get(f"/practice/{following}").json()["materials"] != first["materials"]
    again = caller.post(f"/practice/{practice}/submit", {"learner_id": learner, "text": "Something else."})
    assert again.status_code == 409
    assert following in again.json()["remedy"]


def test_a_title_without_a_path_is_told_so(caller: Caller) -> None:
    packet = caller.post("/assess", {"learner_id": caller.learner(), "title": "4711"}).json()
    assert packet["title"]["path"] == "none"
    plan = caller.post("/curriculum", {"assessment_id": packet["assessment_id"]})
    assert plan.json()["items"] == []


# --- keys


def test_the_same_key_and_body_give_the_same_answer_and_one_event(caller: Caller) -> None:
    learner, key = caller.learner(), new_key()
    told = {"learner_id": learner, "title": "Paralegal"}
    first = caller.post("/assess", told, key=key)
    caller.clock.pass_by(hours=1)
    # Written another way, it is the same request.
    second = caller.client.post(
        "/assess",
        content=json.dumps(dict(reversed(told.items())), indent=3),
        headers={
            "Authorization": f"Bearer {caller.keyring.token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        },
    )
    assert second.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert caller.get(f"/learners/{learner}/record").json()["events"] == 1


def test_a_key_is_of_one_request(caller: Caller) -> None:
    learner, key = caller.learner(), new_key()
    caller.post("/assess", {"learner_id": learner, "title": "Paralegal"}, key=key)
    other = caller.post("/assess", {"learner_id": learner, "title": "Accountant"}, key=key)
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
    assert caller.get(f"/learners/{learner}/record").json()["events"] == 1


def test_a_key_may_be_used_for_each_act(caller: Caller) -> None:
    key = new_key()
    packet = caller.post("/assess", {"learner_id": caller.learner(), "title": "Paralegal"}, key=key)
    asked = {"assessment_id": packet.json()["assessment_id"]}
    assert caller.post("/curriculum", asked, key=key).status_code == 201


def test_a_refused_request_leaves_its_key_free(caller: Caller) -> None:
    learner, key = caller.learner(), new_key()
    refused = caller.post("/assess", {"learner_id": learner, "title": "mail ann@example.com"}, key=key)
    assert refused.status_code == 422
    assert caller.post("/assess", {"learner_id": learner, "title": "Paralegal"}, key=key).status_code == 201


# --- reading


def test_events_come_in_pages(caller: Caller) -> None:
    learner, plan = caller.planned()
    for number in (1, 2):
        caller.post(f"/practice/{plan['plan_id']}.{number}/start")
    found, cursor = [], None
    for _ in range(5):
        page = caller.get(
            f"/learners/{learner}/events", params={"limit": 3} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += [held["number"] for held in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [1, 2, 3, 4]


def test_titles_are_suggested_while_somebody_types(caller: Caller) -> None:
    found = caller.get("/titles", params={"q": "acco", "limit": 5}).json()
    assert found["items"][0]["title"] == "accountant"
    assert all("acco" in held["title"] for held in found["items"])
    more = caller.get("/titles", params={"q": "acco", "limit": 5, "cursor": found["next"]}).json()
    assert not {held["title"] for held in found["items"]} & {held["title"] for held in more["items"]}


def test_a_title_is_explained_down_to_its_rows(caller: Caller) -> None:
    title_id = caller.get("/titles", params={"q": "accountant"}).json()["items"][0]["title_id"]
    told = caller.get(f"/titles/{title_id}").json()
    assert told["title"] == "accountant"
    assert all(held["source"]["row"] >= 1 and held["source"]["file"] for held in told["exact"])


@pytest.mark.parametrize("packet_id", ["onet:13-2011.00", "function:finance"])
def test_a_packet_has_a_tag_that_spares_sending_it_again(caller: Caller, packet_id: str) -> None:
    first = caller.get(f"/packets/{packet_id}")
    assert first.json()["role_id"] == packet_id
    again = caller.get(
        f"/packets/{packet_id}", headers={"If-None-Match": f'"other", {first.headers["etag"]}'}
    )
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert caller.get(f"/packets/{packet_id}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_sandbox_tells_no_words_of_its_tasks(caller: Caller) -> None:
    page = caller.get("/sandbox/tasks", params={"limit": 100}).json()
    assert page["items"]
    assert set(page["items"][0]) == {
        "task_id",
        "occupation",
        "sector",
        "rubric_item_count",
        "reference_file_count",
        "roles",
    }


def test_gates_are_told_with_their_holds(caller: Caller) -> None:
    told = caller.get("/gates").json()
    assert told["external_beta"] == "blocked"
    assert {held["domain"] for held in told["gates"]} == set(told["blocked_domains"])
    assert told["open_holds"]


def test_receipts_are_handed_out_as_they_were_sealed(caller: Caller) -> None:
    names = caller.get("/receipts").json()["items"]
    assert "build_manifest_v1" in names
    for name in names:
        content = caller.get(f"/receipts/{name}")
        assert content.content == (caller.rooms.engine.data.receipts / f"{name}.json").read_bytes()


def test_health_and_readiness(caller: Caller) -> None:
    assert caller.get("/health").json()["status"] == "ok"
    ready = caller.get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


def test_a_state_that_was_built_anew_makes_the_service_unready(caller: Caller) -> None:
    manifest = caller.rooms.engine.data.receipts / "build_manifest_v1.json"
    content = manifest.read_bytes()
    try:
        manifest.write_bytes(content.replace(b"{", b"{ ", 1))
        ready = caller.get("/ready")
        assert (ready.status_code, ready.json()["checks"]["state_is_current"]) == (503, False)
    finally:
        manifest.write_bytes(content)
    assert caller.get("/ready").status_code == 200
