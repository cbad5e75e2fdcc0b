"""What the UI shows of role packets: one as a person sees it, and how many tasks and facts they have.

Belongs here: words and figures from the table of packets. Does not: Dagster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean

from aina_assets.core.store import TableStore
from aina_assets.packets.contract import RolePacket
from aina_assets.packets.make import role_heads
from aina_assets.packets.parts import Task
from aina_assets.packets.reader import stored_role
from aina_assets.packets.tables import ROLE_PACKET

# The sample: the occupation with the most workflows, signals and practice has most to show.
SAMPLE_TASKS, SAMPLE_TECHNOLOGIES, STATEMENT_CHARACTERS = 8, 8, 90
BINS = 10
BAR = "█"
BAR_WIDTH = 40


@dataclass(frozen=True)
class RoleFigures:
    """How much role packets hold.

    Attributes:
        tasks: tasks of each packet.
        facts: facts with an origin of each packet.
        figures: numbers worth plotting over time.
    """

    tasks: tuple[int, ...]
    facts: tuple[int, ...]
    figures: dict[str, float]


def role_figures(store: TableStore) -> RoleFigures:
    """How much the role packets hold."""
    columns = ["level", "task_count", "fact_count", "workflow_count", "statements"]
    rows = store.read(ROLE_PACKET.name, columns).to_pylist()
    levels = Counter(f"roles_{row['level']}" for row in rows)
    tasks = tuple(row["task_count"] for row in rows)
    facts = tuple(row["fact_count"] for row in rows)
    return RoleFigures(
        tasks,
        facts,
        {
            **levels,
            "mean_tasks": round(mean(tasks or (0,)), 2),
            "mean_workflows": round(mean([row["workflow_count"] for row in rows] or (0,)), 2),
            "facts_with_origin": sum(facts),
            "roles_without_tasks": sum(count == 0 for count in tasks),
        },
    )


def histogram(values: Iterable[int], what: str) -> list[dict[str, object]]:
    """Values in bins of one width, each with its count and a bar."""
    known = list(values)
    width = max(1, -(-(max(known, default=0) + 1) // BINS))
    counts = Counter(value // width for value in known)
    most = max(counts.values(), default=1)
    return [
        {
            what: f"{place * width} to {(place + 1) * width - 1}",
            "packets": counts[place],
            "bar": BAR * round(BAR_WIDTH * counts[place] / most),
        }
        for place in range(max(counts, default=0) + 1)
    ]


def sample_packet(store: TableStore) -> str:
    """A role packet as Markdown: the occupation in scope that has most to show."""
    columns = ["role_id", "level", "is_in_scope", "fact_count", "statements"]
    rows = store.read(ROLE_PACKET.name, columns).to_pylist()
    occupations = [row for row in rows if row["level"] == "occupation" and row["is_in_scope"]] or rows
    if not occupations:
        return "There are no role packets."
    best = min(
        occupations, key=lambda row: (len(row["statements"].split()), -row["fact_count"], row["role_id"])
    )
    return packet_markdown(stored_role(store, best["role_id"], role_heads(store)[best["role_id"]].sha256))


def packet_markdown(packet: RolePacket) -> str:
    """A role packet in words, for people."""
    lines = [f"### {packet.title} ({packet.code})", "", packet.description or ""]
    lines += [
        "",
        f"Function: {packet.function or 'none or several'}. Importance: {packet.importance.detail}.",
    ]
    by_id = {task.task_id: task for task in packet.tasks}
    for workflow in packet.workflows:
        lines.append(f"\n**{workflow.name}** ({workflow.importance_share:.0%} of importance)\n")
        lines += [f"- {_task(by_id[task_id])}" for task_id in workflow.task_ids[:SAMPLE_TASKS]]
    names = [technology.name for technology in packet.technologies[:SAMPLE_TECHNOLOGIES]]
    lines += ["", f"Technologies: {', '.join(names) or 'none listed'}."]
    figures = [
        f"{figure.measure} {figure.value:,.0f}"
        if figure.value is not None
        else f"{figure.measure} {figure.status}"
        for figure in packet.wages.figures
        if figure.measure.startswith("annual") or figure.measure == "employment_jobs"
    ]
    lines += ["", f"Wages ({packet.wages.relation}, {packet.wages.vintage}): {'; '.join(figures) or 'none'}."]
    lines += ["", f"Practice: {len(packet.practice)} GDPval tasks."]
    lines += ["", *(f"- {statement.detail}" for statement in packet.statements)]
    lines += ["", *(f"> {text}" for text in packet.attribution)]
    return "\n".join(lines)


def _task(task: Task) -> str:
    signals = ", ".join(f"{signal.kind} {signal.value:g}" for signal in task.signals)
    text = task.statement
    shown = text if len(text) <= STATEMENT_CHARACTERS else text[: STATEMENT_CHARACTERS - 1] + "…"
    rated = f"{task.importance:.2f}" if task.importance is not None else "not rated"
    return f"{task.rank}. {shown} ({rated}; {task.task_type or 'not typed'}; {signals or 'no signals'})"
