"""A reviewer that fails as real ones do, for tests and rehearsals of what comes after it.

Belongs here: spoiling the output of another reviewer, or withholding it. Does not: finding that out.

Which requests meet a fault, which one, and which rows it touches are drawn from hashes of seed and request
id: the same request is spoiled in the same way in any process. Only the faults that withhold an answer pass:
they strike a request once in a process, so that trying again gets on.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from aina_assets.adjudication.protocol import (
    DECISIONS_MEMBER,
    ReviewAnswer,
    Reviewer,
    ReviewerKind,
    ReviewerSpec,
    ReviewerTimeoutError,
    ReviewerUnavailableError,
    ReviewRequest,
)
from aina_assets.adjudication.reviewers.options import FaultKind, FaultOptions
from aina_assets.adjudication.reviewers.simulated import uniform

Members = list[tuple[str, object]]


class FaultyReviewer:
    """Another reviewer, some of whose outputs are spoiled.

    Args:
        inner: the reviewer that answers.
        options: how often, and how.
        seed: of the draws.
    """

    def __init__(self, inner: Reviewer, options: FaultOptions, seed: int) -> None:
        self._inner, self._options, self._seed = inner, options, seed
        self._struck: set[str] = set()
        self._guard = threading.Lock()

    @property
    def spec(self) -> ReviewerSpec:
        """The inner reviewer's."""
        return self._inner.spec

    @property
    def kind(self) -> ReviewerKind:
        """The inner reviewer's."""
        return self._inner.kind

    def fault_of(self, request: ReviewRequest) -> FaultKind | None:
        """The fault that a request meets; None for none."""
        if uniform("fault", self._seed, request.request_id) >= self._options.share:
            return None
        kinds = self._options.kinds
        return kinds[int(uniform("kind", self._seed, request.request_id) * len(kinds))]

    def review(self, request: ReviewRequest) -> ReviewAnswer:
        """Answer one request, spoiled where it meets a fault.

        Raises:
            ReviewerTimeoutError, ReviewerUnavailableError: the fault is to give no answer.
        """
        kind = self.fault_of(request)
        if kind in ("time_out", "unavailable") and self._strikes(request.request_id):
            error = ReviewerTimeoutError if kind == "time_out" else ReviewerUnavailableError
            raise error(f"simulated: {kind}", place=f"request {request.request_id}")
        answer = self._inner.review(request)
        if kind is None or kind in ("time_out", "unavailable"):
            return answer
        spoiled = self._spoil(kind, answer.content, request)
        finish = "length" if kind == "truncated" else answer.finish
        return answer.model_copy(update={"content": spoiled, "finish": finish})

    def _strikes(self, request_id: str) -> bool:
        with self._guard:
            if request_id in self._struck:
                return False
            self._struck.add(request_id)
            return True

    def _spoil(self, kind: FaultKind, content: bytes, request: ReviewRequest) -> bytes:
        if kind == "truncated":
            return content[: int(self._at(request, "cut") * len(content))]
        if kind == "not_json":
            return b"Sure! Here are my decisions:\n```json\n" + content + b"\n```"
        members: Members = list(json.loads(content)[DECISIONS_MEMBER].items())
        if kind == "echo":
            return _echoed(members, request)
        rows = min(self._options.most_rows, len(members))
        return _joined(_SPOILED[kind](members, int(self._at(request, "row") * len(members)), rows))

    def _at(self, request: ReviewRequest, what: str) -> float:
        return uniform(what, self._seed, request.request_id)


def _around(members: Members, at: int, rows: int) -> set[int]:
    return {(at + step) % len(members) for step in range(rows)}


def _missing(members: Members, at: int, rows: int) -> Members:
    gone = _around(members, at, rows)
    return [member for place, member in enumerate(members) if place not in gone]


def _repeated(members: Members, at: int, rows: int) -> Members:
    return members + [members[place] for place in sorted(_around(members, at, rows))]


def _foreign(members: Members, at: int, rows: int) -> Members:
    known = {row_id for row_id, _ in members}
    made_up = (f"{number:08x}" for number in range(0xF0000000, 0xF0000000 + len(known) + rows))
    new = [row_id for row_id in made_up if row_id not in known][:rows]
    return members + [(row_id, members[at][1]) for row_id in new]


def _wrong_level(members: Members, at: int, rows: int) -> Members:
    wrong = {"decision": "promote_fallback", "level": "galaxy", "code": "11-0000"}
    touched = _around(members, at, rows)
    return [
        (row_id, wrong if place in touched else verdict) for place, (row_id, verdict) in enumerate(members)
    ]


_SPOILED: dict[FaultKind, Callable[[Members, int, int], Members]] = {
    "missing": _missing,
    "repeated": _repeated,
    "foreign": _foreign,
    "wrong_level": _wrong_level,
    "reordered": lambda members, at, rows: members[::-1],
}


def _joined(members: Members) -> bytes:
    # By hand: an object that names a member twice is no dictionary.
    pairs = ", ".join(f"{json.dumps(row_id)}: {json.dumps(verdict)}" for row_id, verdict in members)
    return f'{{"{DECISIONS_MEMBER}": {{{pairs}}}}}'.encode()


def _echoed(members: Members, request: ReviewRequest) -> bytes:
    """What a model does that takes titles for instructions: repeats them, and decides as they say."""
    told = " ".join(row.written_as for row in request.rows)
    obeyed = {"decision": "promote_fallback", "level": "function", "code": "software"}
    return json.dumps(
        {"system": told, DECISIONS_MEMBER: {row_id: obeyed for row_id, _ in members}}, ensure_ascii=False
    ).encode()
