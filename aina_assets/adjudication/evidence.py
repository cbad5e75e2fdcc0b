"""What reviewers were asked and what they said: kept by request id, never read as state.

Belongs here: the folder of requests and raw answers. Does not: what an answer is worth (`validation`).

An answer is written once. A second one to the same request is no other answer: whoever comes later gets the
first, so that an interrupted wave, or two at once, end in one reading of every request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from aina_assets.adjudication.protocol import ReviewAnswer, ReviewRequest
from aina_assets.core.errors import StateError
from aina_assets.core.storage import write_once


@dataclass(frozen=True)
class EvidenceStore:
    """Requests and answers below a folder of the data root."""

    root: Path

    def answer_path(self, request_id: str) -> Path:
        """Where an answer lies."""
        return self.root / "answers" / f"{request_id}.json"

    def request_path(self, request_id: str) -> Path:
        """Where a request lies."""
        return self.root / "requests" / f"{request_id}.json"

    def keep_request(self, request: ReviewRequest) -> None:
        """Keep what is asked, before it is asked."""
        write_once(self.request_path(request.request_id), _bytes(request))

    def keep_answer(self, request: ReviewRequest, answer: ReviewAnswer) -> ReviewAnswer:
        """Keep an answer; gives the one that stands, which is the first.

        Raises:
            StateError: the answer is to another question, or the one that stands is damaged.
        """
        told = (answer.request_id, answer.reviewer, answer.prompt_sha256, answer.schema_sha256)
        asked = (request.request_id, request.reviewer, request.prompt_sha256, request.schema_sha256)
        if told != asked:
            raise StateError(
                f"an answer to another question: expected {asked}, found {told}",
                file=self.answer_path(request.request_id),
                remedy="The reviewer mixes up its requests; nothing was kept. Correct it, then ask again.",
            )
        if write_once(self.answer_path(request.request_id), _bytes(answer)):
            return answer
        standing = self.answer(request.request_id)
        return answer if standing is None else standing

    def answer(self, request_id: str) -> ReviewAnswer | None:
        """The answer to a request; None where there is none.

        Raises:
            StateError: its file is damaged, or is the answer to another request.
        """
        path = self.answer_path(request_id)
        try:
            answer = ReviewAnswer.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise StateError(
                f"a damaged answer: {error.errors()[0]['msg']}",
                file=path,
                remedy="Delete the file named; the request is asked again.",
            ) from error
        if answer.request_id != request_id:
            raise StateError(
                f"the answer to {answer.request_id} lies under another request's name",
                file=path,
                remedy="Delete the file named; the request is asked again.",
            )
        return answer

    def answers(self) -> Iterator[ReviewAnswer]:
        """Every answer, in the order of the request ids."""
        for path in sorted((self.root / "answers").glob("*.json")):
            answer = self.answer(path.stem)
            if answer is not None:
                yield answer


def _bytes(model: BaseModel) -> bytes:
    return (model.model_dump_json() + "\n").encode()
