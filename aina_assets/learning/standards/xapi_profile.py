"""The published xAPI profile: verbs, activity types, one extension, and a template for each kind of event.

Belongs here: the profile document. Does not: making statements (`xapi`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aina_assets.learning.records.events import KINDS

# A name that no one can register: nothing here is to be fetched.
BASE = "https://aina.invalid/xapi"
HOME_PAGE = f"{BASE}/learners"
PROFILE = f"{BASE}/profiles/learner"
PROFILE_VERSION = f"{PROFILE}/v1"
PUBLISHED = "2026-06-01T00:00:00Z"
EVENT_EXTENSION = f"{BASE}/extensions/event"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


@dataclass(frozen=True)
class Verb:
    """A verb of the profile."""

    iri: str
    name: str
    definition: str


@dataclass(frozen=True)
class ActivityType:
    """A type of activity of the profile."""

    slug: str
    name: str
    definition: str


VERBS: dict[str, Verb] = {
    "assessed": Verb(f"{BASE}/verbs/assessed", "was assessed", "Told role, readiness, goals and capacity."),
    "planned": Verb(f"{BASE}/verbs/planned", "was given a plan", "Was given a learning path."),
    "started": Verb(f"{BASE}/verbs/started", "started", "Began a practice task."),
    "submitted": Verb(f"{BASE}/verbs/submitted", "submitted", "Handed in an answer to a practice task."),
    "evaluated": Verb(f"{BASE}/verbs/evaluated", "was evaluated", "Had an answer held against a rubric."),
    "voided": Verb(VOIDED, "voided", "Takes an earlier statement back."),
}
ACTIVITY_TYPES: dict[str, ActivityType] = {
    "assessed": ActivityType("assessment", "assessment", "What a plan is made of."),
    "planned": ActivityType("plan", "plan", "A learning path of modules and steps in weeks."),
    "started": ActivityType("practice-task", "practice task", "Materials, a deliverable and a rubric."),
    "submitted": ActivityType("submission", "submission", "An answer to a practice task."),
    "evaluated": ActivityType("submission", "submission", "An answer to a practice task."),
}


def profile() -> dict[str, Any]:
    """The profile as JSON-LD."""
    own = {kind: verb for kind, verb in VERBS.items() if verb.iri.startswith(BASE)}
    types = {held.slug: held for held in ACTIVITY_TYPES.values()}
    return {
        "@context": "https://w3id.org/xapi/profiles/context",
        "id": PROFILE,
        "type": "Profile",
        "conformsTo": "https://w3id.org/xapi/profiles#1.0",
        "prefLabel": {"en": "AINA learner events"},
        "definition": {"en": "What a synthetic learner of AINA did, event by event, without loss."},
        "author": {"type": "Organization", "name": "AINA"},
        "versions": [{"id": PROFILE_VERSION, "generatedAtTime": PUBLISHED}],
        "concepts": [
            *(_concept(verb.iri, "Verb", verb.name, verb.definition) for verb in own.values()),
            *(
                _concept(f"{BASE}/activity-types/{slug}", "ActivityType", held.name, held.definition)
                for slug, held in types.items()
            ),
            {
                **_concept(
                    EVENT_EXTENSION,
                    "ContextExtension",
                    "event",
                    "The event's id and whatever of its data has no field of xAPI's own.",
                ),
                "recommendedVerbs": [verb.iri for verb in own.values()],
                "inlineSchema": json.dumps(
                    {
                        "type": "object",
                        "required": ["event_id", "data"],
                        "properties": {"event_id": {"type": "string"}, "data": {"type": "object"}},
                    },
                    sort_keys=True,
                ),
            },
        ],
        "templates": [_template(kind) for kind in KINDS],
        "patterns": [],
    }


def profile_text() -> str:
    """The committed text of the profile."""
    return json.dumps(profile(), indent=2, sort_keys=True) + "\n"


def _concept(iri: str, kind: str, name: str, definition: str) -> dict[str, Any]:
    return {
        "id": iri,
        "type": kind,
        "inScheme": PROFILE_VERSION,
        "prefLabel": {"en": name},
        "definition": {"en": definition},
    }


def _template(kind: str) -> dict[str, Any]:
    extension = f"$.context.extensions['{EVENT_EXTENSION}']"
    rules: list[dict[str, Any]] = [
        {"location": "$.timestamp", "presence": "included"},
        {"location": "$.actor.account.name", "presence": "included"},
        {"location": f"{extension}.event_id", "presence": "included"},
        {"location": f"{extension}.data.kind", "presence": "included", "all": [kind]},
    ]
    if kind == "submitted":
        rules.append({"location": "$.result.response", "presence": "included"})
    if kind == "evaluated":
        rules.append({"location": "$.result.score.scaled", "presence": "included"})
    template: dict[str, Any] = {
        "id": f"{BASE}/templates/{kind}",
        "type": "StatementTemplate",
        "inScheme": PROFILE_VERSION,
        "prefLabel": {"en": kind},
        "definition": {"en": f"A statement of the event `{kind}`."},
        "verb": VERBS[kind].iri,
        "rules": rules,
    }
    if kind in ACTIVITY_TYPES:
        template["objectActivityType"] = f"{BASE}/activity-types/{ACTIVITY_TYPES[kind].slug}"
    return template
