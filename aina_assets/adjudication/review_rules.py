"""The rules that reviews, and the deterministic rules before them, are held against.

Belongs here: how a batch's review went, whether its evidence is kept, whether rules hold on gold. Does
not: the account and the chain (`rules`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from aina_assets.adjudication.plan import KnownAnswer
from aina_assets.adjudication.protocol import Verdict
from aina_assets.adjudication.rules import Rows, finding
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import REVIEW_CONSENSUS, REVIEW_PROMPT, TITLE_RULE_DECISION
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.rules import Finding, Severity
from aina_assets.titles.tables import TITLE

SHOWN_ROWS = 50
DISPUTES = ("other_decision", "other_level", "other_group", "unknown_target")


def _read(engine: Engine, name: str, partition: str | None) -> Rows:
    store = engine.store
    table = store.read_whole(name) if partition is None else store.read(name, partition=partition)
    rows: Rows = table.to_pylist()
    return rows


def _titles(engine: Engine, partition: str | None) -> dict[str, str]:
    store = engine.store
    columns = ["title_id", "normalized_title"]
    table = (
        store.read_whole(TITLE.name, columns)
        if partition is None
        else store.read(TITLE.name, columns, partition=partition)
    )
    return dict(zip(table["title_id"].to_pylist(), table["normalized_title"].to_pylist(), strict=True))


def reviewers_agree(engine: Engine, partition: str | None) -> Finding:
    """A WARN where the reviewers agree on less than the policy asks; shows the rows that they dispute."""
    least = AdjudicationStage(engine).policies.review.consensus.least_agreement
    rows = [row for row in _read(engine, REVIEW_CONSENSUS.name, partition) if not row["is_known_answer"]]
    by_wave: dict[tuple[str, int], list[bool]] = defaultdict(list)
    for row in rows:
        same = row["verdict_a"].split("/")[0] == row["verdict_b"].split("/")[0]
        by_wave[row["title_batch"], row["wave"]].append(same)
    weak = [
        {"title_batch": batch, "wave": wave, "agreement": round(sum(same) / len(same), 4)}
        for (batch, wave), same in sorted(by_wave.items())
        if sum(same) < least * len(same)
    ]
    disputed = [row for row in rows if row["why"] in DISPUTES]
    titles = _titles(engine, partition)
    shown = [
        {
            "title": titles.get(row["title_id"], "(left the inventory)"),
            "reviewer_a": row["verdict_a"],
            "reviewer_b": row["verdict_b"],
            "why": row["why"],
            "wave": row["wave"],
        }
        for row in disputed[:SHOWN_ROWS]
    ]
    agreed = sum(sum(same) for same in by_wave.values())
    share = agreed / len(rows) if rows else 1.0
    return Finding(
        passed=not weak,
        summary=f"the reviewers agree on {agreed} of {len(rows)} decisions; {len(disputed)} rows are "
        f"disputed; {len(weak)} waves of batches are below {least:.0%}",
        failed_rows=len(weak),
        sample=[*weak, *shown] if weak else shown,
        remedy="Compare what both say with the codebook; `aina review accept BATCH` accepts a held batch.",
        figures={"agreement": round(share, 4), "disputed": len(disputed), "reviewed": len(rows)},
        severity=Severity.WARN,
    )


def known_answers_are_right(engine: Engine, partition: str | None) -> Finding:
    """A WARN where known answers were due and none was asked; shows those that a reviewer got wrong."""
    prompts = [
        row["is_known_answer"]
        for row in _read(engine, REVIEW_PROMPT.name, partition)
        if row["reviewer"] == "reviewer_a"
    ]
    rows = [row for row in _read(engine, REVIEW_CONSENSUS.name, partition) if row["is_known_answer"]]
    wrong = [row for row in rows if row["is_right_a"] is False or row["is_right_b"] is False]
    alike = [row for row in wrong if row["verdict_a"] == row["verdict_b"]]
    counts = {
        f"{word}_{side}": sum(row[f"is_right_{side}"] is value for row in rows)
        for side in ("a", "b")
        for word, value in (("right", True), ("wrong", False))
    }
    is_blind = bool(prompts) and not any(prompts)
    shown = [
        {
            name: row[name]
            for name in ("title_id", "verdict_a", "verdict_b", "is_right_a", "is_right_b", "wave")
        }
        for row in wrong[:SHOWN_ROWS]
    ]
    return Finding(
        passed=not is_blind,
        summary=f"of {len(rows)} known answers a got {counts['right_a']} right, {counts['wrong_a']} wrong, "
        f"b {counts['right_b']} and {counts['wrong_b']}; {len(alike)} both got wrong alike"
        + ("; no known answer is among the prompts" if is_blind else ""),
        failed_rows=int(is_blind),
        sample=[{"prompts": len(prompts), "known_answers": 0}] if is_blind else shown,
        remedy="Label a sample of this inventory (`aina gold sample`): without known answers nothing "
        "tells how often two reviewers err alike.",
        figures={"known_answers": len(rows), "wrong_alike": len(alike), **counts},
        severity=Severity.WARN,
    )


def rules_hold_on_gold(engine: Engine) -> Finding:
    """Each deterministic rule errs on no more of the gold set's tune rows than the policy lets it."""
    stage = AdjudicationStage(engine)
    bound = stage.policies.filters.gold
    known = stage.known
    decided = [row for row in _read(engine, TITLE_RULE_DECISION.name, None) if row["title_id"] in known]
    failed: Rows = []
    figures: dict[str, float] = {}
    for rule in stage.policies.filters.rules:
        rows = [row for row in decided if row["rule_id"] == rule.id]
        wrong = [row for row in rows if not _is_right(row, known[row["title_id"]])]
        weights = sum(known[row["title_id"]].truth.weight for row in rows)
        error = sum(known[row["title_id"]].truth.weight for row in wrong) / weights if rows else 0.0
        figures |= {f"{rule.id}_rows": len(rows), f"{rule.id}_error": round(error, 4)}
        if len(rows) >= bound.least_rows and error > bound.most_error:
            failed.append(
                {"rule_id": rule.id, "rows": len(rows), "wrong": len(wrong), "error": round(error, 4)}
            )
    return Finding(
        passed=not failed,
        summary=f"{len(failed)} of {len(stage.policies.filters.rules)} rules err on more than "
        f"{bound.most_error:.0%} of {len(decided)} gold rows",
        failed_rows=len(failed),
        sample=failed,
        remedy="Narrow the rule in adjudication_rules.toml, and raise the file's version.",
        figures=figures,
    )


def _is_right(row: dict[str, Any], known: KnownAnswer) -> bool:
    level, code = row["level"], row["code"] if row["level"] else None
    return known.is_right(Verdict(decision=row["decision"], level=level, code=code)) is True


def evidence_is_kept(engine: Engine) -> Finding:
    """A WARN where a raw output that a merge rests on is lost or changed. The merge itself still stands."""
    stage = AdjudicationStage(engine)
    failed: Rows = []
    total = 0
    for link in stage.folders.chain.links():
        for request in link.merge["requests"]:
            total += 1
            fault = _evidence_fault(stage, request)
            if fault:
                failed.append(
                    {"merge": link.file.sequence, "request_id": request["request_id"], "finding": fault}
                )
    found = finding(
        failed,
        total,
        "raw outputs that merges rest on are lost or changed",
        "Restore reviews/answers from a backup. Decisions stand without them, but can no longer be traced.",
    )
    return Finding(
        found.passed,
        found.summary,
        found.failed_rows,
        found.sample,
        found.remedy,
        found.figures,
        Severity.WARN,
    )


def _evidence_fault(stage: AdjudicationStage, request: dict[str, Any]) -> str | None:
    try:
        answer = stage.folders.evidence.answer(request["request_id"])
    except StateError as error:
        return error.message
    if answer is None:
        return "lost"
    return None if answer.content_sha256 == request["answer_sha256"] else "changed"
