"""`aina verify`, `aina validate`, `aina diff`: whether a state is what it says, and how two differ.

Belongs here: arguments, tables, exit status. Does not: doing the work.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from aina_assets.cli.console import err, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

if TYPE_CHECKING:
    from aina_assets.verification.diff import BuildDifference
    from aina_assets.verification.validation import FileVerdict, Validation

AsJson = Annotated[bool, typer.Option("--json", help="everything as JSON")]
Offline = Annotated[bool, typer.Option("--offline", help="never ask the network, whatever the lane")]
MOST_SHOWN = 12


def verify(offline: Offline = False, as_json: AsJson = False) -> None:
    """Hold every byte of the state against the lock and the receipts; name what differs and what it voids."""
    from aina_assets.gates.rules import gate_differences
    from aina_assets.verification.walk import verify as walk

    with typed_errors():
        engine = Engine(load_settings())
        report = walk(engine, is_offline=offline, more=gate_differences(engine))
    if as_json:
        sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    else:
        for found in report.differences:
            _show_difference(found.name, found.kind.value, found.says, found.void)
        for note in report.notes:
            out.print(f"note: {note}", markup=False)
        out.print(
            f"{report.files:,} files, {report.bytes_read:,} bytes, {report.receipts} receipts: "
            + ("nothing differs" if report.is_sound else f"{len(report.differences)} differ")
        )
    if not report.is_sound:
        raise typer.Exit(1)


def _show_difference(name: str, kind: str, says: str, void: tuple[str, ...]) -> None:
    err.print(f"[bold red]{kind}[/] ", end="")
    err.print(f"{name}: {says}", markup=False)
    if void:
        more = f", and {len(void) - MOST_SHOWN} more" if len(void) > MOST_SHOWN else ""
        err.print(f"  void: {', '.join(void[:MOST_SHOWN])}{more}", markup=False)


def validate(offline: Offline = False, as_json: AsJson = False) -> None:
    """Run every check on the current state, and verify it. Makes nothing."""
    with typed_errors():
        engine = Engine(load_settings())
        # After the settings: the definitions read them at import.
        from aina_assets.automation import validate_state

        with nullcontext() if as_json else out.status("checking"):
            found = validate_state(engine, is_offline=offline)
    if as_json:
        sys.stdout.write(json.dumps({"is_valid": found.is_valid, **found.model_dump(mode="json")}, indent=2))
        sys.stdout.write("\n")
    else:
        _show_validation(found)
    if not found.is_valid:
        raise typer.Exit(1)


def _show_validation(found: Validation) -> None:
    table = Table(title=f"{found.lane} state, {found.data}")
    table.add_column("stage")
    for name in ("checks", "passed", "warned", "failed"):
        table.add_column(name, justify="right")
    for stage in dict.fromkeys(check.stage for check in found.checks):
        of_stage = [check for check in found.checks if check.stage == stage]
        passed = sum(check.passed for check in of_stage)
        warned = sum(check in found.warned for check in of_stage)
        numbers = (len(of_stage), passed, warned, len(of_stage) - passed - warned)
        table.add_row(stage, *(f"{n:,}" for n in numbers))
    out.print(table)
    for check in (*found.failed, *found.warned):
        colour = "red" if check.severity == "ERROR" else "yellow"
        blocks = ", blocking" if check.is_blocking else ""
        err.print(f"[bold {colour}]{check.severity}{blocks}[/] {check.asset}: {check.check}: ", end="")
        err.print(f"{check.summary}\n  remedy: {check.remedy}", markup=False)
    for step in found.steps_failed:
        err.print("[bold red]could not be checked[/]: ", end="")
        err.print(step, markup=False)
    for difference in found.differences:
        _show_verdict(difference)
    for note in found.notes:
        out.print(f"note: {note}", markup=False)
    out.print(
        f"{len(found.checks)} checks, {len(found.failed)} failed, {len(found.warned)} warned; "
        f"{found.files:,} files and {found.receipts} receipts, {len(found.differences)} differ; "
        f"{found.seconds:.1f} s: " + ("[green]valid[/]" if found.is_valid else "[red]not valid[/]")
    )


def _show_verdict(difference: FileVerdict) -> None:
    _show_difference(difference.name, difference.kind, difference.says, difference.void)


def diff(
    first: Annotated[Path, typer.Argument(help="data root of one build")],
    second: Annotated[Path, typer.Argument(help="data root of another")],
    as_json: AsJson = False,
) -> None:
    """Show what changed between two builds: vintages, code, policies, tables, rows, routes."""
    with typed_errors():
        load_settings()
        from aina_assets.definitions import CONTRACTS
        from aina_assets.verification.diff import diff as compare

        found = compare(first, second, CONTRACTS)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=2) + "\n")
        return
    if found.is_empty:
        out.print("the two builds are the same")
        return
    _show_changes(found)


def _show_changes(found: BuildDifference) -> None:
    if found.lane:
        out.print(f"lane: {found.lane[0]} -> {found.lane[1]}")
    groups: tuple[tuple[str, Mapping[str, tuple[str | None, str | None]]], ...] = (
        ("vintage", found.vintages),
        ("code", found.code),
        ("input", found.inputs),
        ("file", found.files),
    )
    for title, changes in groups:
        for name, (before, after) in changes.items():
            out.print(f"{title} {name}: {_short(before)} -> {_short(after)}", markup=False)
    if found.tables:
        table = Table(title="tables")
        for name in ("table", "rows before", "rows after", "added", "removed", "changed", "files"):
            table.add_column(name, justify="left" if name == "table" else "right", no_wrap=name == "table")
        for change in found.tables:
            numbers = (*change.rows, change.added, change.removed, change.changed)
            files = f"{change.files[0]} of {change.files[1]}"
            table.add_row(change.table, *("" if n is None else f"{n:,}" for n in numbers), files)
        out.print(table)
        for change in found.tables:
            for movement, count in (change.moved or {}).items():
                out.print(f"{change.table}: {movement}: {count:,}", markup=False)


def _short(value: str | None) -> str:
    return "(absent)" if value is None else value[:16]


COMMANDS: tuple[Callable[..., Any], ...] = (verify, validate, diff)
