"""Contracts of the O*NET tables. Grain and meaning: docs/sources/onet.md."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from aina_assets.core.contracts import Reference, TableContract
from aina_assets.sources.tables.base import OnetSocCode, SourceRow

SOURCE = "onet"
OCCUPATION = Reference(("onet_soc_code",), "onet_occupation", ("onet_soc_code",))
TASK = Reference(("onet_soc_code", "task_id"), "onet_task", ("onet_soc_code", "task_id"))


class Occupation(SourceRow):
    """An O*NET-SOC occupation with its title and description."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    title: str = Field(description="occupation title", min_length=1)
    description: str = Field(description="what the occupation does")


class Task(SourceRow):
    """A task statement of an occupation."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    task_id: int = Field(description="O*NET task id, stable over releases", ge=1)
    task: str = Field(description="task statement")
    task_type: Literal["Core", "Supplemental"] | None = Field(
        description="Core or Supplemental; null where upstream has not rated it"
    )
    incumbents_responding: int | None = Field(description="number of job holders who answered", ge=0)
    updated_month: date | None = Field(description="month of the last update, as its first day")
    domain_source: str | None = Field(description="who supplied it: incumbent, expert, analyst")


class TaskRating(SourceRow):
    """A rating of a task: importance (IM), relevance (RT) or frequency (FT, by category)."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    task_id: int = Field(description="O*NET task id", ge=1)
    scale_id: str = Field(description="scale: IM 1-5, RT 0-100 percent, FT percent of a category")
    category: int | None = Field(description="frequency category 1-7; null for other scales")
    data_value: float = Field(description="rating on its scale")
    respondents: int | None = Field(description="number of answers", ge=0)
    standard_error: float | None = Field(description="standard error of the rating")
    lower_ci_bound: float | None = Field(description="lower 95% confidence bound")
    upper_ci_bound: float | None = Field(description="upper 95% confidence bound")
    is_suppression_recommended: bool | None = Field(description="upstream advises not to publish it")
    updated_month: date | None = Field(description="month of the last update, as its first day")
    domain_source: str | None = Field(description="who supplied it")


class JobTitle(SourceRow):
    """An alternate (job) title that belongs to an occupation. One title may belong to several."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    job_title: str = Field(description="title as upstream writes it", min_length=1)
    short_title: str | None = Field(description="short form or acronym")
    source_codes: str = Field(description="upstream's comma-separated codes of where it was found")


class ReportedTitle(SourceRow):
    """A title that job holders gave in the O*NET survey."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    reported_title: str = Field(description="title as reported", min_length=1)
    is_shown_in_my_next_move: bool = Field(description="shown on the My Next Move site")


class SoftwareSkill(SourceRow):
    """A technology or software product that an occupation uses."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    workplace_example: str = Field(description="product or technology", min_length=1)
    category_id: str = Field(description="UNSPSC commodity (to 30.2) or O*NET element id (30.3 on)")
    category_name: str = Field(description="kind of technology")
    is_hot_technology: bool = Field(description="often asked for in job postings")
    is_in_demand: bool = Field(description="often asked for in this occupation's postings")


class IntermediateActivity(SourceRow):
    """An intermediate work activity (IWA) under a generalized one (GWA)."""

    gwa_id: str = Field(description="content model element of the generalized work activity")
    iwa_id: str = Field(description="intermediate work activity id")
    iwa_title: str = Field(description="intermediate work activity")


class DetailedActivity(SourceRow):
    """A detailed work activity (DWA) under an intermediate one."""

    gwa_id: str = Field(description="content model element of the generalized work activity")
    iwa_id: str = Field(description="intermediate work activity id")
    dwa_id: str = Field(description="detailed work activity id")
    dwa_title: str = Field(description="detailed work activity")


class TaskActivity(SourceRow):
    """A task's link to a detailed work activity."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    task_id: int = Field(description="O*NET task id", ge=1)
    dwa_id: str = Field(description="detailed work activity id")
    updated_month: date | None = Field(description="month of the last update, as its first day")
    domain_source: str | None = Field(description="who supplied it")


class JobZone(SourceRow):
    """The job zone (preparation needed) of an occupation."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    job_zone: int = Field(description="2 (1 and 2 are merged since 30.2) to 5", ge=1, le=5)
    updated_month: date | None = Field(description="month of the last update, as its first day")
    domain_source: str | None = Field(description="who supplied it")


class JobZoneReference(SourceRow):
    """What a job zone means."""

    job_zone: int = Field(description="job zone", ge=1, le=5)
    name: str = Field(description="name of the zone")
    experience: str = Field(description="related experience needed")
    education: str = Field(description="education needed")
    job_training: str = Field(description="training needed")
    examples: str = Field(description="example occupations")
    svp_range: str = Field(description="specific vocational preparation range")


class Education(SourceRow):
    """Answers on the education, experience and training that an occupation's jobs want."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    element_id: str = Field(description="2.D.1 education; 3.A.* experience and training")
    element_name: str = Field(description="element")
    scale_id: str = Field(
        description="RL education, RW experience, PT and OJ training; IM importance of certificates"
    )
    category: int | None = Field(description="category of the scale; null for IM", ge=1)
    data_value: float = Field(description="percent of answers; on IM the importance, 1-5", ge=0, le=100)
    respondents: int | None = Field(description="number of answers", ge=0)
    standard_error: float | None = Field(description="standard error of the value")
    lower_ci_bound: float | None = Field(description="lower 95% confidence bound")
    upper_ci_bound: float | None = Field(description="upper 95% confidence bound")
    is_suppression_recommended: bool | None = Field(description="upstream advises not to publish it")
    updated_month: date | None = Field(description="month of the last update, as its first day")
    domain_source: str | None = Field(description="who supplied it")


class EducationCategory(SourceRow):
    """What a category of an education, experience or training scale means."""

    element_id: str = Field(description="element")
    element_name: str = Field(description="element's name")
    scale_id: str = Field(description="scale")
    category: int = Field(description="category", ge=1)
    category_description: str = Field(description="meaning of the category")


class RelatedOccupation(SourceRow):
    """An occupation that O*NET relates to another."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    related_onet_soc_code: OnetSocCode = Field(description="the related occupation's code")
    relatedness_tier: Literal["Primary-Short", "Primary-Long", "Supplemental"] = Field(
        description="how close, by O*NET's tiers"
    )
    rank: int = Field(description="rank among the related occupations, from 1", ge=1)


class ContentModelElement(SourceRow):
    """An element of O*NET's content model."""

    element_id: str = Field(description="element id; dots give the hierarchy")
    element_name: str = Field(description="element's name")
    description: str | None = Field(description="what it means")


class OccupationMetadata(SourceRow):
    """How an occupation's data were collected: mode, industry, response counts."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    item: str = Field(description="what is described")
    response: str | None = Field(description="the answer that the figures are of")
    respondents: int | None = Field(description="number of answers", ge=0)
    percent: float | None = Field(description="share of answers, percent", ge=0, le=100)
    updated_month: date | None = Field(description="month of the last update, as its first day")


def _contract(
    name: str, row: type[SourceRow], grain: str, *key: str, refs: tuple[Reference, ...] = ()
) -> TableContract:
    return TableContract(name, row, grain, key, SOURCE, refs)


CONTRACTS: tuple[TableContract, ...] = (
    _contract("onet_occupation", Occupation, "an occupation", "onet_soc_code"),
    _contract("onet_task", Task, "a task of an occupation", "onet_soc_code", "task_id", refs=(OCCUPATION,)),
    _contract(
        "onet_task_rating",
        TaskRating,
        "a rating of a task on a scale (and category)",
        *("onet_soc_code", "task_id", "scale_id", "category"),
        refs=(TASK,),
    ),
    _contract(
        "onet_job_title",
        JobTitle,
        "an alternate title of an occupation",
        *("onet_soc_code", "job_title", "short_title"),
        refs=(OCCUPATION,),
    ),
    _contract(
        "onet_reported_title",
        ReportedTitle,
        "a reported title of an occupation",
        *("onet_soc_code", "reported_title"),
        refs=(OCCUPATION,),
    ),
    _contract(
        "onet_software_skill",
        SoftwareSkill,
        "a technology of an occupation",
        *("onet_soc_code", "workplace_example", "category_id"),
        refs=(OCCUPATION,),
    ),
    _contract("onet_iwa", IntermediateActivity, "an intermediate work activity", "iwa_id"),
    _contract(
        "onet_dwa",
        DetailedActivity,
        "a detailed work activity",
        "dwa_id",
        refs=(Reference(("iwa_id",), "onet_iwa", ("iwa_id",)),),
    ),
    _contract(
        "onet_task_dwa",
        TaskActivity,
        "a task's link to a detailed work activity",
        *("onet_soc_code", "task_id", "dwa_id"),
        refs=(TASK, Reference(("dwa_id",), "onet_dwa", ("dwa_id",))),
    ),
    _contract("onet_job_zone", JobZone, "an occupation", "onet_soc_code", refs=(OCCUPATION,)),
    _contract("onet_job_zone_reference", JobZoneReference, "a job zone", "job_zone"),
    _contract(
        "onet_education",
        Education,
        "a category of an element of an occupation",
        *("onet_soc_code", "element_id", "scale_id", "category"),
        refs=(
            OCCUPATION,
            Reference(
                ("element_id", "scale_id", "category"),
                "onet_education_category",
                ("element_id", "scale_id", "category"),
            ),
        ),
    ),
    _contract(
        "onet_education_category",
        EducationCategory,
        "a category of an element",
        *("element_id", "scale_id", "category"),
    ),
    _contract(
        "onet_related_occupation",
        RelatedOccupation,
        "a pair of occupations",
        *("onet_soc_code", "related_onet_soc_code"),
        refs=(OCCUPATION, Reference(("related_onet_soc_code",), "onet_occupation", ("onet_soc_code",))),
    ),
    _contract("onet_content_model", ContentModelElement, "an element", "element_id"),
    _contract(
        "onet_occupation_metadata",
        OccupationMetadata,
        "an item's answer of an occupation",
        *("onet_soc_code", "item", "response"),
        refs=(OCCUPATION,),
    ),
)
