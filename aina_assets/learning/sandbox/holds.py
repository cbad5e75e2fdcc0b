"""Why GDPval tasks are looked at and not practised: named holds, each with what it counts.

Belongs here: the holds and what they are counted from. Does not: the receipt that tells them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

HoldId = Literal[
    "attachments_not_fetched",
    "licence_not_declared",
    "canary_present",
    "occupations_outside_scope",
    "criteria_need_a_reader",
]


@dataclass(frozen=True)
class Hold:
    """An open reason, or one that does not stand.

    Attributes:
        tasks: tasks that it concerns.
        figure: what is counted: files, licences, canaries, occupations, criteria.
        closes_when: what would close it.
    """

    hold_id: HoldId
    is_open: bool
    tasks: int
    figure: int
    detail: str
    closes_when: str


def holds(
    tasks: Iterable[Mapping[str, Any]],
    kinds: Iterable[Mapping[str, Any]],
    scope_shares: Mapping[str, float],
    occupations: Mapping[str, str],
    licences: Iterable[str],
    *,
    has_canary: bool,
) -> tuple[Hold, ...]:
    """The holds of a state.

    Args:
        tasks: rows of `gdpval_task`.
        kinds: rows of `gdpval_rubric_kind`.
        scope_shares: SOC code to the share of it that is in scope.
        occupations: GDPval occupation to SOC code.
        licences: of the dataset's files, as the lock tells them.
    """
    rows = list(tasks)
    with_files = [row for row in rows if row["reference_file_count"]]
    files = sum(row["reference_file_count"] for row in rows)
    undeclared = sum(licence == "not declared" for licence in licences)
    outside = sorted(name for name, code in occupations.items() if scope_shares.get(code, 0.0) == 0.0)
    held_outside = [row for row in rows if row["occupation"] in outside]
    uncheckable = [row for row in kinds if not row["is_checkable"]]
    return (
        Hold(
            "attachments_not_fetched",
            bool(files),
            len(with_files),
            files,
            f"{files} reference files of {len(with_files)} tasks are not among the locked files.",
            "The files are selected, locked and licensed.",
        ),
        Hold(
            "licence_not_declared",
            bool(undeclared),
            len(rows) if undeclared else 0,
            undeclared,
            f"{undeclared} files of the dataset have no declared licence.",
            "The publisher declares a licence that allows practice.",
        ),
        Hold(
            "canary_present",
            has_canary,
            len(rows) if has_canary else 0,
            int(has_canary),
            "The dataset carries a canary: its words must not be copied." if has_canary else "No canary.",
            "The publisher withdraws the canary.",
        ),
        Hold(
            "occupations_outside_scope",
            bool(outside),
            len(held_outside),
            len(outside),
            f"{len(outside)} occupations are outside the scope of work: {'; '.join(outside) or 'none'}.",
            "The scope policy takes the occupation in.",
        ),
        Hold(
            "criteria_need_a_reader",
            bool(uncheckable),
            len({row["task_id"] for row in uncheckable}),
            len(uncheckable),
            f"{len(uncheckable)} criteria cannot be decided by a deterministic check.",
            "A reviewer or a model judge that was measured decides them.",
        ),
    )
