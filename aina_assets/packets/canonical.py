"""Canonical JSON of packets (RFC 8785), and digests of it.

Belongs here: bytes. Does not: what a packet says.

The library for it is written in Python; the standard encoder is several times as fast and gives the same
bytes for what packets hold, once whole numbers are integers. A number that the two would write differently
sends the whole value to the library.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from json.encoder import encode_basestring
from typing import Any

import rfc8785
from pydantic import BaseModel

# Python writes smaller and larger numbers with an exponent where RFC 8785 does not.
SMALLEST, LARGEST = 1e-4, 1e15
# A number, or what a text has that looks like one, that RFC 8785 may write otherwise than Python does.
DOUBTFUL = re.compile(r"[:\[,]-?\d+(?:\.0[,}\]]|\.0000|(?:\.\d+)?e|\d{14})|[:\[,]-0[,}\]]")
# RFC 8785 sorts keys with such characters in another order than Python.
ASTRAL = re.compile("[\ud800-\U0010ffff]")
# Where a fact stands, as canonical JSON writes it; a text's quotes are escaped, so that none looks like it.
ORIGIN = re.compile(r'\{"file":"((?:[^"\\]|\\.)*)","row":(\d+)\}')


def canonical_json(value: dict[str, Any]) -> bytes:
    """The canonical JSON of plain data: dicts, lists, texts, numbers, booleans and None.

    Whole numbers in it may become integers in place, which is how RFC 8785 writes them.

    Raises:
        rfc8785.CanonicalizationError: it holds what canonical JSON cannot, such as an infinite number.
    """
    try:
        text = _dumped(value)
    except ValueError:
        return bytes(rfc8785.dumps(value))
    if DOUBTFUL.search(text) or ASTRAL.search(text):
        return _dumped(value).encode() if _settle(value) else bytes(rfc8785.dumps(value))
    return text.encode()


def _dumped(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


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


def is_canonical(content: str, value: dict[str, Any]) -> bool:
    """Whether a text is the canonical JSON of a value.

    Args:
        value: what the text was parsed into. Its keys are ASCII, as those of whatever keeps its schema are.
    """
    if DOUBTFUL.search(content):
        try:
            return canonical_json(value) == content.encode()
        except rfc8785.CanonicalizationError:
            # A whole number beyond what every reader of JSON keeps.
            return False
    return _dumped(value) == content


def origins_in(content: str) -> list[tuple[str, int]]:
    """File and row of every origin in the canonical JSON of a packet, in its order."""
    return [(file, int(row)) for file, row in ORIGIN.findall(content)]


def _number(value: float) -> str:
    if type(value) is float and not value.is_integer() and SMALLEST <= abs(value) < LARGEST:
        return repr(value)
    if abs(value) < LARGEST:
        return str(int(value)) if value == int(value) else rfc8785.dumps(value).decode()
    return rfc8785.dumps(value).decode()


LEAVES: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    type(None): lambda _: "null",
    float: _number,
    int: _number,
    bool: lambda value: "true" if value else "false",
    date: lambda value: f'"{value.isoformat()}"',
}


class PartWriter:
    """Writes models as canonical JSON; a part that several packets share is written once.

    Args:
        unshared: models of which no two packets share one; they are not remembered.
    """

    def __init__(self, unshared: Iterable[type[BaseModel]] = ()) -> None:
        self._unshared = frozenset(unshared)
        self._keys: dict[type[BaseModel], list[tuple[str, str]]] = {}
        # With the part itself: as long as it is held no other one has its id.
        self._written: dict[int, tuple[object, str]] = {}

    def write(self, value: Any) -> str:
        """The canonical JSON of a model, or of what a field of one holds.

        Raises:
            TypeError: it is nothing that a packet holds.
        """
        leaf = LEAVES.get(type(value))
        if leaf is not None:
            return leaf(value)
        found = self._written.get(id(value))
        if found is not None:
            return found[1]
        if type(value) is tuple:
            text = f"[{','.join(map(self.write, value))}]"
            is_shared = bool(value) and type(value[0]) not in self._unshared
        elif isinstance(value, BaseModel):
            text = f"{{{','.join(self.members(value).values())}}}"
            is_shared = type(value) not in self._unshared
        else:
            raise TypeError(f"a packet holds no {type(value).__name__}")
        if is_shared:
            self._written[id(value)] = (value, text)
        return text

    def members(self, value: BaseModel) -> dict[str, str]:
        """Of each field of a model its member of the canonical JSON, in canonical order."""
        kind, held, write = type(value), value.__dict__, self.write
        keys = self._keys.get(kind)
        if keys is None:
            keys = self._keys[kind] = [(name, f'"{name}":') for name in sorted(kind.model_fields)]
        return {name: key + write(held[name]) for name, key in keys}
