"""What the design leans on in Dagster itself, so that an upgrade that changes it fails here and early.

Belongs here: Dagster's behaviour, shown on assets made for the purpose. Does not: the project's assets.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster_duckdb import DuckDBResource


def test_the_release_is_the_one_that_this_was_shown_on() -> None:
    assert dg.__version__.startswith("1.13.")


def run_with_failing_check(*, blocking: bool, ran: list[str]) -> dg.ExecuteInProcessResult:
    @dg.asset
    def upstream() -> None:
        ran.append("upstream")

    @dg.asset(deps=[upstream])
    def downstream() -> None:
        ran.append("downstream")

    @dg.asset_check(asset=upstream, blocking=blocking)
    def holds() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.ERROR)

    job = dg.Definitions(
        assets=[upstream, downstream], asset_checks=[holds]
    ).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance, raise_on_error=False)


def test_a_failing_check_that_does_not_block_leaves_a_successful_run() -> None:
    ran: list[str] = []
    result = run_with_failing_check(blocking=False, ran=ran)
    assert result.success
    assert [evaluation.passed for evaluation in result.get_asset_check_evaluations()] == [False]
    assert ran == ["upstream", "downstream"]


def test_a_failing_check_that_blocks_stops_what_lies_downstream_in_the_run() -> None:
    ran: list[str] = []
    result = run_with_failing_check(blocking=True, ran=ran)
    assert not result.success
    assert ran == ["upstream"]


def test_a_warning_that_blocks_stops_nothing() -> None:
    ran: list[str] = []

    @dg.asset
    def upstream() -> None:
        ran.append("upstream")

    @dg.asset(deps=[upstream])
    def downstream() -> None:
        ran.append("downstream")

    @dg.asset_check(asset=upstream, blocking=True)
    def holds() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)

    defs = dg.Definitions(assets=[upstream, downstream], asset_checks=[holds])
    with dg.DagsterInstance.ephemeral() as instance:
        assert defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance).success
    assert ran == ["upstream", "downstream"]


def grouped_checks(*, can_subset: bool, yields_all: bool) -> dg.AssetChecksDefinition:
    specs = [dg.AssetCheckSpec(name, asset="table") for name in ("first", "second")]

    # Without an annotation: see the trap below.
    @dg.multi_asset_check(specs=specs, can_subset=can_subset)
    def grouped(context) -> Iterator[dg.AssetCheckResult]:  # type: ignore[no-untyped-def]
        for spec in specs:
            if yields_all or spec.key in context.selected_asset_check_keys:
                yield dg.AssetCheckResult(passed=True, asset_key="table", check_name=spec.name)

    return grouped


def run_first_check(checks: dg.AssetChecksDefinition) -> list[str]:
    first = dg.AssetCheckKey(dg.AssetKey("table"), "first")
    job = dg.define_asset_job("one", selection=dg.AssetSelection.checks(first))
    defs = dg.Definitions(assets=[dg.AssetSpec("table")], asset_checks=[checks], jobs=[job])
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("one").execute_in_process(instance=instance)
    return [evaluation.check_name for evaluation in result.get_asset_check_evaluations()]


def test_one_of_grouped_checks_can_be_run_alone() -> None:
    assert run_first_check(grouped_checks(can_subset=True, yields_all=False)) == ["first"]


def test_grouped_checks_that_cannot_be_split_refuse_to_run_alone() -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError) as caught:
        run_first_check(grouped_checks(can_subset=False, yields_all=True))
    assert isinstance(caught.value.__cause__, dg.DagsterInvalidSubsetError)


def test_grouped_checks_are_one_step() -> None:
    checks = grouped_checks(can_subset=True, yields_all=False)
    defs = dg.Definitions(assets=[dg.AssetSpec("table")], asset_checks=[checks])
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance)
    assert len(result.get_asset_check_evaluations()) == 2
    assert len([event for event in result.all_events if event.is_step_success]) == 1


def test_a_context_annotated_as_text_is_refused() -> None:
    # `from __future__ import annotations` turns annotations into text; so `assets.py`, `checks.py` and
    # `automation.py` do without it.
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="Cannot annotate `context` parameter"):

        @dg.asset
        def annotated(context: dg.AssetExecutionContext) -> None: ...


OPEN_TO_WRITE = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('create table t as select 1')"


def can_be_written(path: Path) -> bool:
    """Whether another process can open the database to write."""
    return not subprocess.run(
        [sys.executable, "-c", OPEN_TO_WRITE, str(path)], capture_output=True, check=False
    ).returncode


def write_badly(path: Path, *, closes: bool) -> None:
    with DuckDBResource(database=str(path)).get_connection() as connection:
        try:
            raise ValueError("body")
        finally:
            if closes:
                connection.close()


@pytest.mark.parametrize("closes", [False, True])
def test_a_raising_body_keeps_the_duckdb_lock_unless_it_closes_the_connection(
    tmp_path: Path, closes: bool
) -> None:
    path = tmp_path / "a.duckdb"
    with pytest.raises(ValueError, match="body") as caught:
        write_badly(path, closes=closes)
    # As long as somebody holds the error, its frames hold the connection; Dagster keeps a step's error.
    assert can_be_written(path) is closes
    assert caught.tb is not None


def test_an_ephemeral_instance_remembers_while_it_is_open() -> None:
    @dg.asset
    def table() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([table], instance=instance)
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.SUCCESS


def test_a_step_of_lower_priority_waits_for_every_step_that_can_run() -> None:
    # `check_results_v1` leans on it: it is made after the checks that only tell, which no asset can wait for.
    ran: list[str] = []

    @dg.asset
    def state() -> None:
        ran.append("state")

    @dg.asset(deps=[state], op_tags={"dagster/priority": "-10"})
    def a_report() -> None:
        ran.append("a_report")

    def slow_to_come(name: str) -> dg.AssetChecksDefinition:
        @dg.asset_check(asset=state, name=name)
        def tells() -> dg.AssetCheckResult:
            ran.append(name)
            return dg.AssetCheckResult(passed=True)

        return tells

    checks = [slow_to_come(f"z_check_{number}") for number in range(5)]
    defs = dg.Definitions(assets=[state, a_report], asset_checks=checks, executor=dg.in_process_executor)
    with dg.DagsterInstance.ephemeral() as instance:
        assert defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance).success
    assert ran[0] == "state"
    assert ran[-1] == "a_report"
    assert len(ran) == 7


def test_a_planned_check_has_a_record_before_it_has_a_verdict() -> None:
    # Whoever asks for a check's history inside its run must skip it.
    seen: list[str] = []

    @dg.asset
    def table() -> None: ...

    @dg.asset_check(asset=table)
    def holds(context) -> dg.AssetCheckResult:  # type: ignore[no-untyped-def]
        records = context.instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("table"), "holds"), limit=5
        )
        seen.extend(record.status.value for record in records)
        return dg.AssetCheckResult(passed=True)

    with dg.DagsterInstance.ephemeral() as instance:
        defs = dg.Definitions(assets=[table], asset_checks=[holds])
        assert defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance).success
    assert seen == ["PLANNED"]
