"""The starter as Anthropic's Economic Index: the 15 files of the Hub dataset.

Exposure of occupations, employment of major groups and median wages are published figures. Signals of
single tasks are illustrative: authored penetration, varied by digest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tools.starter.authored import Content, Group, Occupation, Task
from tools.starter.files import VINTAGE, Cell, StarterFile, csv_bytes, hub_file
from tools.starter.signals import apportion, fraction

SOURCE, LAYOUT, REPO = "economic_index", "2025-03-27", "Anthropic/EconomicIndex"
REVISION = "2ea58ff75e4247d26810c37f10c179edc2466cac"
FEBRUARY, MARCH, IMPACTS = "release_2025_02_10", "release_2025_03_27", "labor_market_impacts"
MONTH, ORIGIN = "11/2026", "Analyst"
PSEUDO_TASK = "none"
# As in the real index, some tasks have no signal: people were not seen using AI for them.
UNPENETRATED, UNUSED = 0.04, 0.10
LEAST_PENETRATION = 0.01
MODES = ("feedback_loop", "directive", "task_iteration", "validation", "learning")
MODE_WEIGHTS = {"feedback_loop": 3, "directive": 8, "task_iteration": 8, "validation": 1, "learning": 5}
FILTERED = "filtered"
# Below this share of conversations (in millionths) a task's modes are withheld as a whole.
WITHHELD, LEAST_THINKING = 500, 1500
MILLION = 1_000_000
README = f"""# AINA starter signals ({VINTAGE})

This is not Anthropic's Economic Index. It was written for the AINA project, in the layout of the Hub
dataset, so that the same readers read both.

- Published figures: observed exposure (`job_exposure.csv`), employment of major groups
  (`bls_employment_may_2023.csv`), and median wages (`wage_data.csv`, from OEWS May 2024).
- Illustrative: all signals of single tasks. Outlook and automation chance in `wage_data.csv` are left out:
  `JobForecast` 0, `ChanceAuto` -1, `isBright` and `isGreen` False.
- Task sentences are AINA's own.
"""


@dataclass(frozen=True)
class LegacyTask:
    """A task as the index's older files know it: under an O*NET-SOC 2010 code."""

    task_id: int
    task: Task
    occupation: Occupation
    group: Group


def economic_index_files(content: Content) -> Iterator[StarterFile]:
    """All files of the dataset."""
    legacy = list(_legacy_tasks(content))
    first, second = _usage(legacy, "v1"), _usage(legacy, "v2")
    by_task = _modes(legacy, second)
    usage = ("task_name", "pct")
    shares = ("interaction_type", "pct")
    contents = {
        f"{IMPACTS}/job_exposure.csv": _job_exposure(content),
        f"{IMPACTS}/task_penetration.csv": _penetration(content),
        f"{FEBRUARY}/README.md": README.encode(),
        f"{FEBRUARY}/SOC_Structure.csv": _soc_structure(content),
        f"{FEBRUARY}/automation_vs_augmentation.csv": csv_bytes(shares, _mode_shares(first, by_task)),
        f"{FEBRUARY}/bls_employment_may_2023.csv": _employment(content),
        f"{FEBRUARY}/onet_task_mappings.csv": csv_bytes(usage, _percents(first)),
        f"{FEBRUARY}/onet_task_statements.csv": _statements(legacy),
        f"{FEBRUARY}/wage_data.csv": _wages(content),
        f"{MARCH}/automation_vs_augmentation_by_task.csv": _collaboration(by_task),
        f"{MARCH}/automation_vs_augmentation_v1.csv": csv_bytes(shares, _mode_shares(first, by_task)),
        f"{MARCH}/automation_vs_augmentation_v2.csv": csv_bytes(shares, _mode_shares(second, by_task)),
        f"{MARCH}/task_pct_v1.csv": csv_bytes(usage, _percents(first)),
        f"{MARCH}/task_pct_v2.csv": csv_bytes(usage, _percents(second)),
        f"{MARCH}/task_thinking_fractions.csv": _thinking(second),
    }
    for name, text in contents.items():
        yield hub_file(REPO, REVISION, LAYOUT, SOURCE, name, text)


def _legacy_tasks(content: Content) -> Iterator[LegacyTask]:
    for occupation in sorted(content.occupations, key=lambda occupation: occupation.code):
        group = content.group[occupation.soc_code]
        if group.legacy_code:
            for task_id, task in occupation.identified_tasks:
                yield LegacyTask(task_id, task, occupation, group)


def _usage(tasks: list[LegacyTask], release: str) -> dict[str, int]:
    """Each used task's share of conversations, in millionths of a percent that sum to 100 percent."""
    weights = {PSEUDO_TASK: 1.0}
    for entry in tasks:
        task, name = entry.task, entry.task.legacy_name
        if task.penetration >= LEAST_PENETRATION and fraction("usage", name) >= UNUSED:
            weights[name] = (
                task.penetration
                * task.penetration
                * task.importance
                * (0.5 + fraction("usage", release, name))
            )
    return apportion(weights, 100 * MILLION)


def _modes(tasks: list[LegacyTask], usage: dict[str, int]) -> dict[str, dict[str, int]]:
    """Each used task's shares of the modes of collaboration, in millionths that sum to one."""
    modes = {}
    for task in (entry.task for entry in tasks):
        name = task.legacy_name
        if name not in usage:
            continue
        if usage[name] < 100 * WITHHELD:
            modes[name] = {**dict.fromkeys(MODES, 0), FILTERED: MILLION}
            continue
        weights = {mode: MODE_WEIGHTS[mode] * fraction("mode", mode, name) for mode in MODES}
        # The more a task is done with AI, the fewer of its conversations are withheld.
        withheld = (1 - task.penetration) * 0.6 * fraction("mode", FILTERED, name)
        known = math.fsum(weights.values())
        modes[name] = apportion({**weights, FILTERED: known * withheld / (1 - withheld)}, MILLION)
    return modes


def _percents(usage: dict[str, int]) -> list[tuple[Cell, ...]]:
    return [(name, units / MILLION) for name, units in sorted(usage.items())]


def _mode_shares(usage: dict[str, int], modes: dict[str, dict[str, int]]) -> list[tuple[Cell, ...]]:
    """All conversations by mode. What was withheld is in none of the rows, as upstream."""
    shares = {
        mode.replace("_", " "): sum(usage.get(name, 0) * parts[mode] for name, parts in modes.items())
        for mode in MODES
    }
    shares["none"] = usage[PSEUDO_TASK] * MILLION
    return [(mode, share // MILLION / MILLION) for mode, share in sorted(shares.items())]


def _collaboration(modes: dict[str, dict[str, int]]) -> bytes:
    columns = (*MODES, FILTERED)
    return csv_bytes(
        ("task_name", *columns),
        [(name, *(parts[mode] / MILLION for mode in columns)) for name, parts in sorted(modes.items())],
    )


def _thinking(usage: dict[str, int]) -> bytes:
    rows = [
        (name, round(0.25 * fraction("thinking", name), 6) if units >= 100 * LEAST_THINKING else None)
        for name, units in sorted(usage.items())
    ]
    return csv_bytes(("task_name", "thinking_fraction"), rows)


def _penetration(content: Content) -> bytes:
    rows = [
        (task.sentence, float(task.penetration))
        for occupation in content.occupations
        for task in occupation.tasks
        if fraction("penetration", task.legacy_name) >= UNPENETRATED
    ]
    return csv_bytes(("task", "penetration"), sorted(rows))


def _job_exposure(content: Content) -> bytes:
    rows = [
        (row["OCC_CODE"], row["OCC_TITLE"], float(row["observed_exposure"]))
        for row in content.figures
        if row["observed_exposure"]
    ]
    return csv_bytes(("occ_code", "title", "observed_exposure"), sorted(rows))


def _statements(tasks: list[LegacyTask]) -> bytes:
    header = (
        *("O*NET-SOC Code", "Title", "Task ID", "Task", "Task Type"),
        *("Incumbents Responding", "Date", "Domain Source"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            entry.group.legacy_code,
            entry.group.legacy_title,
            entry.task_id,
            entry.task.sentence,
            entry.task.task_type,
            None,
            MONTH,
            ORIGIN,
        )
        for entry in tasks
    ]
    return csv_bytes(header, sorted(rows, key=lambda row: (str(row[0]), str(row[2]))))


def _wages(content: Content) -> bytes:
    header = (
        *("SOCcode", "JobName", "JobFamily", "isBright", "isGreen", "JobZone"),
        *("MedianSalary", "JobForecast", "ChanceAuto", "WageGroup"),
    )
    zones = {occupation.soc_code: occupation.job_zone for occupation in content.occupations}
    rows: list[tuple[Cell, ...]] = []
    for group in content.groups:
        if not group.legacy_code:
            continue
        figure = content.figure.get(group.code) or content.figure[group.broad_code]
        rows.append(
            (
                group.legacy_code,
                group.legacy_title,
                content.group[group.code[:2] + "-0000"].legacy_title,
                "False",
                "False",
                zones.get(group.code) or -1,
                float(figure["A_MEDIAN"]),
                0,
                -1.0,
                None if group.code in content.figure else content.group[group.broad_code].title,
            )
        )
    return csv_bytes(header, sorted(rows, key=lambda row: str(row[1])))


def _soc_structure(content: Content) -> bytes:
    levels = ("major", "minor", "broad", "detailed")
    header = (
        *("Major Group", "Minor Group", "Broad Occupation", "Detailed Occupation", "Detailed O*NET-SOC"),
        "SOC or O*NET-SOC 2019 Title",
    )
    rows = [
        (*(group.code if level == group.level else None for level in levels), None, group.title)
        for group in content.groups
    ]
    return csv_bytes(header, rows)


def _employment(content: Content) -> bytes:
    rows = [
        (group.title, int(group.employment_may_2023))
        for group in content.groups
        if group.level == "major" and group.employment_may_2023
    ]
    return csv_bytes(("SOC or O*NET-SOC 2019 Title", "bls_distribution"), rows)
