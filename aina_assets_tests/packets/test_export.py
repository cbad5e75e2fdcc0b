"""An export is whole or not there, and each packet in it is as the reader hands it out."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from aina_assets.core.errors import SettingsError
from aina_assets.packets.contract import RolePacket, TitlePacket, read_packet
from aina_assets.packets.export import Format, Kind, count, export
from aina_assets.packets.reader import PacketReader
from aina_assets_tests.builds import parts


def contents(folder: Path, format_: Format, kind: Kind) -> list[str]:
    if format_ is Format.JSONL:
        return (folder / f"{kind.value}.jsonl").read_text("utf-8").splitlines()
    if format_ is Format.PARQUET:
        read: list[str] = pq.read_table(folder / f"{kind.value}.parquet")["packet_json"].to_pylist()
        return read
    return [path.read_text("utf-8") for path in sorted(folder.rglob("*.json")) if path.name != "export.json"]


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("kind", Kind)
def test_every_packet_is_there_as_it_is_handed_out(
    reader: PacketReader, tmp_path: Path, format_: Format, kind: Kind
) -> None:
    seen: list[int] = []
    told = export(reader, tmp_path / "out", format_, kind, seen.append)
    found = contents(tmp_path / "out", format_, kind)
    if kind is Kind.ROLES:
        expected = {role_id: reader.role_json(role_id) for role_id in reader.roles}
        packets = {read_packet(text, RolePacket).role_id: text for text in found}
    else:
        expected = {title_id: reader.title_json(title_id) for title_id in reader.title_ids()}
        packets = {read_packet(text, TitlePacket).title_id: text for text in found}
    assert packets == expected
    assert told.packets == len(expected) == len(seen) == count(reader, kind)
    assert told.held == 0
    assert json.loads((tmp_path / "out" / "export.json").read_text("utf-8"))["packets"] == told.packets
    assert parts(tmp_path) == []


def test_held_packets_are_left_out_and_counted(reader: PacketReader, tmp_path: Path) -> None:
    first = next(reader.title_ids())
    reader._held["title", first] = "schema_valid"
    try:
        told = export(reader, tmp_path / "out", Format.JSONL)
    finally:
        del reader._held["title", first]
    assert told.held == 1
    assert first not in "".join(contents(tmp_path / "out", Format.JSONL, Kind.TITLES))


def test_a_folder_with_something_in_it_is_refused(reader: PacketReader, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(SettingsError, match="must be empty"):
        export(reader, tmp_path, Format.JSONL)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_the_folders_place_is_refused(reader: PacketReader, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("mine", "utf-8")
    with pytest.raises(SettingsError):
        export(reader, path, Format.JSONL)
    assert path.read_text("utf-8") == "mine"


def test_an_export_that_breaks_off_leaves_nothing(reader: PacketReader, tmp_path: Path) -> None:
    def stop(done: int) -> None:
        if done == 3:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        export(reader, tmp_path / "out", Format.FILES, Kind.ROLES, stop)
    assert list(tmp_path.iterdir()) == []
