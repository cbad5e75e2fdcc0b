"""A wave's plan as prompts: chunks of rows for one reviewer, each with the JSON Schema of its answer.

Belongs here: the words, the order, the schema, the request's id. Does not: which rows (`plan`).

The rows of the batch are shuffled for each reviewer, and so are a row's options: neither the company nor the
order that a title is seen in is the same for both.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import rfc8785

from aina_assets.adjudication.plan import BatchPlan, PlanRow, order_key
from aina_assets.adjudication.policy import Codebook
from aina_assets.adjudication.protocol import (
    CODE_PATTERN,
    DECISIONS,
    DECISIONS_MEMBER,
    TARGET_LEVELS,
    Message,
    PromptRow,
    ReviewerSpec,
    ReviewRequest,
    Seat,
    request_id_of,
)

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class PromptBook:
    """What every prompt says before its rows.

    Attributes:
        codebook: what decisions mean.
        functions: business functions with their descriptions.
        reasons: reasons for being out of scope with theirs.
        groups: SOC major and minor groups with work in scope, code to name.
    """

    codebook: Codebook
    functions: Mapping[str, str]
    reasons: Mapping[str, str]
    groups: Mapping[str, str]

    @property
    def text(self) -> str:
        """The system message."""
        lists = (
            ("Out of scope, by reason", self.reasons),
            ("Business functions", self.functions),
            ("SOC major and minor groups with work in scope", self.groups),
        )
        blocks = [
            f"## {title}\n\n" + "\n".join(f"- {name}: {told}" for name, told in entries.items())
            for title, entries in lists
        ]
        return "\n\n".join((self.codebook.text.strip(), *blocks)) + "\n"


def requests_of(
    plan: BatchPlan, spec: ReviewerSpec, book: PromptBook, chunk_rows: int
) -> tuple[ReviewRequest, ...]:
    """The requests that put a wave's rows to a reviewer, in chunks of at most `chunk_rows` rows."""
    return tuple(
        _request(plan, spec, book, chunk, 0, rows)
        for chunk, rows in enumerate(chunked(plan, spec.name, chunk_rows))
    )


def chunked(plan: BatchPlan, reviewer: Seat, chunk_rows: int) -> list[Sequence[PlanRow]]:
    """A wave's rows as a reviewer gets them: shuffled, in chunks of at most `chunk_rows` rows."""
    rows = sorted(plan.rows, key=lambda row: order_key(plan.title_batch, plan.wave, reviewer, row.row_id))
    return chunks(rows, chunk_rows)


def repair_request(
    request: ReviewRequest, plan: BatchPlan, spec: ReviewerSpec, book: PromptBook, row_ids: Sequence[str]
) -> ReviewRequest:
    """The one repair of a request: its rows that did not come back exactly once, in the same order."""
    wanted = set(row_ids)
    rows = [plan.by_row[row_id] for row_id in request.row_ids if row_id in wanted]
    return _request(plan, spec, book, request.chunk, 1, rows)


def chunks(rows: Sequence[PlanRow], most: int) -> list[Sequence[PlanRow]]:
    """The rows in as few parts as `most` rows a part allow, of sizes that differ by one at most."""
    if not rows:
        return []
    count = math.ceil(len(rows) / most)
    bounds = [place * len(rows) // count for place in range(count + 1)]
    return [rows[start:end] for start, end in pairwise(bounds)]


def output_schema(row_ids: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of an answer about exactly these rows: each is a required member, others are none."""
    return {
        "$schema": JSON_SCHEMA,
        "type": "object",
        "properties": {
            DECISIONS_MEMBER: {
                "type": "object",
                "properties": {row_id: {"$ref": "#/$defs/verdict"} for row_id in row_ids},
                "required": list(row_ids),
                "additionalProperties": False,
            }
        },
        "required": [DECISIONS_MEMBER],
        "additionalProperties": False,
        "$defs": {
            "verdict": {
                "type": "object",
                "properties": {
                    "decision": {"type": "string", "enum": list(DECISIONS)},
                    # Not `type: [string, null]`: llama-cpp-python drops what stands beside that.
                    "level": {"anyOf": [{"type": "string", "enum": list(TARGET_LEVELS)}, {"type": "null"}]},
                    "code": {"anyOf": [{"type": "string", "pattern": CODE_PATTERN}, {"type": "null"}]},
                },
                "required": ["decision", "level", "code"],
                "additionalProperties": False,
            }
        },
    }


def _request(
    plan: BatchPlan,
    spec: ReviewerSpec,
    book: PromptBook,
    chunk: int,
    round_: int,
    rows: Sequence[PlanRow],
) -> ReviewRequest:
    shown = tuple(_shown(plan, spec, row) for row in rows)
    row_ids = tuple(row.row_id for row in shown)
    schema = rfc8785.dumps(output_schema(row_ids)).decode()
    messages = (Message(role="system", content=book.text), Message(role="user", content=_asked(shown)))
    return ReviewRequest(
        request_id=request_id_of(spec, messages, schema, row_ids),
        reviewer=spec.name,
        provider=spec.provider,
        model=spec.model,
        parameters=spec.parameters,
        title_batch=plan.title_batch,
        wave=plan.wave,
        chunk=chunk,
        round=1 if round_ else 0,
        messages=messages,
        output_schema_json=schema,
        rows=shown,
    )


def _shown(plan: BatchPlan, spec: ReviewerSpec, row: PlanRow) -> PromptRow:
    question = row.question

    def shuffled(option: Any) -> str:
        return order_key(plan.title_batch, plan.wave, spec.name, f"{row.row_id}:{option.level}:{option.code}")

    return PromptRow(
        row_id=row.row_id,
        title=question.title,
        written_as=question.written_as,
        options=tuple(sorted(question.options, key=shuffled)),
        notes=question.notes,
    )


def _asked(rows: Sequence[PromptRow]) -> str:
    # One JSON object a line: whatever a title holds stays inside its quotes.
    lines = [json.dumps(_line(row), ensure_ascii=False, separators=(",", ":")) for row in rows]
    return (
        f"{len(rows)} rows, one JSON object a line. Decide each; give back each row_id exactly once.\n\n"
        + "\n".join(lines)
        + "\n"
    )


def _line(row: PromptRow) -> dict[str, Any]:
    return {
        "row_id": row.row_id,
        "title": row.title,
        "written_as": row.written_as,
        "groups": [f"{option.level} {option.code} {option.name}" for option in row.options],
        "notes": list(row.notes),
    }
