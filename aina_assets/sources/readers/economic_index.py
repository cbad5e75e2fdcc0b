"""Anthropic/EconomicIndex CSV files, each into its table.

Task text is kept as upstream has it; the joins to O*NET tasks are the warehouse's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from aina_assets.core.contracts import TableContract
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers.cells import TRUE_FALSE, typed_table
from aina_assets.sources.readers.delimited import read_delimited
from aina_assets.sources.tables import hub as tables

FEBRUARY, MARCH, IMPACTS = "release_2025_02_10", "release_2025_03_27", "labor_market_impacts"
PSEUDO_TASK = "none"

CONTRACTS: Mapping[str, TableContract] = {c.name: c for c in tables.ECONOMIC_INDEX_CONTRACTS}


def _csv(files: SourceFiles, name: str, columns: Mapping[str, str]) -> pa.Table:
    return read_delimited(files.path(name), list(columns), delimiter=",", has_quotes=True)


def _plain(table: str, name: str, columns: Mapping[str, str], files: SourceFiles) -> pa.Table:
    """A file whose columns are the table's, with blank cells for missing values."""
    contract = CONTRACTS[table]
    text = _csv(files, name, columns)
    return contract.conform(typed_table(text, contract, files, name, columns=columns, missing=("",)))


def _by_release(
    table: str, names: Mapping[str, str], columns: Mapping[str, str], files: SourceFiles
) -> pa.Table:
    """Files of one shape, one a release, one after the other."""
    contract = CONTRACTS[table]
    parts = []
    for release, name in names.items():
        text = _csv(files, name, columns)
        constants = {"release": release}
        part = typed_table(text, contract, files, name, columns=columns, missing=("",), constants=constants)
        if table == "aei_task_usage":
            is_pseudo = pc.equal(part.column("task_name"), PSEUDO_TASK)
            part = part.set_column(
                part.column_names.index("is_pseudo_task"),
                contract.arrow_schema.field("is_pseudo_task"),
                is_pseudo,
            )
        parts.append(part)
    return contract.conform(pa.concat_tables(parts))


def read_legacy_wages(files: SourceFiles) -> pa.Table:
    """`wage_data.csv`: upstream writes -1 where there is no job zone or estimate."""
    contract, name = CONTRACTS["aei_legacy_wage"], f"{FEBRUARY}/wage_data.csv"
    columns = {
        "SOCcode": "legacy_onet_soc_code",
        "JobName": "job_name",
        "JobFamily": "job_family",
        "isBright": "is_bright",
        "isGreen": "is_green",
        "JobZone": "job_zone",
        "MedianSalary": "median_salary_usd",
        "JobForecast": "job_forecast",
        "ChanceAuto": "automation_chance_percent",
        "WageGroup": "wage_group",
    }
    text = _csv(files, name, columns)
    short = pc.utf8_slice_codeunits(text.column("SOCcode"), 0, 7)
    text = text.append_column("SOC 2010", short)
    return contract.conform(
        typed_table(
            text,
            contract,
            files,
            name,
            columns={**columns, "SOC 2010": "legacy_soc_code"},
            missing=("", "-1", "-1.0"),
            booleans=TRUE_FALSE,
        )
    )


def read_soc_structure(files: SourceFiles) -> pa.Table:
    """`SOC_Structure.csv`: one code a row, in the column of its level."""
    contract, name = CONTRACTS["aei_soc_structure"], f"{FEBRUARY}/SOC_Structure.csv"
    levels = {
        "Major Group": "major",
        "Minor Group": "minor",
        "Broad Occupation": "broad",
        "Detailed Occupation": "detailed",
        "Detailed O*NET-SOC": "onet",
    }
    title = "SOC or O*NET-SOC 2019 Title"
    text = _csv(files, name, {**levels, title: "title"})
    cells = [pc.if_else(pc.equal(text.column(c), ""), None, text.column(c)) for c in levels]
    level = pc.coalesce(
        *(
            pc.if_else(pc.is_valid(cell), pa.scalar(word), pa.scalar(None, pa.string()))
            for cell, word in zip(cells, levels.values(), strict=True)
        )
    )
    code = pc.fill_null(pc.coalesce(*cells), "")
    text = text.append_column("code", code).append_column("level", pc.fill_null(level, ""))
    columns = {"code": "code", "level": "level", title: "title"}
    return contract.conform(typed_table(text, contract, files, name, columns=columns, missing=("",)))


TASK_NAME = {"task_name": "task_name"}
READERS: Mapping[str, Callable[[SourceFiles], pa.Table]] = {
    "aei_job_exposure": partial(
        _plain,
        "aei_job_exposure",
        f"{IMPACTS}/job_exposure.csv",
        {"occ_code": "soc_code", "title": "title", "observed_exposure": "observed_exposure"},
    ),
    "aei_task_penetration": partial(
        _plain,
        "aei_task_penetration",
        f"{IMPACTS}/task_penetration.csv",
        {"task": "task", "penetration": "penetration"},
    ),
    "aei_task_usage": partial(
        _by_release,
        "aei_task_usage",
        {
            "2025-02-10": f"{FEBRUARY}/onet_task_mappings.csv",
            "2025-03-27 v1": f"{MARCH}/task_pct_v1.csv",
            "2025-03-27 v2": f"{MARCH}/task_pct_v2.csv",
        },
        {**TASK_NAME, "pct": "usage_percent"},
    ),
    "aei_task_collaboration": partial(
        _plain,
        "aei_task_collaboration",
        f"{MARCH}/automation_vs_augmentation_by_task.csv",
        {
            **TASK_NAME,
            "feedback_loop": "feedback_loop",
            "directive": "directive",
            "task_iteration": "task_iteration",
            "validation": "validation",
            "learning": "learning",
            "filtered": "filtered",
        },
    ),
    "aei_task_thinking": partial(
        _plain,
        "aei_task_thinking",
        f"{MARCH}/task_thinking_fractions.csv",
        {**TASK_NAME, "thinking_fraction": "thinking_fraction"},
    ),
    "aei_interaction_share": partial(
        _by_release,
        "aei_interaction_share",
        {
            "2025-02-10": f"{FEBRUARY}/automation_vs_augmentation.csv",
            "2025-03-27 v1": f"{MARCH}/automation_vs_augmentation_v1.csv",
            "2025-03-27 v2": f"{MARCH}/automation_vs_augmentation_v2.csv",
        },
        {"interaction_type": "interaction_type", "pct": "share_percent"},
    ),
    "aei_legacy_task": partial(
        _plain,
        "aei_legacy_task",
        f"{FEBRUARY}/onet_task_statements.csv",
        {
            "O*NET-SOC Code": "legacy_onet_soc_code",
            "Title": "title",
            "Task ID": "task_id",
            "Task": "task",
            "Task Type": "task_type",
            "Incumbents Responding": "incumbents_responding",
            "Date": "updated_month",
            "Domain Source": "domain_source",
        },
    ),
    "aei_legacy_wage": read_legacy_wages,
    "aei_soc_structure": read_soc_structure,
    "aei_major_group_employment": partial(
        _plain,
        "aei_major_group_employment",
        f"{FEBRUARY}/bls_employment_may_2023.csv",
        {"SOC or O*NET-SOC 2019 Title": "title", "bls_distribution": "employment_jobs"},
    ),
}
