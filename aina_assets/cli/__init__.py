"""`aina ...`: the command line.

Belongs here: the whole's commands, and the list of the stages' own, each in a module named for its stage.
Does not: doing the work. Each command imports what it needs, so that `aina status` does not wait for Dagster.

Exit status: 0 all is well; 1 an ERROR check failed, a step raised, or files differ; 2 the command or a
setting is wrong.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aina_assets import __version__
from aina_assets.cli.carrying_on import COMMANDS as CARRYING_ON
from aina_assets.cli.console import err, out, show_build, typed_errors
from aina_assets.cli.gates import gates_app
from aina_assets.cli.gold import gold_app
from aina_assets.cli.graph import graph_app
from aina_assets.cli.learning import learn_app
from aina_assets.cli.packets import packets_app
from aina_assets.cli.review import review_app
from aina_assets.cli.service import COMMANDS as SERVICE_COMMANDS
from aina_assets.cli.sources import sources_app
from aina_assets.cli.titles import titles_app
from aina_assets.cli.verification import COMMANDS
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

if TYPE_CHECKING:
    from aina_assets.core.progress import Step

app = typer.Typer(
    help="AINA: a job title becomes a provable learning path.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for name, of_stage in (
    ("sources", sources_app),
    ("titles", titles_app),
    ("gold", gold_app),
    ("review", review_app),
    ("packets", packets_app),
    ("graph", graph_app),
    ("gates", gates_app),
    ("learn", learn_app),
):
    app.add_typer(of_stage, name=name)
for command in (*COMMANDS, *CARRYING_ON, *SERVICE_COMMANDS):
    app.command()(command)


@app.callback()
def under_guard(context: typer.Context) -> None:
    """AINA: a job title becomes a provable learning path."""
    from aina_assets.core.errors import SettingsError
    from aina_assets.gates.bounds import guarded_by

    # A command whose settings cannot be read says so itself; it does nothing else.
    with suppress(SettingsError):
        context.with_resource(guarded_by(load_settings()))


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
        show_build(summary)
        if not summary.is_success:
            raise typer.Exit(1)
        out.print(
            "Next: `aina status` for the figures, `make ui` for the graph and the checks, "
            f"{settings.data / 'receipts'} for the receipts, docs/ for what it all means."
        )


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="every figure as JSON")] = False,
) -> None:
    """Print the figures of the current state."""
    import json

    from aina_assets.cli.state import whole_state

    with typed_errors():
        state = whole_state(Engine(load_settings()))
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
        table.add_row(name, "-" if value is None else f"{value:,}")
    out.print(table)


@app.command(name="version")
def show_version() -> None:
    """Print the version."""
    out.print(__version__)


def main() -> None:
    """Entry point."""
    app()
