"""The rules that the authored parts keep among one another.

Belongs here: codes that must exist, keys that must be unique, shares that must sum. Does not: the form
of a single part (see `authored`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tools.starter.authored import EDUCATION, ESTIMATES, AuthoredError, Content, Occupation, Task

ESTIMATE = re.compile(r"\d+(\.\d+)?|\*{1,2}|#|~")
FEWEST_TASKS = 8
SHOWN_PROBLEMS = 20


def check(content: Content, root: Path) -> Content:
    """Give the content back if its parts fit one another.

    Raises:
        AuthoredError: lists the broken rules.
    """
    problems = [
        *_repetitions(content),
        *_occupations(content),
        *_figures(content),
        *_practice(content),
        *_titles(content),
    ]
    if problems:
        more = len(problems) - SHOWN_PROBLEMS
        shown = problems[:SHOWN_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])
        raise AuthoredError(f"{len(problems)} problems:\n  " + "\n  ".join(shown), file=root)
    return content


def _repetitions(content: Content) -> Iterator[str]:
    for kind, values in {
        "occupation": [occupation.code for occupation in content.occupations],
        # The six digits make the task ids.
        "SOC code of an occupation with tasks": [o.soc_code for o in content.occupations if o.tasks],
        "task sentence": [t.legacy_name for o in content.occupations for t in o.tasks],
        "activity key": [activity.key for activity in content.activities],
        "figures row": [f"{row['OCC_CODE']} {row['O_GROUP']}" for row in content.figures],
        "SOC group": [group.code for group in content.groups],
        "technology category": [entry.category for entry in content.technology_codes],
        "prompt": [task.prompt for task in content.practice],
    }.items():
        yield from (f"{kind} occurs twice: {value}" for value in _repeated(values))


def _occupations(content: Content) -> Iterator[str]:
    codes = {occupation.code for occupation in content.occupations}
    keys = {activity.key for activity in content.activities}
    detailed = {group.code for group in content.groups if group.level == "detailed"}
    for occupation in content.occupations:
        for problem in _occupation_problems(occupation, codes, keys):
            yield f"{occupation.code}: {problem}"
        if occupation.soc_code not in detailed:
            yield f"{occupation.code}: {occupation.soc_code} is no detailed code of soc_groups.csv"


def _figures(content: Content) -> Iterator[str]:
    for row in content.figures:
        yield from (f"figures.csv, {row['OCC_CODE']}: {text}" for text in _figure_problems(row, content))
    for group in content.groups:
        if group.legacy_code and not {group.code, group.broad_code} & set(content.figure):
            yield f"soc_groups.csv, {group.code}: a legacy code, but no wage in figures.csv"


def _practice(content: Content) -> Iterator[str]:
    titles = {group.title for group in content.groups}
    for task in content.practice:
        if task.occupation not in titles:
            yield f"practice task: {task.occupation!r} is no title of soc_groups.csv"


def _titles(content: Content) -> Iterator[str]:
    try:
        if not content.titles.decode("utf-8").strip():
            yield "titles.txt: empty"
    except UnicodeDecodeError as error:
        yield f"titles.txt: not UTF-8 at byte {error.start}"


def _figure_problems(row: dict[str, str], content: Content) -> Iterator[str]:
    if row["O_GROUP"] != "total" and row["OCC_CODE"] not in content.group:
        yield "the code is not in soc_groups.csv"
    for name in ESTIMATES:
        if not ESTIMATE.fullmatch(row[name]):
            yield f"{name}: {row[name]!r} is no figure and no marker"
    exposure = row["observed_exposure"]
    if exposure and not re.fullmatch(r"0(\.\d+)?|1(\.0)?", exposure):
        yield f"observed_exposure: {exposure!r} is not from 0 to 1"


def _occupation_problems(occupation: Occupation, codes: set[str], keys: set[str]) -> Iterator[str]:
    if unknown := sorted(set(occupation.education) - set(EDUCATION)):
        yield f"education keys {unknown} are not among {', '.join(EDUCATION)}"
    if occupation.education and sum(occupation.education.values()) != 100:
        yield f"education sums to {sum(occupation.education.values())}, not 100"
    if occupation.tasks and len(occupation.tasks) < FEWEST_TASKS:
        yield f"{len(occupation.tasks)} tasks; at least {FEWEST_TASKS}, or none for a title-only occupation"
    if len({bool(occupation.tasks), bool(occupation.education), bool(occupation.job_zone)}) > 1:
        yield "tasks, education and job zone come together or not at all"
    for code in sorted(set(occupation.related) - (codes - {occupation.code})):
        yield f"related {code} is not another occupation of the starter"
    for number, task in enumerate(occupation.tasks, 1):
        yield from (f"task {number}: {problem}" for problem in _task_problems(task, keys))
    for kind, values in {
        "alternate title": [title.casefold() for title in occupation.alternate_titles],
        "reported title": [title.casefold() for title in occupation.reported_titles],
        "related occupation": occupation.related,
        "technology": [technology.example for technology in occupation.technologies],
    }.items():
        yield from (f"{kind} occurs twice: {value}" for value in _repeated(values))


def _task_problems(task: Task, keys: set[str]) -> Iterator[str]:
    if task.activity not in keys:
        yield f"activity {task.activity!r} is not in activities.toml"
    if not re.fullmatch(r"[A-Z].*\.", task.sentence) or not 8 <= len(task.sentence.split()) <= 25:
        yield f"not a sentence of 8 to 25 words: {task.sentence!r}"


def _repeated(values: list[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)
