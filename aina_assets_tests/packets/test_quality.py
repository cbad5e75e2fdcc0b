"""The quality gate: sound packets pass, and every rule names the packet that breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from aina_assets.core.engine import Engine
from aina_assets.packets.canonical import canonical_json, digest
from aina_assets.packets.composing.title import head
from aina_assets.packets.make import PacketStage, role_heads
from aina_assets.packets.quality.findings import certificates, gdpval_leaks
from aina_assets.packets.quality.gate import RoleGate, TitleGate
from aina_assets.packets.quality.ledger import Ledger
from aina_assets.packets.tables import QUALITY_RULES, ROLE_PACKET, TITLE_PACKET
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import forbidden_texts
from aina_assets_tests.packets.states import change, change_packet, held

ROLE = "onet:13-2011.00"
Packet = dict[str, Any]


@pytest.fixture(scope="session")
def gate(stage: PacketStage) -> RoleGate:
    rows = stage.evidence.rows
    leaks = gdpval_leaks(stage.engine)
    return RoleGate(Ledger(stage.store, rows.files), stage.policy, rows.attributions, leaks)


@pytest.fixture(scope="session")
def content(stage: PacketStage) -> str:
    """A role packet's canonical JSON."""
    rows = stage.store.read(ROLE_PACKET.name, ["role_id", "packet_json"]).to_pylist()
    return str(next(row["packet_json"] for row in rows if row["role_id"] == ROLE))


def test_the_starters_packets_all_pass(stage: PacketStage) -> None:
    assert stage.store.read("packet_quality_finding").num_rows == 0


# --- what somebody could do to a packet, digest mended, and the rule that tells


def wages_without_a_row(packet: Packet) -> None:
    packet["wages"]["figures"][0]["origin"]["row"] = 99_999


def another_wage(packet: Packet) -> None:
    figure = next(figure for figure in packet["wages"]["figures"] if figure["value"])
    figure["value"] += 1000


def wages_of_another_publisher(packet: Packet) -> None:
    packet["wages"]["figures"][0]["origin"] = dict(packet["tasks"][0]["origin"])


def another_signal(packet: Packet) -> None:
    task = next(task for task in packet["tasks"] if task["signals"])
    task["signals"][0]["value"] = 0.123


def another_tasks_text(packet: Packet) -> None:
    packet["tasks"][0]["statement"] = "Something that no row says."


def a_file_that_is_not_told(packet: Packet) -> None:
    packet["sources"] = [s for s in packet["sources"] if s["table"] != "onet_task"]


def a_row_that_is_not_there(packet: Packet) -> None:
    packet["technologies"][0]["origin"]["row"] = 123_456


def another_exposure(packet: Packet) -> None:
    packet["exposure"]["value"] = 0.999


def no_tasks_without_a_reason(packet: Packet) -> None:
    packet["tasks"], packet["workflows"] = [], []


def a_task_twice(packet: Packet) -> None:
    packet["tasks"].append(dict(packet["tasks"][0]))


def a_core_task_in_no_workflow(packet: Packet) -> None:
    core = next(task["task_id"] for task in packet["tasks"] if task["task_type"] == "Core")
    for workflow in packet["workflows"]:
        workflow["task_ids"] = [task for task in workflow["task_ids"] if task != core] or [
            packet["tasks"][-1]["task_id"]
        ]


def a_task_in_two_workflows(packet: Packet) -> None:
    packet["workflows"][0]["task_ids"].append(packet["workflows"][1]["task_ids"][0])


def a_workflow_of_a_foreign_task(packet: Packet) -> None:
    packet["workflows"][0]["task_ids"].append(999_999_999)


def no_attribution(packet: Packet) -> None:
    packet["attribution"] = packet["attribution"][1:]


def a_blended_score(packet: Packet) -> None:
    packet["tasks"][0]["ai_score"] = 0.7


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (wages_without_a_row, "wages_have_bls_rows"),
        (another_wage, "wages_have_bls_rows"),
        (wages_of_another_publisher, "wages_have_bls_rows"),
        (another_signal, "provenance_resolves"),
        (another_tasks_text, "provenance_resolves"),
        (a_file_that_is_not_told, "provenance_resolves"),
        (a_row_that_is_not_there, "provenance_resolves"),
        (another_exposure, "provenance_resolves"),
        (no_tasks_without_a_reason, "enough_tasks"),
        (a_task_twice, "no_duplicate_tasks"),
        (a_core_task_in_no_workflow, "workflows_cover_core_tasks"),
        (a_task_in_two_workflows, "workflows_cover_core_tasks"),
        (a_workflow_of_a_foreign_task, "workflows_cover_core_tasks"),
        (no_attribution, "attribution_is_complete"),
        (a_blended_score, "schema_valid"),
    ],
)
def test_the_rule_is_named(gate: RoleGate, content: str, edit: Callable[[Packet], None], rule: str) -> None:
    assert rule in {fault.rule for fault in gate.check(*edited(content, edit))}


def edited(content: str, edit: Callable[[Packet], None]) -> tuple[str, str]:
    """A role packet with an edit, as somebody would leave it who also mends its digest."""
    packet = json.loads(content)
    edit(packet)
    changed = canonical_json(packet)
    return changed.decode(), digest(changed)


def test_the_packet_itself_passes(gate: RoleGate, content: str) -> None:
    assert gate.check(*edited(content, lambda packet: None)) == []


def test_the_table_of_findings_names_the_packet(engine: Engine) -> None:
    change_packet(engine, ROLE, no_attribution)
    found = [(row["packet"], row["packet_id"], row["rule"]) for row in held(engine)]
    assert [row for row in found if row[0] == "role"] == [("role", ROLE, "attribution_is_complete")]
    # With a role, the titles over it are held.
    assert {row[2] for row in found if row[0] == "title"} == {"role_passes"}


def test_a_changed_byte_is_told_by_the_digest(gate: RoleGate, content: str) -> None:
    changed = content.replace('"kind":"role"', '"kind": "role"')
    faults = gate.check(changed, digest(content.encode()))
    assert [fault.rule for fault in faults] == ["digest_holds"] * 2


def test_gdpval_text_is_found_in_a_packet(stage: PacketStage, gate: RoleGate, content: str) -> None:
    canary = forbidden_texts(acquire_source("gdpval", stage.engine))["canary"]
    faults = gate.check(*edited(content, lambda packet: packet.update(description=f"seen: {canary}")))
    assert [(fault.rule, fault.detail) for fault in faults] == [
        ("no_gdpval_text", "holds GDPval text: canary")
    ]


# --- titles


@pytest.fixture(scope="session")
def title_gate(stage: PacketStage) -> TitleGate:
    book = stage.evidence.rows.book
    return TitleGate(Ledger(stage.store, book.files), book, certificates(stage.store))


def title_rules(stage: PacketStage, gate: TitleGate, **values: Any) -> list[str]:
    """The rules that a title packet fails once its row has these values."""
    rows = stage.store.read_partitions(TITLE_PACKET.name).to_pylist()
    row = {**next(row for row in rows if row["evidence_file"]), **values}
    heads = role_heads(stage.store)
    told = head(row, heads[row["role_id"]], stage.evidence.rows.book)
    is_covered = stage.roles.is_at_or_above(
        stage.roles.all[row["role_id"]], row["served_level"], row["served_code"], row["function"]
    )
    faults = gate.check(row, told, heads[row["role_id"]].sha256, is_covered=is_covered)
    return [fault.rule for fault in faults]


def test_a_title_as_it_is_passes(stage: PacketStage, title_gate: TitleGate) -> None:
    assert title_rules(stage, title_gate) == []


def test_a_title_on_a_broken_certificate_is_held(engine: Engine) -> None:
    change(engine, "title_certificate", lambda rows: [{**row, "state": "broken"} for row in rows])
    rows = engine.store.read_partitions(TITLE_PACKET.name).to_pylist()
    certified = {row["title_id"] for row in rows if row["error_bound"] is not None}
    found = {row["packet_id"] for row in held(engine) if row["rule"] == "level_is_allowed"}
    # Adjudication's own decisions rest on no certificate.
    assert found == certified
    assert len(found) > 50


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"decision": "authority/none/of_these"}, "level_is_allowed"),
        ({"served_level": "minor"}, "level_is_allowed"),
        ({"served_code": "11-9999"}, "level_is_allowed"),
        ({"role_id": "onet:13-2011.00"}, "level_is_allowed"),
        ({"role_packet_sha256": "0" * 64}, "role_passes"),
        ({"evidence_row": 99_999}, "provenance_resolves"),
        ({"normalized_title": "another title"}, "digest_holds"),
    ],
)
def test_a_titles_fault_is_named(
    stage: PacketStage, title_gate: TitleGate, values: dict[str, Any], rule: str
) -> None:
    assert rule in title_rules(stage, title_gate, **values)


def test_a_title_over_a_role_that_fails_is_held_with_it(engine: Engine) -> None:
    key = next(
        key
        for key in engine.store.partitions(TITLE_PACKET.name)
        if engine.store.info("title_packet", key).rows
    )
    row = engine.store.read(TITLE_PACKET.name, partition=key).to_pylist()[0]
    change_packet(engine, row["role_id"], no_attribution)
    found = {(r["packet"], r["packet_id"]): r["rule"] for r in held(engine)}
    assert found["role", row["role_id"]] == "attribution_is_complete"
    assert found["title", row["title_id"]] == "role_passes"


def test_a_titles_own_attribution_is_asked_for(stage: PacketStage, title_gate: TitleGate) -> None:
    told = {"sources": [{"source": "onet"}], "attribution": []}
    assert [fault.rule for fault in title_gate._attribution(told)] == ["attribution_is_complete"]


def test_what_adjudication_decided_needs_no_certificate(title_gate: TitleGate) -> None:
    gate = title_gate
    row = {
        "decided_by": "review",
        "decision": "merge-1",
        "error_bound": None,
        "role_id": "soc:13-0000",
        "served_level": "major",
        "served_code": "13-0000",
    }
    assert list(gate._level(row, is_covered=True)) == []
    # It has no bound either: nobody certified it.
    bounded = {**row, "error_bound": 0.04}
    assert [fault.rule for fault in gate._level(bounded, is_covered=True)] == ["level_is_allowed"]
    as_route = {**bounded, "decided_by": "route"}
    assert [fault.detail for fault in gate._level(as_route, is_covered=True)] == [
        "there is no certificate merge-1"
    ]
    assert [fault.rule for fault in gate._level(row, is_covered=False)] == ["level_is_allowed"]


def test_every_rule_has_a_test_above() -> None:
    from pathlib import Path

    text = Path(__file__).read_text("utf-8")
    assert [rule for rule in QUALITY_RULES if f'"{rule}"' not in text] == []


def test_what_is_no_packet_fails_the_schema(gate: RoleGate) -> None:
    assert [fault.rule for fault in gate.check("{}", "0" * 64)] == ["schema_valid"]
