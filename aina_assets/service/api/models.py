"""What requests and answers hold, where no other stage publishes it.

Belongs here: shapes, bounds, examples. Does not: packets, plans, tasks, inputs, which publish their own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.capabilities import Domain
from aina_assets.gates.decide import State
from aina_assets.learning.records.events import MOST_TEXT, CleanText, Id, LearnerEvent, LearnerId, Verdict

TitleIdText = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Cursor = Annotated[str | None, Field(description="cursor of the next page; null on the last")]


class Told(BaseModel):
    """What the service says or is told: no field that nobody declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- learners


class CurriculumRequest(Told):
    """Plan what was assessed."""

    assessment_id: Id = Field(examples=["assessment-0123456789abcdef01234567"])


class SubmissionRequest(Told):
    """An answer to a practice task."""

    learner_id: LearnerId
    text: Annotated[CleanText, Field(min_length=1, max_length=MOST_TEXT, description="the answer")]


class CriterionTold(Told):
    """A criterion's verdict; spans are characters of the text, from and up to."""

    criterion_id: str
    verdict: Verdict
    weight: int = Field(ge=1)
    spans: tuple[tuple[int, int], ...]
    note: str = Field(description="why, or what to do about it")


class EvaluationTold(Told):
    """What an answer came to, against the locked rubric."""

    rubric_id: str
    rubric_version: str
    rubric_sha256: Sha256
    score: Share = Field(description="share of the rubric's weight that is MET")
    score_low: Share
    score_high: Share
    is_pass: bool | None = Field(description="null where that hangs on what could not be assessed")
    criteria: tuple[CriterionTold, ...]
    asides: dict[str, int] = Field(description="sentences that did not count, by reason")
    feedback: tuple[str, ...]
    next_step: str
    judge: str | None = Field(description="the model judge that was asked; null without one")


class SubmissionAnswer(Told):
    """A submission that was taken and evaluated."""

    practice_id: str
    next_practice_id: str = Field(description="practice id of the next try")
    attempt_id: str
    submission_id: str
    evaluation: EvaluationTold


class AssessmentTold(Told):
    """What the plan in force rests on."""

    assessment_id: str
    assessment_sha256: Sha256
    packet_id: str
    packet_sha256: Sha256
    route: str
    weekly_minutes: int
    horizon_weeks: int
    assessed_at: str
    readiness: dict[str, int]


class PlanTold(Told):
    """The plan in force, and how far each of its items is."""

    plan_id: str
    plan_sha256: Sha256
    assessment_id: str
    planned_at: str
    items: dict[str, str]


class AttemptTold(Told):
    """A practice that was begun, and what became of it."""

    attempt_id: str
    task_id: str
    task_sha256: Sha256
    workflow_id: str
    item_id: str | None
    started_at: str
    submission_id: str | None
    submitted_at: str | None
    evaluation_id: str | None
    evaluated_at: str | None
    score: float | None
    score_low: float | None
    score_high: float | None
    is_pass: bool | None


class ReviewCardTold(Told):
    """When a workflow is due for review."""

    stability: float = Field(description="days after which recall falls to 90%")
    difficulty: float
    due: str
    last_review: str


class WorkflowTold(Told):
    """Mastery of a workflow, as results have moved it."""

    prior: Share
    mastery: Share
    attempts: int
    passes: int
    reviews: tuple[tuple[str, float], ...] = Field(description="time and score of each result")
    next_review: ReviewCardTold | None


class LearnerRecord(Told):
    """A learner's record, folded from the events."""

    learner_id: str
    policy_sha256: Sha256
    events: int = Field(ge=1)
    voids: dict[str, str]
    refused_voids: dict[str, str]
    clock: str
    late_events: int
    ignored: dict[str, str]
    assessment: AssessmentTold | None
    plan: PlanTold | None
    attempts: tuple[AttemptTold, ...]
    workflows: dict[str, WorkflowTold]
    sha256: Sha256 = Field(description="digest of the record: the same events give the same anywhere")


class EventTold(Told):
    """An event where it stands."""

    sequence: int = Field(ge=1, description="among all events")
    number: int = Field(ge=1, description="among the learner's")
    event: LearnerEvent


class EventPage(Told):
    """A learner's events, in order."""

    items: tuple[EventTold, ...]
    next: Cursor


# --- titles


class TitleSuggestion(Told):
    """A title that is known."""

    title: str
    title_id: str | None = Field(description="null of a title that only an authority lists")
    route: str | None
    state: str | None
    origin: Literal["inventory", "authority"]


class TitlePage(Told):
    """Titles that fit what was typed."""

    items: tuple[TitleSuggestion, ...]
    next: Cursor


class TitleStateTold(Told):
    """What a title is after adjudication."""

    state: str
    settled_by: str | None
    level: str | None
    code: str | None
    onet_soc_code: str | None
    function: str | None
    scope_reason: str | None
    error_bound: float | None
    rule_id: str | None
    merge_sequence: int | None
    merge_sha256: str | None
    order_sha256: str | None


class TitleExplained(Told):
    """Why a title has its route, down to source rows."""

    title_id: str
    title: str
    title_batch: str
    state: TitleStateTold
    deciding_form: str
    form_count: int
    lane: str
    basis: str
    levels: tuple[dict[str, Any], ...] = Field(description="the most plausible group of each level")
    in_scope_probability: float
    finest_level: str | None
    caps: tuple[str, ...]
    route: dict[str, Any]
    certificate: dict[str, Any] | None
    next_finer: dict[str, Any] | None
    forms: tuple[dict[str, Any], ...]
    exact: tuple[dict[str, Any], ...] = Field(description="equal titles of authorities, each with its row")
    retrieved: tuple[dict[str, Any], ...] = Field(description="plausible occupations, each with its row")
    policies: tuple[dict[str, str], ...]


# --- sandbox


class SandboxRole(Told):
    """A role packet that a task belongs to."""

    role_id: str
    soc_code: str
    relation: str


class SandboxTask(Told):
    """A GDPval task: ids, names and counts. Its words are in no answer."""

    task_id: str
    occupation: str
    sector: str
    rubric_item_count: int
    reference_file_count: int
    roles: tuple[SandboxRole, ...]


class SandboxPage(Told):
    """GDPval tasks beside their roles."""

    items: tuple[SandboxTask, ...]
    next: Cursor


# --- gates and receipts


class GateTold(Told):
    """One gate as it stands."""

    domain: Domain
    state: State
    scope: str
    reasons: tuple[str, ...]
    approval_sha256: str


class HoldTold(Told):
    """A hold that is open."""

    hold: str
    domain: Domain
    says: str
    closed_by: str


class GatesAnswer(Told):
    """Whether the engine may leave this machine, and why not."""

    looked_at: str
    status: str
    approved_unlocks: tuple[Domain, ...]
    blocked_domains: tuple[Domain, ...]
    gates: tuple[GateTold, ...]
    open_holds: tuple[HoldTold, ...]
    external_beta: State
    local_synthetic_beta: State
    policy_fault: str


class ReceiptNames(Told):
    """Receipts that there are."""

    items: tuple[str, ...]


# --- health


class Health(Told):
    """The process answers."""

    status: Literal["ok"]
    version: str


class Readiness(Told):
    """Whether requests can be served, and what was looked at."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, bool]
    state: str = Field(description="digest of the manifest of the build that is served")
