"""Every rule of the packets holds of a sound state, and names the row that breaks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.rules import Finding, Severity
from aina_assets.packets import rules
from aina_assets.packets.reader import PacketReader
from aina_assets.packets.tables import (
    GRAPH_EDGE,
    OCCUPATION_SIMILARITY,
    PACKET_QUALITY_FINDING,
    PACKET_REVIEW_FINDING,
    ROLE_PACKET,
    TASK_IMPORTANCE,
    TITLE_PACKET,
)
from aina_assets_tests.builds import Build
from aina_assets_tests.packets.states import change, change_packet, edit_first

WHOLE: list[Callable[[Engine], Finding]] = [
    rules.every_task_has_a_rank,
    rules.every_occupation_and_group_has_a_packet,
    rules.gate_has_seen_every_packet,
    rules.held_packets_are_refused,
    rules.no_packet_is_held,
    rules.semantic_review,
    rules.agrees_with_related_occupations,
    rules.titles_are_in_the_graph,
    rules.packets_are_of_this_version,
]
ROLE = "onet:13-2011.00"
HELD = {"packet": "role", "packet_id": ROLE, "rule": "schema_valid", "faults": 1, "detail": "a test"}


@pytest.mark.parametrize("rule", WHOLE)
def test_a_sound_state_passes(starter_build: Build, rule: Callable[[Engine], Finding]) -> None:
    found = rule(starter_build.engine)
    assert found.passed
    assert found.summary
    assert found.figures


@pytest.mark.parametrize("partition", [None, "00"])
def test_a_sound_state_passes_whole_and_by_batch(starter_build: Build, partition: str | None) -> None:
    assert rules.every_serviceable_title_has_a_packet(starter_build.engine, partition).passed


def test_a_task_without_a_rank_is_named(engine: Engine) -> None:
    lost = engine.store.read(TASK_IMPORTANCE.name).to_pylist()[0]
    change(engine, TASK_IMPORTANCE, lambda rows: rows[1:])
    found = rules.every_task_has_a_rank(engine)
    assert not found.passed
    assert found.sample[0]["task_id"] == lost["task_id"]


def test_a_tie_of_ranks_is_named(engine: Engine) -> None:
    change(engine, TASK_IMPORTANCE, edit_first(rank=2))
    found = rules.every_task_has_a_rank(engine)
    assert "gap or a tie" in str(found.sample)


@pytest.mark.parametrize("role_id", [ROLE, "soc:13-0000"])
def test_a_role_without_a_packet_is_named(engine: Engine, role_id: str) -> None:
    change(engine, ROLE_PACKET, lambda rows: [row for row in rows if row["role_id"] != role_id])
    found = rules.every_occupation_and_group_has_a_packet(engine)
    assert [row["role_id"] for row in found.sample] == [role_id]


def test_a_serviceable_title_without_a_packet_is_named_whole_and_in_its_batch(engine: Engine) -> None:
    lost = engine.store.read_partitions(TITLE_PACKET.name).to_pylist()[0]
    key = change(engine, TITLE_PACKET, lambda rows: rows[1:])
    for partition in (None, key):
        found = rules.every_serviceable_title_has_a_packet(engine, partition)
        assert [row["title_id"] for row in found.sample] == [lost["title_id"]]
    others = next(other for other in engine.store.partitions(TITLE_PACKET.name) if other != key)
    assert rules.every_serviceable_title_has_a_packet(engine, others).passed


def test_a_packet_at_another_level_than_claimed_is_named(engine: Engine) -> None:
    change(engine, TITLE_PACKET, edit_first(served_level="minor"))
    assert rules.every_serviceable_title_has_a_packet(engine, None).failed_rows == 1


@pytest.mark.parametrize(
    "values", [{"decided_by": "review"}, {"served_level": "major"}, {"served_code": "11-0000"}]
)
def test_a_packet_that_says_another_claim_than_its_state_is_named(
    engine: Engine, values: dict[str, str]
) -> None:
    key = change(engine, TITLE_PACKET, edit_first(**values))
    row = engine.store.read(TITLE_PACKET.name, partition=key).to_pylist()[0]
    found = rules.every_serviceable_title_has_a_packet(engine, key)
    assert [failed["title_id"] for failed in found.sample] == [row["title_id"]]


@pytest.mark.parametrize(("settled_by", "who"), [("rule", "rule"), ("person", "review")])
def test_a_promoted_title_without_a_packet_is_named_as_one_that_evidence_serves_is(
    engine: Engine, settled_by: str, who: str
) -> None:
    values: dict[str, str | None] = {
        "state": "serve_with_fallback",
        "settled_by": settled_by,
        "level": "function",
    }
    values |= {"code": "finance", "rule_id": "a_rule" if who == "rule" else None}
    values |= {"merge_sha256": None if who == "rule" else "c" * 64}
    rows = engine.store.read("title_state").to_pylist()
    lost = next(row for row in rows if row["state"] == "residual")
    change(
        engine,
        "title_state",
        lambda rows: [{**row, **values} if row["title_id"] == lost["title_id"] else row for row in rows],
    )
    found = rules.every_serviceable_title_has_a_packet(engine, lost["title_batch"])
    assert [row["title_id"] for row in found.sample] == [lost["title_id"]]
    assert found.figures[f"by_{who}"] >= 1
    assert "function" in str(found.sample[0]["claimed"])


def test_a_packet_of_a_title_that_is_not_served_is_named(engine: Engine) -> None:
    change(engine, TITLE_PACKET, lambda rows: [*rows, {**rows[0], "title_id": "f" * 16}])
    found = rules.every_serviceable_title_has_a_packet(engine, None)
    assert [row["title_id"] for row in found.sample] == ["f" * 16]


def test_packets_that_the_gate_has_not_seen_are_named_and_not_handed_out(engine: Engine) -> None:
    change_packet(engine, ROLE, lambda packet: packet.update(title="another"))
    found = rules.gate_has_seen_every_packet(engine)
    assert (found.passed, found.failed_rows) == (False, 1)
    assert found.sample[0]["input"] == ROLE_PACKET.name
    assert found.sample[0]["seen_sha256"] != found.sample[0]["sha256"]
    with pytest.raises(StateError, match="has not seen"):
        PacketReader(engine)


def test_a_held_packet_that_is_handed_out_is_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    change(engine, PACKET_QUALITY_FINDING, lambda rows: [HELD])
    assert rules.held_packets_are_refused(engine).passed
    monkeypatch.setattr(PacketReader, "_refuse_held", lambda self, kind, packet_id: None)
    found = rules.held_packets_are_refused(engine)
    assert not found.passed
    assert found.sample[0]["packet_id"] == ROLE


def test_held_packets_are_a_warning_that_names_them(engine: Engine) -> None:
    change(engine, PACKET_QUALITY_FINDING, lambda rows: [HELD])
    found = rules.no_packet_is_held(engine)
    assert (found.passed, found.severity) == (False, Severity.WARN)
    assert found.sample[0]["packet_id"] == ROLE
    assert "schema_valid 1" in found.summary


def test_unusually_many_findings_are_a_warning_that_shows_the_strongest(engine: Engine) -> None:
    odd = {"rule": "task_elsewhere", "subject": "1", "points_to": None, "detail": "A test."}
    change(
        engine,
        PACKET_REVIEW_FINDING,
        lambda rows: [
            {**odd, "packet_id": f"onet:{place:05d}", "score": place / 1000} for place in range(200)
        ],
    )
    found = rules.semantic_review(engine)
    assert (found.passed, found.severity) == (False, Severity.WARN)
    assert found.sample[0]["packet_id"] == "onet:00199"


def test_nearness_that_is_not_onets_is_a_warning(engine: Engine) -> None:
    change(
        engine,
        OCCUPATION_SIMILARITY,
        lambda rows: [{**row, "rank": row["rank"] + 10} for row in rows],
    )
    found = rules.agrees_with_related_occupations(engine)
    assert (found.passed, found.severity) == (False, Severity.WARN)
    assert found.figures["recall_at_10"] == 0.0


def test_a_title_without_its_edge_is_named(engine: Engine) -> None:
    lost = next(
        edge["from_id"]
        for edge in engine.store.read(GRAPH_EDGE.name).to_pylist()
        if edge["kind"] == "served_as"
    )
    change(
        engine,
        GRAPH_EDGE,
        lambda rows: [row for row in rows if (row["from_id"], row["kind"]) != (lost, "served_as")],
    )
    found = rules.titles_are_in_the_graph(engine)
    assert [f"title:{row['title_id']}" for row in found.sample] == [lost]


def test_a_packet_of_another_version_is_named(engine: Engine) -> None:
    change_packet(engine, ROLE, lambda packet: packet.update(schema_version="1.9.0"))
    found = rules.packets_are_of_this_version(engine)
    assert [row["role_id"] for row in found.sample] == [ROLE]
