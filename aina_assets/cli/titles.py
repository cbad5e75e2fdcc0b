"""`aina titles ...`: why a title has its route, and gold sets.

Belongs here: arguments, tables, exit status. Does not: doing the work.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from aina_assets.cli.console import at_the_desk, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

DESK = "titles gold"

titles_app = typer.Typer(help="Titles: why one has its route; gold sets.", no_args_is_help=True)
gold_app = typer.Typer(help="Gold: sample, label, import.", no_args_is_help=True)
titles_app.add_typer(gold_app, name="gold")


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
        engine = Engine(load_settings())
        frame = sampling_frame(engine.store)
        with at_the_desk(engine, DESK, folder):
            drawn = commands.sample(frame, folder, size=size, seed=seed)
        out.print(str(drawn), markup=False)


@gold_app.command()
def label(sheet: Annotated[Path, typer.Argument(help="one coder's sheet")]) -> None:
    """Label a sheet at the terminal; `q` stops, and the next sitting goes on there."""
    from aina_assets.titles.gold import commands

    with typed_errors(), at_the_desk(Engine(load_settings()), DESK, sheet):
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
        codes = known_codes(stage.engine.store)
        with at_the_desk(stage.engine, DESK, output):
            summary = commands.import_labels(folder, output, title_id_of=stage.title_id, known_codes=codes)
        out.print(str(summary), markup=False)
