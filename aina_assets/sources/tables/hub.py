"""Contracts of the Hub datasets' tables: Anthropic/EconomicIndex (`aei_*`) and openai/gdpval.

The GDPval tables hold ids, names, counts and digests alone; no prompt or rubric text.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from aina_assets.core.contracts import Reference, TableContract
from aina_assets.sources.tables.base import OnetSocCode, SocCode, SourceRow

ECONOMIC_INDEX, GDPVAL = "economic_index", "gdpval"

Release = Literal["2025-02-10", "2025-03-27 v1", "2025-03-27 v2"]
Share = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class JobExposure(SourceRow):
    """Observed AI exposure of a SOC occupation."""

    soc_code: SocCode = Field(description="SOC 2018 detailed code, as published")
    title: str = Field(description="occupation title")
    observed_exposure: Share = Field(description="share of the work observed with AI, 0 to 1")


class TaskPenetration(SourceRow):
    """How far AI use has penetrated a task. Tasks are O*NET 27.x sentences; a few occur twice."""

    task: str = Field(description="task statement, verbatim", min_length=1)
    penetration: Share = Field(description="share, 0 to 1")


class TaskUsage(SourceRow):
    """A task's share of Claude conversations in one release; the row none is a pseudo-task."""

    release: Release = Field(description="release of the index")
    task_name: str = Field(description="task statement, lower case and stripped", min_length=1)
    usage_percent: float = Field(description="percent of conversations", ge=0, le=100)
    is_pseudo_task: bool = Field(description="the row `none`: conversations without a task")


class TaskCollaboration(SourceRow):
    """How people work with AI on a task: shares of conversations by mode of collaboration."""

    task_name: str = Field(description="task statement, lower case and stripped", min_length=1)
    feedback_loop: Share = Field(description="automation: model works on feedback from its tools")
    directive: Share = Field(description="automation: delegated as a whole")
    task_iteration: Share = Field(description="augmentation: worked on together")
    validation: Share = Field(description="augmentation: checking one's own work")
    learning: Share = Field(description="augmentation: learning about it")
    filtered: Share = Field(description="withheld for privacy: too few conversations")


class TaskThinking(SourceRow):
    """The share of a task's conversations that used extended thinking."""

    task_name: str = Field(description="task statement, lower case and stripped", min_length=1)
    thinking_fraction: Share | None = Field(description="share; null where not published")


class InteractionShare(SourceRow):
    """The share of all conversations by mode of collaboration, in one release."""

    release: Release = Field(description="release of the index")
    interaction_type: str = Field(description="mode of collaboration", min_length=1)
    share_percent: float = Field(description="percent of conversations", ge=0, le=100)


class LegacyTask(SourceRow):
    """A task statement of O*NET 20.1 (SOC 2010), which the index's task names refer to."""

    legacy_onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2010 code")
    title: str = Field(description="occupation title")
    task_id: int = Field(description="O*NET task id, stable over releases", ge=1)
    task: str = Field(description="task statement")
    task_type: Literal["Core", "Supplemental"] | None = Field(description="null where not rated")
    incumbents_responding: float | None = Field(description="number of job holders who answered", ge=0)
    updated_month: date | None = Field(description="month of the last update, as its first day")
    domain_source: str | None = Field(description="who supplied it")


class LegacyWage(SourceRow):
    """A legacy wage and outlook record of an O*NET-SOC 2010 occupation, as scraped upstream."""

    legacy_onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2010 code")
    legacy_soc_code: SocCode = Field(description="its first seven characters, a SOC 2010 code")
    job_name: str = Field(description="occupation title")
    job_family: str = Field(description="job family")
    is_bright: bool = Field(description="O*NET bright outlook")
    is_green: bool = Field(description="O*NET green occupation")
    job_zone: int | None = Field(description="job zone; null for upstream's -1", ge=1, le=5)
    median_salary_usd: float = Field(
        description="median wage as published, US dollars; a few are hourly, which upstream does not mark",
        ge=0,
    )
    job_forecast: int = Field(description="projected openings", ge=0)
    automation_chance_percent: float | None = Field(
        description="older estimate of the chance of automation, percent; null for upstream's -1",
        ge=0,
        le=100,
    )
    wage_group: str | None = Field(description="occupation whose wage stands in")


class SocStructureRow(SourceRow):
    """An entry of the SOC and O*NET-SOC hierarchy that the index ships."""

    code: str = Field(description="SOC or O*NET-SOC 2019 code", pattern=r"^\d{2}-\d{4}(\.\d{2})?$")
    level: Literal["major", "minor", "broad", "detailed", "onet"] = Field(description="level")
    title: str = Field(description="title")


class MajorGroupEmployment(SourceRow):
    """Employment of a SOC major group, May 2023, as the index ships it."""

    title: str = Field(description="major group's title")
    employment_jobs: int = Field(description="jobs", ge=0)


class GdpvalTask(SourceRow):
    """A GDPval task: what it is about in ids, names, counts and digests; its text stays in the raw file."""

    task_id: str = Field(description="task id", min_length=1)
    occupation: str = Field(description="occupation name: a SOC 2018 title")
    sector: str = Field(description="industry sector")
    prompt_characters: int = Field(description="length of the prompt", ge=1)
    prompt_sha256: Sha256 = Field(description="sha256 of the prompt's UTF-8 bytes")
    rubric_item_count: int = Field(description="number of rubric items", ge=1)
    rubric_points: float = Field(description="sum of the positive points")
    rubric_sha256: Sha256 = Field(description="sha256 of the rubric JSON's UTF-8 bytes")
    reference_file_count: int = Field(description="number of reference files", ge=0)
    deliverable_file_count: int = Field(description="number of deliverable files", ge=0)


class GdpvalRubricItem(SourceRow):
    """The structure of a rubric item of a GDPval task; its text stays in the raw file."""

    task_id: str = Field(description="task id", min_length=1)
    item_number: int = Field(description="position in the rubric, from 1", ge=1)
    rubric_item_id: str = Field(description="upstream's id", min_length=1)
    points: float = Field(description="points for a fulfilled criterion; negative ones punish")
    criterion_characters: int = Field(description="length of the criterion", ge=1)
    criterion_sha256: Sha256 = Field(description="sha256 of the criterion's UTF-8 bytes")


ECONOMIC_INDEX_CONTRACTS: tuple[TableContract, ...] = (
    TableContract("aei_job_exposure", JobExposure, "a SOC occupation", ("soc_code",), ECONOMIC_INDEX),
    TableContract("aei_task_penetration", TaskPenetration, "a task row", ("source_row",), ECONOMIC_INDEX),
    TableContract(
        "aei_task_usage", TaskUsage, "a task in a release", ("release", "task_name"), ECONOMIC_INDEX
    ),
    TableContract("aei_task_collaboration", TaskCollaboration, "a task", ("task_name",), ECONOMIC_INDEX),
    TableContract("aei_task_thinking", TaskThinking, "a task", ("task_name",), ECONOMIC_INDEX),
    TableContract(
        "aei_interaction_share",
        InteractionShare,
        "a mode in a release",
        ("release", "interaction_type"),
        ECONOMIC_INDEX,
    ),
    TableContract("aei_legacy_task", LegacyTask, "a task of O*NET 20.1", ("task_id",), ECONOMIC_INDEX),
    TableContract(
        "aei_legacy_wage", LegacyWage, "an O*NET-SOC 2010 code", ("legacy_onet_soc_code",), ECONOMIC_INDEX
    ),
    TableContract("aei_soc_structure", SocStructureRow, "a code", ("code",), ECONOMIC_INDEX),
    TableContract(
        "aei_major_group_employment", MajorGroupEmployment, "a SOC major group", ("title",), ECONOMIC_INDEX
    ),
)

GDPVAL_CONTRACTS: tuple[TableContract, ...] = (
    TableContract("gdpval_task", GdpvalTask, "a task", ("task_id",), GDPVAL),
    TableContract(
        "gdpval_rubric_item",
        GdpvalRubricItem,
        "a rubric item of a task",
        ("task_id", "item_number"),
        GDPVAL,
        (Reference(("task_id",), "gdpval_task", ("task_id",)),),
    ),
)
