"""Title packets: a head over a role, with what the words say and what nobody measured."""

from __future__ import annotations

import json

import pyarrow.compute as pc
import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.settings import title_batch_keys
from aina_assets.packets.canonical import canonical_json, digest
from aina_assets.packets.composing.title import RoleHead, head, title_row
from aina_assets.packets.contract import TitlePacket
from aina_assets.packets.evidence.rows import SourceBook
from aina_assets.packets.make import ListedTitles, PacketStage
from aina_assets.packets.reader import PacketReader
from aina_assets.packets.serviceable import SERVED, TABLES, of_route, of_state, serviceable
from aina_assets.packets.serving import sealed_content
from aina_assets.titles.tables import TITLE_ROUTE
from aina_assets_tests.packets import states

ROLE = RoleHead("onet:13-2011.00", "occupation", "13-2011.00", "Accountants", "a" * 64)
BATCHES = title_batch_keys(32)
NOTHING = SourceBook({}, {})
GROUP = RoleHead("soc:13-2010", "broad", "13-2010", "Accountants and Auditors", "b" * 64)


def codes(role: RoleHead, **values: object) -> set[str]:
    row = title_row(states.serviceable(**values), "00", role, None, NOTHING)
    return {statement["code"] for statement in head(row, role, NOTHING)["statements"]}


def test_a_plain_title_has_nothing_to_state() -> None:
    assert codes(ROLE) == set()


@pytest.mark.parametrize(
    ("values", "role", "code"),
    [
        ({"seniority": "vice_president"}, ROLE, "seniority_is_not_in_tasks"),
        ({"error_bound": None}, ROLE, "error_not_measured"),
        ({"decided_by": "rule", "decision": "low_signal"}, ROLE, "decided_by_adjudication"),
        ({"served_level": "function", "served_code": "finance"}, GROUP, "served_at_function"),
        ({}, GROUP, "served_coarser_than_claimed"),
        ({"likely_onet_soc_code": "13-2011.01"}, GROUP, "occupation_not_certified"),
    ],
)
def test_what_the_reader_must_know_is_stated(values: dict[str, object], role: RoleHead, code: str) -> None:
    assert code in codes(role, **values)


def test_the_favoured_occupation_needs_no_word_where_it_is_the_only_one() -> None:
    assert codes(ROLE, likely_onet_soc_code="13-2011.00") == set()


def test_evidence_has_the_authoritys_own_text_and_row(stage: PacketStage) -> None:
    table = "onet_job_title"
    row = stage.store.head(table, 1)[0]["source_row"]
    listed = ListedTitles(stage.store)
    found = listed.get(table, row)
    assert found is not None
    assert listed.get(table, 10**9) is listed.get("onet_task", row) is listed.get(None, row) is None
    title = states.serviceable(evidence_table=table, evidence_row=row)
    book = stage.evidence.rows.book
    told = head(title_row(title, "00", ROLE, found, book), ROLE, book)
    (evidence,) = told["served"]["evidence"]
    assert evidence["title"] == found.title
    assert evidence["origin"] == {"file": found.file, "row": row}
    assert [source["file"] for source in told["sources"]] == [found.file]
    assert told["attribution"] == [book.attributions["onet"]]


def test_the_digest_is_of_all_but_role_digest_and_gate(reader: PacketReader) -> None:
    for title_id in list(reader.title_ids())[::17]:
        told = reader.title_json(title_id)
        content = sealed_content(told)
        assert digest(canonical_json(content)) == json.loads(told)["packet_sha256"]
        role = json.loads(told)["role"]
        assert digest(canonical_json(sealed_content(json.dumps(role)))) == role["packet_sha256"]


def test_json_and_model_are_the_same_packet(reader: PacketReader) -> None:
    title_id = next(reader.title_ids())
    assert TitlePacket.model_validate_json(reader.title_json(title_id)) == reader.title(title_id)


# --- the seam


def test_serviceable_titles_are_those_whose_state_is_served(stage: PacketStage) -> None:
    rows = stage.store.read("title_state").to_pylist()
    total = 0
    for key in stage.store.partitions("title_route"):
        wanted = [row["title_id"] for row in rows if row["state"] in SERVED and row["title_batch"] == key]
        found = serviceable(stage.store, key)
        assert [title.title_id for title in found] == sorted(wanted)
        total += len(found)
    assert total == sum(row["state"] in SERVED for row in rows) > 50
    assert set(TABLES) == {"title", "title_route", "title_state"}


def test_what_evidence_settled_is_served_as_its_route_says(stage: PacketStage) -> None:
    found = {title.title_id: title for key in BATCHES for title in serviceable(stage.store, key)}
    for key in BATCHES:
        for row in stage.store.read("title_route", partition=key).to_pylist():
            if row["route"] in SERVED:
                title = found[row["title_id"]]
                assert (title.served_level, title.served_code) == (row["served_level"], row["served_code"])
                assert (title.decided_by, title.error_bound) == ("route", row["error_bound"])


STATE = {
    "title_id": "0" * 16,
    "normalized_title": "controller",
    "function": "finance",
    "level": "major",
    "code": "11-0000",
    "onet_soc_code": None,
    "error_bound": None,
    "rule_id": "low_signal",
    "merge_sha256": "a" * 64,
}
ROUTE = {"lane": "retrieval", "source_table": "onet_job_title", "source_row": 7, "probability": 0.4}


@pytest.mark.parametrize(
    ("settled_by", "decided_by", "decision", "reason"),
    [
        ("rule", "rule", "low_signal", "deterministic_rule"),
        ("llm", "review", "a" * 64, "accepted_review_llm"),
        ("recorded", "review", "a" * 64, "accepted_review_recorded"),
        ("person", "review", "a" * 64, "accepted_review_person"),
    ],
)
def test_what_adjudication_promoted_says_who_decided(
    settled_by: str, decided_by: str, decision: str, reason: str
) -> None:
    found = of_state({**STATE, "settled_by": settled_by}, ROUTE, "senior")
    assert (found.decided_by, found.decision, found.reason) == (decided_by, decision, reason)
    assert (found.served_level, found.served_code) == ("major", "11-0000")
    assert (found.probability, found.error_bound, found.basis) == (None, None, None)
    assert (found.evidence_table, found.evidence_row, found.seniority) == ("onet_job_title", 7, "senior")


def test_a_title_that_adjudication_promotes_gets_its_packet_and_no_other_batch_changes(
    engine: Engine,
) -> None:
    of_all = engine.store.read("title_state").to_pylist()
    promoted = next(row for row in of_all if row["state"] not in SERVED and row["state"] != "exclude")

    def promote(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        return [
            {
                **row,
                "state": "serve_with_fallback",
                "settled_by": "recorded",
                "level": "function",
                "code": "finance",
                "function": "finance",
                "merge_sha256": "b" * 64,
            }
            if row["title_id"] == promoted["title_id"]
            else row
            for row in rows
        ]

    states.change(engine, "title_state", promote)
    stage = PacketStage(engine)
    made = {key: stage.title_packet(key)[1] for key in BATCHES}
    assert [key for key, is_made in made.items() if is_made] == [promoted["title_batch"]]
    assert states.held(engine) == []
    packet = PacketReader(engine).title(promoted["title_id"])
    assert packet.served.decided_by == "review"
    assert packet.role.role_id == "function:finance"
    assert packet.served.error_bound is None
    told = {found.code: found.detail for found in packet.statements}
    assert "served_at_function" in told
    assert "error_not_measured" not in told
    assert "two recorded reviewers (merge bbbbbbbbbbbb)" in told["decided_by_adjudication"]


@pytest.mark.parametrize("state", ["residual", "prompt_candidate", "exclude"])
def test_a_title_that_adjudication_takes_back_loses_its_packet_and_nothing_else(
    engine: Engine, state: str
) -> None:
    before = {title.title_id for key in BATCHES for title in serviceable(engine.store, key)}
    gone = next(row for row in engine.store.read("title_state").to_pylist() if row["state"] in SERVED)
    no_claim = {"level": None, "code": None, "onet_soc_code": None, "error_bound": None}

    def take_back(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        return [
            {**row, **no_claim, "state": state} if row["title_id"] == gone["title_id"] else row
            for row in rows
        ]

    states.change(engine, "title_state", take_back)
    stage = PacketStage(engine)
    made = [key for key in BATCHES if stage.title_packet(key)[1]]
    assert made == [gone["title_batch"]]
    left = engine.store.read_partitions("title_packet", ["title_id"])["title_id"].to_pylist()
    assert set(left) == before - {gone["title_id"]}


def test_a_served_state_without_a_route_is_refused(engine: Engine) -> None:
    served = next(row for row in engine.store.read("title_state").to_pylist() if row["state"] in SERVED)
    key = served["title_batch"]
    info = engine.store.info("title_route", key)
    routes = engine.store.read("title_route", partition=key)
    kept = routes.filter(pc.not_equal(routes["title_id"], served["title_id"]))
    engine.store.write(TITLE_ROUTE, kept, info.provenance, key)
    with pytest.raises(StateError, match=f"have no route, first {served['title_id']}"):
        PacketStage(engine).title_packet(key)


def test_what_is_served_without_a_certificate_is_decided_by_its_reason(stage: PacketStage) -> None:
    key = next(key for key in stage.store.partitions("title_route") if serviceable(stage.store, key))
    row = next(
        row for row in stage.store.read("title_route", partition=key).to_pylist() if row["route"] in SERVED
    )
    found = of_route({**row, "stratum": None, "reason": "authoritative_match"}, "senior")
    assert (found.decision, found.decided_by, found.seniority) == ("authoritative_match", "route", "senior")
