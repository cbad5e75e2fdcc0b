"""Where commands print, and how a typed error becomes words and an exit status.

Belongs here: what every command shares. Does not: commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from aina_assets.core.engine import Engine
from aina_assets.core.errors import AinaError, SettingsError

if TYPE_CHECKING:
    from aina_assets.core.build import BuildSummary

# Soft: a path in a log file is not broken at the 80th column.
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def typed_errors() -> Iterator[None]:
    """Show a typed error as it speaks, and end with its exit status."""
    try:
        yield
    except AinaError as error:
        err.print(f"[bold red]{type(error).__name__}[/]: ", end="")
        err.print(str(error), markup=False)
        raise typer.Exit(2 if isinstance(error, SettingsError) else 1) from error


def show_build(summary: BuildSummary) -> None:
    """Show a build's table of stages, and what failed in it."""
    table = Table(title=f"build {summary.run_id[:8]}: {summary.lane}, {summary.seconds:.1f} s")
    table.add_column("stage")
    for name in ("assets", "rows", "passed", "warned", "failed"):
        table.add_column(name if name in ("assets", "rows") else f"checks {name}", justify="right")
    for stage in summary.stages:
        numbers = (stage.checks_passed, stage.checks_warned, stage.checks_failed)
        table.add_row(stage.stage, f"{stage.assets:,}", f"{stage.rows:,}", *(f"{n:,}" for n in numbers))
    out.print(table)
    for step in summary.step_failures:
        err.print(f"[bold red]step {step.step} failed[/]: ", end="")
        err.print(step.error, markup=False)
    for failure in summary.check_failures:
        colour = "red" if failure.severity == "ERROR" else "yellow"
        err.print(f"[bold {colour}]{failure.severity}[/] {failure.asset}: {failure.check}: ", end="")
        err.print(f"{failure.summary}\n  remedy: {failure.remedy}", markup=False)


@contextmanager
def at_the_desk(engine: Engine, command: str, target: Path) -> Iterator[None]:
    """Let a person's command write the place that the person named, if it is outside the data root.

    Raises:
        CapabilityError: nothing may be written there, or the gate is closed.
    """
    # Imported here: only commands that write elsewhere pay for it.
    from aina_assets.gates.edge import leave_to_write, writing
    from aina_assets.gates.gatekeeper import Gatekeeper

    if target.expanduser().resolve().is_relative_to(engine.data.path):
        yield
        return
    with writing(leave_to_write(Gatekeeper(engine), command, target), target):
        yield
