"""A reviewer behind an HTTP endpoint that speaks OpenAI's chat completions.

Works against vLLM, Ollama, llama.cpp's servers and hosted APIs. Belongs here: one attempt over the network,
and what each way of failing means. Does not: the shapes (`chat_completions`), the attempts (`attempts`).

The key is read from the environment at each request, stands in one header, and is struck out of whatever a
server says. Redirects are refused, since they would carry titles and key elsewhere; so are proxies of the
environment. An attempt has one deadline as a whole: time-outs of single reads would let a server that drips
a byte at a time hold a wave for ever.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import httpx2

from aina_assets import __version__
from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    ReviewerKind,
    ReviewerRateLimitedError,
    ReviewerRefusedError,
    ReviewerSpec,
    ReviewerTimeoutError,
    ReviewerUnavailableError,
    ReviewRequest,
)
from aina_assets.adjudication.reviewers.attempts import AttemptError, Attempts, Output
from aina_assets.adjudication.reviewers.chat_completions import (
    error_code_and_words,
    read_completion,
    request_body,
)
from aina_assets.adjudication.reviewers.ledger import Ledger
from aina_assets.adjudication.reviewers.options import HttpOptions, options_of
from aina_assets.core.errors import SettingsError
from aina_assets.sources.upstream.http import RETRY_STATUSES, is_html, page_text, parse_retry_after

PATH = "/chat/completions"
BUSY_STATUSES = frozenset({429, 503, 529})
TRANSIENT_STATUSES = RETRY_STATUSES | {409, 529}
# A 429 that no waiting mends.
SPENT_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
STRUCK_OUT = b"[key]"
_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class _Reply:
    status: int
    headers: httpx2.Headers
    body: bytes


class HttpReviewer:
    """A reviewer behind an endpoint.

    Args:
        spec: its entry in the reviewers' file.
        ledger: where its calls are written down.
        bounds: for the arguments of `Attempts` that tests give.

    Raises:
        SettingsError: an option is missing, unknown or wrong.
    """

    kind = ReviewerKind.LLM

    def __init__(self, spec: ReviewerSpec, ledger: Ledger, **bounds: Any) -> None:
        self.spec = spec
        self._options = options_of(spec, HttpOptions)
        self._url = self._options.base_url + PATH
        self._attempts = Attempts(spec, self._options, self.kind, ledger, **bounds)

    def review(self, request: ReviewRequest) -> ReviewAnswer:
        """Answer one request; see `Reviewer`."""
        key = self._key()
        body = request_body(request, self._options.response_format)
        return self._attempts.review(request, lambda: self._attempt(body, key))

    def _key(self) -> str | None:
        name = self._options.api_key_variable
        if name is None:
            return None
        key = os.environ.get(name, "").strip()
        if not key:
            raise ReviewerUnavailableError(
                f"the environment variable {name} is not set, which holds the key of {self._options.host}",
                remedy=f"Set {name}, or remove api_key_variable where the endpoint wants no key.",
            )
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise SettingsError("the key is not printable ASCII without blanks", place=name)
        return key

    def _attempt(self, body: bytes, key: str | None) -> Output:
        try:
            reply = asyncio.run(self._post(body, key))
        except TimeoutError as error:
            raise AttemptError(
                ReviewerTimeoutError(f"no answer within {self._options.timeout_seconds:g} s", file=self._url)
            ) from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            said = f"{type(error).__name__} {error}".strip()
            raise AttemptError(
                ReviewerUnavailableError(f"the connection failed: {said}", file=self._url)
            ) from error
        if reply.status == 200:
            return self._completion(reply)
        raise self._fault(reply)

    async def _post(self, body: bytes, key: str | None) -> _Reply:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            # A compressed answer could be far longer than it looks.
            "Accept-Encoding": "identity",
            "User-Agent": f"aina/{__version__}",
        }
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        limits = httpx2.Timeout(None, connect=self._options.connect_timeout_seconds)
        async with asyncio.timeout(self._options.timeout_seconds):
            async with (
                httpx2.AsyncClient(timeout=limits, trust_env=False, follow_redirects=False) as client,
                client.stream("POST", self._url, content=body, headers=headers) as response,
            ):
                content = await self._read(response)
        if key is not None:
            # Before anything reads it: some servers repeat the key that they refuse.
            content = content.replace(key.encode(), STRUCK_OUT)
        return _Reply(response.status_code, response.headers, content)

    async def _read(self, response: httpx2.Response) -> bytes:
        parts: list[bytes] = []
        total = 0
        async for part in response.aiter_bytes():
            total += len(part)
            if total > self._options.most_answer_bytes:
                raise AttemptError(
                    ReviewerRefusedError(
                        f"the answer is longer than most_answer_bytes = {self._options.most_answer_bytes}",
                        file=self._url,
                    ),
                    is_final=True,
                )
            parts.append(part)
        return b"".join(parts)

    def _completion(self, reply: _Reply) -> Output:
        if is_html(reply.headers):
            words = page_text(reply.body)
            raise AttemptError(
                ReviewerUnavailableError(
                    f"a web page instead of a chat completion; it begins: {words!r}",
                    file=self._url,
                    remedy="Check base_url: it commonly ends in /v1.",
                )
            )
        return read_completion(reply.body, self._url)

    def _fault(self, reply: _Reply) -> AttemptError:
        """What a status other than 200 means."""
        status = reply.status
        if status in _REDIRECTS:
            return AttemptError(
                ReviewerRefusedError(
                    f"HTTP {status}: the endpoint redirects, which is not followed",
                    file=self._url,
                    remedy="Put the address that it really has into base_url.",
                ),
                is_final=True,
            )
        code, words = error_code_and_words(reply.body)
        said = f"HTTP {status}" + "".join(f": {part}" for part in (code, words) if part)
        asked = parse_retry_after(reply.headers.get("Retry-After"))
        if status == 429 and code not in SPENT_CODES:
            return AttemptError(
                ReviewerRateLimitedError(said, retry_after_seconds=asked, file=self._url),
                retry_after_seconds=asked or 0.0,
            )
        if status in TRANSIENT_STATUSES and status != 429:
            busy = asked or 0.0 if status in BUSY_STATUSES else asked
            return AttemptError(ReviewerUnavailableError(said, file=self._url), retry_after_seconds=busy)
        return AttemptError(
            ReviewerRefusedError(said, file=self._url, remedy=_remedy(status, self._options)), is_final=True
        )


def _remedy(status: int, options: HttpOptions) -> str | None:
    if status in (401, 403):
        named = options.api_key_variable
        return f"Correct the key in {named}." if named else "Name the key's variable in api_key_variable."
    if status == 404:
        return "Check base_url (it commonly ends in /v1) and the model's name."
    if status in (400, 422):
        return (
            "See what it says: a parameter or response_format that this server does not take, or more rows "
            "than fit the model's context."
        )
    return None
