"""The review desk: the queue by batch, two reviewers side by side, a decision with a reason.

Belongs here: what these pages show. Does not: deciding.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from aina_assets.adjudication.commands import UnknownBatchError
from aina_assets.adjudication.deciding import PersonDecisionError
from aina_assets.core.errors import PersonalDataError
from aina_assets.service import acts
from aina_assets.service.api.review_models import DecisionRequest
from aina_assets.service.middleware import PAGES
from aina_assets.service.pages import words
from aina_assets.service.pages.forms import Form, Posted, faults_of, new_key
from aina_assets.service.pages.shown import page, rooms_of
from aina_assets.service.reviewing import ReviewedTitle

router = APIRouter()
REVIEWER_COOKIE = "aina_reviewer"
SHOWS = ("open", "kept", "all")


@router.get("/review")
def queue_page(request: Request) -> Response:
    """Batches, those with most disputed titles first."""
    batches = rooms_of(request).review.batches()
    values = {
        "batches": batches,
        "disputed": sum(held.disputed for held in batches),
        "waiting": sum(held.waiting for held in batches),
        "kept": sum(held.kept for held in batches),
        "since": sum(held.since for held in batches),
        "most": max((held.disputed for held in batches), default=0) or 1,
    }
    return page(request, "review.html", values, section="review")


@router.get("/review/{title_batch}")
def batch_page(request: Request, title_batch: str) -> Response:
    """A batch's titles, and one of them with both verdicts."""
    return _batch_page(request, title_batch, request.query_params.get("title", ""), {}, {})


def _batch_page(
    request: Request,
    title_batch: str,
    title_id: str,
    typed: dict[str, str],
    faults: dict[str, str],
    status: int = 200,
) -> Response:
    rooms = rooms_of(request)
    titles = rooms.review.titles(title_batch)
    show = request.query_params.get("show", "open")
    show = show if show in SHOWS else "open"
    listed = [held for held in titles if _is_shown(held, show) or held.title_id == title_id]
    chosen = next((held for held in listed if held.title_id == title_id), None)
    if chosen is None:
        chosen = next((held for held in listed if held.can_decide), listed[0] if listed else None)
    place = listed.index(chosen) if chosen is not None else 0
    values: dict[str, Any] = {
        "title_batch": title_batch,
        "listed": listed,
        "counts": {name: sum(_is_shown(held, name) for held in titles) for name in SHOWS},
        "show": show,
        "chosen": chosen,
        "place": place + 1,
        "before": listed[place - 1].title_id if place else None,
        "after": listed[place + 1].title_id if place + 1 < len(listed) else None,
        "question": None if chosen is None else rooms.review.question(chosen),
        "reasons": rooms.review.reasons,
        "functions": rooms.review.functions,
        "names": rooms.occupations,
        "why": words.WHY,
        "typed": {"reason": "", "by": request.cookies.get(REVIEWER_COOKIE, ""), "choice": "", **typed},
        "faults": faults,
        "key": new_key(),
    }
    return page(request, "batch.html", values, section="review", status=status)


def _is_shown(title: ReviewedTitle, show: str) -> bool:
    if show == "all":
        return True
    return title.decision == "keep" and (show == "kept" or (title.is_disputed and title.decided is None))


@router.post("/review/{title_batch}/decide")
def decide(request: Request, title_batch: str, form: Posted) -> Response:
    """Append the decision, then show the next title."""
    rooms = rooms_of(request)
    title_id = form.one("title_id")
    names = ("reason", "by", "choice", "function", "exclude_reason", "group")
    typed = {name: form.one(name) for name in names}
    try:
        told = DecisionRequest.model_validate(_told(form))
        titles = rooms.review.titles(title_batch)
        acts.decide(rooms, told, form.key)
    except ValidationError as error:
        return _batch_page(request, title_batch, title_id, typed, _faults(error), 422)
    except (PersonDecisionError, PersonalDataError) as error:
        place = error.place if error.place in ("reason", "by") else "choice"
        fault = {place: f"{error.message}. {error.remedy}"}
        return _batch_page(request, title_batch, title_id, typed, fault, 422)
    except UnknownBatchError:
        raise
    following = next((held.title_id for held in titles if held.can_decide and held.title_id != title_id), "")
    query = urlencode({"done": "decided"} | ({"title": following} if following else {}))
    response = RedirectResponse(f"{PAGES}/review/{title_batch}?{query}", status_code=303)
    response.set_cookie(REVIEWER_COOKIE, told.by, httponly=True, samesite="strict", path=PAGES)
    return response


def _told(form: Form) -> dict[str, Any]:
    """What the form's choice comes to: a group of a row, a function, another group, a reason, or keep."""
    kind, _, rest = form.one("choice").partition(":")
    told: dict[str, Any] = {name: form.one(name) for name in ("title_id", "reason", "by")}
    if kind == "group":
        level, _, code = rest.partition(":")
        return told | {"decision": "promote_fallback", "level": level, "code": code}
    if kind == "function":
        return told | {"decision": "promote_fallback", "level": "function", "code": form.one("function")}
    if kind == "exclude":
        return told | {"decision": "exclude", "code": form.one("exclude_reason") or None}
    return told | {"decision": "keep" if kind == "keep" else kind}


def _faults(error: ValidationError) -> dict[str, str]:
    found = faults_of(error)
    return {name if name in ("reason", "by") else "choice": says for name, says in found.items()}
