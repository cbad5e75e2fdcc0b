"""How tables and receipts look in Dagster: one spec and one set of metadata for all stages.

Belongs here: the mapping from contracts, table infos and receipts to Dagster's words. Does not: any
stage's own assets.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from aina_assets.core.contracts import SAMPLE_ROWS, TableContract
from aina_assets.core.settings import PROJECT_ROOT, title_batch_keys
from aina_assets.core.storage import sha256_bytes
from aina_assets.core.store import TableInfo, TableStore

# Who is asked about what a stage makes: the reviewers where titles are decided, the founders where the
# company speaks, else the engineers.
OWNER = "team:engine"
OWNERS = {
    "titles": "team:review",
    "adjudication": "team:review",
    "gates": "team:founders",
    "reports": "team:founders",
}
PREVIEW_TEXT_CHARACTERS = 60
ORIGIN_COLUMNS = ("vintage", "source_file", "source_row")
ROW_COUNT, PARTITION_ROW_COUNT = "dagster/row_count", "dagster/partition_row_count"
# All partitions in one step, in a build and in the UI's back-fill: 32 runs cost 5 minutes, one some seconds.
IN_ONE_STEP = dg.BackfillPolicy.single_run()


@cache
def title_batch_partitions(count: int) -> dg.StaticPartitionsDefinition:
    """The partitions of what is made by title batch; `count` is the setting `title_batches`."""
    return dg.StaticPartitionsDefinition(title_batch_keys(count))


def owner_of(stage: str) -> str:
    """Who looks after a stage's assets and checks."""
    return OWNERS.get(stage, OWNER)


def asset_spec(
    key: str,
    description: str,
    *,
    group: str,
    kinds: Iterable[str],
    code_version: str,
    deps: Iterable[str] = (),
    metadata: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    is_skippable: bool = False,
    partitions_def: dg.PartitionsDefinition[str] | None = None,
    freshness_policy: dg.FreshnessPolicy | None = None,
    automation_condition: dg.AutomationCondition[Any] | None = None,
) -> dg.AssetSpec:
    """An asset's spec with all that the project asks of every asset."""
    return dg.AssetSpec(
        key,
        description=description,
        group_name=group,
        kinds=set(kinds),
        owners=[owner_of(group)],
        code_version=code_version,
        deps=list(deps),
        metadata=dict(metadata or {}),
        tags={"stage": group, **(tags or {})},
        skippable=is_skippable,
        partitions_def=partitions_def,
        freshness_policy=freshness_policy,
        automation_condition=automation_condition,
    )


def table_spec(
    contract: TableContract,
    *,
    group: str,
    code_version: str,
    deps: Iterable[str],
    kinds: Iterable[str] = (),
    partitions_def: dg.PartitionsDefinition[str] | None = None,
) -> dg.AssetSpec:
    """A table's spec; its column schema is the contract's.

    Args:
        partitions_def: the partitions of a table whose contract says that it is partitioned.

    Raises:
        ContractError: it is partitioned and the contract says it is not, or the other way round.
    """
    contract.check_partition(None if partitions_def is None else "any")
    references = [f"{', '.join(r.columns)} -> {r.table}" for r in contract.references]
    description = " ".join(
        (
            f"{contract.description} One row is {contract.grain}; key: {', '.join(contract.key)}.",
            *([f"References: {'; '.join(references)}."] if references else []),
            *([f"Partitioned by {contract.partitioned_by}."] if contract.partitioned_by else []),
        )
    )
    return asset_spec(
        contract.name,
        description,
        group=group,
        kinds=("parquet", *kinds),
        code_version=code_version,
        deps=deps,
        metadata={"dagster/column_schema": column_schema(contract)},
        tags={"source": contract.source},
        is_skippable=True,
        partitions_def=partitions_def,
    )


def with_code_references(definitions: Iterable[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
    """The definitions, each leading to the lines that make it. In beta, so known here alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        linked = dg.with_source_code_references(list(definitions))
    return [definition for definition in linked if isinstance(definition, dg.AssetsDefinition)]


def column_schema(contract: TableContract) -> dg.TableSchema:
    """Dagster's column schema of a contract."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                str(column.type),
                description=column.description,
                constraints=dg.TableColumnConstraints(
                    nullable=column.is_nullable,
                    unique=contract.key == (column.name,),
                    other=[column.rule] if column.rule else [],
                ),
            )
            for column in contract.columns
        ]
    )


def table_result(info: TableInfo, store: TableStore, *, is_reused: bool) -> dg.MaterializeResult[Any]:
    """A table's materialization: counts, place, origin, preview, and its digest as data version."""
    return dg.MaterializeResult(
        asset_key=info.name,
        data_version=dg.DataVersion(info.sha256),
        metadata={ROW_COUNT: info.rows, **_file_metadata(info, store, is_reused=is_reused)},
    )


def partitions_result(
    context: dg.AssetExecutionContext, parts: Iterable[tuple[TableInfo, bool]], store: TableStore
) -> dg.MaterializeResult[Any]:
    """The materialization of the partitions of one table that this step was asked for.

    Dagster records one materialization a partition, each with what is told of that partition here. The
    data version is the whole table's in all of them, since Dagster takes but one a step: a partition made
    anew alone, with the same rows, keeps it, and nothing downstream counts as stale.

    Args:
        parts: each partition's file, and whether it was made anew.
    """
    made = list(parts)
    (name,) = {info.name for info, _ in made}
    for info, is_made in made:
        told = {PARTITION_ROW_COUNT: info.rows, **_file_metadata(info, store, is_reused=not is_made)}
        context.add_asset_metadata(told, asset_key=name, partition_key=info.partition)
    standing = store.infos(name)
    return dg.MaterializeResult(
        asset_key=name,
        data_version=dg.DataVersion(store.partitioned_digest(name)),
        metadata={ROW_COUNT: sum(info.rows for info in standing), "partitions": len(standing)},
    )


def _file_metadata(info: TableInfo, store: TableStore, *, is_reused: bool) -> dict[str, Any]:
    rows = store.head(info.name, SAMPLE_ROWS, info.partition)
    return {
        "dagster/uri": uri(info.path),
        "bytes": info.bytes,
        "sha256": info.sha256,
        "vintages": dg.MetadataValue.json(dict(info.provenance.vintages)),
        "inputs": dg.MetadataValue.json(dict(info.provenance.inputs)),
        "is_reused": is_reused,
        "preview": preview(_origin_last(row) for row in rows),
    }


def preview(rows: Iterable[Mapping[str, Any]]) -> dg.TableMetadataValue:
    """Rows as a table that the UI shows in place."""
    records = [dg.TableRecord({name: _cell(value) for name, value in row.items()}) for row in rows]
    columns = list(dict.fromkeys(name for record in records for name in record.data))
    complete = [dg.TableRecord({name: r.data.get(name) for name in columns}) for r in records]
    return dg.MetadataValue.table(
        records=complete,
        # Text throughout: the records mix types, and the UI shows them alike.
        schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in columns or ["(no rows)"]]),
    )


def receipt_result(
    name: str, path: Path, figures: Mapping[str, Any], vintages: Mapping[str, str]
) -> dg.MaterializeResult[Any]:
    """A receipt's materialization: where it is, what it says, of which vintages, its digest."""
    content = path.read_bytes()
    statement, sha256 = json.loads(content), sha256_bytes(content)
    return dg.MaterializeResult(
        asset_key=name,
        data_version=dg.DataVersion(sha256),
        metadata={
            ROW_COUNT: len(statement["subject"]),
            "dagster/uri": uri(path),
            "bytes": len(content),
            "sha256": sha256,
            "vintages": dg.MetadataValue.json(dict(vintages)),
            "preview": preview([{"figure": key, "value": value} for key, value in figures.items()]),
            "statement": dg.MetadataValue.json(statement["predicate"]),
        },
    )


def _origin_last(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with what it says before where it stands."""
    return {
        **{name: value for name, value in row.items() if name not in ORIGIN_COLUMNS},
        **{name: row[name] for name in ORIGIN_COLUMNS if name in row},
    }


def uri(path: Path) -> str:
    """The path as people should see it: relative to the project where it lies inside."""
    return os.path.relpath(path, PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else str(path)


def _cell(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= PREVIEW_TEXT_CHARACTERS else text[: PREVIEW_TEXT_CHARACTERS - 1] + "…"
