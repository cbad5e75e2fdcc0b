"""Learner events as xAPI 2.0 statements (IEEE 9274.1.1), and back, without loss.

Belongs here: the two ways. Does not: the published profile (`xapi_profile`).

A statement says in xAPI's own fields what any reader understands: actor, verb, object, result, time. What
has no field of its own stands in one extension. On the way back both are read and must agree: a statement
whose result was edited is refused and not silently taken for the event that it once was.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from aina_assets.core.errors import EventError
from aina_assets.learning.records.events import LearnerEvent
from aina_assets.learning.records.upcasting import upcast
from aina_assets.learning.standards.xapi_profile import (
    ACTIVITY_TYPES,
    BASE,
    EVENT_EXTENSION,
    HOME_PAGE,
    PROFILE_VERSION,
    VERBS,
)

VERSION = "2.0.0"
Statement = dict[str, Any]


def statement_id(event_id: str) -> str:
    """The statement's id: the same event has the same one anywhere."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}/events/{event_id}"))


def to_statement(event: LearnerEvent) -> Statement:
    """The statement of an event."""
    data = event.data.model_dump(mode="json")
    kind = data["kind"]
    verb = VERBS[kind]
    statement: Statement = {
        "id": statement_id(event.event_id),
        "actor": {"objectType": "Agent", "account": {"homePage": HOME_PAGE, "name": event.learner_id}},
        "verb": {"id": verb.iri, "display": {"en-US": verb.name}},
        "object": _object(kind, data),
        "timestamp": event.occurred_at,
        "version": VERSION,
        "context": {
            "platform": "AINA",
            "language": "en-US",
            "contextActivities": {"category": [_activity("profile", PROFILE_VERSION)]},
            "extensions": {
                # The answer's text stands in `result.response`, and nowhere twice.
                EVENT_EXTENSION: {
                    "event_id": event.event_id,
                    "data": {name: value for name, value in data.items() if name != "text"},
                }
            },
        },
    }
    result = _result(kind, data)
    if result:
        statement["result"] = result
    return statement


def from_statement(statement: Mapping[str, Any]) -> LearnerEvent:
    """The event of a statement.

    Raises:
        EventError: it is no statement of this profile, or what it says in two places differs.
    """
    try:
        told = statement["context"]["extensions"][EVENT_EXTENSION]
        data = dict(told["data"])
        if data.get("kind") == "submitted":
            data["text"] = statement["result"]["response"]
        event = upcast(
            {
                "event_id": told["event_id"],
                "learner_id": statement["actor"]["account"]["name"],
                "occurred_at": statement["timestamp"],
                "data": data,
            }
        )
    except (KeyError, TypeError) as error:
        raise EventError(f"not a statement of the profile: {error} is absent", place="statement") from error
    again = to_statement(event)
    # What a record store adds is let through.
    differing = [name for name in again if statement.get(name) != again[name]]
    # A statement of an older version says less; it was raised above.
    if differing and data.get("version") == event.data.version:
        raise EventError(
            f"the statement contradicts itself: {', '.join(differing)}",
            place=f"statement {statement.get('id')}",
        )
    return event


def export(events: Iterable[LearnerEvent]) -> str:
    """The statements of events as lines of JSON, in their order."""
    return "".join(
        json.dumps(to_statement(event), sort_keys=True, ensure_ascii=False) + "\n" for event in events
    )


def imported(text: str) -> list[LearnerEvent]:
    """The events of lines of statements, in their order.

    Raises:
        EventError: a line is no statement of the profile; names its number.
    """
    events = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            statement = json.loads(line)
        except ValueError as error:
            raise EventError("not JSON", place=f"line {number}") from error
        if not isinstance(statement, dict):
            raise EventError("not a JSON object", place=f"line {number}")
        try:
            events.append(from_statement(statement))
        except EventError as error:
            raise EventError(error.message, place=f"line {number}, {error.place}") from error
    return events


def _object(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "voided":
        return {"objectType": "StatementRef", "id": statement_id(data["target_event_id"])}
    name = {
        "assessed": "assessment_id",
        "planned": "plan_id",
        "started": "task_id",
        "submitted": "submission_id",
        "evaluated": "submission_id",
    }[kind]
    return _activity(ACTIVITY_TYPES[kind].slug, data[name], is_object=True)


def _activity(slug: str, name: str, *, is_object: bool = False) -> dict[str, Any]:
    if slug == "profile":
        return {"id": name}
    activity: dict[str, Any] = {
        "id": f"{BASE}/{slug}/{name}",
        "definition": {"type": f"{BASE}/activity-types/{slug}"},
    }
    return {"objectType": "Activity", **activity} if is_object else activity


def _result(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "submitted":
        return {"response": data["text"], "completion": True}
    if kind != "evaluated":
        return {}
    score = {"scaled": data["score"], "raw": data["score"], "min": 0, "max": 1}
    # xAPI has no word for "cannot be told": where a pass is open, nothing is said of success.
    return {"score": score} if data["is_pass"] is None else {"score": score, "success": data["is_pass"]}
