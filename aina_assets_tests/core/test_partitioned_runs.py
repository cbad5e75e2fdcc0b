"""What partitioned tables and their checks lean on in Dagster itself; an upgrade that changes it fails here.

Belongs here: Dagster's behaviour, shown on assets made for the purpose. Does not: the project's own helpers
(see `test_partitioned_assets`).
"""

# Without `from __future__ import annotations`: Dagster refuses a context that is annotated as text.

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from aina_assets_tests.core.recorded import QUIET, materialized, partition_range, partitions_shown, verdicts

KEYS = ("00", "01", "02")
PARTS = dg.StaticPartitionsDefinition(KEYS)
RANGE, SOME = partition_range(KEYS), partition_range(KEYS[1:])
HOLDS = dg.AssetCheckKey(dg.AssetKey("table"), "holds")

Seen = dict[str, Any]


def definitions(seen: Seen, *, gives: str = "result", passes: bool = True) -> dg.Definitions:
    """An asset, a partitioned one made from it, one made from that, and a blocking check by partition.

    Args:
        seen: takes down which keys each step saw.
        gives: what the check's step yields: one "result", or "evaluations", one a partition.
        passes: what it says.
    """

    @dg.multi_asset(specs=[dg.AssetSpec("before", skippable=True)])
    def before(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        seen["before"] = (context.has_partition_key, context.has_partition_key_range)
        return dg.MaterializeResult(asset_key="before")

    @dg.multi_asset(
        specs=[dg.AssetSpec("table", deps=["before"], partitions_def=PARTS, skippable=True)],
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def table(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        seen["table"] = list(context.partition_keys)
        for key in context.partition_keys:
            context.add_asset_metadata({"key": key}, asset_key="table", partition_key=key)
        version = dg.DataVersion(seen.get("version", "v1"))
        return dg.MaterializeResult(asset_key="table", data_version=version, metadata={"of": "all"})

    @dg.multi_asset(
        specs=[dg.AssetSpec("same", deps=["table"], partitions_def=PARTS)],
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def same(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        return dg.MaterializeResult(asset_key="same", data_version=dg.DataVersion("v1"))

    @dg.multi_asset(specs=[dg.AssetSpec("after", deps=["table"])])
    def after() -> dg.MaterializeResult[Any]:
        seen["after"] = True
        return dg.MaterializeResult(asset_key="after")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        spec = dg.AssetCheckSpec("holds", asset="table", partitions_def=PARTS, blocking=True)

    @dg.multi_asset_check(specs=[spec], can_subset=True)
    def checks(
        context: dg.AssetCheckExecutionContext,
    ) -> Iterator[dg.AssetCheckResult | dg.AssetCheckEvaluation]:
        is_partitioned = context.has_partition_key or context.has_partition_key_range
        seen["checks"] = list(context.partition_keys) if is_partitioned else None
        if gives == "result":
            yield dg.AssetCheckResult(passed=passes, asset_key="table", check_name="holds")
        else:
            for key in context.partition_keys:
                yield dg.AssetCheckEvaluation(
                    dg.AssetKey("table"), "holds", passed=passes, partition=key, blocking=True
                )

    everything = dg.AssetSelection.all()
    return dg.Definitions(
        assets=[before, table, same, after],
        asset_checks=[checks],
        jobs=[
            dg.define_asset_job("all", selection=everything),
            dg.define_asset_job("check", selection=dg.AssetSelection.checks(HOLDS)),
        ],
        executor=dg.in_process_executor,
    )


def run(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    tags: Mapping[str, str] | None = None,
    *,
    job: str = "all",
    only: str | None = None,
    key: str | None = None,
) -> dg.ExecuteInProcessResult:
    found = defs.resolve_implicit_global_asset_job_def() if only else defs.resolve_job_def(job)
    return found.execute_in_process(
        instance=instance,
        raise_on_error=False,
        run_config=QUIET,
        tags=dict(tags or {}),
        partition_key=key,
        asset_selection=[dg.AssetKey(only)] if only else None,
    )


def shown(instance: dg.DagsterInstance) -> dict[str, list[str]]:
    return partitions_shown(instance, HOLDS, PARTS)


# --- one run of all partitions


def test_a_range_run_mixes_partitioned_and_plain_assets() -> None:
    seen: Seen = {}
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(definitions(seen), instance, RANGE)
    assert result.success
    # The plain assets' steps see the run's range too: they must not ask for it.
    assert seen == {"before": (False, True), "table": [*KEYS], "checks": [*KEYS], "after": True}
    assert list(materialized(result, "before")) == list(materialized(result, "after")) == [None]
    assert set(materialized(result, "table")) == set(KEYS)


def test_one_result_is_one_materialization_a_partition_with_metadata_of_its_own() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        found = materialized(run(definitions({}), instance, RANGE), "table")
    for key, event in found.items():
        assert {name: value.value for name, value in event.metadata.items()} == {"of": "all", "key": key}
    versions = {(event.tags or {})["dagster/data_version"] for event in found.values()}
    assert versions == {"v1"}, "a step gives one data version for all of its partitions"


def test_a_run_without_a_partition_fails_at_the_partitioned_asset() -> None:
    seen: Seen = {}
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(definitions(seen), instance)
    assert not result.success
    assert [event.step_key for event in result.all_events if event.is_step_failure] == ["table"]
    assert set(seen) == {"before"}


def test_a_partitioned_check_gives_one_verdict_of_no_partition_in_a_range_run() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(definitions({}), instance, RANGE)
        assert verdicts(result) == [(None, True)]
        # The run announced a verdict on each partition; that none came shows as skipped.
        assert shown(instance) == {"SKIPPED": [*KEYS]}


def test_evaluations_of_partitions_can_be_yielded_in_a_range_run() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(definitions({}, gives="evaluations"), instance, RANGE)
        assert result.success
        assert sorted(verdicts(result), key=str) == [(key, True) for key in KEYS]
        # Not told which materialization they speak of, they count as of an older one.
        assert shown(instance) == {}


def test_evaluations_that_block_stop_what_lies_downstream() -> None:
    seen: Seen = {}
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(definitions(seen, gives="evaluations", passes=False), instance, SOME)
    assert not result.success
    assert "after" not in seen


# --- one partition


def test_a_run_of_one_partition_gives_a_verdict_on_it_alone() -> None:
    seen: Seen = {}
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(definitions(seen), instance, only="table", key="01")
        assert result.success
        assert set(seen) == {"table", "checks"}
        assert list(materialized(result, "table")) == ["01"]
        assert verdicts(result) == [("01", True)]
        assert shown(instance) == {"SUCCEEDED": ["01"]}


def test_the_check_alone_runs_on_a_partition_or_on_none() -> None:
    seen: Seen = {}
    with dg.DagsterInstance.ephemeral() as instance:
        defs = definitions(seen)
        assert verdicts(run(defs, instance, job="check")) == [(None, True)]
        assert seen["checks"] is None
        assert verdicts(run(defs, instance, {"dagster/partition": "02"}, job="check")) == [("02", True)]
        assert set(seen) == {"checks"}


@pytest.mark.parametrize(("version", "stale"), [("v1", []), ("v2", ["01"])])
def test_downstream_is_stale_where_a_partitions_data_version_changed(version: str, stale: list[str]) -> None:
    seen: Seen = {}
    with dg.DagsterInstance.ephemeral() as instance:
        defs = definitions(seen)
        run(defs, instance, RANGE)
        seen["version"] = version
        run(defs, instance, only="table", key="01")
        resolver = CachingStaleStatusResolver(
            instance, defs.resolve_asset_graph(), LoadingContextForTest(instance)
        )
        found = {key: resolver.get_status(dg.AssetKey("same"), key).value for key in KEYS}
    assert [key for key, status in found.items() if status == "STALE"] == stale


def test_partitioned_checks_are_in_preview() -> None:
    with pytest.warns(dg.PreviewWarning):
        dg.AssetCheckSpec("holds", asset="table", partitions_def=PARTS)
