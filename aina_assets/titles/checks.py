"""The titles' checks in Dagster: one step a kind; the rules are in `rules`."""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.sources.checks import contract_check, receipt_check, references_check
from aina_assets.titles.assets import BATCHES, GROUP
from aina_assets.titles.receipts import COVERAGE, TitleCoverageReceipt
from aina_assets.titles.rules import (
    bounds_hold_or_are_demoted,
    claims_are_certified,
    every_line_is_accounted_for,
    excluded_have_no_match_in_scope,
    gold_speaks_for_the_inventory,
    identity_is_of_the_words,
    no_title_is_lost,
    one_route_a_title,
    route_shares_are_steady,
)
from aina_assets.titles.tables import (
    CONTRACTS,
    TITLE,
    TITLE_CERTIFICATE,
    TITLE_COVERAGE,
    TITLE_FORM,
    TITLE_GOLD,
    TITLE_LEVEL,
    TITLE_ROUTE,
)


def inventory_checks() -> list[Check]:
    """The checks of lines, titles and evidence."""
    return [
        *(contract_check(contract) for contract in CONTRACTS if contract is not TITLE_ROUTE),
        *(
            references_check(contract)
            for contract in CONTRACTS
            if contract.references and contract is not TITLE_ROUTE
        ),
        Check(
            check_spec(
                TITLE_FORM.name,
                "every_line_is_accounted_for",
                "Every line of the inventory is a form of a title or has a defect, which is counted.",
                is_blocking=True,
            ),
            every_line_is_accounted_for,
        ),
        Check(
            check_spec(
                TITLE.name,
                "no_title_is_lost",
                "The titles are exactly those that the inventory's lines are forms of.",
                is_blocking=True,
            ),
            no_title_is_lost,
        ),
        Check(
            check_spec(
                TITLE_GOLD.name,
                "gold_speaks_for_the_inventory",
                "A WARN where no gold set was sampled from this inventory: nothing can be measured then.",
            ),
            gold_speaks_for_the_inventory,
        ),
        Check(
            check_spec(
                TITLE_CERTIFICATE.name,
                "bounds_hold_or_are_demoted",
                "A stratum is certified exactly where its measured bound holds; names those demoted.",
                is_blocking=True,
            ),
            bounds_hold_or_are_demoted,
        ),
        Check(
            check_spec(
                TITLE_COVERAGE.name,
                "route_shares_are_steady",
                "A WARN where a function's share of titles in a route moved since the build before.",
            ),
            route_shares_are_steady,
        ),
    ]


def route_checks() -> list[Check]:
    """The checks that hold of each title batch."""
    return [
        Check(
            check_spec(
                TITLE.name,
                "identity_is_of_the_words",
                "A title's id is the hash of its normalized form; its batch follows from the id alone.",
                is_blocking=True,
                partitions_def=BATCHES,
            ),
            identity_is_of_the_words,
        ),
        contract_check(TITLE_ROUTE, BATCHES),
        Check(
            check_spec(
                TITLE_ROUTE.name,
                "one_route_a_title",
                "Every title has exactly one route, and every route is of a title.",
                is_blocking=True,
                after=[TITLE.name],
                partitions_def=BATCHES,
            ),
            one_route_a_title,
        ),
        Check(
            check_spec(
                TITLE_ROUTE.name,
                "excluded_have_no_match_in_scope",
                "No title is excluded that an authority lists under work in scope.",
                is_blocking=True,
                after=[TITLE_LEVEL.name],
                partitions_def=BATCHES,
            ),
            excluded_have_no_match_in_scope,
        ),
        Check(
            check_spec(
                TITLE_ROUTE.name,
                "claims_are_certified",
                "What is served or excluded is in a certified stratum, at a level that it may have.",
                is_blocking=True,
                after=[TITLE_CERTIFICATE.name, TITLE_LEVEL.name],
                partitions_def=BATCHES,
            ),
            claims_are_certified,
        ),
    ]


@dg.multi_asset_check(
    name="title_table_checks", specs=[check.spec for check in inventory_checks()], can_subset=True
)
def title_table_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The tables against their contracts and each other."""
    yield from run_checks(context, GROUP, inventory_checks(), engine)


@dg.multi_asset_check(
    name="title_batch_checks", specs=[check.spec for check in route_checks()], can_subset=True
)
def title_batch_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """Identity and routes, batch by batch."""
    yield from run_checks(context, GROUP, route_checks(), engine)


def receipt_checks() -> list[Check]:
    """The check of this stage's receipt."""
    return [receipt_check(COVERAGE, TitleCoverageReceipt)]


@dg.multi_asset_check(
    name="title_receipt_checks", specs=[check.spec for check in receipt_checks()], can_subset=True
)
def title_receipt_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The receipt against the tables and the model that it speaks of."""
    yield from run_checks(context, GROUP, receipt_checks(), engine, {})


CHECKS: list[dg.AssetChecksDefinition] = [title_table_checks, title_batch_checks, title_receipt_checks]
