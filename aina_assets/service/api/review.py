"""Addresses of the review desk: batches, their titles, a person's decisions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response

from aina_assets.service import acts
from aina_assets.service.api.common import JSON, READ, WRITE, WRITES, Key, RoomsOf, answered, problems
from aina_assets.service.api.review_models import (
    BatchPage,
    BatchTold,
    DecisionAnswer,
    DecisionRequest,
    ReviewedTitlePage,
    ReviewedTitleTold,
)
from aina_assets.service.pagination import DEFAULT, Cursor, Limit, cut

router = APIRouter(prefix="/review", tags=["review"])
BATCH_FIELDS = tuple(BatchTold.model_fields)


@router.get(
    "/batches",
    response_model=None,
    responses={200: {"model": BatchPage}, **problems(422)},
    summary="Batches of titles under review",
)
def batches(rooms: RoomsOf, limit: Limit = DEFAULT, cursor: Cursor = None) -> Response:
    """Every batch, those with most disputed titles first."""
    page = cut(rooms.review.batches(), cursor, limit)
    items = tuple(BatchTold(**{name: getattr(held, name) for name in BATCH_FIELDS}) for held in page.items)
    return Response(BatchPage(items=items, next=page.next).model_dump_json(), media_type=JSON)


@router.get(
    "/batches/{title_batch}",
    response_model=None,
    responses={200: {"model": ReviewedTitlePage}, **problems(*READ)},
    summary="A batch's titles with both verdicts",
)
def titles(
    rooms: RoomsOf,
    title_batch: Annotated[str, Path(pattern=r"^\d{2,3}$", examples=["00"])],
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """Two reviewers side by side, disputed titles first."""
    page = cut(rooms.review.titles(title_batch), cursor, limit)
    items = tuple(ReviewedTitleTold.model_validate(asdict(held)) for held in page.items)
    return Response(ReviewedTitlePage(items=items, next=page.next).model_dump_json(), media_type=JSON)


@router.post(
    "/decisions",
    status_code=201,
    response_model=None,
    dependencies=WRITES,
    responses={201: {"model": DecisionAnswer}, **problems(*WRITE)},
    summary="Decide a title that two reviewers kept",
)
async def decide(
    request: Request,
    rooms: RoomsOf,
    key: Key,
    told: Annotated[
        DecisionRequest,
        Body(
            openapi_examples={
                "promote": {
                    "value": {
                        "title_id": "04d0dd3f016ada9b",
                        "decision": "promote_fallback",
                        "level": "function",
                        "code": "it",
                        "reason": "Its words name IT support and nothing finer.",
                        "by": "ab",
                    }
                }
            }
        ),
    ],
) -> Response:
    """Append a person's decision to the chain of merges; the tables follow with the next build."""
    return await answered(request, lambda: acts.decide(rooms, told, key), "deciding")
