"""The server as a process: the gate before the address, the token, the log, a graceful stop, a crash."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import GateClosedError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.service.running import serve
from aina_assets_tests.builds import invoke
from benchmarks.service.crash import run_crashes
from benchmarks.service.load import lost_or_doubled, run_load
from benchmarks.service.server import Server, free_port


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "example.org"])
def test_another_address_is_refused_with_the_gates_explanation(engine: Engine, host: str) -> None:
    with pytest.raises(GateClosedError, match=r"public_runtime.*there is no approval.*holds"):
        serve(engine, host, 8420, lambda running: pytest.fail("it listens"))
    assert not (engine.data.path / "service" / "token").exists()


def test_the_command_refuses_it_too(engine: Engine) -> None:
    told = invoke(engine.data.path, "serve", "--host", "0.0.0.0")
    assert told.exit_code == 1
    assert "GateClosedError" in told.output + (told.stderr or "")


@pytest.mark.slow
def test_it_serves_logs_and_stops_in_good_order(server: Server) -> None:
    server.start()
    token = server.data / "service" / "token"
    assert token.stat().st_mode & 0o777 == 0o600
    address = f"http://127.0.0.1:{server.port}"
    secret = "a title that nobody may log"
    body = json.dumps({"learner_id": "syn-1-1-000000000000", "title": secret}).encode()
    headers = {"Content-Type": "application/json", "X-Request-Id": "a-request-of-mine"}
    request = Request(f"{address}/assess", body, headers, method="POST")
    with pytest.raises(OSError, match="401"):
        urlopen(request, timeout=10)
    with urlopen(f"{address}/titles?q=nobody%20may%20log", timeout=10) as answer:
        assert answer.status == 200
    assert server.stop() == 0
    assert not token.exists()
    text = server.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert {"opened", "warmed", "request", "stopped"} <= {line.get("event") for line in lines}
    refused = next(line for line in lines if line.get("request_id") == "a-request-of-mine")
    assert (refused["status"], refused["method"]) == (401, "POST")
    assert secret not in text
    assert "nobody" not in text


@pytest.mark.slow
def test_a_taken_port_is_told(server: Server) -> None:
    server.start()
    command = [
        sys.executable,
        "-c",
        "from aina_assets.cli import main; main()",
        "serve",
        "--port",
        str(server.port),
    ]
    environment = {**server._environment}
    told = subprocess.run(
        command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == 1
    assert "cannot be listened on" in told.stderr


@pytest.mark.slow
def test_learners_at_once_meet_no_fault_and_lose_no_event(server: Server) -> None:
    figures = run_load(server, learners=6, seed=5, seconds=3)
    assert figures.seen.faults == []
    assert sum(map(len, figures.seen.acknowledged.values())) >= 18
    assert lost_or_doubled(server.data, figures.seen) == []


@pytest.mark.slow
def test_what_was_acknowledged_before_a_kill_is_there_once(server: Server) -> None:
    seen, lost = run_crashes(server, learners=6, seed=6, kills=2)
    assert seen.faults == []
    assert sum(map(len, seen.acknowledged.values())) > 0
    assert lost == []


def test_the_client_of_the_benchmark_notices_a_server_that_is_gone() -> None:
    from benchmarks.service.client import Client, ConnectionGoneError

    with pytest.raises(ConnectionGoneError):
        asyncio.run(Client("127.0.0.1", free_port(), "").ask("GET", "/health"))
