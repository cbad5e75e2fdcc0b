"""The table of contents: one Definitions out of the stages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from aina_assets.adjudication import assets as adjudication_assets
from aina_assets.adjudication import checks as adjudication_checks
from aina_assets.adjudication import tables as adjudication_tables
from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.settings import Settings, process_settings
from aina_assets.gates import assets as gates_assets
from aina_assets.gates import checks as gates_checks
from aina_assets.gates.bounds import guarded_by
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
from aina_assets.verification import assets as verification_assets
from aina_assets.verification import checks as verification_checks
from aina_assets.warehouse import assets as warehouse_assets
from aina_assets.warehouse import checks as warehouse_checks
from aina_assets.warehouse.tables import product_contracts

BUILD_JOB = "rebuild_all"
REVIEW_JOB = "settle_reviews"
VALIDATE_JOB = "validate"

STAGES = (
    sources_assets.GROUP,
    warehouse_assets.GROUP,
    titles_assets.GROUP,
    adjudication_assets.GROUP,
    packets_assets.GROUP,
    learning_assets.GROUP,
    verification_assets.GROUP,
    gates_assets.GROUP,
)
# What the manifest is made over: a stage that makes tables joins here.
MAKERS = [
    *sources_assets.ASSETS,
    *warehouse_assets.ASSETS,
    *titles_assets.ASSETS,
    *adjudication_assets.ASSETS,
    *packets_assets.ASSETS,
    *learning_assets.ASSETS,
]
ASSETS = [*MAKERS, *verification_assets.manifest_assets(MAKERS), *gates_assets.ASSETS]
CHECKS = [
    *sources_checks.CHECKS,
    *warehouse_checks.CHECKS,
    *titles_checks.CHECKS,
    *adjudication_checks.CHECKS,
    *packets_checks.CHECKS,
    *learning_checks.CHECKS,
    *verification_checks.CHECKS,
    *gates_checks.CHECKS,
]
# Every table's contract, those of the product first: what the dictionary tells and the tests ask for.
CONTRACTS: tuple[TableContract, ...] = (
    *product_contracts(),
    *titles_tables.CONTRACTS,
    *adjudication_tables.CONTRACTS,
    *packets_tables.CONTRACTS,
    *learning_tables.CONTRACTS,
)

# A build asks nobody: whether upstream moved on is the refresh jobs' and the sensor's to ask.
BUILD_SELECTION = dg.AssetSelection.all() - dg.AssetSelection.checks(sources_automation.upstream_drift_checks)
# Whatever changes the state writes its manifest anew, and with it what rests on the manifest.
REVIEW_SELECTION = dg.AssetSelection.groups(
    adjudication_assets.GROUP, verification_assets.GROUP, gates_assets.GROUP
)
CHECK_SELECTION = dg.AssetSelection.all_asset_checks() - dg.AssetSelection.checks(
    sources_automation.upstream_drift_checks
)


def engine_resource(settings: Settings) -> dg.ResourceDefinition:
    """The engine, under a guard for as long as a run has it: a run from the UI has no command around it."""

    def guarded_engine(context: dg.InitResourceContext) -> Iterator[Engine]:
        with guarded_by(settings, *recorded_in(context.instance)):
            yield Engine(settings)

    return dg.ResourceDefinition(guarded_engine, description="Settings, data root and tables, guarded.")


def recorded_in(instance: dg.DagsterInstance | None) -> tuple[Path, ...]:
    """Where an instance keeps what runs print: of the project's own, a folder of the data root."""
    return (Path(instance.storage_directory()),) if instance is not None else ()


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
                selection=REVIEW_SELECTION,
                description="Settles what reviewers have said: prompts, verdicts, merges and the state of "
                "all titles, on the tables that stand, with the manifest and the gates' receipt over them. "
                "With `is_asking_all` in an op's config it also asks reviewers that cost money or time.",
            ),
            dg.define_asset_job(
                VALIDATE_JOB,
                selection=CHECK_SELECTION,
                description="Runs every check on the current state and makes nothing.",
            ),
            *sources_automation.REFRESH_JOBS.values(),
        ],
        schedules=sources_automation.SCHEDULES,
        sensors=[sources_automation.upstream_drift_sensor],
        resources={"engine": engine_resource(settings)},
        # One machine, DuckDB uses the cores: 100 assets take 10 s in process, over 70 s in processes.
        executor=dg.in_process_executor,
    )


defs = build_definitions(process_settings())
