"""Learning's checks in Dagster: one step for the tables, one for the receipts; the rules are in `rules`."""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.learning.assets import GROUP
from aina_assets.learning.receipts import (
    GDPVAL,
    REPLAY,
    RUBRIC_MAP,
    SAFETY_HOLDS,
    SANDBOX,
    GdpvalRubricMap,
    GdpvalSafetyHolds,
    GdpvalSandbox,
    LearnerEventReplay,
)
from aina_assets.learning.rules import (
    gdpval_tasks_are_linked,
    learner_model_ships,
    learners_are_synthetic,
    log_is_whole,
    mastery_follows_results,
    plans_are_near_the_optimum,
    plans_keep_their_promises,
    recommendations_lead_to_rows,
    replay_gives_the_record,
    sandbox_wrote_no_text,
)
from aina_assets.learning.tables import (
    CONTRACTS,
    GDPVAL_ROLE_LINK,
    LEARNER_COHORT,
    LEARNER_EVENT,
    LEARNER_MODEL_FIGURE,
    LEARNER_PLAN_ITEM,
    LEARNER_PLAN_SOURCE,
    LEARNER_RECORD,
)
from aina_assets.sources.checks import contract_check, receipt_check, references_check, referred_tables
from aina_assets.sources.make import acquire_source


def table_checks() -> list[Check]:
    """The checks of the tables."""
    return [
        *(contract_check(contract) for contract in CONTRACTS),
        *(
            references_check(contract, after=referred_tables(contract))
            for contract in CONTRACTS
            if contract.references
        ),
        Check(
            check_spec(
                LEARNER_COHORT.name,
                "learners_are_synthetic",
                "Every learner is a synthetic one, and no text looks like a real person's data.",
                is_blocking=True,
                after=(LEARNER_EVENT.name,),
            ),
            learners_are_synthetic,
        ),
        Check(
            check_spec(
                LEARNER_EVENT.name,
                "log_is_whole",
                "Events follow each other without a gap, and each one's chain is that of the one before.",
                is_blocking=True,
            ),
            log_is_whole,
        ),
        Check(
            check_spec(
                LEARNER_RECORD.name,
                "replay_gives_the_record",
                "Folding the log anew, whole or from a snapshot at every cut, gives the records on record.",
                after=(LEARNER_EVENT.name, LEARNER_COHORT.name),
            ),
            replay_gives_the_record,
        ),
        Check(
            check_spec(
                LEARNER_RECORD.name,
                "mastery_follows_results",
                "A review is due exactly where there was a result, and mastery moves with results alone.",
            ),
            mastery_follows_results,
        ),
        Check(
            check_spec(
                LEARNER_PLAN_ITEM.name,
                "plans_keep_their_promises",
                "What an item rests on stands before it, and no week holds more than its minutes.",
                after=(LEARNER_COHORT.name,),
            ),
            plans_keep_their_promises,
        ),
        Check(
            check_spec(
                LEARNER_COHORT.name,
                "plans_are_near_the_optimum",
                "No plan is worth less, by more than 2%, than the other method makes it.",
            ),
            plans_are_near_the_optimum,
        ),
        Check(
            check_spec(
                LEARNER_PLAN_SOURCE.name,
                "recommendations_lead_to_rows",
                "Every item of a plan leads to source rows that are there, of files with the digest told.",
                after=(LEARNER_PLAN_ITEM.name, "source_file"),
            ),
            recommendations_lead_to_rows,
        ),
        Check(
            check_spec(
                LEARNER_MODEL_FIGURE.name,
                "learner_model_ships",
                "The estimate that the policy names foretells held-out learners better than the other.",
            ),
            learner_model_ships,
        ),
        Check(
            check_spec(
                GDPVAL_ROLE_LINK.name,
                "gdpval_tasks_are_linked",
                "A WARN where a GDPval task belongs to no role packet: it is then shown nowhere.",
            ),
            gdpval_tasks_are_linked,
        ),
    ]


def receipt_checks() -> list[Check]:
    """The checks of this stage's receipts."""
    return [
        receipt_check(REPLAY, LearnerEventReplay),
        receipt_check(SANDBOX, GdpvalSandbox),
        receipt_check(RUBRIC_MAP, GdpvalRubricMap),
        receipt_check(SAFETY_HOLDS, GdpvalSafetyHolds),
        Check(
            check_spec(
                SAFETY_HOLDS,
                "sandbox_wrote_no_text",
                "Neither GDPval's canary nor a sample of its sentences is in any file of this stage.",
                after=(REPLAY, SANDBOX, RUBRIC_MAP, *(contract.name for contract in CONTRACTS)),
            ),
            lambda engine, _: sandbox_wrote_no_text(engine),
        ),
    ]


@dg.multi_asset_check(
    name="learning_table_checks", specs=[check.spec for check in table_checks()], can_subset=True
)
def learning_table_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The tables against their contracts, each other, and what the stage promises."""
    yield from run_checks(context, GROUP, table_checks(), engine)


@dg.multi_asset_check(
    name="learning_receipt_checks", specs=[check.spec for check in receipt_checks()], can_subset=True
)
def learning_receipt_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The receipts against the tables and files that they speak of."""
    acquired = {GDPVAL: acquire_source(GDPVAL, engine)}
    yield from run_checks(context, GROUP, receipt_checks(), engine, acquired)


CHECKS: list[dg.AssetChecksDefinition] = [learning_table_checks, learning_receipt_checks]
