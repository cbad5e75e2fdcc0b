"""`aina inventory`, `aina resume`: what lies where, and what is to be done next.

Belongs here: arguments, tables. Does not: finding out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from aina_assets.cli.console import err, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

AsJson = Annotated[bool, typer.Option("--json", help="everything as JSON")]


def inventory(as_json: AsJson = False) -> None:
    """Put every file of the project and the data root into a class; write the list as CSV and JSON."""
    from aina_assets.reports.inventory import UNKNOWN, summary, write_inventory
    from aina_assets.reports.inventory import inventory as take

    with typed_errors():
        engine = Engine(load_settings())
        entries = take(engine)
        paths = write_inventory(engine, entries)
    found = summary(entries)
    if as_json:
        sys.stdout.write(
            json.dumps({"classes": found, "files": [str(path) for path in paths]}, indent=2) + "\n"
        )
    else:
        table = Table(title="files by class")
        table.add_column("class")
        table.add_column("files", justify="right")
        table.add_column("bytes", justify="right")
        for kind, counts in found.items():
            table.add_row(kind, f"{counts['files']:,}", f"{counts['bytes']:,}")
        out.print(table)
        for entry in (entry for entry in entries if entry.kind == UNKNOWN):
            err.print(f"in no class: {entry.place} {entry.file}", markup=False)
        out.print(f"{paths[0]} has every file, {paths[1].name} the summary", markup=False)
    if UNKNOWN in found:
        raise typer.Exit(1)


def resume(as_json: AsJson = False) -> None:
    """Tell where the engine stands, from receipts, and the next step; nothing is done."""
    from aina_assets.reports.resuming import standing

    with typed_errors():
        found = standing(Engine(load_settings()))
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=2) + "\n")
        return
    for fact in found.facts:
        out.print(fact, markup=False)
    if not found.steps:
        out.print("nothing waits")
        return
    step = found.steps[0]
    out.print("next:", end=" ")
    out.print(f"{step.command}\n  why:   {step.why}\n  bound: {step.bound}", markup=False)
    for later in found.steps[1:]:
        out.print(f"later: {later.command}: {later.why}", markup=False)


COMMANDS: tuple[Callable[..., Any], ...] = (inventory, resume)
