"""The warehouse's checks in Dagster: one step; the rules are in `rules`."""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.sources.checks import contract_check, receipt_check, references_check
from aina_assets.sources.expectations import read_expectations
from aina_assets.sources.make import acquire_source
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.sources.rules import values_are_typed
from aina_assets.warehouse.assets import GROUP, HUB_SOURCES, PRODUCT
from aina_assets.warehouse.receipts import AUTHORITY, HUB_MAP, HubRuntimeMap, SourceAuthority
from aina_assets.warehouse.rules import (
    joins_reach_their_floors,
    mapped_entries_expected,
    no_gdpval_text,
    product_is_of_its_tables,
    rollup_is_explicit,
    vintages_are_of_one_lane,
)
from aina_assets.warehouse.tables import DERIVED, product_contracts


def table_checks() -> list[Check]:
    """The checks of the derived tables."""
    contracts = [derived.contract for derived in DERIVED.values()]
    return [
        *(contract_check(contract) for contract in contracts),
        *(references_check(contract) for contract in contracts if contract.references),
        Check(
            check_spec(
                "wage_fact",
                "suppression_is_typed",
                "A figure is there exactly when it was published; a withheld one has its reason.",
            ),
            lambda engine, _: values_are_typed(DERIVED["wage_fact"].contract, engine),
        ),
        Check(
            check_spec(
                "join_coverage",
                "joins_reach_their_floors",
                "Every join between sources matches at least the share of rows that it is known to match.",
            ),
            joins_reach_their_floors,
        ),
        Check(
            check_spec(
                "soc_mapped_entry",
                "row_count_expected",
                "The union of exposure, legacy and GDPval codes has the size known of these vintages.",
            ),
            mapped_entries_expected,
        ),
        Check(
            check_spec(
                "oews_soc_rollup",
                "rollup_is_explicit",
                "Every SOC detailed occupation is direct, rolled up or not covered, as often as is known.",
            ),
            rollup_is_explicit,
        ),
    ]


def product_checks() -> list[Check]:
    """The checks of the product file and of all that the run wrote."""
    contracts = product_contracts()
    return [
        Check(
            check_spec(
                PRODUCT,
                "product_is_of_its_tables",
                "The file was filled from the tables that stand now, and holds as many rows of each.",
            ),
            lambda engine, _: product_is_of_its_tables(engine, contracts),
        ),
        Check(
            check_spec(PRODUCT, "vintages_are_of_one_lane", "Starter rows never stand beside real ones."),
            lambda engine, _: vintages_are_of_one_lane(engine, contracts),
        ),
        Check(
            check_spec(
                PRODUCT,
                "no_gdpval_text",
                "Neither GDPval's canary nor a sample of its sentences is in any file that a run wrote.",
                after=(SNAPSHOT, AUTHORITY, HUB_MAP),
            ),
            lambda engine, _: no_gdpval_text(engine),
        ),
    ]


def receipt_checks() -> list[Check]:
    """The checks of the warehouse's receipts."""
    return [receipt_check(AUTHORITY, SourceAuthority), receipt_check(HUB_MAP, HubRuntimeMap)]


@dg.multi_asset_check(
    name="warehouse_receipt_checks", specs=[check.spec for check in receipt_checks()], can_subset=True
)
def warehouse_receipt_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The receipts against the tables and files that they speak of."""
    acquired = {source: acquire_source(source, engine) for source in HUB_SOURCES}
    yield from run_checks(context, GROUP, receipt_checks(), engine, acquired)


def _checks(name: str, checks: list[Check]) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(name=name, specs=[check.spec for check in checks], can_subset=True)
    def check_warehouse(
        context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
    ) -> CheckResults:
        expectations = read_expectations(engine.settings.policies_root)
        yield from run_checks(context, GROUP, checks, engine, expectations)

    return check_warehouse


CHECKS: list[dg.AssetChecksDefinition] = [
    _checks("warehouse_table_checks", table_checks()),
    _checks("warehouse_file_checks", product_checks()),
    warehouse_receipt_checks,
]
