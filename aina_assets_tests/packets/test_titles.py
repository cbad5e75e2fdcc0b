"""Title packets: a head over a role, with what the words say and what nobody measured."""

from __future__ import annotations

import json

import pytest

from aina_assets.packets.canonical import canonical_json, digest
from aina_assets.packets.composing.title import RoleHead, head, title_row
from aina_assets.packets.contract import TitlePacket
from aina_assets.packets.evidence.rows import SourceBook
from aina_assets.packets.make import PacketStage, authority_listed
from aina_assets.packets.reader import PacketReader
from aina_assets.packets.serviceable import SERVED, TABLES, of_route, serviceable
from aina_assets.packets.serving import sealed_content
from aina_assets_tests.packets import states

ROLE = RoleHead("onet:13-2011.00", "occupation", "13-2011.00", "Accountants", "a" * 64)
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
    listed = authority_listed(stage.store)
    (table, row), found = next((key, value) for key, value in listed.items() if key[0] == "onet_job_title")
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


def test_serviceable_titles_are_those_that_routes_serve(stage: PacketStage) -> None:
    total = 0
    for key in stage.store.partitions("title_route"):
        routes = stage.store.read("title_route", partition=key).to_pylist()
        wanted = [row["title_id"] for row in routes if row["route"] in SERVED]
        found = serviceable(stage.store, key)
        assert [title.title_id for title in found] == sorted(wanted)
        total += len(found)
    assert total > 50
    assert set(TABLES) <= {"title", "title_route"}


def test_what_is_served_without_a_certificate_is_decided_by_its_reason(stage: PacketStage) -> None:
    key = next(key for key in stage.store.partitions("title_route") if serviceable(stage.store, key))
    row = next(
        row for row in stage.store.read("title_route", partition=key).to_pylist() if row["route"] in SERVED
    )
    found = of_route({**row, "stratum": None, "reason": "authoritative_match"}, "senior")
    assert (found.decision, found.decided_by, found.seniority) == ("authoritative_match", "route", "senior")
