"""`aina serve`: the local beta, on this machine alone.

Belongs here: arguments, what is printed, exit status. Does not: serving.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aina_assets.cli.console import err, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

if TYPE_CHECKING:
    from aina_assets.service.running import Running


def serve(
    host: Annotated[
        str, typer.Option(help="address to listen on; any but this machine's own needs the gate")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port; 0 lets the system choose")] = 8420,
) -> None:
    """Serve the API and the pages of the local beta, until Ctrl-C."""
    from aina_assets.service.running import serve as run

    with typed_errors():
        engine = Engine(load_settings())
        try:
            run(engine, host, port, _say)
        except OSError as error:
            err.print(f"{host}:{port} cannot be listened on: {error.strerror}", markup=False)
            raise typer.Exit(1) from error


def _say(running: Running) -> None:
    out.print(f"AINA listens on {running.address}", markup=False)
    out.print(f"Open {running.entrance}", markup=False)
    out.print("The part after # is the token: it signs this browser in. Ctrl-C stops the service.")


COMMANDS = (serve,)
