"""What the levels' probabilities are worth on gold test rows, given a built data root.

Belongs here: the measure. Does not: certificates, which are the stage's own. The gold test part is read by
nothing else but them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aina_assets.core.engine import Engine
from aina_assets.core.settings import PROJECT_ROOT, load_settings
from aina_assets.titles.certifying.claims import SERVED_LEVELS, Assessed, Truth, assessed_rows
from aina_assets.titles.certifying.truth import SocTree, by_id, gold_files, truth_of
from aina_assets.titles.gold.labels import read_gold
from aina_assets.titles.make import TitleStage
from aina_assets.titles.make_routes import RouteStage
from aina_assets.titles.retrieval.calibration import expected_calibration_error
from benchmarks.titles.project import project_functions

TABLES = ("title_level", "title_gold", "soc_group")
Judged = tuple[Assessed, Truth]
PLACES = 4


def gold_figures(data: Path) -> dict[str, Any] | str:
    """Reliability by level, as evidence states it and as gold tune rows calibrate it; or why none."""
    settings = load_settings(data=data)
    store = Engine(settings).store
    absent = [name for name in TABLES if not store.partitions(name) and not store.path(name).is_file()]
    if absent:
        return f"{data} has no table {' and no table '.join(absent)}"
    tree = SocTree(store.read("soc_group"))
    labels = by_id(
        label
        for path in gold_files(PROJECT_ROOT / "data" / "gold")
        for label in read_gold(path, split="test")
    )
    gold = store.read("title_gold").select(["title_id", "split"]).to_pylist()
    test = {row["title_id"] for row in gold if row["split"] == "test"} & set(labels)
    rows = store.read_whole("title_level").to_pylist()
    judged = [
        (title, truth_of(labels[title.title_id], tree, project_functions()))
        for title in assessed_rows([row for row in rows if row["title_id"] in test])
    ]
    calibration = RouteStage(TitleStage(Engine(settings))).calibration()
    return {
        "stated": reliability(judged, lambda title, level: title.score_of(level)),
        "calibrated": reliability(judged, calibration.probability),
    }


def reliability(judged: Sequence[Judged], probability: Callable[[Assessed, str], float]) -> dict[str, Any]:
    """Accuracy and calibration error of each level over the titles that it may be claimed of.

    Rows count by their weights. A level is right where the title is in scope and in the level's group.

    Args:
        probability: of a title and a level; raw, or calibrated as the stage does.
    """
    figures: dict[str, Any] = {}
    for level in SERVED_LEVELS:
        allowed = [(title, truth) for title, truth in judged if title.allows(level)]
        if not allowed:
            figures[level] = {"n": 0}
            continue
        stated = np.array([probability(title, level) for title, _ in allowed])
        right = np.array([truth.is_right(title, level) for title, truth in allowed])
        weights = np.array([truth.weight for _, truth in allowed])
        figures[level] = {
            "n": len(allowed),
            "right": round(float(np.average(right, weights=weights)), PLACES),
            "stated": round(float(np.average(stated, weights=weights)), PLACES),
            "ece_equal_counts": round(expected_calibration_error(stated, right, weights), PLACES),
        }
    return figures
