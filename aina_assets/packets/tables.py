"""Contracts of the tables of this stage.

Belongs here: what each table promises. Does not: how it is made. What a packet promises is in `contract`; a
role packet stands in `role_packet` as its canonical JSON.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from aina_assets.core.contracts import Reference, Row, TableContract
from aina_assets.sources.tables.base import OnetSocCode, SourceRow
from aina_assets.titles.functions import Name as FunctionName
from aina_assets.titles.tables import Batch, TitleId

SOURCE = "packets"
BATCH = "title_batch"

Share = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RoleLevel = Literal["occupation", "detailed", "broad", "minor", "major", "function"]
ServedLevel = Literal["detailed", "broad", "minor", "major", "function"]
ImportanceSource = Literal["onet_task_rating", "importance_extract", "task_type_and_order"]
NodeKind = Literal[
    "title",
    "function",
    "soc",
    "occupation",
    "task",
    "dwa",
    "iwa",
    "gwa",
    "technology",
    "gdpval",
    "signal",
    "wage",
]
EdgeKind = Literal[
    "served_as",
    "listed_under",
    "covers",
    "in_group",
    "has_task",
    "of_activity",
    "in_activity",
    "uses",
    "practised_on",
    "has_signal",
    "paid",
    "near",
]
QualityRule = Literal[
    "schema_valid",
    "digest_holds",
    "enough_tasks",
    "provenance_resolves",
    "wages_have_bls_rows",
    "no_gdpval_text",
    "no_duplicate_tasks",
    "workflows_cover_core_tasks",
    "attribution_is_complete",
    "level_is_allowed",
    "role_passes",
]
ReviewRule = Literal["task_elsewhere", "near_duplicate_tasks", "title_points_elsewhere"]

QUALITY_RULES: tuple[str, ...] = get_args(QualityRule)

TASK = Reference(("onet_soc_code", "task_id"), "onet_task", ("onet_soc_code", "task_id"))


class TaskImportance(Row):
    """The rank of a task within its occupation, and what the rank rests on."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    task_id: int = Field(description="O*NET task id", ge=1)
    rank: int = Field(description="1 for the most important task of the occupation", ge=1)
    importance: float | None = Field(
        description="mean importance, 1 to 5; null where none is at hand", ge=1, le=5
    )
    importance_source: ImportanceSource = Field(
        description="onet_task_rating: O*NET's rating; importance_extract: that of another release, from a "
        "third party's extract; task_type_and_order: no rating, core before supplemental, in the file's order"
    )
    vintage: str | None = Field(description="release that the rating is from; null without one")
    source_file: str | None = Field(description="file of the rating; null without one")
    source_row: int | None = Field(description="record number of the rating; null without one", ge=1)


class TaskAiSignal(SourceRow):
    """One AI-use signal of a task, from one row of the Economic Index. Signals are never blended."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    task_id: int = Field(description="O*NET task id", ge=1)
    kind: Literal["penetration", "usage", "automation", "augmentation", "withheld", "thinking"] = Field(
        description="penetration; usage: percent of conversations; automation, augmentation, withheld: "
        "shares of the task's conversations by mode; thinking: share with extended thinking"
    )
    value: float | None = Field(description="value in its unit; null unless published", ge=0, le=100)
    status: Literal["published", "withheld", "not_published"] = Field(description="why there is no value")
    unit: Literal["share", "percent_of_conversations"] = Field(description="unit of the value")
    released: date | None = Field(description="day of the release; null where upstream gives none")
    text_link: Literal["same_text", "legacy_task_id"] = Field(description="how the signal's text was linked")


class OccupationSimilarity(Row):
    """An occupation near another: by shared activities, words of the tasks and of the titles."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    near_onet_soc_code: OnetSocCode = Field(description="the near occupation")
    rank: int = Field(description="1 for the nearest", ge=1)
    similarity: Share = Field(description="weighted mean of the three cosines")
    activity_similarity: Share = Field(description="cosine by weighted work activities alone")
    is_related_in_onet: bool = Field(description="whether O*NET's Related Occupations have the pair")


class GraphNode(Row):
    """A node of the work intelligence graph, with the row that defines it."""

    node_id: str = Field(description="`<kind>:<id>`", min_length=3)
    kind: NodeKind = Field(description="what it is")
    name: str = Field(description="what people call it", min_length=1)
    source_table: str = Field(description="table that holds the row", min_length=1)
    vintage: str | None = Field(description="release of the source; null for a policy's or an inventory's")
    source_file: str | None = Field(description="file of the row; null where the table has none")
    source_row: int | None = Field(description="record number in the file", ge=1)


class GraphEdge(Row):
    """A typed edge of the graph, from the finer to the coarser where there is such, with its source row."""

    from_id: str = Field(description="node", min_length=3)
    to_id: str = Field(description="node", min_length=3)
    kind: EdgeKind = Field(description="what holds between them")
    weight: float | None = Field(
        description="served_as: probability; has_task: importance 1 to 5; has_signal: the signal's value; "
        "near: similarity; paid: the figure; null where the row has none",
        ge=0,
    )
    source_table: str = Field(description="table that holds the row", min_length=1)
    vintage: str | None = Field(description="release of the source")
    source_file: str | None = Field(description="file of the row; null where the table has none")
    source_row: int | None = Field(description="record number in the file", ge=1)


class RolePacketRow(Row):
    """A role packet: an O*NET occupation's, or that of a SOC group or business function as a fallback."""

    role_id: str = Field(description="`onet:<code>`, `soc:<code>` or `function:<name>`", min_length=5)
    level: RoleLevel = Field(description="level that it speaks at")
    code: str = Field(description="O*NET-SOC code, SOC code or business function", min_length=2)
    title: str = Field(description="what people call the role", min_length=1)
    function: FunctionName | None = Field(description="business function; null where it has none or several")
    is_in_scope: bool = Field(description="whether the work, or some of it, is in scope")
    task_count: int = Field(description="tasks in the packet", ge=0)
    core_task_count: int = Field(description="of them core tasks", ge=0)
    workflow_count: int = Field(description="workflows", ge=0)
    member_count: int = Field(
        description="occupations that a fallback generalizes over; 0 for an occupation", ge=0
    )
    fact_count: int = Field(description="facts with an origin", ge=0)
    statements: str = Field(description="codes of what is absent, substituted or withheld, joined by blanks")
    packet_json: str = Field(description="the packet as canonical JSON (RFC 8785), without digest and gate")
    packet_sha256: Sha256 = Field(description="sha256 of that JSON")


class TitlePacketRow(Row):
    """A serviceable title over a role packet; the packet is put together when it is read."""

    title_id: TitleId = Field(description="title")
    title_batch: Batch = Field(description="the title's batch")
    normalized_title: str = Field(description="canonical form", min_length=1)
    seniority: str | None = Field(description="rank that the words tell")
    function: FunctionName | None = Field(description="business function")
    decided_by: Literal["route", "rule", "review"] = Field(description="what decided that it is served")
    decision: str = Field(description="stratum, rule id or merge id", min_length=1)
    reason: str = Field(description="reason of the decision", min_length=1)
    basis: str | None = Field(description="what the certificate is given for")
    lane: str | None = Field(description="strongest lane with evidence")
    served_level: ServedLevel = Field(description="level that is claimed")
    served_code: str = Field(description="SOC code or business function that is claimed", min_length=2)
    probability: Share | None = Field(description="calibrated probability that the claim is right")
    error_bound: Share | None = Field(
        description="upper bound of the stratum's error; null where not measured"
    )
    likely_onet_soc_code: OnetSocCode | None = Field(
        description="occupation that evidence favours; not certified"
    )
    evidence_table: str | None = Field(description="table of the best evidence")
    evidence_file: str | None = Field(description="its source file")
    evidence_row: int | None = Field(description="its row there", ge=1)
    evidence_title: str | None = Field(description="the authority's own text")
    evidence_code: str | None = Field(description="code that the authority lists it under")
    role_id: str = Field(description="role packet that it is served with", min_length=5)
    role_packet_sha256: Sha256 = Field(description="digest of that role packet")
    packet_sha256: Sha256 = Field(description="digest of the title packet without its role")


class PacketQualityFinding(Row):
    """A packet that fails the quality gate, and on which rule; such a packet is not handed out."""

    packet: Literal["role", "title"] = Field(description="kind of packet")
    packet_id: str = Field(description="role id or title id", min_length=5)
    rule: QualityRule = Field(description="rule that it fails")
    faults: int = Field(description="places at which it fails", ge=1)
    detail: str = Field(description="the first of them", min_length=1)


class PacketReviewFinding(Row):
    """What the semantic review found odd about a packet that is handed out all the same."""

    rule: ReviewRule = Field(
        description="task_elsewhere: a task does not fit its occupation's activities; near_duplicate_tasks; "
        "title_points_elsewhere: a title's words are nearer to another role's tasks"
    )
    packet_id: str = Field(description="role id or title id", min_length=5)
    subject: str = Field(description="task ids or title that it is about", min_length=1)
    points_to: str | None = Field(description="role or task that it is nearer to")
    score: float = Field(description="how strong the finding is; its measure depends on the rule", ge=0, le=2)
    detail: str = Field(description="one sentence for people", min_length=1)


TASK_IMPORTANCE = TableContract(
    "task_importance",
    TaskImportance,
    "a task of an occupation",
    ("onet_soc_code", "task_id"),
    SOURCE,
    (TASK,),
)
TASK_AI_SIGNAL = TableContract(
    "task_ai_signal",
    TaskAiSignal,
    "a signal of a task",
    ("onet_soc_code", "task_id", "kind"),
    SOURCE,
    (TASK,),
)
OCCUPATION_SIMILARITY = TableContract(
    "occupation_similarity",
    OccupationSimilarity,
    "a pair of occupations",
    ("onet_soc_code", "near_onet_soc_code"),
    SOURCE,
    (
        Reference(("onet_soc_code",), "onet_occupation", ("onet_soc_code",)),
        Reference(("near_onet_soc_code",), "onet_occupation", ("onet_soc_code",)),
    ),
)
GRAPH_NODE = TableContract("graph_node", GraphNode, "a node", ("node_id",), SOURCE)
GRAPH_EDGE = TableContract(
    "graph_edge",
    GraphEdge,
    "an edge",
    ("from_id", "to_id", "kind", "source_table", "source_row"),
    SOURCE,
    (
        Reference(("from_id",), "graph_node", ("node_id",)),
        Reference(("to_id",), "graph_node", ("node_id",)),
    ),
)
ROLE_PACKET = TableContract("role_packet", RolePacketRow, "a role", ("role_id",), SOURCE)
TITLE_PACKET = TableContract(
    "title_packet",
    TitlePacketRow,
    "a serviceable title",
    ("title_id",),
    SOURCE,
    (
        Reference(("title_id",), "title", ("title_id",)),
        Reference(("role_id", "role_packet_sha256"), "role_packet", ("role_id", "packet_sha256")),
    ),
    partitioned_by=BATCH,
)
PACKET_QUALITY_FINDING = TableContract(
    "packet_quality_finding",
    PacketQualityFinding,
    "a rule that a packet fails",
    ("packet", "packet_id", "rule"),
    SOURCE,
)
PACKET_REVIEW_FINDING = TableContract(
    "packet_review_finding",
    PacketReviewFinding,
    "a finding",
    ("rule", "packet_id", "subject"),
    SOURCE,
)
# In the order in which they are made.
CONTRACTS = (
    TASK_IMPORTANCE,
    TASK_AI_SIGNAL,
    OCCUPATION_SIMILARITY,
    ROLE_PACKET,
    TITLE_PACKET,
    PACKET_QUALITY_FINDING,
    PACKET_REVIEW_FINDING,
    GRAPH_NODE,
    GRAPH_EDGE,
)
