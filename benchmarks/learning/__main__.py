"""The learning stage, measured.

    python -m benchmarks.learning [SECTION ...] [--events N] [--rounds N] [--data DIR] [--json PATH]

Sections: `replay` (fold a log of N events, on one and on two processes), `crash` (kill -9 a writer N
times), `writers` (8 processes append at once), `model` (the learner model against the average), `plans`
(1,000 learners), `evaluator` (attacks and paraphrases). Without any: all. What they were:
benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aina_assets.core.settings import PROJECT_ROOT
from benchmarks.learning import evaluator, model, plans, records

Figures = dict[str, Any]
SECTIONS: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "replay": lambda options: records.replay_figures(options.events),
    "crash": lambda options: records.crash_figures(options.rounds),
    "writers": lambda options: records.writer_figures(),
    "model": lambda options: model.model_figures(),
    "plans": lambda options: plans.plan_figures(options.data, options.learners),
    "evaluator": lambda options: evaluator.evaluator_figures(),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sections, print each as it is done; the exit status is 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.learning", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="SECTION")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT / "data" / "run", help="built data root")
    parser.add_argument("--learners", type=int, default=plans.LEARNERS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    figures: Figures = {}
    for name in options.sections or SECTIONS:
        figures[name] = SECTIONS[name](options)
        print(json.dumps({name: figures[name]}, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 1 if any(held.get("broken") for held in figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
