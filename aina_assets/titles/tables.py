"""Contracts of the tables of this stage.

Belongs here: what each table promises. Does not: how it is made.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aina_assets.core.contracts import Reference, Row, TableContract
from aina_assets.sources.tables.base import OnetSocCode, SocCode
from aina_assets.titles.functions import Name as FunctionName
from aina_assets.titles.scope import Reason

SOURCE = "titles"
BATCH = "title_batch"

TitleId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Batch = Annotated[str, Field(pattern=r"^\d{2,3}$")]
Share = Annotated[float, Field(ge=0, le=1)]
AuthorityTable = Literal["onet_occupation", "onet_job_title", "onet_reported_title", "soc_direct_match_title"]
Lane = Literal[
    "exact_occupation",
    "exact_direct_match",
    "exact_alternate",
    "exact_reported",
    "exact_normalized",
    "retrieval",
]
# What a certificate is given for: where the evidence of the route comes from.
Basis = Literal["authority", "ambiguous", "retrieval", "words"]
Level = Literal["occupation", "detailed", "broad", "minor", "major", "function"]
Route = Literal["serve_now", "serve_with_fallback", "adjudicate", "exclude"]
RouteReason = Literal[
    "certified_match",
    "certified_retrieval",
    "authoritative_match",
    "certified_out_of_scope",
    "words_out_of_scope",
    "generic_title",
    "ambiguous_evidence",
    "scope_unclear",
    "unproved_out_of_scope",
    "uncertain_occupation",
    "uncertified_stratum",
]
State = Literal["certified", "broken"]
# In the coverage, where a title has no function or level.
NO_FUNCTION = NO_LEVEL = "(none)"


class AuthorityTitle(Row):
    """A title that O*NET or the SOC lists, in each form in which it may be written."""

    source_table: AuthorityTable = Field(description="table that lists it")
    source_row: int = Field(description="its row in that table's source file", ge=1)
    form: Literal["published", "short", "outside", "inside"] = Field(
        description="published: as it stands; short: its short title; outside, inside: without and within "
        "its brackets, as in `CEO (Chief Executive Officer)`"
    )
    title: str = Field(description="the form's text", min_length=1)
    match_key: str = Field(description="the form, letter case and punctuation aside", min_length=1)
    normalized_title: str = Field(description="the form, normalized", min_length=1)
    core_title: str = Field(description="the normalized form without words of seniority", min_length=1)
    soc_code: SocCode = Field(description="SOC 2018 detailed code that it is listed under")
    onet_soc_code: OnetSocCode | None = Field(
        description="O*NET occupation that it is listed under; null for a SOC title"
    )


class TitleForm(Row):
    """A raw title of the inventory, what was split off it, and the title that it is a form of."""

    source_row: int = Field(description="line of the inventory's file", ge=1)
    raw_title: str | None = Field(description="the text; null where it was withheld or is no usable title")
    title_id: TitleId | None = Field(description="title that it is a form of; null where it has a defect")
    title_batch: Batch | None = Field(description="the title's batch")
    normalized_title: str | None = Field(description="canonical form, which is the title's identity")
    core_title: str | None = Field(description="canonical form without words of seniority")
    bracketed_core_title: str | None = Field(description="core of a second title that stands in brackets")
    seniority: str | None = Field(description="rank that the words tell")
    level_code: str | None = Field(description="grade as found: ii, 3, l5, gs-12")
    employment_form: str | None = Field(description="forms of employment, joined by blanks")
    location: str | None = Field(description="places")
    employer: str | None = Field(description="employer's name")
    codes: str | None = Field(description="requisition numbers and the like, joined by blanks")
    noise: str | None = Field(description="all else that was split off, joined by ` | `")
    defect: str | None = Field(description="why it is no usable title; null where it is one")


class Title(Row):
    """A title of the inventory: one canonical form, however many raw forms it has."""

    title_id: TitleId = Field(description="hash of the normalized form")
    title_batch: Batch = Field(description="batch, by the id alone")
    normalized_title: str = Field(description="canonical form", min_length=1)
    core_title: str = Field(description="canonical form without words of seniority", min_length=1)
    raw_title: str = Field(
        description="the commonest raw form; of equally common ones the first", min_length=1
    )
    bracketed_core_title: str | None = Field(description="core of the second title in that form's brackets")
    seniority: str | None = Field(description="rank that the words tell")
    form_count: int = Field(description="raw titles that are forms of it", ge=1)
    first_source_row: int = Field(description="first line of the inventory that has it", ge=1)


class TitleExactCandidate(Row):
    """An authority title that equals a title of the inventory."""

    title_id: TitleId = Field(description="title")
    title_batch: Batch = Field(description="the title's batch")
    lane: Lane = Field(description="authority that lists it, or exact_normalized: equal once normalized")
    soc_code: SocCode = Field(description="SOC 2018 detailed code")
    onet_soc_code: OnetSocCode | None = Field(description="O*NET occupation; null for a SOC title")
    score: Share = Field(description="1: the evidence is an equality")
    source_table: AuthorityTable = Field(description="table of the authority title")
    source_row: int = Field(description="its row in that table's source file", ge=1)
    form: str = Field(description="which form of the authority title is equal")


class TitleRetrievedCandidate(Row):
    """An occupation that a title plausibly names, and the nearest title that an authority lists for it."""

    title_id: TitleId = Field(description="title")
    title_batch: Batch = Field(description="the title's batch")
    rank: int = Field(description="1 for the most plausible", ge=1)
    onet_soc_code: OnetSocCode = Field(description="O*NET occupation")
    soc_code: SocCode = Field(description="its SOC 2018 detailed code")
    score: Share = Field(description="the model's probability before the evidence of exact matches")
    similarity: float = Field(description="cosine to the nearest authority title", ge=-1.01, le=1.01)
    source_table: AuthorityTable | None = Field(description="table of that title; null where there is none")
    source_row: int | None = Field(description="its row in that table's source file", ge=1)


class TitleLevel(Row):
    """What the evidence says of a title at every level, before any policy on what may be served.

    A level's group is the most plausible one; its probability is that the title is in scope and in it.
    """

    title_id: TitleId = Field(description="title")
    title_batch: Batch = Field(description="the title's batch")
    lane: Lane = Field(description="strongest lane with evidence")
    basis: Basis = Field(
        description="authority: exact matches agree on one SOC code; ambiguous: they do not; retrieval: none"
    )
    exact_codes: int = Field(description="SOC codes among the exact matches", ge=0)
    has_in_scope_match: bool = Field(description="whether an exact match is in scope")
    in_scope_probability: Share = Field(description="probability that the work is in scope")
    scope_reason: Reason | None = Field(description="most probable reason for being out of scope")
    word_reason: Reason | None = Field(description="reason that the words alone give for being out of scope")
    occupation_code: OnetSocCode = Field(description="most plausible O*NET occupation in scope")
    occupation_probability: Share = Field(description="its probability")
    detailed_code: SocCode = Field(description="most plausible SOC detailed occupation in scope")
    detailed_probability: Share = Field(description="its probability")
    broad_code: SocCode = Field(description="most plausible SOC broad group")
    broad_probability: Share = Field(description="its probability")
    minor_code: SocCode = Field(description="most plausible SOC minor group")
    minor_probability: Share = Field(description="its probability")
    major_code: SocCode = Field(description="most plausible SOC major group")
    major_probability: Share = Field(description="its probability")
    function: FunctionName = Field(description="most plausible business function")
    function_probability: Share = Field(description="its probability")
    finest_level: Level | None = Field(
        description="finest level that the words allow: generic titles and titles whose exact matches "
        "disagree are capped; null where none is allowed"
    )
    is_generic: bool = Field(description="whether a rule caps it as a generic title")
    head_support: float = Field(
        description="log share of the listed titles with its head word that are in its major group", le=0
    )
    least_modifier_support: float = Field(
        description="the same of the modifier that supports the major group least; -1 where none is known",
        le=0,
    )
    most_modifier_support: float = Field(description="the same of the one that supports it most", le=0)
    nearest_similarity: float = Field(
        description="cosine to the nearest other authority title", ge=-1.01, le=1.01
    )
    source_table: AuthorityTable | None = Field(description="table of the best evidence")
    source_row: int | None = Field(description="its row in that table's source file", ge=1)


class TitleCalibration(Row):
    """What a raw probability is worth for the titles of a basis, and how sure a claim must be.

    Fitted on gold tune rows alone. Calibrated log odds = offset + slope x raw log odds; a claim is made where
    the doubt that is left is at most a margin, which the certificates choose between these two.
    """

    basis: Basis = Field(description="basis of the titles")
    claim: str = Field(description="a level that is served, or `exclude`")
    group: str = Field(description="business function (for exclude: reason); `(any)` for one without a row")
    offset: float = Field(description="offset of the log odds")
    slope: float = Field(description="slope of the log odds; 1 where too few rows told of it", ge=0)
    head_weight: float = Field(description="weight of the head word's support")
    least_modifier_weight: float = Field(description="weight of the least modifier's support")
    most_modifier_weight: float = Field(description="weight of the most modifier's support")
    margin: float | None = Field(
        description="doubt that serves most titles in expectation; null where none has a chance", ge=0, le=1
    )
    widest_margin: float | None = Field(description="largest doubt that test rows may certify", ge=0, le=1)
    tune_rows: int = Field(description="tune rows of the basis that the margin serves (or excludes)", ge=0)
    tune_errors: int = Field(description="of them, wrong", ge=0)


class TitleCertificate(Row):
    """A stratum's measured error: gold test rows that land in it, those that are wrong, and the bound."""

    basis: Basis = Field(description="basis of the titles")
    claim: str = Field(description="a level that is served, or `exclude`")
    group: str = Field(description="business function; for exclude the reason")
    margin: float | None = Field(
        description="largest doubt at which claims of its basis and kind are made; null for words", ge=0, le=1
    )
    rows: int = Field(description="gold test rows in the stratum", ge=0)
    errors: int = Field(description="of them, wrong", ge=0)
    is_pooled: bool = Field(
        description="whether too few rows are its own, so that it stands or falls with all such strata of "
        "its basis and claim"
    )
    bound_rows: int = Field(description="rows that the bound is made from: its own, or the pool's", ge=0)
    bound_errors: int = Field(description="errors among them", ge=0)
    effective_rows: float = Field(
        description="the rows' number, less what unequal sampling weights cost", ge=0
    )
    error_rate: float | None = Field(description="weighted share of errors; null without rows", ge=0, le=1)
    error_bound: float = Field(
        description="one-sided 95% upper bound of the error; 1 without rows", ge=0, le=1
    )
    state: State = Field(
        description="certified: the bound holds; broken: it does not, the stratum is demoted"
    )


class TitleRoute(Row):
    """A title's one route, why, on what evidence, and with what measured error."""

    title_id: TitleId = Field(description="title")
    title_batch: Batch = Field(description="the title's batch")
    normalized_title: str = Field(description="canonical form", min_length=1)
    route: Route = Field(description="serve_now, serve_with_fallback, adjudicate or exclude")
    reason: RouteReason = Field(description="why")
    lane: Lane = Field(description="strongest lane with evidence")
    basis: Basis = Field(description="what the certificate is given for")
    stratum: str | None = Field(
        description="its certificate: basis/claim/group; null where nothing is claimed"
    )
    served_level: Level | None = Field(description="level that is served; null unless served")
    served_code: str | None = Field(description="SOC code or function that is served; null unless served")
    onet_soc_code: OnetSocCode | None = Field(
        description="the O*NET occupation of a served detailed code where the evidence tells it"
    )
    function: FunctionName | None = Field(description="business function; null where out of scope")
    scope_reason: Reason | None = Field(description="why it is excluded; null unless it is")
    probability: Share | None = Field(
        description="calibrated probability that the claim is right; null where nothing is claimed"
    )
    error_bound: float | None = Field(
        description="upper bound of the stratum's error; null where nothing is claimed or measured",
        ge=0,
        le=1,
    )
    source_table: AuthorityTable | None = Field(description="table of the best evidence")
    source_row: int | None = Field(description="its row in that table's source file", ge=1)
    policy_sha256: str = Field(description="digest of the policies that decided", pattern=r"^[0-9a-f]{64}$")


class TitleCoverage(Row):
    """How many titles have a route, by function, lane and level, and how many had it in the build before."""

    route: Route = Field(description="route")
    reason: RouteReason = Field(description="reason")
    basis: Basis = Field(description="basis")
    function: str = Field(description="business function; `(none)` out of scope")
    level: str = Field(description="level that is served; `(none)` unless served")
    titles: int = Field(description="titles", ge=0)
    previous_titles: int | None = Field(description="in the build before; null in the first", ge=0)


class TitleGold(Row):
    """A gold row of a set that was sampled from this inventory. Its label stays in the set's file."""

    title_id: TitleId = Field(description="title")
    split: Literal["tune", "test"] = Field(description="part of the gold set, by the title's hash")
    gold_set: str = Field(description="file of the gold set", min_length=1)
    sampling_stratum: str = Field(description="stratum that it was sampled from")
    weight: float = Field(description="titles of the inventory that it stands for", ge=0)


def _partitioned(name: str, row: type[Row], grain: str, key: tuple[str, ...]) -> TableContract:
    return TableContract(name, row, grain, key, SOURCE, references=(TITLE_REFERENCE,), partitioned_by=BATCH)


TITLE_REFERENCE = Reference(("title_id",), "title", ("title_id",))
AUTHORITY_TITLE = TableContract(
    "authority_title",
    AuthorityTitle,
    "a written form of a listed title",
    ("source_table", "source_row", "form"),
    SOURCE,
)
TITLE_FORM = TableContract("title_form", TitleForm, "a line of the inventory", ("source_row",), SOURCE)
TITLE = TableContract("title", Title, "a title", ("title_id",), SOURCE, partitioned_by=BATCH)
TITLE_EXACT_CANDIDATE = _partitioned(
    "title_exact_candidate",
    TitleExactCandidate,
    "an equal authority title",
    ("title_id", "source_table", "source_row", "form"),
)
TITLE_RETRIEVED_CANDIDATE = _partitioned(
    "title_retrieved_candidate",
    TitleRetrievedCandidate,
    "a plausible occupation of a title",
    ("title_id", "rank"),
)
TITLE_LEVEL = _partitioned("title_level", TitleLevel, "a title", ("title_id",))
TITLE_ROUTE = _partitioned("title_route", TitleRoute, "a title", ("title_id",))
TITLE_GOLD = TableContract("title_gold", TitleGold, "a gold title", ("title_id",), SOURCE, (TITLE_REFERENCE,))
TITLE_CALIBRATION = TableContract(
    "title_calibration", TitleCalibration, "a claim on a group", ("basis", "claim", "group"), SOURCE
)
TITLE_CERTIFICATE = TableContract(
    "title_certificate", TitleCertificate, "a stratum", ("basis", "claim", "group"), SOURCE
)
TITLE_COVERAGE = TableContract(
    "title_coverage",
    TitleCoverage,
    "a kind of route",
    ("route", "reason", "basis", "function", "level"),
    SOURCE,
)
# In the order in which they are made.
CONTRACTS = (
    AUTHORITY_TITLE,
    TITLE_FORM,
    TITLE,
    TITLE_EXACT_CANDIDATE,
    TITLE_RETRIEVED_CANDIDATE,
    TITLE_LEVEL,
    TITLE_GOLD,
    TITLE_CALIBRATION,
    TITLE_CERTIFICATE,
    TITLE_ROUTE,
    TITLE_COVERAGE,
)
