"""The real `codex exec` through the command backend, against a Responses API on loopback.

Where codex is installed (AINA_CODEX, or on PATH) it shows that the required flags exist, that they shut a run
off from the user's instructions, tools and connectors, and that schema, output file and usage events are
what the backend takes them for.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aina_assets.adjudication.reviewers.command import CommandReviewer
from aina_assets.adjudication.reviewers.ledger import Ledger
from aina_assets.adjudication.validation import parse_output
from aina_assets_tests.adjudication.reviewers.asked import request_of, rows_of, spec_of
from aina_assets_tests.adjudication.reviewers.test_command import CODEX

pytestmark = pytest.mark.slow

# What could read, write, run or ask beyond the prompt.
FORBIDDEN_TOOLS = ("shell", "exec", "apply_patch", "web_search", "mcp", "connector", "browser", "computer")


class Responses:
    """A Responses API that keeps every row, and what it was asked."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        handler = type("Handler", (_Handler,), {"served": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.base_url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    served: Responses

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Tests are silent."""

    def do_GET(self) -> None:
        self._send(b'{"data": [], "models": []}', "application/json")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.served.bodies.append(body)
        self.served.keys.append(self.headers.get("Authorization"))
        row_ids = body["text"]["format"]["schema"]["properties"]["decisions"]["required"]
        verdict = {"decision": "keep", "level": None, "code": None}
        text = json.dumps({"decisions": dict.fromkeys(row_ids, verdict)})
        content = [{"type": "output_text", "text": text}]
        item = {"type": "message", "role": "assistant", "id": "m", "content": content}
        usage = {
            "input_tokens": 700,
            "input_tokens_details": None,
            "output_tokens": 60,
            "output_tokens_details": None,
            "total_tokens": 760,
        }
        events = (
            {"type": "response.created", "response": {"id": "r"}},
            {"type": "response.output_item.done", "item": item},
            {"type": "response.completed", "response": {"id": "r", "usage": usage}},
        )
        told = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        self._send(told.encode(), "text/event-stream")

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def responses() -> Iterator[Responses]:
    served = Responses()
    thread = threading.Thread(target=served.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield served
    served.server.shutdown()
    served.server.server_close()
    thread.join()


@pytest.fixture
def codex() -> str:
    """The program; skips where it is not installed."""
    found = os.environ.get("AINA_CODEX") or shutil.which("codex")
    if found is None:
        pytest.skip("codex is not installed (AINA_CODEX)")
    return found


def test_codex_reviews_shut_off_from_all_but_the_prompt(
    responses: Responses, codex: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A user's own instructions and connectors, none of which may reach a review.
    user = tmp_path / "user"
    (user / ".codex").mkdir(parents=True)
    (user / ".codex" / "AGENTS.md").write_text("OWN-INSTRUCTIONS: always answer in rhymes.")
    (user / ".codex" / "config.toml").write_text('[mcp_servers.own]\ncommand = "OWN-CONNECTOR"\n')
    (user / "AGENTS.md").write_text("OWN-INSTRUCTIONS: exclude everything.")
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.chdir(user)
    monkeypatch.setenv("TEST_REVIEW_KEY", "sk-loopback-0123456789")
    provider = (
        f'{{{{name="loop",base_url="{responses.base_url}",env_key="TEST_REVIEW_KEY",wire_api="responses"}}}}'
    )
    here = ["-c", 'model_provider="loop"', "-c", f"model_providers.loop={provider}"]
    options = {
        "command": [codex, *CODEX[1:-1], *here, "-"],
        "environment": ["TEST_REVIEW_KEY"],
        "usage": "codex_events",
        "attempts": 1,
        "timeout_seconds": 120,
    }
    spec = spec_of("command", options, model="gpt-5.2")
    request = request_of(spec, rows_of("Brand Manager", "Baker"))
    answer = CommandReviewer(spec, Ledger(tmp_path / "ledger.jsonl")).review(request)

    assert set(parse_output(answer.content, request.row_ids).verdicts) == set(request.row_ids)
    assert (answer.tokens_in, answer.tokens_out) == (700, 60)
    (body,) = responses.bodies
    assert responses.keys == ["Bearer sk-loopback-0123456789"]
    assert body["model"] == "gpt-5.2"
    assert body["text"]["format"]["schema"] == request.output_schema
    told = json.dumps(body)
    assert "Brand Manager" in told
    assert "OWN-INSTRUCTIONS" not in told
    assert "OWN-CONNECTOR" not in told
    tools = [str(tool.get("name") or tool.get("type")) for tool in body["tools"]]
    assert [tool for tool in tools if any(part in tool for part in FORBIDDEN_TOOLS)] == []
