"""The sources in Dagster: one asset a file set, one a table, and the snapshot receipt."""

from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.core.assets import asset_spec, preview, receipt_result, table_result, table_spec
from aina_assets.core.engine import Engine
from aina_assets.core.progress import Step, report
from aina_assets.core.storage import sha256_bytes
from aina_assets.core.store import NOT_AVAILABLE, code_version
from aina_assets.sources.catalog import SOURCES, Source
from aina_assets.sources.make import acquire_all, acquire_source, make_file_table, make_table
from aina_assets.sources.receipts import SNAPSHOT, write_snapshot
from aina_assets.sources.tables.files import SOURCE_FILE

GROUP = "sources"
CODE = code_version("core", "sources")


def files_key(source: Source) -> str:
    """The asset of a source's file set."""
    return f"{source.id}_files"


def freshness_of(source: Source) -> dg.FreshnessPolicy | None:
    """Stale once upstream may have published twice since somebody looked; a warning after once."""
    if source.cadence_days is None:
        return None
    return dg.FreshnessPolicy.time_window(
        fail_window=timedelta(days=2 * source.cadence_days), warn_window=timedelta(days=source.cadence_days)
    )


def _files_asset(source: Source) -> dg.AssetsDefinition:
    spec = asset_spec(
        files_key(source),
        f"{source.summary} The file set of one vintage, held against the lock before anybody reads it. "
        f"Published by {source.publisher} at {source.upstream}, {source.cadence}.",
        group=GROUP,
        kinds=(source.kind, "file"),
        code_version=CODE,
        tags={"source": source.id},
        metadata={"upstream": source.upstream, "cadence": source.cadence, "publisher": source.publisher},
        freshness_policy=freshness_of(source),
    )

    @dg.multi_asset(name=spec.key.to_python_identifier(), specs=[spec])
    def acquire_files(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        files = acquire_source(source.id, engine)
        engine.digests.save()
        records = [file.record for file in files.files.values()]
        report(Step(GROUP, spec.key.to_user_string(), len(records), perf_counter() - start))
        return dg.MaterializeResult(
            asset_key=spec.key,
            data_version=dg.DataVersion(sha256_bytes(repr(files.digests()).encode())),
            metadata={
                "dagster/row_count": len(records),
                "vintages": dg.MetadataValue.json(
                    {source.id: files.vintage if files.is_available else NOT_AVAILABLE}
                ),
                "lane": engine.settings.sources.value,
                "bytes": sum(record.bytes for record in records),
                "attribution": "; ".join(sorted({record.attribution for record in records})) or NOT_AVAILABLE,
                "preview": preview(
                    record.model_dump(include={"name", "bytes", "sha256", "licence"}) for record in records
                ),
            },
        )

    return acquire_files


def _table_assets(source: Source) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"{source.id}_tables",
        specs=[
            table_spec(
                contract, group=GROUP, code_version=CODE, deps=[files_key(source)], kinds=(source.kind,)
            )
            for contract in source.contracts
        ],
        can_subset=True,
    )
    def make_tables(
        context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        selected = {key.to_user_string() for key in context.selected_asset_keys}
        files = acquire_source(source.id, engine)
        for contract in source.contracts:
            if contract.name in selected:
                start = perf_counter()
                info, is_made = make_table(source, contract, files, engine)
                report(Step(GROUP, contract.name, info.rows, perf_counter() - start, is_reused=not is_made))
                yield table_result(info, engine.store, is_reused=not is_made)

    return make_tables


@dg.multi_asset(
    name="source_file",
    specs=[
        table_spec(
            SOURCE_FILE,
            group=GROUP,
            code_version=CODE,
            deps=[files_key(source) for source in SOURCES.values()],
        )
    ],
)
def source_file(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The table of source files."""
    start = perf_counter()
    info, is_made = make_file_table(acquire_all(engine), engine)
    report(Step(GROUP, info.name, info.rows, perf_counter() - start, is_reused=not is_made))
    return table_result(info, engine.store, is_reused=not is_made)


@dg.multi_asset(
    name=SNAPSHOT,
    specs=[
        asset_spec(
            SNAPSHOT,
            "What public sources this state rests on: files, bytes, rows, revisions. An in-toto statement "
            "whose subjects are the source files and the tables made from them.",
            group=GROUP,
            kinds=("json", "receipt"),
            code_version=CODE,
            deps=[
                *(files_key(source) for source in SOURCES.values()),
                *(contract.name for source in SOURCES.values() for contract in source.contracts),
            ],
        )
    ],
)
def public_source_snapshot(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The snapshot receipt."""
    start = perf_counter()
    path, predicate = write_snapshot(engine, acquire_all(engine))
    report(Step(GROUP, SNAPSHOT, None, perf_counter() - start))
    figures = predicate.model_dump(include={"lane", "files", "bytes", "rows"})
    return receipt_result(SNAPSHOT, path, figures, {s.source: s.vintage for s in predicate.sources})


ASSETS: list[dg.AssetsDefinition] = [
    *(_files_asset(source) for source in SOURCES.values()),
    *(_table_assets(source) for source in SOURCES.values()),
    source_file,
    public_source_snapshot,
]
