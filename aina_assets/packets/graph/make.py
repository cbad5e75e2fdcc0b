"""Make the graph's tables and its DuckDB file.

Belongs here: what the graph is made from. Does not: asking it (`asking`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from aina_assets.core.contracts import TableContract
from aina_assets.core.storage import atomic_path
from aina_assets.core.store import Provenance, TableInfo, merged_vintages
from aina_assets.packets.make import Made, PacketStage
from aina_assets.packets.tables import (
    GRAPH_EDGE,
    GRAPH_NODE,
    OCCUPATION_SIMILARITY,
    TASK_AI_SIGNAL,
    TASK_IMPORTANCE,
    TITLE_PACKET,
)
from aina_assets.titles.tables import TITLE_EXACT_CANDIDATE
from aina_assets.warehouse.product import dictionary_rows, is_current, remember

SQL_ROOT = Path(__file__).parent / "sql"
NODE_INPUTS: tuple[str, ...] = (
    TITLE_PACKET.name,
    TASK_AI_SIGNAL.name,
    "soc_group",
    "onet_occupation",
    "onet_task",
    "onet_dwa",
    "onet_iwa",
    "onet_content_model",
    "onet_software_skill",
    "gdpval_task",
    "aei_job_exposure",
    "wage_fact",
    "oews_soc_rollup",
)
# Edges join what nodes are made of; these tables say how.
EDGE_INPUTS: tuple[str, ...] = (
    TITLE_EXACT_CANDIDATE.name,
    OCCUPATION_SIMILARITY.name,
    TASK_IMPORTANCE.name,
    "onet_job_title",
    "onet_reported_title",
    "soc_direct_match_title",
    "source_file",
    "onet_soc_to_soc",
    "onet_task_dwa",
    "gdpval_occupation_soc",
)
# What the DuckDB file holds beside its views.
FILE_TABLES: tuple[TableContract, ...] = (GRAPH_NODE, GRAPH_EDGE, OCCUPATION_SIMILARITY)


def graph_table(stage: PacketStage, contract: TableContract) -> Made:
    """Make `graph_node` or `graph_edge`."""
    inputs = NODE_INPUTS if contract is GRAPH_NODE else (*NODE_INPUTS, *EDGE_INPUTS)
    provenance = stage.provenance(contract, inputs, stage.policy_inputs)
    standing = stage.store.current(contract.name, provenance)
    if standing is not None:
        return standing, False
    with stage.duckdb() as connection:
        for name in inputs:
            keys = stage.store.partitions(name)
            paths = [str(stage.store.path(name, key)) for key in keys] or [str(stage.store.path(name))]
            connection.read_parquet(paths).create_view(name)
        connection.register("business_function", _functions(stage))
        connection.register("function_of", _covered(stage))
        made = connection.sql((SQL_ROOT / f"{contract.name}.sql").read_text("utf-8")).to_arrow_table()
    return stage.store.write(contract, made, provenance), True


def _functions(stage: PacketStage) -> pa.Table:
    return pa.table({"function": pa.array(stage.functions.names, pa.string())})


def _covered(stage: PacketStage) -> pa.Table:
    """Which SOC detailed occupations each business function stands for."""
    occupations = stage.evidence.soc.occupations
    pairs = sorted(
        {
            (role.code, detailed)
            for role in stage.roles.all.values()
            if role.level == "function"
            for member in role.members
            if (detailed := occupations[member].detailed) is not None
        }
    )
    return pa.table(
        {
            "function": pa.array([function for function, _ in pairs], pa.string()),
            "soc_code": pa.array([code for _, code in pairs], pa.string()),
        }
    )


def view_files() -> list[Path]:
    """The SQL of the file's views; a leading number gives the order in which they build on each other."""
    return sorted((SQL_ROOT / "views").glob("*.sql"))


def view_names() -> list[str]:
    """The views' names."""
    return [path.stem.partition("_")[2] for path in view_files()]


def file_provenance(stage: PacketStage) -> Provenance:
    """What the DuckDB file would be made from now.

    Raises:
        StateError: a table is missing.
    """
    infos: list[TableInfo] = [stage.store.info(contract.name) for contract in FILE_TABLES]
    made = stage.provenance(GRAPH_EDGE, [info.name for info in infos])
    return Provenance(merged_vintages(infos), made.inputs, made.code, "")


def graph_file(stage: PacketStage) -> tuple[Provenance, bool]:
    """Make the DuckDB file beside the old one and swap it in; give what it is of, and whether it was made."""
    provenance = file_provenance(stage)
    target = stage.engine.data.graph
    memory = stage.engine.data.cache / "graph.json"
    if is_current(target, provenance, memory, stage.engine.digests):
        return provenance, False
    settings = stage.engine.settings
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.duckdb_memory_limit,
        "threads": settings.duckdb_threads,
    }
    with atomic_path(target) as temporary, duckdb.connect(str(temporary), config=config) as connection:
        for contract in FILE_TABLES:
            connection.read_parquet(str(stage.store.path(contract.name))).create(contract.name)
        for path in view_files():
            connection.execute(path.read_text("utf-8"))
        connection.from_arrow(dictionary_rows(FILE_TABLES)).create("data_dictionary")
        connection.execute("checkpoint")
    remember(target, provenance, memory, stage.engine.digests)
    return provenance, True
