"""The model judge over a reviewer's backend: one protocol for all that models are asked in this engine.

Belongs here: putting a judge's prompt as a review request, and its answer into text. Does not: what a judge
is asked (`judge`); bounds, costs and the ledger, which are the backend's own.
"""

from __future__ import annotations

import re
from pathlib import Path

from aina_assets.adjudication.protocol import (
    Message,
    PromptRow,
    Reviewer,
    ReviewerError,
    ReviewRequest,
    Seat,
    request_id_of,
)
from aina_assets.adjudication.reviewers.config import read_reviewers
from aina_assets.adjudication.reviewers.factory import make_reviewer
from aina_assets.core.errors import SettingsError
from aina_assets.core.storage import sha256_bytes
from aina_assets.learning.evaluating.judge import ANSWER_SCHEMA, ModelJudge
from aina_assets.learning.records.events import canonical_text

# Backends that answer whatever they are asked: of the others, one answers titles alone, one never by itself.
BACKENDS = ("http", "command")


def reviewer_judge(reviewer: Reviewer) -> ModelJudge:
    """A judge that asks a reviewer's backend.

    Raises:
        SettingsError: the backend answers about titles alone.
    """
    spec = reviewer.spec
    if spec.backend not in BACKENDS:
        raise SettingsError(
            f"a reviewer of the backend {spec.backend} is no judge",
            place=spec.name,
            remedy=f"Name one of the backends {' or '.join(BACKENDS)} in the reviewers' file.",
        )
    schema = canonical_text(ANSWER_SCHEMA)

    def complete(prompt: str) -> str:
        row = PromptRow(
            row_id=sha256_bytes(prompt.encode())[:8],
            title="practice",
            written_as="practice",
            options=(),
            notes=(),
        )
        messages = (Message(role="user", content=prompt),)
        request = ReviewRequest(
            request_id=request_id_of(spec, messages, schema, (row.row_id,)),
            reviewer=spec.name,
            provider=spec.provider,
            model=spec.model,
            parameters=spec.parameters,
            title_batch="practice",
            wave=1,
            chunk=0,
            round=0,
            messages=messages,
            output_schema_json=schema,
            rows=(row,),
        )
        try:
            return reviewer.review(request).content.decode()
        except ReviewerError as error:
            # Whoever has no judge has no verdict; the learner's answer is evaluated all the same.
            raise OSError(error.message) from error

    return ModelJudge(
        re.sub(r"[^A-Za-z0-9._-]+", "-", f"{spec.provider}.{spec.model}")[:64].strip("-."), complete
    )


def judge_of(reviewers_file: Path, seat: Seat, work: Path) -> ModelJudge:
    """The judge in a seat of the reviewers' file.

    Args:
        work: folder for the cost ledger.

    Raises:
        SettingsError: the file is absent or malformed, or nobody who can judge takes the seat.
    """
    for spec in read_reviewers(reviewers_file).specs:
        if spec.name == seat:
            return reviewer_judge(make_reviewer(spec, home=reviewers_file.parent, work=work))
    raise SettingsError(
        f"nobody takes the seat {seat}",
        file=reviewers_file,
        remedy="Name a reviewer (AINA_REVIEWERS, docs/reviewers.md).",
    )
