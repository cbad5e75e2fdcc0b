"""How findings look in Dagster: one spec and one result for all stages.

A check's result reads like a finding: what rule, how many rows, which, and what to do. Checks of partitions,
which Dagster has in preview, are known to this module alone. What belongs here: the mapping. What does not:
any rule.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    # Not exported, and without it the UI takes a partition's verdict for one of an older materialization.
    AssetCheckEvaluationTargetMaterializationData as Target,
)

from aina_assets.core.assets import preview
from aina_assets.core.progress import Step, report
from aina_assets.core.rules import Finding, Severity

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
        )


def check_result(asset: str, name: str, finding: Finding) -> dg.AssetCheckResult:
    """A finding as a check's result; its figures are plotted over time."""
    return dg.AssetCheckResult(asset_key=asset, check_name=name, **_told(finding))


def check_evaluation(asset: str, name: str, finding: Finding) -> dg.AssetCheckEvaluation:
    """A finding as an evaluation that a sensor reports outside a run."""
    return dg.AssetCheckEvaluation(asset_key=dg.AssetKey(asset), check_name=name, **_told(finding))


def _told(finding: Finding) -> dict[str, Any]:
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
                [check_result(*_names(check), check.rule(*arguments))]
                if partitions_def is None
                else _partitioned(context, check, partitions_def, arguments)
            )
            report(Step(stage, ": ".join(_names(check)), None, perf_counter() - start))
            yield from results


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
        yield check_result(*_names(check), check.rule(*arguments, context.partition_key))
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
            **_told(finding),
        )
    if whole is not None:
        yield check_result(*_names(check), whole)


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
