"""Contracts of the tables that the warehouse derives from the sources' tables.

Each is made by the SQL file of its name in `warehouse/sql`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from aina_assets.core.contracts import Reference, Row, TableContract
from aina_assets.sources.catalog import CONTRACTS
from aina_assets.sources.tables.base import OnetSocCode, SocCode, SourceRow
from aina_assets.sources.tables.bls import ValueStatus
from aina_assets.sources.tables.files import SOURCE_FILE

SOURCE = "warehouse"
OCCUPATION = Reference(("onet_soc_code",), "onet_occupation", ("onet_soc_code",))
DETAILED = Reference(("soc_code",), "soc_group", ("soc_code",))


class TaskLink(Row):
    """A link from the text of an Economic Index signal to an O*NET task that it speaks of.

    Texts are not unique to a task: one text may link to the tasks of several occupations.
    """

    signal_text: str = Field(description="task text of the signal, lower case and stripped")
    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code of the task's occupation")
    task_id: int = Field(description="O*NET task id")
    method: Literal["same_text", "legacy_task_id"] = Field(
        description="same_text: the current task reads the same; legacy_task_id: the text is a task of "
        "O*NET 20.1 whose id is still in use, though its wording changed"
    )


class Soc2010To2018(Row):
    """A SOC 2010 code of the legacy signals and the SOC 2018 code that it became, with the evidence."""

    legacy_soc_code: SocCode = Field(description="SOC 2010 code")
    soc_code: SocCode | None = Field(description="SOC 2018 detailed code; null where nothing shows it")
    method: Literal["same_code", "task_continuity", "same_title", "unmapped"] = Field(
        description="same_code: the code is a SOC 2018 detailed code; task_continuity: its O*NET 20.1 "
        "tasks are now tasks of this code; same_title: its title is a title of this code"
    )
    evidence_rows: int = Field(description="tasks or titles that show it; 0 for same_code", ge=0)


class GdpvalOccupationSoc(Row):
    """A GDPval occupation and the SOC 2018 group that bears its name."""

    occupation: str = Field(description="GDPval occupation name")
    soc_code: SocCode | None = Field(description="SOC 2018 code; null where no group bears the name")
    soc_level: Literal["major", "minor", "broad", "detailed"] | None = Field(description="group's level")
    gdpval_task_count: int = Field(description="tasks of the occupation", ge=1)


class WageFact(SourceRow):
    """A national, cross-industry employment or wage figure, from the lane of highest authority.

    The official flat file comes first, then the national workbook, then the Public Data API. A figure
    that BLS withholds has no value and a reason; it is never zero and never a guess.
    """

    occupation_code: SocCode = Field(description="OEWS occupation code")
    measure: str = Field(description="what is measured, with its unit")
    value: float | None = Field(description="published figure; null unless published")
    value_status: ValueStatus = Field(description="published, or why there is no figure")
    lane: Literal["flat", "workbook", "api"] = Field(description="OEWS lane that the figure is from")


class OewsSocRollup(Row):
    """For every SOC 2018 detailed occupation, the OEWS row that speaks of it, if any.

    OEWS publishes some occupations only together; then the wage is the group's, and said to be.
    """

    soc_code: SocCode = Field(description="SOC 2018 detailed code")
    oews_code: SocCode | None = Field(description="OEWS occupation code; null where none covers it")
    relation: Literal["direct", "rolled_up", "not_covered"] = Field(
        description="direct: OEWS has the code; rolled_up: OEWS has it inside a coarser one; "
        "not_covered: OEWS has no row for it"
    )
    shared_with_count: int = Field(description="SOC detailed occupations that share the OEWS row", ge=0)


class SocMappedEntry(Row):
    """A SOC code that at least one signal speaks of: exposure, legacy wages or GDPval."""

    soc_code: SocCode = Field(description="SOC code, as the signals have it")
    has_job_exposure: bool = Field(description="in the Economic Index's job exposure")
    has_legacy_signal: bool = Field(description="in the Economic Index's legacy wages (SOC 2010)")
    has_gdpval: bool = Field(description="a GDPval occupation's code")


class JoinCoverage(Row):
    """How many rows of a table find their counterpart in another."""

    join_name: str = Field(description="name of the join")
    left_table: str = Field(description="table whose rows are looked up")
    right_table: str = Field(description="table that they are looked up in")
    left_rows: int = Field(description="rows (or distinct values) looked up", ge=0)
    matched_rows: int = Field(description="rows that found a counterpart", ge=0)


@dataclass(frozen=True)
class Derived:
    """A derived table: its contract and the tables that its SQL reads."""

    contract: TableContract
    inputs: tuple[str, ...]


def _derived(
    name: str,
    row: type[Row],
    grain: str,
    key: tuple[str, ...],
    inputs: tuple[str, ...],
    references: tuple[Reference, ...] = (),
) -> Derived:
    return Derived(TableContract(name, row, grain, key, SOURCE, references), inputs)


SIGNALS = ("aei_task_penetration", "aei_task_usage", "aei_task_collaboration", "aei_task_thinking")

DERIVED: Mapping[str, Derived] = {
    derived.contract.name: derived
    for derived in (
        _derived(
            "task_link",
            TaskLink,
            "a signal text and a task",
            ("signal_text", "onet_soc_code", "task_id"),
            (*SIGNALS, "aei_legacy_task", "onet_task"),
            (Reference(("onet_soc_code", "task_id"), "onet_task", ("onet_soc_code", "task_id")),),
        ),
        _derived(
            "soc_2010_to_2018",
            Soc2010To2018,
            "a SOC 2010 code and its SOC 2018 code",
            ("legacy_soc_code", "soc_code"),
            (
                *("aei_legacy_wage", "aei_legacy_task", "onet_task", "onet_soc_to_soc", "soc_group"),
                *("soc_direct_match_title", "onet_job_title"),
            ),
            (DETAILED,),
        ),
        _derived(
            "gdpval_occupation_soc",
            GdpvalOccupationSoc,
            "a GDPval occupation",
            ("occupation",),
            ("gdpval_task", "soc_group"),
            (DETAILED,),
        ),
        _derived(
            "wage_fact",
            WageFact,
            "a measure of an OEWS occupation",
            ("occupation_code", "measure"),
            ("oews_flat", "oews_national", "oews_api_observation"),
        ),
        _derived(
            "oews_soc_rollup",
            OewsSocRollup,
            "a SOC 2018 detailed occupation",
            ("soc_code",),
            ("soc_group", "wage_fact"),
            (DETAILED,),
        ),
        _derived(
            "soc_mapped_entry",
            SocMappedEntry,
            "a SOC code",
            ("soc_code",),
            ("aei_job_exposure", "aei_legacy_wage", "gdpval_occupation_soc"),
        ),
        _derived(
            "join_coverage",
            JoinCoverage,
            "a join",
            ("join_name",),
            (
                *SIGNALS,
                *("aei_job_exposure", "aei_legacy_wage", "aei_legacy_task", "task_link"),
                *("soc_group", "soc_2010_to_2018", "onet_soc_to_soc", "onet_occupation", "onet_task"),
                *("gdpval_occupation_soc", "wage_fact", "oews_soc_rollup"),
            ),
        ),
    )
}


def product_contracts() -> list[TableContract]:
    """Every table of the sources and of the warehouse: what the product file holds."""
    return [
        *CONTRACTS.values(),
        SOURCE_FILE,
        *(derived.contract for derived in DERIVED.values()),
    ]
