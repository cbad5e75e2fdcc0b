"""The deterministic rules, measured on the gold set's test part, which nothing was tuned on.

Belongs here: counting. Does not: choosing rules; that was done on the tune part, which the check on every
build holds them against.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scipy.stats import beta

from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import TITLE_RULE_DECISION
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings
from aina_assets.titles.certifying.truth import SocTree, truth_of
from aina_assets.titles.gold.labels import read_gold
from aina_assets.titles.tables import TITLE_GOLD

CONFIDENCE = 0.95


def rules_on_gold(data: Path) -> dict[str, Any]:
    """Of each rule: titles that it settles, gold test rows among them, errors, and their upper bound."""
    engine = Engine(load_settings(data=data))
    stage = AdjudicationStage(engine)
    store = engine.store
    gold = [row for row in store.read(TITLE_GOLD.name).to_pylist() if row["split"] == "test"]
    tree = SocTree(store.read("soc_group"))
    truths = {
        label.title_id: truth_of(label, tree, stage.policies.functions)
        for name in sorted({row["gold_set"] for row in gold})
        for label in read_gold(engine.settings.gold_root / name, split="test")
    }
    decided = store.read_partitions(TITLE_RULE_DECISION.name).to_pylist()
    figures: dict[str, Any] = {}
    for rule in stage.policies.filters.rules:
        mine = [row for row in decided if row["rule_id"] == rule.id]
        measured = [(row, truths[row["title_id"]]) for row in mine if row["title_id"] in truths]
        wrong = [
            truth
            for row, truth in measured
            if not (
                not truth.is_in_scope
                if row["decision"] == "exclude"
                else truth.is_in_scope and row["code"] in truth.groups[row["level"]]
            )
        ]
        weights = sum(truth.weight for _, truth in measured)
        rows, errors = len(measured), len(wrong)
        figures[rule.id] = {
            "titles": len(mine),
            "gold_test_rows": rows,
            "errors": errors,
            "weighted_error": round(sum(truth.weight for truth in wrong) / weights, 4) if weights else None,
            "upper_bound_95": round(float(beta.ppf(CONFIDENCE, errors + 1, rows - errors)), 4)
            if rows > errors
            else 1.0,
        }
    return figures
