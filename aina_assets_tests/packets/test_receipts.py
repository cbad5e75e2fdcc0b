"""The receipt says what the tables say, and names what is held back."""

from __future__ import annotations

import json

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import read_receipt
from aina_assets.packets.receipts import QUALITY_GATE, PacketQualityGate, write_quality_gate
from aina_assets.packets.tables import PACKET_QUALITY_FINDING, QUALITY_RULES
from aina_assets_tests.builds import Build
from aina_assets_tests.packets.states import change


def test_the_receipt_is_of_the_built_tables(starter_build: Build) -> None:
    engine = starter_build.engine
    statement = read_receipt(engine.data.receipts / f"{QUALITY_GATE}.json", QUALITY_GATE, PacketQualityGate)
    told = statement.predicate
    assert told.roles.packets == engine.store.info("role_packet").rows
    assert told.titles.packets == told.serviceable_titles > 50
    assert told.titles_without_packet == 0
    assert (told.roles.held, told.titles.held, told.held) == (0, 0, ())
    assert told.faults_by_rule == dict.fromkeys(QUALITY_RULES, 0)
    assert sum(told.titles.by_level.values()) == told.titles.packets
    digests = {subject.name: subject.digest.sha256 for subject in statement.subject}
    assert digests["tables/role_packet.parquet"] == engine.store.info("role_packet").sha256
    assert len(digests) == 2 + engine.settings.title_batches


def test_it_is_the_same_every_time_and_has_no_clock(engine: Engine) -> None:
    path, _ = write_quality_gate(engine)
    first = path.read_bytes()
    assert write_quality_gate(engine)[0].read_bytes() == first
    assert "2026" not in json.dumps(json.loads(first)["predicate"])


def test_held_packets_are_named_with_their_rules(engine: Engine) -> None:
    rows = [
        {"packet": "role", "packet_id": "onet:13-2011.00", "rule": rule, "faults": 2, "detail": "a test"}
        for rule in ("enough_tasks", "schema_valid")
    ]
    change(engine, PACKET_QUALITY_FINDING, lambda _: rows)
    told = write_quality_gate(engine)[1]
    assert told.roles.held == 1
    assert told.roles.passed == told.roles.packets - 1
    assert [(held.packet_id, held.rules) for held in told.held] == [
        ("onet:13-2011.00", ("enough_tasks", "schema_valid"))
    ]
    assert told.faults_by_rule["enough_tasks"] == 1
    assert told.figures()["held back"] == 1
