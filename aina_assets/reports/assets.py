"""The reports in Dagster: the outcome of all checks, three reports with receipts, and the quality report."""

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.adjudication.report import REPORT as TITLE_REPORT
from aina_assets.core.assets import asset_spec, owner_of, preview, receipt_result, uri
from aina_assets.core.checks import check_history
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.progress import Step as Told
from aina_assets.core.progress import report
from aina_assets.core.storage import sha256_file
from aina_assets.core.store import code_version
from aina_assets.gates.assets import PROMOTED
from aina_assets.gates.receipts import APPROVAL_RECEIPT
from aina_assets.learning.receipts import REPLAY, SAFETY_HOLDS
from aina_assets.packets.receipts import QUALITY_GATE
from aina_assets.reports.change_report import CHANGE_REPORT
from aina_assets.reports.founder import FOUNDER_REPORT
from aina_assets.reports.make import Written, write_changes, write_founder, write_sources
from aina_assets.reports.quality import QUALITY_REPORT, Step, Watched, nothing_is_broken_now, write_quality
from aina_assets.reports.source_report import SOURCE_REPORT
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.sources.tables.files import SOURCE_FILE
from aina_assets.titles.receipts import COVERAGE
from aina_assets.titles.tables import TITLE_CERTIFICATE, TITLE_COVERAGE, TITLE_GOLD
from aina_assets.verification.manifest import MANIFEST, read_manifest
from aina_assets.verification.results import RESULTS, Outcome, read_results, write_results
from aina_assets.warehouse.receipts import AUTHORITY

GROUP = "reports"
CODE = code_version("core", "reports")
# What tells of the checks is made once every check that can run has run: see test_dagster_behaviour.
LAST = {"dagster/priority": "-10"}
LAST_OF_ALL = {"dagster/priority": "-20"}
# After the receipts that a report is made of, wherever they were made; off until somebody starts its sensor.
FOLLOWS_RECEIPTS = (
    dg.AutomationCondition.eager() & dg.AutomationCondition.all_deps_blocking_checks_passed()
).with_label("follows_its_receipts")
KNOWN_OF: dict[str, tuple[str, ...]] = {
    FOUNDER_REPORT: (
        RESULTS,
        SNAPSHOT,
        COVERAGE,
        ADJUDICATION,
        QUALITY_GATE,
        REPLAY,
        SAFETY_HOLDS,
        MANIFEST,
        APPROVAL_RECEIPT,
        TITLE_COVERAGE.name,
        TITLE_CERTIFICATE.name,
        TITLE_GOLD.name,
        SOURCE_FILE.name,
        TITLE_REPORT,
    ),
    SOURCE_REPORT: (SNAPSHOT, AUTHORITY, SOURCE_FILE.name, RESULTS),
    CHANGE_REPORT: (MANIFEST, COVERAGE, ADJUDICATION, RESULTS),
}
SAYS = {
    FOUNDER_REPORT: "What this build came to, in charts and plain words: coverage, certificates, reviews, "
    "sources, checks, gates, cost, what may be claimed and what may not. Every figure leads to its receipt.",
    SOURCE_REPORT: "Every source with its vintage, age, files, licence, rows, and what it is the "
    "authority for. Every figure leads to its receipt.",
    CHANGE_REPORT: "What is other than in the build before: sources, code, policies, tables, routes. "
    "Told from the receipts of both builds.",
}


def _report_asset(name: str, write: Callable[[Engine], Written]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=name,
        specs=[
            asset_spec(
                name,
                SAYS[name],
                group=GROUP,
                kinds=("html", "markdown", "receipt"),
                code_version=CODE,
                deps=KNOWN_OF[name],
                automation_condition=FOLLOWS_RECEIPTS,
            )
        ],
        op_tags=LAST,
    )
    def make_report(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        written = write(engine)
        report(Told(GROUP, name, None, perf_counter() - start))
        return dg.MaterializeResult(
            asset_key=name,
            data_version=dg.DataVersion(sha256_file(written.html)),
            metadata={
                "dagster/row_count": len(written.page.figures),
                "dagster/uri": uri(written.html),
                "page": dg.MetadataValue.path(written.html),
                "markdown": dg.MetadataValue.path(written.markdown),
                "receipt": dg.MetadataValue.path(written.receipt),
                "bytes": written.html.stat().st_size,
                "vintages": dg.MetadataValue.json(read_manifest(engine).vintages),
                "preview": preview(
                    {"figure": f.label, "value": f.text, "from": f.origin.file}
                    for f in written.page.figures[:20]
                ),
            },
        )

    return make_report


def _results_asset(known: Sequence[str]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=RESULTS,
        specs=[
            asset_spec(
                RESULTS,
                "How every check of the stages before came out, as in-toto's published test result. Its "
                "subject is the manifest; of checks that this run did not run, the last outcome stands.",
                group=GROUP,
                kinds=("json", "receipt"),
                code_version=CODE,
                deps=[MANIFEST, APPROVAL_RECEIPT, PROMOTED],
            )
        ],
        op_tags=LAST,
    )
    def check_results(
        context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
    ) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        outcomes = list(run_outcomes(context.instance, context.run.run_id))
        told = {outcome.name for outcome in outcomes}
        path = write_results(engine, outcomes, is_keeping_others=not told >= {*known}, known={*known})
        if path is None:
            raise StateError(
                "there is no manifest that the outcomes could speak of", file=engine.data.receipts
            )
        found = read_results(engine)
        report(Told(GROUP, RESULTS, None, perf_counter() - start))
        figures = {
            "result": found.result,
            "passed": len(found.passed_tests),
            "warned": len(found.warned_tests),
            "failed": len(found.failed_tests),
        }
        return receipt_result(RESULTS, path, figures, read_manifest(engine).vintages)

    return check_results


def _quality_asset(checks: Sequence[dg.AssetCheckSpec], stage_of: dict[str, str]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=QUALITY_REPORT,
        specs=[
            asset_spec(
                QUALITY_REPORT,
                "Every check with its verdict now, its trend over the last runs, since when, and its owner; "
                "and the slowest steps. Made on every build, and weekly by a schedule.",
                group=GROUP,
                kinds=("html", "markdown"),
                code_version=CODE,
                deps=[RESULTS],
            )
        ],
        op_tags=LAST_OF_ALL,
    )
    def make_quality_report(
        context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
    ) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        watched = watched_checks(context.instance, checks, stage_of)
        stats = context.instance.get_run_step_stats(context.run.run_id)
        steps = [Step(s.step_key, s.end_time - s.start_time) for s in stats if s.start_time and s.end_time]
        path = write_quality(engine, watched, steps)
        report(Told(GROUP, QUALITY_REPORT, None, perf_counter() - start))
        finding = nothing_is_broken_now(watched)
        return dg.MaterializeResult(
            asset_key=QUALITY_REPORT,
            data_version=dg.DataVersion(sha256_file(path)),
            metadata={
                "dagster/row_count": len(watched),
                "dagster/uri": uri(path),
                "page": dg.MetadataValue.path(path),
                "bytes": path.stat().st_size,
                "vintages": dg.MetadataValue.json(read_manifest(engine).vintages),
                "broken": len(finding.sample),
                "preview": preview(finding.sample or [{"finding": finding.summary}]),
            },
        )

    return make_quality_report


def run_outcomes(instance: dg.DagsterInstance, run_id: str) -> Iterator[Outcome]:
    """How the checks of a run came out so far, and the steps that raised; the reports' own are not told."""
    checks = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records
    found: dict[str, Outcome] = {}
    for record in checks:
        event = record.event_log_entry.dagster_event
        evaluation = event.asset_check_evaluation_data if event else None
        if evaluation is None or evaluation.asset_key.to_user_string() in REPORT_ASSETS:
            continue
        name = f"{evaluation.asset_key.to_user_string()}: {evaluation.check_name}"
        # The verdict on the whole table comes after those on its partitions.
        found[name] = Outcome(name, evaluation.passed, evaluation.severity is dg.AssetCheckSeverity.WARN)
    yield from found.values()
    failures = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    for record in failures:
        yield Outcome(f"step {record.event_log_entry.step_key}", passed=False)


def watched_checks(
    instance: dg.DagsterInstance, checks: Sequence[dg.AssetCheckSpec], stage_of: dict[str, str]
) -> list[Watched]:
    """Every check with its last verdicts."""
    return [
        Watched(
            asset=spec.asset_key.to_user_string(),
            check=spec.name,
            stage=stage_of[spec.asset_key.to_user_string()],
            owner=owner_of(stage_of[spec.asset_key.to_user_string()]),
            is_blocking=spec.blocking,
            verdicts=check_history(instance, spec.key),
        )
        for spec in checks
    ]


REPORT_ASSETS = frozenset({FOUNDER_REPORT, SOURCE_REPORT, CHANGE_REPORT, QUALITY_REPORT, RESULTS})


def report_assets(
    before: Sequence[dg.AssetsDefinition], checks: Sequence[dg.AssetChecksDefinition]
) -> list[dg.AssetsDefinition]:
    """The reports over all assets of the stages before, and all checks of a build."""
    stage_of = {s.key.to_user_string(): s.group_name or "" for definition in before for s in definition.specs}
    stage_of |= dict.fromkeys(REPORT_ASSETS, GROUP)
    specs = [spec for definition in checks for spec in definition.check_specs]
    known = [
        f"{spec.asset_key.to_user_string()}: {spec.name}"
        for spec in specs
        if spec.asset_key.to_user_string() not in REPORT_ASSETS
    ]
    return [
        _results_asset(known),
        _report_asset(FOUNDER_REPORT, write_founder),
        _report_asset(SOURCE_REPORT, write_sources),
        _report_asset(CHANGE_REPORT, write_changes),
        _quality_asset(specs, stage_of),
    ]
