"""The gates, measured: `python -m benchmarks.gates [enumeration] [mutation]`.

enumeration: every combination of facts is asked of the decision and of Cedar; counts and seconds.
mutation: mutmut makes every small change of `aina_assets/gates/decide.py` that it knows and runs the tests
of the decision on each, in a copy of the project. A change that no test notices is listed, unless it is one
of `EQUIVALENT`, which change nothing that anybody could notice.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from aina_assets_tests.gates.states import every_state
from aina_assets_tests.gates.test_decide import WORKERS, differences_from_cedar, hold_the_promise

ROOT = Path(__file__).resolve().parents[2]
DECISION = "aina_assets/gates/decide.py"
TESTS = "aina_assets_tests/gates/test_decide.py"
# Changes that leave the function the same, by mutmut's name, with the reason.
EQUIVALENT: Mapping[str, str] = {}
COPIED = ("aina_assets", "aina_assets_tests", "data", "docs", "tools", "pyproject.toml")
SETTINGS = f"""

[tool.mutmut]
source_paths = ["{DECISION}"]
pytest_add_cli_args_test_selection = ["{TESTS}"]
also_copy = ["aina_assets", "aina_assets_tests", "data"]
"""


def enumeration() -> int:
    """Ask every state; the number of differences from Cedar."""
    start = time.perf_counter()
    counts = hold_the_promise(every_state())
    seconds = time.perf_counter() - start
    told = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items()))
    print(f"states: {counts.total():,} ({told}), {seconds:.1f} s; the promise holds in all")
    start = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(differences_from_cedar, range(WORKERS), [1] * WORKERS))
    asked, granted = (sum(result[part] for result in results) for part in (0, 1))
    differing = sum(len(result[2]) for result in results)
    seconds, spent = time.perf_counter() - start, os.times()
    processor = spent.user + spent.system + spent.children_user + spent.children_system
    print(
        f"Cedar: {asked:,} states, {granted:,} granted, {differing} differences, {seconds:.1f} s, "
        f"{processor:.1f} s of processor time for all, {WORKERS} workers"
    )
    return differing


def mutation() -> int:
    """Run mutmut in a copy of the project; the number of survivors that are not equivalent."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "project"
        copy.mkdir()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "run"))
            else:
                shutil.copy(source, copy / name)
        with (copy / "pyproject.toml").open("a") as handle:
            handle.write(SETTINGS)
        environment = {**os.environ, "PYTHONPATH": str(copy)}
        start = time.perf_counter()
        mutmut = str(Path(sys.executable).with_name("mutmut"))
        done = subprocess.run(
            [mutmut, "run"], cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - start
        listed = subprocess.run(
            [mutmut, "results", "--all", "true"],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        results = dict(line.strip().rsplit(": ", 1) for line in listed.stdout.splitlines() if ": " in line)
        if not results:
            print(done.stdout[-2000:], done.stderr[-2000:])
            return 1
        alive = {name: how for name, how in results.items() if how != "killed" and name not in EQUIVALENT}
        told = ", ".join(f"{count} {how}" for how, count in sorted(Counter(results.values()).items()))
        print(f"mutants: {len(results)} ({told}), {len(EQUIVALENT)} equivalent, {seconds:.0f} s")
        for name, how in alive.items():
            shown = subprocess.run(
                [mutmut, "show", name], cwd=copy, env=environment, capture_output=True, text=True, check=False
            )
            print(f"{how}: {name}\n{shown.stdout}")
        return len(alive)


def main() -> None:
    """Run the sections that are named, or both."""
    sections = {"enumeration": enumeration, "mutation": mutation}
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sections", nargs="*", choices=[[], *sections], default=[])
    chosen = parser.parse_args().sections or list(sections)
    sys.exit(min(1, sum(sections[name]() for name in chosen)))


if __name__ == "__main__":
    main()
