"""Pages of a practice: the task with its materials and an editor, and what an answer came to.

Belongs here: what these pages show. Does not: evaluating.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from aina_assets.core.errors import LearnerError
from aina_assets.learning.records.events import MOST_TEXT, Evaluated, Submitted
from aina_assets.service import acts
from aina_assets.service.acts import Practice
from aina_assets.service.api.models import SubmissionRequest
from aina_assets.service.errors import ConflictError, NotFoundError
from aina_assets.service.middleware import PAGES
from aina_assets.service.pages import charts, words
from aina_assets.service.pages.forms import Posted, faults_of, new_key
from aina_assets.service.pages.shown import page, rooms_of
from aina_assets.service.rooms import Rooms

router = APIRouter()


@router.get("/practice/{practice_id}")
def practice_page(request: Request, practice_id: str) -> Response:
    """The task, its materials, and room for the answer."""
    practice = acts.find_practice(rooms_of(request), practice_id)
    return _practice_page(request, practice, "", "")


def _practice_page(
    request: Request, practice: Practice, text: str, fault: str, status: int = 200
) -> Response:
    rooms = rooms_of(request)
    attempt_id = acts.attempt_of(rooms, practice)
    attempt = None
    if attempt_id is not None:
        attempt = rooms.desk.record(practice.plan.learner_id).attempts.get(attempt_id)
    values = {
        "practice": practice,
        "task": acts.task_of(rooms, practice),
        "stages": words.STAGES,
        "attempt": attempt,
        "text": text,
        "fault": fault,
        "most": MOST_TEXT,
        "key": new_key(),
    }
    return page(request, "practice.html", values, section="learn", status=status)


@router.post("/practice/{practice_id}/start")
def start(request: Request, practice_id: str, form: Posted) -> Response:
    """Begin, then show the task."""
    rooms = rooms_of(request)
    practice = acts.find_practice(rooms, practice_id)
    acts.start(rooms, practice, form.key)
    return RedirectResponse(f"{PAGES}/practice/{practice.practice_id}", status_code=303)


@router.post("/practice/{practice_id}/submit")
def submit(request: Request, practice_id: str, form: Posted) -> Response:
    """Hand in, then show what it came to. What was typed is kept on the page where it is refused."""
    rooms = rooms_of(request)
    practice = acts.find_practice(rooms, practice_id)
    text = form.text("text")
    try:
        told = SubmissionRequest(learner_id=practice.plan.learner_id, text=text)
        acts.submit(rooms, practice, told, form.key)
    except ValidationError as error:
        return _practice_page(request, practice, text, faults_of(error).get("text", "is wrong"), 422)
    except ConflictError as error:
        return _practice_page(request, practice, text, f"{error.message}. {error.remedy}", 409)
    except LearnerError as error:
        return _practice_page(request, practice, text, f"{error.message}. {error.remedy}", 422)
    return RedirectResponse(f"{PAGES}/practice/{practice.practice_id}/result", status_code=303)


@router.get("/practice/{practice_id}/result")
def result_page(request: Request, practice_id: str) -> Response:
    """What an answer came to: each criterion, with the words that show it."""
    rooms = rooms_of(request)
    practice = acts.find_practice(rooms, practice_id)
    attempt_id = acts.attempt_of(rooms, practice)
    submitted = None if attempt_id is None else _submitted(rooms, practice, attempt_id)
    if attempt_id is None or submitted is None:
        raise NotFoundError("nothing was handed in here yet", place="practice_id")
    text, evaluated = submitted
    task = acts.task_of(rooms, practice)
    notes = {held.criterion_id: held.note for held in rooms.desk.evaluation_of(attempt_id, text).criteria}
    asked = {held.criterion_id: held for held in task.criteria}
    criteria = [
        {
            "number": number,
            "verdict": held.verdict,
            "spans": held.spans,
            "note": notes.get(held.criterion_id, ""),
            "text": asked[held.criterion_id].text,
            "weight": asked[held.criterion_id].weight,
        }
        for number, held in enumerate(evaluated.criteria, 1)
    ]
    plan = practice.plan
    following = next(
        (
            f"{plan.plan_id}.{n + 1}"
            for n, item in enumerate(plan.items, 1)
            if item == practice.item and n < len(plan.items)
        ),
        None,
    )
    spans = {number: held.spans for number, held in enumerate(evaluated.criteria, 1)}
    values: dict[str, Any] = {
        "practice": practice,
        "task": task,
        "evaluated": evaluated,
        "criteria": criteria,
        "pieces": charts.pieces(text, spans),
        "met": sum(held["verdict"] == "MET" for held in criteria),
        "missing": [held for held in criteria if held["verdict"] == "UNMET"],
        "following": following,
        "pass_score": rooms.desk.pass_score,
        "key": new_key(),
    }
    return page(request, "result.html", values, section="learn")


def _submitted(rooms: Rooms, practice: Practice, attempt_id: str) -> tuple[str, Evaluated] | None:
    """The answer that was handed in for an attempt, and its evaluation as it is on record."""
    text: str | None = None
    submission_id = None
    for stored in rooms.log.of_learner(practice.plan.learner_id):
        data = stored.event.data
        if isinstance(data, Submitted) and data.attempt_id == attempt_id and text is None:
            text, submission_id = data.text, data.submission_id
        if isinstance(data, Evaluated) and text is not None and data.submission_id == submission_id:
            return text, data
    return None
