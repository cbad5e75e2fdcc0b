"""Adjudication, measured at sizes that tests have no time for.

    python -m benchmarks.adjudication [SECTION ...] [--schedules N] [--first SEED] [--decisions N] [--data
    DIR]
                                      [--json PATH]

Sections: `chaos` (schedules of crashes and mangled outputs), `fold` (of a million decisions), `rules` (the
deterministic rules on the gold set's TEST part; needs --data, a built data root). Without any: chaos and
fold. What the figures mean, and what they were: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from aina_assets.core.settings import PROJECT_ROOT
from benchmarks.adjudication.chaos import quiet_digest, run_schedule
from benchmarks.adjudication.rules_on_gold import rules_on_gold

SECTIONS = ("chaos", "fold", "rules")
# So many of the schedules' processes that crash are processes of their own, killed by the system: each takes
# longer to start than a whole schedule takes.
KILL_SHARE = 0.01


def chaos(first: int, schedules: int) -> dict[str, Any]:
    """Run schedules; tells how many ended in the one state, and what they went through."""
    expected = quiet_digest()
    start = perf_counter()
    totals: Counter[str] = Counter()
    failed = []
    for seed in range(first, first + schedules):
        ended = run_schedule(seed, KILL_SHARE)
        for name in ("processes", "crashes", "kills", "quarantined", "told"):
            totals[name] += getattr(ended, name)
        if ended.digest != expected or ended.faults:
            failed.append({"seed": seed, "digest": ended.digest, "faults": ended.faults})
        if (seed - first + 1) % 500 == 0:
            print(f"  {seed - first + 1} schedules, {len(failed)} failed, {dict(totals)}", flush=True)
    return {
        "schedules": schedules,
        "failed": failed,
        "state": expected,
        **totals,
        "seconds": round(perf_counter() - start, 1),
    }


def fold(decisions: int) -> dict[str, Any]:
    """Fold so many decisions in a process of its own, whose memory is nobody else's."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.adjudication.ledger", str(decisions)],
        cwd=PROJECT_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main() -> int:
    """Run the sections; the exit status is 1 where a schedule failed."""
    parser = argparse.ArgumentParser(prog="benchmarks.adjudication", description=__doc__)
    parser.add_argument("sections", nargs="*", default=["chaos", "fold"], metavar="SECTION")
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="a built data root")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    figures: dict[str, Any] = {}
    if "chaos" in options.sections:
        figures["chaos"] = chaos(options.first, options.schedules)
    if "fold" in options.sections:
        figures["fold"] = fold(options.decisions)
    if "rules" in options.sections:
        if options.data is None:
            parser.error("rules needs --data")
        figures["rules"] = rules_on_gold(options.data)
    print(json.dumps(figures, indent=2))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 1 if figures.get("chaos", {}).get("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
