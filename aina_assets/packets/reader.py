"""Reading packets: one at a time, put together as it is asked for, and never one that the gate holds back.

Belongs here: looking packets up and handing them out. Does not: which title a text is (`resolve`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from aina_assets.core.engine import Engine
from aina_assets.core.errors import AinaError, StateError
from aina_assets.core.store import TableStore
from aina_assets.packets.canonical import canonical_json
from aina_assets.packets.composing.title import RoleHead, head
from aina_assets.packets.contract import RolePacket, TitlePacket, read_packet
from aina_assets.packets.evidence.rows import SourceBook
from aina_assets.packets.parts import PacketSource
from aina_assets.packets.policy import PacketPolicy, read_packet_policy
from aina_assets.packets.serving import gate_of, served_role, served_title
from aina_assets.packets.tables import PACKET_QUALITY_FINDING, ROLE_PACKET, TITLE_PACKET
from aina_assets.titles.identity import title_batch_of

# Roles as they are handed out, kept: a few hundred serve nearly all titles.
ROLES_KEPT = 256
HEAD_COLUMNS = ["role_id", "level", "code", "title", "packet_sha256"]


class NoPacketError(AinaError):
    """There is no packet of this id: the title is not serviceable, or the role does not exist."""

    default_remedy = "See `aina titles explain` for why a title is not served."


class PacketHeldError(AinaError):
    """The quality gate holds the packet back; it is not handed out."""

    default_remedy = "See the table `packet_quality_finding` and the receipt packet_quality_gate_v1."


def stored_role(store: TableStore, role_id: str, sha256: str) -> RolePacket:
    """A role packet as it is stored, whatever the gate says of it: for looking at, not for serving.

    Raises:
        NoPacketError: there is no such role.
    """
    for part in store.parts(ROLE_PACKET.name, ("role_id", "packet_json")):
        for row in part.filter(pc.equal(part["role_id"], role_id)).to_pylist():
            content = f'{row["packet_json"][:-1]},"packet_sha256":"{sha256}","gate":null}}'
            return read_packet(content, RolePacket, file=role_id)
    raise NoPacketError(f"there is no role {role_id!r}", place=role_id)


def unseen_by_the_gate(store: TableStore, policy: PacketPolicy) -> list[dict[str, str]]:
    """What changed since the quality gate looked: each input, the digest it saw, the one that stands."""
    seen = store.info(PACKET_QUALITY_FINDING.name).provenance.inputs
    standing = {
        ROLE_PACKET.name: store.info(ROLE_PACKET.name).sha256,
        TITLE_PACKET.name: store.partitioned_digest(TITLE_PACKET.name),
        f"policies/{policy.policy}.toml": policy.sha256,
    }
    return [
        {"input": name, "seen_sha256": seen.get(name, ""), "sha256": sha256}
        for name, sha256 in standing.items()
        if seen.get(name) != sha256
    ]


class PacketReader:
    """Hands out packets of a built state.

    Args:
        engine: settings and the tables.

    Raises:
        StateError: packets were not built, or the gate has not seen the packets that stand.
    """

    def __init__(self, engine: Engine) -> None:
        store = engine.store
        policy = read_packet_policy(engine.settings.policies_root)
        self._store = store
        self._gate = gate_of(policy.version)
        self._refuse_unseen(policy)
        held = store.read(PACKET_QUALITY_FINDING.name, ["packet", "packet_id", "rule"]).to_pylist()
        self._held = {(row["packet"], row["packet_id"]): row["rule"] for row in held}
        self._batches = store.partitions(TITLE_PACKET.name)
        self._batch_count = engine.settings.title_batches
        self._lock = Lock()
        self._served = lru_cache(ROLES_KEPT)(self._read_role)
        self._parsed = lru_cache(ROLES_KEPT)(self._parse_role)

    def _refuse_unseen(self, policy: PacketPolicy) -> None:
        differing = [row["input"] for row in unseen_by_the_gate(self._store, policy)]
        if differing:
            raise StateError(
                f"the quality gate has not seen the packets that stand: {', '.join(differing)} changed since",
                file=self._store.path(PACKET_QUALITY_FINDING.name),
                remedy="Run `aina build`, or materialize `packet_quality_finding`.",
            )

    # --- roles

    @cached_property
    def _file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self._store.path(ROLE_PACKET.name))

    @cached_property
    def roles(self) -> Mapping[str, RoleHead]:
        """Every role by its id, whether or not its packet is held back."""
        rows = self._store.read(ROLE_PACKET.name, HEAD_COLUMNS).to_pylist()
        return {row["role_id"]: RoleHead(*(row[name] for name in HEAD_COLUMNS)) for row in rows}

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        """Row group and place in it of each role."""
        places: dict[str, tuple[int, int]] = {}
        ids = iter(self.roles)
        for group in range(self._file.num_row_groups):
            for place in range(self._file.metadata.row_group(group).num_rows):
                places[next(ids)] = (group, place)
        return places

    def role_json(self, role_id: str) -> str:
        """A role packet as JSON.

        Raises:
            NoPacketError: there is no such role.
            PacketHeldError: the gate holds it back.
        """
        return self._served(role_id)

    def _read_role(self, role_id: str) -> str:
        if role_id not in self.roles:
            raise NoPacketError(f"there is no role {role_id!r}", place=role_id)
        self._refuse_held("role", role_id)
        group, place = self._places[role_id]
        # One file handle: whoever reads in several threads would find another's place.
        with self._lock:
            content = self._file.read_row_group(group, ["packet_json"]).column(0)[place].as_py()
        return served_role(content, self.roles[role_id].sha256, self._gate)

    def role(self, role_id: str) -> RolePacket:
        """A role packet.

        Raises:
            NoPacketError, PacketHeldError: as `role_json`.
        """
        return self._parsed(role_id)

    def _parse_role(self, role_id: str) -> RolePacket:
        return read_packet(self.role_json(role_id), RolePacket, file=role_id)

    # --- titles

    @cached_property
    def _rows(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {}

    def _batch(self, key: str) -> dict[str, dict[str, Any]]:
        if key not in self._rows:
            rows = self._store.read(TITLE_PACKET.name, partition=key).to_pylist()
            self._rows[key] = {row["title_id"]: row for row in rows}
        return self._rows[key]

    def title_row(self, title_id: str) -> dict[str, Any]:
        """A title's row of `title_packet`.

        Raises:
            NoPacketError: the title has no packet.
        """
        batch = title_batch_of(title_id, self._batch_count)
        row = self._batch(batch).get(title_id) if batch in self._batches else None
        if row is None:
            raise NoPacketError(f"title {title_id} has no packet: it is not serviceable", place=title_id)
        return row

    @cached_property
    def book(self) -> SourceBook:
        """Files that the titles' evidence names, and what must be shown with them."""
        names = ["source", "vintage", "name", "sha256", "is_locked", "licence", "attribution"]
        tables = {
            row["evidence_file"]: row["evidence_table"]
            for key in self._batches
            for row in self._store.read(
                TITLE_PACKET.name, ["evidence_file", "evidence_table"], partition=key
            ).to_pylist()
            if row["evidence_file"] is not None
        }
        found: dict[str, PacketSource] = {}
        attributions: dict[str, str] = {}
        for row in self._store.read("source_file", names).to_pylist():
            file, attribution = f"{row['source']}/{row.pop('name')}", row.pop("attribution")
            if file in tables:
                found[file] = PacketSource(file=file, table=tables[file], **row)
                attributions[row["source"]] = attribution
        return SourceBook(found, attributions)

    def title_json(self, title_id: str) -> str:
        """A title packet as JSON, with its role.

        Raises:
            NoPacketError: the title has no packet.
            PacketHeldError: the gate holds it or its role back.
        """
        row = self.title_row(title_id)
        self._refuse_held("title", title_id)
        role = self.role_json(row["role_id"])
        told = canonical_json(head(row, self.roles[row["role_id"]], self.book)).decode()
        return served_title(told, row["packet_sha256"], self._gate, role)

    def title(self, title_id: str) -> TitlePacket:
        """A title packet with its role.

        Raises:
            NoPacketError, PacketHeldError: as `title_json`.
        """
        row = self.title_row(title_id)
        self._refuse_held("title", title_id)
        told = head(row, self.roles[row["role_id"]], self.book)
        return self.composed(told, row["packet_sha256"], row["role_id"])

    def composed(self, told: Mapping[str, Any], sha256: str, role_id: str) -> TitlePacket:
        """A title packet of a head and its role.

        Args:
            told: all of the packet besides role, digest and gate.

        Raises:
            NoPacketError, PacketHeldError: of the role, as `role_json`.
        """
        # The role was read through its contract; only the head is new.
        return TitlePacket.model_validate(
            {**told, "role": self.role(role_id), "packet_sha256": sha256, "gate": self._gate}
        )

    def title_ids(self) -> Iterator[str]:
        """Every title that has a packet, whether or not it is held back, by batch and id."""
        for key in self._batches:
            yield from self._batch(key)

    def held(self, kind: str, packet_id: str) -> str | None:
        """The rule on which the gate holds a packet back; None where it hands it out.

        Args:
            kind: `role` or `title`.
        """
        return self._held.get((kind, packet_id))

    def _refuse_held(self, kind: str, packet_id: str) -> None:
        rule = self.held(kind, packet_id)
        if rule is not None:
            raise PacketHeldError(f"the {kind} packet {packet_id} fails the rule {rule}", place=packet_id)
