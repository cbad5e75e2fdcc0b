"""How findings look in Dagster: one spec and one result for all stages.

A check's result reads like a finding: what rule, how many rows, which, and what to do. Checks of partitions,
which Dagster has in preview, are known to this module alone. What belongs here: the mapping. What does not:
any rule.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter, time
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    # Not exported, and without it the UI takes a partition's verdict for one of an older materialization.
    AssetCheckEvaluationTargetMaterializationData as Target,
)

from aina_assets.core.assets import preview
from aina_assets.core.progress import Step, report
from aina_assets.core.rules import Finding, Outcome, Severity, Verdict, standing_since

# How far back "since when" is looked up, and by how many verdicts a trend is told.
HISTORY = 10
RUNBOOK = "docs/runbooks.md#a-check-failed"

# What a step of checks gives: Dagster takes a verdict on a partition of several only as an evaluation.
CheckResults = Iterator[dg.AssetCheckResult | dg.AssetCheckEvaluation]


def check_spec(
    asset: str,
    name: str,
    description: str,
    *,
    is_blocking: bool = False,
    after: Sequence[str] = (),
    partitions_def: dg.PartitionsDefinition[str] | None = None,
) -> dg.AssetCheckSpec:
    """A check's spec. A blocking one stops what lies downstream in the same run.

    Args:
        after: other assets that must be made before, since the check looks at them too.
        partitions_def: the asset's partitions, for a verdict on each. Only for a rule that holds of each
            partition where it holds of the whole table; a share or a total is a check without it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            name=name,
            asset=asset,
            description=description,
            blocking=is_blocking,
            additional_deps=list(after),
            partitions_def=partitions_def,
            metadata={"severity": severity_said(description).value, "runbook": RUNBOOK},
        )


def severity_said(description: str) -> Severity:
    """What a check's failure means. Dagster's spec has no severity: a WARN says so in its description."""
    return Severity.WARN if "A WARN " in description else Severity.ERROR


def check_result(
    asset: str, name: str, finding: Finding, told: Mapping[str, Any] | None = None
) -> dg.AssetCheckResult:
    """A finding as a check's result; its figures are plotted over time.

    Args:
        told: what else a person wants to know: the rule, and since when it is broken.
    """
    return dg.AssetCheckResult(asset_key=asset, check_name=name, **_told(finding, told))


def check_evaluation(asset: str, name: str, finding: Finding) -> dg.AssetCheckEvaluation:
    """A finding as an evaluation that a sensor reports outside a run."""
    return dg.AssetCheckEvaluation(asset_key=dg.AssetKey(asset), check_name=name, **_told(finding))


def check_history(
    instance: dg.DagsterInstance, key: dg.AssetCheckKey, limit: int = HISTORY, partition: str | None = None
) -> tuple[Verdict, ...]:
    """A check's last verdicts, the latest first.

    Args:
        partition: verdicts on this partition; where None, those on the whole table if there are any.
    """
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=limit)
    found = [
        (record.partition, _verdict(record.evaluation, record.create_timestamp))
        for record in records
        # What is planned and not yet run has a record too.
        if isinstance(record.evaluation, dg.AssetCheckEvaluation)
    ]
    of_whole = [verdict for where, verdict in found if where is None]
    of_partition = [verdict for where, verdict in found if where == partition]
    return tuple(of_partition if partition else of_whole or [verdict for _, verdict in found])


def _verdict(evaluation: dg.AssetCheckEvaluation, at: float) -> Verdict:
    is_warning = evaluation.severity is dg.AssetCheckSeverity.WARN
    return Verdict(
        at=at,
        outcome=Outcome.PASSED if evaluation.passed else Outcome.WARNED if is_warning else Outcome.FAILED,
        failed_rows=int(_value(evaluation, "failed_rows") or 0),
        summary=evaluation.description or "",
        remedy=str(_value(evaluation, "remedy") or ""),
    )


def _value(evaluation: dg.AssetCheckEvaluation, name: str) -> Any:
    value = evaluation.metadata.get(name)
    return None if value is None else value.value


def _told(finding: Finding, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
    # A finding that holds may show rows too: what a person wants to see of it.
    shown = {"sample": preview(finding.sample)} if finding.sample else {}
    failed = {"remedy": finding.remedy, "failed_sample": preview(finding.sample)}
    return {
        "passed": finding.passed,
        "severity": (
            dg.AssetCheckSeverity.WARN if finding.severity is Severity.WARN else dg.AssetCheckSeverity.ERROR
        ),
        "description": finding.summary,
        "metadata": {
            "failed_rows": finding.failed_rows,
            **(told or {}),
            **dict(finding.figures),
            **(shown if finding.passed else failed),
        },
    }


@dataclass(frozen=True)
class Check:
    """A check of one asset: its spec, and the rule that gives its finding from the step's arguments.

    The rule of a check with partitions takes one argument more: the partition's key, or None for the
    whole table.

    Attributes:
        tells_each: whether what is found of each partition is worth its own figures and rows even where the
            rule holds of the whole table.
    """

    spec: dg.AssetCheckSpec
    rule: Callable[..., Finding]
    tells_each: bool = False


def run_checks(
    context: dg.AssetCheckExecutionContext, stage: str, checks: Sequence[Check], *arguments: Any
) -> CheckResults:
    """Run the checks that this step selects, in order, and give their results.

    A check with partitions gives, in a run of one partition, the verdict on it alone; in a run of all,
    the verdict on each and then the one on the whole table, which blocks and which the build counts; in
    a run of some, the verdict on each of them; in a run of the check alone, the one on the whole table.
    """
    for check in checks:
        key = check.spec.key
        if key in context.selected_asset_check_keys:
            start = perf_counter()
            partitions_def = check.spec.partitions_def
            results = list(
                [_result(context, check, check.rule(*arguments))]
                if partitions_def is None
                else _partitioned(context, check, partitions_def, arguments)
            )
            report(Step(stage, ": ".join(_names(check)), None, perf_counter() - start))
            yield from results


def _result(context: dg.AssetCheckExecutionContext, check: Check, finding: Finding) -> dg.AssetCheckResult:
    partition = context.partition_key if context.has_partition_key else None
    return check_result(*_names(check), finding, _finding_told(context, check, finding, partition))


def _finding_told(
    context: dg.AssetCheckExecutionContext, check: Check, finding: Finding, partition: str | None
) -> dict[str, Any]:
    """The rule, and since when it is broken: this verdict is the first, or those before it were alike."""
    told: dict[str, Any] = {"rule": check.spec.description or check.spec.name}
    if finding.passed:
        return told
    before = check_history(context.instance, check.spec.key, partition=partition)
    is_warning = finding.severity is Severity.WARN
    outcome = Outcome.WARNED if is_warning else Outcome.FAILED
    since = standing_since(before) if before and before[0].outcome is outcome else None
    return {**told, "failing_since": dg.MetadataValue.timestamp(since if since is not None else time())}


def _names(check: Check) -> tuple[str, str]:
    return check.spec.asset_key.to_user_string(), check.spec.name


def _partitioned(
    context: dg.AssetCheckExecutionContext,
    check: Check,
    partitions_def: dg.PartitionsDefinition[str],
    arguments: Sequence[Any],
) -> CheckResults:
    if context.has_partition_key:
        # Dagster puts the run's partition into the result itself.
        yield _result(context, check, check.rule(*arguments, context.partition_key))
        return
    keys = context.partition_keys if context.has_partition_key_range else ()
    is_of_all = set(keys) == set(partitions_def.get_partition_keys())
    whole = None if keys and not is_of_all else check.rule(*arguments, None)
    targets = _targets(context, check.spec.asset_key, keys)
    for key in keys:
        is_implied = whole is not None and whole.passed and not check.tells_each
        finding = _implied(whole) if whole is not None and is_implied else check.rule(*arguments, key)
        yield dg.AssetCheckEvaluation(
            asset_key=check.spec.asset_key,
            check_name=check.spec.name,
            partition=key,
            # Where there is a verdict on the whole table, that one blocks; it comes last, as what the UI
            # shows of a check is its latest record.
            blocking=check.spec.blocking and whole is None,
            target_materialization_data=targets.get(key),
            **_told(finding, _finding_told(context, check, finding, key)),
        )
    if whole is not None:
        yield _result(context, check, whole)


def _implied(whole: Finding) -> Finding:
    told = f"holds as part of the whole table: {whole.summary}"
    return replace(whole, summary=told, figures={}, sample=())


def _targets(
    context: dg.AssetCheckExecutionContext, asset: dg.AssetKey, keys: Sequence[str]
) -> Mapping[str, Target]:
    """The latest materialization of each partition: what a verdict on it speaks of."""
    latest: dict[str, Target] = {}
    wanted = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=list(keys))
    # After a run of these partitions the latest records are one a partition; else some are asked singly.
    records = list(context.instance.fetch_materializations(wanted, limit=len(keys)).records) if keys else []
    for key in set(keys) - {record.partition_key for record in records}:
        single = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[key])
        records += context.instance.fetch_materializations(single, limit=1).records
    for record in records:
        target = Target(storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp)
        latest.setdefault(record.partition_key or "", target)
    return latest
