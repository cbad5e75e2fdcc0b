"""Older events: the golden logs hold the upcasters and the fold to what they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.errors import EventError
from aina_assets.learning.mastery.policy import LearnerModelPolicy
from aina_assets.learning.records.events import CURRENT_VERSIONS, KINDS
from aina_assets.learning.records.fold import Folder
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.records.replay import Records
from aina_assets.learning.records.stored import whole_text
from aina_assets.learning.records.stored import written_text as as_written
from aina_assets.learning.records.upcasting import UPCASTERS, upcast
from aina_assets_tests.learning.samples import LEARNER, journey

GOLDEN = Path(__file__).parent / "golden"


def lines(name: str) -> list[str]:
    return (GOLDEN / name).read_text("utf-8").splitlines()


def test_a_log_of_the_first_versions_tells_the_events_that_it_told() -> None:
    told = [upcast(json.loads(line)).canonical() for line in lines("versions_1.jsonl")]
    assert told == lines("versions_now.jsonl")


@pytest.mark.parametrize("name", ["versions_1.jsonl", "versions_now.jsonl"])
def test_a_golden_log_gives_its_record_anywhere(name: str, tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.sqlite")
    log.append_written([as_written(line) for line in lines(name)])
    golden = Folder(LearnerModelPolicy.from_file(GOLDEN / "learner_model.toml"))
    state = Records(log, golden).replayed(LEARNER)
    told = json.loads(json.dumps(state.told() | {"sha256": state.sha256}))
    assert told == json.loads((GOLDEN / "record.json").read_text("utf-8"))


def test_what_was_written_stays_as_it_was_written() -> None:
    assert [whole_text(as_written(line)) for line in lines("versions_1.jsonl")] == lines("versions_1.jsonl")


def test_there_is_an_upcaster_from_every_version_that_was() -> None:
    assert set(UPCASTERS) == {(kind, v) for kind in KINDS for v in range(1, CURRENT_VERSIONS[kind])}
    golden = {
        (held["data"]["kind"], held["data"]["version"]) for held in map(json.loads, lines("versions_1.jsonl"))
    }
    assert golden >= set(UPCASTERS)


def _changed(**data: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(lines("versions_1.jsonl")[0])
    event["data"] = {name: value for name, value in (event["data"] | data).items() if value is not ...}
    return event


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (_changed(version=3), "unknown event assessed of version 3"),
        (_changed(version=0), "version 0"),
        (_changed(version="1"), "version 1"),
        (_changed(kind="promoted"), "unknown event promoted"),
        (_changed(weekly_hours=...), "not a assessed event of version 1"),
        (_changed(weekly_hours="two"), "version 1"),
        (_changed(extra=1), "data.assessed.extra"),
        ({"event_id": "x"}, "no data"),
    ],
)
def test_what_is_no_event_of_its_version_is_refused(event: dict[str, Any], told: str) -> None:
    with pytest.raises(EventError, match=told):
        upcast(event)


@pytest.mark.parametrize("text", ["{", "[]", "1"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(EventError, match="JSON"):
        as_written(text)


def test_an_event_of_now_is_left_as_it_is() -> None:
    for event in journey():
        assert upcast(json.loads(event.canonical())) == event
