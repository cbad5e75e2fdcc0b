"""The title stage's retrieval, measured on titles that were held out.

    python -m benchmarks.titles [SECTION ...] [--mirror DIR] [--heldout FILE.csv] [--json PATH] ...

Sections: `heldout` (the splits), `floor` (naive TF-IDF on the same splits in the same run; needs
scikit-learn), `ablation`, `throughput`, `gold` (needs --data). Without any: heldout, floor and throughput.
What the figures mean, and what they were: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.build import ROOT, yardstick
from benchmarks.titles import report, throughput
from benchmarks.titles.ablation import ablations
from benchmarks.titles.figures import Ranked, all_figures, hit_figures, lost_figures
from benchmarks.titles.gold import gold_figures
from benchmarks.titles.growth import ADDED, growth_figures
from benchmarks.titles.ours import (
    Fitted,
    Question,
    fit,
    predict,
    question,
    titles_per_second,
)
from benchmarks.titles.project import project_normalizer
from benchmarks.titles.splits import (
    LOCKED,
    OLDER,
    Split,
    Tables,
    external_split,
    of_any_list,
    random_split,
    read_release,
    vintage_split,
)
from benchmarks.titles.synthetic import synthetic_lines, write_synthetic

SECTIONS = ("heldout", "floor", "ablation", "throughput", "gold")
MILLION = 1_000_000
# As long as the real list that the project is measured on.
WHOLE = 73_380


class Bench:
    """What the sections share: releases and models, each made once."""

    def __init__(self, mirror: Path) -> None:
        self.mirror = mirror
        self.release = lru_cache(maxsize=None)(self._release)
        self.locked = lru_cache(maxsize=1)(lambda: self.fitted(self.release(LOCKED)))

    def _release(self, vintage: str) -> Tables:
        return read_release(self.mirror, vintage)

    def fitted(self, tables: Tables) -> Fitted:
        """The stage of some tables."""
        return fit(tables, lambda line: print(f"  {line}", flush=True))

    def splits(self, external: Path | None) -> Iterator[tuple[Split, Fitted]]:
        """The splits, each with what was fitted for it."""
        normalizer = project_normalizer()
        split = vintage_split(self.release(OLDER), self.release(LOCKED), normalizer)
        fitted = self.fitted(split.tables)
        yield split, fitted
        yield of_any_list(split, self.release(LOCKED), normalizer), fitted
        split = random_split(self.release(LOCKED), normalizer)
        yield split, self.fitted(split.tables)
        if external is not None:
            split, left_out = external_split(external, self.release(LOCKED), normalizer)
            print(f"{external.name}: {left_out} rows without a title or a SOC 2018 code were left out")
            yield split, self.locked()


def split_figures(split: Split, fitted: Fitted, with_floor: bool) -> dict[str, Any]:
    """All figures of a split."""
    asked = question(split, fitted)
    figures: dict[str, Any] = {"ours": _by_part(asked, predict(fitted, asked), all_figures)}
    if with_floor:
        from benchmarks.titles.floor import TfidfFloor  # noqa: PLC0415

        floor, floor_speed = TfidfFloor(split.tables, fitted.model.taxonomy.classes).predict(asked)
        figures["floor"] = _by_part(asked, floor, hit_figures)
        speed = titles_per_second(fitted, [title.raw for title in split.titles])
        figures["speed"] = {"ours": speed, "floor": floor_speed, "ratio": speed / floor_speed}
    return figures


def ablation_figures(split: Split, fitted: Fitted) -> dict[str, Any]:
    """Hits without each part of the model."""
    asked = question(split, fitted)
    whole = predict(fitted, asked)
    runs = [("nothing", whole), *ablations(split.tables, fitted, asked)]
    return {
        name: {
            part: {
                level: lost_figures(found[level].part(chosen), whole[level].part(chosen))
                for level in report.SHORT
            }
            for part, chosen in asked.parts.items()
        }
        for name, found in runs
    }


def _by_part(
    asked: Question, found: dict[str, Ranked], figures_of: Callable[[Ranked], dict[str, Any]]
) -> dict[str, Any]:
    return {
        part: {level: figures_of(of_level.part(chosen)) for level, of_level in found.items()}
        for part, chosen in asked.parts.items()
    }


def throughput_figures(bench: Bench, titles: Path, count: int) -> dict[str, Any]:
    """Speed and memory on a real list, where there is one, and on a synthetic one."""
    tables, model = bench.release(LOCKED), bench.locked().model
    figures: dict[str, Any] = {"inventories": {}}
    with tempfile.TemporaryDirectory() as scratch:
        synthetic = Path(scratch) / "synthetic.txt"
        listed = sorted({*tables["onet_job_title"]["job_title"].to_pylist()})
        write_synthetic(synthetic, listed, count)
        for name, path in ((titles.name, titles), (f"synthetic {count:,}", synthetic)):
            if not path.is_file():
                print(f"no title list at {path}: not measured")
                continue
            found = throughput.measure(model, tables, path)
            found["lines_per_second"] = found["lines"] / found["seconds"]
            found["titles_per_second"] = found["titles"] / found["seconds"]
            found["times_hashing_1_gb"] = found["seconds"] / yardstick()
            figures["inventories"][name] = found
    whole = titles.read_text(encoding="utf-8").splitlines() if titles.is_file() else []
    more = list(synthetic_lines(listed, WHOLE + ADDED))
    figures["growth"] = growth_figures(model, bench.mirror, whole or more[:WHOLE], more[WHOLE:])
    return figures


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run the sections that were asked for, print them, and give all figures."""
    sections = arguments.sections or ["heldout", "floor", "throughput"]
    with_floor = "floor" in sections
    if with_floor and find_spec("sklearn") is None:
        print("scikit-learn is not installed (make test installs it): no floor")
        with_floor = False
    bench = Bench(arguments.mirror)
    figures: dict[str, Any] = {}
    if not arguments.mirror.is_dir() and set(sections) != {"gold"}:
        raise SystemExit(f"no mirror at {arguments.mirror}: give --mirror DIR")
    if {"heldout", "floor", "ablation"} & set(sections):
        figures["splits"] = []
        for split, fitted in bench.splits(arguments.heldout):
            of_split: dict[str, Any] = {"name": split.name, "about": split.about}
            figures["splits"].append(of_split)
            if {"heldout", "floor"} & set(sections):
                of_split |= split_figures(split, fitted, with_floor)
                show(report.split_lines(of_split))
            if "ablation" in sections:
                of_split["ablation"] = ablation_figures(split, fitted)
                show(report.ablation_lines(of_split))
    if "gold" in sections or arguments.data is not None:
        figures["gold"] = gold_figures(arguments.data) if arguments.data else "give --data DIR"
        show(report.gold_lines(figures["gold"]))
    if "throughput" in sections:
        figures["throughput"] = throughput_figures(bench, arguments.titles, arguments.lines)
        show(report.throughput_lines(figures["throughput"]))
    return figures


def show(lines: Iterable[str]) -> None:
    """Print lines at once."""
    print("\n".join(lines), flush=True)


def default_mirror() -> Path:
    """The first folder of AINA_MIRROR, else the real sources' mirror."""
    first = os.environ.get("AINA_MIRROR", "").split(os.pathsep)[0]
    return Path(first) if first else real_sources() / "mirror"


def real_sources() -> Path:
    """The folder of real files."""
    return Path(os.environ.get("AINA_REAL_SOURCES", ROOT.parent / "shared" / "sources"))


def section(text: str) -> str:
    """A section's name.

    Raises:
        ArgumentTypeError: there is no such section.
    """
    if text not in SECTIONS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(SECTIONS)}")
    return text


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.titles",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sections", nargs="*", type=section, metavar="SECTION")
    parser.add_argument("--mirror", type=Path, default=default_mirror())
    parser.add_argument("--heldout", type=Path, help="CSV with the columns title and soc_code")
    parser.add_argument("--titles", type=Path, default=real_sources() / "titles" / "job_titles_73k.txt")
    parser.add_argument("--lines", type=int, default=MILLION, help="lines of the synthetic inventory")
    parser.add_argument("--data", type=Path, help="a built data root, for the gold section")
    parser.add_argument("--json", type=Path, help="file to write all figures to")
    arguments = parser.parse_args()
    figures = run(arguments)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
