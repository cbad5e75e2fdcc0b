"""The titles in Dagster: inventory, evidence by title batch, certificates, routes, and one receipt."""

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.core.assets import (
    IN_ONE_STEP,
    asset_spec,
    partitions_result,
    preview,
    receipt_result,
    table_result,
    table_spec,
    title_batch_partitions,
    uri,
)
from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.progress import Step, report
from aina_assets.core.settings import process_settings
from aina_assets.core.store import code_version
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.titles.authority import TITLE_COLUMNS
from aina_assets.titles.batches import make_evidence, make_routes, make_titles
from aina_assets.titles.make import CODE_FOLDERS, EVIDENCE, MODEL, MODEL_INPUTS, Made, TitleStage
from aina_assets.titles.make_routes import RouteStage
from aina_assets.titles.receipts import COVERAGE, write_coverage
from aina_assets.titles.tables import (
    AUTHORITY_TITLE,
    TITLE,
    TITLE_CALIBRATION,
    TITLE_CERTIFICATE,
    TITLE_COVERAGE,
    TITLE_FORM,
    TITLE_GOLD,
    TITLE_LEVEL,
    TITLE_ROUTE,
)
from aina_assets.warehouse.receipts import AUTHORITY

GROUP = "titles"
CODE = code_version(*CODE_FOLDERS)
BATCHES = title_batch_partitions(process_settings().title_batches)

Maker = Callable[[Engine], Made]


def _table_asset(contract: TableContract, deps: Sequence[str], make: Maker) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=contract.name,
        specs=[table_spec(contract, group=GROUP, code_version=CODE, deps=deps)],
    )
    def make_table(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        info, is_made = make(engine)
        report(Step(GROUP, contract.name, info.rows, perf_counter() - start, is_reused=not is_made))
        return table_result(info, engine.store, is_reused=not is_made)

    return make_table


@dg.multi_asset(
    name=MODEL,
    specs=[
        asset_spec(
            MODEL,
            "The model that says which occupations a title plausibly names: fitted to every authority title "
            "and task, calibrated on titles held out of most of the training.",
            group=GROUP,
            kinds=("numpy",),
            code_version=CODE,
            deps=MODEL_INPUTS,
        )
    ],
)
def title_model(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The model's file."""
    start = perf_counter()
    stage = TitleStage(engine)
    sha256, is_made = stage.title_model()
    report(Step(GROUP, MODEL, None, perf_counter() - start, is_reused=not is_made))
    inputs = [engine.store.info(name) for name in MODEL_INPUTS]
    return dg.MaterializeResult(
        asset_key=MODEL,
        data_version=dg.DataVersion(sha256),
        metadata={
            "dagster/row_count": engine.store.info(AUTHORITY_TITLE.name).rows,
            "dagster/uri": uri(stage.model_path),
            "bytes": stage.model_path.stat().st_size,
            "sha256": sha256,
            "is_reused": not is_made,
            "vintages": dg.MetadataValue.json(
                {source: vintage for info in inputs for source, vintage in info.provenance.vintages.items()}
            ),
            "preview": preview(
                {"input": info.name, "rows": info.rows, "sha256": info.sha256} for info in inputs
            ),
        },
    )


@dg.multi_asset(
    name=TITLE.name,
    specs=[table_spec(TITLE, group=GROUP, code_version=CODE, deps=[TITLE_FORM.name], partitions_def=BATCHES)],
    backfill_policy=IN_ONE_STEP,
)
def title(context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The titles of each batch."""
    return _partitions(context, engine, TITLE, make_titles)


@dg.multi_asset(
    name="title_evidence",
    specs=[
        table_spec(
            contract,
            group=GROUP,
            code_version=CODE,
            deps=[TITLE.name, AUTHORITY_TITLE.name, MODEL],
            partitions_def=BATCHES,
        )
        for contract in EVIDENCE
    ],
    backfill_policy=IN_ONE_STEP,
)
def title_evidence(
    context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
) -> Iterator[dg.MaterializeResult[Any]]:
    """The three tables of evidence of each batch, in one pass over its titles."""
    start = perf_counter()
    made = make_evidence(engine, context.partition_keys)
    for contract in EVIDENCE:
        engine.store.drop_partitions_not_in(contract.name, BATCHES.get_partition_keys())
        parts = [tables[contract.name] for tables in made]
        _report(contract.name, parts, perf_counter() - start)
        yield partitions_result(context, parts, engine.store)


@dg.multi_asset(
    name=TITLE_ROUTE.name,
    specs=[
        table_spec(
            TITLE_ROUTE,
            group=GROUP,
            code_version=CODE,
            deps=[TITLE.name, TITLE_LEVEL.name, TITLE_CALIBRATION.name, TITLE_CERTIFICATE.name],
            partitions_def=BATCHES,
        )
    ],
    backfill_policy=IN_ONE_STEP,
)
def title_route(
    context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
) -> dg.MaterializeResult[Any]:
    """The routes of each batch."""
    return _partitions(context, engine, TITLE_ROUTE, make_routes)


@dg.multi_asset(
    name=COVERAGE,
    specs=[
        asset_spec(
            COVERAGE,
            "How many titles have which route, under which certificates and policies. An in-toto statement "
            "over the titles' tables.",
            group=GROUP,
            kinds=("json", "receipt"),
            code_version=CODE,
            deps=[
                TITLE_COVERAGE.name,
                TITLE_CERTIFICATE.name,
                TITLE_ROUTE.name,
                TITLE_FORM.name,
                SNAPSHOT,
                AUTHORITY,
            ],
        )
    ],
)
def title_coverage_receipt(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The coverage receipt."""
    start = perf_counter()
    path, predicate = write_coverage(engine)
    report(Step(GROUP, COVERAGE, None, perf_counter() - start))
    vintages = engine.store.info(TITLE_COVERAGE.name).provenance.vintages
    return receipt_result(COVERAGE, path, predicate.figures(), vintages)


def _partitions(
    context: dg.AssetExecutionContext,
    engine: Engine,
    contract: TableContract,
    make: Callable[[Engine, Sequence[str]], list[Made]],
) -> dg.MaterializeResult[Any]:
    start = perf_counter()
    engine.store.drop_partitions_not_in(contract.name, BATCHES.get_partition_keys())
    parts = make(engine, context.partition_keys)
    _report(contract.name, parts, perf_counter() - start)
    return partitions_result(context, parts, engine.store)


def _report(name: str, parts: Sequence[Made], seconds: float) -> None:
    is_reused = not any(is_made for _, is_made in parts)
    report(Step(GROUP, name, sum(info.rows for info, _ in parts), seconds, is_reused=is_reused))


def _routes(engine: Engine) -> RouteStage:
    return RouteStage(TitleStage(engine))


ASSETS: list[dg.AssetsDefinition] = [
    _table_asset(AUTHORITY_TITLE, tuple(TITLE_COLUMNS), lambda engine: TitleStage(engine).authority_title()),
    title_model,
    _table_asset(TITLE_FORM, ("title_list",), lambda engine: TitleStage(engine).title_form()),
    title,
    title_evidence,
    _table_asset(TITLE_GOLD, (TITLE.name,), lambda engine: _routes(engine).title_gold()),
    _table_asset(
        TITLE_CALIBRATION,
        (TITLE_GOLD.name, TITLE_LEVEL.name, "soc_group"),
        lambda engine: _routes(engine).title_calibration(),
    ),
    _table_asset(
        TITLE_CERTIFICATE,
        (TITLE_GOLD.name, TITLE_LEVEL.name, TITLE_CALIBRATION.name, "soc_group"),
        lambda engine: _routes(engine).title_certificate(),
    ),
    title_route,
    _table_asset(TITLE_COVERAGE, (TITLE_ROUTE.name,), lambda engine: _routes(engine).title_coverage()),
    title_coverage_receipt,
]
