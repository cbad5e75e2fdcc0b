"""The parts of packets: facts with their origins, and what is said where there is none.

Belongs here: the models. Does not: the packets that are put together from them (`contract`).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

OnetSocCode = Annotated[str, Field(pattern=r"^\d{2}-\d{4}\.\d{2}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RoleId = Annotated[str, Field(pattern=r"^(onet:\d{2}-\d{4}\.\d{2}|soc:\d{2}-\d{4}|function:[a-z_]+)$")]

RoleLevel = Literal["occupation", "detailed", "broad", "minor", "major", "function"]
ServedLevel = Literal["detailed", "broad", "minor", "major", "function"]
GroupLevel = Literal["detailed", "broad", "minor", "major"]
TaskType = Literal["Core", "Supplemental"]
ImportanceSource = Literal["onet_task_rating", "importance_extract", "task_type_and_order"]
SignalKind = Literal["penetration", "usage", "automation", "augmentation", "withheld", "thinking"]
SignalUnit = Literal["share", "percent_of_conversations"]
AbsentReason = Literal["no_row", "withheld", "not_published", "not_available"]
ValueStatus = Literal[
    "published", "not_released", "top_coded", "other_pay_basis", "below_half_percent", "missing"
]
WageRelation = Literal["direct", "rolled_up", "not_covered"]
StatementCode = Literal[
    # Of a role: what is absent, substituted or withheld.
    "no_tasks",
    "few_tasks",
    "few_workflows",
    "importance_is_substituted",
    "importance_of_other_release",
    "importance_unknown",
    "no_signals",
    "signal_text_of_other_release",
    "no_exposure",
    "no_wage_row",
    "no_wage_at_function",
    "wage_is_of_a_group",
    "wages_withheld",
    "some_wages_withheld",
    "no_practice_tasks",
    "no_job_zone",
    "no_education",
    "no_technologies",
    # Of a fallback.
    "generalizes",
    "members_disagree",
    "members_left_out",
    "members_by_listed_titles",
    "left_to_members",
    # Of a title.
    "served_at_function",
    "served_coarser_than_claimed",
    "occupation_not_certified",
    "error_not_measured",
    "decided_by_adjudication",
    "seniority_is_not_in_tasks",
]


class Part(BaseModel):
    """What every part is: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- what several parts share


class Origin(Part):
    """Where a fact stands: a row of a source's file. The packet's `sources` tell of the file."""

    file: str = Field(description="`<source>/<file>`, one of the packet's `sources`", min_length=3)
    row: int = Field(description="record number in the file, the header being 1 in a text file", ge=1)


class PacketSource(Part):
    """A file that facts of the packet are from."""

    file: str = Field(description="`<source>/<file>`, what origins name it by", min_length=3)
    source: str = Field(description="source id")
    vintage: str = Field(description="the source's own release name")
    table: str = Field(description="table of the warehouse (or of the titles) that holds its rows")
    sha256: Sha256 = Field(description="digest of the file")
    is_locked: bool = Field(description="whether the file is held against the lock")
    licence: str = Field(description="licence under which it is used")


class Statement(Part):
    """What the packet does not have, or has only in a manner that the reader must know."""

    code: StatementCode
    detail: str = Field(description="one sentence for people", min_length=1)


class PacketGate(Part):
    """Whether the packet may be used, and for what."""

    quality: Literal["passed"] = Field(description="a packet that fails the quality gate is not handed out")
    policy_version: str = Field(description="version of the quality policy that it passed")
    use: Literal["local_synthetic_only"] = Field(
        description="synthetic learners on this machine; production is blocked until a person approves it"
    )


# --- parts of a role


class Group(Part):
    """A SOC group that the role is in, or is."""

    level: GroupLevel
    code: str
    title: str
    origin: Origin


class Activity(Part):
    """A detailed work activity (DWA) that a task belongs to, under an intermediate and a general one."""

    dwa_id: str
    title: str = Field(description="detailed activity")
    iwa_id: str = Field(description="intermediate activity above it")
    gwa_id: str = Field(description="general activity above that")
    origin: Origin = Field(description="row that links the task to it")


class Signal(Part):
    """One number that says how AI is used for a task. Signals are never blended."""

    kind: SignalKind
    value: float = Field(ge=0)
    unit: SignalUnit
    released: date | None = Field(description="day of the release; null where upstream gives none")
    text_link: Literal["same_text", "legacy_task_id"] = Field(
        description="same_text: the signal's text is the task's; legacy_task_id: it is the wording that the "
        "same task had in O*NET 20.1"
    )
    origin: Origin


class AbsentSignal(Part):
    """A signal that a task does not have, and why."""

    kind: SignalKind
    reason: AbsentReason = Field(
        description="no_row: no row speaks of the task; withheld: too few conversations; not_published: the "
        "row has no value; not_available: this build has no such source"
    )


class Task(Part):
    """A task of the role. Of a fallback it is one of a member's tasks."""

    task_id: int = Field(description="O*NET task id", ge=1)
    onet_soc_code: OnetSocCode = Field(description="occupation whose task it is")
    statement: str = Field(min_length=1)
    rank: int = Field(description="1 for the most important", ge=1)
    importance: float | None = Field(
        description="mean importance, 1 to 5; null where no rating is at hand, then the rank is a substitute",
        ge=1,
        le=5,
    )
    importance_origin: Origin | None
    task_type: TaskType | None = Field(description="null where upstream has not rated it")
    member_share: Share | None = Field(
        description="of a fallback: share of members with a task of the same intermediate activity"
    )
    activities: tuple[Activity, ...]
    signals: tuple[Signal, ...]
    absent_signals: tuple[AbsentSignal, ...]
    origin: Origin


class Importance(Part):
    """What the ranks of the tasks rest on."""

    sources: tuple[ImportanceSource, ...] = Field(
        description="onet_task_rating: O*NET's mean rating; importance_extract: the same of another release, "
        "from a third party's extract; task_type_and_order: no rating, core before supplemental, then in the "
        "order of O*NET's file"
    )
    rated_tasks: int = Field(description="tasks of the packet with a rating", ge=0)
    detail: str = Field(description="one sentence for people")


class Workflow(Part):
    """Tasks that belong together by the work activity that they share."""

    workflow_id: str = Field(description="`<role_id>/w<number>`")
    name: str = Field(description="the activity that names it", min_length=1)
    activity_id: str = Field(description="id of that activity")
    activity_level: Literal["iwa", "gwa", "gwa_group"] = Field(
        description="intermediate activity, general activity, or the group of general activities above it"
    )
    task_ids: tuple[int, ...] = Field(
        description="its tasks, by rank; a task is in one workflow", min_length=1
    )
    importance_share: Share = Field(description="its share of the importance of all tasks")
    origin: Origin = Field(description="row that defines the activity")


class Technology(Part):
    """A technology that the occupation uses."""

    name: str = Field(min_length=1)
    category: str
    is_hot: bool = Field(description="often asked for in job postings of all occupations")
    is_in_demand: bool = Field(description="often asked for in this occupation's postings")
    member_share: Share | None = Field(description="of a fallback: share of members that use it")
    origin: Origin


class WageFigure(Part):
    """An employment or wage figure of BLS; a withheld one has a status and no value."""

    measure: str = Field(description="what is measured, with its unit")
    value: float | None = Field(ge=0)
    status: ValueStatus
    origin: Origin


class Wages(Part):
    """National figures of the OEWS row that speaks of the role."""

    oews_code: str | None = Field(description="OEWS occupation code; null where no row covers the role")
    relation: WageRelation = Field(
        description="direct: the role's own row; rolled_up: a coarser one that speaks of several; "
        "not_covered: none"
    )
    shared_with_count: int = Field(description="detailed occupations that share the row", ge=0)
    vintage: str | None
    figures: tuple[WageFigure, ...]


class Exposure(Part):
    """Observed AI exposure of the SOC occupation as a whole, by the Economic Index."""

    soc_code: str
    value: Share
    released: date | None
    origin: Origin


class PracticeTask(Part):
    """A GDPval task of the occupation: ids and counts; its text stays in the publisher's file."""

    gdpval_task_id: str
    occupation: str
    sector: str
    rubric_item_count: int = Field(ge=1)
    reference_file_count: int = Field(ge=0)
    origin: Origin


class JobZone(Part):
    """How much preparation the occupation needs."""

    zone: int = Field(ge=1, le=5)
    name: str
    education: str
    experience: str
    training: str
    origin: Origin


class EducationShare(Part):
    """Share of answers that a level of education is required."""

    category: int = Field(ge=1)
    level: str
    percent: float = Field(ge=0, le=100)
    origin: Origin


class SimilarOccupation(Part):
    """An occupation near this one."""

    onet_soc_code: OnetSocCode
    title: str
    similarity: Share = Field(description="by shared activities, words of the tasks and titles together")
    shared_activities: Share = Field(description="by weighted work activities that both have, alone")
    is_related_in_onet: bool = Field(description="whether O*NET's own Related Occupations have the pair")


# --- what a fallback says of its members


class Member(Part):
    """An occupation that a fallback generalizes over."""

    onet_soc_code: OnetSocCode
    title: str
    task_count: int = Field(ge=0)
    origin: Origin


class MemberValue(Part):
    """A member's figure."""

    onet_soc_code: OnetSocCode
    title: str
    value: float
    origin: Origin


class Spread(Part):
    """How far members are apart in a figure: the lowest, the middle and the highest, each a real row."""

    measure: str
    members_with_value: int = Field(ge=1)
    lowest: MemberValue
    middle: MemberValue = Field(description="the lower of the two in the middle of an even number")
    highest: MemberValue


class SharedActivity(Part):
    """An intermediate activity and the share of members that have a task of it."""

    iwa_id: str
    title: str
    member_share: Share
    origin: Origin


class Generalization(Part):
    """What a fallback generalizes over, and how its members disagree."""

    members: tuple[Member, ...]
    members_with_tasks: int = Field(ge=0)
    tasks_total: int = Field(description="tasks of all members; the packet has the most telling ones", ge=0)
    agreement: Share | None = Field(
        description="mean similarity of two members by shared activities; null with fewer than two"
    )
    shared_activities: tuple[SharedActivity, ...] = Field(description="the most widely shared ones")
    spreads: tuple[Spread, ...]
