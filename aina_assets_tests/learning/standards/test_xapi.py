"""xAPI: there and back without loss, in shapes that xAPI asks for, and nothing edited gets back."""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from aina_assets.core.errors import EventError
from aina_assets.learning.records.events import KINDS, LearnerEvent
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.standards.xapi import export, from_statement, imported, to_statement
from aina_assets.learning.standards.xapi_profile import EVENT_EXTENSION, VERBS, VOIDED, profile
from aina_assets_tests.learning.samples import event, journey, streams

GOLDEN = Path(__file__).parents[1] / "records" / "golden"
EVERY = [*journey(), event("voided", "x-event-6", target_event_id="x-event-5")]


@given(streams())
def test_events_come_back_as_they_went(events: Sequence[LearnerEvent]) -> None:
    back = imported(export(events))
    assert back == list(events)
    assert [each.sha256 for each in back] == [each.sha256 for each in events]


def test_a_log_that_went_through_xapi_has_the_same_chain(tmp_path: Path) -> None:
    first, second = EventLog(tmp_path / "a.sqlite"), EventLog(tmp_path / "b.sqlite")
    first.append(*EVERY)
    second.append(*imported(export(stored.event for stored in first.in_sequence())))
    assert first.head == second.head


@pytest.mark.parametrize("each", EVERY, ids=KINDS)
def test_a_statement_has_the_shape_that_xapi_asks_for(each: LearnerEvent) -> None:
    statement = to_statement(each)
    assert str(uuid.UUID(statement["id"])) == statement["id"]
    assert statement["version"] == "2.0.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", statement["timestamp"])
    account = statement["actor"]["account"]
    assert set(account) == {"homePage", "name"}
    assert statement["verb"]["id"].startswith("http")
    assert set(statement["verb"]["display"]) == {"en-US"}
    assert set(statement) <= {"id", "actor", "verb", "object", "result", "context", "timestamp", "version"}
    # Outside extensions xAPI knows no null.
    told = copy.deepcopy(statement)
    del told["context"]["extensions"]
    assert "null" not in json.dumps(told)
    score = statement.get("result", {}).get("score")
    if score:
        assert -1 <= score["scaled"] <= 1
        assert score["min"] <= score["raw"] <= score["max"]


def test_a_void_is_xapis_own() -> None:
    void, target = to_statement(EVERY[-1]), to_statement(EVERY[-2])
    assert void["verb"]["id"] == VOIDED
    assert void["object"] == {"objectType": "StatementRef", "id": target["id"]}


def _edited(place: str, value: Any) -> dict[str, Any]:
    statement = to_statement(EVERY[4])
    *parents, last = place.split(".")
    target = statement
    for parent in parents:
        target = target[parent]
    target[last] = value
    return statement


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("result.score.scaled", 1.0),
        ("result.success", False),
        ("verb.id", VERBS["assessed"].iri),
        ("id", str(uuid.UUID(int=4))),
        ("object.id", "https://elsewhere.invalid/x"),
        ("actor.account.homePage", "https://elsewhere.invalid"),
    ],
)
def test_a_statement_that_was_edited_is_refused(place: str, value: Any) -> None:
    with pytest.raises(EventError, match=f"contradicts itself: {place.partition('.')[0]}"):
        from_statement(_edited(place, value))


def test_a_real_actor_is_refused() -> None:
    with pytest.raises(EventError, match="learner_id"):
        from_statement(_edited("actor.account.name", "jane.doe@example.com"))


def test_what_a_record_store_adds_is_let_through() -> None:
    statement = {**to_statement(EVERY[4]), "stored": "2026-01-06T09:41:02Z", "authority": {"name": "lrs"}}
    assert from_statement(statement) == EVERY[4]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ("{}", "is absent"),
        ('{"context": {"extensions": {}}}', "absent"),
    ],
)
def test_what_is_no_statement_is_refused_by_its_line(text: str, told: str) -> None:
    with pytest.raises(EventError, match=told) as refused:
        imported(f"\n{text}\n")
    assert "line 2" in str(refused.value)


def test_statements_of_older_events_are_raised() -> None:
    old = [json.loads(line) for line in (GOLDEN / "versions_1.jsonl").read_text("utf-8").splitlines()]
    now = (GOLDEN / "versions_now.jsonl").read_text("utf-8").splitlines()
    for held, expected in zip(old, now, strict=True):
        statement = to_statement(_parse(expected))
        told = dict(held["data"])
        told.pop("text", None)
        statement["context"]["extensions"][EVENT_EXTENSION]["data"] = told
        assert from_statement(statement).canonical() == expected


def _parse(text: str) -> LearnerEvent:
    from aina_assets.learning.records.events import parse_event_text

    return parse_event_text(text)


def test_the_profile_says_all_that_statements_use() -> None:
    told = profile()
    ids = [concept["id"] for concept in told["concepts"]] + [held["id"] for held in told["templates"]]
    assert len(ids) == len(set(ids))
    version = told["versions"][0]["id"]
    assert {held["inScheme"] for held in (*told["concepts"], *told["templates"])} == {version}
    for each in EVERY:
        statement = to_statement(each)
        assert statement["verb"]["id"] in ids or statement["verb"]["id"] == VOIDED
        assert {"id": version} in statement["context"]["contextActivities"]["category"]
        definition = statement["object"].get("definition")
        if definition:
            assert definition["type"] in ids
        (template,) = [held for held in told["templates"] if held["id"].endswith(f"/{each.data.kind}")]
        assert template["verb"] == statement["verb"]["id"]
        for rule in template["rules"]:
            assert _at(statement, rule["location"]) is not None


def _at(statement: Any, location: str) -> Any:
    """What stands at a JSONPath of plain names."""
    for name, quoted in re.findall(r"\.(\w+)|\['([^']+)'\]", location.removeprefix("$")):
        statement = statement[name or quoted]
    return statement
