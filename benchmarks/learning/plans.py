"""Plans for 1,000 mixed synthetic learners over a built state: every promise held, the optimum, and the time.

The state is a built data root (`--data`), with whatever sources it was built from.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.core.settings import Settings
from aina_assets.learning.assessing.assessor import Assessor
from aina_assets.learning.assessing.curriculum import CurriculumInputPacket
from aina_assets.learning.assessing.resolving import Resolved, TitleResolver
from aina_assets.learning.cohort.people import learner
from aina_assets.learning.cohort.titles import cohort_titles
from aina_assets.learning.desk import Policies
from aina_assets.learning.planning.catalogue import offers
from aina_assets.learning.planning.choosing import by_dynamic_program, by_highs, worth_of
from aina_assets.learning.planning.plan import Plan
from aina_assets.learning.planning.planner import Planner, check_plan, items_of

LEARNERS, UNSERVED = 1_000, 50
MOST_GAP = 0.02
MOST_MEDIAN_SECONDS = 0.050
SAME = 1e-7


def plan_figures(data: Path, learners: int = LEARNERS) -> dict[str, Any]:
    """Plan for so many learners and hold every plan against what was promised."""
    return _Bench(data).run(learners)


class _Bench:
    def __init__(self, data: Path) -> None:
        self.engine = Engine(Settings(data=data))
        self.policies = Policies.read(self.engine.settings)
        self.resolver = TitleResolver(self.engine, self.policies.planning.gender)
        self.assessor = Assessor(self.policies.planning, self.policies.learner_model)
        self.planner = Planner(self.policies.planning, self.policies.practice.policy)
        self.broken: Counter[str] = Counter()
        self.held: Counter[str] = Counter()

    def run(self, learners: int) -> dict[str, Any]:
        titles = cohort_titles(self.engine, max(1, learners - 2 * UNSERVED), UNSERVED)[:learners]
        by_role: dict[str, str] = {}
        seconds, gaps, highs_seconds, program_seconds = [], [], [], []
        methods: Counter[str] = Counter()
        for number, title in enumerate(titles):
            resolved = self.resolver.resolve(title)
            who = learner(11, number, title, resolved.role, resolved.function)
            packet = self.assessor.assess(who.said, resolved)
            start = time.perf_counter()
            plan = self.planner.plan(packet)
            taken = time.perf_counter() - start
            if plan.solution.method != "nothing_to_choose":
                seconds.append(taken)
            methods[plan.solution.method] += 1
            self._hold("prerequisites and capacity", not check_plan(plan))
            self._monotone(packet, plan)
            self._goals(packet, plan)
            self._of_the_work_alone(title, resolved, by_role)
            for gap, by_solver, by_program in self._gap(packet, plan):
                gaps.append(gap)
                highs_seconds.append(by_solver)
                program_seconds.append(by_program)
        median = statistics.median(seconds)
        return {
            "learners": len(titles),
            "promises_held_against": dict(sorted(self.held.items())),
            "broken_promises": dict(self.broken),
            "methods": dict(methods),
            "solved_exactly": len(gaps),
            "largest_gap": round(max(gaps, default=0.0), 9),
            "median_ms": round(median * 1000, 1),
            "p95_ms": round(statistics.quantiles(seconds, n=20)[18] * 1000, 1),
            "median_ms_of_highs": round(statistics.median(highs_seconds) * 1000, 1),
            "p95_ms_of_highs": round(statistics.quantiles(highs_seconds, n=20)[18] * 1000, 1),
            "median_ms_of_dynamic_program": round(statistics.median(program_seconds) * 1000, 1),
            "p95_ms_of_dynamic_program": round(statistics.quantiles(program_seconds, n=20)[18] * 1000, 1),
            "broken": bool(self.broken) or max(gaps, default=0.0) > MOST_GAP or median > MOST_MEDIAN_SECONDS,
        }

    def _hold(self, name: str, is_so: bool) -> None:
        self.held[name] += 1
        if not is_so:
            self.broken[name] += 1

    def _monotone(self, packet: CurriculumInputPacket, plan: Plan) -> None:
        more = packet.model_copy(update={"weekly_minutes": packet.weekly_minutes + 35})
        worth = self.planner.plan(more).solution.worth_chosen
        self._hold("more capacity covers no less", worth >= plan.solution.worth_chosen - SAME)

    def _goals(self, packet: CurriculumInputPacket, plan: Plan) -> None:
        if not packet.workflows:
            return
        first = packet.workflows[0]
        if "verify" in first.goal_stages:
            return
        changed = first.model_copy(update={"goal_stages": (*first.goal_stages, "verify")})
        with_goal = packet.model_copy(update={"workflows": (changed, *packet.workflows[1:])})

        def done(held: Plan) -> float:
            return sum(
                item.worth / item.factors.emphasis
                for item in held.items
                if item.workflow_id == first.workflow_id and item.stage == "verify"
            )

        self._hold("a goal gets no less", done(self.planner.plan(with_goal)) >= done(plan) - SAME)

    def _of_the_work_alone(self, title: str, resolved: Resolved, by_role: dict[str, str]) -> None:
        """Another title of the same role, letter case, noise, a gender: the plan is the same."""
        forms = {
            "noise changes nothing": (title.upper(), f"{title} (urgent hire)"),
            "gender changes nothing": (f"female {title}", f"Male {title}"),
        }
        for name, written in forms.items():
            for form in written:
                again = self.resolver.resolve(form)
                self._hold(name, again.answer.role_id == resolved.answer.role_id)
        role_id = resolved.answer.role_id
        if role_id is None:
            return
        plain = learner(11, 0, title, None, None).said.model_copy(
            update={"weekly_minutes": 90, "horizon_weeks": 6, "function": None}
        )
        content = self.planner.plan(self.assessor.assess(plain, resolved)).content_sha256
        if resolved.answer.path == "role":
            self._hold("titles of one role have one plan", by_role.setdefault(role_id, content) == content)

    def _gap(self, packet: CurriculumInputPacket, plan: Plan) -> Iterator[tuple[float, float, float]]:
        items = items_of(offers(packet, self.policies.planning))
        if not items or packet.capacity_minutes <= 0:
            return
        start = time.perf_counter()
        exact = by_highs(items, packet.capacity_minutes)
        solver = time.perf_counter() - start
        start = time.perf_counter()
        by_dynamic_program(items, packet.capacity_minutes, self.policies.planning.solver.unit_minutes)
        program = time.perf_counter() - start
        if exact is not None:
            best = worth_of(items, exact)
            yield (1 - plan.solution.worth_chosen / best if best > 0 else 0.0), solver, program
