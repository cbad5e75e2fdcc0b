"""The packets' receipt: which were held against the quality gate, which passed, and which are held back.

Belongs here: the predicate. Does not: any figure that is not in a table.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.engine import Engine
from aina_assets.core.receipts import Predicate, write_receipt
from aina_assets.packets import serviceable as seam
from aina_assets.packets.contract import PACKET_VERSION
from aina_assets.packets.policy import read_packet_policy
from aina_assets.packets.tables import PACKET_QUALITY_FINDING, QUALITY_RULES, ROLE_PACKET, TITLE_PACKET
from aina_assets.titles.receipts import COVERAGE

QUALITY_GATE = "packet_quality_gate_v1"
# The receipt names so many held packets; all of them are in the table of findings.
MOST_NAMED = 100


class KindCount(BaseModel):
    """Packets of one kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packets: int = Field(ge=0)
    passed: int = Field(ge=0)
    held: int = Field(ge=0)
    by_level: dict[str, int] = Field(description="roles by their level, titles by the claimed one")


class HeldPacket(BaseModel):
    """A packet that is not handed out, and the rules that it fails."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packet: Literal["role", "title"]
    packet_id: str
    rules: tuple[str, ...]


class PacketQualityGate(Predicate):
    """Packets held against the quality gate. What fails is listed and not handed out."""

    lane: Literal["starter", "mirror", "live"]
    packet_version: str = Field(description="version of the packets' contract")
    policy_version: str
    policy_sha256: str
    serviceable_titles: int = Field(ge=0)
    titles_without_packet: int = Field(ge=0, description="serviceable titles that no packet was made of")
    roles: KindCount
    titles: KindCount
    titles_decided_by: dict[str, int] = Field(
        default_factory=dict,
        description="title packets by what decided: route (evidence), rule or review (adjudication)",
    )
    faults_by_rule: dict[str, int] = Field(description="failing packets of each rule, 0 included")
    facts_with_origin: int = Field(ge=0, description="facts of all role packets that lead to a source row")
    tasks: int = Field(ge=0, description="tasks in all role packets")
    statements: dict[str, int] = Field(description="role packets that state each absence or substitution")
    store_bytes: int = Field(ge=0, description="bytes of the tables of packets")
    held: tuple[HeldPacket, ...] = Field(description=f"the first {MOST_NAMED} that are held back")

    def figures(self) -> dict[str, object]:
        """The figures that people ask first."""
        return {
            "serviceable titles": self.serviceable_titles,
            "title packets": self.titles.packets,
            "role packets": self.roles.packets,
            "held back": self.roles.held + self.titles.held,
            **{f"{level} roles": count for level, count in self.roles.by_level.items()},
            **{f"titles at {level}": count for level, count in self.titles.by_level.items()},
            **{f"titles decided by {who}": count for who, count in self.titles_decided_by.items()},
            "facts with an origin": self.facts_with_origin,
            "bytes": self.store_bytes,
        }


def write_quality_gate(engine: Engine) -> tuple[Path, PacketQualityGate]:
    """Write the receipt from the tables that stand."""
    store = engine.store
    columns = ["level", "task_count", "fact_count", "statements"]
    roles = store.read(ROLE_PACKET.name, columns).to_pylist()
    titles = Counter(store.read_partitions(TITLE_PACKET.name, ["served_level"])["served_level"].to_pylist())
    findings = store.read(PACKET_QUALITY_FINDING.name).to_pylist()
    failing = {kind: {f["packet_id"] for f in findings if f["packet"] == kind} for kind in ("role", "title")}
    rules: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        rules.setdefault((finding["packet"], finding["packet_id"]), []).append(finding["rule"])
    # Told from the states, and not from the packets that were made of them.
    states = Counter(store.read(TITLE_STATE.name, ["state"])["state"].to_pylist())
    serviceable = sum(states[state] for state in seam.SERVED)
    decided = Counter(store.read_partitions(TITLE_PACKET.name, ["decided_by"])["decided_by"].to_pylist())
    policy = read_packet_policy(engine.settings.policies_root)
    infos = [store.info(ROLE_PACKET.name), store.info(PACKET_QUALITY_FINDING.name)]
    batches = store.infos(TITLE_PACKET.name)
    predicate = PacketQualityGate(
        lane=engine.settings.sources.value,
        packet_version=PACKET_VERSION,
        policy_version=policy.version,
        policy_sha256=policy.sha256,
        serviceable_titles=serviceable,
        titles_without_packet=serviceable - titles.total(),
        roles=_counted(Counter(row["level"] for row in roles), len(failing["role"])),
        titles=_counted(titles, len(failing["title"])),
        titles_decided_by=dict(sorted(decided.items())),
        faults_by_rule={rule: sum(f["rule"] == rule for f in findings) for rule in QUALITY_RULES},
        facts_with_origin=sum(row["fact_count"] for row in roles),
        tasks=sum(row["task_count"] for row in roles),
        statements=dict(sorted(Counter(code for row in roles for code in row["statements"].split()).items())),
        store_bytes=sum(info.bytes for info in (*infos, *batches)),
        held=tuple(
            HeldPacket(packet=kind, packet_id=packet_id, rules=tuple(of_rules))
            for (kind, packet_id), of_rules in sorted(rules.items())[:MOST_NAMED]
        ),
    )
    subjects = {f"tables/{info.name}.parquet": info.sha256 for info in infos}
    subjects |= {f"tables/{info.name}/{info.partition}.parquet": info.sha256 for info in batches}
    path = write_receipt(
        engine.data.receipts, QUALITY_GATE, subjects, predicate, rests_on=[COVERAGE, ADJUDICATION]
    )
    return path, predicate


def _counted(levels: Counter[str], held: int) -> KindCount:
    total = levels.total()
    return KindCount(packets=total, passed=total - held, held=held, by_level=dict(sorted(levels.items())))
