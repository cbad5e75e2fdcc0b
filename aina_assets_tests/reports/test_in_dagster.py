"""The reports in Dagster: when they follow their receipts, the standing look, since when a check fails."""

# Without `from __future__ import annotations`: Dagster refuses a context that is annotated as text.

from typing import Any

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_history, check_spec, run_checks
from aina_assets.core.rules import Finding, Outcome, Severity
from aina_assets.reports.assets import FOLLOWS_RECEIPTS, run_outcomes, watched_checks
from aina_assets.reports.automation import BROKEN, broken_sensor, standing_check
from aina_assets.reports.quality import QUALITY_REPORT

HOLDS = check_spec("table", "holds", "The table holds what it promises, to the last row.")
WARNS = check_spec("table", "warns", "The table is as usual. A WARN names what is not.")
STAGE_OF = {"table": "sources", QUALITY_REPORT: "reports"}
State = dict[str, bool]


def definitions(state: State) -> dg.Definitions:
    """A table with two checks whose outcome the test sets, and the standing look at them."""

    @dg.multi_asset(specs=[dg.AssetSpec("table"), dg.AssetSpec(QUALITY_REPORT)], can_subset=True)
    def make(context: dg.AssetExecutionContext) -> Any:
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key)

    @dg.multi_asset_check(name="checks", specs=[HOLDS, WARNS], can_subset=True)
    def checks(context: dg.AssetCheckExecutionContext) -> CheckResults:
        told = [
            Check(HOLDS, lambda: Finding(state["holds"], "found", 3, [{"row": 7}], "mend it", {"rows": 9})),
            Check(
                WARNS, lambda: Finding(state["usual"], "odd", 1, [{"row": 8}], "look", severity=Severity.WARN)
            ),
        ]
        yield from run_checks(context, "sources", told)

    return dg.Definitions(
        assets=[make],
        asset_checks=[checks, standing_check([HOLDS, WARNS], STAGE_OF)],
        executor=dg.in_process_executor,
    )


def run(defs: dg.Definitions, instance: dg.DagsterInstance) -> dict[str, dg.AssetCheckEvaluation]:
    job = defs.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    return {e.check_name: e for e in result.get_asset_check_evaluations()}


def sample(evaluation: dg.AssetCheckEvaluation) -> list[dict[str, Any]]:
    table = evaluation.metadata["failed_sample"]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_a_failed_check_tells_the_rule_since_when_which_rows_and_what_to_do() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        first = run(definitions({"holds": False, "usual": True}), instance)["holds"]
        second = run(definitions({"holds": False, "usual": True}), instance)["holds"]
        began = check_history(instance, HOLDS.key)[-1].at
        mended = run(definitions({"holds": True, "usual": True}), instance)["holds"]
        again = run(definitions({"holds": False, "usual": True}), instance)["holds"]
    told = {name: value.value for name, value in second.metadata.items()}
    assert told["rule"] == HOLDS.description
    assert (told["failed_rows"], told["remedy"]) == (3, "mend it")
    assert sample(second) == [{"row": 7}]
    since = [float(str(e.metadata["failing_since"].value)) for e in (second, again)]
    # The second failure is the first one's; after a pass it counts anew.
    assert since[0] == began
    assert since[1] > began
    assert "failing_since" in first.metadata
    assert "failing_since" not in mended.metadata


def test_history_is_told_the_latest_first() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(definitions({"holds": True, "usual": True}), instance)
        run(definitions({"holds": False, "usual": False}), instance)
        held = check_history(instance, HOLDS.key)
        warned = check_history(instance, WARNS.key)
    assert [verdict.outcome for verdict in held] == [Outcome.FAILED, Outcome.PASSED]
    assert [verdict.outcome for verdict in warned] == [Outcome.WARNED, Outcome.PASSED]
    assert (held[0].summary, held[0].remedy, held[0].failed_rows) == ("found", "mend it", 3)


def test_the_standing_check_names_what_failed_in_an_earlier_run() -> None:
    defs = definitions({"holds": False, "usual": False})
    with dg.DagsterInstance.ephemeral() as instance:
        run(defs, instance)
        # A run that checks nothing else.
        only = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey(QUALITY_REPORT), BROKEN))
        job = dg.Definitions(
            assets=defs.assets,
            asset_checks=defs.asset_checks,
            jobs=[dg.define_asset_job("only", selection=only)],
        ).resolve_job_def("only")
        (found,) = job.execute_in_process(instance=instance).get_asset_check_evaluations()
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert [row["check"] for row in sample(found)] == ["table: holds", "table: warns"]


def test_the_sensor_reports_what_broke_once_and_again_when_it_changed() -> None:
    sensor = broken_sensor([HOLDS, WARNS], STAGE_OF)
    with dg.DagsterInstance.ephemeral() as instance:

        def tick(cursor: str | None) -> Any:
            return sensor(dg.build_sensor_context(instance=instance, cursor=cursor))

        run(definitions({"holds": False, "usual": True}), instance)
        first = tick(None)
        assert not first.asset_events[0].passed
        assert "1 checks failed" in first.asset_events[0].description
        assert isinstance(tick(first.cursor), dg.SkipReason)
        run(definitions({"holds": True, "usual": True}), instance)
        mended = tick(first.cursor)
        assert mended.asset_events[0].passed
        assert mended.cursor != first.cursor
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED


def test_checks_that_were_never_run_are_counted_and_not_called_broken() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        told = watched_checks(instance, [HOLDS], STAGE_OF)
    assert [(one.outcome, one.owner, one.stage) for one in told] == [("never run", "team:engine", "sources")]


def test_a_runs_outcomes_are_those_of_its_checks_and_of_steps_that_raised() -> None:
    @dg.asset
    def raising() -> None:
        raise ValueError("no")

    with dg.DagsterInstance.ephemeral() as instance:
        defs = definitions({"holds": False, "usual": False})
        job = dg.Definitions(
            assets=[*(defs.assets or ()), raising],
            asset_checks=defs.asset_checks,
            executor=dg.in_process_executor,
        ).resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        found = {o.name: (o.passed, o.is_warning) for o in run_outcomes(instance, result.run_id)}
    # The quality report's own check is not told of.
    assert found == {
        "table: holds": (False, False),
        "table: warns": (False, True),
        "step raising": (False, False),
    }


# --- automation


def following() -> dg.Definitions:
    @dg.asset
    def receipt() -> None: ...

    @dg.asset_check(asset=receipt, blocking=True)
    def whole(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed="damaged" not in context.run.tags)

    @dg.asset(deps=[receipt], automation_condition=FOLLOWS_RECEIPTS)
    def report() -> None: ...

    return dg.Definitions(assets=[receipt, report], asset_checks=[whole])


def evaluate(defs: dg.Definitions, instance: dg.DagsterInstance, cursor: Any) -> tuple[bool, Any]:
    result = dg.evaluate_automation_conditions(defs=defs, instance=instance, cursor=cursor)
    return result.total_requested > 0, result.cursor


def make(defs: dg.Definitions, instance: dg.DagsterInstance, *names: str, **tags: str) -> None:
    selection = dg.AssetSelection.assets(*names)
    job = dg.Definitions(
        assets=defs.assets,
        asset_checks=defs.asset_checks,
        jobs=[dg.define_asset_job("some", selection=selection)],
    ).resolve_job_def("some")
    job.execute_in_process(instance=instance, raise_on_error=False, tags=tags)


def test_a_report_follows_a_receipt_that_changed_and_then_rests() -> None:
    defs = following()
    with dg.DagsterInstance.ephemeral() as instance:
        make(defs, instance, "receipt", "report")
        is_asked, cursor = evaluate(defs, instance, None)
        assert not is_asked, "both were made in one run"
        make(defs, instance, "receipt")
        is_asked, cursor = evaluate(defs, instance, cursor)
        assert is_asked
        make(defs, instance, "report")
        is_asked, cursor = evaluate(defs, instance, cursor)
        assert not is_asked
        is_asked, cursor = evaluate(defs, instance, cursor)
        assert not is_asked


def test_a_report_does_not_follow_a_receipt_whose_blocking_check_failed() -> None:
    defs = following()
    with dg.DagsterInstance.ephemeral() as instance:
        make(defs, instance, "receipt", "report")
        _, cursor = evaluate(defs, instance, None)
        make(defs, instance, "receipt", damaged="yes")
        is_asked, _ = evaluate(defs, instance, cursor)
        assert not is_asked
