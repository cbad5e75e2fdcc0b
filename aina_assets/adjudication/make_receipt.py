"""Write the receipt of adjudication from the tables and merges that stand.

Belongs here: gathering. Does not: what the receipt says (`receipts`).
"""

from __future__ import annotations

from pathlib import Path

from aina_assets.adjudication.make_state import StateStage
from aina_assets.adjudication.receipts import RECEIPT, IcpTitleAdjudication, account_figures
from aina_assets.adjudication.tables import (
    REVIEW_BATCH,
    REVIEW_PROMPT,
    REVIEW_WAVE,
    TITLE_RULE_DECISION,
    TITLE_STATE,
)
from aina_assets.core.receipts import write_receipt
from aina_assets.titles.receipts import COVERAGE
from aina_assets.titles.tables import TITLE_ROUTE


def write_adjudication(stage: StateStage) -> tuple[Path, IcpTitleAdjudication]:
    """Write the receipt from the tables and merges that stand."""
    engine, folded = stage.stage.engine, stage.stage.folded
    store = engine.store
    account = stage.account()
    batches = store.read(REVIEW_BATCH.name, ["status"]).to_pylist()
    waves = store.read(REVIEW_WAVE.name).to_pylist()
    policies = stage.stage.policies
    predicate = IcpTitleAdjudication(
        **account_figures(account),
        review_prompt_row_count=open_prompt_rows(stage),
        batches_quarantined=sum(row["status"] == "quarantined" for row in batches),
        batches_held=sum(row["status"] == "held" for row in batches),
        merges=len(folded.merges),
        head_merge_sha256=folded.head,
        state_sha256=folded.digest,
        waves=tuple(waves),
        policies={**policies.digests, "adjudication_rules": policies.filters.sha256},
    )
    subjects = {
        f"tables/{name}.parquet": store.info(name).sha256
        for name in (TITLE_STATE.name, REVIEW_BATCH.name, REVIEW_WAVE.name)
    }
    for name in (TITLE_ROUTE.name, TITLE_RULE_DECISION.name):
        for info in store.infos(name):
            subjects[f"tables/{name}/{info.partition}.parquet"] = info.sha256
    for merge in folded.merges:
        subjects[f"reviews/merges/{merge.file.path.name}"] = merge.sha256
    path = write_receipt(engine.data.receipts, RECEIPT, subjects, predicate, rests_on=[COVERAGE])
    return path, predicate


def open_prompt_rows(stage: StateStage) -> int:
    """Rows of a reviewer's prompts in the waves that are not merged."""
    store = stage.stage.engine.store
    batches = store.read(REVIEW_BATCH.name, ["title_batch", "title_batches", "wave", "status"]).to_pylist()
    merged = {
        (row["title_batch"], row["wave"])
        for row in batches
        if row["status"] == "merged" and row["title_batches"] == stage.stage.folders.title_batches
    }
    rows = 0
    for key in store.partitions(REVIEW_PROMPT.name):
        for row in store.read(REVIEW_PROMPT.name, ["wave", "reviewer"], partition=key).to_pylist():
            rows += row["reviewer"] == "reviewer_a" and (key, row["wave"]) not in merged
    return rows
