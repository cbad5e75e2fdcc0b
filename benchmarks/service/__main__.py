"""`python -m benchmarks.service DATA [--seconds 30] [--learners 16] [--kills 5]`: load and crashes.

DATA is a built data root; the benchmark works on a copy of it, beside it. The settings (lane, mirror) are
those of the environment.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from benchmarks.service.crash import run_crashes
from benchmarks.service.load import Figures, lost_or_doubled, percentile, run_load
from benchmarks.service.server import Server, free_port

SEED = 41


def main() -> int:
    """Run, print a table, and end with 1 where an event is lost or an answer must not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--learners", type=int, default=16)
    parser.add_argument("--kills", type=int, default=5)
    told = parser.parse_args()
    copy = told.data.with_name(f"{told.data.name}-load")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(told.data, copy, ignore=shutil.ignore_patterns("learning", "dagster"))
    server = Server(copy, free_port())
    figures = run_load(server, told.learners, SEED, told.seconds)
    lost = lost_or_doubled(copy, figures.seen)
    _show(figures, lost)
    seen, lost_in_crashes = (
        run_crashes(server, told.learners, SEED + 2, told.kills) if told.kills else (None, [])
    )
    if seen is not None:
        submits = sum(map(len, seen.acknowledged.values()))
        sys.stdout.write(
            f"{told.kills} kills: {seen.journeys} journeys, {submits} acknowledged submits, "
            f"{seen.sent_again} requests sent again, {len(seen.faults)} faults, "
            f"{len(lost_in_crashes)} lost or doubled\n"
        )
    shutil.rmtree(copy, ignore_errors=True)
    return int(bool(lost or lost_in_crashes or figures.seen.faults or (seen and seen.faults)))


def _show(figures: Figures, lost: list[str]) -> None:
    seen = figures.seen
    reads = [value for kind, held in seen.seconds.items() if kind.startswith("read ") for value in held]
    rows = [("all reads", reads), *sorted(seen.seconds.items())]
    sys.stdout.write(
        f"{'request':<16} {'count':>7} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'max ms':>8}\n"
    )
    for name, held in rows:
        cells = [f"{percentile(held, share) * 1000:8.1f}" for share in (0.5, 0.95, 0.99, 1.0)]
        sys.stdout.write(f"{name:<16} {len(held):7} {' '.join(cells)}\n")
    told = {
        "journeys": seen.journeys,
        "seconds": round(figures.seconds, 1),
        "reads_per_second": round(len(reads) / figures.seconds),
        "submits": sum(map(len, seen.acknowledged.values())),
        "faults": len(seen.faults),
        "lost_or_doubled": len(lost),
        "server_processor_share": round(figures.server_cpu_seconds / figures.seconds, 2),
        "server_memory_mb": round(figures.most_memory_mb),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    sys.exit(main())
