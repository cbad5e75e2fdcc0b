"""Receipts: in-toto Statements v1 with typed predicates, in canonical JSON.

Belongs here: the statement's shape, canonical bytes, writing and reading, committed JSON Schemas. Does
not: any receipt's predicate; those stand in the stage whose state they speak of.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aina_assets.core.errors import StateError
from aina_assets.core.storage import write_bytes

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
    """What a receipt says. Subclasses name it and give its fields; no wall-clock time is among them."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


def predicate_type(name: str) -> str:
    """The type URI of a receipt's predicate: of `gate_status_v1` it is `.../gate_status/v1`."""
    stem, _, version = name.rpartition("_")
    return f"{PREDICATE_PREFIX}{stem}/{version}"


def subjects(digests: dict[str, str]) -> tuple[Subject, ...]:
    """Subjects of a map from name to sha256, in the names' order."""
    return tuple(Subject(name=name, digest=Digest(sha256=sha)) for name, sha in sorted(digests.items()))


def canonical_bytes(statement: BaseModel) -> bytes:
    """The statement's canonical JSON (RFC 8785): the same statement has the same bytes anywhere."""
    return bytes(rfc8785.dumps(statement.model_dump(mode="json", by_alias=True)))


def write_receipt(folder: Path, name: str, digests: dict[str, str], predicate: Predicate) -> Path:
    """Write the receipt `name` (as `public_source_snapshot_v1`), atomically, and return its path."""
    statement = _statement_of(type(predicate))(
        subject=subjects(digests), predicate_type=predicate_type(name), predicate=predicate
    )
    path = folder / f"{name}.json"
    write_bytes(path, canonical_bytes(statement) + b"\n")
    return path


def read_receipt(path: Path, name: str, model: type[P]) -> Statement[P]:
    """Read a receipt and hold it against its model.

    Raises:
        StateError: it is absent, malformed, or of another type; names both types.
    """
    try:
        statement = _statement_of(model).model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise StateError("there is no such receipt", file=path) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise StateError(
            f"malformed receipt: {first['msg']}", file=path, place=".".join(map(str, first["loc"]))
        ) from error
    if statement.predicate_type != predicate_type(name):
        raise StateError(f"expected a {predicate_type(name)}, found a {statement.predicate_type}", file=path)
    return statement


def receipt_schema(name: str, model: type[Predicate]) -> dict[str, Any]:
    """The JSON Schema of a receipt's whole statement."""
    schema: dict[str, Any] = _statement_of(model).model_json_schema(by_alias=True)
    schema["$id"] = f"{name}.schema.json"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = name
    schema["properties"]["predicateType"]["const"] = predicate_type(name)
    return schema


def schema_text(name: str, model: type[Predicate]) -> str:
    """The committed text of a receipt's JSON Schema."""
    return json.dumps(receipt_schema(name, model), indent=2, sort_keys=True) + "\n"
