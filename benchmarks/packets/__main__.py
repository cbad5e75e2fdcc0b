"""The packets, measured on a built data root.

    python -m benchmarks.packets [SECTION ...] --data DIR [--importance FILE] [--titles N] [--json PATH]

Sections: `make` (seconds, CPU seconds and bytes, as routed and with N serviceable titles), `read`, `export`
(against writing the same bytes), `near` (recall of O*NET's Related Occupations), `importance` (substitutes
against ratings; needs --importance), `workflows`, `review` (planted faults). Without any: all of them. The
data root is copied and not changed; its lane is told from its own build summary, its mirror by AINA_MIRROR.
What the figures mean: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aina_assets.core.build import read_build
from aina_assets.core.engine import Engine
from aina_assets.core.settings import Settings, load_settings
from benchmarks.packets import making, meaning, reading

REFERENCE_TITLES = 50_053


def engine_over(data: Path, importance: Path | None) -> Engine:
    """An engine over a data root, in the lane that it was built in."""
    lane = read_build(data / "build.json").lane
    values: dict[str, Any] = {"data": data, "sources": lane, "task_importance": importance}
    settings: Settings = load_settings(**values)
    return Engine(settings)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run the sections that were asked for, print them, and give all figures."""
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        data = Path(scratch) / "data"
        data.mkdir()
        for name in ("tables", "models", "cache"):
            if (arguments.data / name).is_dir():
                shutil.copytree(arguments.data / name, data / name)
        shutil.copy(arguments.data / "build.json", data / "build.json")
        engine = engine_over(data, arguments.importance)
        sections: dict[str, Callable[[], Any]] = {
            "make": lambda: making.make_figures(engine, arguments.titles),
            "read": lambda: reading.read_figures(engine),
            "export": lambda: reading.export_figures(engine, Path(scratch), arguments.exported),
            "near": lambda: meaning.near_figures(engine),
            "importance": lambda: meaning.importance_figures(engine, arguments.importance),
            "workflows": lambda: meaning.workflow_figures(engine),
            "review": lambda: meaning.review_figures(engine),
        }
        making.make_all(engine)
        figures = {}
        for name in arguments.sections or list(sections):
            figures[name] = sections[name]()
            print(f"\n{name}\n{json.dumps(figures[name], indent=1)}", flush=True)
    return figures


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ("make", "read", "export", "near", "importance", "workflows", "review")
    parser.add_argument("sections", nargs="*", choices=[*names, []], help="sections; all where none is given")
    parser.add_argument("--data", type=Path, required=True, help="a built data root; it is copied")
    parser.add_argument("--importance", type=Path, help="CSV of mean task importance")
    parser.add_argument("--titles", type=int, default=REFERENCE_TITLES, help="serviceable titles to scale to")
    parser.add_argument("--exported", type=int, default=5_000, help="packets to export as files")
    parser.add_argument("--scratch", type=Path, help="folder for the copy; the system's where not given")
    parser.add_argument("--json", type=Path, help="write all figures here")
    arguments = parser.parse_args()
    figures = run(arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
