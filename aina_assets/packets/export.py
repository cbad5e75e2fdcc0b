"""Packets out of the data root: as lines, as a Parquet file, or as a file each.

Belongs here: writing packets as they are handed out. Does not: which may be (`reader`).

An export is written beside its folder and swapped in when it is whole: a folder of that name holds all
packets that the gate passes, or it is not there.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from aina_assets.core.errors import SettingsError
from aina_assets.core.storage import PART_SUFFIX, disk_full_named, write_json
from aina_assets.packets.contract import PACKET_VERSION
from aina_assets.packets.reader import PacketReader

PACKETS_A_GROUP = 500
MANIFEST = "export.json"
COLUMNS = pa.schema(
    [
        ("packet_id", pa.string()),
        ("title", pa.string()),
        ("role_id", pa.string()),
        ("served_level", pa.string()),
        ("packet_sha256", pa.string()),
        ("packet_json", pa.string()),
    ]
)


class Format(StrEnum):
    """How packets are written."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    FILES = "files"


class Kind(StrEnum):
    """Which packets."""

    TITLES = "titles"
    ROLES = "roles"


@dataclass(frozen=True)
class Exported:
    """What an export came to."""

    kind: str
    format: str
    packet_version: str
    packets: int
    held: int
    bytes: int


@dataclass(frozen=True)
class _Item:
    packet_id: str
    title: str
    role_id: str
    level: str
    sha256: str
    content: str


def export(
    reader: PacketReader,
    folder: Path,
    format_: Format,
    kind: Kind = Kind.TITLES,
    on_packet: Callable[[int], None] = lambda done: None,
) -> Exported:
    """Write every packet that the gate passes into a new folder.

    Args:
        reader: of the built state.
        folder: must not exist, or be empty.
        on_packet: told after each packet how many are done, held ones included.

    Raises:
        SettingsError: the folder has something in it.
        StorageFullError: the disk ran full; nothing is left of the export.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError("the folder of an export must be empty or absent", file=folder, place="--out")
    held = 0

    def passing() -> Iterator[_Item]:
        nonlocal held
        for done, (packet_id, is_held) in enumerate(_ids(reader, kind), 1):
            if is_held:
                held += 1
            else:
                yield _item(reader, kind, packet_id)
            on_packet(done)

    with _whole(folder) as part:
        packets, size = WRITERS[format_](part, kind, passing())
        told = Exported(kind.value, format_.value, PACKET_VERSION, packets, held, size)
        write_json(part / MANIFEST, asdict(told))
    return told


def count(reader: PacketReader, kind: Kind) -> int:
    """How many packets there are, held ones included."""
    return sum(1 for _ in _ids(reader, kind))


def _ids(reader: PacketReader, kind: Kind) -> Iterator[tuple[str, bool]]:
    ids = iter(reader.roles) if kind is Kind.ROLES else reader.title_ids()
    for packet_id in ids:
        yield packet_id, reader.held(kind.value.removesuffix("s"), packet_id) is not None


def _item(reader: PacketReader, kind: Kind, packet_id: str) -> _Item:
    if kind is Kind.ROLES:
        role = reader.roles[packet_id]
        content = reader.role_json(packet_id)
        return _Item(packet_id, role.title, packet_id, role.level, role.sha256, content)
    row = reader.title_row(packet_id)
    content = reader.title_json(packet_id)
    title, sha256 = row["normalized_title"], row["packet_sha256"]
    return _Item(packet_id, title, row["role_id"], row["served_level"], sha256, content)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that takes its place when the block ends without error."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.parent / f".{folder.name}.{os.getpid()}-{secrets.token_hex(4)}{PART_SUFFIX}"
    part.mkdir()
    try:
        with disk_full_named(folder):
            yield part
            with suppress(FileNotFoundError):
                folder.rmdir()
            part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_lines(folder: Path, kind: Kind, items: Iterator[_Item]) -> tuple[int, int]:
    packets = size = 0
    with (folder / f"{kind.value}.jsonl").open("wb", buffering=1 << 20) as handle:
        for item in items:
            size += handle.write(item.content.encode() + b"\n")
            packets += 1
    return packets, size


def _write_files(folder: Path, kind: Kind, items: Iterator[_Item]) -> tuple[int, int]:
    packets = size = 0
    for item in items:
        # A folder of tens of thousands of files is slow to list: the first digits of ids divide them.
        name = item.packet_id.replace(":", "-")
        path = folder / name[:2] / f"{name}.json"
        if kind is Kind.ROLES:
            path = folder / f"{name}.json"
        elif packets == 0 or not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
        size += path.write_bytes(item.content.encode())
        packets += 1
    return packets, size


def _write_parquet(folder: Path, kind: Kind, items: Iterator[_Item]) -> tuple[int, int]:
    packets = 0
    path = folder / f"{kind.value}.parquet"
    with pq.ParquetWriter(path, COLUMNS, compression="zstd") as writer:
        group: list[_Item] = []
        for item in items:
            group.append(item)
            packets += 1
            if len(group) == PACKETS_A_GROUP:
                writer.write_table(_table(group))
                group.clear()
        if group:
            writer.write_table(_table(group))
    return packets, path.stat().st_size


def _table(group: list[_Item]) -> pa.Table:
    rows = [
        (item.packet_id, item.title, item.role_id, item.level, item.sha256, item.content) for item in group
    ]
    return pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], schema=COLUMNS)


Writer = Callable[[Path, Kind, Iterator[_Item]], tuple[int, int]]
WRITERS: Mapping[Format, Writer] = {
    Format.JSONL: _write_lines,
    Format.PARQUET: _write_parquet,
    Format.FILES: _write_files,
}
