"""The evaluator on its suites: attacks that raise a score, paraphrases that lower one, and its time."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from typing import Any

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.evaluating.evaluator import Evaluator
from aina_assets.learning.mastery.policy import read_learner_model
from aina_assets.learning.practice.generating import Practice
from tools.evaluator_suites.command import SUITES


def evaluator_figures() -> dict[str, Any]:
    """Evaluate every case and its base."""
    root = PROJECT_ROOT / "data" / "policies"
    practice = Practice.read(root)
    evaluator = Evaluator(practice, read_learner_model(root).pass_score)
    seconds: list[float] = []

    def score(case: dict[str, Any], name: str) -> float:
        task = practice.task(case["family"], case["theme"], case["seed"])
        start = time.perf_counter()
        found = evaluator.evaluate(task, case[name]).score
        seconds.append(time.perf_counter() - start)
        return found

    figures: dict[str, Any] = {}
    for suite, key in (("attacks", "kind"), ("attacks_second", "kind"), ("paraphrases", "part")):
        cases = [json.loads(line) for line in (SUITES / f"{suite}.jsonl").read_text("utf-8").splitlines()]
        changes = [(case[key], score(case, "text") - score(case, "base")) for case in cases]
        figures[suite] = {
            "cases": dict(sorted(Counter(kind for kind, _ in changes).items())),
            "raised": sum(change > 0 for _, change in changes),
            "lowered": sum(change < 0 for _, change in changes),
        }
    figures["median_ms"] = round(statistics.median(seconds) * 1000, 2)
    raised = figures["attacks"]["raised"] + figures["attacks_second"]["raised"]
    figures["broken"] = bool(raised or figures["paraphrases"]["lowered"])
    return figures
