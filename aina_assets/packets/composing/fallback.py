"""The packet of a SOC group or a business function: what its occupations have in common, and how they differ.

Belongs here: choosing what to show of many occupations. Does not: which occupations they are (`roles`).

Nothing in it is an average that no row says: a task is a member's own, a spread's ends and middle are
members' rows, a wage is the group's own row or none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from aina_assets.packets.composing import statements
from aina_assets.packets.composing.role import (
    NO_DIGEST,
    importance_of,
    no_wages,
    practice_of,
    wages_of,
    wages_of_row,
)
from aina_assets.packets.contract import PACKET_VERSION, RolePacket
from aina_assets.packets.evidence import Evidence
from aina_assets.packets.parts import (
    Generalization,
    Member,
    MemberValue,
    Origin,
    PracticeTask,
    SharedActivity,
    Spread,
    Statement,
    Task,
    Technology,
    Wages,
)
from aina_assets.packets.policy import PacketPolicy
from aina_assets.packets.roles import Role
from aina_assets.packets.similarity import Nearness, task_weight
from aina_assets.packets.workflows import workflows

MEDIAN_WAGE = "annual_median_wage_usd"
# A task whose activity is shown already is worth this much of one whose activity is new.
REPEATED = 0.5
DIGITS = 4

Figure = tuple[float, Origin]


class FallbackComposer:
    """Composes the packets of groups and functions.

    Args:
        evidence: what packets are made of.
        policy: how much a packet shows.
        nearness: how alike occupations are.
    """

    def __init__(self, evidence: Evidence, policy: PacketPolicy, nearness: Nearness) -> None:
        self._evidence = evidence
        self._policy = policy
        self._nearness = nearness

    def compose(self, role: Role) -> RolePacket:
        """The packet of a group or function, not yet sealed."""
        shares = self._activity_shares(role)
        tasks = self._tasks(role, shares)
        grouped = workflows(role.role_id, tasks, self._evidence.work.activity_names, self._policy.workflows)
        importance = importance_of(tasks, self._evidence)
        general = self._generalization(role, shares)
        wages = self._wages(role)
        practice = self._practice(role)
        technologies = self._technologies(role)
        group = self._evidence.soc.groups.get(role.code)
        found: list[Statement] = [
            *statements.of_members(role, general, self._policy),
            *statements.of_tasks(tasks, grouped, importance, self._policy),
            *statements.of_signals(tasks, None, is_fallback=True),
            *statements.of_wages(wages, is_function=role.level == "function"),
            *statements.of_preparation(None, (), technologies, practice, is_fallback=True),
        ]
        return RolePacket(
            schema_version=PACKET_VERSION,
            kind="role",
            role_id=role.role_id,
            level=role.level,
            code=role.code,
            title=role.title,
            description=self._evidence.soc.definitions.get(role.code),
            origin=None if group is None else group.origin,
            function=role.function,
            groups=tuple(self._evidence.soc.path_up(role.code)),
            importance=importance,
            tasks=tasks,
            workflows=grouped,
            exposure=self._evidence.facts.exposures.get(role.code),
            technologies=technologies,
            wages=wages,
            practice=practice,
            job_zone=None,
            education=(),
            similar=(),
            generalizes=general,
            statements=tuple(found),
            sources=(),
            attribution=(),
            packet_sha256=NO_DIGEST,
            gate=None,
        )

    # --- tasks

    def _with_tasks(self, role: Role) -> list[str]:
        return [code for code in role.members if code in self._evidence.work.tasks]

    def _activity_shares(self, role: Role) -> dict[str, float]:
        """Of each intermediate activity the share of members (that have tasks) with a task of it."""
        members = self._with_tasks(role)
        counts: Counter[str] = Counter()
        for code in members:
            counts.update(
                {activity.iwa_id for task in self._evidence.work.tasks[code] for activity in task.activities}
            )
        return {activity: count / len(members) for activity, count in counts.items()}

    def _tasks(self, role: Role, shares: Mapping[str, float]) -> tuple[Task, ...]:
        """The most telling tasks: of an activity that many members have, high in their own occupation's
        ranks.

        One a statement, and of an activity that is shown already at half its worth.
        """
        every = [task for code in self._with_tasks(role) for task in self._evidence.work.tasks[code]]
        left = [(_share(task, shares) * task_weight(task.rank), task) for task in every]
        left.sort(key=lambda pair: (-pair[0], pair[1].onet_soc_code, pair[1].task_id))
        shown: Counter[str] = Counter()
        texts: set[str] = set()
        chosen: list[Task] = []
        while left and len(chosen) < self._policy.fallback.most_tasks:
            _, task = left.pop(_best(left, shown))
            text = task.statement.casefold()
            if text not in texts:
                texts.add(text)
                shown.update({activity.iwa_id for activity in task.activities})
                chosen.append(task)
        return tuple(
            task.model_copy(update={"rank": rank, "member_share": round(_share(task, shares), DIGITS)})
            for rank, task in enumerate(chosen, 1)
        )

    # --- what members have in common and how they differ

    def _generalization(self, role: Role, shares: Mapping[str, float]) -> Generalization:
        work, soc = self._evidence.work, self._evidence.soc
        most = sorted(shares, key=lambda activity: (-shares[activity], activity))
        spreads = (
            self._spread("observed_exposure", role, self._exposure),
            self._spread(MEDIAN_WAGE, role, self._median_wage),
            self._spread("job_zone", role, self._job_zone),
        )
        return Generalization(
            members=tuple(
                Member(
                    onet_soc_code=code,
                    title=soc.occupations[code].title,
                    task_count=len(work.tasks.get(code, ())),
                    origin=soc.occupations[code].origin,
                )
                for code in role.members
            ),
            members_with_tasks=len(self._with_tasks(role)),
            tasks_total=sum(len(work.tasks.get(code, ())) for code in role.members),
            agreement=self._nearness.mean_between(role.members),
            shared_activities=tuple(
                SharedActivity(
                    iwa_id=activity,
                    title=work.activity_names[activity][0],
                    member_share=round(shares[activity], DIGITS),
                    origin=work.activity_names[activity][1],
                )
                for activity in most[: self._policy.fallback.most_shared_activities]
            ),
            spreads=tuple(spread for spread in spreads if spread is not None),
        )

    def _spread(self, measure: str, role: Role, figure: Callable[[str], Figure | None]) -> Spread | None:
        found = self._figures(role, figure)
        if not found:
            return None
        return Spread(
            measure=measure,
            members_with_value=len(found),
            lowest=found[0],
            middle=found[(len(found) - 1) // 2],
            highest=found[-1],
        )

    def _figures(self, role: Role, figure: Callable[[str], Figure | None]) -> list[MemberValue]:
        found = []
        for code in role.members:
            known = figure(code)
            if known is not None:
                title = self._evidence.soc.occupations[code].title
                found.append(MemberValue(onet_soc_code=code, title=title, value=known[0], origin=known[1]))
        return sorted(found, key=lambda member: (member.value, member.onet_soc_code))

    def _exposure(self, code: str) -> Figure | None:
        found = self._evidence.facts.exposures.get(self._evidence.soc.occupations[code].detailed or "")
        return None if found is None else (found.value, found.origin)

    def _median_wage(self, code: str) -> Figure | None:
        wages = wages_of(self._evidence, self._evidence.soc.occupations[code].detailed)
        return next(
            (
                (figure.value, figure.origin)
                for figure in wages.figures
                if figure.measure == MEDIAN_WAGE and figure.value is not None
            ),
            None,
        )

    def _job_zone(self, code: str) -> Figure | None:
        found = self._evidence.facts.job_zones.get(code)
        return None if found is None else (float(found.zone), found.origin)

    # --- the rest

    def _wages(self, role: Role) -> Wages:
        if role.level == "function":
            return no_wages()
        if role.level == "detailed":
            return wages_of(self._evidence, role.code)
        return wages_of_row(self._evidence, role.code, "direct", 0)

    def _practice(self, role: Role) -> tuple[PracticeTask, ...]:
        found: dict[str, PracticeTask] = {}
        for code in role.members:
            for task in practice_of(self._evidence, code):
                found.setdefault(task.gdpval_task_id, task)
        return tuple(sorted(found.values(), key=lambda task: task.origin.row))

    def _technologies(self, role: Role) -> tuple[Technology, ...]:
        """Those that most members use, each as a member's row has it: one in demand where there is one."""
        users: dict[str, list[Technology]] = defaultdict(list)
        for code in role.members:
            for name, technology in _by_name(self._evidence.facts.technologies.get(code, ())).items():
                users[name].append(technology)
        most = sorted(users, key=lambda name: (-len(users[name]), not users[name][0].is_hot, name))
        return tuple(
            max(users[name], key=lambda technology: technology.is_in_demand).model_copy(
                update={"member_share": round(len(users[name]) / len(role.members), DIGITS)}
            )
            for name in most[: self._policy.fallback.most_technologies]
        )


def _by_name(technologies: Sequence[Technology]) -> dict[str, Technology]:
    found: dict[str, Technology] = {}
    for technology in technologies:
        found.setdefault(technology.name, technology)
    return found


def _best(left: Sequence[tuple[float, Task]], shown: Counter[str]) -> int:
    """The place of the task that is worth most now; `left` is in the order of what tasks were worth."""
    place, most = 0, -1.0
    for number, (worth, task) in enumerate(left):
        # A task can only lose worth: nothing behind this one can be worth more.
        if worth <= most:
            break
        times = min((shown[activity.iwa_id] for activity in task.activities), default=0)
        now = worth * REPEATED**times
        if now > most:
            place, most = number, now
    return place


def _share(task: Task, shares: Mapping[str, float]) -> float:
    return max((shares[activity.iwa_id] for activity in task.activities), default=0.0)
