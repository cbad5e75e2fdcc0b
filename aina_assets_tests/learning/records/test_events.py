"""Events: what is taken, what is refused, and that a refusal repeats nothing that was typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from aina_assets.core.errors import EventError, NotSyntheticError
from aina_assets.learning.identity import check_learner_id, synthetic_learner_id
from aina_assets.learning.records.events import LearnerEvent, parse_event, parse_event_text
from aina_assets_tests.learning.samples import event, journey, streams


@given(streams())
def test_the_canonical_text_tells_the_event(events: Sequence[LearnerEvent]) -> None:
    for each in events:
        again = parse_event_text(each.canonical())
        assert again == each
        assert again.sha256 == each.sha256


def _with(place: str, value: Any) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(journey()[4].canonical())
    *parents, last = place.split(".")
    target = held
    for parent in parents:
        target = target[parent]
    target[last] = value
    return held


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("event_id", "short"),
        ("event_id", "jane.doe@example.com"),
        ("learner_id", "jane.doe@example.com"),
        ("learner_id", "syn-7-1-000000000000"),
        ("occurred_at", "2026-02-30T00:00:00Z"),
        ("occurred_at", "2026-01-05T09:00:00+01:00"),
        ("occurred_at", "2026-01-05"),
        ("data.score", 1.5),
        ("data.score", float("nan")),
        ("data.score_low", 0.95),
        ("data.rubric_version", "1"),
        ("data.criteria", [{"criterion_id": "c", "verdict": "PERHAPS"}]),
        ("data.criteria", [{"criterion_id": "c", "verdict": "MET", "spans": [[4, 4]]}]),
        ("data.kind", "paid"),
        ("data.note", "free text"),
    ],
)
def test_what_is_no_event_is_refused_by_its_field_alone(place: str, value: Any) -> None:
    with pytest.raises(EventError) as refused:
        parse_event(_with(place, value))
    assert place.rpartition(".")[2] in str(refused.value)
    assert "jane" not in str(refused.value)


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ud800b"])
def test_a_text_with_control_signs_is_refused(text: str) -> None:
    with pytest.raises(EventError, match="text"):
        event("submitted", "event-0001", text=text)


def test_a_text_over_the_limit_is_refused() -> None:
    with pytest.raises(EventError, match="20000"):
        event("submitted", "event-0001", text="x" * 20_001)


def test_a_synthetic_learner_is_known_by_its_id() -> None:
    assert check_learner_id(synthetic_learner_id(3, 41)) == synthetic_learner_id(3, 41)
    made = {synthetic_learner_id(seed, number) for seed in range(20) for number in range(50)}
    assert len(made) == 1000


@pytest.mark.parametrize(
    "learner", ["", "jane", "syn-3-41-", synthetic_learner_id(3, 41)[:-1] + "x", "syn-03-41-123456789abc"]
)
def test_any_other_id_is_no_synthetic_learner(learner: str) -> None:
    with pytest.raises(NotSyntheticError) as refused:
        check_learner_id(learner)
    assert not learner or learner not in str(refused.value)
