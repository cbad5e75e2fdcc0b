"""Packets keep their published schemas; another major version, and what is no packet, is refused."""

from __future__ import annotations

import json

import jsonschema
import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.packets.contract import (
    MAJOR,
    PACKET_VERSION,
    SCHEMAS,
    PacketFormatError,
    PacketVersionError,
    RolePacket,
    TitlePacket,
    packet_schema,
    read_packet,
)
from aina_assets.packets.reader import PacketReader

ROLE = "onet:13-2011.00"


def test_a_packet_read_back_is_the_same(reader: PacketReader) -> None:
    packet = reader.role(ROLE)
    assert read_packet(packet.model_dump_json(), RolePacket) == packet


@pytest.mark.parametrize("version", ["2.0.0", "0.9.0", "11.0.0", "x", ""])
def test_another_major_version_is_refused_whatever_else_it_says(version: str) -> None:
    with pytest.raises(PacketVersionError, match="expected a packet of version"):
        read_packet(json.dumps({"schema_version": version, "new": True}), RolePacket, file="a.json")


def test_a_newer_minor_version_is_read(reader: PacketReader) -> None:
    told = json.loads(reader.role_json(ROLE))
    told["schema_version"] = f"{MAJOR}.99.0"
    assert read_packet(json.dumps(told), RolePacket).schema_version == f"{MAJOR}.99.0"


def test_a_packet_of_an_earlier_minor_version_is_read(reader: PacketReader) -> None:
    told = json.loads(reader.title_json(next(reader.title_ids())))
    # Title packets of 1.0.0 had no attribution of their own.
    del told["attribution"]
    told["schema_version"] = f"{MAJOR}.0.0"
    assert read_packet(json.dumps(told), TitlePacket).attribution == ()


@pytest.mark.parametrize("content", ["", "[]", "null", "{}", '{"schema_version": 1}', "\x00"])
def test_what_is_no_packet_is_refused(content: str) -> None:
    with pytest.raises(PacketFormatError) as told:
        read_packet(content, TitlePacket, file="b.json")
    assert told.value.file == "b.json"


def test_a_broken_packet_is_refused_and_names_the_place(reader: PacketReader) -> None:
    told = json.loads(reader.role_json(ROLE))
    told["tasks"][0]["rank"] = 0
    with pytest.raises(PacketFormatError) as error:
        read_packet(json.dumps(told), RolePacket)
    assert error.value.place == "tasks.0.rank"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_the_contracts(name: str) -> None:
    committed = json.loads((PROJECT_ROOT / "docs" / "contracts" / f"{name}.schema.json").read_text("utf-8"))
    assert committed == packet_schema(name, SCHEMAS[name])
    assert committed["version"] == PACKET_VERSION
    jsonschema.Draft202012Validator.check_schema(committed)


def test_every_packet_of_the_starter_keeps_the_published_schema(reader: PacketReader) -> None:
    roles = jsonschema.Draft202012Validator(packet_schema("role", RolePacket))
    titles = jsonschema.Draft202012Validator(packet_schema("title", TitlePacket))
    for role_id in list(reader.roles)[::9]:
        roles.validate(json.loads(reader.role_json(role_id)))
    for title_id in list(reader.title_ids())[::9]:
        titles.validate(json.loads(reader.title_json(title_id)))


def test_a_schema_refuses_what_the_contract_refuses(reader: PacketReader) -> None:
    told = json.loads(reader.role_json(ROLE))
    told["score"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(packet_schema("role", RolePacket)).validate(told)
