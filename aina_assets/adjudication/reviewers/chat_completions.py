"""OpenAI's chat completions: the body of a request, and what an answer says.

Belongs here: the two shapes, read strictly where they matter and leniently where servers differ. Does not:
the network; whether the output is a usable review.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue, ValidationError

from aina_assets.adjudication.protocol import ReviewerRefusedError, ReviewerUnavailableError, ReviewRequest
from aina_assets.adjudication.reviewers.attempts import AttemptError, Output

SCHEMA_NAME = "review"
# Longest piece of a server's own words in a message.
SAID_CHARACTERS = 200


def request_body(request: ReviewRequest, response_format: Literal["json_schema", "json_object"]) -> bytes:
    """The request as JSON: parameters as they are, the messages, and the schema that the output must have."""
    schema = request.output_schema
    wanted: dict[str, Any] = {"type": "json_object", "schema": schema}
    if response_format == "json_schema":
        wanted = {
            "type": "json_schema",
            "json_schema": {"name": SCHEMA_NAME, "strict": True, "schema": schema},
        }
    body = {
        **request.parameters,
        "model": request.model,
        "messages": [message.model_dump() for message in request.messages],
        "response_format": wanted,
        "stream": False,
    }
    return json.dumps(body, ensure_ascii=False).encode()


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    # Servers differ in these; none of them is worth losing an answer for.
    model: JsonValue = None
    usage: JsonValue = None


def read_completion(body: bytes, url: str) -> Output:
    """What a chat completion says.

    Raises:
        AttemptError: it is none, or the model declines.
    """
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise AttemptError(
            ReviewerUnavailableError(
                f"no chat completion: {first['msg']}; it begins {body[:80]!r}", file=url, place=place or None
            )
        ) from error
    choice = completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        said = choice.message.refusal or "content_filter"
        raise AttemptError(
            ReviewerRefusedError(f"the model declines: {said[:SAID_CHARACTERS]!r}", file=url), is_final=True
        )
    if choice.message.content is None:
        raise AttemptError(ReviewerUnavailableError("a chat completion without content", file=url))
    return Output(
        content=choice.message.content.encode(),
        finish=choice.finish_reason,
        model=completion.model if isinstance(completion.model, str) and completion.model else None,
        tokens_in=_tokens(completion.usage, "prompt_tokens"),
        tokens_out=_tokens(completion.usage, "completion_tokens"),
    )


def _tokens(usage: JsonValue, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def error_code_and_words(body: bytes) -> tuple[str, str]:
    """The code and the message of an error's body, empty where it has none."""
    try:
        told = json.loads(body)
    except ValueError:
        return "", ""
    error = told.get("error", told) if isinstance(told, dict) else told
    if isinstance(error, str):
        return "", error[:SAID_CHARACTERS]
    if not isinstance(error, dict):
        return "", ""
    words = error.get("message") or error.get("detail") or ""
    return str(error.get("code") or error.get("type") or ""), str(words)[:SAID_CHARACTERS]
