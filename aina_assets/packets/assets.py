"""Packets in Dagster: tasks, roles, titles, the quality gate, the review, the graph, and one receipt."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
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
from aina_assets.packets import serviceable as seam
from aina_assets.packets.evidence.rows import INPUTS
from aina_assets.packets.graph.make import (
    EDGE_INPUTS,
    FILE_TABLES,
    NODE_INPUTS,
    graph_file,
    graph_table,
    view_names,
)
from aina_assets.packets.make import (
    CODE_FOLDERS,
    IMPORTANCE_INPUTS,
    LISTS,
    NEARNESS_INPUTS,
    SIGNAL_INPUTS,
    Made,
    PacketStage,
)
from aina_assets.packets.quality.findings import packet_quality_finding
from aina_assets.packets.receipts import QUALITY_GATE, write_quality_gate
from aina_assets.packets.review.findings import packet_review_finding
from aina_assets.packets.sample import histogram, role_figures, sample_packet
from aina_assets.packets.tables import (
    GRAPH_EDGE,
    GRAPH_NODE,
    OCCUPATION_SIMILARITY,
    PACKET_QUALITY_FINDING,
    PACKET_REVIEW_FINDING,
    ROLE_PACKET,
    TASK_AI_SIGNAL,
    TASK_IMPORTANCE,
    TITLE_PACKET,
)
from aina_assets.titles.receipts import COVERAGE
from aina_assets.titles.tables import TITLE_CERTIFICATE

GROUP = "packets"
GRAPH = "work_graph"
CODE = code_version(*CODE_FOLDERS)
BATCHES = title_batch_partitions(process_settings().title_batches)

Maker = Callable[[PacketStage], Made]


def _table_asset(
    contract: TableContract, deps: Iterable[str], make: Maker, kinds: Sequence[str] = ()
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=contract.name,
        specs=[table_spec(contract, group=GROUP, code_version=CODE, deps=sorted(set(deps)), kinds=kinds)],
    )
    def make_table(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        info, is_made = make(PacketStage(engine))
        report(Step(GROUP, contract.name, info.rows, perf_counter() - start, is_reused=not is_made))
        return table_result(info, engine.store, is_reused=not is_made)

    return make_table


@dg.multi_asset(
    name=ROLE_PACKET.name,
    specs=[table_spec(ROLE_PACKET, group=GROUP, code_version=CODE, deps=sorted(INPUTS))],
)
def role_packet(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The role packets, with a sample as people see one and figures that are plotted over time."""
    start = perf_counter()
    info, is_made = PacketStage(engine).role_packet()
    report(Step(GROUP, info.name, info.rows, perf_counter() - start, is_reused=not is_made))
    result = table_result(info, engine.store, is_reused=not is_made)
    counts = role_figures(engine.store)
    told: Mapping[str, Any] = {
        **(result.metadata or {}),
        "sample_packet": dg.MetadataValue.md(sample_packet(engine.store)),
        "tasks_a_packet": preview(histogram(counts.tasks, "tasks")),
        "facts_with_origin_a_packet": preview(histogram(counts.facts, "facts")),
        **counts.figures,
    }
    return result._replace(metadata=told)


@dg.multi_asset(
    name=TITLE_PACKET.name,
    specs=[
        table_spec(
            TITLE_PACKET,
            group=GROUP,
            code_version=CODE,
            deps=[ROLE_PACKET.name, *seam.TABLES, *LISTS],
            partitions_def=BATCHES,
        )
    ],
    backfill_policy=IN_ONE_STEP,
)
def title_packet(
    context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
) -> dg.MaterializeResult[Any]:
    """The title packets of each batch."""
    start = perf_counter()
    engine.store.drop_partitions_not_in(TITLE_PACKET.name, BATCHES.get_partition_keys())
    stage = PacketStage(engine)
    parts = [stage.title_packet(key) for key in context.partition_keys]
    is_reused = not any(is_made for _, is_made in parts)
    rows = sum(info.rows for info, _ in parts)
    report(Step(GROUP, TITLE_PACKET.name, rows, perf_counter() - start, is_reused=is_reused))
    return partitions_result(context, parts, engine.store)


@dg.multi_asset(
    name=GRAPH,
    specs=[
        asset_spec(
            GRAPH,
            "The DuckDB file of the graph, with views for neighbours, near occupations and paths of "
            "evidence. "
            "It is built beside the old one and swapped in; readers open it read-only. "
            f"Views: {', '.join(view_names())}.",
            group=GROUP,
            kinds=("duckdb",),
            code_version=CODE,
            deps=[contract.name for contract in FILE_TABLES],
        )
    ],
)
def work_graph(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The graph's file."""
    start = perf_counter()
    provenance, is_made = graph_file(PacketStage(engine))
    infos = [engine.store.info(contract.name) for contract in FILE_TABLES]
    rows = sum(info.rows for info in infos)
    report(Step(GROUP, GRAPH, rows, perf_counter() - start, is_reused=not is_made))
    return dg.MaterializeResult(
        asset_key=GRAPH,
        # The file's own bytes vary with DuckDB's bookkeeping; what it was filled from does not.
        data_version=dg.DataVersion(provenance.fingerprint),
        metadata={
            "dagster/row_count": rows,
            "dagster/uri": uri(engine.data.graph),
            "bytes": engine.data.graph.stat().st_size,
            "vintages": dg.MetadataValue.json(dict(provenance.vintages)),
            "is_reused": not is_made,
            "preview": preview(
                {"table": info.name, "rows": info.rows, "bytes": info.bytes} for info in infos
            ),
        },
    )


@dg.multi_asset(
    name=QUALITY_GATE,
    specs=[
        asset_spec(
            QUALITY_GATE,
            "Which packets were held against the quality gate, which passed and which are held back. An "
            "in-toto statement over the packets' tables.",
            group=GROUP,
            kinds=("json", "receipt"),
            code_version=CODE,
            deps=[
                ROLE_PACKET.name,
                TITLE_PACKET.name,
                PACKET_QUALITY_FINDING.name,
                *seam.TABLES,
                COVERAGE,
                ADJUDICATION,
            ],
        )
    ],
)
def packet_quality_gate(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The gate's receipt."""
    start = perf_counter()
    path, predicate = write_quality_gate(engine)
    report(Step(GROUP, QUALITY_GATE, None, perf_counter() - start))
    vintages = engine.store.info(ROLE_PACKET.name).provenance.vintages
    return receipt_result(QUALITY_GATE, path, predicate.figures(), vintages)


ASSETS: list[dg.AssetsDefinition] = [
    _table_asset(
        TASK_IMPORTANCE, IMPORTANCE_INPUTS, lambda stage: stage.task_importance(), ("duckdb", "sql")
    ),
    _table_asset(TASK_AI_SIGNAL, SIGNAL_INPUTS, lambda stage: stage.task_ai_signal(), ("duckdb", "sql")),
    # Tasks are read with their signals, though likeness does not ask of them.
    _table_asset(
        OCCUPATION_SIMILARITY,
        (*NEARNESS_INPUTS, TASK_AI_SIGNAL.name),
        lambda stage: stage.occupation_similarity(),
    ),
    role_packet,
    title_packet,
    _table_asset(
        PACKET_QUALITY_FINDING,
        (ROLE_PACKET.name, TITLE_PACKET.name, TITLE_CERTIFICATE.name),
        packet_quality_finding,
    ),
    _table_asset(PACKET_REVIEW_FINDING, (ROLE_PACKET.name, TITLE_PACKET.name), packet_review_finding),
    _table_asset(GRAPH_NODE, NODE_INPUTS, lambda stage: graph_table(stage, GRAPH_NODE), ("duckdb", "sql")),
    _table_asset(
        GRAPH_EDGE,
        (GRAPH_NODE.name, *EDGE_INPUTS),
        lambda stage: graph_table(stage, GRAPH_EDGE),
        ("duckdb", "sql"),
    ),
    work_graph,
    packet_quality_gate,
]
