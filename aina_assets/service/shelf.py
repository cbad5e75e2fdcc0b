"""Packets as they are handed out, kept as bytes with their tags: most requests are for few packets.

Belongs here: bytes, tags, one reader at a time. Does not: composing, or what the gate holds back (`packets`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from threading import RLock

from aina_assets.packets.reader import PacketReader

KEPT = 512
TITLE_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Tagged:
    """Bytes and their entity tag, with its quotes."""

    content: bytes
    tag: str


def tagged(content: bytes) -> Tagged:
    """Content with the tag that is made of it."""
    return Tagged(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def is_known(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names the tag."""
    if header is None:
        return False
    return any(told.strip().removeprefix("W/") in (tag, "*") for told in header.split(","))


class Shelf:
    """Packets by their ids.

    Args:
        reader: of a built state.
    """

    def __init__(self, reader: PacketReader) -> None:
        self._reader = reader
        # One file handle behind the reader: two threads would read each other's place.
        self._lock = RLock()
        self._kept = lru_cache(KEPT)(self._read)

    def packet(self, packet_id: str) -> Tagged:
        """A role's packet, or a title's with its role.

        Raises:
            NoPacketError: there is none.
            PacketHeldError: the gate holds it back.
        """
        return self._kept(packet_id)

    def _read(self, packet_id: str) -> Tagged:
        with self._lock:
            is_title = TITLE_ID.fullmatch(packet_id) is not None
            told = self._reader.title_json(packet_id) if is_title else self._reader.role_json(packet_id)
        return tagged(told.encode())
