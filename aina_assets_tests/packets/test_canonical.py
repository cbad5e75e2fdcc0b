"""The fast canonical JSON is the library's, byte for byte."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from datetime import date
from typing import Any

import pytest
import rfc8785
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from aina_assets.packets.canonical import PartWriter, canonical_json, digest, is_canonical, origins_in

NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
    st.floats(0, 1),
    st.sampled_from([0.0, -0.0, 1.0, 1e-4, 9.9e-5, 1e-7, 1e15, 1e21, 123456.5, 50000.0]),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.text())
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=20
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
def test_it_is_the_librarys(value: dict[str, Any]) -> None:
    assert canonical_json(copy.deepcopy(value)) == rfc8785.dumps(value)


class Leaf(BaseModel):
    text: str
    number: float | int | None


class Tree(BaseModel):
    leaves: tuple[Leaf, ...]
    day: date
    is_on: bool


LEAVES_OF_MODELS = st.builds(Leaf, text=st.text(), number=st.one_of(st.none(), NUMBERS))


@settings(max_examples=60, deadline=None)
@given(st.builds(Tree, leaves=st.lists(LEAVES_OF_MODELS, max_size=3).map(tuple), day=st.dates()))
def test_a_model_is_written_as_its_plain_data_is(tree: Tree) -> None:
    writer = PartWriter(unshared=(Tree,))
    wanted = rfc8785.dumps(tree.model_dump(mode="json")).decode()
    # The second time from memory.
    assert [writer.write(tree), writer.write(tree)] == [wanted, wanted]


def test_what_is_no_part_is_not_written() -> None:
    with pytest.raises(TypeError, match="a packet holds no set"):
        PartWriter().write({1})


KEYS = st.sampled_from(["a", "b", "Z", "_"])
PACKETS = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner), st.dictionaries(KEYS, inner)))


@settings(max_examples=60, deadline=None)
@example({"a": 1e-5})
@example({"a": [-9.9e-5, 1e-6, 1e-7]})
@given(st.dictionaries(KEYS, PACKETS, max_size=3))
def test_canonical_is_what_the_library_writes_and_nothing_else(value: dict[str, Any]) -> None:
    content = rfc8785.dumps(value).decode()
    assume(not re.search(r"\d{16}", content))
    assert is_canonical(content, json.loads(content))
    plain = json.dumps(value)
    assert is_canonical(plain, json.loads(plain)) == (plain == content)


@pytest.mark.parametrize(
    "content",
    ['{"a":9007199254740993}', '{"a":1.0}', '{"a":1e-05}', '{"b":1,"a":2}', '{"a": 1}', '{"a":[-0]}'],
)
def test_what_is_not_canonical_is_told(content: str) -> None:
    assert not is_canonical(content, json.loads(content))


def test_origins_are_found_and_what_only_looks_like_one_is_not() -> None:
    value = {"o": {"file": 'onet/a "b".txt', "row": 7}, "s": '{"file":"x","row":1}', "file": "y"}
    found = origins_in(canonical_json(value).decode())
    assert [row for _, row in found] == [7]


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical_json({"b": 1, "a": {"d": 2.0, "c": 1e-7}}) == b'{"a":{"c":1e-7,"d":2},"b":1}'


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical_json({"a": float("inf")})


def test_a_digest_is_the_sha256_of_the_bytes() -> None:
    assert digest(b"{}") == hashlib.sha256(b"{}").hexdigest()
