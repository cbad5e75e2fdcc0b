"""The receipt of adjudication: the closed account, under the names that the reference system gives its
figures.

Belongs here: the predicate. Does not: any figure that is not in a table or a merge.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from aina_assets.adjudication.account import Account, Tally
from aina_assets.adjudication.make_state import StateStage
from aina_assets.adjudication.tables import (
    REVIEW_BATCH,
    REVIEW_PROMPT,
    REVIEW_WAVE,
    TITLE_RULE_DECISION,
    TITLE_STATE,
)
from aina_assets.core.receipts import Predicate, write_receipt
from aina_assets.titles.tables import TITLE_ROUTE

RECEIPT = "icp_title_adjudication_v1"


class IcpTitleAdjudication(Predicate):
    """What became of the titles that evidence could not route, to the last row."""

    serviceable_rows_before_adjudication: int = Field(ge=0, description="titles that evidence alone serves")
    serviceable_rows_after_adjudication: int = Field(ge=0, description="titles that are served")
    ambiguous_input_rows: int = Field(ge=0, description="titles that evidence routes to adjudicate")
    deterministic_fallback_promotions: int = Field(ge=0)
    deterministic_exclusions: int = Field(ge=0)
    multi_llm_decision_rows_applied: int = Field(
        ge=0, description="titles decided by two language models, those kept among them"
    )
    multi_llm_fallback_promotions: int = Field(ge=0)
    multi_llm_exclusions: int = Field(ge=0)
    person_decision_rows_applied: int = Field(ge=0, description="by two people, or a person and a model")
    person_fallback_promotions: int = Field(ge=0)
    person_exclusions: int = Field(ge=0)
    recorded_decision_rows_applied: int = Field(ge=0, description="by recorded outputs, alone or with others")
    recorded_fallback_promotions: int = Field(ge=0)
    recorded_exclusions: int = Field(ge=0)
    simulated_decision_rows_applied: int = Field(ge=0, description="by simulated reviewers: a rehearsal")
    simulated_fallback_promotions: int = Field(ge=0)
    simulated_exclusions: int = Field(ge=0)
    residual_rows: int = Field(ge=0, description="reviewed and kept: out of every claim")
    residual_by_function: dict[str, int]
    remaining_adjudication_required_count: int = Field(
        ge=0, description="titles without a settled state: residual and prompt candidates"
    )
    review_prompt_candidate_count: int = Field(ge=0, description="titles that wait for a review")
    review_prompt_row_count: int = Field(
        ge=0, description="rows of a reviewer's open prompts: candidates, ordered titles and known answers"
    )
    reviewed_rows_skipped_from_prompt: int = Field(
        ge=0, description="ambiguous titles that an accepted review covers"
    )
    superseded_decision_rows: int = Field(
        ge=0, description="accepted decisions on titles that evidence or a rule settles now"
    )
    decision_rows_of_titles_gone: int = Field(ge=0, description="decisions on titles that left the inventory")
    batches_quarantined: int = Field(ge=0)
    batches_held: int = Field(ge=0)
    merges: int = Field(ge=0)
    head_merge_sha256: str | None = Field(description="digest of the last merge; null where there is none")
    state_sha256: str = Field(description="digest of all accepted decisions, whatever merges they came by")
    waves: tuple[dict[str, float | int | None], ...] = Field(description="how each wave went")
    policies: dict[str, str] = Field(description="digests of the policies in force")

    def figures(self) -> dict[str, Any]:
        """The figures that people ask first."""
        told = self.model_dump(
            exclude={"residual_by_function", "waves", "policies", "state_sha256", "head_merge_sha256"}
        )
        return {**told, **{f"residual: {name}": n for name, n in self.residual_by_function.items()}}


def write_adjudication(stage: StateStage) -> tuple[Path, IcpTitleAdjudication]:
    """Write the receipt from the tables and merges that stand."""
    engine, folded = stage.stage.engine, stage.stage.folded
    store = engine.store
    account = stage.account()
    batches = store.read(REVIEW_BATCH.name, ["status", "detail"]).to_pylist()
    waves = store.read(REVIEW_WAVE.name).to_pylist()
    policies = stage.stage.policies
    predicate = IcpTitleAdjudication(
        **account_figures(account),
        review_prompt_row_count=open_prompt_rows(stage),
        batches_quarantined=sum(
            row["status"] == "quarantined" and not str(row["detail"]).endswith("(released)")
            for row in batches
        ),
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
    return write_receipt(engine.data.receipts, RECEIPT, subjects, predicate), predicate


def account_figures(account: Account) -> dict[str, Any]:
    """The account under the receipt's names."""
    told: dict[str, Any] = {
        "serviceable_rows_before_adjudication": account.serviceable_before,
        "serviceable_rows_after_adjudication": account.serviceable_after,
        "ambiguous_input_rows": account.ambiguous,
        "deterministic_fallback_promotions": account.rule_promotions,
        "deterministic_exclusions": account.rule_exclusions,
        "residual_rows": account.residual,
        "residual_by_function": dict(account.residual_by_function),
        "remaining_adjudication_required_count": account.residual + account.candidates,
        "review_prompt_candidate_count": account.candidates,
        "reviewed_rows_skipped_from_prompt": account.review_decisions,
        "superseded_decision_rows": account.superseded,
        "decision_rows_of_titles_gone": account.gone,
    }
    for kind, name in (
        ("llm", "multi_llm"),
        ("person", "person"),
        ("recorded", "recorded"),
        ("simulated", "simulated"),
    ):
        tally = account.reviews.get(kind, Tally())
        told |= {
            f"{name}_decision_rows_applied": tally.decisions,
            f"{name}_fallback_promotions": tally.promotions,
            f"{name}_exclusions": tally.exclusions,
        }
    return told


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
