"""Rows of the tables of reviews: of a wave that is open from its plan, of a merged one from its merge.

Belongs here: the two ways to the same rows. Does not: when they are made (`make_reviews`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aina_assets.adjudication.asking import Part
from aina_assets.adjudication.chain import Link
from aina_assets.adjudication.consensus import verdict_of
from aina_assets.adjudication.plan import BatchPlan
from aina_assets.adjudication.protocol import SEATS, ReviewAnswer, Seat, Verdict
from aina_assets.adjudication.wave import WaveState

SIDES: Mapping[Seat, str] = {"reviewer_a": "a", "reviewer_b": "b"}


def _split(verdict: Verdict) -> dict[str, Any]:
    return {"decision": verdict.decision, "level": verdict.level, "code": verdict.code}


def part_verdicts(
    plan: BatchPlan, part: Part | None, answers: Mapping[str, ReviewAnswer]
) -> list[dict[str, Any]]:
    """Rows of a reviewer's verdicts from what it has said of an open wave; none of an unusable part."""
    if part is None or part.status == "unusable":
        return []
    repaired = set(part.repaired)
    return [
        _verdict_row(
            plan.title_batch,
            plan.wave,
            plan.by_row[row_id].question.title_id,
            plan.by_row[row_id].known is not None,
            verdict,
            row_id in repaired,
            answers[request_id].model_dump() | {"answer_sha256": answers[request_id].content_sha256},
        )
        for row_id, (verdict, request_id) in part.verdicts.items()
    ]


def _verdict_row(
    batch: str,
    wave: int,
    title_id: str,
    is_known: bool,
    verdict: Verdict,
    is_repaired: bool,
    request: Mapping[str, Any],
) -> dict[str, Any]:
    told = ("request_id", "provider", "model", "prompt_sha256", "schema_sha256", "answer_sha256")
    return {
        "title_batch": batch,
        "wave": wave,
        "title_id": title_id,
        "is_known_answer": is_known,
        **_split(verdict),
        "is_repaired": is_repaired,
        "kind": str(request["kind"]),
        "parameters": json.dumps(request["parameters"], sort_keys=True),
        **{name: request[name] for name in told},
    }


def _columns(merge: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    columns = merge[part]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def merged_prompts(merge: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of `review_prompt` from a merge."""
    requests = merge["requests"]
    first = {(r["reviewer"], r["chunk"]): r["request_id"] for r in requests if not r["round"]}
    rows = []
    for seat in SEATS:
        for part in ("decisions", "known"):
            for row in _columns(merge, part):
                chunk = requests[row[f"request_{SIDES[seat]}"]]["chunk"]
                rows.append(
                    {
                        "title_batch": merge["title_batch"],
                        "wave": merge["wave"],
                        "reviewer": seat,
                        "title_id": row["title_id"],
                        "is_known_answer": part == "known",
                        "order_sha256": row.get("order"),
                        "chunk": chunk,
                        "request_id": first[seat, chunk],
                    }
                )
    return rows


def merged_verdicts(merge: Mapping[str, Any], seat: Seat) -> list[dict[str, Any]]:
    """Rows of a reviewer's verdicts from a merge."""
    side = SIDES[seat]
    return [
        _verdict_row(
            merge["title_batch"],
            merge["wave"],
            row["title_id"],
            part == "known",
            verdict_of(row[f"verdict_{side}"]),
            bool(merge["requests"][row[f"request_{side}"]]["round"]),
            merge["requests"][row[f"request_{side}"]],
        )
        for part in ("decisions", "known")
        for row in _columns(merge, part)
    ]


def merged_consensus(link: Link) -> list[dict[str, Any]]:
    """Rows of `review_consensus` from a merge."""
    merge = link.merge
    about = {"title_batch": merge["title_batch"], "wave": merge["wave"], "merge_sha256": link.sha256}
    kept = ("title_id", "decision", "level", "code", "why", "verdict_a", "verdict_b")
    known = ("title_id", "verdict_a", "verdict_b", "is_right_a", "is_right_b")
    return [
        *(
            {**about, "is_known_answer": False, **{name: row[name] for name in kept}}
            for row in _columns(merge, "decisions")
        ),
        *(
            {**about, "is_known_answer": True, **{name: row[name] for name in known}}
            for row in _columns(merge, "known")
        ),
    ]


def held_consensus(plan: BatchPlan, state: WaveState) -> list[dict[str, Any]]:
    """Rows of `review_consensus` of a wave that is held; none of any other."""
    if state.status != "held" or state.consensus is None:
        return []
    about = {"title_batch": plan.title_batch, "wave": plan.wave, "merge_sha256": None}
    return [
        *(
            {
                **about,
                "is_known_answer": False,
                "title_id": row.title_id,
                "decision": row.decision,
                "level": row.level,
                "code": row.code,
                "why": row.why,
                "verdict_a": row.verdict_a,
                "verdict_b": row.verdict_b,
            }
            for row in state.consensus.decisions
        ),
        *(
            {
                **about,
                "is_known_answer": True,
                "title_id": row.title_id,
                "verdict_a": row.verdict_a,
                "verdict_b": row.verdict_b,
                "is_right_a": row.is_right_a,
                "is_right_b": row.is_right_b,
            }
            for row in state.consensus.known
        ),
    ]
