"""`aina review ...`: the queue of titles that wait, and what reviewers make of it.

Belongs here: arguments, tables, progress, exit status. Does not: doing the work.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from aina_assets.cli.console import at_the_desk, err, out, show_build, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

if TYPE_CHECKING:
    from aina_assets.adjudication.make_reviews import ReviewStage

review_app = typer.Typer(help="Reviews: the queue, its reviewers, their decisions.", no_args_is_help=True)

Batches = Annotated[list[str] | None, typer.Option("--batch", help="a batch; all where none is named")]
By = Annotated[str, typer.Option("--by", help="who decides this: a name that goes on record")]
NOBODY = "no reviewer is configured: the queue stays as it is (AINA_REVIEWERS, docs/reviewers.md)"


def _stage() -> ReviewStage:
    from aina_assets.adjudication.make_reviews import ReviewStage
    from aina_assets.adjudication.stage import AdjudicationStage

    return ReviewStage(AdjudicationStage(Engine(load_settings())))


@review_app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="every figure as JSON")] = False) -> None:
    """Show the account, the batches that are not merged, the reviewers and what they cost."""
    import json
    from dataclasses import asdict

    from aina_assets.adjudication.make_state import StateStage
    from aina_assets.adjudication.receipts import account_figures
    from aina_assets.adjudication.reviewers.factory import ledger_of
    from aina_assets.adjudication.reviewers.families import findings
    from aina_assets.adjudication.tables import REVIEW_BATCH, REVIEW_WAVE

    with typed_errors():
        stage = _stage().stage
        store = stage.engine.store
        figures = account_figures(StateStage(stage).account())
        batches = store.read(REVIEW_BATCH.name).to_pylist()
        waves = store.read(REVIEW_WAVE.name).to_pylist()
        specs = list(stage.specs.values())
        warnings = [found.message for found in findings(specs)]
        spent = ledger_of(stage.folders.work).spent()
    reviewers = [
        {"seat": spec.name, "backend": spec.backend, "provider": spec.provider, "model": spec.model}
        for spec in specs
    ]
    if as_json:
        told = {"account": figures, "batches": batches, "waves": waves, "reviewers": reviewers}
        sys.stdout.write(json.dumps({**told, "warnings": warnings}, indent=2) + "\n")
        return
    _show(
        "account",
        [
            {"figure": name, "titles": f"{value:,}" if isinstance(value, int) else str(value)}
            for name, value in figures.items()
        ],
    )
    counts = Counter(row["status"] for row in batches)
    out.print(f"waves of batches: {', '.join(f'{n} {name}' for name, n in sorted(counts.items())) or 'none'}")
    columns = ("title_batch", "wave", "status", "candidates", "detail")
    _show("not merged", [{c: row[c] for c in columns} for row in batches if row["status"] != "merged"])
    shown = (
        "wave",
        "batches",
        "candidates",
        "promoted",
        "excluded",
        "kept",
        "agreement",
        "kappa",
        "ac1",
        "alpha",
    )
    _show("waves", [{c: row[c] for c in (*shown, "wrong_alike", "cost_usd")} for row in waves])
    _show("reviewers", reviewers)
    if not reviewers:
        out.print(NOBODY)
    for warning in warnings:
        err.print(f"[bold yellow]WARN[/] {warning}")
    _show("cost", [asdict(entry) for entry in spent])


@review_app.command()
def prompts(
    batch: Batches = None,
    folder: Annotated[Path | None, typer.Option("--out", help="folder to write the prompts to")] = None,
) -> None:
    """Show what the open waves ask; with --out write every prompt and schema as a file."""
    from aina_assets.adjudication.commands import batches_of, write_prompts

    with typed_errors():
        stage = _stage()
        keys = batches_of(stage.stage, batch or [])
        plans = [stage.plan(key) for key in keys]
        written: list[Path] = []
        if folder is not None:
            with at_the_desk(stage.stage.engine, "review prompts", folder):
                written = write_prompts(stage, keys, folder)
    _show(
        "open waves",
        [
            {
                "batch": plan.title_batch,
                "wave": plan.wave,
                "candidates": len(plan.candidates),
                "known answers": len(plan.known),
                "ordered": sum(row.order is not None for row in plan.rows),
            }
            for plan in plans
            if plan.rows
        ],
    )
    total = sum(len(plan.candidates) for plan in plans)
    out.print(f"{total:,} titles wait for a review" if total else "nothing waits for a review")
    if written:
        out.print(f"{len(written)} prompts in {folder}", markup=False)


@review_app.command()
def run(
    batch: Batches = None,
    again: Annotated[
        list[str] | None, typer.Option("--again", help="a quarantined batch to ask anew")
    ] = None,
    by: By = "",
    reason: Annotated[str, typer.Option(help="why a quarantined batch is asked anew")] = "",
) -> None:
    """Ask the reviewers for all that is outstanding, then settle and check what they said."""
    from aina_assets.adjudication.commands import ask_wave, batches_of, release, rows_to_ask

    with typed_errors():
        stage = _stage()
        for key in again or []:
            if not by or not reason:
                raise typer.BadParameter("--again needs --by and --reason: both go on record")
            wave = release(stage.stage, key, by, reason)
            out.print(f"batch {key}: released; wave {wave} asks anew")
        if not stage.stage.specs:
            out.print(NOBODY)
            raise typer.Exit(1)
        stage = _stage()
        keys = batches_of(stage.stage, batch or [])
        with _reviewers_may_be_asked(stage), _progress(rows_to_ask(stage, keys)) as advance:
            asked = ask_wave(stage, keys, lambda request, _: advance(len(request.rows)))
        for seat, fault in asked.faults.items():
            err.print(f"[bold yellow]{seat}[/]: ", end="")
            err.print(f"{asked.outstanding.get(seat, 0)} requests are outstanding: {fault}", markup=False)
        _settle()


@review_app.command(name="import")
def import_sheets(
    sheets: Annotated[list[Path], typer.Argument(help="filled sheets of people who review")],
) -> None:
    """Take over filled sheets, then settle and check what follows from them."""
    from aina_assets.adjudication.commands import ask_wave, batches_of, take_over

    with typed_errors():
        stage = _stage()
        taken = take_over(stage.stage, sheets)
        out.print(f"{len(taken)} sheets taken over")
        with _reviewers_may_be_asked(stage):
            ask_wave(stage, batches_of(stage.stage, []), lambda request, answer: None)
        _settle()


@review_app.command()
def accept(
    batch: Annotated[list[str], typer.Argument(help="batches that are held")],
    by: By = "",
) -> None:
    """Accept batches that are held because their reviewers agree too little, and merge them."""
    from aina_assets.adjudication.commands import accept as accept_batch
    from aina_assets.adjudication.commands import batches_of

    if not by:
        raise typer.BadParameter("--by names who accepts: it goes on record")
    with typed_errors():
        stage = _stage()
        for key in batches_of(stage.stage, batch):
            out.print(f"batch {key}: {accept_batch(stage, key, by)}")
        _settle()


@review_app.command()
def order(
    titles: Annotated[list[str], typer.Argument(help="titles that were kept, as texts or ids")],
    by: By = "",
    reason: Annotated[str, typer.Option(help="why they are reviewed again")] = "",
) -> None:
    """Order a bounded review: titles that were kept, each by name, are asked again in the next wave."""
    from aina_assets.adjudication.commands import order_review

    if not by or not reason:
        raise typer.BadParameter("an order needs --by and --reason: both go on record")
    with typed_errors():
        given = order_review(_stage().stage, titles, reason, by)
        out.print(
            f"bounded review {given.digest[:16]} of {len(given.title_ids)} titles; next: `aina review run`"
        )


@review_app.command()
def explain(
    titles: Annotated[list[str], typer.Argument(help="titles, of the inventory or any other")],
    as_json: Annotated[bool, typer.Option("--json", help="everything as JSON")] = False,
) -> None:
    """Show what was decided of a title, by whom, and on which requests and answers."""
    import json
    from dataclasses import asdict

    from aina_assets.adjudication.explain import explain as explain_title

    with typed_errors():
        stage = _stage().stage
        told = [explain_title(stage, title) for title in titles]
    if as_json:
        sys.stdout.write(json.dumps([asdict(found) for found in told], indent=2) + "\n")
        return
    for found in told:
        if found.defect:
            out.print(f"no usable title: {found.defect}", markup=False)
            continue
        place = "in the inventory" if found.state else "not in the inventory"
        out.print(f"{found.asked}: {place}, id {found.title_id}, batch {found.title_batch}", markup=False)
        for name, facts in (("state", found.state), ("rule", found.rule)):
            _show(name, [{"fact": key, "value": value} for key, value in (facts or {}).items()])
        for decision in found.decisions:
            _show(f"merge {decision['merge']}", [{"fact": k, "value": v} for k, v in decision.items()])
        _show("bounded reviews", found.orders)
        if found.open_wave:
            out.print(f"wave {found.open_wave} asks about it now")


@contextmanager
def _reviewers_may_be_asked(stage: ReviewStage) -> Iterator[None]:
    """Let whoever is configured be asked; where titles would leave this machine, the gate has to be open.

    Raises:
        GateClosedError: it is not, and why.
    """
    from aina_assets.adjudication.reviewers.families import handed_to
    from aina_assets.automation import temporary_files_in
    from aina_assets.gates.edge import handing_on
    from aina_assets.gates.gatekeeper import Gatekeeper

    engine = stage.stage.engine
    hosts, commands = handed_to(stage.stage.specs.values())
    with temporary_files_in(engine), handing_on(Gatekeeper(engine), hosts, commands):
        yield


def _settle() -> None:
    # Imported here: the definitions read the settings at import.
    from aina_assets.automation import run_reviews

    engine = Engine(load_settings())
    with out.status("settling") as spinner:
        summary = run_reviews(
            engine,
            observer=lambda step: spinner.update(f"{step.stage}: {step.name}"),
            on_wait=lambda: out.print("a build holds the data root: waiting for it to end"),
        )
    show_build(summary)
    if not summary.is_success:
        raise typer.Exit(1)
    out.print("Next: `aina review status` for the account; `aina build` for what lies downstream.")


@contextmanager
def _progress(rows: int) -> Iterator[Callable[[int], None]]:
    """A progress bar over rows; gives what moves it on."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("rows"), TimeRemainingColumn())
    with Progress(TextColumn("asking"), *columns, console=out) as bar:
        task = bar.add_task("rows", total=rows)
        yield lambda answered: bar.advance(task, answered)


def _show(title: str, rows: Iterable[Mapping[str, Any]]) -> None:
    shown: Sequence[Mapping[str, Any]] = list(rows)
    if not shown:
        return
    table = Table(title=title, title_justify="left")
    for column in shown[0]:
        table.add_column(column)
    for row in shown:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    out.print(table)
