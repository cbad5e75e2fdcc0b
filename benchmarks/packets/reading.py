"""Reading one packet, and exporting many."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.packets.export import Format, export
from aina_assets.packets.reader import PacketReader

ASKED = 1_000
SEED = 1


def read_figures(engine: Engine) -> dict[str, Any]:
    """Milliseconds to read one title packet with its role: kept roles, and every role read anew."""
    start = perf_counter()
    reader = PacketReader(engine)
    ids = list(reader.title_ids())
    opened = perf_counter() - start
    asked = random.Random(SEED).choices(ids, k=ASKED)

    def anew(ask: Callable[[str], object]) -> Callable[[str], object]:
        def forgetful(title_id: str) -> object:
            reader._served.cache_clear()
            reader._parsed.cache_clear()
            return ask(title_id)

        return forgetful

    sizes = [len(reader.title_json(title_id)) for title_id in asked]
    return {
        "opening_and_listing_ms": round(1000 * opened, 1),
        "mean_packet_kb": round(sum(sizes) / len(sizes) / 1000, 1),
        "model": _milliseconds(reader.title, asked),
        "json": _milliseconds(reader.title_json, asked),
        "model_role_read_anew": _milliseconds(anew(reader.title), asked),
        "json_role_read_anew": _milliseconds(anew(reader.title_json), asked),
    }


def _milliseconds(ask: Callable[[str], object], asked: Sequence[str]) -> dict[str, float]:
    ask(asked[0])
    taken = []
    for title_id in asked:
        start = perf_counter()
        ask(title_id)
        taken.append(1000 * (perf_counter() - start))
    return {"median_ms": round(median(taken), 3), "p99_ms": round(sorted(taken)[int(0.99 * len(taken))], 3)}


class _Repeated(PacketReader):
    """A reader of as many title packets as are asked for: those that there are, over and over."""

    def __init__(self, engine: Engine, wanted: int) -> None:
        super().__init__(engine)
        self._wanted = wanted

    def title_ids(self) -> Any:
        known = list(super().title_ids())
        for number in range(self._wanted):
            # Another id a file, the same packet behind it.
            yield f"{known[number % len(known)]}{number:06d}"

    def title_row(self, title_id: str) -> dict[str, Any]:
        return super().title_row(title_id[:16])

    def title_json(self, title_id: str) -> str:
        return super().title_json(title_id[:16])


def export_figures(engine: Engine, scratch: Path, wanted: int) -> dict[str, Any]:
    """Exporting title packets as files, against writing files of the same bytes that are at hand."""
    reader = _Repeated(engine, wanted)
    figures: dict[str, Any] = {"packets": wanted}
    for format_ in (Format.FILES, Format.JSONL, Format.PARQUET):
        folder = scratch / format_.value
        os.sync()
        start = perf_counter()
        told = export(reader, folder, format_)
        os.sync()
        seconds = perf_counter() - start
        figures[format_.value] = {
            "seconds": round(seconds, 2),
            "packets_per_second": round(told.packets / seconds),
            "mb": round(told.bytes / 1e6, 1),
            "mb_per_second": round(told.bytes / 1e6 / seconds),
        }
        shutil.rmtree(folder)
    figures["floor"] = _floor(reader, scratch / "floor", wanted)
    figures["files_to_floor"] = round(figures["files"]["seconds"] / figures["floor"]["seconds"], 2)
    return figures


def _floor(reader: PacketReader, folder: Path, wanted: int) -> dict[str, Any]:
    """Writing as many files of packets that are in memory already: what the disk takes."""
    contents = [reader.title_json(title_id).encode() for title_id in islice(reader.title_ids(), 200)]
    folder.mkdir()
    for number in range(256):
        (folder / f"{number:02x}").mkdir()
    os.sync()
    start = perf_counter()
    size = 0
    for number in range(wanted):
        path = folder / f"{number % 256:02x}" / f"{number:022d}.json"
        size += path.write_bytes(contents[number % len(contents)])
    os.sync()
    seconds = perf_counter() - start
    shutil.rmtree(folder)
    return {
        "seconds": round(seconds, 2),
        "mb": round(size / 1e6, 1),
        "mb_per_second": round(size / 1e6 / seconds),
    }
