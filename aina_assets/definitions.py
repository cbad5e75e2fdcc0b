"""The table of contents: one Definitions out of the stages."""

from __future__ import annotations

import dagster as dg

from aina_assets.adjudication import assets as adjudication_assets
from aina_assets.adjudication import checks as adjudication_checks
from aina_assets.adjudication import tables as adjudication_tables
from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.settings import Settings, process_settings
from aina_assets.packets import assets as packets_assets
from aina_assets.packets import checks as packets_checks
from aina_assets.packets import tables as packets_tables
from aina_assets.sources import assets as sources_assets
from aina_assets.sources import automation as sources_automation
from aina_assets.sources import checks as sources_checks
from aina_assets.titles import assets as titles_assets
from aina_assets.titles import checks as titles_checks
from aina_assets.titles import tables as titles_tables
from aina_assets.warehouse import assets as warehouse_assets
from aina_assets.warehouse import checks as warehouse_checks
from aina_assets.warehouse.tables import product_contracts

BUILD_JOB = "rebuild_all"
REVIEW_JOB = "settle_reviews"

STAGES = (
    sources_assets.GROUP,
    warehouse_assets.GROUP,
    titles_assets.GROUP,
    adjudication_assets.GROUP,
    packets_assets.GROUP,
)
ASSETS = [
    *sources_assets.ASSETS,
    *warehouse_assets.ASSETS,
    *titles_assets.ASSETS,
    *adjudication_assets.ASSETS,
    *packets_assets.ASSETS,
]
CHECKS = [
    *sources_checks.CHECKS,
    *warehouse_checks.CHECKS,
    *titles_checks.CHECKS,
    *adjudication_checks.CHECKS,
    *packets_checks.CHECKS,
]
# Every table's contract, those of the product first: what the dictionary tells and the tests ask for.
CONTRACTS: tuple[TableContract, ...] = (
    *product_contracts(),
    *titles_tables.CONTRACTS,
    *adjudication_tables.CONTRACTS,
    *packets_tables.CONTRACTS,
)

# A build asks nobody: whether upstream moved on is the refresh jobs' and the sensor's to ask.
BUILD_SELECTION = dg.AssetSelection.all() - dg.AssetSelection.checks(sources_automation.upstream_drift_checks)


def build_definitions(settings: Settings) -> dg.Definitions:
    """The project's definitions over the given settings."""
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=[*CHECKS, sources_automation.upstream_drift_checks],
        jobs=[
            dg.define_asset_job(
                BUILD_JOB,
                selection=BUILD_SELECTION,
                description="Builds every asset and runs every check; what has not changed is left alone.",
            ),
            dg.define_asset_job(
                REVIEW_JOB,
                selection=dg.AssetSelection.groups(adjudication_assets.GROUP),
                description="Settles what reviewers have said: prompts, verdicts, merges and the state of "
                "all titles, on the tables that stand. With `is_asking_all` in an op's config it also asks "
                "reviewers that cost money or time.",
            ),
            *sources_automation.REFRESH_JOBS.values(),
        ],
        schedules=sources_automation.SCHEDULES,
        sensors=[sources_automation.upstream_drift_sensor],
        resources={"engine": Engine(settings)},
        # One machine, DuckDB uses the cores: 100 assets take 10 s in process, over 70 s in processes.
        executor=dg.in_process_executor,
    )


defs = build_definitions(process_settings())
