"""Built states for packets' tests: the starter's evidence, tables with one row changed, packets of one's own.

Belongs here: what several of these tests need. Does not: assertions.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.definitions import CONTRACTS
from aina_assets.packets.canonical import canonical_json, digest
from aina_assets.packets.make import PacketStage
from aina_assets.packets.parts import Activity, Origin, Task
from aina_assets.packets.quality.findings import packet_quality_finding
from aina_assets.packets.serviceable import Serviceable
from aina_assets.packets.tables import ROLE_PACKET

Rows = list[dict[str, Any]]
Edit = Callable[[Rows], Rows]
BY_NAME = {contract.name: contract for contract in CONTRACTS}


def change(engine: Engine, table: str | TableContract, edit: Edit) -> str | None:
    """Rewrite a table (of a partitioned one its first batch with rows) with edited rows; gives the batch."""
    contract = BY_NAME[table] if isinstance(table, str) else table
    keys = engine.store.partitions(contract.name)
    key = next((key for key in keys if engine.store.info(contract.name, key).rows), None)
    read = engine.store.read(contract.name, partition=key)
    edited = pa.Table.from_pylist(edit(read.to_pylist()), contract.arrow_schema)
    engine.store.write(contract, edited, engine.store.info(contract.name, key).provenance, key)
    return key


def edit_first(**values: Any) -> Edit:
    return lambda rows: [{**rows[0], **values}, *rows[1:]]


def change_packet(engine: Engine, role_id: str, edit: Callable[[dict[str, Any]], None]) -> None:
    """Rewrite what a stored role packet says, as somebody would who also mends its digest."""

    def rewrite(rows: Rows) -> Rows:
        for row in rows:
            if row["role_id"] == role_id:
                packet = json.loads(row["packet_json"])
                edit(packet)
                content = canonical_json(packet)
                row |= {"packet_json": content.decode(), "packet_sha256": digest(content)}
        return rows

    change(engine, ROLE_PACKET, rewrite)


def held(engine: Engine) -> Rows:
    """What the gate finds in the state as it stands now."""
    engine.store.path("packet_quality_finding").unlink(missing_ok=True)
    packet_quality_finding(PacketStage(engine))
    rows: Rows = engine.store.read("packet_quality_finding").to_pylist()
    return rows


def serviceable(**values: Any) -> Serviceable:
    """A serviceable title; what is not said is plain."""
    plain: dict[str, Any] = {
        "title_id": "0" * 16,
        "normalized_title": "accountant",
        "seniority": None,
        "function": "finance",
        "decided_by": "route",
        "decision": "authority/major/finance",
        "reason": "certified_match",
        "basis": "authority",
        "lane": "exact_alternate",
        "served_level": "detailed",
        "served_code": "13-2011",
        "probability": 0.97,
        "error_bound": 0.03,
        "likely_onet_soc_code": None,
        "evidence_table": None,
        "evidence_row": None,
    }
    return Serviceable(**(plain | values))


def task(number: int, activities: tuple[str, ...] = (), **values: Any) -> Task:
    """A task of these general activities, each with an intermediate and a detailed one below."""
    plain: dict[str, Any] = {
        "task_id": number,
        "onet_soc_code": "11-1011.00",
        "statement": f"Do thing number {number}.",
        "rank": number,
        "importance": None,
        "importance_origin": None,
        "task_type": "Core",
        "member_share": None,
        "activities": tuple(activity(name) for name in activities),
        "signals": (),
        "absent_signals": (),
        "origin": Origin(file="onet/Task Statements.txt", row=number),
    }
    return Task(**(plain | values))


def activity(iwa_id: str) -> Activity:
    """An activity by its intermediate id, such as `4.A.1.a.1.I01`; the general one is its stem."""
    return Activity(
        dwa_id=f"{iwa_id}.D01",
        title=f"detailed {iwa_id}",
        iwa_id=iwa_id,
        gwa_id=iwa_id.rpartition(".")[0],
        origin=Origin(file="onet/Tasks to DWAs.txt", row=2),
    )
