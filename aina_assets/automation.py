"""Runs of the whole graph: the build, recorded in the data root's own Dagster instance."""

import logging
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from time import perf_counter
from typing import Any, cast

import dagster as dg
from sqlalchemy.exc import OperationalError

from aina_assets.core.assets import PARTITION_ROW_COUNT, ROW_COUNT
from aina_assets.core.build import BuildSummary, CheckFailure, StageSummary, StepFailure
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StorageFullError
from aina_assets.core.progress import Step, observed
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.definitions import (
    BUILD_JOB,
    REVIEW_JOB,
    STAGES,
    VALIDATE_JOB,
    build_definitions,
    recorded_in,
)
from aina_assets.gates.bounds import guarded_by
from aina_assets.gates.rules import gate_differences
from aina_assets.reports.assets import REPORT_ASSETS
from aina_assets.verification.results import Outcome, write_results
from aina_assets.verification.validation import CheckVerdict, FileVerdict, Validation
from aina_assets.verification.walk import verify

# Dagster's own lines go to its event log, which the UI shows; the terminal has the build's progress.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
HOLDS_DATA_ROOT = {"aina/holds_data_root": "true"}
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def open_instance(engine: Engine) -> dg.DagsterInstance:
    """The data root's Dagster instance, as the repository's dagster.yaml configures it."""
    storage = engine.data.dagster_storage
    storage.mkdir(parents=True, exist_ok=True)
    os.environ["DAGSTER_HOME"] = str(PROJECT_ROOT)
    os.environ["AINA_DAGSTER_STORAGE"] = str(storage)
    return dg.DagsterInstance.get()


def run_build(
    engine: Engine,
    *,
    instance: dg.DagsterInstance | None = None,
    observer: Callable[[Step], None] = lambda step: None,
    on_wait: Callable[[], None] | None = None,
) -> BuildSummary:
    """Build every asset and run every check, in this process, under the data root's lock.

    Args:
        instance: where the run is recorded, left open; the data root's own where None.
        observer: told of every step that ends.
        on_wait: called once where another build holds the data root.

    Returns:
        The summary, which is also written to the data root.

    Raises:
        BuildLockedError: another build did not end in time.
    """
    with engine.data.build_lock(engine.settings.build_wait_seconds, on_wait), observed(observer):
        # Until this build ends, nobody may take the last one's summary for the state of the tables.
        BuildSummary.started(engine.settings.sources.value).write(engine.data.build_summary)
        summary, outcomes = _run(engine, BUILD_JOB, instance)
        # The run has done so already, unless a step of it raised before.
        write_results(engine, outcomes)
        summary.write(engine.data.build_summary)
    return summary


def run_reviews(
    engine: Engine,
    *,
    instance: dg.DagsterInstance | None = None,
    observer: Callable[[Step], None] = lambda step: None,
    on_wait: Callable[[], None] | None = None,
) -> BuildSummary:
    """Settle what reviewers have said: the adjudication's assets and checks alone, on the tables that stand.

    The manifest and what rests on it are made anew; of checks that were not run the last outcome stands, as
    their tables do.

    Args and Raises: as `run_build`. The last build's summary stays as it is.
    """
    with engine.data.build_lock(engine.settings.build_wait_seconds, on_wait), observed(observer):
        summary, outcomes = _run(engine, REVIEW_JOB, instance)
        write_results(engine, outcomes, is_keeping_others=True)
    return summary


def _run(
    engine: Engine, name: str, instance: dg.DagsterInstance | None
) -> tuple[BuildSummary, list[Outcome]]:
    """Run a job, guarded; its table of stages, and how its checks and steps came out."""
    start = perf_counter()
    job = build_definitions(engine.settings).resolve_job_def(name)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    opened = nullcontext(instance) if instance else open_instance(engine)
    with (
        _full_disk_named(engine),
        temporary_files_in(engine),
        opened as recorded,
        guarded_by(engine.settings, *recorded_in(recorded)),
    ):
        close_abandoned(recorded)
        result = job.execute_in_process(
            instance=recorded,
            raise_on_error=False,
            run_config=QUIET,
            tags=HOLDS_DATA_ROOT | all_partitions(job),
        )
    engine.digests.save()
    return _summary(engine, job, result, perf_counter() - start), list(_outcomes(result))


def validate_state(
    engine: Engine,
    *,
    is_offline: bool = True,
    observer: Callable[[Step], None] = lambda step: None,
) -> Validation:
    """Run every check on the current state and walk its files. Nothing is made and nothing is recorded.

    Args:
        is_offline: never ask the network.
        observer: told of every check that ends.

    Raises:
        BuildLockedError: a build holds the data root: what it makes would be judged half made.
    """
    with (
        engine.data.build_lock(0),
        observed(observer),
        temporary_files_in(engine),
        dg.DagsterInstance.ephemeral() as instance,
    ):
        start = perf_counter()
        logging.getLogger("dagster").setLevel(logging.CRITICAL)
        job = build_definitions(engine.settings).resolve_job_def(VALIDATE_JOB)
        with guarded_by(engine.settings, *recorded_in(instance)):
            result = job.execute_in_process(instance=instance, raise_on_error=False, run_config=QUIET)
        report = verify(engine, is_offline=is_offline, more=gate_differences(engine))
        return Validation(
            lane=engine.settings.sources.value,
            data=str(engine.data.path),
            checks=tuple(
                sorted(_verdicts_told(job, result), key=lambda told: (STAGES.index(told.stage), told.asset))
            ),
            steps_failed=tuple(f"{failure.step}: {failure.error}" for failure in _step_failures(result)),
            differences=tuple(
                FileVerdict(name=d.name, kind=d.kind.value, says=d.says, void=d.void)
                for d in report.differences
            ),
            notes=report.notes,
            files=report.files,
            receipts=report.receipts,
            seconds=round(perf_counter() - start, 3),
        )


def _verdicts_told(job: dg.JobDefinition, result: dg.ExecuteInProcessResult) -> Iterator[CheckVerdict]:
    graph = job.asset_layer.asset_graph
    for evaluation in _verdicts(result.get_asset_check_evaluations()):
        spec = graph.get_check_spec(evaluation.asset_check_key)
        yield CheckVerdict(
            stage=graph.get(evaluation.asset_key).group_name,
            asset=evaluation.asset_key.to_user_string(),
            check=evaluation.check_name,
            severity=evaluation.severity.value,
            is_blocking=spec.blocking,
            passed=evaluation.passed,
            summary=evaluation.description or "",
            failed_rows=int(_text(evaluation.metadata.get("failed_rows")) or 0),
            remedy=str(_text(evaluation.metadata.get("remedy"))),
        )


@contextmanager
def temporary_files_in(engine: Engine) -> Iterator[None]:
    """Have libraries put their temporary files into the data root: the guard lets them nowhere else."""
    folder = engine.data.cache / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def all_partitions(job: dg.JobDefinition) -> dict[str, str]:
    """The tags by which one run makes every partition of the job's assets; none where none has any."""
    if job.partitions_def is None:
        return {}
    keys = job.partitions_def.get_partition_keys()
    return {RANGE_START: keys[0], RANGE_END: keys[-1]}


def close_abandoned(instance: dg.DagsterInstance) -> None:
    """Record as failed the builds that were killed: one still "started" would hold up the UI's queue.

    To be called under the data root's lock: then no build that holds it can be running.
    """
    started = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED], tags=HOLDS_DATA_ROOT)
    for run in instance.get_runs(started):
        instance.report_run_failed(run, "The build was killed; a later one found its record open.")


@contextmanager
def _full_disk_named(engine: Engine) -> Iterator[None]:
    """Dagster's own records are the first to fail on a full disk, in SQLite's words."""
    try:
        yield
    except OperationalError as error:
        if any(words in str(error) for words in ("disk I/O error", "disk is full")):
            raise StorageFullError(
                "the disk is full: Dagster's run records cannot be written",
                file=engine.data.dagster_storage,
            ) from error
        raise


def _summary(
    engine: Engine, job: dg.JobDefinition, result: dg.ExecuteInProcessResult, seconds: float
) -> BuildSummary:
    graph = job.asset_layer.asset_graph
    stage_of: dict[str, str] = {
        key.to_user_string(): graph.get(key).group_name for key in graph.get_all_asset_keys()
    }
    assets: dict[str, set[str]] = defaultdict(set)
    rows: Counter[str] = Counter()
    checks: dict[str, Counter[str]] = defaultdict(Counter)
    failures: list[CheckFailure] = []
    for event in result.all_events:
        if event.is_step_materialization:
            materialization = event.step_materialization_data.materialization
            asset = materialization.asset_key.to_user_string()
            assets[stage_of[asset]].add(asset)
            rows[stage_of[asset]] += _row_count(materialization)
    for evaluation in _verdicts(result.get_asset_check_evaluations()):
        asset = evaluation.asset_key.to_user_string()
        is_warning = evaluation.severity is dg.AssetCheckSeverity.WARN
        outcome = "passed" if evaluation.passed else "warned" if is_warning else "failed"
        checks[stage_of[asset]][outcome] += 1
        if not evaluation.passed:
            failures.append(
                CheckFailure(
                    asset=asset,
                    check=evaluation.check_name,
                    severity=evaluation.severity.value,
                    summary=evaluation.description or "",
                    remedy=str(_text(evaluation.metadata.get("remedy"))),
                )
            )
    return BuildSummary(
        run_id=result.run_id,
        lane=engine.settings.sources.value,
        is_success=result.success and not any(f.severity == "ERROR" for f in failures),
        seconds=round(seconds, 3),
        stages=tuple(
            StageSummary(
                stage=stage,
                assets=len(assets[stage]),
                rows=rows[stage],
                checks_passed=checks[stage]["passed"],
                checks_warned=checks[stage]["warned"],
                checks_failed=checks[stage]["failed"],
            )
            for stage in STAGES
        ),
        check_failures=tuple(failures),
        step_failures=tuple(_step_failures(result)),
    )


def _outcomes(result: dg.ExecuteInProcessResult) -> Iterator[Outcome]:
    """Every check's verdict, and every step that raised, as a receipt tells of them."""
    for evaluation in _verdicts(result.get_asset_check_evaluations()):
        # What is checked of the reports is not told in the receipt that they tell of.
        if evaluation.asset_key.to_user_string() in REPORT_ASSETS:
            continue
        name = f"{evaluation.asset_key.to_user_string()}: {evaluation.check_name}"
        is_warning = evaluation.severity is dg.AssetCheckSeverity.WARN
        yield Outcome(name, evaluation.passed, is_warning)
    for failure in _step_failures(result):
        yield Outcome(f"step {failure.step}", passed=False)


def _row_count(materialization: dg.AssetMaterialization) -> int:
    # Each partition's materialization repeats the whole table's rows.
    name = ROW_COUNT if materialization.partition is None else PARTITION_ROW_COUNT
    value = materialization.metadata.get(name)
    return int(cast(int, value.value)) if value is not None else 0


def _verdicts(evaluations: Iterable[dg.AssetCheckEvaluation]) -> list[dg.AssetCheckEvaluation]:
    """One verdict a check: that on the whole table where there is one, else those on its partitions."""
    told = list(evaluations)
    whole = {evaluation.asset_check_key for evaluation in told if evaluation.partition is None}
    return [e for e in told if e.partition is None or e.asset_check_key not in whole]


def _text(value: Any) -> Any:
    return "" if value is None else value.value


def _step_failures(result: dg.ExecuteInProcessResult) -> list[StepFailure]:
    failures = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            cause = error.cause if error and error.cause else error
            text = cause.message.strip() if cause else "unknown"
            failures.append(StepFailure(step=event.step_key or "", error=text))
    return failures
