"""The real server in a process of its own, started, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from aina_assets.core.settings import PROJECT_ROOT

MOST_SECONDS = 120


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


class Server:
    """`aina serve` over a data root.

    Args:
        data: the data root.
        port: where it listens; the same one after each start.
        environment: more of the environment, such as the lane.
    """

    def __init__(self, data: Path, port: int, environment: dict[str, str] | None = None) -> None:
        self.data, self.port = data, port
        self._environment = {**os.environ, **(environment or {}), "AINA_DATA": str(data)}
        self._process: subprocess.Popen[bytes] | None = None
        self.log = data / "service" / "server.log"

    def start(self) -> None:
        """Start, and wait until it answers.

        Raises:
            RuntimeError: it ended, or does not answer in time.
        """
        self.log.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-c", "from aina_assets.cli import main; main()", "serve"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                env=self._environment,
                cwd=PROJECT_ROOT,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + MOST_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}: see {self.log}")
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the server does not answer: see {self.log}")

    @property
    def token(self) -> str:
        """The token of this run."""
        return (self.data / "service" / "token").read_text().strip()

    @property
    def pid(self) -> int:
        """The process."""
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process.pid

    def kill(self) -> None:
        """End it as a power cut would: nothing of it is run any more."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> int:
        """Ask it to stop; gives its exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=30)
