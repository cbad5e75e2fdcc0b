"""Receipts: in-toto Statements in canonical JSON, held against the schema that others are given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, RootModel

from aina_assets.core.errors import StateError
from aina_assets.core.receipts import (
    Predicate,
    canonical_bytes,
    predicate_type,
    read_receipt,
    receipt_schema,
    write_receipt,
)

NAME = "gate_status_v1"
DIGESTS = {"tables/b.parquet": "b" * 64, "a": "a" * 64}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    # Beyond 2^53 a whole number is no longer one that every reader of JSON reads alike.
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


class GateStatus(Predicate):
    """What a gate says."""

    gate: str = Field(min_length=1)
    rows: dict[str, int]


class Anything(RootModel[Any]):
    """Any JSON."""


STATUS = GateStatus(gate="deployment", rows={"b": 2, "a": 1})


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return write_receipt(tmp_path / "receipts", NAME, DIGESTS, STATUS)


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(item) for key, item in reversed(value.items())}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


@given(JSON)
def test_canonical_json_depends_on_the_value_alone(value: Any) -> None:
    content = canonical_bytes(Anything(value))
    assert canonical_bytes(Anything(reversed_keys(value))) == content
    assert canonical_bytes(Anything(json.loads(content))) == content


def test_canonical_json_is_rfc_8785s() -> None:
    value = {"€": 1e21, "b": [1.0, 0.1, True], "a": "\u0001é"}
    assert canonical_bytes(Anything(value)) == '{"a":"\\u0001é","b":[1,0.1,true],"€":1e+21}'.encode()


def test_a_receipt_is_an_in_toto_statement(written: Path) -> None:
    assert written.name == "gate_status_v1.json"
    assert json.loads(written.read_bytes()) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "a", "digest": {"sha256": "a" * 64}},
            {"name": "tables/b.parquet", "digest": {"sha256": "b" * 64}},
        ],
        "predicateType": "https://aina.invalid/predicates/gate_status/v1",
        "predicate": {"gate": "deployment", "rows": {"a": 1, "b": 2}},
    }


def test_the_same_receipt_has_the_same_bytes(written: Path, tmp_path: Path) -> None:
    turned = dict(reversed(DIGESTS.items()))
    again = write_receipt(
        tmp_path / "again", NAME, turned, GateStatus(gate="deployment", rows={"a": 1, "b": 2})
    )
    assert again.read_bytes() == written.read_bytes()
    assert canonical_bytes(read_receipt(again, NAME, GateStatus)) + b"\n" == written.read_bytes()


def test_a_receipt_reads_back(written: Path) -> None:
    statement = read_receipt(written, NAME, GateStatus)
    assert statement.predicate == STATUS
    assert [subject.name for subject in statement.subject] == ["a", "tables/b.parquet"]


def test_an_absent_receipt_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught:
        read_receipt(tmp_path / "x.json", NAME, GateStatus)
    assert caught.value.file == str(tmp_path / "x.json")


def test_a_receipt_of_another_type_is_refused_naming_both(tmp_path: Path) -> None:
    path = write_receipt(tmp_path, "gate_status_v2", DIGESTS, STATUS)
    with pytest.raises(StateError, match=r"expected a .*/gate_status/v1, found a .*/gate_status/v2"):
        read_receipt(path, NAME, GateStatus)


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("subject", {"subject": []}),
    ("subject.0.digest.sha256", {"subject": [{"name": "a", "digest": {"sha256": "A" * 64}}]}),
    ("_type", {"_type": "https://in-toto.io/Statement/v0.1"}),
    ("predicate.rows", {"predicate": {"gate": "x"}}),
    ("predicate.rows.a", {"predicate": {"gate": "x", "rows": {"a": "many"}}}),
    ("predicate.stranger", {"predicate": {"gate": "x", "rows": {}, "stranger": 1}}),
    ("stranger", {"stranger": 1}),
]


@pytest.mark.parametrize(("place", "change"), BROKEN)
def test_a_broken_receipt_is_refused_by_place_and_by_the_schema(
    written: Path, place: str, change: dict[str, Any]
) -> None:
    broken = {**json.loads(written.read_bytes()), **change}
    written.write_text(json.dumps(broken))
    with pytest.raises(StateError) as caught:
        read_receipt(written, NAME, GateStatus)
    assert caught.value.place == place
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, receipt_schema(NAME, GateStatus))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_a_damaged_file_is_a_malformed_receipt(written: Path, content: bytes) -> None:
    written.write_bytes(content)
    with pytest.raises(StateError, match="malformed receipt"):
        read_receipt(written, NAME, GateStatus)


def test_the_schema_holds_what_is_written_and_names_its_type(written: Path) -> None:
    schema = receipt_schema(NAME, GateStatus)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(written.read_bytes()), schema)
    assert schema["$id"] == "gate_status_v1.schema.json"
    other = {**json.loads(written.read_bytes()), "predicateType": predicate_type("gate_status_v2")}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(other, schema)


def test_a_predicate_has_no_unknown_fields() -> None:
    with pytest.raises(ValueError, match="extra"):
        GateStatus.model_validate({"gate": "x", "rows": {}, "made_at": "2026-01-01"})
