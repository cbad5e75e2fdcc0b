"""The fast canonical JSON is the library's, byte for byte."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.packets.canonical import canonical_json, digest

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


@given(st.dictionaries(st.text(), VALUES))
def test_it_is_the_librarys(value: dict[str, Any]) -> None:
    assert canonical_json(copy.deepcopy(value)) == rfc8785.dumps(value)


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical_json({"b": 1, "a": {"d": 2.0, "c": 1e-7}}) == b'{"a":{"c":1e-7,"d":2},"b":1}'


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical_json({"a": float("inf")})


def test_a_digest_is_the_sha256_of_the_bytes() -> None:
    assert digest(b"{}") == hashlib.sha256(b"{}").hexdigest()
