"""Run the service: ask the gate for the address, open the rooms, warm them, serve, and stop in good order.

Belongs here: that order. Does not: the gate's rule, or any address of the service's own.
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn

from aina_assets.core.engine import Engine
from aina_assets.gates.edge import leave_to_listen, listen
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.service.app import create_app
from aina_assets.service.auth import Keyring, new_keyring, token_path
from aina_assets.service.logs import say, set_up
from aina_assets.service.rooms import Rooms

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8420
# Threads that plan take turns with the loop that reads; a short turn keeps reads quick.
TURN_SECONDS = 0.001
STOP_SECONDS = 10


@dataclass(frozen=True)
class Running:
    """A service that listens.

    Attributes:
        address: where, as `http://host:port`.
        entrance: the address that signs a browser in; its last part is the token.
    """

    address: str
    entrance: str


def serve(engine: Engine, host: str, port: int, on_listening: Callable[[Running], None]) -> None:
    """Serve until a signal says to stop; requests under way are answered first.

    Args:
        port: 0 lets the system choose.
        on_listening: told once requests are taken.

    Raises:
        GateClosedError: others could reach the address, and the gate is closed; nothing was bound.
        StateError: the state was not built.
        OSError: the address is taken.
    """
    keeper = Gatekeeper(engine)
    capability = leave_to_listen(keeper, host, port)
    log = set_up()
    rooms = Rooms(engine)
    try:
        say(log, "opened", state=rooms.mark.sha256, lane=engine.settings.sources.value)
        rooms.warm()
        opened = listen(capability, host, port)
        keyring = new_keyring(engine.data)
        say(log, "warmed", titles=len(rooms.titles))
        _run(rooms, keyring, opened, on_listening)
        say(log, "stopped")
    finally:
        rooms.close()
        token_path(engine.data).unlink(missing_ok=True)


def _run(
    rooms: Rooms, keyring: Keyring, opened: socket.socket, on_listening: Callable[[Running], None]
) -> None:
    sys.setswitchinterval(TURN_SECONDS)
    config = uvicorn.Config(
        create_app(rooms, keyring),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="on",
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=32 * 1024,
        limit_concurrency=256,
    )
    server = _Server(config, _running(keyring, opened), on_listening)
    # uvicorn stops in good order and then raises the signal again, which would end the process right there.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[opened])


def _running(keyring: Keyring, opened: socket.socket) -> Running:
    host, port = opened.getsockname()[:2]
    named = f"[{host}]" if ":" in host else host
    address = f"http://{named}:{port}"
    # The part after # stays in the browser: it is in no request and in no log.
    return Running(address, f"{address}/ui/enter#{keyring.token}")


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(
        self, config: uvicorn.Config, running: Running, on_listening: Callable[[Running], None]
    ) -> None:
        super().__init__(config)
        self._running = running
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._on_listening(self._running)
