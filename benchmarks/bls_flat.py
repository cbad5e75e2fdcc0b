"""BLS's full flat file into typed Parquet, against pandas' C reader reading and typing the same file.

Each contestant runs in a process of its own, so that its peak memory is its own. Ours also writes the
Parquet file, checks every cell and keeps line numbers; pandas only reads and types, the way it is good
at: numbers parsed by its C reader, few-valued columns as categories.

    python benchmarks/bls_flat.py [--flat DIR] [--rounds N] [--threads N]

DIR has `download.bls.gov/pub/time.series/oe/` in it. Without --flat, the script that AINA_BLS_FLAT_MAKER
names writes it into a temporary folder. Exit status 1 if a bound is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

SUBFOLDER = Path("download.bls.gov/pub/time.series/oe")
NAMES = ("oe.data.0.Current", "oe.area", "oe.datatype", "oe.footnote")
LEAST_RATIO = 2.0
MOST_MEMORY_MB = 1500.0


def run_ours(folder: Path, target: Path, threads: int) -> int:
    """This project: typed Parquet."""
    from aina_assets.sources.acquire import AcquiredFile, SourceFiles  # noqa: PLC0415
    from aina_assets.sources.lock import LockedFile  # noqa: PLC0415
    from aina_assets.sources.readers.oews_flat import write_oews_flat  # noqa: PLC0415

    def acquired(name: str) -> AcquiredFile:
        path = folder / name
        locked = LockedFile(
            source="oews_flat",
            vintage="May 2025",
            layout="2025",
            name=name,
            url=f"https://download.bls.gov/pub/time.series/oe/{name}",
            bytes=path.stat().st_size,
            sha256="0" * 64,
            licence="public domain",
            attribution="U.S. Bureau of Labor Statistics",
            retrieved=date(2026, 1, 1),
        )
        return AcquiredFile(path, locked)

    files = SourceFiles("oews_flat", "May 2025", "2025", {name: acquired(name) for name in NAMES})
    return write_oews_flat(files, target, threads=threads)


def run_pandas(folder: Path, _target: Path, _threads: int) -> int:
    """pandas' C reader: a typed frame in memory."""
    import pandas as pd  # noqa: PLC0415

    frame = pd.read_csv(
        folder / NAMES[0],
        sep="\t",
        engine="c",
        header=0,
        names=["series_id", "year", "period", "value", "footnote_codes"],
        dtype={
            "series_id": "str",
            "year": "int64",
            "period": "category",
            "value": "float64",
            "footnote_codes": "category",
        },
        skipinitialspace=True,
        na_values={"value": ["-"]},
        keep_default_na=False,
    )
    series = frame.pop("series_id")
    for name, start, stop in (
        ("area_type", 3, 4),
        ("area_code", 4, 11),
        ("industry_code", 11, 17),
        ("measure", 23, 25),
    ):
        frame[name] = series.str[start:stop].astype("category")
    frame["occupation_code"] = (series.str[17:19] + "-" + series.str[19:23]).astype("category")
    return len(frame)


CONTESTANTS = {"ours": run_ours, "pandas": run_pandas}


def contest(name: str, folder: Path, threads: int) -> None:
    """Run one contestant in this process and print its figures as JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        started = time.perf_counter()
        rows = CONTESTANTS[name](folder, Path(scratch) / "oews_flat.parquet", threads)
        seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak_mb}))


def measure(name: str, folder: Path, threads: int) -> dict[str, float]:
    """Run one contestant in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--flat",
        str(folder),
        "--contestant",
        name,
        "--threads",
        str(threads),
    ]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: dict[str, float] = json.loads(output.splitlines()[-1])
    return figures


def compare(folder: Path, rounds: int, threads: int) -> bool:
    """Print each round, then the best of each contestant and their ratio; True if the bounds hold."""
    for name in NAMES:
        (folder / name).read_bytes()  # into the page cache, for both alike
    best: dict[str, dict[str, float]] = {}
    for number in range(1, rounds + 1):
        for name in CONTESTANTS:
            figures = measure(name, folder, threads)
            print(
                f"round {number}  {name:7} {figures['rows']:>10,} rows  {figures['seconds']:6.2f} s  "
                f"peak {figures['peak_mb']:6.0f} MB",
                flush=True,
            )
            if name not in best or figures["seconds"] < best[name]["seconds"]:
                best[name] = figures
    if best["ours"]["rows"] != best["pandas"]["rows"]:
        raise SystemExit("the contestants disagree on the number of rows")
    ratio = best["pandas"]["seconds"] / best["ours"]["seconds"]
    memory, pandas_memory = best["ours"]["peak_mb"], best["pandas"]["peak_mb"]
    print(f"speed   {ratio:.2f} times pandas' C reader (at least {LEAST_RATIO:g})")
    print(f"memory  {memory:.0f} MB peak (at most {MOST_MEMORY_MB:g}); pandas {pandas_memory:.0f} MB")
    return ratio >= LEAST_RATIO and memory <= MOST_MEMORY_MB


def made_flat(scratch: str) -> Path:
    """The flat files, written by the script that AINA_BLS_FLAT_MAKER names."""
    maker = os.environ.get("AINA_BLS_FLAT_MAKER")
    if not maker:
        raise SystemExit(
            "no flat file: give --flat DIR (a folder with download.bls.gov/ in it), or set "
            "AINA_BLS_FLAT_MAKER to a script that writes one into the folder it is given"
        )
    subprocess.run([maker, scratch], check=True, stdout=subprocess.DEVNULL)
    return Path(scratch)


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flat", type=Path, help="folder that has download.bls.gov/ in it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--contestant", choices=sorted(CONTESTANTS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contestant:
        contest(arguments.contestant, arguments.flat, arguments.threads)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        root = arguments.flat or made_flat(scratch)
        folder = root / SUBFOLDER
        if not (folder / NAMES[0]).is_file():
            raise SystemExit(f"no flat file: {folder / NAMES[0]} is absent")
        return 0 if compare(folder, arguments.rounds, arguments.threads) else 1


if __name__ == "__main__":
    sys.exit(main())
