"""What a role packet says of what is absent, substituted or withheld: one sentence each, and never silence.

Belongs here: when a statement is due, and its words. Does not: the facts.
"""

from __future__ import annotations

from collections.abc import Sequence

from aina_assets.packets.parts import (
    EducationShare,
    Exposure,
    Generalization,
    Importance,
    JobZone,
    PracticeTask,
    Statement,
    StatementCode,
    Task,
    Technology,
    Wages,
    Workflow,
)
from aina_assets.packets.policy import PacketPolicy
from aina_assets.packets.roles import Role

EMPLOYMENT = "employment"
MOST_SHARE_UNRATED = 0.5


def said(code: StatementCode, detail: str) -> Statement:
    """A statement."""
    return Statement(code=code, detail=detail)


def of_tasks(
    tasks: Sequence[Task], workflows: Sequence[Workflow], importance: Importance, policy: PacketPolicy
) -> list[Statement]:
    """What is due on the tasks, their ranks and workflows."""
    if not tasks:
        return [
            said(
                "no_tasks",
                "O*NET describes no tasks of this role; a title "
                "claimed "
                "at this level is served with the next coarser role that has tasks.",
            )
        ]
    found = []
    if len(tasks) < policy.quality.least_tasks:
        found.append(said("few_tasks", f"O*NET describes {len(tasks)} tasks of this role and no more."))
    if len(workflows) < policy.workflows.least:
        found.append(
            said(
                "few_workflows",
                f"{len(tasks)} tasks share so few work activities that they make {len(workflows)} workflows.",
            )
        )
    return [*found, *_of_importance(tasks, importance)]


def _of_importance(tasks: Sequence[Task], importance: Importance) -> list[Statement]:
    found = []
    unrated = [task for task in tasks if task.importance is None]
    untyped = [task for task in unrated if task.task_type is None]
    if "importance_extract" in importance.sources:
        found.append(
            said(
                "importance_of_other_release",
                f"The ratings of {importance.rated_tasks} tasks are those of another O*NET release, by a "
                "third "
                "party's extract, since this build has no task ratings of its own.",
            )
        )
    if len(unrated) > len(untyped):
        found.append(
            said(
                "importance_is_substituted",
                f"{len(unrated) - len(untyped)} tasks have no importance rating here: core tasks come before "
                "supplemental ones, then O*NET's own order.",
            )
        )
    if untyped:
        found.append(
            said(
                "importance_unknown",
                f"O*NET has not rated {len(untyped)} of {len(tasks)} tasks: their order says nothing of "
                "their "
                "importance.",
            )
        )
    return found


def of_signals(tasks: Sequence[Task], exposure: Exposure | None, *, is_fallback: bool) -> list[Statement]:
    """What is due on AI signals."""
    found = []
    signals = [signal for task in tasks for signal in task.signals]
    if tasks and not signals:
        found.append(said("no_signals", "No row of the Economic Index speaks of any task of this role."))
    legacy = sum(signal.text_link == "legacy_task_id" for signal in signals)
    if legacy:
        found.append(
            said(
                "signal_text_of_other_release",
                f"{legacy} of {len(signals)} signals are of tasks as O*NET 20.1 worded them; the task kept "
                "its id "
                "and its wording changed.",
            )
        )
    if exposure is None and not is_fallback:
        found.append(said("no_exposure", "The Economic Index has no observed exposure of this occupation."))
    return found


def of_wages(wages: Wages, *, is_function: bool) -> list[Statement]:
    """What is due on wages."""
    if is_function:
        return [
            said(
                "no_wage_at_function",
                "BLS publishes no wage of a business function; the spread shows those of its occupations.",
            )
        ]
    if not wages.figures:
        return [said("no_wage_row", "No OEWS row of this build speaks of this role: no wage is shown.")]
    found = []
    if wages.relation == "rolled_up":
        found.append(
            said(
                "wage_is_of_a_group",
                f"BLS publishes {wages.oews_code} for {wages.shared_with_count} occupations together: the "
                "figures "
                "are the group's.",
            )
        )
    pay = [figure for figure in wages.figures if not figure.measure.startswith(EMPLOYMENT)]
    withheld = [figure for figure in pay if figure.status != "published"]
    if withheld:
        reasons = ", ".join(sorted({figure.status for figure in withheld}))
        if len(withheld) == len(pay):
            found.append(said("wages_withheld", f"BLS withholds every wage of this role ({reasons})."))
        else:
            found.append(
                said(
                    "some_wages_withheld", f"BLS withholds {len(withheld)} of {len(pay)} figures ({reasons})."
                )
            )
    return found


def of_preparation(
    job_zone: JobZone | None,
    education: Sequence[EducationShare],
    technologies: Sequence[Technology],
    practice: Sequence[PracticeTask],
    *,
    is_fallback: bool,
) -> list[Statement]:
    """What is due on schooling, technologies and practice."""
    found = []
    if is_fallback:
        found.append(
            said(
                "left_to_members",
                "Job zone, education and exposure are an occupation's: a group shows how its members spread.",
            )
        )
    else:
        if job_zone is None:
            found.append(said("no_job_zone", "O*NET gives this occupation no job zone."))
        if not education:
            found.append(said("no_education", "O*NET has no answers on the education that it requires."))
    if not technologies:
        found.append(said("no_technologies", "O*NET lists no technologies of this role."))
    if not practice:
        found.append(said("no_practice_tasks", "No GDPval task is of an occupation of this role."))
    return found


def of_members(role: Role, general: Generalization, policy: PacketPolicy) -> list[Statement]:
    """What is due on a fallback's members."""
    found = [
        said(
            "generalizes",
            f"Speaks of {len(general.members)} occupations at once, {general.members_with_tasks} of them "
            "with "
            f"tasks; of their {general.tasks_total} tasks it shows those that most members have a like of.",
        )
    ]
    if general.agreement is not None and general.agreement < policy.fallback.least_agreement:
        found.append(
            said(
                "members_disagree",
                f"Two of its members share little: their mean similarity by work activities is "
                f"{general.agreement:.2f}.",
            )
        )
    if role.is_by_titles:
        found.append(
            said(
                "members_by_listed_titles",
                "No occupation is of this function as a whole: the members are those under which "
                "authorities list "
                "titles of it.",
            )
        )
    if role.left_out:
        found.append(
            said(
                "members_left_out", f"{role.left_out} occupations of the group are out of scope and left out."
            )
        )
    return found
