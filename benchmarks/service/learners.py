"""Simulated learners at the service: whole journeys, every write under a key and sent until it is answered.

Belongs here: what a learner does, and what was acknowledged. Does not: figures (`load`), killing (`crash`).
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aina_assets.learning.identity import synthetic_learner_id
from benchmarks.service.client import Answer, Client, ConnectionGoneError

TITLES = (
    "Senior Accountant",
    "Software Developer",
    "Marketing Manager",
    "Paralegal",
    "HR Generalist",
    "Financial Analyst",
    "Office Manager",
    "Data Analyst",
)
TYPED = ("ac", "acc", "acco", "mark", "market", "soft", "softw", "data an", "manag", "hr ", "legal", "fin")
PRACTICES = 3


@dataclass
class Seen:
    """What happened to the requests.

    Attributes:
        seconds: by kind of request.
        faults: answers that must not be.
        acknowledged: submission ids by learner, as they were acknowledged.
        sent_again: requests that were sent again since there was no answer.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)
    acknowledged: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    journeys: int = 0
    sent_again: int = 0


class LearnerAtWork:
    """A learner with a connection.

    Args:
        connect: makes a connection with the token that counts now.
        is_over: whether to stop after this journey.
    """

    def __init__(
        self, number: int, seed: int, connect: Callable[[], Client], seen: Seen, is_over: Callable[[], bool]
    ) -> None:
        self._number, self._seed = number, seed
        self._connect, self._seen, self._is_over = connect, seen, is_over
        self._client = connect()
        self._chance = random.Random(f"{seed}/{number}")
        self._writes = 0

    async def work(self) -> None:
        """Go journey after journey."""
        journey = 0
        while not self._is_over():
            learner = synthetic_learner_id(self._seed, self._number * 100_000 + journey)
            await self._journey(learner)
            self._seen.journeys += 1
            journey += 1
        await self._client.close()

    async def _journey(self, learner: str) -> None:
        for typed in self._chance.sample(TYPED, 4):
            found = await self._read("titles", f"/titles?q={typed.replace(' ', '%20')}&limit=8")
        known = [held["title_id"] for held in found.json()["items"] if held["title_id"]]
        if known:
            await self._read("title", f"/titles/{self._chance.choice(known)}")
        said = {
            "learner_id": learner,
            "title": self._chance.choice(TITLES),
            "weekly_minutes": self._chance.choice((60, 90, 180)),
            "horizon_weeks": self._chance.choice((4, 6, 8)),
        }
        packet = (await self._write("assess", "/assess", said)).json()
        plan = (
            await self._write("curriculum", "/curriculum", {"assessment_id": packet["assessment_id"]})
        ).json()
        role = packet["title"]["role_id"]
        if role:
            first = await self._read("packet", f"/packets/{role}")
            await self._read("packet", f"/packets/{role}", tag=first.headers.get("etag", ""))
        for number in range(1, min(PRACTICES, len(plan["items"])) + 1):
            await self._practice(learner, f"{plan['plan_id']}.{number}")

    async def _practice(self, learner: str, practice: str) -> None:
        task = (await self._read("practice", f"/practice/{practice}")).json()
        await self._read("sandbox", "/sandbox/tasks?limit=5")
        await self._write("start", f"/practice/{practice}/start", None)
        for _ in range(2):
            await self._read("practice", f"/practice/{practice}")
        handed = {"learner_id": learner, "text": self._answer(task)}
        answer = await self._write("submit", f"/practice/{practice}/submit", handed)
        self._seen.acknowledged[learner].append(answer.json()["submission_id"])
        await self._read("record", f"/learners/{learner}/record")
        await self._read("events", f"/learners/{learner}/events?limit=20")
        await self._read("gates", "/gates")
        for typed in self._chance.sample(TYPED, 3):
            await self._read("titles", f"/titles?q={typed.replace(' ', '%20')}&limit=8")

    def _answer(self, task: dict[str, Any]) -> str:
        """Half an answer, out of the rows of the first material."""
        lines = task["materials"][0]["lines"]
        told = [
            f"- {line[0]} differs: the list tells {line[-1]}, which I could not find again [M1:{place}]."
            for place, line in enumerate(lines, 1)
            if self._chance.random() < 0.5
        ]
        return "\n".join(["Findings", *told, "", "Next step", "I ask Accounts Payable to settle these."])

    # --- requests

    async def _read(self, kind: str, path: str, *, tag: str = "") -> Answer:
        return await self._ask(f"read {kind}", "GET", path, None, "", tag)

    async def _write(self, kind: str, path: str, body: Any) -> Answer:
        self._writes += 1
        key = f"load-{self._seed}-{self._number}-{self._writes:07d}"
        return await self._ask(kind, "POST", path, body, key, "")

    async def _ask(self, kind: str, method: str, path: str, body: Any, key: str, tag: str) -> Answer:
        while True:
            try:
                answer = await self._client.ask(method, path, body, key=key, tag=tag)
            except ConnectionGoneError:
                # Whether it was done is not known: the same request is sent again, under its key.
                self._seen.sent_again += 1
                await asyncio.sleep(0.2)
                self._client = self._connect()
                continue
            if answer.status == 401:
                # The server was started anew, with another token.
                await asyncio.sleep(0.05)
                self._client = self._connect()
                continue
            self._seen.seconds[kind].append(answer.seconds)
            if answer.status not in (200, 201, 304):
                self._seen.faults.append(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
                raise RuntimeError(self._seen.faults[-1])
            return answer
