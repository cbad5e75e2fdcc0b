"""What it costs to make every packet: seconds, CPU seconds, bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Any

import pyarrow as pa

from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.engine import Engine
from aina_assets.packets.graph.make import graph_file, graph_table
from aina_assets.packets.make import PacketStage
from aina_assets.packets.quality.findings import packet_quality_finding
from aina_assets.packets.review.findings import packet_review_finding
from aina_assets.packets.serviceable import SERVED
from aina_assets.packets.tables import CONTRACTS, GRAPH_EDGE, GRAPH_NODE, TITLE_PACKET
from benchmarks.build import yardstick

# What a merge of recorded reviewers would say of a title that it promotes.
PROMOTED = {
    "state": "serve_with_fallback",
    "settled_by": "recorded",
    "level": "function",
    "merge_sequence": 1,
    "merge_sha256": "0" * 64,
}
NO_CLAIM = ("onet_soc_code", "scope_reason", "error_bound", "rule_id", "order_sha256")
Steps = dict[str, Callable[[], Any]]


def steps(stage: PacketStage) -> Steps:
    """Everything that is made, in order."""
    keys = stage.engine.settings.title_batch_keys
    return {
        "task_importance": stage.task_importance,
        "task_ai_signal": stage.task_ai_signal,
        "occupation_similarity": stage.occupation_similarity,
        "role_packet": stage.role_packet,
        "title_packet": lambda: [stage.title_packet(key) for key in keys],
        "packet_quality_finding": lambda: packet_quality_finding(stage),
        "packet_review_finding": lambda: packet_review_finding(stage),
        "graph_node": lambda: graph_table(stage, GRAPH_NODE),
        "graph_edge": lambda: graph_table(stage, GRAPH_EDGE),
        "graph_file": lambda: graph_file(stage),
    }


def make_all(engine: Engine) -> None:
    """Make whatever is not made yet."""
    for make in steps(PacketStage(engine)).values():
        make()


def wipe(engine: Engine) -> None:
    """Remove all that this stage made."""
    for contract in CONTRACTS:
        for key in engine.store.partitions(contract.name):
            engine.store.path(contract.name, key).unlink()
        engine.store.path(contract.name).unlink(missing_ok=True)
    engine.data.graph.unlink(missing_ok=True)


@contextmanager
def timed(into: dict[str, float]) -> Iterator[None]:
    """Note wall and CPU seconds (of all threads, user and system) of the block."""
    start, cpu = perf_counter(), process_time()
    yield
    into["seconds"] = round(perf_counter() - start, 2)
    into["cpu_seconds"] = round(process_time() - cpu, 2)


def make_figures(engine: Engine, titles: int) -> dict[str, Any]:
    """Making everything from nothing: as the titles are routed, and with many more serviceable ones."""
    return {"as_routed": _made(engine), f"with_{titles}_titles": _with_titles(engine, titles)}


def _made(engine: Engine) -> dict[str, Any]:
    wipe(engine)
    figures: dict[str, Any] = {}
    for name, make in steps(PacketStage(engine)).items():
        figures[name] = {}
        with timed(figures[name]):
            make()
    store = engine.store
    roles = store.info("role_packet")
    batches = store.infos(TITLE_PACKET.name)
    packets = ("task_importance", "task_ai_signal", "occupation_similarity", "role_packet", "title_packet")
    figures["times_hashing_1_gb"] = round(sum(figures[name]["seconds"] for name in packets) / yardstick(), 1)
    figures["packets_seconds"] = round(sum(figures[name]["seconds"] for name in packets), 2)
    figures["packets_cpu_seconds"] = round(sum(figures[name]["cpu_seconds"] for name in packets), 2)
    every = list(steps(PacketStage(engine)))
    figures["all_seconds"] = round(sum(figures[name]["seconds"] for name in every), 2)
    figures["all_cpu_seconds"] = round(sum(figures[name]["cpu_seconds"] for name in every), 2)
    figures["role_packets"] = roles.rows
    figures["title_packets"] = sum(info.rows for info in batches)
    figures["held"] = store.info("packet_quality_finding").rows
    figures["packet_store_mb"] = round((roles.bytes + sum(info.bytes for info in batches)) / 1e6, 2)
    tables = [store.info(contract.name).bytes for contract in CONTRACTS if contract is not TITLE_PACKET]
    every_table = sum(tables) + sum(info.bytes for info in batches)
    figures["tables_of_this_stage_mb"] = round(every_table / 1e6, 2)
    figures["graph_file_mb"] = round(engine.data.graph.stat().st_size / 1e6, 2)
    return figures


def _with_titles(engine: Engine, wanted: int) -> dict[str, Any]:
    """As many titles as the reference system serves: those that are not served are, at their function."""
    kept, info = engine.store.read(TITLE_STATE.name), engine.store.info(TITLE_STATE.name)
    rows = kept.to_pylist()
    left = wanted - sum(row["state"] in SERVED for row in rows)
    for row in rows:
        if left > 0 and row["state"] not in SERVED:
            row |= {**dict.fromkeys(NO_CLAIM), **PROMOTED}
            row["function"] = row["code"] = row["function"] or "general_business"
            left -= 1
    table = pa.Table.from_pylist(rows, TITLE_STATE.arrow_schema)
    engine.store.write(TITLE_STATE, table, info.provenance)
    try:
        return _made(engine)
    finally:
        engine.store.write(TITLE_STATE, kept, info.provenance)
        make_all(engine)
