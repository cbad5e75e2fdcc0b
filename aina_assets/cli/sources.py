"""`aina sources ...`: source files.

Belongs here: arguments, tables, exit status. Does not: doing the work.
"""

from __future__ import annotations

from typing import Annotated

import typer

from aina_assets.cli.console import at_the_desk, err, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import load_settings

sources_app = typer.Typer(help="Source files: verify, look for drift, propose a lock.", no_args_is_help=True)

SourceNames = Annotated[list[str] | None, typer.Argument(help="sources; all locked ones where none is given")]


@sources_app.command()
def verify(names: SourceNames = None) -> None:
    """Read every byte of every selected file and hold it against the lock."""
    from aina_assets.core.errors import SourceError
    from aina_assets.core.store import NOT_AVAILABLE
    from aina_assets.sources.acquire import source_faults
    from aina_assets.sources.catalog import SOURCES
    from aina_assets.sources.lock import read_lock
    from aina_assets.sources.make import acquire_source
    from aina_assets.sources.rules import files_match_lock

    has_faults = False
    with typed_errors():
        engine = Engine(load_settings())
        for name in _chosen(names, tuple(SOURCES)):
            try:
                files = acquire_source(name, engine)
                finding = files_match_lock(files)
            except SourceError as error:
                has_faults = True
                held = read_lock(engine.settings.lock_path)
                for fault in source_faults(name, engine.settings, held) or [error]:
                    err.print(f"[bold red]{name}[/]: {type(fault).__name__}: ", end="")
                    err.print(str(fault), markup=False)
                continue
            has_faults = has_faults or not finding.passed
            mark = "[red]differs[/]" if not finding.passed else "ok" if files.is_available else NOT_AVAILABLE
            out.print(f"{name:<16} {files.vintage:<14} {mark}  {finding.summary}")
            for row in finding.sample:
                err.print(f"  {row['file']}: {row['finding']}", markup=False)
    if has_faults:
        raise typer.Exit(1)


@sources_app.command()
def drift(names: SourceNames = None) -> None:
    """Ask each publisher whether it has something newer than the lock (needs the network)."""
    from aina_assets.sources.upstream.drift_rule import LOCKED_SOURCES, upstream_has_not_moved

    with typed_errors():
        engine = Engine(load_settings())
        for name in _chosen(names, LOCKED_SOURCES):
            finding = upstream_has_not_moved(engine, name)
            mark = "[green]as locked[/]" if finding.passed else "[yellow]WARN[/]"
            out.print(f"{name:<16} {mark}  ", end="")
            out.print(finding.summary, markup=False)


@sources_app.command()
def lock(names: SourceNames = None) -> None:
    """Propose a new lock beside the old one and print the difference; never overwrites the lock."""
    from aina_assets.sources.lock import read_lock
    from aina_assets.sources.upstream.proposal import proposal_path, propose_lock, write_proposal

    with typed_errors():
        engine = Engine(load_settings())
        settings = engine.settings
        old = read_lock(settings.lock_path)
        known = tuple(dict.fromkeys(file.source for file in old.files))
        proposal = propose_lock(settings, old, _chosen(names, known))
        for line in (*proposal.changes, *proposal.notes):
            out.print(line, markup=False)
        if not proposal.changes:
            out.print("nothing differs from the lock; nothing proposed")
            return
        with at_the_desk(engine, "sources lock", proposal_path(settings.lock_path)):
            path = write_proposal(proposal, settings.lock_path)
        out.print(f"{len(proposal.changes)} changes proposed in {path}; review it, then replace the lock")


def _chosen(names: list[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    for name in names or ():
        if name not in known:
            raise SettingsError(f"there is no source {name!r}", remedy=f"Choose among: {', '.join(known)}.")
    return tuple(names or known)
