"""CASE 1.1: a tree without loose ends, the same bytes every time, with what CASE asks of every part."""

from __future__ import annotations

import json
import re

import pytest

from aina_assets.learning.standards.case import CaseExport, CFPackage, faults, package_text
from aina_assets.packets.reader import PacketReader
from aina_assets_tests.builds import Build

AT = "2026-06-01T00:00:00Z"
# What CASE 1.1 requires, by part.
REQUIRED = {
    "CFDocument": {"identifier", "uri", "creator", "title", "lastChangeDateTime", "CFPackageURI"},
    "CFItems": {"identifier", "uri", "fullStatement", "lastChangeDateTime"},
    "CFAssociations": {
        "identifier",
        "uri",
        "associationType",
        "originNodeURI",
        "destinationNodeURI",
        "lastChangeDateTime",
    },
}


@pytest.fixture(scope="module", params=["onet:15-1252.00", "soc:13-0000", "function:finance"])
def package(starter_build: Build, request: pytest.FixtureRequest) -> CFPackage:
    return CaseExport(AT).package(PacketReader(starter_build.engine).role(request.param))


def test_the_tree_hangs_together(package: CFPackage) -> None:
    assert faults(package) == []
    kinds = [item.CFItemType for item in package.CFItems]
    assert kinds.count("Role") == 1
    assert kinds.count("Skill") == 4 * kinds.count("Workflow")
    precedes = [link for link in package.CFAssociations if link.associationType == "precedes"]
    assert len(precedes) == 4 * kinds.count("Workflow")


def test_it_has_what_case_asks_for(package: CFPackage) -> None:
    told = json.loads(package_text(package))
    assert told["CFDocument"]["caseVersion"] == "1.1"
    for part, names in REQUIRED.items():
        held = told[part] if isinstance(told[part], list) else [told[part]]
        assert all(names <= set(one) for one in held)
    assert "null" not in package_text(package)
    for link in told["CFAssociations"]:
        for end in ("originNodeURI", "destinationNodeURI"):
            assert {"title", "identifier", "uri", "targetType"} == set(link[end])
    ids = re.findall(r'"identifier": "([^"]+)"', package_text(package))
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", held) for held in ids)


def test_the_licences_of_its_statements_are_told(package: CFPackage) -> None:
    assert package.CFDefinitions.CFLicenses
    assert package.CFDocument.notes


def test_it_is_the_same_every_time(starter_build: Build) -> None:
    role = PacketReader(starter_build.engine).role("soc:13-0000")
    first, second = (package_text(CaseExport(AT).package(role)) for _ in range(2))
    assert first == second
    assert package_text(CaseExport("2027-01-01T00:00:00Z").package(role)) != first


def test_loose_ends_are_named(package: CFPackage) -> None:
    without = package.model_copy(update={"CFItems": package.CFItems[:-1]})
    assert any("is not there" in fault for fault in faults(without))
    twice = package.model_copy(update={"CFItems": (*package.CFItems, package.CFItems[0])})
    assert any("there twice" in fault for fault in faults(twice))
    loose = package.model_copy(
        update={"CFAssociations": tuple(a for a in package.CFAssociations if a.associationType == "precedes")}
    )
    assert any("stand under nothing" in fault for fault in faults(loose))
    first = next(a for a in package.CFAssociations if a.associationType == "isChildOf")
    turned = first.model_copy(
        update={"originNodeURI": first.destinationNodeURI, "destinationNodeURI": first.originNodeURI}
    )
    ring = package.model_copy(update={"CFAssociations": (*package.CFAssociations, turned)})
    assert any("stands in a ring" in fault for fault in faults(ring))
