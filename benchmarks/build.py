"""Build times: starter, real mirror, the second build, status, package import.

    python benchmarks/build.py [--mirror DIR] [--titles FILE]

Each command runs as a process of its own in a fresh data root, Dagster included. The bounds are those
that the project sets itself for two cores; this prints figures and judges none. The machine may be
shared, so each time is also given as a ratio to a fixed piece of work done in the same run (hashing 1 GB
with sha256), which moves with the machine's speed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AINA = (sys.executable, "-c", "from aina_assets.cli import main; main()")
REPEATS = 3


def yardstick() -> float:
    """Seconds to hash 1 GB."""
    block = bytes(1 << 20)
    start = time.perf_counter()
    digest = hashlib.sha256()
    for _ in range(1024):
        digest.update(block)
    digest.hexdigest()
    return time.perf_counter() - start


def timed(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, str]:
    """Wall seconds and output of a command.

    Raises:
        SystemExit: the command failed; its output is shown.
    """
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AINA_")}
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return seconds, done.stdout


def state_digests(environment: Mapping[str, str]) -> dict[str, str]:
    """Every table's digest."""
    _, text = timed((*AINA, "status", "--json"), environment)
    return {name: table["sha256"] for name, table in json.loads(text)["tables"].items()}


def measure(name: str, environment: Mapping[str, str], bound: float) -> None:
    """Print the figures of fresh builds, a second build, status, and whether digests agree."""
    first, second, status = [], [], []
    digests = []
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as data:
            here = {**environment, "AINA_DATA": data}
            first.append(timed((*AINA, "build"), here)[0])
            before = state_digests(here)
            second.append(timed((*AINA, "build"), here)[0])
            status.append(timed((*AINA, "status", "--json"), here)[0])
            digests += [before, state_digests(here)]
    same = all(found == digests[0] for found in digests)
    show(f"{name} build", first, bound)
    show(f"{name} second build", second, bound)
    show(f"{name} status", status, 1.0)
    print(
        f"{name}: {len(digests)} states of {len(digests[0])} tables, digests {'equal' if same else 'DIFFER'}"
    )


def show(name: str, seconds: Sequence[float], bound: float) -> None:
    """Print one figure."""
    median = statistics.median(seconds)
    print(
        f"{name:<24} median {median:6.2f} s (min {min(seconds):.2f}, max {max(seconds):.2f}), "
        f"bound {bound:g} s, {median / yardstick():.1f} times hashing 1 GB"
    )


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    real = Path(os.environ.get("AINA_REAL_SOURCES", ROOT.parent / "shared" / "sources"))
    parser.add_argument("--mirror", type=Path, default=real / "mirror")
    parser.add_argument("--titles", type=Path, default=real / "titles" / "job_titles_73k.txt")
    arguments = parser.parse_args()
    imports = [timed((sys.executable, "-c", "import aina_assets.cli"), {})[0] for _ in range(REPEATS)]
    show("package import", imports, 1.0)
    measure("starter", {}, 20.0)
    if not arguments.mirror.is_dir():
        print(f"no mirror at {arguments.mirror}: real build not measured")
        return
    environment = {"AINA_SOURCES": "mirror", "AINA_MIRROR": str(arguments.mirror)}
    if arguments.titles.is_file():
        environment["AINA_TITLES"] = str(arguments.titles)
    measure("real mirror", environment, 40.0)


if __name__ == "__main__":
    main()
