"""Contracts of the tables of this stage.

Belongs here: what each table promises. Does not: how it is made. The learners of these tables are a cohort
that a build makes to show that the whole stage works; the learners of the desk stand in its database.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from aina_assets.core.contracts import Reference, Row, TableContract
from aina_assets.learning.mastery.simulating import KINDS as LEARNER_KINDS
from aina_assets.learning.practice.policy import Stage
from aina_assets.learning.sandbox.kinds import Kind
from aina_assets.sources.tables.base import SocCode

SOURCE = "learning"

LearnerId = Annotated[str, Field(pattern=r"^syn-\d{1,6}-\d{1,9}-[0-9a-f]{12}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Share = Annotated[float, Field(ge=0, le=1)]
EventKind = Literal["assessed", "planned", "started", "submitted", "evaluated", "voided"]
LearnerKind = Literal["growing", "steady", "fading", "all"]
if (*LEARNER_KINDS, "all") != get_args(LearnerKind):
    raise AssertionError("the kinds of simulated learners are those of the table")


class GdpvalRoleLink(Row):
    """A GDPval task and a role packet that it belongs to by its occupation."""

    task_id: str = Field(description="GDPval task", min_length=1)
    role_id: str = Field(description="role packet", min_length=5)
    soc_code: SocCode = Field(description="SOC code of the task's occupation")
    relation: Literal["occupation", "group", "member"] = Field(
        description="occupation: the role is of the task's SOC code; group: the role is that SOC group; "
        "member: the task is of a broad group and the role is one of its occupations"
    )
    in_scope_share: Share = Field(description="share of the SOC code that is in scope of AINA")


class GdpvalRubricKind(Row):
    """What kind of thing a GDPval rubric item asks for, told from its words, which are not kept."""

    task_id: str = Field(description="GDPval task", min_length=1)
    item_number: int = Field(description="position in the rubric, from 1", ge=1)
    kind: Kind = Field(description="kind; penalty: an item with negative points")
    points: float = Field(description="points of the item")
    is_checkable: bool = Field(description="whether a deterministic check of this engine decides such a kind")
    criterion_sha256: Sha256 = Field(description="sha256 of the criterion's words")


class LearnerCohort(Row):
    """A synthetic learner of the build's cohort: title, path, plan, and how far practice came."""

    learner_id: LearnerId = Field(description="synthetic learner")
    title: str = Field(description="title that the learner told", min_length=1)
    path: Literal["role", "function", "none"] = Field(description="what the plan rests on")
    route: Literal["serve_now", "serve_with_fallback", "adjudicate", "exclude"] = Field(description="route")
    reason: str = Field(description="reason of the route", min_length=1)
    role_id: str | None = Field(description="role packet of the path; null without one")
    weekly_minutes: int = Field(description="capacity a week", ge=0)
    horizon_weeks: int = Field(description="weeks", ge=1)
    assumptions: int = Field(description="things that were assumed since they were not told", ge=0)
    plan_id: str = Field(description="plan", min_length=5)
    method: Literal["highs", "dynamic_program", "nothing_to_choose"] = Field(description="how it was chosen")
    items_offered: int = Field(description="modules and steps to choose from", ge=0)
    items_chosen: int = Field(description="of them in the plan", ge=0)
    minutes_chosen: int = Field(description="minutes of the plan", ge=0)
    worth_offered: float = Field(description="worth of all that was offered", ge=0)
    worth_chosen: float = Field(description="worth of the plan", ge=0)
    worth_by_other_method: float | None = Field(
        description="worth of the plan by the method that did not choose it; null where it was not done", ge=0
    )
    attempts: int = Field(description="practice tasks that were begun", ge=0)
    passes: int = Field(description="of them passed", ge=0)
    mean_score: Share | None = Field(description="mean score of the evaluated ones; null without any")
    record_sha256: Sha256 = Field(description="digest of the learner's record")


class LearnerPlanItem(Row):
    """A module or step of a cohort learner's plan, and why it is there."""

    plan_id: str = Field(description="plan", min_length=5)
    position: int = Field(description="place in the plan, from 1", ge=1)
    learner_id: LearnerId = Field(description="whose plan")
    item_id: str = Field(description="item", min_length=1)
    module_id: str = Field(description="module that it is, or is a step of", min_length=1)
    kind: Literal["module", "step"] = Field(description="module or step")
    stage: Stage = Field(description="stage of the workflow")
    workflow_id: str = Field(description="workflow", min_length=1)
    workflow_name: str = Field(description="activity that names it", min_length=1)
    prerequisites: str = Field(description="items that it rests on, joined by blanks; empty without any")
    minutes: int = Field(description="minutes", ge=1)
    week: int = Field(description="week in which it begins", ge=1)
    last_week: int = Field(description="week in which it ends", ge=1)
    worth: float = Field(description="importance x opportunity x gap x stage x emphasis", ge=0)
    reason: str = Field(description="why it is in the plan", min_length=1)


class LearnerPlanSource(Row):
    """A source row that an item of a cohort learner's plan rests on."""

    plan_id: str = Field(description="plan", min_length=5)
    item_id: str = Field(description="item", min_length=1)
    what: str = Field(description="what the row says", min_length=1)
    file: str = Field(description="source and file", min_length=3)
    source_row: int = Field(description="record number in the file", ge=1)
    source_table: str = Field(description="table that holds it", min_length=1)
    sha256: Sha256 = Field(description="digest of the file")


class LearnerEventRow(Row):
    """An event of the cohort's log, as the log stores it."""

    sequence: int = Field(description="place among all events, from 1", ge=1)
    event_id: str = Field(description="the sender's id", min_length=8)
    learner_id: LearnerId = Field(description="whose")
    number: int = Field(description="place among the learner's events, from 1", ge=1)
    kind: EventKind = Field(description="kind")
    version: int = Field(description="version that it was written in", ge=1)
    occurred_at: Time = Field(description="when it happened, as the sender tells it")
    fact: str = Field(description="the event without its detail, as canonical JSON", min_length=2)
    detail: str = Field(description="an answer's text, or a criterion's spans; empty where a kind has none")
    chain: Sha256 = Field(description="digest of the chain before it and of its own text")


class LearnerRecordRow(Row):
    """Mastery of a workflow in a cohort learner's record."""

    learner_id: LearnerId = Field(description="whose")
    workflow_id: str = Field(description="workflow", min_length=1)
    prior: Share = Field(description="estimate before any result")
    mastery: Share = Field(description="estimate now")
    attempts: int = Field(description="results that told of it", ge=0)
    passes: int = Field(description="of them passes", ge=0)
    last_score: Share | None = Field(description="score of the last one; null without any")
    due: Time | None = Field(description="when the next review is due; null without a result")
    stability_days: float | None = Field(description="days after which recall falls to 90%", ge=0)


class LearnerModelFigure(Row):
    """How well an estimate of mastery foretells the next result of simulated learners that were held out."""

    model: Literal["knowledge_tracing", "average"] = Field(description="estimate")
    learner_kind: LearnerKind = Field(description="kind of simulated learners")
    log_loss_nats: float = Field(description="mean negative log likelihood; lower is better", ge=0)
    brier: float = Field(description="mean squared difference of chance and result", ge=0)
    gain_nats: float = Field(description="log loss of the average less that of knowledge tracing, of all")
    gain_low_nats: float = Field(description="its one-sided 95% lower bound; above 0 knowledge tracing ships")


GDPVAL_ROLE_LINK = TableContract(
    "gdpval_role_link",
    GdpvalRoleLink,
    "a task of a role",
    ("task_id", "role_id"),
    SOURCE,
    (
        Reference(("task_id",), "gdpval_task", ("task_id",)),
        Reference(("role_id",), "role_packet", ("role_id",)),
    ),
)
GDPVAL_RUBRIC_KIND = TableContract(
    "gdpval_rubric_kind",
    GdpvalRubricKind,
    "a rubric item",
    ("task_id", "item_number"),
    SOURCE,
    (Reference(("task_id", "item_number"), "gdpval_rubric_item", ("task_id", "item_number")),),
)
LEARNER_COHORT = TableContract("learner_cohort", LearnerCohort, "a learner", ("learner_id",), SOURCE)
LEARNER_PLAN_ITEM = TableContract(
    "learner_plan_item",
    LearnerPlanItem,
    "an item of a plan",
    ("plan_id", "position"),
    SOURCE,
    (Reference(("learner_id", "plan_id"), "learner_cohort", ("learner_id", "plan_id")),),
)
LEARNER_PLAN_SOURCE = TableContract(
    "learner_plan_source",
    LearnerPlanSource,
    "a row that an item rests on",
    ("plan_id", "item_id", "what", "file", "source_row"),
    SOURCE,
    (Reference(("plan_id", "item_id"), "learner_plan_item", ("plan_id", "item_id")),),
)
LEARNER_EVENT = TableContract("learner_event", LearnerEventRow, "an event", ("sequence",), SOURCE)
LEARNER_RECORD = TableContract(
    "learner_record",
    LearnerRecordRow,
    "a workflow of a learner",
    ("learner_id", "workflow_id"),
    SOURCE,
    (Reference(("learner_id",), "learner_cohort", ("learner_id",)),),
)
LEARNER_MODEL_FIGURE = TableContract(
    "learner_model_figure",
    LearnerModelFigure,
    "an estimate and a kind of learners",
    ("model", "learner_kind"),
    SOURCE,
)
COHORT_TABLES = (LEARNER_COHORT, LEARNER_PLAN_ITEM, LEARNER_PLAN_SOURCE, LEARNER_EVENT, LEARNER_RECORD)
# In the order in which they are made.
CONTRACTS = (GDPVAL_ROLE_LINK, GDPVAL_RUBRIC_KIND, LEARNER_MODEL_FIGURE, *COHORT_TABLES)
