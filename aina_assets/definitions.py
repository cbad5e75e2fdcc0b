"""The table of contents: one Definitions out of the stages."""

from __future__ import annotations

import dagster as dg

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.settings import Settings, process_settings
from aina_assets.learning import assets as learning_assets
from aina_assets.learning import checks as learning_checks
from aina_assets.learning import tables as learning_tables
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

STAGES = (
    sources_assets.GROUP,
    warehouse_assets.GROUP,
    titles_assets.GROUP,
    packets_assets.GROUP,
    learning_assets.GROUP,
)
ASSETS = [
    *sources_assets.ASSETS,
    *warehouse_assets.ASSETS,
    *titles_assets.ASSETS,
    *packets_assets.ASSETS,
    *learning_assets.ASSETS,
]
CHECKS = [
    *sources_checks.CHECKS,
    *warehouse_checks.CHECKS,
    *titles_checks.CHECKS,
    *packets_checks.CHECKS,
    *learning_checks.CHECKS,
]
# Every table's contract, those of the product first: what the dictionary tells and the tests ask for.
CONTRACTS: tuple[TableContract, ...] = (
    *product_contracts(),
    *titles_tables.CONTRACTS,
    *packets_tables.CONTRACTS,
    *learning_tables.CONTRACTS,
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
            *sources_automation.REFRESH_JOBS.values(),
        ],
        schedules=sources_automation.SCHEDULES,
        sensors=[sources_automation.upstream_drift_sensor],
        resources={"engine": Engine(settings)},
        # One machine, DuckDB uses the cores: 100 assets take 10 s in process, over 70 s in processes.
        executor=dg.in_process_executor,
    )


defs = build_definitions(process_settings())
