"""Upstream on loopback: one server that speaks every publisher's real shapes to the real clients.

Belongs here: the server, its faults, and the fixtures that point a run at it. Does not: real content;
all that it serves is made up by the tests.

Each host is a folder of the server, as in a mirror: `https://HOST/PATH` is `http://127.0.0.1:PORT/HOST/PATH`.
The shapes were read from the clients' code and from recorded answers:
- Hub: `api/datasets/<repo>` and its `paths-info`; `resolve` answers HEAD and GET with `X-Repo-Commit`; a file
  in git is redirected on the Hub itself (`/api/resolve-cache/...`), an LFS file to another host, with
  `X-Linked-Etag` and `X-Linked-Size` on the redirect;
- BLS: HTTP 403 and an HTML page for a client without a contact in its User-Agent;
- BLS API: HTTP 200 whatever happens, see `aina_assets.sources.upstream.bls_api`.
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants, set_client_factory

from aina_assets.core.settings import Settings
from aina_assets.sources.lock import LockedFile
from aina_assets.sources.upstream import hub as hub_module
from aina_assets_tests.sources.shapes import (
    Answer,
    BlsApiState,
    HubRepo,
    bls_answer,
    git_blob,
    hub_answer,
    lfs_answer,
)

HOSTS = ("huggingface.co", "www.onetcenter.org", "www.bls.gov", "download.bls.gov", "api.bls.gov")
BLS_STATIC = ("www.bls.gov", "download.bls.gov")
BLS_FORBIDDEN = (
    b"<!DOCTYPE HTML><html><head><title>Access Denied</title></head><body>Access Denied</body></html>"
)
HTML_PAGE = (
    b"<!doctype html><html><head><title>Maintenance</title></head><body>We will be back.</body></html>"
)
LAST_MODIFIED = "Tue, 01 Sep 2026 10:00:00 GMT"
LONGEST_STALL_SECONDS = 5.0


@dataclass
class Fault:
    """What goes wrong with the next requests for one path.

    Args:
        kind: `status`; `html` (a page, status 200); `cut` (the connection ends after `after` bytes of a
            longer answer); `reset` (the same, torn down hard); `mixed` (the same, of other bytes); `short`
            (fewer bytes, and saying so); `wrong` (other bytes of the same length); `stall` (silence after
            `after` bytes); `headers` (only `headers`, which every kind adds).
        times: how many requests it meets; -1 for all.
        methods: the methods it meets.
    """

    kind: str
    times: int = 1
    after: int = 0
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = ("GET", "POST")


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Upstream:
    """All publishers at once, on a port of their own."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.requests: list[Seen] = []
        self.repos: dict[str, HubRepo] = {}
        self.bls = BlsApiState()
        self.validators = {"ETag", "Last-Modified"}
        self.ignores_range = False
        self.etag_of: Callable[[bytes], str] = lambda content: hashlib.md5(content).hexdigest()
        self.stopping = threading.Event()
        self._guard = threading.Lock()
        self._server = _QuietServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Upstream:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The server's port."""
        return int(self._server.server_address[1])

    def endpoints(self) -> dict[str, str]:
        """The settings' map of every host to its folder here."""
        return {host: f"http://127.0.0.1:{self.port}/{host}" for host in HOSTS}

    def settings(self, data: Path, **overrides: Any) -> Settings:
        """Live settings that ask this server alone, without long pauses."""
        values: dict[str, Any] = {
            "sources": "live",
            "data": data,
            "endpoints": self.endpoints(),
            "contact": "tests@example.org",
            "http_attempts": 3,
            "http_backoff_seconds": 0.01,
            "http_connect_timeout_seconds": 2.0,
            "http_read_timeout_seconds": 2.0,
        }
        return Settings(**(values | overrides))

    def put(self, url: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        """Serve content at an upstream URL."""
        path = _key(url)
        self.files[path] = content
        self.types[path] = content_type

    def fault(self, url: str, fault: Fault) -> None:
        """Let something go wrong at an upstream URL; faults of one URL come one after another."""
        self.faults.setdefault(_key(url), []).append(fault)

    def asked(self, url: str) -> list[Seen]:
        """The requests that came for an upstream URL."""
        return [seen for seen in self.requests if seen.path == _key(url)]

    def note(self, seen: Seen) -> None:
        """Remember a request."""
        with self._guard:
            self.requests.append(seen)

    def next_fault(self, path: str, method: str) -> Fault | None:
        """The fault that meets this request, counted down."""
        with self._guard:
            for fault in self.faults.get(path, []):
                if fault.times != 0 and method in fault.methods:
                    fault.times -= 1
                    return fault
        return None


def _key(url: str) -> str:
    parts = urlsplit(url)
    return f"/{parts.hostname}{unquote(parts.path)}"


def locked(url: str, content: bytes, **fields: Any) -> LockedFile:
    """A lock record of content at a URL."""
    values: dict[str, Any] = {
        "source": "onet",
        "vintage": "30.3",
        "layout": "30.3",
        "name": unquote(urlsplit(url).path.rsplit("/", 1)[-1]),
        "url": url,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "CC BY 4.0",
        "attribution": "made up for a test",
        "retrieved": date(2026, 9, 26),
    }
    return LockedFile(**(values | fields))


def hub_locked(repo: str, revision: str, path: str, content: bytes, **fields: Any) -> LockedFile:
    """A lock record of a Hub file; give `lfs_sha256` for a large one."""
    if "lfs_sha256" not in fields:
        fields.setdefault("git_blob_id", git_blob(content))
    url = f"https://huggingface.co/datasets/{repo}/resolve/{revision}/{path}"
    values = {"source": "gdpval", "vintage": revision[:12], "name": path, "revision": revision}
    return locked(url, content, **(values | fields))


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what the tests are about."""


def _handler_for(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        served = upstream

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Upstream

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Tests are silent."""

    def do_HEAD(self) -> None:
        self._serve("HEAD")

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.served.note(Seen(method, path, dict(self.headers.items()), body))
        fault = self.served.next_fault(path, method)
        answer = self._answer(path, body)
        if fault is not None and fault.kind == "html":
            answer = Answer(200, HTML_PAGE, "text/html; charset=utf-8")
        if fault is not None and fault.kind == "status":
            answer = Answer(fault.status, b"<html>fault</html>", "text/html", fault.headers)
        if fault is not None and fault.kind in ("wrong", "mixed"):
            answer = Answer(answer.status, bytes(byte ^ 1 for byte in answer.content), headers=answer.headers)
        if fault is not None and fault.kind == "short":
            answer = Answer(answer.status, answer.content[: fault.after], headers=answer.headers)
        self._send(method, answer, fault)

    def _answer(self, path: str, body: bytes) -> Answer:
        host, _, rest = path.lstrip("/").partition("/")
        if host == "huggingface.co":
            return hub_answer(self.served.repos, rest, body, self.served.port)
        if host == "lfs":
            return lfs_answer(self.served.repos, rest)
        if host == "api.bls.gov":
            return bls_answer(self.served.bls, body)
        if host in BLS_STATIC and "@" not in self.headers.get("User-Agent", ""):
            return Answer(403, BLS_FORBIDDEN, "text/html")
        content = self.served.files.get(path)
        if content is None:
            return Answer(404, b"<html><body>Not Found</body></html>", "text/html")
        headers = {"ETag": f'"{self.served.etag_of(content)}"', "Last-Modified": LAST_MODIFIED}
        kept = {name: value for name, value in headers.items() if name in self.served.validators}
        return Answer(200, content, self.served.types[path], kept, has_ranges=True)

    def _send(self, method: str, answer: Answer, fault: Fault | None) -> None:
        status, content = answer.status, answer.content
        headers = {"Content-Type": answer.content_type} | answer.headers
        wanted = self.headers.get("Range") if answer.has_ranges and not self.served.ignores_range else None
        condition = self.headers.get("If-Range")
        is_same = condition is None or condition in (headers.get("ETag"), headers.get("Last-Modified"))
        if wanted and is_same and method == "GET":
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            status, content = 206, content[start:]
        if fault is not None:
            headers |= fault.headers
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if method != "HEAD":
            self._send_content(content, fault)

    def _send_content(self, content: bytes, fault: Fault | None) -> None:
        if fault is None or fault.kind not in ("cut", "mixed", "stall", "reset"):
            self.wfile.write(content)
            return
        self.wfile.write(content[: fault.after])
        self.wfile.flush()
        if fault.kind == "stall":
            self.served.stopping.wait(LONGEST_STALL_SECONDS)
        if fault.kind == "reset":
            # Lingering for no time turns the close into a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        self.close_connection = True


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    """All publishers on loopback; nothing else can be reached, and no state of a client outlives the test."""
    _isolate(monkeypatch)
    escaped = _forbid_everything_but_loopback(monkeypatch)
    with Upstream() as served:
        yield served
    set_client_factory(_default_hub_client)
    # Asserted here as well, since a client may swallow the refusal.
    assert not escaped


def _default_hub_client() -> Any:
    from huggingface_hub.utils._http import default_client_factory

    return default_client_factory()


def _isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("AINA_", "HF_"))]:
        monkeypatch.delenv(name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    # The library's settings are module attributes: setting each to itself has it restored afterwards.
    for name in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET", "HF_HUB_DOWNLOAD_TIMEOUT"):
        monkeypatch.setattr(constants, name, getattr(constants, name))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub_module, "_installed_for", None)


def _forbid_everything_but_loopback(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Refuse every other address; gives the list that the refused ones are noted in."""
    real_connect, real_resolve = socket.socket.connect, socket.getaddrinfo
    escaped: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1"):
            escaped.append(address)
            raise OSError(f"a test asked {address}")
        real_connect(self, address)

    def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in ("127.0.0.1", "localhost", "::1"):
            escaped.append(host)
            raise OSError(f"a test asked for the address of {host}")
        return real_resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return escaped
