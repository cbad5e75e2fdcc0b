"""What it costs to make every packet: seconds, CPU seconds, bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Any

import pyarrow as pa

from aina_assets.core.engine import Engine
from aina_assets.packets.graph.make import graph_file, graph_table
from aina_assets.packets.make import PacketStage
from aina_assets.packets.quality.findings import packet_quality_finding
from aina_assets.packets.review.findings import packet_review_finding
from aina_assets.packets.tables import CONTRACTS, GRAPH_EDGE, GRAPH_NODE, TITLE_PACKET
from aina_assets.titles.tables import TITLE_ROUTE
from benchmarks.build import yardstick

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
    """Note wall and CPU seconds of the block."""
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
    figures["role_packets"] = roles.rows
    figures["title_packets"] = sum(info.rows for info in batches)
    figures["held"] = store.info("packet_quality_finding").rows
    figures["packet_store_mb"] = round((roles.bytes + sum(info.bytes for info in batches)) / 1e6, 2)
    tables = [store.info(contract.name).bytes for contract in CONTRACTS if contract is not TITLE_PACKET]
    every = sum(tables) + sum(info.bytes for info in batches)
    figures["tables_of_this_stage_mb"] = round(every / 1e6, 2)
    figures["graph_file_mb"] = round(engine.data.graph.stat().st_size / 1e6, 2)
    return figures


def _with_titles(engine: Engine, wanted: int) -> dict[str, Any]:
    """As many titles as the reference system serves: those that are not served are, at their function."""
    kept = {
        key: engine.store.read(TITLE_ROUTE.name, partition=key) for key in engine.settings.title_batch_keys
    }
    left = wanted - sum(
        row in ("serve_now", "serve_with_fallback")
        for part in kept.values()
        for row in part["route"].to_pylist()
    )
    for key, part in kept.items():
        rows = part.to_pylist()
        for row in rows:
            if left > 0 and row["served_level"] is None:
                function = row["function"] or "general_business"
                row |= {
                    "route": "serve_with_fallback",
                    "reason": "certified_match",
                    "served_level": "function",
                    "served_code": function,
                    "function": function,
                    "scope_reason": None,
                    "stratum": None,
                    "error_bound": None,
                }
                left -= 1
        info = engine.store.info(TITLE_ROUTE.name, key)
        table = pa.Table.from_pylist(rows, TITLE_ROUTE.arrow_schema)
        engine.store.write(TITLE_ROUTE, table, info.provenance, key)
    try:
        return _made(engine)
    finally:
        for key, part in kept.items():
            info = engine.store.info(TITLE_ROUTE.name, key)
            engine.store.write(TITLE_ROUTE, part, info.provenance, key)
        make_all(engine)
