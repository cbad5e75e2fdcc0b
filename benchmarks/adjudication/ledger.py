"""A fold of many decisions, and what one batch's merge costs: time and memory, in a process of its own.

Belongs here: making merges of a given size, and measuring. Does not: what a merge is.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from aina_assets.adjudication.chain import MergeChain
from aina_assets.adjudication.fold import fold
from aina_assets.adjudication.merge import Merge, RequestRecord
from aina_assets.adjudication.protocol import SEATS, ReviewerKind

BATCH_ROWS = 1000


def synthetic_merge(batch: int, batches: int, first: int, rows: int, wave: int = 1) -> Merge:
    """A merge with `rows` decisions on titles that no other batch has."""
    outcomes = (
        ("promote_fallback", "function", "finance", "agreed"),
        ("exclude", None, "physical_trade", "agreed"),
        ("keep", None, None, "other_decision"),
    )
    chosen = [outcomes[number % 3] for number in range(rows)]
    texts = ["/".join(part for part in outcome[:3] if part) for outcome in chosen]
    return Merge(
        sequence=1,
        previous="0" * 64,
        title_batch=f"{batch:03d}",
        title_batches=batches,
        wave=wave,
        plan="a" * 64,
        policies={"title_review": "b" * 64},
        accepted_by="policy",
        kind=ReviewerKind.SIMULATED,
        requests=tuple(_request(number) for number in range(20)),
        faults=dict.fromkeys(SEATS, 0),
        repaired=dict.fromkeys(SEATS, 0),
        decisions={
            "title_id": [f"{number:016x}" for number in range(first, first + rows)],
            "decision": [outcome[0] for outcome in chosen],
            "level": [outcome[1] for outcome in chosen],
            "code": [outcome[2] for outcome in chosen],
            "why": [outcome[3] for outcome in chosen],
            "verdict_a": texts,
            "verdict_b": texts,
            "request_a": [number % 10 for number in range(rows)],
            "request_b": [10 + number % 10 for number in range(rows)],
            "order": [None] * rows,
        },
        known={
            name: []
            for name in (
                "title_id",
                "verdict_a",
                "verdict_b",
                "request_a",
                "request_b",
                "is_right_a",
                "is_right_b",
            )
        },
    )


def _request(number: int) -> RequestRecord:
    return RequestRecord(
        request_id=f"{number:064x}",
        reviewer=SEATS[number // 10],
        kind=ReviewerKind.SIMULATED,
        provider="bench",
        model="bench",
        parameters={},
        prompt_sha256="c" * 64,
        schema_sha256="d" * 64,
        answer_sha256="e" * 64,
        round=0,
        chunk=number % 10,
        tokens_in=None,
        tokens_out=None,
        cost_usd=None,
    )


def fill(root: Path, decisions: int) -> Iterator[float]:
    """Merge `decisions` decisions, batch by batch; gives the seconds that each merge took."""
    chain = MergeChain(root)
    batches = decisions // BATCH_ROWS
    for number in range(batches):
        # So many batches are more than an inventory has; several waves of 250 are the same to a chain.
        merge = synthetic_merge(number % 250, 250, number * BATCH_ROWS, BATCH_ROWS, 1 + number // 250)
        start = perf_counter()
        chain.append(merge)
        yield perf_counter() - start


def measure_fold(root: Path) -> dict[str, Any]:
    """Fold what stands below a folder; seconds and the process's peak memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = perf_counter()
    folded = fold(MergeChain(root).links(), {})
    seconds = perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"decisions": len(folded), "seconds": seconds, "peak_mb": peak / 1024, "before_mb": before / 1024}


def main(decisions: int = 1_000_000) -> dict[str, Any]:
    """Fill and fold; the first and the last merges' costs tell whether they grow with the chain."""
    with tempfile.TemporaryDirectory() as folder:
        costs = list(fill(Path(folder), decisions))
        tenth = max(1, len(costs) // 10)
        told = measure_fold(Path(folder))
    return {
        **told,
        "merges": len(costs),
        "first_merges_ms": 1000 * sum(costs[:tenth]) / tenth,
        "last_merges_ms": 1000 * sum(costs[-tenth:]) / tenth,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)))
