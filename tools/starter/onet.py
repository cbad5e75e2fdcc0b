"""The starter as an O*NET database release, in the text layout of 30.2."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from tools.starter.authored import EDUCATION, Content, Occupation
from tools.starter.files import VINTAGE, Cell, StarterFile, tab_bytes

SOURCE, LAYOUT = "onet", "30.2"
FOLDER = "https://www.onetcenter.org/dl_files/database/db_30_2_text"
MONTH, ORIGIN = "11/2026", "Analyst"
# Upstream's codes of where a title was found end at 10; this one says "written for the starter".
TITLE_ORIGIN = "99"
CODE = "O*NET-SOC Code"
STATISTICS = ("N", "Standard Error", "Lower CI Bound", "Upper CI Bound", "Recommend Suppress")
NO_STATISTICS: tuple[Cell, ...] = (None,) * len(STATISTICS)
DATED = ("Date", "Domain Source")
REQUIRED_EDUCATION = ("2.D.1", "Required Level of Education", "RL")
TITLES_SHOWN = 3

EDUCATION_MEANINGS = (
    "Did not finish high school",
    "Finished high school or passed an equal test",
    "Certificate of a course taken after high school",
    "Some college, no degree",
    "Two-year college degree",
    "Four-year college degree",
    "Certificate taken after a four-year degree",
    "Master's level degree",
    "Certificate taken after a master's degree",
    "Degree that a profession such as law or pharmacy demands",
    "Doctorate",
    "Research or clinical training after the doctorate",
)
# Zone, name, experience, education, training, examples, SVP range.
JOB_ZONES: tuple[tuple[int, str, str, str, str, str, str], ...] = (
    (
        2,
        "Job Zone 1-2: learned within days to a year",
        "Newcomers are welcome; a few months in similar work help.",
        "High school is usually enough.",
        "A colleague shows the work over days or months.",
        "Concierges, waiters and waitresses, material movers.",
        "(Below 6.0)",
    ),
    (
        3,
        "Job Zone 3: learned through a trade or a license",
        "One or two years in the work, or an apprenticeship, come first.",
        "A vocational course or a two-year degree is common.",
        "A year or two of work beside experienced people.",
        "Electricians, nursing assistants, paralegals.",
        "(6.0 to < 7.0)",
    ),
    (
        4,
        "Job Zone 4: learned through a degree and practice",
        "Two to four years of practice are expected.",
        "A four-year degree is the usual way in.",
        "Several years of practice, often with courses beside it.",
        "Accountants, editors, software developers.",
        "(7.0 to < 8.0)",
    ),
    (
        5,
        "Job Zone 5: learned through advanced study and long practice",
        "More than four years of practice are usual.",
        "A degree beyond the four-year one is needed.",
        "Study and supervised practice are mostly complete before the job begins.",
        "Lawyers, nurse practitioners, pharmacists.",
        "(8.0 and above)",
    ),
)
UPPER_ELEMENTS = (
    ("2", "Worker Requirements", "What a person brings to the job through learning and practice."),
    ("2.D", "Education", "Schooling behind the job."),
    ("2.D.1", REQUIRED_EDUCATION[1], "How much schooling a person newly hired would need."),
    ("4", "Occupational Requirements", "What the job itself asks for."),
    ("4.A", "Generalized Work Activities", "Kinds of activity that many jobs share."),
    ("4.A.1", "Information Input", "Where the facts for the job come from."),
    ("4.A.1.a", "Looking for information", "Finding the facts that the job runs on."),
    ("4.A.2", "Mental Processes", "Thinking work: weighing, planning, deciding, inventing."),
    ("4.A.2.a", "Processing information", "Turning facts into findings."),
    ("4.A.2.b", "Reasoning and deciding", "Choosing what to do, and how."),
    ("4.A.3", "Work Output", "What is done with hands, machines and documents."),
    ("4.A.3.a", "Physical work", "Work with the body and with simple tools."),
    ("4.A.3.b", "Technical work", "Work with records, devices and technical means."),
    ("4.A.4", "Interacting With Others", "Work that happens between people."),
    ("4.A.4.a", "Dealing with people", "Serving, caring, persuading and explaining."),
    ("4.A.4.b", "Leading people", "Guiding, teaching and coordinating."),
)
READ_ME = f"""AINA starter sources, {VINTAGE}
-----------------------------

This is not a release of the O*NET database. It was written for the AINA project, in the
layout of the O*NET 30.2 text files, so that the same readers read both.

Occupation codes and names are those of the O*NET-SOC 2019 taxonomy. Every sentence is
AINA's own; task importance, education shares and related occupations are illustrative.

The O*NET database itself: https://www.onetcenter.org/database.html
"""


def onet_files(content: Content) -> Iterator[StarterFile]:
    """All files of the release."""
    yield _file("Read Me.txt", READ_ME.encode())
    for name, header, rows in (*_occupation_tables(content), *_reference_tables(content)):
        yield _file(f"{name}.txt", tab_bytes(header, rows))


def _file(name: str, content: bytes) -> StarterFile:
    return StarterFile(SOURCE, LAYOUT, name, f"{FOLDER}/{quote(name)}", content)


Table = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]


def _occupation_tables(content: Content) -> Iterator[Table]:
    occupations = sorted(content.occupations, key=lambda occupation: occupation.code)
    tasks = [(o.code, task_id, task) for o in occupations for task_id, task in o.identified_tasks]
    detailed = {activity.key: activity.detailed_id for activity in content.activities}
    yield (
        "Occupation Data",
        (CODE, "Title", "Description"),
        [(o.code, o.title, o.description) for o in occupations],
    )
    yield (
        "Task Statements",
        (CODE, "Task ID", "Task", "Task Type", "Incumbents Responding", *DATED),
        [(code, id_, task.sentence, task.task_type, None, MONTH, ORIGIN) for code, id_, task in tasks],
    )
    yield (
        "Task Ratings",
        (CODE, "Task ID", "Scale ID", "Category", "Data Value", *STATISTICS, *DATED),
        [
            (code, id_, "IM", None, f"{task.importance:.2f}", *NO_STATISTICS, MONTH, ORIGIN)
            for code, id_, task in tasks
        ],
    )
    yield (
        "Tasks to DWAs",
        (CODE, "Task ID", "DWA ID", *DATED),
        [(code, id_, detailed[task.activity], MONTH, ORIGIN) for code, id_, task in tasks],
    )
    yield (
        "Alternate Titles",
        (CODE, "Alternate Title", "Short Title", "Source(s)"),
        [(o.code, title, _short(title), TITLE_ORIGIN) for o in occupations for title in _titles(o)],
    )
    yield (
        "Sample of Reported Titles",
        (CODE, "Reported Job Title", "Shown in My Next Move"),
        [
            (o.code, title, "Y" if number < TITLES_SHOWN else "N")
            for o in occupations
            for number, title in enumerate(o.reported_titles)
        ],
    )
    yield (
        "Technology Skills",
        (CODE, "Example", "Commodity Code", "Commodity Title", "Hot Technology", "In Demand"),
        _technologies(content, occupations),
    )
    yield (
        "Job Zones",
        (CODE, "Job Zone", *DATED),
        [(o.code, o.job_zone, MONTH, ORIGIN) for o in occupations if o.job_zone],
    )
    yield (
        "Education, Training, and Experience",
        (CODE, "Element ID", "Element Name", "Scale ID", "Category", "Data Value", *STATISTICS, *DATED),
        [
            (o.code, *REQUIRED_EDUCATION, category, f"{share:.2f}", *NO_STATISTICS, MONTH, ORIGIN)
            for o in occupations
            if o.education
            for category, share in enumerate((o.education.get(key, 0) for key in EDUCATION), 1)
        ],
    )
    yield (
        "Related Occupations",
        (CODE, "Related O*NET-SOC Code", "Relatedness Tier", "Index"),
        [(o.code, code, _tier(rank), rank) for o in occupations for rank, code in enumerate(o.related, 1)],
    )
    yield (
        "Occupation Level Metadata",
        (CODE, "Item", "Response", "N", "Percent", "Date"),
        [(o.code, "Data Collection Mode", "Authored", None, "100.0", MONTH) for o in occupations if o.tasks],
    )


def _reference_tables(content: Content) -> Iterator[Table]:
    intermediate = {a.intermediate_id: (a.general_id, a.intermediate_name) for a in content.activities}
    yield (
        "IWA Reference",
        ("Element ID", "IWA ID", "IWA Title"),
        [(general, id_, name) for id_, (general, name) in sorted(intermediate.items())],
    )
    yield (
        "DWA Reference",
        ("Element ID", "IWA ID", "DWA ID", "DWA Title"),
        sorted((a.general_id, a.intermediate_id, a.detailed_id, a.sentence) for a in content.activities),
    )
    yield (
        "Job Zone Reference",
        ("Job Zone", "Name", "Experience", "Education", "Job Training", "Examples", "SVP Range"),
        JOB_ZONES,
    )
    yield (
        "Education, Training, and Experience Categories",
        ("Element ID", "Element Name", "Scale ID", "Category", "Category Description"),
        [(*REQUIRED_EDUCATION, category, meaning) for category, meaning in enumerate(EDUCATION_MEANINGS, 1)],
    )
    yield (
        "Content Model Reference",
        ("Element ID", "Element Name", "Description"),
        sorted([*UPPER_ELEMENTS, *_general_activities(content)]),
    )


def _general_activities(content: Content) -> Iterator[tuple[str, str, str]]:
    parts: dict[tuple[str, str], dict[str, None]] = {}
    for activity in content.activities:
        part = activity.intermediate_name.rstrip(".")
        parts.setdefault((activity.general_id, activity.general_name), {})[part[0].lower() + part[1:]] = None
    for (element_id, name), names in parts.items():
        yield element_id, name, f"Includes: {'; '.join(names)}."


def _titles(occupation: Occupation) -> list[str]:
    return sorted(occupation.alternate_titles, key=str.casefold)


def _short(title: str) -> str | None:
    """The acronym in brackets at a title's end, as in `Registered Nurse (RN)`."""
    found = re.search(r"\(([A-Z][A-Za-z0-9&/-]{1,9})\)$", title)
    return found[1] if found else None


def _tier(rank: int) -> str:
    # Upstream's tiers hold five, five and ten; the starter's short lists keep the same order of size.
    return "Primary-Short" if rank <= 2 else "Primary-Long" if rank <= 4 else "Supplemental"


def _technologies(content: Content, occupations: list[Occupation]) -> Iterator[Sequence[Cell]]:
    commodities = {entry.category: (entry.code, entry.title) for entry in content.technology_codes}
    for occupation in occupations:
        for technology in sorted(occupation.technologies, key=lambda t: t.example.casefold()):
            category = technology.category
            code, title = commodities.get(category, (_own_commodity(category), category))
            flags = ["Y" if flag else "N" for flag in (technology.is_hot, technology.is_in_demand)]
            yield occupation.code, technology.example, code, title, *flags


def _own_commodity(category: str) -> str:
    """An eight-digit code, in UNSPSC's unused segment 99, for a category that UNSPSC does not have."""
    digest = hashlib.sha256(category.encode()).digest()
    return f"99{int.from_bytes(digest[:6], 'big') % 1_000_000:06d}"
