"""Titles a second from raw lines to routes, by two processes, and their memory.

First every line is normalized and put with its title batch, then every batch's titles are looked up, assessed
and routed: the title stage's work, through its own functions, into Parquet files. Routes are made by margins
that are given here and no certificates: which titles are certified costs the same to ask.

    python -m benchmarks.titles.throughput FOLDER FILE

FOLDER has `model.npz` and `authority.parquet`. Prints figures as JSON. `measure` runs this as a process of
its own, so that the memory of whatever came before does not count.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from aina_assets.core.settings import PROJECT_ROOT, Settings, title_batch_keys
from aina_assets.titles.assess import Assessor
from aina_assets.titles.authority import AuthorityIndex, authority_rows
from aina_assets.titles.certifying.certificate import Certifier
from aina_assets.titles.certifying.claims import BASES, assessed_rows
from aina_assets.titles.certifying.curves import KINDS, Calibration
from aina_assets.titles.inventory import form_rows, title_rows
from aina_assets.titles.retrieval.model import OccupationModel
from aina_assets.titles.retrieval.model_file import load_model, save_model
from aina_assets.titles.routing import Router, route_table
from aina_assets.titles.scope import read_scope_policy
from aina_assets.titles.serve_policy import read_serve_policy
from benchmarks.titles.project import POLICIES, project_functions, project_normalizer
from benchmarks.titles.splits import Tables

MODEL, AUTHORITY = "model.npz", "authority.parquet"
PROCESSES = 2
LINES = 40_000
BATCHES = Settings.model_fields["title_batches"].default
MARGIN = 0.1
SAMPLE_SECONDS = 0.05
MB = 1 << 20
# One thread a process: two processes share two cores.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass
class Memory:
    """The peak of what this process and its children hold, sampled while the block runs.

    Pages that they share count once a process: the figure is at most too high.
    """

    peak_mb: float = 0.0
    _stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Memory:
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _sample(self) -> None:
        this = psutil.Process()
        while not self._stopped.wait(SAMPLE_SECONDS):
            held = 0
            for process in (this, *this.children(recursive=True)):
                try:
                    held += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak_mb = max(self.peak_mb, held / MB)


def _read(path: Path) -> pa.Table:
    # As the product's store does: `pq.read_table` imports pyarrow.dataset, and that pandas.
    with pq.ParquetFile(path) as file:
        return file.read()


@lru_cache(maxsize=1)
def _assessor(folder: Path) -> Assessor:
    authority = AuthorityIndex(_read(folder / AUTHORITY))
    policies = read_scope_policy(POLICIES), project_functions(), read_serve_policy(POLICIES)
    return Assessor(load_model(folder / MODEL), authority, *policies)


@lru_cache(maxsize=1)
def _router() -> Router:
    margins = dict.fromkeys(product(BASES, KINDS), MARGIN)
    calibration = Calibration({}, margins)
    certifier = Certifier(calibration, read_serve_policy(POLICIES).certificate)
    return Router(certifier, "0" * 64)


def _start(folder: Path) -> None:
    project_normalizer()
    _assessor(folder)


def _normalized(number: int, lines: list[str], target: Path) -> int:
    """Write the forms of some lines, each into its batch's folder; how many are no usable titles."""
    first = number * LINES + 1
    forms = form_rows(enumerate(lines, start=first), project_normalizer(), BATCHES)
    usable = forms.filter(pc.is_valid(forms["title_batch"]))
    for batch in pc.unique(usable["title_batch"]).to_pylist():
        folder = target / batch
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(usable.filter(pc.equal(usable["title_batch"], batch)), folder / f"{number}.parquet")
    return int(forms.num_rows - usable.num_rows)


def _assessed(batch: str, forms: Path, folder: Path) -> int:
    """Write the evidence on a batch's titles; how many they are."""
    files = sorted((forms / batch).glob("*.parquet"), key=lambda path: int(path.stem))
    if not files:
        return 0
    titles = title_rows(pa.concat_tables(map(_read, files)).to_pylist()).to_pylist()
    evidence = _assessor(folder).assess(titles)
    for name in ("exact", "retrieved", "levels"):
        pq.write_table(getattr(evidence, name), folder / f"{name}-{batch}.parquet")
    levels = evidence.levels.to_pylist()
    routes = [
        _router().route(title, level, assessed)
        for title, level, assessed in zip(titles, levels, assessed_rows(levels), strict=True)
    ]
    pq.write_table(route_table(routes), folder / f"routes-{batch}.parquet")
    return len(titles)


def contest(folder: Path, titles: Path) -> dict[str, Any]:
    """Run it, and give lines, titles, seconds and the peak of memory."""
    forms = folder / "forms"
    started = time.perf_counter()
    with (
        Memory() as memory,
        ProcessPoolExecutor(
            PROCESSES, multiprocessing.get_context("spawn"), initializer=_start, initargs=(folder,)
        ) as pool,
    ):
        defects = lines = 0
        # As many chunks wait as there are hands: the list is never in memory as a whole.
        for chunks in _grouped(titles, PROCESSES * 2):
            lines += sum(len(chunk) for _, chunk in chunks)
            waiting = [pool.submit(_normalized, number, chunk, forms) for number, chunk in chunks]
            defects += sum(future.result() for future in waiting)
        normalized = time.perf_counter()
        assessed = [pool.submit(_assessed, batch, forms, folder) for batch in title_batch_keys(BATCHES)]
        distinct = sum(future.result() for future in assessed)
        ended = time.perf_counter()
    return {
        "lines": lines,
        "defects": defects,
        "titles": distinct,
        "normalizing_seconds": normalized - started,
        "assessing_seconds": ended - normalized,
        "seconds": ended - started,
        "processor_seconds": _processor_seconds(),
        "peak_mb": memory.peak_mb,
    }


def _processor_seconds() -> float:
    """What this process and its ended children computed: unlike time, little moved by a busy machine."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _grouped(path: Path, size: int) -> Iterator[list[tuple[int, list[str]]]]:
    number = 0
    with path.open(encoding="utf-8") as file:
        while True:
            group: list[tuple[int, list[str]]] = []
            while len(group) < size and (lines := [line.rstrip("\n") for line in islice(file, LINES)]):
                group.append((number, lines))
                number += 1
            if not group:
                return
            yield group


def measure(model: OccupationModel, tables: Tables, titles: Path) -> dict[str, Any]:
    """The figures of one inventory, by a process of its own and its two children."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        save_model(model, folder / MODEL)
        pq.write_table(authority_rows(tables, project_normalizer()), folder / AUTHORITY)
        command = [sys.executable, "-m", "benchmarks.titles.throughput", str(folder), str(titles)]
        environment = {**os.environ, **ONE_THREAD}
        done = subprocess.run(
            command, cwd=PROJECT_ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    print(json.dumps(contest(Path(sys.argv[1]), Path(sys.argv[2]))))
