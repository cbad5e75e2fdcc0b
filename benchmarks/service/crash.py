"""Kill the server under load, start it again, and look every acknowledged submit up.

Belongs here: killing at times that nobody chose. Does not: the load (`learners`).
"""

from __future__ import annotations

import asyncio
import random

from benchmarks.service.client import Client
from benchmarks.service.learners import LearnerAtWork, Seen
from benchmarks.service.load import lost_or_doubled
from benchmarks.service.server import Server


async def _killed_under_load(server: Server, learners: int, seed: int, kills: int, seen: Seen) -> None:
    is_ended = False

    def connect() -> Client:
        return Client("127.0.0.1", server.port, server.token)

    tasks = [
        asyncio.create_task(LearnerAtWork(number, seed, connect, seen, lambda: is_ended).work())
        for number in range(learners)
    ]
    chance = random.Random(seed)
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(0.5, 3.0))
        server.kill()
        await asyncio.to_thread(server.start)
    await asyncio.sleep(1.0)
    is_ended = True
    await asyncio.gather(*tasks)


def run_crashes(server: Server, learners: int, seed: int, kills: int) -> tuple[Seen, list[str]]:
    """Kill the server so often; gives what the learners saw, and what is lost or doubled."""
    server.start()
    seen = Seen()
    try:
        asyncio.run(_killed_under_load(server, learners, seed, kills, seen))
    finally:
        server.stop()
    return seen, lost_or_doubled(server.data, seen)
