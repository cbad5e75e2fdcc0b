"""The tree of a role, its workflows, tasks and skills as a 1EdTech CASE 1.1 package.

Belongs here: the shapes of CASE that are used, and filling them from a role packet. Does not: serving
them: CASE's service is a web service, this is its JSON.

A role's items: the role, under it its workflows, under them the tasks (in the words of their source) and
the four skills of a workflow. Ids are made of the packet's own, so that two exports of one packet are the
same bytes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.learning.planning.catalogue import OBJECTIVES, PREREQUISITES
from aina_assets.learning.practice.policy import STAGES, Stage
from aina_assets.packets.contract import RolePacket

BASE = "https://aina.invalid/case/v1p1"
CREATOR = "AINA"

AssociationType = Literal["isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes", "isRelatedTo"]
Uuid = Field(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Link(_Part):
    """A link to something of CASE."""

    title: str
    identifier: str = Uuid
    uri: str
    targetType: Literal["CASE"] = "CASE"  # noqa: N815


class PlainLink(_Part):
    """A link without a target's type."""

    title: str
    identifier: str = Uuid
    uri: str


class CFDocument(_Part):
    """The framework."""

    identifier: str = Uuid
    uri: str
    creator: str
    title: str
    lastChangeDateTime: str  # noqa: N815
    caseVersion: Literal["1.1"] = "1.1"  # noqa: N815
    officialSourceURL: str | None = None  # noqa: N815
    description: str | None = None
    language: str = "en"
    adoptionStatus: Literal["Private Draft", "Draft", "Adopted", "Deprecated"] = "Private Draft"  # noqa: N815
    notes: str | None = None
    CFPackageURI: PlainLink


class CFItem(_Part):
    """An item of the tree."""

    identifier: str = Uuid
    uri: str
    fullStatement: str = Field(min_length=1)  # noqa: N815
    humanCodingScheme: str | None = None  # noqa: N815
    listEnumeration: str | None = None  # noqa: N815
    abbreviatedStatement: str | None = Field(None, max_length=60)  # noqa: N815
    CFItemType: str
    CFItemTypeURI: PlainLink
    CFDocumentURI: PlainLink
    language: str = "en"
    notes: str | None = None
    lastChangeDateTime: str  # noqa: N815


class CFAssociation(_Part):
    """A link between two items."""

    identifier: str = Uuid
    uri: str
    associationType: AssociationType  # noqa: N815
    sequenceNumber: int | None = None  # noqa: N815
    originNodeURI: Link  # noqa: N815
    destinationNodeURI: Link  # noqa: N815
    CFDocumentURI: PlainLink
    lastChangeDateTime: str  # noqa: N815


class CFItemType(_Part):
    """A type of items."""

    identifier: str = Uuid
    uri: str
    title: str
    description: str
    hierarchyCode: str  # noqa: N815
    lastChangeDateTime: str  # noqa: N815


class CFLicense(_Part):
    """Under which licence the statements stand."""

    identifier: str = Uuid
    uri: str
    title: str
    licenseText: str  # noqa: N815
    lastChangeDateTime: str  # noqa: N815


class CFDefinitions(_Part):
    """What items refer to."""

    CFItemTypes: tuple[CFItemType, ...]
    CFLicenses: tuple[CFLicense, ...]


class CFPackage(_Part):
    """A framework with all that is in it."""

    CFDocument: CFDocument
    CFItems: tuple[CFItem, ...]
    CFAssociations: tuple[CFAssociation, ...]
    CFDefinitions: CFDefinitions


TYPES = {
    "Role": "An occupation, or a group of occupations that stands in for it.",
    "Workflow": "Tasks that belong together by the work activity that they share.",
    "Task": "A task of the role, in the words of its source.",
    "Skill": "What a learner can do: understand a workflow, do it with a model, verify it, hand it over.",
}


class CaseExport:
    """Makes packages.

    Args:
        changed_at: what `lastChangeDateTime` tells, such as `2026-06-01T00:00:00Z`; the caller's, since
            nothing here looks at a clock.
    """

    def __init__(self, changed_at: str) -> None:
        self._changed_at = changed_at

    def package(self, role: RolePacket) -> CFPackage:
        """The package of a role."""
        document = _id("document", role.role_id)
        document_link = PlainLink(title=role.title, identifier=document, uri=_uri("CFDocuments", document))
        made = _Tree(document_link, self._changed_at)
        top = made.item("Role", role.role_id, role.title, code=role.code)
        for number, workflow in enumerate(role.workflows, 1):
            held = made.item("Workflow", workflow.workflow_id, workflow.name, above=top, place=number)
            tasks = {task.task_id: task for task in role.tasks}
            for place, task_id in enumerate(workflow.task_ids, 1):
                task = tasks[task_id]
                key = f"{workflow.workflow_id}/{task.onet_soc_code}/{task_id}"
                code = f"{task.onet_soc_code}/{task_id}"
                made.item("Task", key, task.statement, above=held, place=place, code=code)
            skills = self._skills(made, workflow.workflow_id, held, len(workflow.task_ids))
            for stage in STAGES:
                for before in PREREQUISITES[stage]:
                    made.associate("precedes", skills[before], skills[stage])
        package = _id("package", role.role_id)
        licences = sorted({source.licence for source in role.sources})
        return CFPackage(
            CFDocument=CFDocument(
                identifier=document,
                uri=document_link.uri,
                creator=CREATOR,
                title=role.title,
                lastChangeDateTime=self._changed_at,
                description=f"Role packet {role.role_id} {role.schema_version}, sha256 {role.packet_sha256}.",
                notes=" ".join(role.attribution) or None,
                CFPackageURI=PlainLink(
                    title=role.title, identifier=package, uri=_uri("CFPackages", document)
                ),
            ),
            CFItems=tuple(made.items),
            CFAssociations=tuple(made.associations),
            CFDefinitions=CFDefinitions(
                CFItemTypes=tuple(
                    CFItemType(
                        identifier=_id("type", name),
                        uri=_uri("CFItemTypes", _id("type", name)),
                        title=name,
                        description=description,
                        hierarchyCode=str(number),
                        lastChangeDateTime=self._changed_at,
                    )
                    for number, (name, description) in enumerate(TYPES.items(), 1)
                ),
                CFLicenses=tuple(
                    CFLicense(
                        identifier=_id("licence", licence),
                        uri=_uri("CFLicenses", _id("licence", licence)),
                        title=licence,
                        licenseText=licence,
                        lastChangeDateTime=self._changed_at,
                    )
                    for licence in licences
                ),
            ),
        )

    @staticmethod
    def _skills(made: _Tree, workflow_id: str, above: Link, tasks: int) -> dict[Stage, Link]:
        return {
            stage: made.item(
                "Skill",
                f"{workflow_id}/{stage}",
                f"Can {OBJECTIVES[stage]}.",
                above=above,
                place=tasks + place,
            )
            for place, stage in enumerate(STAGES, 1)
        }


class _Tree:
    """Items and associations while they are made."""

    def __init__(self, document: PlainLink, changed_at: str) -> None:
        self._document = document
        self._changed_at = changed_at
        self.items: list[CFItem] = []
        self.associations: list[CFAssociation] = []

    def item(
        self,
        kind: str,
        key: str,
        statement: str,
        *,
        above: Link | None = None,
        place: int | None = None,
        code: str | None = None,
    ) -> Link:
        identifier = _id(kind, key)
        uri = _uri("CFItems", identifier)
        self.items.append(
            CFItem(
                identifier=identifier,
                uri=uri,
                fullStatement=statement,
                humanCodingScheme=code or key,
                listEnumeration=None if place is None else str(place),
                CFItemType=kind,
                CFItemTypeURI=PlainLink(
                    title=kind, identifier=_id("type", kind), uri=_uri("CFItemTypes", _id("type", kind))
                ),
                CFDocumentURI=self._document,
                lastChangeDateTime=self._changed_at,
            )
        )
        link = Link(title=statement[:60], identifier=identifier, uri=uri)
        if above is not None:
            self.associate("isChildOf", link, above, place)
        return link

    def associate(
        self, kind: AssociationType, origin: Link, destination: Link, place: int | None = None
    ) -> None:
        identifier = _id("association", f"{kind}/{origin.identifier}/{destination.identifier}")
        self.associations.append(
            CFAssociation(
                identifier=identifier,
                uri=_uri("CFAssociations", identifier),
                associationType=kind,
                sequenceNumber=place,
                originNodeURI=origin,
                destinationNodeURI=destination,
                CFDocumentURI=self._document,
                lastChangeDateTime=self._changed_at,
            )
        )


def package_text(package: CFPackage) -> str:
    """The package's JSON; what is not told is left out, as CASE asks."""
    return json.dumps(
        package.model_dump(mode="json", exclude_none=True), indent=1, sort_keys=True, ensure_ascii=False
    )


def faults(package: CFPackage) -> list[str]:
    """What breaks the tree: ids twice, links to nothing, an item without a way to the role."""
    ids = [item.identifier for item in package.CFItems]
    found = [f"{held} is there twice" for held in sorted({held for held in ids if ids.count(held) > 1})]
    known = set(ids)
    parents: dict[str, str] = {}
    for link in package.CFAssociations:
        ends = (link.originNodeURI.identifier, link.destinationNodeURI.identifier)
        found += [f"{link.identifier} leads to {end}, which is not there" for end in ends if end not in known]
        if link.associationType == "isChildOf":
            parents[ends[0]] = ends[1]
    tops = [held for held in ids if held not in parents]
    if len(tops) != 1:
        found.append(f"{len(tops)} items stand under nothing")
    return found + [f"{held} stands in a ring" for held in _in_rings(ids, parents)]


def _in_rings(ids: Iterable[str], parents: dict[str, str]) -> list[str]:
    found = []
    for held in ids:
        seen = {held}
        at = parents.get(held)
        while at is not None and at not in seen:
            seen.add(at)
            at = parents.get(at)
        if at is not None:
            found.append(held)
    return found


def _id(kind: str, key: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}/{kind}/{key}"))


def _uri(kind: str, identifier: str) -> str:
    return f"{BASE}/{kind}/{identifier}"
