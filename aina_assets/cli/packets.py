"""`aina packets ...`: packets as people see them, and out of the data root.

Belongs here: arguments, tables, exit status. Does not: doing the work.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from aina_assets.cli.console import err, exporting_to, out, typed_errors
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

if TYPE_CHECKING:
    from aina_assets.packets.contract import RolePacket, TitlePacket
    from aina_assets.packets.parts import Spread, Task
    from aina_assets.packets.resolve import Resolution
    from aina_assets.packets.unserved import Unserved

packets_app = typer.Typer(help="Packets: show one, export all.", no_args_is_help=True)
# Exit status where the answer is that there is no packet: no error, and no packet either.
NO_PACKET = 3
SIGNALS = {"withheld": "withheld share"}
# What is absent for other reasons is told in the packet's notes, and of each task by --json.
ABSENT = {"withheld": "too few to tell", "not_published": "not published"}
MOST_PRACTICE = 5
UNITS = {"share": "", "percent_of_conversations": "%"}


@packets_app.command()
def show(
    text: Annotated[str, typer.Argument(help="a title, a title id, a role id, or a code")],
    as_json: Annotated[bool, typer.Option("--json", help="the packet as JSON")] = False,
) -> None:
    """Show the packet of a title or role, with where each statement comes from.

    Of a title that is not served: where it stands, and the packets of the roles that it may name. Exit
    status: 0 a packet is shown, 1 an error, 3 there is no packet to show, and what is printed says why.
    """
    from aina_assets.packets.resolve import Resolver

    with typed_errors():
        found = Resolver(Engine(load_settings())).resolve(text)
    packet = found.title or found.role
    if packet is None:
        show_unserved(found, as_json=as_json)
        raise typer.Exit(NO_PACKET)
    if as_json:
        sys.stdout.write(packet.model_dump_json(indent=2) + "\n")
        return
    if found.title is not None:
        out.print(f"[dim]{escape(found.detail)}[/]")
        _show_title(found.title)
        _show_role(found.title.role)
    elif found.role is not None:
        _show_role(found.role)


def show_unserved(found: Resolution, *, as_json: bool) -> None:
    """Print why a text has no packet, and what there is to see instead."""
    if as_json:
        told: dict[str, object] = {"kind": "no_packet", "state": found.state, "detail": found.detail}
        told["title"] = None if found.unserved is None else asdict(found.unserved)
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return
    out.print(f"[bold]No packet[/] ({found.state}): {escape(found.detail)}.")
    if found.unserved is not None:
        _show_unserved_title(found.unserved)


def _show_unserved_title(told: Unserved) -> None:
    where = f"{told.title_id}, batch {told.title_batch}" if told.is_in_inventory else "not in the inventory"
    rows = [
        ("title", f"{told.title} ({where})"),
        ("route", f"{told.route} ({told.route_reason}): {told.route_meaning}"),
        ("adjudication", told.adjudication),
        ("function", told.function or "none told"),
        ("more", "\n".join(told.commands)),
    ]
    _pairs(f"Title: {told.title}", rows)
    if not told.candidates:
        return
    table = Table(title="Roles that it may name; nobody decided that it does", title_justify="left")
    for name in ("role", "why"):
        table.add_column(name)
    # In one piece: it is to be copied.
    table.add_column("see it", no_wrap=True)
    for found in told.candidates:
        chance = "" if found.probability is None else f", probability {found.probability:.0%}"
        scope = "" if found.is_in_scope else "; out of scope"
        see = "held back by the quality gate" if found.is_held else found.command
        table.add_row(
            escape(f"{found.title} ({found.level})"), escape(f"{found.why}{chance}{scope}"), escape(see)
        )
    out.print(table)


def _show_title(packet: TitlePacket) -> None:
    served = packet.served
    unmeasured = "not measured" if served.decided_by == "route" else "not certified: adjudication decided"
    bound = unmeasured if served.error_bound is None else f"at most {served.error_bound:.1%} (95% sure)"
    likely = "" if served.likely_onet_soc_code is None else f", most likely {served.likely_onet_soc_code}"
    rows = [
        ("title", f"{packet.title} ({packet.title_id}, batch {packet.title_batch})"),
        ("seniority", packet.seniority or "none told"),
        ("function", packet.function or "none"),
        ("served", f"at {served.level} {served.code}{likely}"),
        ("why", f"{served.reason.replace('_', ' ')}, by {served.decided_by} {served.decision}"),
        ("probability", "not calibrated" if served.probability is None else f"{served.probability:.1%}"),
        ("error", bound),
        *(
            ("evidence", f"{found.title!r} under {found.code}: {found.origin.file}, row {found.origin.row}")
            for found in served.evidence
        ),
        *(("note", statement.detail) for statement in packet.statements),
    ]
    _pairs(f"Title: {packet.title}", rows)


def _show_role(packet: RolePacket) -> None:
    rows = [
        ("role", f"{packet.role_id}, at {packet.level}"),
        ("function", packet.function or "none or several"),
        ("in", " < ".join(f"{group.title} ({group.code})" for group in packet.groups) or "no SOC group"),
        ("what", packet.description or "no publisher defines it"),
        ("importance", packet.importance.detail),
    ]
    if packet.exposure is not None:
        place = f"{packet.exposure.origin.file}, row {packet.exposure.origin.row}"
        rows.append(("observed exposure", f"{packet.exposure.value:.3f} ({place})"))
    if packet.job_zone is not None:
        rows.append(("job zone", f"{packet.job_zone.zone} of 5: {packet.job_zone.name.rpartition(': ')[2]}"))
    if packet.education:
        most = max(packet.education, key=lambda share: share.percent)
        unshown = 100 - sum(share.percent for share in packet.education)
        # What is not shown may be more than the most that is.
        told = f"{most.level} ({most.percent:.0f}% of answers)"
        kept_back = f"{unshown:.0f}% of the answers are too uncertain to be shown; {told}"
        rows.append(("education", told if unshown < most.percent else kept_back))
    rows += [("note", statement.detail) for statement in packet.statements]
    _pairs(f"Role: {packet.title}", rows)
    _show_tasks(packet)
    _show_facts(packet)
    for text in packet.attribution:
        out.print(f"[dim]{escape(text)}[/]")


def _show_tasks(packet: RolePacket) -> None:
    table = Table(title="Tasks by workflow", title_justify="left", expand=True)
    table.add_column("#", justify="right")
    table.add_column("workflow and task", ratio=5)
    table.add_column("importance", justify="right")
    table.add_column("AI signals", ratio=3)
    table.add_column("row", justify="right")
    by_id = {task.task_id: task for task in packet.tasks}
    for workflow in packet.workflows:
        table.add_row("", f"[bold]{escape(workflow.name)}[/]", f"{workflow.importance_share:.0%}", "", "")
        for task_id in workflow.task_ids:
            _add_task(table, by_id[task_id])
        table.add_section()
    if packet.workflows:
        out.print(table)


def _add_task(table: Table, task: Task) -> None:
    # A line a number: they measure different things and are never added up.
    signals = [
        f"{SIGNALS.get(signal.kind, signal.kind)} {signal.value:.3g}{UNITS[signal.unit]}"
        for signal in task.signals
    ]
    for reason, words in ABSENT.items():
        kinds = [SIGNALS.get(f.kind, f.kind) for f in task.absent_signals if f.reason == reason]
        signals += [f"{words}: {', '.join(kinds)}"] if kinds else []
    rated = "not rated" if task.importance is None else f"{task.importance:.2f}"
    table.add_row(
        str(task.rank),
        escape(task.statement),
        f"{rated}\n{task.task_type or 'not typed'}",
        "\n".join(signals),
        str(task.origin.row),
    )


def _show_facts(packet: RolePacket) -> None:
    wages = packet.wages
    if wages.figures:
        table = Table(
            title=f"Wages: OEWS {wages.oews_code}, {wages.relation}, {wages.vintage}", title_justify="left"
        )
        for name in ("measure", "value", "status", "row"):
            table.add_column(name, justify="right" if name == "value" else "left")
        for figure in wages.figures:
            value = "" if figure.value is None else f"{figure.value:,.2f}"
            table.add_row(figure.measure, value, figure.status, str(figure.origin.row))
        out.print(table)
    if packet.generalizes is not None:
        general = packet.generalizes
        rows = [(spread.measure, _spread(spread)) for spread in general.spreads]
        rows += [(f"{found.member_share:.0%} of members", found.title) for found in general.shared_activities]
        _pairs(f"Generalizes over {len(general.members)} occupations", rows)
    names = ", ".join(technology.name for technology in packet.technologies)
    near = ", ".join(f"{found.title} ({found.similarity:.2f})" for found in packet.similar)
    shown = [found.gdpval_task_id for found in packet.practice[:MOST_PRACTICE]]
    more = len(packet.practice) - len(shown)
    tasks = ", ".join([*shown, *([f"and {more} more (--json)"] if more > 0 else [])])
    facts = [("technologies", names), ("near", near), ("GDPval tasks", tasks)]
    _pairs("More", [(name, value) for name, value in facts if value])


def _spread(spread: Spread) -> str:
    ends = [f"{found.value:g} ({found.title})" for found in (spread.lowest, spread.middle, spread.highest)]
    return f"{ends[0]} to {ends[2]}, middle {ends[1]}"


def _pairs(title: str, rows: list[tuple[str, str]]) -> None:
    table = Table(title=escape(title), title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in rows:
        table.add_row(name, escape(value))
    out.print(table)


@packets_app.command()
def export(
    folder: Annotated[
        Path | None, typer.Option("--out", help="new folder for the export; exports/ of the data root")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="jsonl, parquet or files")] = "jsonl",
    kind: Annotated[str, typer.Option(help="titles or roles")] = "titles",
) -> None:
    """Write every packet that the quality gate passes."""
    from rich.progress import Progress

    from aina_assets.core.errors import SettingsError
    from aina_assets.packets import export as exporting
    from aina_assets.packets.reader import PacketReader

    with typed_errors():
        if format_ not in list(exporting.Format) or kind not in list(exporting.Kind):
            raise SettingsError(
                f"no export of {kind!r} as {format_!r}",
                remedy=f"Formats: {', '.join(exporting.Format)}; kinds: {', '.join(exporting.Kind)}.",
            )
        engine = Engine(load_settings())
        reader = PacketReader(engine)
        wanted = exporting.Kind(kind)
        target = folder or engine.data.exports / f"packets-{kind}-{format_}"
        with exporting_to(engine, "packets export", target) as place, Progress(console=err) as progress:
            bar = progress.add_task(f"{kind} as {format_}", total=exporting.count(reader, wanted))
            told = exporting.export(
                reader,
                place,
                exporting.Format(format_),
                wanted,
                lambda done: progress.update(bar, completed=done),
            )
    out.print(
        f"{told.packets:,} packets, {told.bytes:,} bytes in {place}; {told.held} held back", markup=False
    )
