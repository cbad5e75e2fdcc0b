"""What packets say, measured: near occupations, ranks without ratings, workflows, planted faults."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from aina_assets.core.engine import Engine
from aina_assets.packets.importance import read_extract
from aina_assets.packets.make import PacketStage
from aina_assets.packets.parts import Task
from aina_assets.packets.policy import SimilarPolicy
from aina_assets.packets.review.tasks import TaskReview
from aina_assets.packets.review.titles import TitleReview
from aina_assets.packets.rules import NEAREST, PRIMARY
from aina_assets.packets.similarity import Nearness, nearness
from aina_assets.packets.workflows import heads_of, workflows

LEAST_RATED = 8
TOP = 5
PLANTED = 300
SEED = 1
ALONE: Mapping[str, tuple[float, float, float]] = {
    "activities": (1.0, 0.0, 0.0),
    "task_words": (0.0, 1.0, 0.0),
    "title_words": (0.0, 0.0, 1.0),
    "activities_and_task_words": (0.4, 0.6, 0.0),
}


def near_figures(engine: Engine) -> dict[str, Any]:
    """Recall at 10 of O*NET's ten primary related occupations; the share of the ten nearest among all 20."""
    stage = PacketStage(engine)
    rows = engine.store.read("onet_related_occupation").to_pylist()
    primary: dict[str, set[str]] = {}
    every: dict[str, set[str]] = {}
    for row in rows:
        every.setdefault(row["onet_soc_code"], set()).add(row["related_onet_soc_code"])
        if row["relatedness_tier"] in PRIMARY:
            primary.setdefault(row["onet_soc_code"], set()).add(row["related_onet_soc_code"])
    figures = {"all_three": _recall(stage.nearness, primary, every)}
    for name, (activities, task_words, title_words) in ALONE.items():
        weights = {"activities": activities, "task_words": task_words, "title_words": title_words}
        policy: SimilarPolicy = stage.policy.similar.model_copy(update=weights)
        figures[name] = _recall(nearness(stage.evidence, policy), primary, every)
    return figures


def _recall(
    found: Nearness, primary: Mapping[str, set[str]], every: Mapping[str, set[str]]
) -> dict[str, float]:
    recalls, precisions = [], []
    for place, code in enumerate(found.codes):
        similarity = found.similarity[place].copy()
        similarity[place] = -1
        top = {found.codes[other] for other in np.argsort(-similarity, kind="stable")[:NEAREST]}
        if primary.get(code):
            recalls.append(len(top & primary[code]) / len(primary[code]))
            precisions.append(len(top & every[code]) / NEAREST)
    return {
        "occupations": len(recalls),
        "recall_at_10": round(float(np.mean(recalls)), 3),
        "in_all_20": round(float(np.mean(precisions)), 3),
    }


def importance_figures(engine: Engine, extract: Path | None) -> dict[str, Any]:
    """Ranks without ratings against ratings: rank correlation, and the share of the first five that agree."""
    if extract is None:
        return {"not_measured": "give --importance FILE"}
    rated = {(r["onet_soc_code"], r["task_id"]): r["importance"] for r in read_extract(extract).to_pylist()}
    tasks: dict[str, list[dict[str, Any]]] = {}
    for row in engine.store.read("onet_task").to_pylist():
        if (row["onet_soc_code"], row["task_id"]) in rated:
            tasks.setdefault(row["onet_soc_code"], []).append(row)
    core = {"Core": 2.0, None: 1.0, "Supplemental": 0.0}
    orders: dict[str, Any] = {
        "type_and_file_order": lambda row: core[row["task_type"]] * 1e6 - row["source_row"],
        "type_alone": lambda row: core[row["task_type"]],
        "answers": lambda row: row["incumbents_responding"] or 0,
        "type_and_answers": lambda row: core[row["task_type"]] * 1e6 + (row["incumbents_responding"] or 0),
    }
    many = [rows for rows in tasks.values() if len(rows) >= LEAST_RATED]
    figures: dict[str, Any] = {}
    for name, key in orders.items():
        correlations, shared = [], []
        for rows in many:
            truth = [rated[row["onet_soc_code"], row["task_id"]] for row in rows]
            guess = [key(row) for row in rows]
            if len(set(guess)) > 1:
                correlations.append(float(spearmanr(truth, guess).statistic))
                shared.append(len(_first(truth) & _first(guess)) / TOP)
        figures[name] = {
            "occupations": len(correlations),
            "spearman": round(float(np.mean(correlations)), 3),
            "first_five_shared": round(float(np.mean(shared)), 3),
        }
    return figures


def _first(values: Sequence[float]) -> set[int]:
    return set(sorted(range(len(values)), key=lambda place: -values[place])[:TOP])


def workflow_figures(engine: Engine) -> dict[str, Any]:
    """How many workflows occupations have, what names them, and whose tasks have the naming activity."""
    stage = PacketStage(engine)
    counts: Counter[int] = Counter()
    levels: Counter[str] = Counter()
    tasks = fits = single = 0
    for code, own in stage.evidence.work.tasks.items():
        found = workflows(f"onet:{code}", own, stage.evidence.work.activity_names, stage.policy.workflows)
        by_id = {task.task_id: task for task in own}
        counts[len(found)] += 1
        for workflow in found:
            levels[workflow.activity_level] += 1
            single += len(workflow.task_ids) == 1
            for task_id in workflow.task_ids:
                tasks += 1
                fits += workflow.activity_id in {head.activity_id for head in heads_of(by_id[task_id])}
    total = sum(levels.values())
    return {
        "occupations_by_workflows": dict(sorted(counts.items())),
        "named_by": {level: round(count / total, 3) for level, count in sorted(levels.items())},
        "tasks_that_have_the_naming_activity": round(fits / tasks, 3),
        "workflows_of_one_task": round(single / total, 3),
    }


def review_figures(engine: Engine) -> dict[str, Any]:
    """Tasks and titles put where they do not belong: how many are found, against what is found anyway."""
    stage = PacketStage(engine)
    chosen = random.Random(SEED)
    tasks = dict(stage.evidence.work.tasks)
    policy = stage.policy.review
    anyway = {odd.task_ids[0] for odd in TaskReview(tasks, stage.nearness, policy).elsewhere()}
    codes = sorted(tasks)
    changed: dict[str, tuple[Task, ...]] = dict(tasks)
    planted = set()
    for code in chosen.sample(codes, min(PLANTED, len(codes) // 2)):
        moved = chosen.choice(changed[code])
        target = chosen.choice([other for other in codes if other != code])
        changed[code] = tuple(task for task in changed[code] if task.task_id != moved.task_id)
        changed[target] = (*changed[target], moved)
        planted.add(moved.task_id)
    kept = {code: own for code, own in changed.items() if own}
    found = {odd.task_ids[0] for odd in TaskReview(kept, stage.nearness, policy).elsewhere()}
    total = sum(map(len, tasks.values()))
    return {
        "tasks": {
            "planted": len(planted),
            "planted_found": round(len(found & planted) / len(planted), 3),
            "found_anyway": len(anyway),
            "found_anyway_share": round(len(anyway) / total, 4),
        },
        "titles": _title_figures(stage, chosen),
        "near_duplicates": sum(1 for _ in TaskReview(tasks, stage.nearness, policy).near_duplicates()),
    }


def _title_figures(stage: PacketStage, chosen: random.Random) -> dict[str, Any]:
    review = TitleReview(stage.evidence, stage.roles.all, stage.policy.review)
    columns = ["title_id", "normalized_title", "role_id"]
    rows = stage.store.read_partitions("title_packet", columns).to_pylist()
    titles = [(row["title_id"], row["normalized_title"], row["role_id"]) for row in rows]
    by_level: dict[str, list[tuple[str, str, str]]] = {}
    for title in titles:
        by_level.setdefault(stage.roles.all[title[2]].level, []).append(title)
    planted = []
    for some in by_level.values():
        roles = sorted({role for _, _, role in some})
        if len(roles) > 1:
            for title_id, text, role in chosen.sample(some, min(PLANTED, len(some))):
                planted.append((title_id, text, chosen.choice([other for other in roles if other != role])))
    return {
        "planted": len(planted),
        "planted_found": round(len(review.elsewhere(planted)) / max(len(planted), 1), 3),
        "found_anyway": len(anyway := review.elsewhere(titles)),
        "found_anyway_share": round(len(anyway) / max(len(titles), 1), 4),
    }
