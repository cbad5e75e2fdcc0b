"""The contract of packets: what a role packet and a title packet say, as models with published JSON Schemas.

Belongs here: the models, their version, and refusing a packet of another major version. Does not: where a
fact comes from, or whether a packet is sound (`quality`).

Every fact has an `Origin`: a file of a source and a row of it. The packet's `sources` tell each such file's
release, digest and licence, so that an origin leads to one row of one locked file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json

from aina_assets.core.errors import AinaError
from aina_assets.packets.parts import (
    EducationShare,
    Exposure,
    Generalization,
    Group,
    Importance,
    JobZone,
    OnetSocCode,
    Origin,
    PacketGate,
    PacketSource,
    Part,
    PracticeTask,
    RoleId,
    RoleLevel,
    ServedLevel,
    Sha256,
    Share,
    SimilarOccupation,
    Statement,
    Task,
    Technology,
    Wages,
    Workflow,
)

# A minor version adds fields and codes, and still reads packets of the minor versions before it: a new field
# has a default. Whatever else changes, or goes, is a major version.
PACKET_VERSION = "1.1.0"
MAJOR = PACKET_VERSION.partition(".")[0]

# Fields that are not in a packet's digest.
UNSEALED = ("packet_sha256", "gate")


class PacketVersionError(AinaError):
    """A packet is of a major version that this reader does not know."""

    default_remedy = f"Read it with a release of AINA that knows it; this one knows {MAJOR}.x.x."


class PacketFormatError(AinaError):
    """A packet breaks its contract."""

    default_remedy = "Build the packets again; docs/contracts has the schemas."


# --- packets


class RolePacket(Part):
    """What a role is: an O*NET occupation, or a coarser group that stands in where a title is not surer."""

    schema_version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    kind: Literal["role"]
    role_id: RoleId
    level: RoleLevel = Field(description="level that the packet speaks at")
    code: str = Field(description="O*NET-SOC code, SOC code or business function")
    title: str = Field(min_length=1)
    description: str | None
    origin: Origin | None = Field(description="row that names the role; null for a business function")
    function: str | None = Field(description="business function; null where the work is out of scope")
    groups: tuple[Group, ...] = Field(description="SOC groups above it, the finest first")
    importance: Importance
    tasks: tuple[Task, ...] = Field(description="by rank")
    workflows: tuple[Workflow, ...] = Field(description="by importance")
    exposure: Exposure | None
    technologies: tuple[Technology, ...]
    wages: Wages
    practice: tuple[PracticeTask, ...]
    job_zone: JobZone | None
    education: tuple[EducationShare, ...]
    similar: tuple[SimilarOccupation, ...]
    generalizes: Generalization | None = Field(description="null for an O*NET occupation")
    statements: tuple[Statement, ...] = Field(description="what is absent, substituted or withheld, and why")
    sources: tuple[PacketSource, ...]
    attribution: tuple[str, ...] = Field(description="texts that whatever shows the packet must carry")
    packet_sha256: Sha256 = Field(description="digest of the packet without this field and `gate`")
    gate: PacketGate | None = Field(description="filled when the packet is handed out")

    @property
    def is_fallback(self) -> bool:
        """Whether it speaks of a group and not of one occupation."""
        return self.generalizes is not None


class TitleEvidence(Part):
    """An authority's title that the route rests on."""

    table: str
    title: str | None = Field(description="the authority's own text")
    code: str | None = Field(description="code that it is listed under")
    origin: Origin


class Served(Part):
    """Why the title is served, at which level, and how wrong that may be."""

    decided_by: Literal["route", "rule", "review"] = Field(
        description="route: evidence alone; rule: a deterministic rule of adjudication; review: two reviewers"
    )
    decision: str = Field(description="stratum of the certificate, rule id or merge id", min_length=1)
    reason: str
    basis: str | None
    lane: str | None
    level: ServedLevel = Field(description="level that is claimed")
    code: str = Field(description="SOC code or business function that is claimed")
    probability: Share | None = Field(description="calibrated probability that the claim is right")
    error_bound: Share | None = Field(
        description="one-sided 95% upper bound of the error of the stratum; null where none was measured"
    )
    likely_onet_soc_code: OnetSocCode | None = Field(
        description="the O*NET occupation that evidence favours below a detailed code; never certified"
    )
    evidence: tuple[TitleEvidence, ...]


class TitleHead(Part):
    """All that a title packet says of the title itself: what its digest is of."""

    schema_version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    kind: Literal["title"]
    title_id: str = Field(pattern=r"^[0-9a-f]{16}$")
    title_batch: str
    title: str = Field(description="canonical form", min_length=1)
    seniority: str | None = Field(description="rank that the words tell")
    function: str | None
    served: Served
    statements: tuple[Statement, ...]
    sources: tuple[PacketSource, ...] = Field(description="files of the title's own evidence")
    attribution: tuple[str, ...] = Field(
        default=(), description="texts that whatever shows that evidence must carry; since 1.1.0"
    )
    role_packet_sha256: Sha256


class TitlePacket(TitleHead):
    """A title: its route and seniority over a role packet."""

    role: RolePacket
    packet_sha256: Sha256 = Field(
        description="digest of the packet without this field, `gate` and `role`, which has its own"
    )
    gate: PacketGate | None = Field(description="filled when the packet is handed out")


# --- reading

P = TypeVar("P", RolePacket, TitlePacket)


def read_packet(content: str | bytes, model: type[P], *, file: str | None = None) -> P:
    """Read a packet from its JSON.

    Args:
        content: the JSON.
        model: `RolePacket` or `TitlePacket`.
        file: where it is from, for the error.

    Raises:
        PacketVersionError: its major version is not this reader's; nothing else of it is looked at.
        PacketFormatError: it is no JSON or breaks the contract; names the place.
    """
    return parsed(read_json(content, file=file), model, file=file)


def read_json(content: str | bytes, *, file: str | None = None) -> dict[str, Any]:
    """The plain data of a packet's JSON, of whatever version.

    Raises:
        PacketFormatError: it is no JSON object.
    """
    try:
        data = from_json(content)
    except ValueError as error:
        raise PacketFormatError(f"not a packet: {error}", file=file) from error
    if not isinstance(data, dict):
        raise PacketFormatError("not a packet: no JSON object", file=file)
    return data


def parsed(data: Mapping[str, Any], model: type[P], *, file: str | None = None) -> P:
    """A packet from its plain data.

    Raises:
        PacketVersionError, PacketFormatError: as `read_packet`.
    """
    version = data.get("schema_version")
    if not isinstance(version, str):
        raise PacketFormatError("not a packet: it tells no version", file=file, place="schema_version")
    if version.partition(".")[0] != MAJOR:
        raise PacketVersionError(
            f"expected a packet of version {MAJOR}.x.x, found {version!r}", file=file, place="schema_version"
        )
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise PacketFormatError(
            f"{len(error.errors())} faults, first: {first['msg']}",
            file=file,
            place=".".join(map(str, first["loc"])) or None,
        ) from error


def packet_schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """The published JSON Schema of a packet.

    Args:
        name: as `role_packet_v1`.
        model: `RolePacket` or `TitlePacket`.
    """
    schema = model.model_json_schema(mode="serialization")
    return {
        **schema,
        "$id": f"{name}.schema.json",
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "version": PACKET_VERSION,
    }


def packet_schema_text(name: str, model: type[BaseModel]) -> str:
    """The committed text of a packet's JSON Schema."""
    return json.dumps(packet_schema(name, model), indent=2, sort_keys=True) + "\n"


SCHEMAS: dict[str, type[BaseModel]] = {
    f"role_packet_v{MAJOR}": RolePacket,
    f"title_packet_v{MAJOR}": TitlePacket,
}
