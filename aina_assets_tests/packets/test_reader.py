"""Readers get packets that the gate has seen and passed, one at a time, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.packets.make import PacketStage
from aina_assets.packets.reader import NoPacketError, PacketHeldError, PacketReader, stored_role
from aina_assets.packets.tables import PACKET_QUALITY_FINDING, ROLE_PACKET, TITLE_PACKET
from aina_assets_tests.packets.states import Rows, change, change_packet, edit_first, held

ROLE = "onet:13-2011.00"


def first_title(engine: Engine) -> str:
    return next(PacketReader(engine).title_ids())


def hold(engine: Engine, packet: str, packet_id: str) -> None:
    row = {"packet": packet, "packet_id": packet_id, "rule": "schema_valid", "faults": 1, "detail": "a test"}
    change(engine, PACKET_QUALITY_FINDING, lambda rows: [*rows, row])


def test_every_role_and_title_is_handed_out_under_the_policys_version(
    stage: PacketStage, reader: PacketReader
) -> None:
    version = stage.policy.version
    for role_id in reader.roles:
        packet = reader.role(role_id)
        assert packet.role_id == role_id
        assert packet.gate is not None
        assert (packet.gate.policy_version, packet.gate.use) == (version, "local_synthetic_only")
    for title_id in reader.title_ids():
        assert reader.title(title_id).title_id == title_id


def test_a_title_has_its_role_whole(reader: PacketReader) -> None:
    packet = reader.title(next(reader.title_ids()))
    assert packet.role == reader.role(packet.role.role_id)
    assert packet.role_packet_sha256 == packet.role.packet_sha256


@pytest.mark.parametrize("ask", ["role", "role_json"])
def test_an_unknown_role_is_told(reader: PacketReader, ask: str) -> None:
    with pytest.raises(NoPacketError, match="no role"):
        getattr(reader, ask)("onet:99-9999.00")


def test_a_title_that_is_not_serviceable_is_told(reader: PacketReader) -> None:
    with pytest.raises(NoPacketError, match="not serviceable"):
        reader.title("f" * 16)


def test_a_held_role_is_refused_and_names_the_rule(engine: Engine) -> None:
    hold(engine, "role", ROLE)
    reader = PacketReader(engine)
    for ask in (reader.role, reader.role_json):
        with pytest.raises(PacketHeldError, match="schema_valid"):
            ask(ROLE)


def test_a_held_title_is_refused_and_another_is_not(engine: Engine) -> None:
    title_id = first_title(engine)
    hold(engine, "title", title_id)
    reader = PacketReader(engine)
    for ask in (reader.title, reader.title_json):
        with pytest.raises(PacketHeldError):
            ask(title_id)
    assert reader.title(next(found for found in reader.title_ids() if found != title_id))


def test_a_title_over_a_held_role_is_refused(engine: Engine) -> None:
    reader = PacketReader(engine)
    row = reader.title_row(first_title(engine))
    hold(engine, "role", row["role_id"])
    with pytest.raises(PacketHeldError):
        PacketReader(engine).title(row["title_id"])


def spoil_role(engine: Engine) -> None:
    change_packet(engine, ROLE, lambda packet: packet.update(title="another"))


def spoil_title(engine: Engine) -> None:
    change(engine, TITLE_PACKET, edit_first(reason="another"))


@pytest.mark.parametrize("spoil", [spoil_role, spoil_title])
def test_packets_that_the_gate_has_not_seen_are_not_handed_out(
    engine: Engine, spoil: Callable[[Engine], None]
) -> None:
    spoil(engine)
    with pytest.raises(StateError, match="has not seen"):
        PacketReader(engine)


def test_after_the_gate_has_seen_them_they_are(engine: Engine) -> None:
    spoil_role(engine)
    # Titles over the role hold the digest of what it was: they are held until they are made anew.
    assert {(row["packet"], row["rule"]) for row in held(engine)} <= {("title", "role_passes")}
    assert PacketReader(engine).role(ROLE).title == "another"


def test_without_the_gates_findings_nothing_is_handed_out(engine: Engine) -> None:
    engine.store.path(PACKET_QUALITY_FINDING.name).unlink()
    with pytest.raises(StateError):
        PacketReader(engine)


def test_a_stored_packet_can_be_looked_at_and_has_no_gate(stage: PacketStage, reader: PacketReader) -> None:
    packet = stored_role(stage.store, ROLE, reader.roles[ROLE].sha256)
    assert packet.gate is None
    assert packet.model_copy(update={"gate": reader.role(ROLE).gate}) == reader.role(ROLE)
    with pytest.raises(NoPacketError):
        stored_role(stage.store, "onet:99-9999.00", "0" * 64)


def test_json_is_the_stored_bytes_with_digest_and_gate(stage: PacketStage, reader: PacketReader) -> None:
    rows: Rows = stage.store.read(ROLE_PACKET.name).to_pylist()
    row = next(row for row in rows if row["role_id"] == ROLE)
    told = reader.role_json(ROLE)
    assert told.startswith(row["packet_json"][:-1])
    assert json.loads(told)["packet_sha256"] == row["packet_sha256"]
