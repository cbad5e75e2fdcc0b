"""`aina graph ...`: questions to the work intelligence graph.

Belongs here: arguments, tables, exit status. Does not: doing the work.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from aina_assets.cli.console import err, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

graph_app = typer.Typer(help="The graph of work: paths, neighbours, near occupations.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="as JSON")]
SOURCE = ("source_table", "source_row", "vintage")


@graph_app.command()
def path(
    title: Annotated[str, typer.Argument(help="a title, or a node's id")],
    task: Annotated[str, typer.Argument(help="a task's number, or any node's id, as wage:13-2051/...")],
    as_json: AsJson = False,
) -> None:
    """Show the shortest path of evidence from a title to a task, a wage or any other node."""
    from aina_assets.packets.graph.asking import Graph, title_node
    from aina_assets.titles.make import TitleStage

    with typed_errors():
        engine = Engine(load_settings())
        graph = Graph(engine.data.graph)
        start = title if ":" in title else title_node(graph, TitleStage(engine).title_id(title), title)
        goal = f"task:{task}" if task.isdecimal() else task
        steps = graph.path(start, goal)
    if not steps:
        err.print(f"no path of evidence joins {start} and {goal}", markup=False)
        raise typer.Exit(1)
    _show(
        f"{start} to {goal}",
        steps,
        ("step", "from_id", "edge", "to_id", "to_name", "weight", *SOURCE),
        as_json,
    )


@graph_app.command()
def neighbours(
    node: Annotated[str, typer.Argument(help="a node's id, as onet:13-2051.00")],
    kind: Annotated[str | None, typer.Option(help="edges of this kind alone")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a node is joined to, and which row says so."""
    from aina_assets.packets.graph.asking import Graph

    with typed_errors():
        found = Graph(Engine(load_settings()).data.graph).neighbours(node, kind)
    columns = ("kind", "direction", "other_id", "other_name", "weight", *SOURCE)
    _show(f"{len(found)} edges of {node}", found, columns, as_json)


@graph_app.command()
def near(
    code: Annotated[str, typer.Argument(help="an O*NET-SOC code")],
    as_json: AsJson = False,
) -> None:
    """Show the occupations near an occupation."""
    from aina_assets.packets.graph.asking import Graph

    with typed_errors():
        found = Graph(Engine(load_settings()).data.graph).near(code)
    columns = (
        "rank",
        "near_onet_soc_code",
        "near_title",
        "similarity",
        "activity_similarity",
        "is_related_in_onet",
    )
    _show(f"near {code}", found, columns, as_json)


def _show(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([dict(row) for row in rows], indent=2) + "\n")
        return
    table = Table(title=escape(title), title_justify="left")
    for column in columns:
        # An id that is cut is no id.
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if row[name] is None else escape(str(row[name])) for name in columns))
    out.print(table)
