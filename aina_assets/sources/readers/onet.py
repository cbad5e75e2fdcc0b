"""O*NET database text files, read by their vintage's own layout.

30.3 renamed files and columns (Alternate Titles became Job Titles, Technology Skills became Software
Skills, the activity references became `GWAs to IWAs to DWAs`, Education was split off), so every table
says where it stands in each layout; a vintage that is not known here is refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from aina_assets.core.contracts import TableContract
from aina_assets.core.errors import HeaderError
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers.cells import YES_NO, typed_table
from aina_assets.sources.readers.delimited import read_delimited
from aina_assets.sources.tables import onet as tables

CLASSIC, RENAMED = "to 30.2", "from 30.3"
LAYOUTS: Mapping[str, str] = {"29.1": CLASSIC, "30.2": CLASSIC, "30.3": RENAMED}

CODE = {"O*NET-SOC Code": "onet_soc_code"}
ORIGIN = {"Date": "updated_month", "Domain Source": "domain_source"}
STATISTICS = {
    "N": "respondents",
    "Standard Error": "standard_error",
    "Lower CI Bound": "lower_ci_bound",
    "Upper CI Bound": "upper_ci_bound",
    "Recommend Suppress": "is_suppression_recommended",
}
CATEGORY = {
    "Element ID": "element_id",
    "Element Name": "element_name",
    "Scale ID": "scale_id",
    "Category": "category",
}


@dataclass(frozen=True)
class TextFile:
    """One upstream file: its name and its columns, in order, with the contract columns they fill."""

    name: str
    columns: Mapping[str, str]


Layouts = Mapping[str, tuple[TextFile, ...]]


def _same(name: str, columns: Mapping[str, str]) -> Layouts:
    return _renamed(TextFile(name, columns), TextFile(name, columns))


def _renamed(classic: TextFile, *renamed: TextFile) -> Layouts:
    return {CLASSIC: (classic,), RENAMED: renamed}


TITLE = {"Short Title": "short_title", "Source(s)": "source_codes"}
PRODUCT = {"Hot Technology": "is_hot_technology", "In Demand": "is_in_demand"}
ANSWERS = {**CODE, **CATEGORY, "Data Value": "data_value", **STATISTICS, **ORIGIN}
MEANINGS = {**CATEGORY, "Category Description": "category_description"}

TABLES: Mapping[str, Layouts] = {
    "onet_occupation": _same("Occupation Data.txt", {**CODE, "Title": "title", "Description": "description"}),
    "onet_task": _same(
        "Task Statements.txt",
        {
            **CODE,
            "Task ID": "task_id",
            "Task": "task",
            "Task Type": "task_type",
            "Incumbents Responding": "incumbents_responding",
            **ORIGIN,
        },
    ),
    "onet_task_rating": _same(
        "Task Ratings.txt",
        {
            **CODE,
            "Task ID": "task_id",
            "Scale ID": "scale_id",
            "Category": "category",
            "Data Value": "data_value",
            **STATISTICS,
            **ORIGIN,
        },
    ),
    "onet_job_title": _renamed(
        TextFile("Alternate Titles.txt", {**CODE, "Alternate Title": "job_title", **TITLE}),
        TextFile("Job Titles.txt", {**CODE, "Job Title": "job_title", **TITLE}),
    ),
    "onet_reported_title": _same(
        "Sample of Reported Titles.txt",
        {
            **CODE,
            "Reported Job Title": "reported_title",
            "Shown in My Next Move": "is_shown_in_my_next_move",
        },
    ),
    "onet_software_skill": _renamed(
        TextFile(
            "Technology Skills.txt",
            {
                **CODE,
                "Example": "workplace_example",
                "Commodity Code": "category_id",
                "Commodity Title": "category_name",
                **PRODUCT,
            },
        ),
        TextFile(
            "Software Skills.txt",
            {
                **CODE,
                "Workplace Example": "workplace_example",
                "Element ID": "category_id",
                "Element Name": "category_name",
                **PRODUCT,
            },
        ),
    ),
    "onet_iwa": _renamed(
        TextFile("IWA Reference.txt", {"Element ID": "gwa_id", "IWA ID": "iwa_id", "IWA Title": "iwa_title"}),
        TextFile(
            "GWAs to IWAs.txt",
            {"GWA Element ID": "gwa_id", "IWA Element ID": "iwa_id", "IWA Element Name": "iwa_title"},
        ),
    ),
    "onet_dwa": _renamed(
        TextFile(
            "DWA Reference.txt",
            {"Element ID": "gwa_id", "IWA ID": "iwa_id", "DWA ID": "dwa_id", "DWA Title": "dwa_title"},
        ),
        TextFile(
            "GWAs to IWAs to DWAs.txt",
            {
                "GWA Element ID": "gwa_id",
                "IWA Element ID": "iwa_id",
                "DWA Element ID": "dwa_id",
                "DWA Element Name": "dwa_title",
            },
        ),
    ),
    "onet_task_dwa": _renamed(
        TextFile("Tasks to DWAs.txt", {**CODE, "Task ID": "task_id", "DWA ID": "dwa_id", **ORIGIN}),
        TextFile("Tasks to DWAs.txt", {**CODE, "Task ID": "task_id", "DWA Element ID": "dwa_id", **ORIGIN}),
    ),
    "onet_job_zone": _same("Job Zones.txt", {**CODE, "Job Zone": "job_zone", **ORIGIN}),
    "onet_job_zone_reference": _same(
        "Job Zone Reference.txt",
        {
            "Job Zone": "job_zone",
            "Name": "name",
            "Experience": "experience",
            "Education": "education",
            "Job Training": "job_training",
            "Examples": "examples",
            "SVP Range": "svp_range",
        },
    ),
    "onet_education": _renamed(
        TextFile("Education, Training, and Experience.txt", ANSWERS),
        TextFile("Education.txt", ANSWERS),
        TextFile("Training and Experience.txt", ANSWERS),
    ),
    "onet_education_category": _renamed(
        TextFile("Education, Training, and Experience Categories.txt", MEANINGS),
        TextFile("Education Categories.txt", MEANINGS),
        TextFile("Training and Experience Categories.txt", MEANINGS),
    ),
    "onet_related_occupation": _same(
        "Related Occupations.txt",
        {
            **CODE,
            "Related O*NET-SOC Code": "related_onet_soc_code",
            "Relatedness Tier": "relatedness_tier",
            "Index": "rank",
        },
    ),
    "onet_content_model": _same(
        "Content Model Reference.txt",
        {"Element ID": "element_id", "Element Name": "element_name", "Description": "description"},
    ),
    "onet_occupation_metadata": _same(
        "Occupation Level Metadata.txt",
        {
            **CODE,
            "Item": "item",
            "Response": "response",
            "N": "respondents",
            "Percent": "percent",
            "Date": "updated_month",
        },
    ),
}


def read_table(contract: TableContract, files: SourceFiles) -> pa.Table:
    """Read one O*NET table by the layout of the files' vintage.

    A table that this vintage was locked without is empty: the release has it not, or it was not
    selected; the row-count check knows which tables a vintage must have.

    Raises:
        HeaderError: the vintage's layout is not known, or a file does not follow it.
        SourceError: see `read_delimited` and `typed_table`.
    """
    family = LAYOUTS.get(files.layout)
    if family is None:
        raise HeaderError(
            f"O*NET layout {files.layout!r} is not known (known: {', '.join(LAYOUTS)})",
            remedy="Read the release notes, add the layout to sources/readers/onet.py with a test.",
        )
    present = [file for file in TABLES[contract.name][family] if files.has(file.name)]
    parts = [_read_file(contract, files, file) for file in present]
    return contract.conform(pa.concat_tables(parts)) if parts else contract.empty()


def _read_file(contract: TableContract, files: SourceFiles, file: TextFile) -> pa.Table:
    text = read_delimited(files.path(file.name), list(file.columns), delimiter="\t", has_quotes=False)
    # 30.3 leaves the description of an activity empty where 30.2 had no such row at all.
    return typed_table(
        text, contract, files, file.name, columns=file.columns, missing=("n/a", ""), booleans=YES_NO
    )


READERS: Mapping[str, Callable[[SourceFiles], pa.Table]] = {
    contract.name: partial(read_table, contract) for contract in tables.CONTRACTS
}
