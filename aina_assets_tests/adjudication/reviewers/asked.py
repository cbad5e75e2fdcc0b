"""Requests and specs for tests of reviewers, built as the stage builds them but for the evidence."""

from __future__ import annotations

import time
from typing import Any

import rfc8785

from aina_assets.adjudication.prompts import output_schema
from aina_assets.adjudication.protocol import (
    Message,
    Option,
    PromptRow,
    ReviewerSpec,
    ReviewRequest,
    request_id_of,
)

GROUPS = (
    Option(level="minor", code="11-2000", name="Advertising and sales managers", probability=0.6),
    Option(level="function", code="marketing", name="Marketing", probability=None),
)


class Clock:
    """A clock that runs, and that a pause moves on without waiting."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return time.monotonic() + sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        """Have the time passed."""
        self.pauses.append(seconds)


def spec_of(backend: str, options: dict[str, Any] | None = None, **fields: Any) -> ReviewerSpec:
    """A reviewer's entry."""
    values: dict[str, Any] = {
        "name": "reviewer_a",
        "backend": backend,
        "provider": "test",
        "model": "test-model",
        "family": "test",
        "options": options or {},
    }
    return ReviewerSpec.model_validate(values | fields)


def rows_of(*titles: str, options: tuple[Option, ...] = GROUPS) -> tuple[PromptRow, ...]:
    """A row a title; the ids count from 1."""
    return tuple(
        PromptRow(row_id=f"{number:08x}", title=title.lower(), written_as=title, options=options, notes=())
        for number, title in enumerate(titles, 1)
    )


def request_of(spec: ReviewerSpec, rows: tuple[PromptRow, ...], **fields: Any) -> ReviewRequest:
    """A request that puts the rows to the reviewer."""
    schema = rfc8785.dumps(output_schema([row.row_id for row in rows])).decode()
    shown = "\n".join(f"{row.row_id} {row.written_as}" for row in rows)
    messages = (
        Message(role="system", content="Decide each row."),
        Message(role="user", content=f"Rows:\n{shown}"),
    )
    values: dict[str, Any] = {
        "request_id": request_id_of(spec, messages, schema, tuple(row.row_id for row in rows)),
        "reviewer": spec.name,
        "provider": spec.provider,
        "model": spec.model,
        "parameters": spec.parameters,
        "title_batch": "00",
        "wave": 1,
        "chunk": 0,
        "round": 0,
        "messages": messages,
        "output_schema_json": schema,
        "rows": rows,
    }
    return ReviewRequest.model_validate(values | fields)
