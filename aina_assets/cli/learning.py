"""`aina learn ...`: a synthetic learner's journey, traces, records, the sandbox, exports.

Belongs here: arguments, tables, exit status. Does not: doing the work.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aina_assets.cli.console import err, exporting_to, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.errors import LearnerError, SettingsError
from aina_assets.core.settings import load_settings

if TYPE_CHECKING:
    from aina_assets.learning.evaluating.judge import ModelJudge
    from aina_assets.learning.records.log import EventLog

learn_app = typer.Typer(
    help="Synthetic learners: journeys, records, traces, the sandbox.", no_args_is_help=True
)
sandbox_app = typer.Typer(help="GDPval: shown from the raw file, never written.", no_args_is_help=True)
export_app = typer.Typer(help="xAPI 2.0 and CASE 1.1.", no_args_is_help=True)
rubrics_app = typer.Typer(help="Rubrics and their lock.", no_args_is_help=True)
learn_app.add_typer(sandbox_app, name="sandbox")
learn_app.add_typer(export_app, name="export")
learn_app.add_typer(rubrics_app, name="rubrics")


def _log(engine: Engine) -> EventLog:
    from aina_assets.learning.opening import open_log

    return open_log(engine)


@contextmanager
def _judge(engine: Engine, seat: str | None) -> Iterator[ModelJudge | None]:
    """The judge in a seat of the reviewers' file, under the gates' guard; none without a seat."""
    if seat is None:
        yield None
        return
    from aina_assets.adjudication.folders import ReviewFolders
    from aina_assets.adjudication.protocol import SEATS
    from aina_assets.adjudication.reviewers.config import read_reviewers
    from aina_assets.adjudication.reviewers.families import handed_to
    from aina_assets.gates.edge import handing_on
    from aina_assets.gates.gatekeeper import Gatekeeper
    from aina_assets.learning.evaluating.reviewer_judge import judge_of

    chosen = next((name for name in SEATS if name == seat), None)
    if chosen is None:
        raise SettingsError(
            f"there is no seat {seat!r}", place="--judge", remedy=f"One of: {', '.join(SEATS)}."
        )
    file = engine.settings.reviewers_path
    specs = [spec for spec in read_reviewers(file).specs if spec.name == chosen]
    folders = ReviewFolders(engine.data.reviews, engine.settings.title_batches)
    with handing_on(Gatekeeper(engine), *handed_to(specs)):
        yield judge_of(file, chosen, folders.work)


@learn_app.command()
def journey(
    title: Annotated[str, typer.Argument(help="job title")],
    seed: Annotated[int, typer.Option(help="population of the learner")] = 7,
    number: Annotated[int, typer.Option(help="number of the learner in it")] = 1,
    items: Annotated[int, typer.Option(help="plan items to practise")] = 3,
    weekly_minutes: Annotated[int, typer.Option(min=0, help="capacity a week")] = 120,
    weeks: Annotated[int, typer.Option(min=1, help="horizon")] = 6,
    judge: Annotated[
        str | None,
        typer.Option(
            help="ask the reviewer in this seat (reviewer_a, reviewer_b) what only a reader can tell"
        ),
    ] = None,
) -> None:
    """Walk a synthetic learner from the first word to the record, and print what happened."""
    from aina_assets.learning.cohort.journeys import Walker
    from aina_assets.learning.cohort.people import learner, with_capacity
    from aina_assets.learning.cohort.transcript import transcript
    from aina_assets.learning.desk import Policies
    from aina_assets.learning.opening import open_desk

    with typed_errors():
        engine = Engine(load_settings())
        log = _log(engine)
        with _judge(engine, judge) as asked:
            desk = open_desk(engine, log, judge=asked)
            resolved = desk.resolve(title)
            who = with_capacity(
                learner(seed, number, title, resolved.role, resolved.function), weekly_minutes, weeks
            )
            walked = Walker(desk, Policies.read(engine.settings).practice, items).walk(who)
        log.close()
    for line in transcript(walked):
        if line.startswith("# "):
            out.print(f"\n[bold]{line[2:]}[/]")
        else:
            out.print(line, markup=False)
    for text in walked.plan.attribution:
        out.print(text, markup=False, style="dim")


@learn_app.command()
def trace(
    plan_item: Annotated[str, typer.Argument(help="id of a plan item, as `aina learn journey` prints it")],
    plan: Annotated[
        str | None, typer.Option(help="plan; the last one that has the item where not given")
    ] = None,
) -> None:
    """Walk from a recommendation to task id, source row and file digest."""
    from aina_assets.learning.planning.plan import Plan
    from aina_assets.learning.records.documents import Documents
    from aina_assets.learning.tracing import trace as walk

    with typed_errors():
        engine = Engine(load_settings())
        documents = Documents(_log(engine).engine)
        plans = [plan] if plan else documents.ids("plan")
        held = [Plan.model_validate_json(documents.read("plan", plan_id)) for plan_id in plans]
        chosen = next((one for one in reversed(held) if one.item(plan_item) is not None), None)
        if chosen is None:
            raise LearnerError(
                "no plan has this item", place=plan_item, remedy="Make a plan with `aina learn journey`."
            )
        found = walk(chosen, plan_item, engine.store)
    item = found.item
    out.print(f"[bold]{item.item_id}[/] of {found.plan.plan_id}")
    out.print(f"{item.workflow_name}: {item.objective}", markup=False)
    out.print(f"why: {item.reason}", markup=False)
    told = item.factors
    out.print(
        f"worth {item.worth:.6f} = importance {told.importance:.4f} x opportunity {told.opportunity:.4f} x "
        f"gap {told.gap:.4f} x stage {told.stage_share:.4f} x emphasis {told.emphasis:.2f}"
    )
    out.print(f"tasks: {', '.join(map(str, item.task_ids))}")
    for row in found.rows:
        mark = "holds" if row.holds else "[red]does not hold[/]"
        locked = "locked" if row.is_locked else "not locked"
        out.print(f"{mark}  ", end="")
        out.print(f"{row.what}: {row.file} row {row.row} ({row.table}), {row.vintage}", markup=False)
        out.print(f"       sha256 {row.sha256} ({locked}): {row.says}", markup=False)
    for text in found.plan.attribution:
        out.print(text, markup=False, style="dim")
    if not found.holds:
        err.print("[bold red]a step does not hold[/]: what stands now is not what the plan was made of")
        raise typer.Exit(1)


@learn_app.command()
def record(
    learner_id: Annotated[str, typer.Argument(help="learner's id")],
    as_json: Annotated[bool, typer.Option("--json", help="the whole record as JSON")] = False,
) -> None:
    """Show a learner's record, folded from the events."""
    import json

    from aina_assets.learning.desk import Policies
    from aina_assets.learning.identity import check_learner_id
    from aina_assets.learning.mastery.reviewing import Reviews
    from aina_assets.learning.records.fold import Folder
    from aina_assets.learning.records.replay import Records

    with typed_errors():
        check_learner_id(learner_id)
        engine = Engine(load_settings())
        policy = Policies.read(engine.settings).learner_model
        reviews = Reviews(policy)
        state = Records(_log(engine), Folder(policy)).of_learner(learner_id)
        if state.number == 0:
            raise LearnerError("this learner has no events", place=learner_id)
    if as_json:
        sys.stdout.write(json.dumps({**state.told(), "sha256": state.sha256}, indent=1) + "\n")
        return
    table = Table(title=f"{learner_id}: {state.number} events", title_justify="left")
    for name in ("workflow", "mastery", "results", "passed", "next review"):
        table.add_column(name)
    for workflow_id, held in state.workflows.items():
        card = reviews.card(held.reviews)
        due = "" if card is None else card.due[:10]
        table.add_row(workflow_id, f"{held.mastery:.0%}", str(held.attempts), str(held.passes), due)
    out.print(table)
    out.print(f"state {state.sha256}")


@learn_app.command()
def verify(
    processes: Annotated[int, typer.Option(min=1, help="processes that share the replay")] = 1,
) -> None:
    """Hold the event log against its chain, and fold it anew."""
    from aina_assets.learning.desk import Policies
    from aina_assets.learning.records.fold import Folder
    from aina_assets.learning.records.replay import Records

    with typed_errors():
        engine = Engine(load_settings())
        log = _log(engine)
        events = log.verify()
        replay = Records(log, Folder(Policies.read(engine.settings).learner_model)).replay(processes)
        place = log.place
    out.print(f"{place}: {events} events follow each other, and their chain holds", markup=False)
    out.print(
        f"replay: {replay.learners} learners, {replay.late_events} late, {replay.ignored_events} ignored, "
        f"{replay.voided_events} voided; records {replay.sha256}"
    )


@learn_app.command()
def refusals() -> None:
    """Show what the edge refused: kinds and counts; the data was not kept."""
    from aina_assets.learning.edge.guard import Edge
    from aina_assets.sources.readers.person_names import read_person_names

    with typed_errors():
        engine = Engine(load_settings())
        held = Edge(_log(engine).engine, read_person_names(engine.settings.policies_root)).refusals()
    table = Table()
    for name in ("when", "gate", "field", "signals", "reason"):
        table.add_column(name)
    for refusal in held:
        signals = ", ".join(f"{kind} {count}" for kind, count in refusal.signals.items())
        table.add_row(refusal.occurred_at, refusal.gate, refusal.field, signals, refusal.reason)
    out.print(table)


# --- the sandbox


@sandbox_app.command(name="list")
def sandbox_list(
    role: Annotated[str | None, typer.Option(help="tasks of this role packet alone")] = None,
) -> None:
    """List GDPval tasks beside their roles: ids, names and counts."""
    from aina_assets.learning.receipts import current_holds

    with typed_errors():
        engine = Engine(load_settings())
        links = engine.store.read("gdpval_role_link").to_pylist()
        tasks = {row["task_id"]: row for row in engine.store.read("gdpval_task").to_pylist()}
        holds = current_holds(engine)
    table = Table()
    for name in ("task", "occupation", "role", "relation", "rubric items", "attachments"):
        table.add_column(name)
    for link in links:
        if role in (None, link["role_id"]):
            task = tasks[link["task_id"]]
            counts = (str(task["rubric_item_count"]), str(task["reference_file_count"]))
            table.add_row(link["task_id"], task["occupation"], link["role_id"], link["relation"], *counts)
    out.print(table)
    for hold in holds:
        out.print(f"{'open  ' if hold.is_open else 'closed'} {hold.hold_id}: {hold.detail}", markup=False)


@sandbox_app.command(name="show")
def sandbox_show(task_id: Annotated[str, typer.Argument(help="GDPval task")]) -> None:
    """Show a task's words on this screen, from the raw file; a pipe or a file is refused."""
    from aina_assets.learning.sandbox.showing import task_on_screen

    with typed_errors():
        if not sys.stdout.isatty():
            raise LearnerError(
                "GDPval's words are shown on a screen and written nowhere",
                place="the output is not a terminal",
                remedy="Run the command at a terminal, without a pipe or a redirection.",
            )
        text = task_on_screen(Engine(load_settings()), task_id)
    out.print(text.prompt, markup=False)
    for points, criterion in text.criteria:
        out.print(f"{points:+g}  {criterion}", markup=False)
    for name in (*text.reference_files, *text.deliverable_files):
        out.print(f"not fetched: {name}", markup=False)


# --- exports


@export_app.command()
def xapi(
    output: Annotated[
        Path | None, typer.Argument(help="file to write, a statement a line; exports/ of the data root")
    ] = None,
    learner: Annotated[str | None, typer.Option(help="this learner alone")] = None,
) -> None:
    """Write learner events as xAPI 2.0 statements."""
    from aina_assets.core.storage import write_bytes
    from aina_assets.learning.standards.xapi import export

    with typed_errors():
        engine = Engine(load_settings())
        log = _log(engine)
        stored = log.of_learner(learner) if learner else log.in_sequence()
        text = export(held.event for held in stored)
        with exporting_to(engine, "learn export", output or engine.data.exports / "xapi.jsonl") as place:
            write_bytes(place, text.encode())
    out.print(f"{text.count(chr(10))} statements in {place}", markup=False)


@learn_app.command(name="import")
def import_xapi(
    source: Annotated[Path, typer.Argument(help="file of statements, as `export xapi` writes")],
) -> None:
    """Take xAPI statements of this profile back into the log; what is there already is passed over."""
    from aina_assets.learning.standards.xapi import imported

    with typed_errors():
        log = _log(Engine(load_settings()))
        told = log.append(*imported(source.read_text("utf-8")))
    new = sum(not held.is_duplicate for held in told)
    out.print(f"{new} events stored, {len(told) - new} were there")


@export_app.command()
def case(
    role: Annotated[str, typer.Argument(help="role packet, such as onet:13-2011.00")],
    output: Annotated[
        Path | None, typer.Argument(help="file to write; below exports/ of the data root if none")
    ] = None,
    changed_at: Annotated[str | None, typer.Option(help="lastChangeDateTime; now where not given")] = None,
) -> None:
    """Write a role's tree of workflows, tasks and skills as a CASE 1.1 package."""
    from aina_assets.core.storage import write_bytes
    from aina_assets.learning.standards.case import CaseExport, package_text
    from aina_assets.learning.times import time_text
    from aina_assets.packets.reader import PacketReader

    with typed_errors():
        engine = Engine(load_settings())
        packet = PacketReader(engine).role(role)
        package = CaseExport(changed_at or time_text(datetime.now(UTC))).package(packet)
        target = output or engine.data.exports / f"case-{packet.role_id.replace(':', '-')}.json"
        with exporting_to(engine, "learn export", target) as place:
            write_bytes(place, package_text(package).encode())
    out.print(
        f"{len(package.CFItems)} items, {len(package.CFAssociations)} associations in {place}", markup=False
    )


# --- rubrics


@rubrics_app.command()
def lock() -> None:
    """Propose a lock that has every rubric's version; a changed rubric needs another version."""
    from aina_assets.learning.evaluating.rubric import LOCK, lock_rubrics

    with typed_errors():
        settings = load_settings()
        proposed = Engine(settings).data.exports / LOCK
        added = lock_rubrics(settings.policies_root, proposed)
    for name in added:
        out.print(f"added {name}", markup=False)
    if added:
        out.print(f"review {proposed}, then put it beside the rubrics", markup=False)
    else:
        out.print("every rubric is locked")
