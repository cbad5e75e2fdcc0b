"""Receipts: in-toto Statements v1 with typed predicates, in canonical JSON.

Every receipt names the receipts that it rests on, with their digests, so that together they form a graph
without cycles from the sources to the gates. Every receipt carries a seal, the digest of its own bytes with
the seal left blank: a damaged one is known by itself, without a second file that a crash could leave
behind. A seal is no signature: whoever changes a receipt on purpose can seal it anew, and is found by what
rests on it, or by the signatures that `signing` adds.

Belongs here: the statement's shape, canonical bytes, sealing, writing and reading, committed JSON Schemas.
Does not: any receipt's predicate; those stand in the stage whose state they speak of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aina_assets.core.errors import StateError
from aina_assets.core.storage import sha256_bytes, sha256_file, write_bytes

PREDICATE_PREFIX = "https://aina.invalid/predicates/"


class Digest(BaseModel):
    """A subject's digest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Subject(BaseModel):
    """A file that the statement speaks of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="path below the data root, or `<source>/<file>` of a source", min_length=1)
    digest: Digest


class Predicate(BaseModel):
    """What a receipt says. Subclasses name it and give its fields; no wall-clock time is among them.

    Attributes:
        predicate_uri: the type's own URI where it is a published one; else it follows from the name.
        rests_on: the receipts that this one rests on; `write_receipt` fills it in.
        seal: the digest of the receipt's bytes with the seal left blank; `write_receipt` fills it in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    predicate_uri: ClassVar[str | None] = None

    rests_on: tuple[Subject, ...] = Field(
        (), description="receipts that this one rests on, by their place in the data root"
    )
    seal: str = Field(
        "",
        description="sha256 of the file with this left blank",
        pattern=r"^([0-9a-f]{64})?$",
    )


BASE_FIELDS = frozenset(Predicate.model_fields)


P = TypeVar("P", bound=Predicate)


class Statement(BaseModel, Generic[P]):
    """An in-toto Statement v1."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(
        "https://in-toto.io/Statement/v1", alias="_type"
    )
    subject: tuple[Subject, ...] = Field(min_length=1)
    predicate_type: str = Field(alias="predicateType")
    predicate: P


def _statement_of(model: type[P]) -> type[Statement[P]]:
    return Statement[model]  # type: ignore[valid-type]


def predicate_type(name: str, model: type[Predicate] = Predicate) -> str:
    """The type URI of a receipt's predicate: of `gate_status_v1` it is `.../gate_status/v1`."""
    if model.predicate_uri is not None:
        return model.predicate_uri
    stem, _, version = name.rpartition("_")
    return f"{PREDICATE_PREFIX}{stem}/{version}"


def subjects(digests: Mapping[str, str]) -> tuple[Subject, ...]:
    """Subjects of a map from name to sha256, in the names' order."""
    return tuple(Subject(name=name, digest=Digest(sha256=sha)) for name, sha in sorted(digests.items()))


def canonical_bytes(statement: BaseModel) -> bytes:
    """The statement's canonical JSON (RFC 8785): the same statement has the same bytes anywhere."""
    return bytes(rfc8785.dumps(statement.model_dump(mode="json", by_alias=True)))


def sealed_bytes(digests: Mapping[str, str], name: str, predicate: Predicate) -> bytes:
    """A sealed statement over the given subjects, as one line of text."""
    model = type(predicate)
    blank = _statement_of(model)(
        subject=subjects(digests),
        predicate_type=predicate_type(name, model),
        predicate=predicate.model_copy(update={"seal": ""}),
    )
    seal = sha256_bytes(canonical_bytes(blank) + b"\n")
    whole = blank.model_copy(update={"predicate": predicate.model_copy(update={"seal": seal})})
    return canonical_bytes(whole) + b"\n"


def seal_holds(content: bytes, seal: str) -> bool:
    """Whether a statement's bytes are those that were sealed. Nothing is parsed: every bit counts."""
    marked = b'"seal":"' + seal.encode() + b'"'
    if not seal or content.count(marked) != 1:
        return False
    return sha256_bytes(content.replace(marked, b'"seal":""')) == seal


def write_receipt(
    folder: Path,
    name: str,
    digests: Mapping[str, str],
    predicate: Predicate,
    *,
    rests_on: Iterable[str] = (),
) -> Path:
    """Write the receipt `name` (as `public_source_snapshot_v1`), atomically, and return its path.

    Args:
        rests_on: names of the receipts in the same folder that this one rests on.

    Raises:
        StateError: a receipt that it rests on is absent.
    """
    path = receipt_path(folder, name)
    below = {subject_name(other): receipt_digest(folder, other) for other in rests_on}
    resting = predicate.model_copy(update={"rests_on": subjects(below)})
    write_bytes(path, sealed_bytes(digests, name, resting))
    return path


def receipt_path(folder: Path, name: str) -> Path:
    """Where a receipt lies."""
    return folder / f"{name}.json"


def subject_name(name: str) -> str:
    """A receipt's name as a subject: its place in the data root."""
    return f"receipts/{name}.json"


def receipt_digest(folder: Path, name: str) -> str:
    """The digest of a receipt's file.

    Raises:
        StateError: there is none.
    """
    path = receipt_path(folder, name)
    try:
        return sha256_file(path)
    except FileNotFoundError as error:
        raise StateError("there is no such receipt", file=path, remedy=f"Materialize `{name}`.") from error


def read_receipt(path: Path, name: str, model: type[P]) -> Statement[P]:
    """Read a receipt and hold it against its model and its seal.

    Raises:
        StateError: it is absent, malformed, damaged, or of another type; names both types.
    """
    try:
        content = path.read_bytes()
        statement = _statement_of(model).model_validate_json(content)
    except FileNotFoundError as error:
        raise StateError("there is no such receipt", file=path) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise StateError(
            f"malformed receipt: {first['msg']}", file=path, place=".".join(map(str, first["loc"]))
        ) from error
    expected = predicate_type(name, model)
    if statement.predicate_type != expected:
        raise StateError(f"expected a {expected}, found a {statement.predicate_type}", file=path)
    if not seal_holds(content, statement.predicate.seal):
        raise StateError(
            "damaged receipt: its bytes are not those that were sealed",
            file=path,
            place="predicate.seal",
            remedy=f"Materialize `{name}` again.",
        )
    return statement


def receipt_schema(receipt: str, model: type[Predicate]) -> dict[str, Any]:
    """The JSON Schema of a receipt's whole statement."""
    schema: dict[str, Any] = _statement_of(model).model_json_schema(by_alias=True)
    schema["$id"] = f"{receipt}.schema.json"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = receipt
    schema["properties"]["predicateType"]["const"] = predicate_type(receipt, model)
    # Every file has them, though a predicate that was not yet written has not.
    said = schema["$defs"][model.__name__]
    said["required"] = sorted({*said.get("required", ()), *BASE_FIELDS})
    said["properties"]["seal"]["pattern"] = "^[0-9a-f]{64}$"
    for name in BASE_FIELDS:
        said["properties"][name].pop("default", None)
    return schema


def schema_text(name: str, model: type[Predicate]) -> str:
    """The committed text of a receipt's JSON Schema."""
    return json.dumps(receipt_schema(name, model), indent=2, sort_keys=True) + "\n"
