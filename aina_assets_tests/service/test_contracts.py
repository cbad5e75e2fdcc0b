"""What the API publishes: every answer validates against its schema, and the description against its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from aina_assets.core.engine import Engine
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.service.fixtures.driving import LEARNER
from aina_assets.service.fixtures.receipts import write_api_fixture, write_ui_fixture
from aina_assets.service.rules import (
    answers_keep_their_schemas,
    pages_answer,
    pages_load_nothing_foreign,
    repeats_change_nothing,
    the_loop_answers,
)
from aina_assets_tests.service.conftest import Caller

CONTRACTS = PROJECT_ROOT / "docs" / "contracts"
ISSUE = (
    ("post", "/assess"),
    ("post", "/curriculum"),
    ("get", "/practice/{practice_id}"),
    ("post", "/practice/{practice_id}/submit"),
    ("get", "/learners/{learner_id}/record"),
    ("get", "/learners/{learner_id}/events"),
    ("get", "/titles"),
    ("get", "/titles/{title_id}"),
    ("get", "/packets/{packet_id}"),
    ("get", "/sandbox/tasks"),
    ("get", "/gates"),
    ("get", "/review/batches"),
    ("post", "/review/decisions"),
    ("get", "/receipts/{name}"),
)


def described(caller: Caller) -> dict[str, Any]:
    told: dict[str, Any] = caller.get("/openapi.json").json()
    return told


def test_every_address_is_described_with_examples_and_problems(caller: Caller) -> None:
    paths = described(caller)["paths"]
    for method, path in ISSUE:
        told = paths[path][method]
        assert told["summary"]
        assert told["description"]
        assert any(status.startswith("2") for status in told["responses"])
        if method == "post":
            assert "application/problem+json" in told["responses"]["401"]["content"]
            assert told["security"]
            names = [held["name"].lower() for held in told["parameters"]]
            assert "idempotency-key" in names
        body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
        if body and path != "/curriculum":
            assert body["examples"]


def test_the_page_of_the_service_lists_the_addresses_as_they_are(caller: Caller) -> None:
    text = (PROJECT_ROOT / "docs" / "service.md").read_text("utf-8")
    table = text.partition("<!-- endpoints -->")[2].partition("<!-- end -->")[0].splitlines()[3:]
    listed = [tuple(cell.strip(" `") for cell in line.split("|")[1:5]) for line in table]
    paths = described(caller)["paths"]
    assert sorted(listed) == sorted(
        (method.upper(), path, told["summary"], "needed" if method == "post" else "")
        for path, methods in paths.items()
        for method, told in methods.items()
    )


def test_answers_validate_against_the_committed_schemas(caller: Caller) -> None:
    learner = caller.learner()
    packet = caller.post("/assess", {"learner_id": learner, "title": "Paralegal"})
    plan = caller.post("/curriculum", {"assessment_id": packet.json()["assessment_id"]})
    task = caller.get(f"/practice/{plan.json()['plan_id']}.1")
    events = caller.get(f"/learners/{learner}/events").json()["items"]
    title_id = next(
        held["title_id"]
        for held in caller.get("/titles", params={"q": "acc", "limit": 50}).json()["items"]
        if held["title_id"] and str(held["state"]).startswith("serve")
    )
    for name, value in (
        ("curriculum_input_v1", packet.json()),
        ("learning_plan_v1", plan.json()),
        ("practice_task_v1", task.json()),
        *(("learner_event_v2", held["event"]) for held in events),
        ("role_packet_v1", caller.get("/packets/onet:13-2011.00").json()),
        ("title_packet_v1", caller.get(f"/packets/{title_id}").json()),
        ("build_manifest_v1", caller.get("/receipts/build_manifest_v1").json()),
    ):
        schema = json.loads((CONTRACTS / f"{name}.schema.json").read_text("utf-8"))
        jsonschema.Draft202012Validator(schema).validate(value)


# --- the fixtures of the build


def test_the_fixtures_are_made_the_same_twice_and_hold(engine: Engine) -> None:
    for write in (write_api_fixture, write_ui_fixture):
        first = write(engine)[0].read_bytes()
        assert write(engine)[0].read_bytes() == first
    for rule in (
        the_loop_answers,
        answers_keep_their_schemas,
        repeats_change_nothing,
        pages_answer,
        pages_load_nothing_foreign,
    ):
        found = rule(engine)
        assert found.passed, found.sample


def test_the_fixture_asks_every_address_of_the_issue(engine: Engine) -> None:
    exchanges = write_api_fixture(engine)[1].exchanges
    asked = {(held.method.lower(), _template(held.path)) for held in exchanges}
    assert asked >= set(ISSUE)


def _template(path: str) -> str:
    parts = path.split("/")
    names = {"practice": "practice_id", "learners": "learner_id", "packets": "packet_id", "receipts": "name"}
    names |= {"titles": "title_id"}
    if len(parts) > 2 and parts[1] in names:
        parts[2] = f"{{{names[parts[1]]}}}"
    return "/".join(parts)


def test_the_fixtures_leave_no_learner_behind(engine: Engine) -> None:
    write_api_fixture(engine)
    left = list(Path(engine.data.cache / "service").glob("*"))
    assert left == []
    assert LEARNER not in _learners(engine)


def _learners(engine: Engine) -> set[str]:
    from aina_assets.learning.opening import open_log

    log = open_log(engine)
    try:
        return set(log.learners())
    finally:
        log.close()
