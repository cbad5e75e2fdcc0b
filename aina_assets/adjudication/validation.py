"""What a reviewer's raw output is worth: every row's verdict, or what is wrong with it.

Belongs here: reading an output and holding it against the request. Does not: asking again (`asking`), or what
becomes of a batch (`wave`).

Row ids that are missing, repeated or foreign are faults that one repair may mend. Everything else makes the
output unusable: where an answer is not in the agreed form, nobody knows what else in it is not as it seems.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from aina_assets.adjudication.protocol import DECISIONS_MEMBER, Verdict

MOST_OUTPUT_BYTES = 4_000_000
_FENCE = "```"


class UnusableOutputError(ValueError):
    """An output is not in the agreed form; says how."""


@dataclass(frozen=True)
class Parsed:
    """An output held against its request.

    Attributes:
        verdicts: of each row that came back exactly once.
        missing: rows that did not come back.
        repeated: rows that came back more than once; none of their verdicts is taken.
        foreign: ids that are none of the request's rows.
    """

    verdicts: Mapping[str, Verdict]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def faults(self) -> int:
        """How many ids went wrong."""
        return len(self.missing) + len(self.repeated) + len(self.foreign)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The rows without a verdict."""
        return (*self.missing, *self.repeated)


def parse_output(content: bytes, row_ids: Sequence[str]) -> Parsed:
    """Read an output and hold it against the rows that were asked.

    Raises:
        UnusableOutputError: it is not the one JSON object that was asked for, or a verdict in it is none.
    """
    pairs = _decisions(_loaded(content))
    counts = Counter(row_id for row_id, _ in pairs)
    wanted = set(row_ids)
    verdicts = {
        row_id: _verdict(row_id, value) for row_id, value in pairs if row_id in wanted and counts[row_id] == 1
    }
    return Parsed(
        verdicts={row_id: verdicts[row_id] for row_id in row_ids if row_id in verdicts},
        missing=tuple(row_id for row_id in row_ids if row_id not in counts),
        repeated=tuple(row_id for row_id in row_ids if counts[row_id] > 1),
        foreign=tuple(sorted(counts.keys() - wanted)),
    )


class _Members(list[tuple[str, Any]]):
    """An object's members as they stand, repeated ones and all: a dict would keep the last one in silence."""


def _loaded(content: bytes) -> Any:
    if len(content) > MOST_OUTPUT_BYTES:
        raise UnusableOutputError(
            f"the output has {len(content)} bytes; at most {MOST_OUTPUT_BYTES} are read"
        )
    try:
        text = content.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise UnusableOutputError(f"the output is not UTF-8: {error.reason} at byte {error.start}") from error
    # Models that are not held to a schema put JSON into a fence, whatever they are told.
    if text.startswith(_FENCE) and text.endswith(_FENCE) and "\n" in text:
        text = text[text.index("\n") : -len(_FENCE)].strip()
    try:
        return json.loads(text, object_pairs_hook=_Members)
    except (ValueError, RecursionError) as error:
        raise UnusableOutputError(f"the output is not JSON: {error}") from error


def _decisions(value: Any) -> _Members:
    if not isinstance(value, _Members) or [name for name, _ in value] != [DECISIONS_MEMBER]:
        raise UnusableOutputError(f"the output is not an object with the one member {DECISIONS_MEMBER!r}")
    decisions = value[0][1]
    if not isinstance(decisions, _Members):
        raise UnusableOutputError(f"{DECISIONS_MEMBER!r} is not an object of row ids")
    return decisions


def _verdict(row_id: str, value: Any) -> Verdict:
    if not isinstance(value, _Members) or len(dict(value)) < len(value):
        raise UnusableOutputError(f"row {row_id}: the verdict is not an object with each member once")
    try:
        verdict = Verdict.model_validate(dict(value), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UnusableOutputError(f"row {row_id}: {place}: {first['msg']}") from error
    return verdict
