"""The service over a copy of the built starter, asked in this process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from aina_assets.core.engine import Engine
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets.service.app import create_app
from aina_assets.service.auth import Keyring, new_keyring
from aina_assets.service.rooms import Rooms
from aina_assets_tests.builds import Build, copied
from benchmarks.service.server import Server, free_port

ADDRESS = "http://127.0.0.1:8420"
_NUMBERS = count(1)


@dataclass
class Clock:
    """A clock that tests move."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **how: float) -> None:
        self.now += timedelta(**how)


@dataclass
class Caller:
    """Whoever asks: with the token, and with a new key for each write unless told otherwise."""

    client: TestClient
    rooms: Rooms
    keyring: Keyring
    clock: Clock
    asked: list[httpx2.Response] = field(default_factory=list)

    def get(self, path: str, **told: Any) -> httpx2.Response:
        return self.client.get(path, **told)

    def post(self, path: str, body: Any = None, *, key: str | None = "", **told: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.keyring.token}", **told.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key or new_key()
        return self.client.post(path, json=body, headers=headers, **told)

    def learner(self) -> str:
        return synthetic_learner_id(77, next(_NUMBERS))

    def planned(self, title: str = "Senior Accountant", **said: Any) -> tuple[str, dict[str, Any]]:
        """A new learner with a plan."""
        learner = self.learner()
        told = {"learner_id": learner, "title": title, **said}
        packet = self.post("/assess", told).json()
        plan = self.post("/curriculum", {"assessment_id": packet["assessment_id"]})
        assert plan.status_code == 201, plan.text
        return learner, plan.json()

    def signed_in(self) -> TestClient:
        """A browser that was signed in."""
        client = TestClient(self.client.app, base_url=ADDRESS, follow_redirects=False)
        client.post("/ui/enter", data={"token": self.keyring.token, "to": "/ui/"})
        return client


def new_key() -> str:
    return f"test-key-{next(_NUMBERS):08d}"


@pytest.fixture(scope="module")
def engine(starter_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A copy of the built starter for one module."""
    return copied(starter_build, tmp_path_factory.mktemp("service") / "data")


@pytest.fixture(scope="module")
def caller(engine: Engine) -> Iterator[Caller]:
    """A service of one module's own."""
    clock = Clock()
    rooms = Rooms(engine, clock=clock)
    keyring = new_keyring(engine.data)
    with TestClient(
        create_app(rooms, keyring), base_url=ADDRESS, raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield Caller(client, rooms, keyring, clock)
    rooms.close()


@pytest.fixture
def server(starter_build: Build, tmp_path: Path) -> Iterator[Server]:
    """The real server over a copy of the built starter; a test starts it."""
    data = tmp_path / "data"
    shutil.copytree(starter_build.engine.data.path, data)
    made = Server(data, free_port())
    yield made
    made.kill()
