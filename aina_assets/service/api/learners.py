"""Addresses of learners: assess, plan, practise, hand in, record, events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from aina_assets.learning.assessing.curriculum import CurriculumInputPacket
from aina_assets.learning.assessing.inputs import AssessmentInput
from aina_assets.learning.identity import check_learner_id, synthetic_learner_id
from aina_assets.learning.planning.plan import Plan
from aina_assets.learning.practice.task import PracticeTask
from aina_assets.service import acts
from aina_assets.service.api.common import (
    JSON,
    READ,
    WRITE,
    WRITES,
    Key,
    LearnerPath,
    PracticePath,
    RoomsOf,
    answered,
    problems,
)
from aina_assets.service.api.models import (
    CurriculumRequest,
    EventPage,
    EventTold,
    LearnerRecord,
    SubmissionAnswer,
    SubmissionRequest,
)
from aina_assets.service.errors import NotFoundError
from aina_assets.service.pagination import DEFAULT, Cursor, Limit, cursor_of, offset_of
from aina_assets.service.records import record_told

router = APIRouter(tags=["learners"])
LEARNER = synthetic_learner_id(9, 1)
ASSESSMENT = {
    "summary": "An accountant with three hours a week",
    "value": {
        "learner_id": LEARNER,
        "title": "Senior Accountant",
        "weekly_minutes": 180,
        "horizon_weeks": 6,
        "goals": [{"stage": "delegate"}],
    },
}


@router.post(
    "/assess",
    status_code=201,
    response_model=None,
    dependencies=WRITES,
    responses={201: {"model": CurriculumInputPacket}, **problems(*WRITE)},
    summary="Say who learns what",
)
async def assess(
    request: Request,
    rooms: RoomsOf,
    key: Key,
    told: Annotated[AssessmentInput, Body(openapi_examples={"accountant": ASSESSMENT})],
) -> Response:
    """Take title, readiness, goals and capacity; give what a plan is made of (`curriculum_input_v1`)."""
    return await answered(request, lambda: acts.assess(rooms, told, key), "beginning")


@router.post(
    "/curriculum",
    status_code=201,
    response_model=None,
    dependencies=WRITES,
    responses={201: {"model": Plan}, **problems(*WRITE)},
    summary="Plan what was assessed",
)
async def curriculum(request: Request, rooms: RoomsOf, key: Key, told: CurriculumRequest) -> Response:
    """Choose and order what is learned (`learning_plan_v1`). Practice ids follow from it: `<plan_id>.<n>`."""
    return await answered(request, lambda: acts.plan(rooms, told, key), "planning")


@router.get(
    "/practice/{practice_id}",
    response_model=None,
    responses={200: {"model": PracticeTask}, **problems(*READ)},
    summary="A practice task",
)
def practice(rooms: RoomsOf, practice_id: PracticePath) -> Response:
    """The task of a plan item (`practice_task_v1`), begun or not; to look at it begins nothing."""
    task = acts.task_of(rooms, acts.find_practice(rooms, practice_id))
    return Response(task.model_dump_json(), media_type=JSON)


@router.post(
    "/practice/{practice_id}/start",
    status_code=201,
    response_model=None,
    dependencies=WRITES,
    responses={201: {"model": PracticeTask}, **problems(*WRITE)},
    summary="Begin a practice",
)
async def start(request: Request, rooms: RoomsOf, key: Key, practice_id: PracticePath) -> Response:
    """Note that the practice was begun. To hand in begins it too, where that was not done."""
    return await answered(
        request, lambda: acts.start(rooms, acts.find_practice(rooms, practice_id), key), "beginning"
    )


@router.post(
    "/practice/{practice_id}/submit",
    status_code=201,
    response_model=None,
    dependencies=WRITES,
    responses={201: {"model": SubmissionAnswer}, **problems(*WRITE)},
    summary="Hand an answer in",
)
async def submit(
    request: Request,
    rooms: RoomsOf,
    key: Key,
    practice_id: PracticePath,
    told: Annotated[
        SubmissionRequest,
        Body(
            openapi_examples={
                "answer": {"value": {"learner_id": LEARNER, "text": "- INV-104 differs by 20.00 [M1:4]."}}
            }
        ),
    ],
) -> Response:
    """Evaluate an answer against the locked rubric; what is acknowledged here is in the record, once."""
    return await answered(
        request, lambda: acts.submit(rooms, acts.find_practice(rooms, practice_id), told, key), "handing_in"
    )


@router.get(
    "/learners/{learner_id}/record",
    response_model=None,
    responses={200: {"model": LearnerRecord}, **problems(*READ)},
    summary="A learner's record",
)
def record(rooms: RoomsOf, learner_id: LearnerPath) -> Response:
    """Mastery, attempts, plan and reviews that are due, folded from the events."""
    return Response(record_told(rooms, learner_id).model_dump_json(), media_type=JSON)


@router.get(
    "/learners/{learner_id}/events",
    response_model=None,
    responses={200: {"model": EventPage}, **problems(*READ)},
    summary="A learner's events",
)
def events(
    rooms: RoomsOf, learner_id: LearnerPath, limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response:
    """What happened, in order; a cursor stays good however many events follow."""
    check_learner_id(learner_id)
    start_at = offset_of(cursor)
    found = [
        EventTold(sequence=held.sequence, number=held.number, event=held.event)
        for held in rooms.log.page_of_learner(learner_id, start_at, limit + 1)
    ]
    if not found and start_at == 0:
        raise NotFoundError("this learner has no events", place="learner_id")
    more = cursor_of(start_at + limit) if len(found) > limit else None
    return Response(EventPage(items=tuple(found[:limit]), next=more).model_dump_json(), media_type=JSON)
