"""Adjudication in Dagster: rules, prompts, two reviewers, their consensus by batch; one state."""

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.adjudication.make_receipt import write_adjudication
from aina_assets.adjudication.make_reviews import Made, ReviewStage
from aina_assets.adjudication.make_state import StateStage
from aina_assets.adjudication.protocol import SEATS, Seat
from aina_assets.adjudication.receipts import RECEIPT
from aina_assets.adjudication.report import REPORT, write_report
from aina_assets.adjudication.stage import CODE_FOLDERS, AdjudicationStage
from aina_assets.adjudication.tables import (
    REVIEW_BATCH,
    REVIEW_CONFUSION,
    REVIEW_CONSENSUS,
    REVIEW_PROMPT,
    REVIEW_WAVE,
    TITLE_RULE_DECISION,
    TITLE_STATE,
    VERDICTS,
)
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
from aina_assets.core.storage import sha256_file
from aina_assets.core.store import code_version
from aina_assets.titles.receipts import COVERAGE
from aina_assets.titles.tables import (
    AUTHORITY_TITLE,
    TITLE,
    TITLE_EXACT_CANDIDATE,
    TITLE_GOLD,
    TITLE_LEVEL,
    TITLE_RETRIEVED_CANDIDATE,
    TITLE_ROUTE,
)

GROUP = "adjudication"
CODE = code_version(*CODE_FOLDERS)
BATCHES = title_batch_partitions(process_settings().title_batches)
# What is counted of a wave, and plotted over time in the UI.
CHARTED = ("candidates", "promoted", "excluded", "kept", "repaired", "tokens_in", "tokens_out", "cost_usd")


class AskConfig(dg.Config):
    """Whether reviewers are asked that cost money or time; a build never does."""

    is_asking_all: bool = False


def _spec(contract: TableContract, deps: Sequence[str]) -> dg.AssetSpec:
    is_partitioned = contract.partitioned_by is not None
    return table_spec(
        contract,
        group=GROUP,
        code_version=CODE,
        deps=deps,
        partitions_def=BATCHES if is_partitioned else None,
    )


@dg.multi_asset(
    name=TITLE_RULE_DECISION.name,
    specs=[
        _spec(TITLE_RULE_DECISION, [TITLE.name, TITLE_ROUTE.name, TITLE_LEVEL.name, AUTHORITY_TITLE.name])
    ],
    backfill_policy=IN_ONE_STEP,
)
def title_rule_decision(
    context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
) -> dg.MaterializeResult[Any]:
    """What deterministic rules settle in each batch."""
    stage = ReviewStage(AdjudicationStage(engine))
    return _partitions(context, engine, TITLE_RULE_DECISION, stage.title_rule_decision)


@dg.multi_asset(
    name=REVIEW_PROMPT.name,
    specs=[
        _spec(
            REVIEW_PROMPT,
            [
                TITLE.name,
                TITLE_ROUTE.name,
                TITLE_LEVEL.name,
                TITLE_EXACT_CANDIDATE.name,
                TITLE_RETRIEVED_CANDIDATE.name,
                TITLE_GOLD.name,
                TITLE_RULE_DECISION.name,
                "soc_group",
            ],
        )
    ],
    backfill_policy=IN_ONE_STEP,
)
def review_prompt(
    context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
) -> dg.MaterializeResult[Any]:
    """What reviewers are asked of each batch."""
    return _partitions(context, engine, REVIEW_PROMPT, ReviewStage(AdjudicationStage(engine)).review_prompt)


def _reviewer_asset(seat: Seat) -> dg.AssetsDefinition:
    contract = VERDICTS[seat]

    @dg.multi_asset(
        name=contract.name, specs=[_spec(contract, [REVIEW_PROMPT.name])], backfill_policy=IN_ONE_STEP
    )
    def review_verdict(
        context: dg.AssetExecutionContext, config: AskConfig, engine: dg.ResourceParam[Engine]
    ) -> dg.MaterializeResult[Any]:
        stage = ReviewStage(AdjudicationStage(engine))

        def make(key: str) -> Made:
            asked = stage.ask(key, seat, is_asking_all=config.is_asking_all)
            if asked.fault is not None:
                # The queue stays and the check on it says so; what was answered is kept.
                context.log.warning("batch %s, %s: %s", key, seat, asked.fault)
            return stage.review_verdict(seat, key)

        return _partitions(context, engine, contract, make)

    return review_verdict


@dg.multi_asset(
    name=REVIEW_CONSENSUS.name,
    specs=[_spec(REVIEW_CONSENSUS, [contract.name for contract in VERDICTS.values()])],
    backfill_policy=IN_ONE_STEP,
)
def review_consensus(
    context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
) -> dg.MaterializeResult[Any]:
    """What the reviewers together decide in each batch; what is accepted is merged."""
    stage = ReviewStage(AdjudicationStage(engine))
    new = {"decisions": 0, "merges": 0}

    def make(key: str) -> Made:
        made, state = stage.review_consensus(key)
        if state.appended is not None and state.appended.is_new and state.consensus is not None:
            new["decisions"] += len(state.consensus.decisions)
            new["merges"] += 1
        return made

    result = _partitions(context, engine, REVIEW_CONSENSUS, make)
    return result._replace(
        metadata={
            **(result.metadata or {}),
            "new_decisions": new["decisions"],
            "new_merges": new["merges"],
        }
    )


@dg.multi_asset(
    name="review_waves",
    specs=[
        _spec(contract, [REVIEW_PROMPT.name, REVIEW_CONSENSUS.name])
        for contract in (REVIEW_BATCH, REVIEW_WAVE, REVIEW_CONFUSION)
    ],
)
def review_waves(engine: dg.ResourceParam[Engine]) -> Iterator[dg.MaterializeResult[Any]]:
    """How batches and waves went."""
    stage = StateStage(AdjudicationStage(engine))
    for contract, make in (
        (REVIEW_BATCH, stage.review_batch),
        (REVIEW_WAVE, stage.review_wave),
        (REVIEW_CONFUSION, stage.review_confusion),
    ):
        start = perf_counter()
        made = make()
        result = _table(engine, contract, made, start)
        if contract is REVIEW_WAVE:
            rows = engine.store.read(REVIEW_WAVE.name, CHARTED).to_pylist()
            charted = {name: sum(row[name] or 0 for row in rows) for name in CHARTED}
            result = result._replace(metadata={**(result.metadata or {}), **charted})
        yield result


@dg.multi_asset(
    name=TITLE_STATE.name,
    specs=[_spec(TITLE_STATE, [TITLE_ROUTE.name, TITLE_RULE_DECISION.name, REVIEW_CONSENSUS.name])],
)
def title_state(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """One state a title, and only if the account closes."""
    start = perf_counter()
    return _table(engine, TITLE_STATE, StateStage(AdjudicationStage(engine)).title_state(), start)


@dg.multi_asset(
    name=RECEIPT,
    specs=[
        asset_spec(
            RECEIPT,
            "The closed account of adjudication, and the merges and tables that it stands on. An in-toto "
            "statement.",
            group=GROUP,
            kinds=("json", "receipt"),
            code_version=CODE,
            deps=[
                TITLE_STATE.name,
                TITLE_ROUTE.name,
                TITLE_RULE_DECISION.name,
                REVIEW_PROMPT.name,
                COVERAGE,
                REVIEW_BATCH.name,
                REVIEW_WAVE.name,
            ],
        )
    ],
)
def adjudication_receipt(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The receipt of adjudication."""
    start = perf_counter()
    path, predicate = write_adjudication(StateStage(AdjudicationStage(engine)))
    report(Step(GROUP, RECEIPT, None, perf_counter() - start))
    vintages = engine.store.info(TITLE_STATE.name).provenance.vintages
    return receipt_result(RECEIPT, path, predicate.figures(), vintages)


@dg.multi_asset(
    name=REPORT,
    specs=[
        asset_spec(
            REPORT,
            "A page on adjudication for people: the account, the waves, and what is left with examples.",
            group=GROUP,
            kinds=("html",),
            code_version=CODE,
            deps=[
                TITLE_STATE.name,
                TITLE_ROUTE.name,
                TITLE_RULE_DECISION.name,
                REVIEW_BATCH.name,
                REVIEW_WAVE.name,
                REVIEW_CONFUSION.name,
            ],
        )
    ],
)
def adjudication_report(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The page on adjudication."""
    start = perf_counter()
    stage = StateStage(AdjudicationStage(engine))
    path, titles = write_report(stage)
    report(Step(GROUP, REPORT, None, perf_counter() - start))
    account = stage.account()
    return dg.MaterializeResult(
        asset_key=REPORT,
        data_version=dg.DataVersion(sha256_file(path)),
        metadata={
            "dagster/row_count": titles,
            "dagster/uri": uri(path),
            "page": dg.MetadataValue.path(path),
            "bytes": path.stat().st_size,
            "vintages": dg.MetadataValue.json(dict(engine.store.info(TITLE_STATE.name).provenance.vintages)),
            "preview": preview(
                {"residual, by function": name, "titles": count}
                for name, count in account.residual_by_function.items()
            ),
        },
    )


def _partitions(
    context: dg.AssetExecutionContext, engine: Engine, contract: TableContract, make: Callable[[str], Made]
) -> dg.MaterializeResult[Any]:
    start = perf_counter()
    engine.store.drop_partitions_not_in(contract.name, BATCHES.get_partition_keys())
    parts = [make(key) for key in context.partition_keys]
    is_reused = not any(is_made for _, is_made in parts)
    rows = sum(info.rows for info, _ in parts)
    report(Step(GROUP, contract.name, rows, perf_counter() - start, is_reused=is_reused))
    return partitions_result(context, parts, engine.store)


def _table(engine: Engine, contract: TableContract, made: Made, start: float) -> dg.MaterializeResult[Any]:
    info, is_made = made
    report(Step(GROUP, contract.name, info.rows, perf_counter() - start, is_reused=not is_made))
    return table_result(info, engine.store, is_reused=not is_made)


ASSETS: list[dg.AssetsDefinition] = [
    title_rule_decision,
    review_prompt,
    *(_reviewer_asset(seat) for seat in SEATS),
    review_consensus,
    review_waves,
    title_state,
    adjudication_receipt,
    adjudication_report,
]
