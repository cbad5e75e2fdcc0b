"""The page of checks: severities, kinds, and every check by stage, from the definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import dagster as dg

from aina_assets.core.assets import owner_of
from aina_assets.core.checks import severity_said
from aina_assets.definitions import ASSETS, CHECKS, STAGE_OF, STAGES, STANDING_CHECKS
from aina_assets.reports.automation import BROKEN
from aina_assets.sources.automation import DRIFT, upstream_drift_checks
from tools.doc_text import code, page, table

CHECKS_INTRODUCTION = """\
{checks} checks. An `ERROR` fails the build (exit status 1); a blocking one also stops what lies downstream
in the same run. A `WARN` is shown and never blocks. What to do about each:
[runbooks](runbooks.md#a-check-failed).

A build runs all of them but two. `{drift}` asks the publishers and so belongs to the `refresh_*` jobs and its
sensor; `{broken}` looks at the last verdicts of all others and belongs to `weekly_quality` and its sensor."""


def checks_page() -> str:
    """The page."""
    stage_of = {asset: stage for stage in STAGES for asset in _assets_of(stage)}
    specs = [
        spec
        for definition in (*CHECKS, upstream_drift_checks, STANDING_CHECKS)
        for spec in definition.check_specs
    ]
    kinds: dict[str, list[dg.AssetCheckSpec]] = {}
    for spec in specs:
        kinds.setdefault(spec.name, []).append(spec)
    blocks = [
        CHECKS_INTRODUCTION.format(checks=len(specs), drift=DRIFT, broken=BROKEN),
        "## Severities",
        _severities(specs),
        "## Kinds",
        table(
            ("check", "severity", "blocking", "assets", "what it says"),
            (
                (code(name), *_weight(group[0]), str(len(group)), group[0].description or "")
                for name, group in sorted(kinds.items())
            ),
        ),
    ]
    for stage in STAGES:
        blocks += [
            f"## Stage: {stage}",
            table(
                ("asset", "check", "severity", "blocking", "what it says"),
                (
                    (code(_asset(spec)), code(spec.name), *_weight(spec), spec.description or "")
                    for spec in specs
                    if stage_of[_asset(spec)] == stage
                ),
            ),
        ]
    return page("Checks", *blocks)


def _asset(spec: dg.AssetCheckSpec) -> str:
    return spec.asset_key.to_user_string()


def _weight(spec: dg.AssetCheckSpec) -> tuple[str, str]:
    """Severity and whether it blocks."""
    return severity_said(spec.description or "").value, ("yes" if spec.blocking else "no")


def _severities(specs: Sequence[dg.AssetCheckSpec]) -> str:
    """How many checks there are of each weight, and who is asked about them."""
    rows = []
    for severity, is_blocking, does in (
        ("ERROR", "yes", "the build fails; what lies downstream in the run is not made"),
        ("ERROR", "no", "the build fails; what lies downstream is made and marked"),
        ("WARN", "no", "it is shown, with what to do; nothing stops"),
    ):
        found = [spec for spec in specs if _weight(spec) == (severity, is_blocking)]
        owners = sorted({owner_of(STAGE_OF[_asset(spec)]) for spec in found})
        rows.append((severity, is_blocking, str(len(found)), does, ", ".join(owners)))
    return table(("severity", "blocking", "checks", "what a failure does", "who is asked"), rows)


def _assets_of(stage: str) -> Iterator[str]:
    for definition in ASSETS:
        yield from (s.key.to_user_string() for s in definition.specs if s.group_name == stage)
