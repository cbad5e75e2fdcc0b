"""Pages of a learner: say who learns what, the path, the record.

Belongs here: what these pages show. Does not: practising (`practise`).
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from aina_assets.core.errors import LearnerError
from aina_assets.learning.assessing.inputs import AssessmentInput
from aina_assets.learning.identity import check_learner_id, synthetic_learner_id
from aina_assets.learning.planning.plan import Plan
from aina_assets.service import acts
from aina_assets.service.api.models import CurriculumRequest, LearnerRecord
from aina_assets.service.errors import NotFoundError
from aina_assets.service.middleware import PAGES
from aina_assets.service.pages import charts, words
from aina_assets.service.pages.forms import Form, Posted, faults_of, new_key
from aina_assets.service.pages.shown import LEARNER_COOKIE, page, rooms_of
from aina_assets.service.records import record_told
from aina_assets.service.rooms import Rooms
from aina_assets.titles.functions import NAMES

router = APIRouter()
# Learners of these pages are a population of their own.
POPULATION = 20
HOURS = (
    (30, "half an hour"),
    (60, "1 hour"),
    (90, "1½ hours"),
    (180, "3 hours"),
    (300, "5 hours"),
    (480, "8 hours"),
)


def new_learner() -> str:
    """The id of a synthetic learner that nobody has used."""
    return synthetic_learner_id(POPULATION, secrets.randbelow(1_000_000_000))


@router.get("/")
def assess_form(request: Request) -> Response:
    """The form that a path begins with."""
    values = {"title": request.query_params.get("title", "")[:200]}
    return _assess_page(request, values, {})


@router.post("/assess")
def assess(request: Request, form: Posted) -> Response:
    """Assess and plan, then show the path."""
    rooms = rooms_of(request)
    try:
        told = AssessmentInput.model_validate(_told(form))
    except ValidationError as error:
        return _assess_page(request, _typed(form), faults_of(error), 422)
    try:
        packet = json.loads(acts.assess(rooms, told, form.key).body)
        asked = CurriculumRequest(assessment_id=packet["assessment_id"])
        plan = json.loads(acts.plan(rooms, asked, f"{form.key[:56]}-plan").body)
    except LearnerError as error:
        place = error.place if error.place in ("title", "learner_id") else "form"
        return _assess_page(request, _typed(form), {place: f"{error.message}. {error.remedy}"}, 422)
    response = RedirectResponse(f"{PAGES}/plans/{plan['plan_id']}", status_code=303)
    response.set_cookie(
        LEARNER_COOKIE, told.learner_id, httponly=True, samesite="strict", path=PAGES, max_age=30 * 86_400
    )
    return response


def _told(form: Form) -> dict[str, Any]:
    goals = [{"stage": stage} for stage in form.all("goal")]
    weekly = form.one("weekly_minutes")
    weeks = form.one("horizon_weeks")
    return {
        "learner_id": form.one("learner_id"),
        "title": form.one("title"),
        "function": form.one("function") or None,
        "weekly_minutes": int(weekly) if weekly.isascii() and weekly.isdecimal() else weekly or None,
        "horizon_weeks": int(weeks) if weeks.isascii() and weeks.isdecimal() else weeks or None,
        "goals": goals,
        "constraints": {"has_model_access": "has_model_access" in form.values},
    }


def _typed(form: Form) -> dict[str, Any]:
    names = ("title", "function", "weekly_minutes", "horizon_weeks", "learner_id")
    return {
        **{name: form.one(name) for name in names},
        "goals": form.all("goal"),
        "has_model_access": "has_model_access" in form.values,
    }


def _assess_page(
    request: Request, typed: dict[str, Any], faults: dict[str, str], status: int = 200
) -> Response:
    blank = {
        "title": "",
        "function": "",
        "weekly_minutes": "90",
        "horizon_weeks": "6",
        "learner_id": request.cookies.get(LEARNER_COOKIE) or "",
        "goals": (),
        "has_model_access": True,
    }
    values = {**blank, **typed}
    try:
        check_learner_id(values["learner_id"])
    except LearnerError:
        values["learner_id"] = new_learner()
    told = {
        "typed": values,
        "faults": faults,
        "functions": NAMES,
        "stages": words.STAGES,
        "hours": HOURS,
        "key": new_key(),
    }
    return page(request, "assess.html", told, section="learn", status=status)


@router.get("/plans/{plan_id}")
def plan_page(request: Request, plan_id: str) -> Response:
    """The path."""
    rooms = rooms_of(request)
    plan = acts.read_plan(rooms, plan_id)
    progress = _progress(rooms, plan)
    weeks: dict[int, list[dict[str, Any]]] = {}
    for number, item in enumerate(plan.items, 1):
        told = {"number": number, "item": item, "state": progress.get(item.item_id, "")}
        weeks.setdefault(item.week, []).append({**told, "practice_id": f"{plan.plan_id}.{number}"})
    next_one = next(
        (
            f"{plan.plan_id}.{n}"
            for n, item in enumerate(plan.items, 1)
            if progress.get(item.item_id) != "passed"
        ),
        None,
    )
    values = {
        "plan": plan,
        "weeks": weeks,
        "chart": charts.timeline(plan, progress),
        "stages": words.STAGES,
        "next_one": next_one,
        "minutes": sum(item.minutes for item in plan.items),
        "passed": sum(state == "passed" for state in progress.values()),
        "key": new_key(),
    }
    return page(request, "plan.html", values, section="learn")


def _progress(rooms: Rooms, plan: Plan) -> dict[str, str]:
    """How far each item is: the best of its tries."""
    found: dict[str, str] = {}
    ids = {item.item_id for item in plan.items}
    for attempt in rooms.desk.record(plan.learner_id).attempts.values():
        if attempt.item_id not in ids:
            continue
        state = "begun" if attempt.submission_id is None else "tried"
        state = "passed" if attempt.is_pass else state
        order = ("", "begun", "tried", "passed")
        if order.index(state) > order.index(found.get(attempt.item_id, "")):
            found[attempt.item_id] = state
    return found


@router.get("/record")
def record_door(request: Request) -> Response:
    """The record of the learner that was told, or of the one that these pages were used for last."""
    asked = request.query_params.get("learner", "").strip()
    learner_id = asked or request.cookies.get(LEARNER_COOKIE, "")
    fault = ""
    if learner_id:
        try:
            check_learner_id(learner_id)
            acts.record_of(rooms_of(request), learner_id)
            return RedirectResponse(f"{PAGES}/learners/{learner_id}", status_code=303)
        except NotFoundError:
            fault = "This learner has done nothing yet." if asked else ""
        except LearnerError as error:
            fault = error.message if asked else ""
    told = {"fault": fault, "asked": asked}
    return page(request, "record_door.html", told, section="record", status=404 if fault else 200)


@router.get("/learners/{learner_id}")
def record_page(request: Request, learner_id: str) -> Response:
    """What a learner has done, and when what is due."""
    rooms = rooms_of(request)
    record = record_told(rooms, learner_id)
    names = _workflow_names(rooms, record)
    values = {
        "record": record,
        "names": names,
        "mastery": charts.mastery(record, names),
        "calendar": charts.calendar(record, names, rooms.clock()),
        "attempts": sorted(record.attempts, key=lambda held: held.started_at, reverse=True),
        "results": sum(held.attempts for held in record.workflows.values()),
        "passes": sum(held.passes for held in record.workflows.values()),
        "practised": sum(held.attempts > 0 for held in record.workflows.values()),
    }
    return page(request, "record.html", values, section="record")


def _workflow_names(rooms: Rooms, record: LearnerRecord) -> dict[str, str]:
    if record.plan is None:
        return {}
    try:
        plan = rooms.desk.read_plan(record.plan.plan_id)
    except LearnerError:
        return {}
    return {item.workflow_id: item.workflow_name for item in plan.items}
