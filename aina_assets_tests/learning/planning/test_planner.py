"""The planner: what must hold of every plan, whoever the learner is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.assessing.curriculum import CurriculumInputPacket
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.learning.planning.catalogue import PREREQUISITES, offers
from aina_assets.learning.planning.choosing import (
    Item,
    PlanError,
    by_dynamic_program,
    by_highs,
    minutes_of,
    worth_of,
)
from aina_assets.learning.planning.plan import Plan
from aina_assets.learning.planning.planner import Planner, check_plan, items_of
from aina_assets.learning.planning.policy import FILE_NAME, read_planning
from aina_assets.learning.planning.scheduling import ordered, scheduled
from aina_assets.learning.practice.policy import STAGES, Stage, read_practice
from aina_assets_tests.learning.planning.needs import packet, packets, task, workflow, workflows

ROOT = PROJECT_ROOT / "data" / "policies"
POLICY = read_planning(ROOT)
PLANNER = Planner(POLICY, read_practice(ROOT))


def planned(held: CurriculumInputPacket) -> Plan:
    return PLANNER.plan(held)


# --- properties of every plan


@given(packets())
@settings(max_examples=60, deadline=None)
def test_prerequisites_and_capacity_are_never_broken(held: CurriculumInputPacket) -> None:
    plan = planned(held)
    assert check_plan(plan) == []
    assert plan.solution.minutes_chosen <= held.capacity_minutes
    assert all(item.last_week <= held.horizon_weeks for item in plan.items)
    longest = held.longest_step_minutes
    assert longest is None or all(item.minutes <= longest for item in plan.items)
    assert held.has_model_access or all(item.stage in ("understand", "verify") for item in plan.items)
    assert len({item.item_id for item in plan.items}) == len(plan.items) == plan.solution.items_chosen


@given(packets(), st.integers(0, 120), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_more_capacity_never_covers_less(held: CurriculumInputPacket, minutes: int, weeks: int) -> None:
    more = held.model_copy(
        update={
            "weekly_minutes": held.weekly_minutes + minutes,
            "horizon_weeks": held.horizon_weeks + weeks,
        }
    )
    assert planned(more).solution.worth_chosen >= planned(held).solution.worth_chosen - 1e-9


@given(packets(), st.integers(0, 3), st.sampled_from(STAGES))
@settings(max_examples=40, deadline=None)
def test_a_goal_never_lowers_what_is_done_for_it(
    held: CurriculumInputPacket, number: int, stage: Stage
) -> None:
    place = number % len(held.workflows)
    chosen = held.workflows[place]
    without = tuple(name for name in chosen.goal_stages if name != stage)

    def with_goals(stages: tuple[Stage, ...]) -> CurriculumInputPacket:
        changed = chosen.model_copy(update={"goal_stages": stages})
        every = (*held.workflows[:place], changed, *held.workflows[place + 1 :])
        return held.model_copy(update={"workflows": every})

    def done(plan: Plan) -> float:
        # By what an item is worth without the goal.
        return sum(
            item.worth / item.factors.emphasis
            for item in plan.items
            if item.workflow_id == chosen.workflow_id and item.stage == stage
        )

    before, after = planned(with_goals(without)), planned(with_goals((*without, stage)))
    assert done(after) >= done(before) - 1e-9


@given(packets(), st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_whose_plan_it_is_changes_nothing_in_it(held: CurriculumInputPacket, number: int) -> None:
    other = held.model_copy(
        update={
            "learner_id": synthetic_learner_id(3, number),
            "assessment_id": "another",
            "title": held.title.model_copy(update={"title_id": "fedcba9876543210", "told": ("Otherwise.",)}),
        }
    )
    assert planned(other).content_sha256 == planned(held).content_sha256


@given(packets())
@settings(max_examples=25, deadline=None)
def test_every_item_says_why_and_from_where(held: CurriculumInputPacket) -> None:
    plan = planned(held)
    for item in plan.items:
        assert item.rows
        assert item.reason.endswith(".")
        told = item.factors
        product = told.importance * told.opportunity * told.gap * told.stage_share * told.emphasis
        assert item.worth == pytest.approx(product, abs=1e-9)
        assert PLANNER._practice.families[item.practice.family].stage == item.stage
    assert planned(held) == plan


# --- the two methods


@given(workflows(), st.integers(0, 600))
@settings(max_examples=60, deadline=None)
def test_both_methods_find_the_same_worth(held: tuple[object, ...], capacity: int) -> None:
    items = items_of(offers(packet(*held), POLICY))  # type: ignore[arg-type]
    exact = by_highs(items, capacity)
    assert exact is not None
    fast = by_dynamic_program(items, capacity, POLICY.solver.unit_minutes)
    for chosen in (exact, fast):
        assert minutes_of(items, chosen) <= capacity
        assert all(set(items[place].parents) <= set(chosen) for place in chosen)
    assert worth_of(items, fast) == pytest.approx(worth_of(items, exact), abs=1e-7)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6)), max_size=9), st.integers(0, 25))
def test_both_methods_are_as_good_as_trying_everything(drawn: list[tuple[int, int]], capacity: int) -> None:
    items = [
        Item(float(worth), minutes, () if place % 3 == 0 else (place - place % 3,), f"g{place // 3}")
        for place, (worth, minutes) in enumerate(drawn)
    ]
    best = 0.0
    for mask in range(1 << len(items)):
        chosen = [place for place in range(len(items)) if mask >> place & 1]
        is_closed = all(set(items[place].parents) <= set(chosen) for place in chosen)
        if is_closed and minutes_of(items, chosen) <= capacity:
            best = max(best, worth_of(items, chosen))
    exact = by_highs(items, capacity)
    assert exact is not None
    assert worth_of(items, exact) == pytest.approx(best, abs=1e-6)
    assert worth_of(items, by_dynamic_program(items, capacity, 1)) == pytest.approx(best)


def test_minutes_that_are_no_units_are_refused() -> None:
    with pytest.raises(PlanError, match="multiple of 5"):
        by_dynamic_program([Item(1.0, 7, (), "g")], 60, 5)


def test_small_sizes_are_solved_by_highs_and_large_ones_by_the_other_method() -> None:
    few = packet(workflow(1, (task(1, 1.0),)))
    tasks = tuple(task(number, 0.1) for number in range(1, 11))
    many = packet(*(workflow(number, tasks) for number in range(1, 8)))
    assert planned(few).solution.method == "highs"
    assert planned(many).solution.method == "dynamic_program"
    assert planned(packet(few.workflows[0], weekly_minutes=0)).solution.method == "nothing_to_choose"
    assert planned(packet()).items == ()


# --- what things are worth


def test_items_stand_in_the_stages_order() -> None:
    plan = planned(packet(workflow(1, (task(1, 1.0),)), horizon_weeks=52))
    places = {item.stage: n for n, item in enumerate(plan.items) if item.kind == "module"}
    for stage, before in PREREQUISITES.items():
        assert all(places[held] < places[stage] for held in before)


def test_what_is_worth_more_by_the_minute_comes_first() -> None:
    rich = workflow(1, (task(1, 1.0, 0.9),), mastery=0.1)
    poor = workflow(2, (task(2, 1.0, 0.1),), mastery=0.9)
    plan = planned(packet(poor, rich, horizon_weeks=52))
    assert plan.items[0].workflow_id == rich.workflow_id
    assert plan.items[-1].workflow_id == poor.workflow_id


def test_what_people_automate_moves_worth_to_automation() -> None:
    def share(automation: float | None) -> float:
        held = packet(workflow(1, (task(1, 1.0, automation_share=automation),)))
        (offer,) = [o for o in offers(held, POLICY) if o.is_module and o.stage == "automate_or_delegate"]
        return offer.factors.stage_share

    assert share(None) == share(0.0) < share(0.5) < share(1.0)
    worths = [sum(offer.factors.stage_share for offer in offers(packet(workflow(1, ())), POLICY))]
    assert worths == pytest.approx([1.0])


def test_a_week_holds_its_minutes_and_the_rest_goes_on() -> None:
    items = [Item(1.0, minutes, (), "g") for minutes in (50, 30, 40)]
    placed = scheduled(items, [0, 1, 2], 60)
    told = {held.place: (held.week, held.last_week) for held in placed}
    assert [held.place for held in placed] == [1, 2, 0]
    assert told == {1: (1, 1), 2: (1, 2), 0: (2, 2)}


def test_a_module_that_leads_to_much_does_not_wait() -> None:
    items = [Item(0.1, 10, (), "a"), Item(9.0, 10, (0,), "a"), Item(1.0, 10, (), "b")]
    assert ordered(items, [0, 1, 2]) == [0, 1, 2]


def test_a_plan_that_breaks_a_promise_is_named() -> None:
    plan = planned(packet(workflow(1, (task(1, 1.0),)), horizon_weeks=52))
    turned = plan.model_copy(update={"items": tuple(reversed(plan.items))})
    assert any("which it rests on" in fault for fault in check_plan(turned))
    late = plan.items[0].model_copy(update={"week": 9})
    assert any(
        "stands in weeks 9" in fault for fault in check_plan(plan.model_copy(update={"items": (late,)}))
    )
    short = plan.model_copy(update={"horizon_weeks": 1, "weekly_minutes": 90})
    assert any("minutes in 1 weeks" in fault for fault in check_plan(short))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("understand = 0.25", "understand = 0.35", "add up to 1"),
        ("most_shift_to_automation = 0.15", "most_shift_to_automation = 0.35", "more would be shifted"),
        ("step = 15", "step = 17", "no multiple of 5"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (ROOT / FILE_NAME).read_text("utf-8")
    assert old in text
    (tmp_path / FILE_NAME).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(SettingsError, match=told):
        read_planning(tmp_path)
