"""Polite, bounded HTTP: time-outs, retries with back-off, resumed downloads, a User-Agent with a contact.

Belongs here: how any publisher but the Hub is asked, and the retry rules that the Hub's client shares
(see `hub`). Does not: what the bytes mean, or where they are put.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from aina_assets import __version__
from aina_assets.core.errors import (
    FetchError,
    ForbiddenError,
    HashMismatchError,
    HtmlInsteadOfDataError,
    MissingSourceError,
    SettingsError,
    SourceError,
)
from aina_assets.core.settings import Settings

RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
GONE_STATUSES = frozenset({404, 410})
FORBIDDEN_STATUSES = frozenset({401, 403})
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_RETRY_AFTER_SECONDS = 120.0
MAX_TEXT_BYTES = 8 << 20
_CHUNK_BYTES = 1 << 16
_PAGE_HEAD_BYTES = 2048

T = TypeVar("T")


def rewrite(url: str, endpoints: Mapping[str, str]) -> str:
    """The address to ask: the URL's host replaced by its endpoint's base URL, if it has one."""
    parts = urlsplit(url)
    base = endpoints.get(parts.hostname or "")
    if base is None:
        return url
    query = f"?{parts.query}" if parts.query else ""
    return base.rstrip("/") + parts.path + query


def user_agent(settings: Settings) -> str:
    """How this project names itself: `aina/<version> (+<contact>)`.

    Raises:
        SettingsError: the contact cannot stand in a header.
    """
    if not settings.contact:
        return f"aina/{__version__}"
    if not (settings.contact.isascii() and settings.contact.isprintable()):
        raise SettingsError(f"not printable ASCII: {settings.contact!r}", place="AINA_CONTACT")
    return f"aina/{__version__} (+{settings.contact})"


@dataclass(frozen=True)
class RetryPolicy:
    """How often and after which pause a request is made again."""

    attempts: int
    backoff_seconds: float
    sleep: Callable[[float], None] = time.sleep

    def pause_seconds(self, attempt: int, retry_after: str | None, url: str) -> float:
        """The pause after failed attempt number `attempt` (from 1): doubling, with jitter.

        Jitter keeps many clients that failed together from coming back together.

        Raises:
            FetchError: the server asks for a longer wait than a run should make; to come back sooner
                would be rude, and to wait would look like a hang.
        """
        asked = parse_retry_after(retry_after)
        if asked is not None and asked > LONGEST_RETRY_AFTER_SECONDS:
            raise FetchError(
                f"the server asks to wait {asked:.0f} s, longer than {LONGEST_RETRY_AFTER_SECONDS:.0f} s",
                file=url,
                remedy=f"Try again in {asked:.0f} s; the last good file is still in place.",
            )
        own = min(self.backoff_seconds * 2.0 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
        return max(asked or 0.0, own * random.uniform(0.5, 1.0))


def parse_retry_after(value: str | None) -> float | None:
    """Seconds to wait, out of a Retry-After header (seconds or a date); None where it says nothing."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def refusal(status: int, url: str, detail: str, *, has_contact: bool) -> SourceError:
    """The typed error of a status that no repetition will mend."""
    said = f" ({detail})" if detail else ""
    if status in FORBIDDEN_STATUSES:
        remedy = "Open the URL in a browser: the publisher refuses this client although it names a contact."
        return ForbiddenError(
            f"refused with HTTP {status}{said}", file=url, remedy=remedy if has_contact else None
        )
    if status in GONE_STATUSES:
        return MissingSourceError(
            f"upstream has no such file: HTTP {status}{said}",
            file=url,
            remedy="See what upstream has now with `aina sources drift`.",
        )
    return FetchError(f"HTTP {status}{said}", file=url)


def is_html(headers: Mapping[str, str]) -> bool:
    """Whether an answer declares itself a web page."""
    return "text/html" in headers.get("Content-Type", "").lower()


def page_text(content: bytes) -> str:
    """The first words of a web page, for an error message."""
    text = content.decode("utf-8", "replace")
    text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|$)", " ", text)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:120]


class _TransientError(Exception):
    """A fault that another attempt may mend; never leaves this module.

    Args:
        must_restart: what came so far is of no use to the next attempt.
    """

    def __init__(self, message: str, retry_after: str | None = None, *, must_restart: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.must_restart = must_restart


@dataclass
class _Transfer:
    """A download's state between its attempts."""

    part: Path
    limit_bytes: int
    validator: str | None = None
    was_resumed: bool = False

    @property
    def received(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def headers(self) -> dict[str, str]:
        """Ask for the rest, on condition that the file is still the same one."""
        if self.received and self.validator:
            return {"Range": f"bytes={self.received}-", "If-Range": self.validator}
        return {}


class HttpClient:
    """Requests to publishers, by one set of rules."""

    def __init__(self, settings: Settings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._endpoints = settings.endpoints
        self._timeout = (settings.http_connect_timeout_seconds, settings.http_read_timeout_seconds)
        self._policy = RetryPolicy(settings.http_attempts, settings.http_backoff_seconds, sleep)
        self._has_contact = bool(settings.contact)
        self._session = requests.Session()
        # Identity: a compressed answer has neither the locked size nor offsets to resume at.
        self._session.headers.update({"User-Agent": user_agent(settings), "Accept-Encoding": "identity"})

    def get_text(self, url: str) -> str:
        """A page or a small text file.

        Raises:
            FetchError, ForbiddenError, MissingSourceError: it cannot be had.
        """

        def read() -> str:
            with self._open("GET", url) as response:
                content = b"".join(_bounded(response, MAX_TEXT_BYTES, url))
                return content.decode(response.encoding or "utf-8", "replace")

        return self._with_retries(url, read)

    def head(self, url: str) -> Mapping[str, str]:
        """A file's headers, without its content.

        Raises:
            FetchError, ForbiddenError, MissingSourceError: it cannot be had.
        """

        def read() -> Mapping[str, str]:
            with self._open("HEAD", url) as response:
                return response.headers

        return self._with_retries(url, read)

    def post_json(self, url: str, payload: Any, before_attempt: Callable[[], None] | None = None) -> Any:
        """Post JSON and read JSON.

        Args:
            before_attempt: called before each request that is sent, so that a quota can count it.

        Raises:
            HtmlInsteadOfDataError: the answer is a web page.
            FetchError, ForbiddenError: there is no answer, or it is not JSON.
        """

        def ask() -> Any:
            if before_attempt:
                before_attempt()
            with self._open("POST", url, json=payload) as response:
                content = b"".join(_bounded(response, MAX_TEXT_BYTES, url))
                if is_html(response.headers):
                    raise _html_error(url, content)
            try:
                return json.loads(content)
            except ValueError as error:
                raise FetchError(f"the answer is not JSON: {content[:80]!r}", file=url) from error

        return self._with_retries(url, ask)

    def download(self, url: str, part: Path, *, limit_bytes: int) -> bool:
        """Stream a file to `part`; after an interruption go on where it broke off, if the server can.

        Args:
            part: temporary file; what it held is replaced.
            limit_bytes: more than this is refused, before it fills the disk.

        Returns:
            Whether the file was put together out of several answers.

        Raises:
            HtmlInsteadOfDataError: a web page came instead.
            HashMismatchError: the file is longer than the limit.
            FetchError, ForbiddenError, MissingSourceError: it cannot be had.
        """
        part.write_bytes(b"")
        transfer = _Transfer(part, limit_bytes)

        def stream() -> None:
            try:
                self._stream(url, transfer)
            except _TransientError as error:
                if error.must_restart:
                    transfer.validator = None
                raise

        self._with_retries(url, stream)
        return transfer.was_resumed

    def _stream(self, url: str, transfer: _Transfer) -> None:
        start = transfer.received
        with self._open("GET", url, headers=transfer.headers(), stream=True) as response:
            if is_html(response.headers):
                raise _html_error(url, next(response.iter_content(_PAGE_HEAD_BYTES), b""))
            is_rest = response.status_code == requests.codes.partial_content
            if is_rest and not _starts_at(response, start):
                raise _TransientError("the server sent another range than was asked", must_restart=True)
            transfer.was_resumed = is_rest
            transfer.validator = _validator(response)
            with transfer.part.open("ab" if is_rest else "wb") as handle:
                for chunk in _bounded(response, transfer.limit_bytes - (start if is_rest else 0), url):
                    handle.write(chunk)

    @contextmanager
    def _open(self, method: str, url: str, **kwargs: Any) -> Iterator[requests.Response]:
        """One request; sorts its faults into those worth another attempt and those that are final."""
        address = rewrite(url, self._endpoints)
        kwargs.setdefault("stream", True)
        kwargs.setdefault("allow_redirects", True)
        try:
            with self._session.request(method, address, timeout=self._timeout, **kwargs) as response:
                self._refuse(response, url)
                yield response
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            raise _TransientError(_reason(error)) from error
        except requests.RequestException as error:
            raise FetchError(f"cannot be asked: {error}", file=url) from error

    def _refuse(self, response: requests.Response, url: str) -> None:
        status = response.status_code
        if status < 400:
            return
        if status in RETRY_STATUSES:
            raise _TransientError(f"HTTP {status}", response.headers.get("Retry-After"))
        if status == requests.codes.requested_range_not_satisfiable:
            raise _TransientError(f"HTTP {status}: no such range", must_restart=True)
        detail = page_text(next(response.iter_content(_PAGE_HEAD_BYTES), b""))
        raise refusal(status, url, detail, has_contact=self._has_contact)

    def _with_retries(self, url: str, action: Callable[[], T]) -> T:
        for attempt in range(1, self._policy.attempts + 1):
            try:
                return action()
            except _TransientError as error:
                if attempt == self._policy.attempts:
                    raise FetchError(f"gave up after {attempt} attempts: {error}", file=url) from error
                self._policy.sleep(self._policy.pause_seconds(attempt, error.retry_after, url))
        raise AssertionError("unreachable: there is at least one attempt")


def _html_error(url: str, content: bytes) -> HtmlInsteadOfDataError:
    return HtmlInsteadOfDataError(f"a web page instead of data; it begins: {page_text(content)!r}", file=url)


def _bounded(response: requests.Response, limit: int, url: str) -> Iterator[bytes]:
    received = 0
    for chunk in response.iter_content(_CHUNK_BYTES):
        received += len(chunk)
        if received > limit:
            raise HashMismatchError(f"longer than expected: over {limit} bytes", file=url)
        yield chunk


def _starts_at(response: requests.Response, start: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _validator(response: requests.Response) -> str | None:
    """What If-Range may carry: a strong ETag, or else the date (RFC 9110, 13.1.5)."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    etag = response.headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified")


def _reason(error: Exception) -> str:
    """The innermost cause's words: urllib3 wraps them several times over."""
    text = str(error)
    found = re.search(r"(Read timed out|Connection refused|timed out|IncompleteRead\([^)]*\))", text)
    return found.group(1) if found else text[:200]
