"""`aina gold ...`: labels that the error of what is served is measured on.

Belongs here: arguments, exit status. Does not: doing the work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aina_assets.cli.console import at_the_desk, err, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

DESK = "gold"

gold_app = typer.Typer(help="Gold labels: draw a sample, label it, import it.", no_args_is_help=True)


@gold_app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="folder that the sheets are written to")],
    size: Annotated[int, typer.Option(help="titles to draw", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="another seed draws another sample")] = 1,
    floor: Annotated[int, typer.Option(help="fewest titles of a lane and function", min=1)] = 20,
) -> None:
    """Draw titles of the built inventory, by lane and function, for two coders."""
    from aina_assets.titles.gold import commands
    from aina_assets.titles.make_routes import sampling_frame

    with typed_errors():
        engine = Engine(load_settings())
        frame = sampling_frame(engine.store)
        with at_the_desk(engine, DESK, folder):
            drawn = commands.sample(frame, folder, size=size, seed=seed, floor=floor)
        out.print(str(drawn), markup=False)
    err.print("The sheets hold titles of the inventory: keep them out of any repository.")


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
