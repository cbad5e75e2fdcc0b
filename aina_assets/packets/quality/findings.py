"""Every packet held against the gate: rows of `packet_quality_finding`.

Belongs here: going through the packets. Does not: the rules (`gate`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from aina_assets.core.engine import Engine
from aina_assets.core.store import TableStore
from aina_assets.packets.composing.title import head
from aina_assets.packets.evidence.rows import INPUTS
from aina_assets.packets.make import Made, PacketStage, role_heads
from aina_assets.packets.memory import uncollected
from aina_assets.packets.quality.gate import Claim, Fault, RoleGate, TitleGate
from aina_assets.packets.quality.ledger import Ledger
from aina_assets.packets.tables import PACKET_QUALITY_FINDING, ROLE_PACKET, TITLE_PACKET
from aina_assets.sources.leaks import LeakSearch
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import forbidden_texts
from aina_assets.titles.certifying.certificate import CERTIFIED
from aina_assets.titles.tables import TITLE_CERTIFICATE

ROLE, TITLE = "role", "title"
PACKETS_AT_ONCE = 64


def quality_rows(stage: PacketStage) -> list[dict[str, Any]]:
    """The findings on every packet that stands."""
    with uncollected():
        found = list(_rows(stage))
    return sorted(found, key=lambda finding: (finding["packet"], finding["packet_id"], finding["rule"]))


def _rows(stage: PacketStage) -> Iterator[dict[str, Any]]:
    store, rows = stage.store, stage.evidence.rows
    ledger = Ledger(store, rows.files)
    roles = RoleGate(ledger, stage.policy, rows.attributions, gdpval_leaks(stage.engine))
    passing: dict[str, str] = {}
    columns = ("role_id", "packet_json", "packet_sha256")
    for part in parts(store, columns):
        for row in part:
            faults = roles.check(row["packet_json"], row["packet_sha256"])
            if not faults:
                passing[row["role_id"]] = row["packet_sha256"]
            yield from _findings(ROLE, row["role_id"], faults)
    titles = TitleGate(ledger, rows.book, certificates(store))
    heads = role_heads(store)
    for info in store.infos(TITLE_PACKET.name):
        for row in store.read(TITLE_PACKET.name, partition=info.partition).to_pylist():
            role = stage.roles.all.get(row["role_id"])
            is_covered = role is not None and stage.roles.is_at_or_above(
                role, row["served_level"], row["served_code"], row["function"]
            )
            told = head(row, heads[row["role_id"]], rows.book)
            faults = titles.check(row, told, passing.get(row["role_id"]), is_covered=is_covered)
            yield from _findings(TITLE, row["title_id"], faults)


def _findings(packet: str, packet_id: str, faults: list[Fault]) -> Iterator[dict[str, Any]]:
    for rule in sorted({fault.rule for fault in faults}):
        of_rule = [fault for fault in faults if fault.rule == rule]
        yield {
            "packet": packet,
            "packet_id": packet_id,
            "rule": rule,
            "faults": len(of_rule),
            "detail": of_rule[0].detail,
        }


def parts(store: TableStore, columns: tuple[str, ...]) -> Iterator[list[dict[str, Any]]]:
    """The role packets' rows, a few at a time: their texts together are large."""
    for part in store.parts(ROLE_PACKET.name, columns):
        for start in range(0, part.num_rows, PACKETS_AT_ONCE):
            yield part.slice(start, PACKETS_AT_ONCE).to_pylist()


def certificates(store: TableStore) -> Mapping[str, Claim]:
    """What each certificate of titles allows, by stratum."""
    columns = ["basis", "claim", "group", "state"]
    return {
        f"{row['basis']}/{row['claim']}/{row['group']}": Claim(row["claim"], row["state"] == CERTIFIED)
        for row in store.read(TITLE_CERTIFICATE.name, columns).to_pylist()
    }


def gdpval_leaks(engine: Engine) -> LeakSearch | None:
    """What looks for GDPval's text; None where this lane has no GDPval, and so nothing that could leak."""
    files = acquire_source("gdpval", engine)
    return LeakSearch(forbidden_texts(files)) if files.is_available else None


def packet_quality_finding(stage: PacketStage) -> Made:
    """Make `packet_quality_finding`: what the gate has seen is in its provenance, and readers ask that."""
    tables = (ROLE_PACKET.name, TITLE_PACKET.name, TITLE_CERTIFICATE.name, *INPUTS)
    provenance = stage.provenance(PACKET_QUALITY_FINDING, tables, stage.policy_inputs)
    standing = stage.store.current(PACKET_QUALITY_FINDING.name, provenance)
    if standing is not None:
        return standing, False
    table = pa.Table.from_pylist(quality_rows(stage), PACKET_QUALITY_FINDING.arrow_schema)
    return stage.store.write(PACKET_QUALITY_FINDING, table, provenance), True
