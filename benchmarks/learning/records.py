"""The log and the record, measured: replay, writers at once, writers that are killed."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.mastery.policy import read_learner_model
from aina_assets.learning.records.fold import Folder
from aina_assets.learning.records.log import EventLog
from aina_assets.learning.records.replay import Records
from aina_assets.learning.records.stored import Written
from benchmarks.learning.streams import events_of, many

MOST_SECONDS = 20.0
A_CALL = 5_000
WRITERS = 8
EVENTS_A_WRITER = 500
# Fork: a child begins to write at once, and is killed while it does.
PROCESSES = get_context("fork")


def _folder() -> Folder:
    return Folder(read_learner_model(PROJECT_ROOT / "data" / "policies"))


def replay_figures(events: int) -> dict[str, Any]:
    """Fold a log of so many events from the first one, and hold every one against the chain."""
    with tempfile.TemporaryDirectory() as folder:
        log = EventLog(Path(folder) / "events.sqlite")
        made = many(events)
        start = time.perf_counter()
        while part := list(islice(made, A_CALL)):
            log.append_written(part)
        figures: dict[str, Any] = {
            "events": events,
            "append_seconds": round(time.perf_counter() - start, 1),
            "megabytes": round((Path(folder) / "events.sqlite").stat().st_size / 1e6),
        }
        found = []
        for processes in (1, 2):
            start, worked = time.perf_counter(), time.process_time()
            found.append(Records(log, _folder()).replay(processes))
            if processes == 1:
                # What it takes of a processor that it need not share.
                figures["replay_processor_seconds"] = round(time.process_time() - worked, 1)
            figures[f"replay_seconds_{processes}_processes"] = round(time.perf_counter() - start, 1)
        start = time.perf_counter()
        log.verify()
        figures["verify_seconds"] = round(time.perf_counter() - start, 1)
        log.close()
    figures["sha256"] = found[0].sha256
    figures["is_same_by_any_number_of_processes"] = found[0] == found[1]
    figures["broken"] = (
        found[0] != found[1]
        or found[0].events != events
        or (events >= 1_000_000 and figures["replay_seconds_2_processes"] > MOST_SECONDS)
    )
    return figures


def _write(place: Path, number: int, told: Connection) -> None:
    """Append a learner's events one by one, for ever, and tell each acknowledgement."""
    log = EventLog(place)
    while True:
        for each in events_of(number):
            log.append_written([each])
            told.send(each.event_id)
        number += 1


def crash_figures(rounds: int, seed: int = 1) -> dict[str, Any]:
    """Kill -9 a writer at a random moment, again and again; look for what it had been acknowledged."""
    chance = random.Random(seed)
    acknowledged: list[str] = []
    lost = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "events.sqlite"
        EventLog(place).close()
        for turn in range(rounds):
            here, there = PROCESSES.Pipe(duplex=False)
            child = PROCESSES.Process(target=_write, args=(place, 1 + turn * 1_000, there))
            child.start()
            there.close()
            time.sleep(chance.uniform(0.05, 0.5))
            os.kill(child.pid or 0, signal.SIGKILL)
            child.join()
            acknowledged += _received(here)
            log = EventLog(place)
            log.verify()
            stored = {each.event_id for each in log.written()}
            lost += len(set(acknowledged) - stored)
            log.close()
    return {"rounds": rounds, "acknowledged": len(acknowledged), "lost": lost, "broken": lost > 0}


def _received(pipe: Connection) -> list[str]:
    found = []
    try:
        while pipe.poll():
            found.append(pipe.recv())
    except (EOFError, OSError):
        # The writer's last word was cut off: it had not been told.
        pass
    return found


def _of_writer(writer: int, events: int) -> Iterator[Written]:
    made = (each for number in count(writer, WRITERS) for each in events_of(number + 1))
    return islice(made, events)


def _append_all(place: str | Path, writer: int, events: int) -> None:
    log = EventLog(place)
    for each in _of_writer(writer, events):
        log.append_written([each])
    log.close()


def writer_figures(place: str | None = None, events_a_writer: int = EVENTS_A_WRITER) -> dict[str, Any]:
    """8 processes append at once, an event a call; every event must be there, each writer's in its order.

    Args:
        place: URL of an empty database; a SQLite file where not given.
    """
    with tempfile.TemporaryDirectory() as folder:
        held: str | Path = place or Path(folder) / "events.sqlite"
        EventLog(held).close()
        start = time.perf_counter()
        children = [
            PROCESSES.Process(target=_append_all, args=(held, writer, events_a_writer))
            for writer in range(WRITERS)
        ]
        for child in children:
            child.start()
        for child in children:
            child.join()
        seconds = time.perf_counter() - start
        log = EventLog(held)
        stored = log.verify()
        found = [each.event_id for each in log.written()]
        log.close()
    reordered = 0
    for writer in range(WRITERS):
        expected = [each.event_id for each in _of_writer(writer, events_a_writer)]
        own = set(expected)
        reordered += [event_id for event_id in found if event_id in own] != expected
    lost = WRITERS * events_a_writer - stored
    failed = sum(child.exitcode != 0 for child in children)
    return {
        "writers": WRITERS,
        "events": stored,
        "lost": lost,
        "writers_reordered": reordered,
        "writers_failed": failed,
        "appends_a_second": round(stored / seconds),
        "broken": bool(lost or reordered or failed),
    }
