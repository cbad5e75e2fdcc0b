"""`aina ...`: the command line.

Belongs here: arguments, progress, tables, exit status. Does not: doing the work. Each command imports
what it needs, so that `aina status` does not wait for Dagster.

Exit status: 0 all is well; 1 an ERROR check failed, a step raised, or files differ; 2 the command or a
setting is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from aina_assets import __version__
from aina_assets.core.engine import Engine
from aina_assets.core.errors import AinaError, SettingsError
from aina_assets.core.settings import load_settings

if TYPE_CHECKING:
    from aina_assets.core.build import BuildSummary
    from aina_assets.core.progress import Step

app = typer.Typer(
    help="AINA: a job title becomes a provable learning path.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
sources_app = typer.Typer(help="Source files: verify, look for drift, propose a lock.", no_args_is_help=True)
app.add_typer(sources_app, name="sources")

titles_app = typer.Typer(help="Titles: why one has its route; gold sets.", no_args_is_help=True)
app.add_typer(titles_app, name="titles")
gold_app = typer.Typer(help="Gold: sample, label, import.", no_args_is_help=True)
titles_app.add_typer(gold_app, name="gold")

# Soft: a path in a log file is not broken at the 80th column.
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

SourceNames = Annotated[list[str] | None, typer.Argument(help="sources; all locked ones where none is given")]


@contextmanager
def typed_errors() -> Iterator[None]:
    """Show a typed error as it speaks, and end with its exit status."""
    try:
        yield
    except AinaError as error:
        err.print(f"[bold red]{type(error).__name__}[/]: ", end="")
        err.print(str(error), markup=False)
        raise typer.Exit(2 if isinstance(error, SettingsError) else 1) from error


@app.command()
def build() -> None:
    """Build every asset and run every check; what has not changed is left alone."""
    with typed_errors():
        engine = Engine(load_settings())
        # After the settings: the definitions read them at import.
        from aina_assets.automation import run_build

        settings = engine.settings
        out.print(f"[bold]aina build[/] {__version__}: {settings.sources} sources into {settings.data}")
        with out.status("starting") as spinner:

            def show(step: Step) -> None:
                spinner.update(f"{step.stage}: {step.name}")
                if ": " not in step.name:
                    rows = "" if step.rows is None else f"{step.rows:>10,} rows"
                    note = "  unchanged" if step.is_reused else ""
                    out.print(f"  {step.stage:<10} {step.name:<40} {rows:>15} {step.seconds:7.2f} s{note}")

            summary = run_build(
                engine,
                observer=show,
                on_wait=lambda: out.print("another build holds the data root: waiting for it to end"),
            )
        _show_build(summary)
        if not summary.is_success:
            raise typer.Exit(1)
        out.print(
            "Next: `aina status` for the figures, `make ui` for the graph and the checks, "
            f"{settings.data / 'receipts'} for the receipts, docs/ for what it all means."
        )


def _show_build(summary: BuildSummary) -> None:
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


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="every figure as JSON")] = False,
) -> None:
    """Print the figures of the current state."""
    import json

    from aina_assets.warehouse.status import status as read_status

    with typed_errors():
        state = read_status(Engine(load_settings()))
    if as_json:
        sys.stdout.write(json.dumps(state, indent=2) + "\n")
        return
    if not state["build"]["is_complete"]:
        err.print("[bold yellow]a build is running, or was killed[/]: tables may be of different builds")
    table = Table(title=f"{state['lane']} sources, {state['data']}")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for source, facts in state["sources"].items():
        table.add_row(source, facts["vintage"])
    table.add_section()
    for name, value in state["figures"].items():
        table.add_row(name, f"{value:,}")
    out.print(table)


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
    from aina_assets.sources.upstream.proposal import propose_lock, write_proposal

    with typed_errors():
        settings = load_settings()
        old = read_lock(settings.lock_path)
        known = tuple(dict.fromkeys(file.source for file in old.files))
        proposal = propose_lock(settings, old, _chosen(names, known))
        for line in (*proposal.changes, *proposal.notes):
            out.print(line, markup=False)
        if not proposal.changes:
            out.print("nothing differs from the lock; nothing proposed")
            return
        path = write_proposal(proposal, settings.lock_path)
        out.print(f"{len(proposal.changes)} changes proposed in {path}; review it, then replace the lock")


def _chosen(names: list[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    for name in names or ():
        if name not in known:
            raise SettingsError(f"there is no source {name!r}", remedy=f"Choose among: {', '.join(known)}.")
    return tuple(names or known)


@titles_app.command()
def explain(
    titles: Annotated[list[str], typer.Argument(help="titles, of the inventory or any other")],
    as_json: Annotated[bool, typer.Option("--json", help="everything as JSON")] = False,
) -> None:
    """Show why a title has its route, down to the source rows."""
    import json
    from dataclasses import asdict

    from aina_assets.titles.explain import Explainer
    from aina_assets.titles.make import TitleStage

    with typed_errors():
        explainer = Explainer(TitleStage(Engine(load_settings())))
        explained = [explainer.explain(title) for title in titles]
    if as_json:
        sys.stdout.write(json.dumps([asdict(found) for found in explained], indent=2) + "\n")
        return
    for found in explained:
        if found.defect:
            out.print(f"no usable title: {found.defect}", markup=False)
            continue
        place = "in the inventory" if found.is_in_inventory else "not in the inventory"
        out.print(f"{found.asked}: {place}, id {found.title_id}, batch {found.title_batch}", markup=False)
        for name, facts in (
            ("normalized", found.normalized),
            ("evidence", found.evidence),
            ("route", found.route),
            ("certificate", found.certificate),
            ("policies", found.policies),
        ):
            _show_rows(name, [{"fact": key, "value": value} for key, value in (facts or {}).items()])
        _show_rows("exact candidates", found.exact)
        _show_rows("retrieved candidates", found.retrieved)
        _show_rows("levels", found.levels)


def _show_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left")
    for column in rows[0]:
        table.add_column(column)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    out.print(table)


@gold_app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="folder that the sheets are written to")],
    size: Annotated[int, typer.Option(help="titles to draw")] = 1000,
    seed: Annotated[int, typer.Option(help="another seed draws another sample")] = 1,
) -> None:
    """Draw titles of the built inventory, by lane and function, for two coders."""
    from aina_assets.titles.gold import commands
    from aina_assets.titles.make_routes import sampling_frame

    with typed_errors():
        frame = sampling_frame(Engine(load_settings()).store)
        out.print(str(commands.sample(frame, folder, size=size, seed=seed)), markup=False)


@gold_app.command()
def label(sheet: Annotated[Path, typer.Argument(help="one coder's sheet")]) -> None:
    """Label a sheet at the terminal; `q` stops, and the next sitting goes on there."""
    from aina_assets.titles.gold import commands

    with typed_errors():
        out.print(str(commands.label(sheet)), markup=False)


@gold_app.command(name="import")
def import_gold(
    folder: Annotated[Path, typer.Argument(help="folder with the sample and the filled sheets")],
    output: Annotated[Path, typer.Argument(help="gold set to write")],
) -> None:
    """Make a gold set of filled sheets; disagreements must be settled first."""
    from aina_assets.titles.gold import commands
    from aina_assets.titles.make import TitleStage
    from aina_assets.titles.make_routes import known_codes

    with typed_errors():
        stage = TitleStage(Engine(load_settings()))
        summary = commands.import_labels(
            folder, output, title_id_of=stage.title_id, known_codes=known_codes(stage.engine.store)
        )
        out.print(str(summary), markup=False)


@app.command(name="version")
def show_version() -> None:
    """Print the version."""
    out.print(__version__)


def main() -> None:
    """Entry point."""
    app()
