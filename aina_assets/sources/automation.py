"""When sources are verified, refreshed and compared with upstream.

Schedules and the sensor are off until somebody starts them in the UI. Refresh is a reviewed change:
drift is a WARN with a proposed lock beside the lock, never a silent change of inputs.
"""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_evaluation, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding
from aina_assets.sources.assets import GROUP, files_key
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.upstream.drift_rule import LOCKED_SOURCES, propose_for, upstream_has_not_moved

DRIFT = "upstream_drift"
WEEKLY = "0 6 * * 1"
DAY_SECONDS = 24 * 60 * 60


REFRESH_JOBS = {
    source.id: dg.define_asset_job(
        f"refresh_{source.id}",
        selection=dg.AssetSelection.assets(
            files_key(source), *(contract.name for contract in source.contracts)
        ),
        description=f"Verify {source.id} against the lock, fetch what is missing, make its tables again "
        "where its files changed, run its checks, and ask upstream for a newer release.",
        tags={"source": source.id},
    )
    for source in SOURCES.values()
}

SCHEDULES = [
    dg.ScheduleDefinition(
        name=f"weekly_{source_id}",
        job=job,
        cron_schedule=WEEKLY,
        execution_timezone="UTC",
        description=f"Verifies and refreshes {source_id} every Monday at 06:00 UTC.",
    )
    for source_id, job in REFRESH_JOBS.items()
]


DRIFT_CHECKS = [
    Check(
        check_spec(
            files_key(SOURCES[source]),
            DRIFT,
            "Upstream has nothing newer than the lock. A WARN comes with a proposed lock to review.",
        ),
        lambda engine, source=source: _judged(engine, source),
    )
    for source in LOCKED_SOURCES
]


@dg.multi_asset_check(
    name="upstream_drift_checks", specs=[check.spec for check in DRIFT_CHECKS], can_subset=True
)
def upstream_drift_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """Asks upstream; only in jobs that say so, since a build asks nobody."""
    yield from run_checks(context, GROUP, DRIFT_CHECKS, engine)


@dg.sensor(
    name="upstream_drift_sensor",
    description="Asks the publishers in turn, each once a day, whether there is something newer than the "
    "lock; reports a WARN on the source's file set and writes a proposed lock.",
    minimum_interval_seconds=DAY_SECONDS // len(LOCKED_SOURCES),
)
def upstream_drift_sensor(
    context: dg.SensorEvaluationContext, engine: dg.ResourceParam[Engine]
) -> dg.SensorResult:
    """One publisher a tick, so that a slow one costs no other its verdict; no run is started."""
    turn = int(context.cursor or 0) % len(LOCKED_SOURCES)
    source = LOCKED_SOURCES[turn]
    return dg.SensorResult(
        asset_events=[check_evaluation(files_key(SOURCES[source]), DRIFT, _judged(engine, source))],
        cursor=str((turn + 1) % len(LOCKED_SOURCES)),
    )


def _judged(engine: Engine, source: str) -> Finding:
    finding = upstream_has_not_moved(engine, source)
    return finding if finding.passed else propose_for(engine, source, finding)
