"""The rules that the packets' tables are held against.

Belongs here: what must be true between tables. Does not: what one table's contract already promises, or what
the quality gate asks of a single packet.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from aina_assets.adjudication.tables import TITLE_STATE
from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, Severity, rows_finding
from aina_assets.packets import serviceable as seam
from aina_assets.packets.contract import PACKET_VERSION
from aina_assets.packets.policy import read_packet_policy
from aina_assets.packets.reader import PacketHeldError, PacketReader, unseen_by_the_gate
from aina_assets.packets.tables import (
    GRAPH_EDGE,
    OCCUPATION_SIMILARITY,
    PACKET_QUALITY_FINDING,
    PACKET_REVIEW_FINDING,
    ROLE_PACKET,
    TASK_IMPORTANCE,
    TITLE_PACKET,
)

Rows = list[dict[str, Any]]
# Related Occupations of these tiers are O*NET's ten nearest.
PRIMARY = ("Primary-Short", "Primary-Long")
NEAREST = 10
# Role packets, title packets and the policy.
INPUTS_OF_THE_GATE = 3
MOST_TRIED = 100


def every_task_has_a_rank(engine: Engine) -> Finding:
    """Every task has one rank, and the ranks of an occupation count from 1 without a gap."""
    tasks = _keys(engine, "onet_task")
    ranks: dict[str, list[int]] = {}
    columns = ["onet_soc_code", "task_id", "rank"]
    rows = engine.store.read(TASK_IMPORTANCE.name, columns).to_pylist()
    for row in rows:
        ranks.setdefault(row["onet_soc_code"], []).append(row["rank"])
    ranked = Counter((row["onet_soc_code"], row["task_id"]) for row in rows)
    failed: Rows = [
        {"onet_soc_code": code, "task_id": task, "ranks": ranked[code, task]}
        for code, task in sorted(tasks | ranked.keys())
        if ranked[code, task] != 1 or (code, task) not in tasks
    ]
    failed += [
        {"onet_soc_code": code, "finding": "the ranks have a gap or a tie"}
        for code, found in sorted(ranks.items())
        if sorted(found) != list(range(1, len(found) + 1))
    ]
    sources = Counter(engine.store.read(TASK_IMPORTANCE.name, ["importance_source"])[0].to_pylist())
    return rows_finding(
        failed,
        len(tasks),
        "tasks have no rank of their own",
        "Materialize `task_importance` anew.",
        **sources,
    )


def _keys(engine: Engine, table: str) -> set[tuple[str, int]]:
    read = engine.store.read(table, ["onet_soc_code", "task_id"])
    return set(zip(read["onet_soc_code"].to_pylist(), read["task_id"].to_pylist(), strict=True))


def every_occupation_and_group_has_a_packet(engine: Engine) -> Finding:
    """Every O*NET occupation has a role packet, and every SOC group with several occupations."""
    packets = set(engine.store.read(ROLE_PACKET.name, ["role_id"])["role_id"].to_pylist())
    occupations = engine.store.read("onet_occupation", ["onet_soc_code"])["onet_soc_code"].to_pylist()
    held: Counter[str] = Counter(engine.store.read("onet_soc_to_soc", ["soc_code"])["soc_code"].to_pylist())
    groups = engine.store.read("soc_group", ["soc_code", "level", "parent_soc_code"]).to_pylist()
    parents = {group["soc_code"]: group["parent_soc_code"] for group in groups}
    # A group has what its occupations have, all the way up.
    reached: set[str] = set()
    for code in held:
        above: str | None = parents.get(code)
        while above is not None:
            reached.add(above)
            above = parents.get(above)
    wanted = {f"onet:{code}" for code in occupations}
    wanted |= {f"soc:{code}" for code in reached}
    wanted |= {f"soc:{code}" for code, count in held.items() if count > 1 and code in parents}
    failed = [{"role_id": role_id} for role_id in sorted(wanted - packets)]
    return rows_finding(failed, len(wanted), "roles have no packet", "Materialize `role_packet` anew.")


def every_serviceable_title_has_a_packet(engine: Engine, partition: str | None) -> Finding:
    """The title packets are exactly those of the titles whose state is served, by whoever decided it.

    It asks the states themselves, and not the module by which packets are made of them.
    """
    keys = engine.store.partitions(TITLE_PACKET.name) if partition is None else (partition,)
    claims = _claims(engine, set(keys))
    packets = {row["title_id"]: row for key in keys for row in _packet_claims(engine, key)}
    failed: Rows = [
        {"title_id": title_id, "claimed": str(claims.get(title_id)), "packet": str(packets.get(title_id))}
        for title_id in sorted(claims.keys() | packets.keys())
        if claims.get(title_id) != packets.get(title_id)
    ]
    by_whom = Counter(f"by_{claim['decided_by']}" for claim in claims.values())
    return rows_finding(
        failed,
        len(claims),
        "serviceable titles have no packet of their claim",
        "Materialize `title_packet` for the batch. A code that no role bears is one that the SOC lacks.",
        **by_whom,
    )


def _claims(engine: Engine, batches: set[str]) -> dict[str, dict[str, Any]]:
    """What every served title of some batches is served as, and who says so."""
    read = engine.store.read(TITLE_STATE.name, seam.STATE_COLUMNS)
    return {
        row["title_id"]: {
            "title_id": row["title_id"],
            "served_level": row["level"],
            "served_code": row["code"],
            "decided_by": {"evidence": "route", "rule": "rule"}.get(row["settled_by"], "review"),
            # Evidence's decision is its certificate's stratum, which the quality gate asks after.
            "decision": row["rule_id"] or row["merge_sha256"],
        }
        for row in read.filter(pc.is_in(read["state"], value_set=pa.array(seam.SERVED))).to_pylist()
        if row["title_batch"] in batches
    }


def _packet_claims(engine: Engine, batch: str) -> Rows:
    columns = ["title_id", "served_level", "served_code", "decided_by", "decision"]
    rows: Rows = engine.store.read(TITLE_PACKET.name, columns, partition=batch).to_pylist()
    return [{**row, "decision": None if row["decided_by"] == "route" else row["decision"]} for row in rows]


def gate_has_seen_every_packet(engine: Engine) -> Finding:
    """The gate's findings are of the very packets that stand, under the policy that stands."""
    failed = unseen_by_the_gate(engine.store, read_packet_policy(engine.settings.policies_root))
    return rows_finding(
        failed,
        INPUTS_OF_THE_GATE,
        "inputs of the quality gate changed since it looked",
        "Materialize `packet_quality_finding`; until then no packet is handed out.",
    )


def held_packets_are_refused(engine: Engine) -> Finding:
    """No packet that fails the gate is handed out."""
    reader = PacketReader(engine)
    columns = ["packet", "packet_id", "rule"]
    held = engine.store.read(PACKET_QUALITY_FINDING.name, columns).to_pylist()
    failed = []
    for row in held[:MOST_TRIED]:
        ask = reader.role_json if row["packet"] == "role" else reader.title_json
        try:
            ask(row["packet_id"])
        except PacketHeldError:
            continue
        failed.append(row)
    return rows_finding(
        failed, len(held), "held packets are handed out", "Report it: the reader does not ask the gate."
    )


def no_packet_is_held(engine: Engine) -> Finding:
    """Every packet passes the quality gate; those that do not are named, and not handed out."""
    rows = engine.store.read(PACKET_QUALITY_FINDING.name).to_pylist()
    by_rule = Counter(row["rule"] for row in rows)
    return Finding(
        passed=not rows,
        summary=f"{len(rows)} findings: "
        + (", ".join(f"{r} {n}" for r, n in sorted(by_rule.items())) or "none"),
        failed_rows=len(rows),
        sample=rows[:SAMPLE_ROWS],
        remedy="They are not handed out. Look at each packet's `detail`, mend its source or its "
        "composing, and build again.",
        figures={"held": len({(row["packet"], row["packet_id"]) for row in rows})},
        severity=Severity.WARN,
    )


def semantic_review(engine: Engine) -> Finding:
    """A WARN where the review found something odd about packets that are handed out."""
    rows = engine.store.read(PACKET_REVIEW_FINDING.name).to_pylist()
    by_rule = Counter(row["rule"] for row in rows)
    strongest = sorted(rows, key=lambda row: (-row["score"], row["packet_id"], row["subject"]))
    limit = read_packet_policy(engine.settings.policies_root).review.most_findings_share
    packets = engine.store.info(ROLE_PACKET.name).rows + sum(
        info.rows for info in engine.store.infos(TITLE_PACKET.name)
    )
    share = len({row["packet_id"] for row in rows}) / max(packets, 1)
    return Finding(
        passed=share <= limit,
        summary=f"{share:.1%} of {packets} packets have a finding, {limit:.0%} are usual: "
        + (", ".join(f"{rule} {count}" for rule, count in sorted(by_rule.items())) or "none"),
        failed_rows=len(rows),
        sample=strongest[:SAMPLE_ROWS],
        remedy="Read the table `packet_review_finding`: a title may be routed wrongly, a task be another's.",
        figures={"findings": len(rows), "share_of_packets": round(share, 4), **by_rule},
        severity=Severity.WARN,
    )


def agrees_with_related_occupations(engine: Engine) -> Finding:
    """Of O*NET's ten related occupations, the share among the ten nearest by this graph (recall at 10)."""
    floor = read_packet_policy(engine.settings.policies_root).similar.least_recall
    related: dict[str, set[str]] = {}
    for row in engine.store.read("onet_related_occupation").to_pylist():
        if row["relatedness_tier"] in PRIMARY:
            related.setdefault(row["onet_soc_code"], set()).add(row["related_onet_soc_code"])
    near: dict[str, set[str]] = {}
    for row in engine.store.read(OCCUPATION_SIMILARITY.name).to_pylist():
        if row["rank"] <= NEAREST:
            near.setdefault(row["onet_soc_code"], set()).add(row["near_onet_soc_code"])
    shares = {code: len(near.get(code, set()) & wanted) / len(wanted) for code, wanted in related.items()}
    recall = sum(shares.values()) / len(shares) if shares else 0.0
    worst = sorted(shares, key=lambda code: (shares[code], code))
    return Finding(
        passed=recall >= floor or not shares,
        summary=f"recall at {NEAREST} is {recall:.3f} over {len(shares)} occupations, floor {floor:.2f}",
        failed_rows=sum(share == 0 for share in shares.values()),
        sample=[{"onet_soc_code": code, "recall": shares[code]} for code in worst[:SAMPLE_ROWS]],
        remedy="Compare with benchmarks/packets: a source changed, or the weights in packets.toml.",
        figures={"recall_at_10": round(recall, 4)},
        severity=Severity.WARN,
    )


def titles_are_in_the_graph(engine: Engine) -> Finding:
    """Every serviceable title has its edge to what it is served as."""
    served = {
        edge["from_id"]: edge["to_id"]
        for edge in engine.store.read(GRAPH_EDGE.name, ["from_id", "to_id", "kind"]).to_pylist()
        if edge["kind"] == "served_as"
    }
    ids = engine.store.read_partitions(
        TITLE_PACKET.name, ["title_id", "served_level", "served_code"]
    ).to_pylist()
    failed = [
        {"title_id": row["title_id"], "edge": served.get(f"title:{row['title_id']}")}
        for row in ids
        if served.get(f"title:{row['title_id']}")
        != f"{'function' if row['served_level'] == 'function' else 'soc'}:{row['served_code']}"
    ]
    return rows_finding(
        failed,
        len(ids),
        "serviceable titles lack their edge",
        "Materialize `graph_node` and `graph_edge` anew.",
    )


def packets_are_of_this_version(engine: Engine) -> Finding:
    """Every stored role packet is of the contract's version."""
    wanted = f'"schema_version":"{PACKET_VERSION}"'
    failed: Rows = []
    total = 0
    for part in engine.store.parts(ROLE_PACKET.name, ("role_id", "packet_json")):
        for row in part.to_pylist():
            total += 1
            if wanted not in row["packet_json"]:
                failed.append({"role_id": row["role_id"]})
    return rows_finding(
        failed, total, f"role packets are not of version {PACKET_VERSION}", "Materialize them anew."
    )
