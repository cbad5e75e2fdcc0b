"""The table of contents: one Definitions out of the stages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from aina_assets.adjudication import assets as adjudication_assets
from aina_assets.adjudication import checks as adjudication_checks
from aina_assets.adjudication import tables as adjudication_tables
from aina_assets.core.assets import with_code_references
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
from aina_assets.reports import assets as reports_assets
from aina_assets.reports import automation as reports_automation
from aina_assets.reports import checks as reports_checks
from aina_assets.service import assets as service_assets
from aina_assets.service import checks as service_checks
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
REVIEW_JOB = "review_wave"
VALIDATE_JOB = "validate"
REFRESH_JOB = "refresh_sources"
# Where many runs go at once (deploy/dagster.yaml), those that make the whole state go one at a time.
WHOLE_STATE = {"aina/makes": "the_whole_state"}

STAGES = (
    sources_assets.GROUP,
    warehouse_assets.GROUP,
    titles_assets.GROUP,
    adjudication_assets.GROUP,
    packets_assets.GROUP,
    learning_assets.GROUP,
    verification_assets.GROUP,
    gates_assets.GROUP,
    reports_assets.GROUP,
    service_assets.GROUP,
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
CHECKS = [
    *sources_checks.CHECKS,
    *warehouse_checks.CHECKS,
    *titles_checks.CHECKS,
    *adjudication_checks.CHECKS,
    *packets_checks.CHECKS,
    *learning_checks.CHECKS,
    *verification_checks.CHECKS,
    *gates_checks.CHECKS,
    *reports_checks.CHECKS,
    *service_checks.CHECKS,
]
# The reports tell of all of these, and of their checks.
STATE_ASSETS = [
    *MAKERS,
    *verification_assets.manifest_assets(MAKERS),
    *gates_assets.ASSETS,
    *service_assets.ASSETS,
]
# In the UI each asset leads to the lines that make it.
REPORTS = reports_assets.report_assets(STATE_ASSETS, CHECKS)
ASSETS = with_code_references([*STATE_ASSETS, *REPORTS])
STAGE_OF = {spec.key.to_user_string(): spec.group_name or "" for made in ASSETS for spec in made.specs}
# What a build does not ask: the publishers, and whether anything is broken that it did not check itself.
DRIFT_CHECKS = sources_automation.upstream_drift_checks
WATCHED = [spec for definition in (*CHECKS, DRIFT_CHECKS) for spec in definition.check_specs]
STANDING_CHECKS = reports_automation.standing_check(WATCHED, STAGE_OF)
# Every table's contract, those of the product first: what the dictionary tells and the tests ask for.
CONTRACTS: tuple[TableContract, ...] = (
    *product_contracts(),
    *titles_tables.CONTRACTS,
    *adjudication_tables.CONTRACTS,
    *packets_tables.CONTRACTS,
    *learning_tables.CONTRACTS,
)

# A build asks nobody: whether upstream moved on is the refresh jobs' and the sensor's to ask.
BUILD_SELECTION = dg.AssetSelection.all() - dg.AssetSelection.checks(DRIFT_CHECKS, STANDING_CHECKS)
# What a review decides reaches packets and plans. Whatever changes the state writes its manifest anew, and
# with it what rests on the manifest; what has not changed is left alone.
REVIEW_SELECTION = dg.AssetSelection.groups(
    adjudication_assets.GROUP,
    packets_assets.GROUP,
    learning_assets.GROUP,
    verification_assets.GROUP,
    gates_assets.GROUP,
    reports_assets.GROUP,
    service_assets.GROUP,
) - dg.AssetSelection.checks(STANDING_CHECKS)
CHECK_SELECTION = dg.AssetSelection.all_asset_checks() - dg.AssetSelection.checks(
    DRIFT_CHECKS, STANDING_CHECKS
)
REFRESH_SELECTION = dg.AssetSelection.groups(sources_assets.GROUP)


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
        asset_checks=[*CHECKS, DRIFT_CHECKS, STANDING_CHECKS],
        jobs=[
            dg.define_asset_job(
                BUILD_JOB,
                selection=BUILD_SELECTION,
                tags=WHOLE_STATE,
                description="Builds every asset and runs every check; what has not changed is left alone.",
            ),
            dg.define_asset_job(
                REVIEW_JOB,
                selection=REVIEW_SELECTION,
                tags=WHOLE_STATE,
                description="Settles what reviewers have said: prompts, verdicts, merges and the state of "
                "all titles, on the tables that stand, with the manifest and the gates' receipt over them. "
                "With `is_asking_all` in an op's config it also asks reviewers that cost money or time.",
            ),
            dg.define_asset_job(
                VALIDATE_JOB,
                selection=CHECK_SELECTION,
                description="Runs every check on the current state and makes nothing.",
            ),
            dg.define_asset_job(
                REFRESH_JOB,
                selection=REFRESH_SELECTION,
                tags=WHOLE_STATE,
                description="Holds every source against the lock, fetches what is missing, makes its tables "
                "again where files changed, and asks every publisher for something newer; `rebuild_all` then "
                "makes the rest.",
            ),
            *sources_automation.REFRESH_JOBS.values(),
            reports_automation.QUALITY_JOB,
        ],
        schedules=[*sources_automation.SCHEDULES, reports_automation.QUALITY_SCHEDULE],
        sensors=[
            sources_automation.upstream_drift_sensor,
            reports_automation.broken_sensor(WATCHED, STAGE_OF),
            reports_automation.FOLLOWING_SENSOR,
        ],
        resources={"engine": engine_resource(settings)},
        # One machine, DuckDB uses the cores: 100 assets take 10 s in process, over 70 s in processes.
        executor=dg.in_process_executor,
    )


defs = build_definitions(process_settings())
