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
    seal_holds,
    write_receipt,
)
from aina_assets.core.storage import sha256_file

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


class Published(Predicate):
    """A predicate whose type others defined."""

    predicate_uri = "https://in-toto.io/attestation/x/v0.1"


class Unpublished(Predicate):
    """The same fields under a name of ours."""


class Anything(RootModel[Any]):
    """Any JSON."""


STATUS = GateStatus(gate="deployment", rows={"b": 2, "a": 1})
SEAL = "e3c18de1aaa8c5532bd7d35d3d65c846ef7129eeeace5f53b05f08b4dcdde93e"


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
        "predicate": {"gate": "deployment", "rows": {"a": 1, "b": 2}, "rests_on": [], "seal": SEAL},
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
    assert statement.predicate == STATUS.model_copy(update={"seal": SEAL})
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


# --- the seal


def test_every_single_wrong_bit_is_found(written: Path) -> None:
    content = written.read_bytes()
    assert seal_holds(content, SEAL)
    for bit in range(len(content) * 8):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        written.write_bytes(damaged)
        with pytest.raises(StateError):
            read_receipt(written, NAME, GateStatus)


def test_another_figure_is_damage_though_the_schema_holds(written: Path) -> None:
    written.write_bytes(written.read_bytes().replace(b'"b":2', b'"b":3'))
    jsonschema.validate(json.loads(written.read_bytes()), receipt_schema(NAME, GateStatus))
    with pytest.raises(StateError, match="not those that were sealed") as caught:
        read_receipt(written, NAME, GateStatus)
    assert caught.value.place == "predicate.seal"


def test_an_unsealed_receipt_is_refused(written: Path) -> None:
    written.write_bytes(written.read_bytes().replace(SEAL.encode(), b""))
    with pytest.raises(StateError, match="not those that were sealed"):
        read_receipt(written, NAME, GateStatus)


# --- what it rests on


def test_a_receipt_names_those_it_rests_on_with_their_digests(written: Path) -> None:
    above = write_receipt(written.parent, "gate_report_v1", DIGESTS, STATUS, rests_on=[NAME])
    statement = read_receipt(above, "gate_report_v1", GateStatus)
    (below,) = statement.predicate.rests_on
    assert (below.name, below.digest.sha256) == ("receipts/gate_status_v1.json", sha256_file(written))


def test_a_receipt_cannot_rest_on_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught:
        write_receipt(tmp_path, "gate_report_v1", DIGESTS, STATUS, rests_on=[NAME])
    assert caught.value.file == str(tmp_path / f"{NAME}.json")
    assert not (tmp_path / "gate_report_v1.json").exists()


def test_a_published_predicate_keeps_its_own_type(tmp_path: Path) -> None:
    path = write_receipt(tmp_path, NAME, DIGESTS, Published())
    assert json.loads(path.read_bytes())["predicateType"] == "https://in-toto.io/attestation/x/v0.1"
    assert read_receipt(path, NAME, Published).predicate_type == "https://in-toto.io/attestation/x/v0.1"
    jsonschema.validate(json.loads(path.read_bytes()), receipt_schema(NAME, Published))
    with pytest.raises(StateError, match=r"expected a .*gate_status/v1, found a .*attestation/x"):
        read_receipt(path, NAME, Unpublished)


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
