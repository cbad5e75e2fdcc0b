"""The warehouse in Dagster: one asset a derived table, the product file, and two receipts."""

from time import perf_counter
from typing import Any

import dagster as dg
from dagster_duckdb import DuckDBResource

from aina_assets.core.assets import asset_spec, preview, receipt_result, table_result, table_spec, uri
from aina_assets.core.engine import Engine
from aina_assets.core.progress import Step, report
from aina_assets.core.receipts import BASE_FIELDS
from aina_assets.core.storage import atomic_path
from aina_assets.core.store import code_version
from aina_assets.sources.assets import files_key
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.make import acquire_source
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.warehouse.derive import make_derived
from aina_assets.warehouse.product import (
    fill,
    is_current,
    product_provenance,
    remember,
    view_names,
)
from aina_assets.warehouse.receipts import AUTHORITY, FACT_FAMILIES, HUB_MAP, write_authority, write_hub_map
from aina_assets.warehouse.tables import DERIVED, Derived, product_contracts

GROUP = "warehouse"
PRODUCT = "warehouse"
CODE = code_version("core", "warehouse")
HUB_SOURCES = ("economic_index", "gdpval")


def _derived_asset(derived: Derived) -> dg.AssetsDefinition:
    name = derived.contract.name

    @dg.multi_asset(
        name=name,
        specs=[
            table_spec(
                derived.contract, group=GROUP, code_version=CODE, deps=derived.inputs, kinds=("duckdb", "sql")
            )
        ],
    )
    def make_derived_table(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        settings = engine.settings
        info, is_made = make_derived(
            derived,
            engine.store,
            memory_limit=settings.duckdb_memory_limit,
            threads=settings.duckdb_threads,
        )
        report(Step(GROUP, name, info.rows, perf_counter() - start, is_reused=not is_made))
        return table_result(info, engine.store, is_reused=not is_made)

    return make_derived_table


@dg.multi_asset(
    name="warehouse_file",
    specs=[
        asset_spec(
            PRODUCT,
            "The DuckDB file with every table, the views that people ask first, and the data dictionary. "
            "It is built beside the old one and swapped in; readers open it read-only. "
            f"Views: {', '.join(view_names())}.",
            group=GROUP,
            kinds=("duckdb",),
            code_version=CODE,
            deps=[contract.name for contract in product_contracts()],
        )
    ],
)
def warehouse(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The product file."""
    start = perf_counter()
    contracts = product_contracts()
    infos = [engine.store.info(contract.name) for contract in contracts]
    provenance = product_provenance(infos)
    target = engine.data.warehouse
    memory = engine.data.cache / "product.json"
    is_reused = is_current(target, provenance, memory, engine.digests)
    if not is_reused:
        with atomic_path(target) as temporary:
            duckdb = DuckDBResource(
                database=str(temporary),
                connection_config={
                    "memory_limit": engine.settings.duckdb_memory_limit,
                    "threads": engine.settings.duckdb_threads,
                    # Tables are looked up, not paged through: their order is not worth the memory.
                    "preserve_insertion_order": False,
                },
            )
            with duckdb.get_connection() as connection:
                # The resource keeps its write lock when the body raises, so the connection is closed here.
                try:
                    fill(connection, engine.store, contracts, provenance)
                finally:
                    connection.close()
        remember(target, provenance, memory, engine.digests)
    rows = sum(info.rows for info in infos)
    report(Step(GROUP, PRODUCT, rows, perf_counter() - start, is_reused=is_reused))
    return dg.MaterializeResult(
        asset_key=PRODUCT,
        # The file's own bytes vary with DuckDB's bookkeeping; what it was filled from does not.
        data_version=dg.DataVersion(provenance.fingerprint),
        metadata={
            "dagster/row_count": rows,
            "dagster/uri": uri(target),
            "bytes": target.stat().st_size,
            "tables": len(infos),
            "views": len(view_names()),
            "vintages": dg.MetadataValue.json(dict(provenance.vintages)),
            "is_reused": is_reused,
            "preview": preview(
                {"table": info.name, "rows": info.rows, "bytes": info.bytes} for info in infos
            ),
        },
    )


@dg.multi_asset(
    name=AUTHORITY,
    specs=[
        asset_spec(
            AUTHORITY,
            "Which source has authority over each family of facts, how many rows it has, and what is not "
            "available. An in-toto statement over the tables that hold the facts.",
            group=GROUP,
            kinds=("json", "receipt"),
            code_version=CODE,
            deps=sorted({SNAPSHOT, *(table for _, lanes in FACT_FAMILIES for _, table in lanes)}),
        )
    ],
)
def source_authority(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The authority receipt."""
    start = perf_counter()
    path, predicate = write_authority(engine)
    report(Step(GROUP, AUTHORITY, None, perf_counter() - start))
    figures = {f.family: f"{f.rows} rows of {f.authority} {f.vintage}" for f in predicate.families}
    return receipt_result(AUTHORITY, path, figures, {f.authority: f.vintage for f in predicate.families})


@dg.multi_asset(
    name=HUB_MAP,
    specs=[
        asset_spec(
            HUB_MAP,
            "What the two Hub sources gave: files verified at the locked commit, and the figures made of "
            "them. An in-toto statement over the Hub files and the tables.",
            group=GROUP,
            kinds=("json", "receipt", "huggingface"),
            code_version=CODE,
            deps=[
                *(files_key(SOURCES[source]) for source in HUB_SOURCES),
                *("aei_job_exposure", "aei_legacy_wage", "gdpval_task", "gdpval_rubric_item"),
                "soc_mapped_entry",
                SNAPSHOT,
            ],
        )
    ],
)
def hub_runtime_map(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The Hub receipt."""
    start = perf_counter()
    hub_files = {source: acquire_source(source, engine) for source in HUB_SOURCES}
    path, predicate = write_hub_map(engine, hub_files)
    report(Step(GROUP, HUB_MAP, None, perf_counter() - start))
    figures = predicate.model_dump(exclude={"datasets", *BASE_FIELDS})
    return receipt_result(HUB_MAP, path, figures, {s: files.vintage for s, files in hub_files.items()})


ASSETS: list[dg.AssetsDefinition] = [
    *(_derived_asset(derived) for derived in DERIVED.values()),
    warehouse,
    source_authority,
    hub_runtime_map,
]
