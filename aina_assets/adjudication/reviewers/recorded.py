"""A reviewer that replays what is on record: raw answers by request, or judgements by title.

Belongs here: finding the record and giving it back. Does not: making records; a wave keeps its raw answers,
and a sheet is written by people or taken from a wave.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    ReviewerKind,
    ReviewerSpec,
    ReviewerUnavailableError,
    ReviewRequest,
)
from aina_assets.adjudication.reviewers.options import RecordedOptions, options_of
from aina_assets.adjudication.reviewers.outputs import output_of
from aina_assets.adjudication.reviewers.sheets import read_verdicts
from aina_assets.core.errors import StateError


class RecordedReviewer:
    """A reviewer that replays.

    A request that no record answers is an error where whole answers are recorded; a title that a sheet has
    not is left out of the output, as by a reviewer who skips it.

    Args:
        spec: its entry in the reviewers' file.
        home: folder that the option is relative to.

    Raises:
        SettingsError: an option is missing, unknown or wrong, or the sheet is malformed; names the line.
    """

    kind = ReviewerKind.RECORDED

    def __init__(self, spec: ReviewerSpec, home: Path) -> None:
        self.spec = spec
        options = options_of(spec, RecordedOptions)
        self._answers = None if options.answers is None else home / options.answers
        self._verdicts = {} if options.sheet is None else read_verdicts(home / options.sheet)

    def review(self, request: ReviewRequest) -> ReviewAnswer:
        """Answer one request; see `Reviewer`.

        Raises:
            ReviewerUnavailableError: no answer to this request is on record.
            StateError: the record is damaged, or answers another request.
        """
        if self._answers is not None:
            return self._replayed(request, self._answers)
        verdicts = {
            row.row_id: self._verdicts[row.written_as]
            for row in request.rows
            if row.written_as in self._verdicts
        }
        # Nobody reviewed. What looking it up took is the machine's: the same record gives the same answer.
        return ReviewAnswer.to(request, self.kind, output_of(verdicts), seconds=0.0)

    def _replayed(self, request: ReviewRequest, folder: Path) -> ReviewAnswer:
        path = folder / f"{request.request_id}.json"
        try:
            recorded = ReviewAnswer.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise ReviewerUnavailableError(
                "no answer to this request is on record", file=path, remedy="Ask a reviewer that can answer."
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or None
            raise StateError(f"a damaged record: {first['msg']}", file=path, place=place) from error
        asked = ReviewAnswer.to(request, self.kind, recorded.content, seconds=recorded.seconds)
        for name in ("request_id", "reviewer", "prompt_sha256", "schema_sha256", "parameters"):
            if getattr(recorded, name) != getattr(asked, name):
                raise StateError("a record of another request", file=path, place=name)
        # Replaying costs nothing, and what was an LLM's decision then is a recorded one now.
        return recorded.model_copy(update={"kind": self.kind, "cost_usd": None, "attempts": 1})
