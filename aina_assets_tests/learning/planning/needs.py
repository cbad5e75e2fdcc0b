"""Curriculum inputs for tests of the planner, drawn by hypothesis or made by hand. No assertions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from aina_assets.learning.assessing.curriculum import (
    CurriculumInputPacket,
    SourceRow,
    TaskNeed,
    TitleAnswer,
    WorkflowNeed,
)
from aina_assets.learning.practice.policy import STAGES
from aina_assets_tests.learning.samples import LEARNER

ROW = SourceRow(what="task", file="onet/Task Statements.txt", row=3)
ANSWER = TitleAnswer(
    path="role",
    route="serve_now",
    reason="certified_match",
    title_id="0123456789abcdef",
    served_level="detailed",
    served_code="13-2011",
    error_bound=0.04,
    role_id="onet:13-2011.00",
    role_title="Accountants and Auditors",
    packet_sha256="ab" * 32,
    told=("Your title is served.",),
    rows=(),
)


def task(task_id: int, weight: float, opportunity: float = 0.5, **more: Any) -> TaskNeed:
    """A task of a workflow."""
    values = {
        "task_id": task_id,
        "onet_soc_code": "13-2011.00",
        "weight": weight,
        "opportunity": opportunity,
        "basis": "penetration",
        "automation_share": None,
        "rows": (ROW,),
    }
    return TaskNeed(**(values | more))


def workflow(number: int, tasks: tuple[TaskNeed, ...], **more: Any) -> WorkflowNeed:
    """A workflow of the role."""
    values: dict[str, Any] = {
        "workflow_id": f"onet:13-2011.00/w{number}",
        "name": f"Activity {number}",
        "importance": 0.3,
        "readiness": 1,
        "mastery": 0.3,
        "mastery_basis": "self_rating",
        "is_weekly": None,
        "goal_stages": (),
        "tasks": tasks,
        "rows": (ROW,),
    }
    return WorkflowNeed(**(values | more))


def packet(*workflows: WorkflowNeed, **more: Any) -> CurriculumInputPacket:
    """A curriculum input of these workflows."""
    values: dict[str, Any] = {
        "assessment_id": "assessment-1",
        "learner_id": LEARNER,
        "title": ANSWER,
        "function": "finance",
        "workflows": workflows,
        "weekly_minutes": 90,
        "horizon_weeks": 6,
        "longest_step_minutes": None,
        "has_model_access": True,
        "assumptions": (),
        "sources": (),
        "attribution": (),
        "policies": {},
    }
    return CurriculumInputPacket(**(values | more))


shares = st.integers(0, 20).map(lambda twentieths: twentieths / 20)


@st.composite
def workflows(draw: st.DrawFn, most: int = 4) -> tuple[WorkflowNeed, ...]:
    """Workflows of a role, their importances adding up to at most 1."""
    count = draw(st.integers(1, most))
    made = []
    for number in range(1, count + 1):
        tasks = draw(st.integers(0, 4))
        made.append(
            workflow(
                number,
                tuple(
                    task(
                        number * 10 + place,
                        round(1 / tasks, 9),
                        draw(shares),
                        automation_share=draw(st.none() | shares),
                    )
                    for place in range(tasks)
                ),
                importance=round(draw(shares) / count, 9),
                mastery=draw(shares),
                is_weekly=draw(st.none() | st.booleans()),
                goal_stages=tuple(stage for stage in STAGES if draw(st.integers(0, 5)) == 0),
            )
        )
    return tuple(made)


@st.composite
def packets(draw: st.DrawFn) -> CurriculumInputPacket:
    """Any curriculum input, those without time or workflows among them."""
    return packet(
        *draw(workflows()),
        weekly_minutes=draw(st.sampled_from([0, 5, 30, 45, 90, 200])),
        horizon_weeks=draw(st.integers(1, 12)),
        longest_step_minutes=draw(st.none() | st.sampled_from([10, 15, 30, 35])),
        has_model_access=draw(st.booleans()),
    )
