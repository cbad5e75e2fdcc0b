"""A learner's record: the state that the fold keeps, and its one text and digest.

Belongs here: shapes, to and from JSON. Does not: how an event changes them (`fold`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from aina_assets.core.errors import EventLogError
from aina_assets.learning.records.events import canonical_text
from aina_assets.learning.records.stored import Fact


@dataclass(slots=True)
class AssessmentState:
    """What the plan rests on."""

    assessment_id: str
    assessment_sha256: str
    packet_id: str
    packet_sha256: str
    route: str
    weekly_minutes: int
    horizon_weeks: int
    assessed_at: str
    readiness: dict[str, int]


@dataclass(slots=True)
class PlanState:
    """The plan in force, and how far each of its items is."""

    plan_id: str
    plan_sha256: str
    assessment_id: str
    planned_at: str
    items: dict[str, str]


@dataclass(slots=True)
class AttemptState:
    """A practice task that was begun, and what became of it."""

    attempt_id: str
    task_id: str
    task_sha256: str
    workflow_id: str
    item_id: str | None
    started_at: str
    submission_id: str | None = None
    submitted_at: str | None = None
    evaluation_id: str | None = None
    evaluated_at: str | None = None
    score: float | None = None
    score_low: float | None = None
    score_high: float | None = None
    is_pass: bool | None = None


@dataclass(slots=True)
class WorkflowState:
    """Mastery of a workflow: the estimate, and when which score was reached.

    The next review follows from `reviews` alone (`mastery.reviewing`), worked out when it is asked for: its
    arithmetic has powers, whose last bits differ between machines, and the record's digest must not.
    """

    prior: float
    mastery: float
    attempts: int = 0
    passes: int = 0
    reviews: list[tuple[str, float]] = field(default_factory=list)

    @property
    def last_score(self) -> float | None:
        """The score of the last result; None without any."""
        return self.reviews[-1][1] if self.reviews else None


@dataclass(slots=True)
class RecordState:
    """A learner's record.

    Attributes:
        learner_id: whose.
        policy_sha256: the learner model's policy that it was folded under.
        number: number of the last event that is folded in.
        facts: the events that count, without texts: what a void is refolded from.
        voids: target's event id to the voiding event's, whether the target has arrived or not.
        refused_voids: voids that void nothing: of a void, or of what was voided before.
        clock: the latest time that an event told; it never goes back.
        late_events: events that told an earlier time than one before them.
        ignored: event id to why it changed nothing.
    """

    learner_id: str
    policy_sha256: str
    number: int = 0
    facts: list[Fact] = field(default_factory=list)
    voids: dict[str, str] = field(default_factory=dict)
    void_events: list[str] = field(default_factory=list)
    refused_voids: dict[str, str] = field(default_factory=dict)
    clock: str = ""
    late_events: int = 0
    ignored: dict[str, str] = field(default_factory=dict)
    assessment: AssessmentState | None = None
    assessments: dict[str, str] = field(default_factory=dict)
    plan: PlanState | None = None
    attempts: dict[str, AttemptState] = field(default_factory=dict)
    submissions: dict[str, str] = field(default_factory=dict)
    workflows: dict[str, WorkflowState] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """The record without the facts that it is made of: what people and the digest are told."""
        return {
            "learner_id": self.learner_id,
            "policy_sha256": self.policy_sha256,
            "events": self.number,
            "voids": self.voids,
            "refused_voids": self.refused_voids,
            "clock": self.clock,
            "late_events": self.late_events,
            "ignored": self.ignored,
            "assessment": None if self.assessment is None else plain(self.assessment),
            "plan": None if self.plan is None else plain(self.plan),
            "attempts": [plain(attempt) for attempt in self.attempts.values()],
            "workflows": {name: plain(held) for name, held in self.workflows.items()},
        }

    @property
    def sha256(self) -> str:
        """Digest of what is told: the same events give the same digest anywhere."""
        return hashlib.sha256(canonical_text(self.told()).encode()).hexdigest()

    def to_text(self) -> str:
        """All of it as JSON, facts included, for a snapshot."""
        return canonical_text(
            {
                **{name: getattr(self, name) for name in _PLAIN},
                "assessment": None if self.assessment is None else plain(self.assessment),
                "plan": None if self.plan is None else plain(self.plan),
                "attempts": {name: plain(held) for name, held in self.attempts.items()},
                "workflows": {name: plain(held) for name, held in self.workflows.items()},
                # JSON objects are written with sorted keys; what came first matters to a later fold.
                "order": {name: list(getattr(self, name)) for name in _ORDERED},
            }
        )

    @classmethod
    def from_value(cls, value: dict[str, Any]) -> RecordState:
        """A state of a snapshot's JSON.

        Raises:
            EventLogError: it is not one.
        """
        try:
            state = cls(**{name: value[name] for name in _PLAIN})
            state.assessment = value["assessment"] and AssessmentState(**value["assessment"])
            state.plan = value["plan"] and PlanState(**value["plan"])
            state.attempts = {name: AttemptState(**held) for name, held in value["attempts"].items()}
            state.workflows = {name: _workflow(held) for name, held in value["workflows"].items()}
            for name in _ORDERED:
                held = getattr(state, name)
                setattr(state, name, {key: held[key] for key in value["order"][name]})
        except (KeyError, TypeError) as error:
            raise EventLogError(f"not a record's snapshot: {error}", place="learner_snapshot") from error
        return state


def plain(held: Any) -> dict[str, Any]:
    """A state's fields. `dataclasses.asdict` copies all that is below, which takes ten times as long."""
    return {name: getattr(held, name) for name in held.__slots__}


_PLAIN = (
    "learner_id",
    "policy_sha256",
    "number",
    "facts",
    "voids",
    "void_events",
    "refused_voids",
    "clock",
    "late_events",
    "ignored",
    "assessments",
    "submissions",
)
_ORDERED = ("voids", "refused_voids", "ignored", "attempts", "workflows", "submissions", "assessments")


def _workflow(value: dict[str, Any]) -> WorkflowState:
    reviews = [(at, score) for at, score in value["reviews"]]
    return WorkflowState(**{**value, "reviews": reviews})
