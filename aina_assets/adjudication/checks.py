"""Adjudication's checks in Dagster: one step a kind; the rules are in `rules` and `review_rules`."""

import dagster as dg

from aina_assets.adjudication.assets import BATCHES, GROUP
from aina_assets.adjudication.receipts import RECEIPT, IcpTitleAdjudication
from aina_assets.adjudication.review_rules import (
    evidence_is_kept,
    known_answers_are_right,
    reviewers_agree,
    rules_hold_on_gold,
)
from aina_assets.adjudication.rules import (
    account_is_closed,
    hash_chain_is_whole,
    no_batch_is_stuck,
    one_state_a_title,
    prompt_queue_is_empty,
    residuals_leave_by_receipt,
    settled_titles_have_a_merge_or_a_rule,
)
from aina_assets.adjudication.tables import (
    CONTRACTS,
    REVIEW_BATCH,
    REVIEW_CONSENSUS,
    REVIEW_PROMPT,
    REVIEW_WAVE,
    TITLE_RULE_DECISION,
    TITLE_STATE,
)
from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.sources.checks import contract_check, receipt_check, references_check
from aina_assets.titles.tables import TITLE


def batch_checks() -> list[Check]:
    """The checks that show how the review of each title batch went."""
    return [
        Check(
            check_spec(
                REVIEW_CONSENSUS.name,
                "reviewers_agree",
                "A WARN where the reviewers agree on less than the policy asks; shows the disputed rows.",
                after=[TITLE.name],
                partitions_def=BATCHES,
            ),
            reviewers_agree,
            tells_each=True,
        ),
        Check(
            check_spec(
                REVIEW_CONSENSUS.name,
                "known_answers_are_right",
                "A WARN where no known answer is among the prompts; shows what reviewers got wrong.",
                after=[REVIEW_PROMPT.name],
                partitions_def=BATCHES,
            ),
            known_answers_are_right,
            tells_each=True,
        ),
    ]


def state_checks() -> list[Check]:
    """The checks of the account, the chain, the rules and the queue."""
    return [
        *(references_check(contract, after=[TITLE.name]) for contract in CONTRACTS if contract.references),
        Check(
            check_spec(
                TITLE_RULE_DECISION.name,
                "rules_hold_on_gold",
                "Each deterministic rule errs on no more of the gold tune rows than its policy lets it.",
            ),
            rules_hold_on_gold,
        ),
        Check(
            check_spec(
                TITLE_STATE.name,
                "account_is_closed",
                "The three equations of adjudication hold: routes, merges and states, counted apart, agree.",
                is_blocking=True,
            ),
            account_is_closed,
        ),
        Check(
            check_spec(
                TITLE_STATE.name,
                "one_state_a_title",
                "Every title has exactly one state, and every state is of a title.",
                is_blocking=True,
                after=[TITLE.name],
            ),
            one_state_a_title,
        ),
        Check(
            check_spec(
                TITLE_STATE.name,
                "settled_titles_have_a_merge_or_a_rule",
                "No title is promoted, excluded or kept unless an accepted merge or a rule says so.",
                is_blocking=True,
            ),
            settled_titles_have_a_merge_or_a_rule,
        ),
        Check(
            check_spec(
                TITLE_STATE.name,
                "residuals_leave_by_receipt",
                "A title that was kept is decided anew only under a bounded review that names it.",
                is_blocking=True,
            ),
            residuals_leave_by_receipt,
        ),
        Check(
            check_spec(
                TITLE_STATE.name,
                "hash_chain_is_whole",
                "Every merge is unchanged and in its place, and none was lost since the last receipt.",
                is_blocking=True,
            ),
            hash_chain_is_whole,
        ),
        Check(
            check_spec(
                TITLE_STATE.name,
                "prompt_queue_is_empty",
                "A WARN while titles wait for a review; says who could review them.",
                after=[REVIEW_WAVE.name],
            ),
            prompt_queue_is_empty,
        ),
        Check(
            check_spec(
                REVIEW_BATCH.name,
                "no_batch_is_stuck",
                "A WARN where a wave is quarantined, or held for a person to accept.",
            ),
            no_batch_is_stuck,
        ),
        Check(
            check_spec(
                REVIEW_WAVE.name,
                "evidence_is_kept",
                "A WARN where a raw output that a merge rests on is lost or changed.",
            ),
            evidence_is_kept,
        ),
    ]


def table_checks() -> list[Check]:
    """Every table against its contract."""
    return [contract_check(contract) for contract in CONTRACTS]


@dg.multi_asset_check(
    name="adjudication_table_checks", specs=[check.spec for check in table_checks()], can_subset=True
)
def adjudication_table_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The tables against their contracts."""
    yield from run_checks(context, GROUP, table_checks(), engine)


@dg.multi_asset_check(
    name="review_batch_checks", specs=[check.spec for check in batch_checks()], can_subset=True
)
def review_batch_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """How reviews went, batch by batch."""
    yield from run_checks(context, GROUP, batch_checks(), engine)


@dg.multi_asset_check(
    name="title_state_checks", specs=[check.spec for check in state_checks()], can_subset=True
)
def title_state_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The account, the chain and the queue."""
    yield from run_checks(context, GROUP, state_checks(), engine)


def receipt_checks() -> list[Check]:
    """The check of this stage's receipt."""
    return [receipt_check(RECEIPT, IcpTitleAdjudication)]


@dg.multi_asset_check(
    name="adjudication_receipt_checks", specs=[check.spec for check in receipt_checks()], can_subset=True
)
def adjudication_receipt_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The receipt against the tables and merges that it speaks of."""
    yield from run_checks(context, GROUP, receipt_checks(), engine, {})


CHECKS: list[dg.AssetChecksDefinition] = [
    adjudication_table_checks,
    review_batch_checks,
    title_state_checks,
    adjudication_receipt_checks,
]
