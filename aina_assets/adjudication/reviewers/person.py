"""A reviewer who is a person: a sheet goes out, comes back filled, and is taken over whole or not at all.

Belongs here: the folders, and when a request counts as answered. Does not: the sheet's layout (`sheets`).

Layout, below `<work>/<seat>/`: `sheets/` has the sheets to fill, `requests/` the questions that they hold,
`filled/` the sheets as they came back, `answers/` the answers. A sheet that lies there is never written over:
somebody may be filling it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from aina_assets.adjudication.protocol import (
    SEATS,
    ReviewAnswer,
    ReviewerKind,
    ReviewerPendingError,
    ReviewerSpec,
    ReviewRequest,
)
from aina_assets.adjudication.reviewers.options import PersonOptions, options_of
from aina_assets.adjudication.reviewers.outputs import output_of
from aina_assets.adjudication.reviewers.sheets import (
    SheetError,
    person_sheet,
    read_person_sheet,
    sheet_id,
    sheet_named_in,
)
from aina_assets.core.errors import StateError
from aina_assets.core.storage import write_bytes, write_once

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class _Folders:
    root: Path

    def sheet(self, request: ReviewRequest) -> Path:
        name = f"batch-{request.title_batch}-{request.chunk:03d}-{request.round}_{sheet_id(request)}.csv"
        return self.root / "sheets" / name

    def request(self, named: str) -> Path:
        return self.root / "requests" / f"{named}.json"

    def filled(self, request: ReviewRequest) -> Path:
        return self.root / "filled" / f"{sheet_id(request)}.csv"

    def answer(self, request_id: str) -> Path:
        return self.root / "answers" / f"{request_id}.json"


class PersonReviewer:
    """A reviewer who is a person.

    Args:
        spec: its entry in the reviewers' file.
        work: folder for sheets and answers.

    Raises:
        SettingsError: an option is given.
    """

    kind = ReviewerKind.PERSON

    def __init__(self, spec: ReviewerSpec, work: Path) -> None:
        self.spec = spec
        options_of(spec, PersonOptions)
        self._folders = _Folders(work / spec.name)

    def review(self, request: ReviewRequest) -> ReviewAnswer:
        """The answer, once the sheet was imported.

        Raises:
            ReviewerPendingError: it was not; names the sheet to fill.
            StateError: the stored answer is damaged.
        """
        answer = self._folders.answer(request.request_id)
        if answer.is_file():
            return _read(answer, ReviewAnswer)
        sheet = self._folders.sheet(request)
        write_bytes(self._folders.request(sheet_id(request)), request.model_dump_json().encode())
        write_once(sheet, person_sheet(request))
        raise ReviewerPendingError(
            f"{len(request.rows)} rows of batch {request.title_batch} wait for {self.spec.model}", file=sheet
        )


def import_sheet(work: Path, path: Path) -> ReviewAnswer:
    """Take over a filled sheet; the answer is there for the next time that its reviewer is asked.

    To import the same sheet again changes nothing.

    Args:
        work: the folder that the reviewers were made with.

    Raises:
        SheetError: it is malformed or incomplete, or no request is waiting for it; nothing was taken over.
        StateError: another answer to its request was taken over before.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SheetError(f"cannot be read: {error.strerror}", file=path) from error
    named = sheet_named_in(content, path)
    folders, request = _waiting(work, named, path)
    verdicts = read_person_sheet(content, request, path)
    output = output_of({row_id: verdicts[row_id] for row_id in request.row_ids})
    answer = ReviewAnswer.to(request, ReviewerKind.PERSON, output, seconds=0.0, finish="imported")
    stored = folders.answer(request.request_id)
    if not write_once(stored, answer.model_dump_json().encode()):
        before = _read(stored, ReviewAnswer)
        if before.content != answer.content:
            raise StateError(
                f"sheet {named} was taken over before, with other answers",
                file=stored,
                remedy="What was answered stands; a later wave may ask again.",
            )
    write_once(folders.filled(request), content)
    return answer


def _waiting(work: Path, named: str, path: Path) -> tuple[_Folders, ReviewRequest]:
    for seat in SEATS:
        folders = _Folders(work / seat)
        if folders.request(named).is_file():
            return folders, _read(folders.request(named), ReviewRequest)
    raise SheetError(
        f"no request waits for the sheet {named!r}",
        file=path,
        remedy="Import it with the settings (AINA_DATA) under which it was written.",
    )


def _read(path: Path, model: type[M]) -> M:
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or None
        raise StateError(f"damaged: {first['msg']}", file=path, place=place) from error
