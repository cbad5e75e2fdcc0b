"""The receipt of adjudication: the closed account, under the names that the reference system gives its
figures.

Belongs here: the predicate, and the account under its names. Does not: writing it (`make_receipt`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from aina_assets.adjudication.account import Account, Tally
from aina_assets.core.engine import Engine
from aina_assets.core.receipts import BASE_FIELDS, Predicate, read_receipt

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
            exclude={
                *BASE_FIELDS,
                "residual_by_function",
                "waves",
                "policies",
                "state_sha256",
                "head_merge_sha256",
            }
        )
        return {**told, **{f"residual: {name}": n for name, n in self.residual_by_function.items()}}


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


def lost_since_receipt(engine: Engine, merges: Sequence[str]) -> str | None:
    """What the last receipt knows of merges that are not there: a chain's end can be cut off without a trace.

    Args:
        merges: digests of the chain's merges.

    Returns:
        What is wrong; None where the receipt's merges all stand, or there is no receipt.
    """
    path = engine.data.receipts / f"{RECEIPT}.json"
    if not path.exists():
        return None
    told = read_receipt(path, RECEIPT, IcpTitleAdjudication).predicate
    if told.merges == 0 or merges[: told.merges][told.merges - 1 :] == [told.head_merge_sha256]:
        return None
    return f"the last receipt is of {told.merges} merges up to {told.head_merge_sha256}, {len(merges)} stand"
