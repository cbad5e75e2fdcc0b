"""What `aina review` does, apart from printing.

Belongs here: asking for whole waves, taking over sheets, accepting, releasing, ordering. Does not:
arguments and tables (`cli.review`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aina_assets.adjudication.make_reviews import ReviewStage
from aina_assets.adjudication.orders import BoundedReview, OrderError
from aina_assets.adjudication.prompts import requests_of
from aina_assets.adjudication.protocol import (
    SEATS,
    ReviewAnswer,
    ReviewerError,
    ReviewerPendingError,
    ReviewerSpec,
    ReviewRequest,
    Seat,
)
from aina_assets.adjudication.reviewers.person import import_sheet
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.errors import AinaError
from aina_assets.core.storage import write_bytes
from aina_assets.titles.make import TitleStage

OnAnswer = Callable[[ReviewRequest, ReviewAnswer], None]


class UnknownBatchError(AinaError):
    """There is no such batch."""

    default_remedy = "`aina review status` lists the batches."


@dataclass(frozen=True)
class AskedWave:
    """What came of asking for a wave.

    Attributes:
        faults: by seat, why requests are still outstanding.
        outstanding: by seat, requests without an answer.
    """

    faults: dict[Seat, ReviewerError] = field(default_factory=dict)
    outstanding: dict[Seat, int] = field(default_factory=dict)


def batches_of(stage: AdjudicationStage, wanted: Sequence[str]) -> list[str]:
    """The batches that are wanted; all where none is named.

    Raises:
        UnknownBatchError: one of them is none.
    """
    keys = list(stage.engine.settings.title_batch_keys)
    if unknown := [key for key in wanted if key not in keys]:
        raise UnknownBatchError(f"there is no batch {unknown[0]!r}")
    return [key for key in keys if not wanted or key in wanted]


def rows_to_ask(stage: ReviewStage, keys: Iterable[str]) -> int:
    """How many rows reviewers have still to answer, both seats together."""
    rows = 0
    for key in keys:
        plan = stage.plan(key)
        if not plan.rows or stage.stage.folders.quarantines.of(key, plan.wave) is not None:
            continue
        for spec in stage.stage.specs.values():
            part = stage.stage.asking.part(plan, spec)
            rows += sum(len(request.rows) for request in part.outstanding)
    return rows


def ask_wave(stage: ReviewStage, keys: Sequence[str], on_answer: OnAnswer) -> AskedWave:
    """Ask both reviewers for all that is outstanding of some batches; one that fails is asked no more."""
    asked = AskedWave()
    for seat in SEATS:
        for key in keys:
            found = stage.ask(key, seat, is_asking_all=True, on_answer=on_answer)
            if found.part is not None:
                asked.outstanding[seat] = asked.outstanding.get(seat, 0) + len(found.part.outstanding)
            if found.fault is not None:
                asked.faults[seat] = found.fault
                # A person's sheets are written for every batch; who cannot be reached is not tried 32 times.
                if not isinstance(found.fault, ReviewerPendingError):
                    break
    return asked


def take_over(stage: AdjudicationStage, sheets: Iterable[Path]) -> list[str]:
    """Take over filled sheets; gives the requests that they answer.

    Raises:
        SheetError: one is malformed or incomplete; nothing of it was taken over.
    """
    return [import_sheet(stage.folders.work, path).request_id for path in sheets]


def write_prompts(stage: ReviewStage, keys: Iterable[str], folder: Path) -> list[Path]:
    """Write the prompts of open waves as files that a person can read: messages, schema and request."""
    written = []
    for key in keys:
        plan = stage.plan(key)
        for seat in SEATS:
            spec = stage.stage.specs.get(seat) or _nobody(seat)
            for request in requests_of(plan, spec, stage.stage.asking.book, stage.stage.asking.chunk_rows):
                stem = f"batch-{key}-w{request.wave:02d}-{seat}-{request.chunk:03d}"
                text = "\n".join(f"<!-- {m.role} -->\n\n{m.content}" for m in request.messages)
                write_bytes(folder / f"{stem}.md", text.encode())
                write_bytes(folder / f"{stem}.schema.json", request.output_schema_json.encode())
                written.append(folder / f"{stem}.md")
    return written


def _nobody(seat: Seat) -> ReviewerSpec:
    """Whoever may take an empty seat: prompts can be looked at before anybody is named."""
    return ReviewerSpec(name=seat, backend="person", provider="nobody", model="nobody", family="nobody")


def accept(stage: ReviewStage, key: str, accepted_by: str) -> str:
    """Accept a batch that is held; gives what became of it.

    Raises:
        AcceptError: the batch is not held.
    """
    plan = stage.plan(key)
    state = stage.stage.room.settle(plan)
    if state.status != "held":
        raise AcceptError(f"batch {key} is not held but {state.status}")
    _, settled = stage.review_consensus(key, accepted_by)
    return settled.status


class AcceptError(AinaError):
    """A batch cannot be accepted."""

    default_remedy = "Only a batch that is held waits for a person; `aina review status` lists them."


def release(stage: AdjudicationStage, key: str, released_by: str, reason: str) -> int:
    """Let go of a batch's quarantined wave; gives the number of the wave that asks anew."""
    wave = stage.wave(key)
    stage.folders.quarantines.release(key, wave, released_by, reason)
    return stage.wave(key)


def order_review(
    stage: AdjudicationStage, titles: Iterable[str], reason: str, ordered_by: str
) -> BoundedReview:
    """Order that kept titles be reviewed again, by name.

    Args:
        titles: texts or title ids.

    Raises:
        OrderError: one of them is not kept, or there are too many.
    """
    states = {
        row["title_id"]: row["state"]
        for row in stage.engine.store.read(TITLE_STATE.name, ["title_id", "state"]).to_pylist()
    }
    titles_stage = TitleStage(stage.engine)
    wanted = []
    for text in titles:
        title_id = text if text in states else titles_stage.title_id(text)
        if title_id is None or states.get(title_id) != "residual":
            raise OrderError(f"{text!r} is not among the titles that were kept")
        wanted.append(title_id)
    return stage.folders.orders.give(wanted, reason, ordered_by, stage.policies.review.residual.most_titles)
