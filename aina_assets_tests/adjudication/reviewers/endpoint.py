"""A chat completions endpoint on loopback: real sockets, scripted faults, and a record of what came.

Belongs here: the server. Its faults are what real endpoints do: refuse for a while, drip, break off, answer
with a page, decline.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

LONGEST_STALL_SECONDS = 5.0


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    Args:
        kind: `status` (with `status`, `body`, `headers`); `body` (status 200, `body` as it is); `cut` (fewer
            bytes than announced); `reset` (torn down hard in the middle); `drip` (a byte now and then, each
            in time, the whole never); `stall` (silence before the first byte).
    """

    kind: str
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def completion(content: str | None, **fields: Any) -> dict[str, Any]:
    """A chat completion."""
    message = {"role": "assistant", "content": content} | fields.pop("message", {})
    choice = {"index": 0, "message": message, "finish_reason": fields.pop("finish_reason", "stop")}
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "test-model-2026-11",
        "choices": [choice],
        "usage": {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500},
    }
    return whole | fields


def keep_all(body: dict[str, Any]) -> dict[str, Any]:
    """The completion of a model that says `keep` of every row that the request's schema has, if any."""
    wanted = body["response_format"]
    schema = wanted["json_schema"]["schema"] if wanted["type"] == "json_schema" else wanted["schema"]
    row_ids = schema["properties"].get("decisions", {}).get("required", [])
    verdict = {"decision": "keep", "level": None, "code": None}
    return completion(json.dumps({"decisions": dict.fromkeys(row_ids, verdict)}))


class Endpoint:
    """The server; `faults` meet the requests one after another, then all is well."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.most_at_once = 0
        self.seconds = 0.0
        self.stopping = threading.Event()
        self._at_once = 0
        self._guard = threading.Lock()
        self._server = _QuietServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Endpoint:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        """What a reviewer's entry names."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def begin(self, seen: Seen) -> Fault | None:
        """Note a request; gives the fault that meets it."""
        with self._guard:
            self.seen.append(seen)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            return self.faults.pop(0) if self.faults else None

    def end(self) -> None:
        """Note that a request is about to be answered."""
        with self._guard:
            self._at_once -= 1


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what the tests are about."""


def _handler_for(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        served = endpoint

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Endpoint

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Tests are silent."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(raw)
        fault = self.served.begin(Seen(self.path, dict(self.headers.items()), body))
        time.sleep(self.served.seconds)
        # Before it is answered: who has an answer may ask again before this thread goes on.
        self.served.end()
        self._answer(body, fault)

    def _answer(self, body: dict[str, Any], fault: Fault | None) -> None:
        content = json.dumps(keep_all(body)).encode()
        if fault is None:
            self._send(200, content, {})
        elif fault.kind in ("status", "body"):
            self._send(fault.status, fault.body, fault.headers)
        elif fault.kind == "stall":
            self.served.stopping.wait(LONGEST_STALL_SECONDS)
        else:
            self._break_off(fault.kind, content)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _break_off(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:40])
        self.wfile.flush()
        if kind == "drip":
            for place in range(40, len(content)):
                if self.served.stopping.wait(0.05):
                    break
                self.wfile.write(content[place : place + 1])
                self.wfile.flush()
        if kind == "reset":
            # Lingering for no time turns the close into a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        self.close_connection = True


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """An endpoint on a port of its own."""
    with Endpoint() as served:
        yield served
