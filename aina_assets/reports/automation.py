"""When reports are made, and the standing look at what is broken right now. Off until started."""

import hashlib
from collections.abc import Sequence

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_evaluation, check_spec, run_checks
from aina_assets.reports.assets import GROUP, watched_checks
from aina_assets.reports.quality import QUALITY_REPORT, Watched, nothing_is_broken_now

BROKEN = "nothing_is_broken_now"
WEEKLY = "0 7 * * 1"
EVERY_SECONDS = 60
BROKEN_SPEC = check_spec(
    QUALITY_REPORT,
    BROKEN,
    "Whatever was checked last, in whichever run, is in order. A WARN names every check that is not, since "
    "when, and what to do.",
)
QUALITY_JOB = dg.define_asset_job(
    "weekly_quality",
    selection=dg.AssetSelection.assets(QUALITY_REPORT) | dg.AssetSelection.checks(BROKEN_SPEC.key),
    description="Writes the quality report and looks at what is broken right now; makes nothing else.",
)
QUALITY_SCHEDULE = dg.ScheduleDefinition(
    name="weekly_quality_report",
    job=QUALITY_JOB,
    cron_schedule=WEEKLY,
    execution_timezone="UTC",
    description="Writes the quality report every Monday at 07:00 UTC, after the sources were looked at.",
)
# The same runs that a person would start: reports of receipts that changed, nothing upstream of them.
FOLLOWING_SENSOR = dg.AutomationConditionSensorDefinition(
    "reports_follow_receipts",
    target=dg.AssetSelection.groups(GROUP),
    default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=EVERY_SECONDS,
    description="Makes a report again once a receipt that it tells of changed and its checks passed.",
)


def standing_check(checks: Sequence[dg.AssetCheckSpec], stage_of: dict[str, str]) -> dg.AssetChecksDefinition:
    """The standing check; not asked in a build, which fails on the checks themselves."""

    @dg.multi_asset_check(name="standing_checks", specs=[BROKEN_SPEC], can_subset=True)
    def check_what_is_broken(context: dg.AssetCheckExecutionContext) -> CheckResults:
        watched = watched_checks(context.instance, checks, stage_of)
        yield from run_checks(context, GROUP, [Check(BROKEN_SPEC, nothing_is_broken_now)], watched)

    return check_what_is_broken


def broken_sensor(checks: Sequence[dg.AssetCheckSpec], stage_of: dict[str, str]) -> dg.SensorDefinition:
    """The sensor of failed checks."""

    @dg.sensor(
        name="failed_checks_sensor",
        description="Looks at the last verdict of every check, once a minute; reports a WARN on the quality "
        "report when what is broken has changed. Starts no run.",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
    )
    def failed_checks(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        watched = watched_checks(context.instance, checks, stage_of)
        now = _fingerprint(watched)
        if now == context.cursor:
            return dg.SkipReason("What is broken is what was broken a minute ago.")
        event = check_evaluation(QUALITY_REPORT, BROKEN, nothing_is_broken_now(watched))
        return dg.SensorResult(asset_events=[event], cursor=now)

    return failed_checks


def _fingerprint(watched: Sequence[Watched]) -> str:
    told = "\n".join(f"{one.name} {one.outcome} {one.since}" for one in watched if one.outcome != "passed")
    return hashlib.sha256(told.encode()).hexdigest()
