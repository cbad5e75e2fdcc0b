"""Verification, measured: `python -m benchmarks.verification DATA [--flips 10000] [--alone 200] [--seed 1]`.

DATA is a built data root; it is copied, with the source files that the settings in the environment select,
and only the copy is damaged. Each flip is one bit of one file, the file chosen first, so that small files
are hit as often as large ones. A flip counts as named if the walk names its file and no other, with
everything that rests on it; anything else is missed or a false alarm. Every hundredth time the whole state
is looked at undamaged.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aina_assets.core.engine import Engine
from aina_assets.core.settings import Lane, Settings, load_settings
from aina_assets.core.storage import DigestCache
from aina_assets.sources.lock import read_lock
from aina_assets.verification.walk import _Walk, verify
from aina_assets_tests.verification.damage import Flip, differences, flippable, flipped, flips

ROOT = Path(__file__).resolve().parents[2]
ALONE = ROOT / "tools" / "verify_alone.py"
AINA = (sys.executable, "-c", "from aina_assets.cli import main; main()")
UNDAMAGED_EVERY = 100
TOLD_EVERY = 1_000


@dataclass
class Tally:
    """What came of the flips."""

    named: int = 0
    missed: list[Flip] = field(default_factory=list)
    false_alarms: list[tuple[Flip | None, list[str]]] = field(default_factory=list)
    wrong_radius: list[Flip] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    radii: list[int] = field(default_factory=list)


def copied_state(data: Path, scratch: Path) -> Engine:
    """An engine over copies of a data root, its source files, its lock, its policies and its gold."""
    given = load_settings(data=data)
    shutil.copytree(data, scratch / "data", ignore=shutil.ignore_patterns("dagster", "cache", "*.lock"))
    (scratch / "data" / "cache").mkdir()
    for note in ("product.json", "graph.json"):
        shutil.copy(data / "cache" / note, scratch / "data" / "cache")
    folders = given.mirror if given.sources is Lane.MIRROR else (given.starter_root,)
    for locked in read_lock(given.lock_path).files:
        places = (root / locked.mirror_path for root in folders)
        path = next((place for place in places if place.is_file()), None)
        if path is not None:
            target = scratch / "mirror" / locked.mirror_path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    shutil.copy(given.lock_path, scratch / "mirror" / "sources.lock.json")
    titles = None
    if given.titles is not None:
        titles = scratch / given.titles.name
        shutil.copy(given.titles, titles)
    for name, folder in (("policies", given.policies_root), ("gold", given.gold_root)):
        shutil.copytree(folder, scratch / name)
    # In this process alone: no setting moves the policies or the starter.
    Settings.policies_root = property(lambda self: scratch / "policies")  # type: ignore[assignment,method-assign]
    Settings.starter_root = property(lambda self: scratch / "mirror")  # type: ignore[assignment,method-assign]
    changes = {"data": scratch / "data", "lock": scratch / "mirror" / "sources.lock.json", "titles": titles}
    changes["gold"] = scratch / "gold"
    mirror = (scratch / "mirror",) if given.sources is Lane.MIRROR else ()
    return Engine(given.model_copy(update={**changes, "mirror": mirror}))


def radius(engine: Engine, names: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """What each file voids, as the witnesses of the undamaged state say."""
    walk = _Walk(engine, None, is_offline=True)
    walk.run((), None)
    return {name: walk._witnesses.void(name) for name in names}


def run_flips(engine: Engine, count: int, seed: int, scratch: Path) -> Tally:
    """Flip, look, flip back."""
    digests = DigestCache(scratch / "digests.json")
    files = flippable(engine)
    expected = radius(engine, files)
    tally = Tally()
    for number, flip in enumerate(flips(files, count, seed), 1):
        with flipped(flip):
            found = differences(engine, digests)
        if flip.name not in found:
            tally.missed.append(flip)
        elif set(found) != {flip.name}:
            tally.false_alarms.append((flip, sorted(set(found) - {flip.name})))
        elif not _is_radius(found[flip.name].void, expected[flip.name], flip.name):
            tally.wrong_radius.append(flip)
        else:
            tally.named += 1
            tally.radii.append(len(found[flip.name].void))
        tally.kinds[flip.name.partition("/")[0]] += 1
        if number % UNDAMAGED_EVERY == 0 and (stray := sorted(differences(engine, digests))):
            tally.false_alarms.append((None, stray))
        if number % TOLD_EVERY == 0:
            faults = len(tally.missed) + len(tally.false_alarms) + len(tally.wrong_radius)
            print(f"  {number:,} flips: {tally.named:,} named, {faults} faults", flush=True)
    return tally


def _is_radius(found: tuple[str, ...], expected: tuple[str, ...], name: str) -> bool:
    # A damaged receipt is not believed: what it alone said of others' origins is not known then.
    return found == expected or (name.startswith("receipts/") and set(found) <= set(expected))


def run_alone(engine: Engine, count: int, seed: int) -> tuple[int, int]:
    """The same by the script without the package, in a process each; named, and asked."""
    files = flippable(engine)
    named = 0
    for flip in flips(files, count, seed):
        with flipped(flip):
            named += set(alone(engine)) == {flip.name}
    return named, count


def alone(engine: Engine) -> list[str]:
    """What the script finds."""
    settings = engine.settings
    titles = ["--titles", str(settings.titles)] if settings.titles else []
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", str(ALONE), str(settings.data), "--json"),
            *("--mirror", str(settings.lock_path.parent), "--lock", str(settings.lock_path)),
            *("--policies", str(settings.policies_root), "--gold", str(settings.gold_root)),
            *titles,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return list(json.loads(done.stdout)["differences"])


def timed(command: list[str], environment: Mapping[str, str], repeats: int = 3) -> float:
    """Median seconds of a command as a process of its own."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(command, env=dict(environment), capture_output=True, check=True, cwd=ROOT)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--flips", type=int, default=10_000)
    parser.add_argument("--alone", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report = verify(Engine(load_settings(data=options.data)))
    print(f"state: {report.files} files, {report.bytes_read:,} bytes, {len(report.differences)} differences")
    environment = {**os.environ, "AINA_DATA": str(options.data)}
    print(f"aina verify: {timed([*AINA, 'verify', '--offline'], environment):.2f} s, every byte read")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        engine = copied_state(options.data, scratch)
        start = time.perf_counter()
        stray = alone(engine)
        print(f"verify_alone.py: {time.perf_counter() - start:.2f} s, {len(stray)} differences")
        start = time.perf_counter()
        tally = run_flips(engine, options.flips, options.seed, scratch)
        seconds = time.perf_counter() - start
        print(
            f"flips: {options.flips:,} over {len(flippable(engine))} files, {tally.named:,} named with all "
            f"that they void, {len(tally.missed)} missed, {len(tally.false_alarms)} false alarms, "
            f"{len(tally.wrong_radius)} with another radius, {seconds:.0f} s"
        )
        print("by kind:", ", ".join(f"{kind} {n:,}" for kind, n in sorted(tally.kinds.items())))
        if tally.radii:
            middle, most = statistics.median(tally.radii), max(tally.radii)
            print(f"void by a flip: median {middle:.0f} files, at most {most}")
        for flip in (*tally.missed[:5], *tally.wrong_radius[:5]):
            print("  ", flip)
        for alarm in tally.false_alarms[:5]:
            print("  ", alarm)
        named, asked = run_alone(engine, options.alone, options.seed + 1)
        print(f"verify_alone.py: {named} of {asked} flips named")
    faults = (tally.missed, tally.false_alarms, tally.wrong_radius, stray)
    sys.exit(1 if any(faults) or named < asked else 0)


if __name__ == "__main__":
    main()
