"""A text finds its packet, or the honest answer why there is none."""

from __future__ import annotations

import pytest

from aina_assets.core.engine import Engine
from aina_assets.packets.make import PacketStage
from aina_assets.packets.reader import PacketHeldError
from aina_assets.packets.resolve import Resolver
from aina_assets.packets.tables import PACKET_QUALITY_FINDING
from aina_assets_tests.packets.states import change


@pytest.fixture(scope="session")
def resolver(stage: PacketStage) -> Resolver:
    return Resolver(stage.engine)


def test_a_title_of_the_inventory_in_any_form(resolver: Resolver) -> None:
    title_id = next(resolver.reader.title_ids())
    title = resolver.reader.title_row(title_id)["normalized_title"]
    for text in (title, title.upper(), f"  {title} ", title_id):
        found = resolver.resolve(text)
        assert (found.state, found.is_in_inventory) == ("served", True)
        assert found.title is not None
        assert found.title.title_id == title_id


@pytest.mark.parametrize("text", ["onet:13-2011.00", "13-2011.00", "13-0000", "finance", "function:finance"])
def test_a_role_by_its_id_or_code(resolver: Resolver, text: str) -> None:
    found = resolver.resolve(text)
    assert found.role is not None
    assert found.role.role_id.endswith(text.partition(":")[2] or text)


@pytest.mark.parametrize("text", ["", "   ", "=cmd()|' /C calc'!A0", "jane.doe@example.org", "😀"])
def test_what_is_no_title_has_its_answer(resolver: Resolver, text: str) -> None:
    found = resolver.resolve(text)
    assert found.state in ("no_title", "not_serviceable")
    assert found.title is None
    assert "jane" not in found.detail


def test_a_title_that_is_not_served_is_told_its_route(resolver: Resolver, stage: PacketStage) -> None:
    for state in ("exclude", "residual"):
        rows = stage.store.read("title_state").to_pylist()
        row = next(row for row in rows if row["state"] == state)
        found = resolver.resolve(row["normalized_title"])
        assert (found.state, found.is_in_inventory) == ("not_serviceable", True)
        assert state in found.detail
        assert found.unserved is not None
        assert (found.unserved.state, found.unserved.title_id) == (state, row["title_id"])
        # Of excluded work no packet is made, so none is pointed to.
        assert bool(found.unserved.candidates) == (state != "exclude")


def test_a_title_of_no_inventory_is_routed_as_it_is_asked(resolver: Resolver, stage: PacketStage) -> None:
    known = {row["normalized_title"] for row in stage.store.read_partitions("title").to_pylist()}
    asked = [f"{word} accountant" for word in ("group", "project", "fund", "property", "payroll", "lead")]
    found = {text: resolver.resolve(text) for text in asked if text not in known}
    served = [answer for answer in found.values() if answer.title is not None]
    assert served
    for answer in served:
        assert not answer.is_in_inventory
        assert answer.title is not None
        assert answer.title.served.decided_by == "route"
        assert answer.title.role.tasks


def test_a_held_packet_is_told_and_not_shown(engine: Engine) -> None:
    title_id = next(Resolver(engine).reader.title_ids())
    rows = [
        {"packet": packet, "packet_id": packet_id, "rule": "schema_valid", "faults": 1, "detail": "a test"}
        for packet, packet_id in (("title", title_id), ("role", "onet:13-2011.00"))
    ]
    change(engine, PACKET_QUALITY_FINDING, lambda _: rows)
    resolver = Resolver(engine)
    found = resolver.resolve(title_id)
    assert (found.state, found.title) == ("held", None)
    with pytest.raises(PacketHeldError):
        resolver.resolve("onet:13-2011.00")
