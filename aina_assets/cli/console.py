"""Where commands print, and how a typed error becomes words and an exit status.

Belongs here: what every command shares. Does not: commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console

from aina_assets.core.engine import Engine
from aina_assets.core.errors import AinaError, SettingsError

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
