"""Canonical JSON of packets (RFC 8785), and digests of it.

Belongs here: bytes. Does not: what a packet says.

The library for it is written in Python; the standard encoder is several times as fast and gives the same
bytes for what packets hold, once whole numbers are integers. A number that the two would write differently
sends the whole value to the library.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import rfc8785

# Python writes smaller and larger numbers with an exponent where RFC 8785 does not.
SMALLEST, LARGEST = 1e-4, 1e15


def canonical_json(value: dict[str, Any]) -> bytes:
    """The canonical JSON of plain data: dicts, lists, texts, numbers, booleans and None.

    Whole numbers in it become integers in place, which is how RFC 8785 writes them.

    Raises:
        rfc8785.CanonicalizationError: it holds what canonical JSON cannot, such as an infinite number.
    """
    if not _settle(value):
        return bytes(rfc8785.dumps(value))
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _settle(value: Any) -> bool:
    """Make whole numbers integers; give whether the standard encoder writes all that is left canonically."""
    is_plain = True
    if type(value) is dict:
        is_plain = all(map(str.isascii, value))
        places: Iterable[tuple[Any, Any]] = value.items()
    else:
        places = enumerate(value)
    for place, item in places:
        kind = type(item)
        # Texts are by far the most: they are told apart first.
        if kind is str or item is None or kind is bool:
            continue
        if kind is dict or kind is list:
            is_plain = _settle(item) and is_plain
        elif kind is float:
            if item.is_integer() and abs(item) < LARGEST:
                value[place] = int(item)
            else:
                is_plain = is_plain and SMALLEST <= abs(item) < LARGEST
        else:
            is_plain = is_plain and kind is int and abs(item) < LARGEST
    return is_plain


def digest(content: bytes) -> str:
    """The sha256 of canonical JSON, in hex."""
    return hashlib.sha256(content).hexdigest()
