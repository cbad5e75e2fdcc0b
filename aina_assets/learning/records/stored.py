"""How an event is stored: its fact, which a record needs, and its detail, such as an answer's text.

Belongs here: taking an event apart and putting it together again, and the chain over both. Does not: the
database (`log`). A replay reads facts alone, as plain dictionaries: they were validated when they were
written, and the chain tells whether they are what was written.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple, TypedDict

from pydantic_core import from_json

from aina_assets.core.errors import EventError
from aina_assets.learning.records.events import (
    CURRENT_VERSIONS,
    DETAILS,
    LearnerEvent,
    canonical_text,
    parse_event,
)
from aina_assets.learning.records.upcasting import raised, upcast


class Fact(TypedDict):
    """An event without its detail, at its current version: what is folded."""

    event_id: str
    learner_id: str
    occurred_at: str
    data: dict[str, Any]


class Written(NamedTuple):
    """An event as the log stores it, in the version that it was written in; texts are canonical JSON.

    Attributes:
        fact: the event without its detail.
        detail: the detail; empty where the kind has none.
    """

    event_id: str
    learner_id: str
    kind: str
    version: int
    fact: str
    detail: str


class StoredFact(NamedTuple):
    """A fact's row, as read."""

    learner_id: str
    number: int
    kind: str
    version: int
    text: str

    def read(self) -> Fact:
        """The fact at its current version."""
        # As `json.loads`, in two fifths of the time; what it reads was written by this code.
        fact: Fact = from_json(self.text)
        if self.version != CURRENT_VERSIONS.get(self.kind):
            fact["data"] = raised(fact["data"])
        return fact


def written(event: LearnerEvent) -> Written:
    """The event as the log stores it."""
    return _apart(event.model_dump(mode="json"))


def written_text(text: str) -> Written:
    """An event of any version from JSON text, as the log stores it: in the version that it was written in.

    Raises:
        EventError: it is malformed, or of a version that is not known.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise EventError("not JSON", place="event") from error
    if not isinstance(value, dict):
        raise EventError("not a JSON object", place="event")
    upcast(value)
    return _apart(value)


def _apart(value: dict[str, Any]) -> Written:
    data = dict(value["data"])
    kind = data["kind"]
    name = DETAILS.get(kind)
    detail = "" if name is None else canonical_text(data.pop(name))
    fact = canonical_text({**value, "data": data})
    return Written(value["event_id"], value["learner_id"], kind, data["version"], fact, detail)


def whole_text(event: Written) -> str:
    """The canonical JSON of an event in the version that it was written in."""
    value = json.loads(event.fact)
    if event.kind in DETAILS:
        value["data"][DETAILS[event.kind]] = json.loads(event.detail)
    return canonical_text(value)


def whole_event(kind: str, version: int, fact: str, detail: str) -> LearnerEvent:
    """The event at its current version."""
    value = json.loads(fact)
    if kind in DETAILS:
        value["data"][DETAILS[kind]] = json.loads(detail)
    return parse_event(value) if CURRENT_VERSIONS.get(kind) == version else upcast(value)


def is_same(event: Written, other: Written) -> bool:
    """Whether both tell the same event; the version that it was written in does not matter."""
    return event == other or whole_event(*event[2:]) == whole_event(*other[2:])


def fact_of(event: LearnerEvent) -> Fact:
    """The event as it is folded."""
    fact: Fact = json.loads(written(event).fact)
    return fact


def chained(chain: str, fact: str, detail: str) -> str:
    """The chain after an event of these texts."""
    # Each part is hashed by itself, so that moving a character from one to the other is seen.
    parts = f"{chain}{_sha256(fact)}{_sha256(detail)}"
    return _sha256(parts)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
