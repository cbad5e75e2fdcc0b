"""`aina titles ...`: why a title has its route, and how all are routed.

Belongs here: arguments, tables, exit status. Does not: doing the work, or the look of an explanation
(`explained`).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from aina_assets.cli.console import out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

titles_app = typer.Typer(help="Titles: why one has its route, and the routes of all.", no_args_is_help=True)


AsJson = Annotated[bool, typer.Option("--json", help="everything as JSON")]


@titles_app.command()
def explain(
    titles: Annotated[list[str], typer.Argument(help="titles, of the inventory or any other")],
    as_json: AsJson = False,
) -> None:
    """Show why a title has its route, down to the source rows.

    A text that is no usable title, such as one with personal data, is told by its number alone.
    """
    from dataclasses import asdict

    from aina_assets.cli.explained import shown
    from aina_assets.titles.explaining.explain import Explainer
    from aina_assets.titles.make import TitleStage

    with typed_errors():
        explained = Explainer(TitleStage(Engine(load_settings()))).explain(titles)
    if as_json:
        _write_json([asdict(found) for found in explained])
        return
    for found in explained:
        # Wrapped hard: in a soft line the cells of a table would be cut off.
        out.print(shown(found), soft_wrap=False)


@titles_app.command()
def routes(as_json: AsJson = False) -> None:
    """Count titles by route, basis and level; show which certificates stand, and lines with a defect."""
    from aina_assets.titles.status import coverage

    with typed_errors():
        found = coverage(Engine(load_settings()))
    if as_json:
        _write_json(found)
        return
    _show_counts(found["coverage"], ("route", "basis", "level"), found["titles"])
    _show_counts(found["coverage"], ("route", "reason"), found["titles"])
    gold = " and ".join(f"{rows:,} {part}" for part, rows in found["gold_rows"].items())
    numbers = ("strata", "rows", "errors")
    words = ("basis", "claim", "state")
    table = _table(f"certificates; {gold} gold rows", words, (*numbers, "largest bound"))
    for row in found["certificates"]:
        counts = (f"{row[name]:,}" for name in numbers)
        table.add_row(*(row[name] for name in words), *counts, f"{row['largest_bound']:.2%}")
    out.print(table)
    defects = found["defects"]
    table = _table(f"{found['lines']:,} lines, of which no usable title", ("defect",), ("lines",))
    for name, lines in {**defects, "all": sum(defects.values())}.items():
        table.add_row(name, f"{lines:,}")
    out.print(table)


def _show_counts(rows: Iterable[Mapping[str, Any]], names: Sequence[str], total: int) -> None:
    """Titles by these columns, a section a route."""
    counts: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        counts[tuple(row[name] or "" for name in names)] += row["titles"]
    table = _table(f"{total:,} titles", names, ("titles", "share"))
    before = None
    for key, titles in sorted(counts.items()):
        if before not in {None, key[0]}:
            table.add_section()
        before = key[0]
        table.add_row(*key, f"{titles:,}", f"{titles / total:.1%}")
    out.print(table)


def _table(title: str, words: Iterable[str], numbers: Iterable[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in words:
        table.add_column(name)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _write_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
