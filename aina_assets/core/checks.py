"""How findings look in Dagster: one spec and one result for all stages.

A check's result reads like a finding: what rule, how many rows, which, and what to do. What belongs
here: the mapping. What does not: any rule.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.core.assets import preview
from aina_assets.core.progress import Step, report
from aina_assets.core.rules import Finding, Severity


def check_spec(
    asset: str, name: str, description: str, *, is_blocking: bool = False, after: Sequence[str] = ()
) -> dg.AssetCheckSpec:
    """A check's spec. A blocking one stops what lies downstream in the same run.

    Args:
        after: other assets that must be made before, since the check looks at them too.
    """
    return dg.AssetCheckSpec(
        name=name,
        asset=asset,
        description=description,
        blocking=is_blocking,
        additional_deps=list(after),
    )


def check_result(asset: str, name: str, finding: Finding) -> dg.AssetCheckResult:
    """A finding as a check's result; its figures are plotted over time."""
    return dg.AssetCheckResult(asset_key=asset, check_name=name, **_told(finding))


def check_evaluation(asset: str, name: str, finding: Finding) -> dg.AssetCheckEvaluation:
    """A finding as an evaluation that a sensor reports outside a run."""
    return dg.AssetCheckEvaluation(asset_key=dg.AssetKey(asset), check_name=name, **_told(finding))


def _told(finding: Finding) -> dict[str, Any]:
    failed = {} if finding.passed else {"remedy": finding.remedy, "failed_sample": preview(finding.sample)}
    return {
        "passed": finding.passed,
        "severity": (
            dg.AssetCheckSeverity.WARN if finding.severity is Severity.WARN else dg.AssetCheckSeverity.ERROR
        ),
        "description": finding.summary,
        "metadata": {"failed_rows": finding.failed_rows, **dict(finding.figures), **failed},
    }


@dataclass(frozen=True)
class Check:
    """A check of one asset: its spec, and the rule that gives its finding from the step's arguments."""

    spec: dg.AssetCheckSpec
    rule: Callable[..., Finding]


def run_checks(
    context: dg.AssetCheckExecutionContext, stage: str, checks: Sequence[Check], *arguments: Any
) -> Iterator[dg.AssetCheckResult]:
    """Run the checks that this step selects, in order, and give their results."""
    for check in checks:
        key = check.spec.key
        if key in context.selected_asset_check_keys:
            start = perf_counter()
            finding = check.rule(*arguments)
            asset = key.asset_key.to_user_string()
            report(Step(stage, f"{asset}: {key.name}", None, perf_counter() - start))
            yield check_result(asset, key.name, finding)
