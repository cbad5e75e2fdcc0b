"""The quality report: every check with its verdict now, its trend, its owner; and what is broken right now.

Belongs here: judging and telling verdicts that somebody else collected. Does not: asking Dagster for them.
This is the one report that a clock is in: it is of a data root's history and of nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, Outcome, Severity, Verdict, standing_since
from aina_assets.core.storage import write_bytes
from aina_assets.reports.page import Block, Page, Part, Section, Table, Text
from aina_assets.reports.render import html, markdown

QUALITY_REPORT = "quality_report"
PASSED, WARNED, FAILED, NEVER = Outcome.PASSED.value, Outcome.WARNED.value, Outcome.FAILED.value, "never run"
MARKS = {Outcome.PASSED: "✓", Outcome.WARNED: "!", Outcome.FAILED: "✗"}
TREND = 10
SLOWEST = 15


@dataclass(frozen=True)
class Watched:
    """A check and its last verdicts, the latest first."""

    asset: str
    check: str
    stage: str
    owner: str
    is_blocking: bool
    verdicts: tuple[Verdict, ...]

    @property
    def name(self) -> str:
        """`<asset>: <check>`, as receipts name it."""
        return f"{self.asset}: {self.check}"

    @property
    def outcome(self) -> str:
        """How it stands now."""
        return self.verdicts[0].outcome.value if self.verdicts else NEVER

    @property
    def since(self) -> float | None:
        """Since when it stands as it does, as far as the verdicts reach."""
        return standing_since(self.verdicts)

    @property
    def trend(self) -> str:
        """Its last verdicts, the latest on the right: `✓` passed, `!` warned, `✗` failed."""
        return "".join(MARKS[verdict.outcome] for verdict in reversed(self.verdicts[:TREND]))


@dataclass(frozen=True)
class Step:
    """How long a step of the last build took."""

    name: str
    seconds: float


def nothing_is_broken_now(watched: Iterable[Watched]) -> Finding:
    """Whatever was checked last, in whichever run, is in order: the standing look at all checks at once."""
    told = list(watched)
    broken = [one for one in told if one.outcome in (FAILED, WARNED)]
    broken.sort(key=lambda one: (one.outcome != FAILED, one.name))
    errors = sum(one.outcome == FAILED for one in broken)
    never = sum(one.outcome == NEVER for one in told)
    return Finding(
        passed=not broken,
        summary=f"{errors} checks failed, {len(broken) - errors} warn, {never} of {len(told)} were never run",
        failed_rows=len(broken),
        sample=[
            {
                "check": one.name,
                "is": one.outcome,
                "since": at(one.since),
                "found": one.verdicts[0].summary,
                "do": one.verdicts[0].remedy,
            }
            for one in broken[:SAMPLE_ROWS]
        ],
        remedy="Take the checks in the table from the top; docs/runbooks.md has what to do about each.",
        figures={"failed": errors, "warned": len(broken) - errors, "never_run": never},
        severity=Severity.WARN,
    )


def write_quality(engine: Engine, watched: Sequence[Watched], steps: Sequence[Step]) -> Path:
    """Write the report; gives the page's place."""
    page = quality_report(watched, steps)
    folder = engine.data.reports
    write_bytes(folder / f"{QUALITY_REPORT}.md", markdown(page).encode())
    path = folder / f"{QUALITY_REPORT}.html"
    write_bytes(path, html(page).encode())
    return path


def quality_report(watched: Sequence[Watched], steps: Sequence[Step]) -> Page:
    """The report over all checks."""
    finding = nothing_is_broken_now(watched)
    stages = list(dict.fromkeys(one.stage for one in watched))
    latest = max((verdict.at for one in watched for verdict in one.verdicts[:1]), default=None)
    lead = (f"{len(watched)} checks; the last verdict is of {at(latest)}. {finding.summary}.",)
    sections = [
        Section("broken", "What is broken right now", _broken(watched)),
        Section("stages", "By stage", (_by_stage(watched, stages),)),
        *(Section(f"stage-{stage}", stage, (_of_stage(watched, stage),)) for stage in stages),
        Section("steps", "Slowest steps of the run before", _steps(steps)),
    ]
    return Page(QUALITY_REPORT, "Quality report", lead, tuple(sections), (), {})


def _broken(watched: Sequence[Watched]) -> tuple[Block, ...]:
    broken = [one for one in watched if one.outcome in (FAILED, WARNED)]
    if not broken:
        return (Text((("Nothing that was checked.",),)),)
    rows: list[tuple[Part, ...]] = [
        (
            one.name,
            one.outcome,
            at(one.since),
            f"{one.verdicts[0].failed_rows:,}",
            one.verdicts[0].summary,
            one.verdicts[0].remedy,
            one.owner,
        )
        for one in sorted(broken, key=lambda one: (one.outcome != FAILED, one.name))
    ]
    return (Table(("check", "is", "since", "rows", "found", "do", "owner"), tuple(rows)),)


def _by_stage(watched: Sequence[Watched], stages: Sequence[str]) -> Table:
    rows: list[tuple[Part, ...]] = []
    for stage in stages:
        of_stage = [one for one in watched if one.stage == stage]
        counts = (sum(one.outcome == word for one in of_stage) for word in (PASSED, WARNED, FAILED, NEVER))
        rows.append((stage, str(len(of_stage)), *(str(count) for count in counts)))
    return Table(("stage", "checks", PASSED, WARNED, FAILED, NEVER), tuple(rows))


def _of_stage(watched: Sequence[Watched], stage: str) -> Table:
    rows: list[tuple[Part, ...]] = [
        (
            one.name,
            one.outcome + (", blocks" if one.is_blocking else ""),
            one.trend,
            at(one.since),
            one.owner,
        )
        for one in watched
        if one.stage == stage
    ]
    caption = "Trend: the latest verdict on the right; ✓ passed, ! warned, ✗ failed."
    return Table(("check", "now", "trend", "so since", "owner"), tuple(rows), caption)


def _steps(steps: Sequence[Step]) -> tuple[Block, ...]:
    slowest = sorted(steps, key=lambda step: -step.seconds)[:SLOWEST]
    if not slowest:
        return (Text((("No run is on record.",),)),)
    return (Table(("step", "seconds"), tuple((step.name, f"{step.seconds:.2f}") for step in slowest)),)


def at(seconds: float | None) -> str:
    """A moment as people read it."""
    return "never" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
