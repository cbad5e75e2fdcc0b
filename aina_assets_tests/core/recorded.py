"""What a run left in Dagster's records, as the UI would show it. It knows Dagster; it asserts nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import dagster as dg
from dagster._core.loader import LoadingContextForTest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord
from dagster._core.storage.asset_check_state import AssetCheckState

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def partition_range(keys: Sequence[str]) -> dict[str, str]:
    """The tags of a run from the first of the keys to the last."""
    start, end = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    return {start: keys[0], end: keys[-1]}


def materialized(result: dg.ExecuteInProcessResult, name: str) -> dict[str | None, dg.AssetMaterialization]:
    """An asset's materializations in a run, by partition.

    Raises:
        ValueError: a partition was materialized twice.
    """
    events = [e.step_materialization_data.materialization for e in result.all_events if _is_made(e)]
    found = [event for event in events if event.asset_key == dg.AssetKey(name)]
    if len({event.partition for event in found}) < len(found):
        raise ValueError(f"{name}: a partition was materialized twice")
    return {event.partition: event for event in found}


def _is_made(event: dg.DagsterEvent) -> bool:
    return event.is_step_materialization


def verdicts(result: dg.ExecuteInProcessResult, check: str | None = None) -> list[tuple[str | None, bool]]:
    """A run's verdicts in the order in which they were given: partition, passed."""
    given = result.get_asset_check_evaluations()
    return [(e.partition, e.passed) for e in given if check in (None, e.check_name)]


def partitions_shown(
    instance: dg.DagsterInstance, check: dg.AssetCheckKey, parts: dg.PartitionsDefinition[str]
) -> dict[str, list[str]]:
    """The tab of a check's partitions: each status that occurs, with its partitions."""
    state = asyncio.run(AssetCheckState.gen(LoadingContextForTest(instance), (check, parts)))
    subsets = state.subsets if state is not None else {}
    found = {status.value: subset.subset_value.get_partition_keys() for status, subset in subsets.items()}
    return {status: sorted(keys) for status, keys in found.items() if keys}


def verdict_shown(instance: dg.DagsterInstance, check: dg.AssetCheckKey) -> tuple[str, str | None]:
    """What the list of checks shows of a check: its latest record's status and partition."""
    record = asyncio.run(AssetCheckExecutionRecord.gen(LoadingContextForTest(instance), check))
    if record is None:
        return "NONE", None
    return record.status.value, record.partition
