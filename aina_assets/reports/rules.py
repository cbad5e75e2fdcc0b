"""What must hold of the reports. Each rule gives a finding; none knows Dagster.

The pages are read back from disk, as whoever opens them would.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import subject_name
from aina_assets.core.rules import Finding
from aina_assets.core.storage import sha256_file
from aina_assets.reports.origins import Evidence
from aina_assets.reports.page import Figure, in_words
from aina_assets.reports.reading import Read, read_page
from aina_assets.reports.receipts import read_report_receipt
from aina_assets.sources.leaks import LeakSearch
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import forbidden_texts

AGAIN = "Materialize `{report}` again; if it stays, a receipt was changed since: `aina verify` says which."


def figures_equal_receipts(engine: Engine, report: str) -> Finding:
    """Every number of the page, and of its Markdown, is what the receipt, table or lock says now."""
    told = read_report_receipt(engine, report)
    page = _read(engine, report)
    evidence = Evidence(engine)
    known = {figure.id: figure for figure in told.figures}
    faults: list[dict[str, Any]] = []
    for shown in page.figures:
        figure = known.get(shown.id)
        if figure is None:
            faults.append({"figure": shown.id, "shown": shown.text, "expected": "(not in the receipt)"})
        elif (shown.value, shown.text.strip()) != (str(figure.value), figure.text):
            faults.append({"figure": figure.label, "shown": shown.text, "expected": figure.text})
    for figure in told.figures:
        faults += _against_origin(figure, evidence)
    missing = known.keys() - {shown.id for shown in page.figures}
    faults += [
        {"figure": known[i].label, "shown": "(absent)", "expected": known[i].text} for i in sorted(missing)
    ]
    faults += _against_digests(page, evidence)
    faults += _in_markdown(engine, report, told.figures)
    return Finding(
        passed=not faults,
        summary=f"{len(faults)} of {len(known)} figures are not what their receipts say"
        if faults
        else f"{len(page.figures)} places show {len(known)} figures as their receipts say them",
        failed_rows=len(faults),
        sample=faults[:SAMPLE_ROWS],
        remedy=AGAIN.format(report=report),
        figures={"figures": len(known), "places": len(page.figures)},
    )


def _against_origin(figure: Figure, evidence: Evidence) -> list[dict[str, Any]]:
    try:
        now = evidence.resolve(figure.origin)
    except StateError as error:
        return [{"figure": figure.label, "shown": figure.text, "expected": error.message}]
    if now == figure.value:
        return []
    return [{"figure": figure.label, "shown": figure.text, "expected": in_words(now, figure.unit)}]


def _against_digests(page: Read, evidence: Evidence) -> list[dict[str, Any]]:
    return [
        {"figure": f"digest of {file}", "shown": shown, "expected": evidence.sha256(file)}
        for file, shown in page.digests.items()
        if evidence.sha256(file) != shown
    ]


def _in_markdown(engine: Engine, report: str, figures: tuple[Figure, ...]) -> list[dict[str, Any]]:
    """Figures whose line the Markdown lacks: it ends with the same list."""
    lines = set(_path(engine, report, "md").read_text("utf-8").splitlines())
    found = []
    for figure in figures:
        cells = (figure.label, figure.text, figure.origin.file, figure.origin.told())
        line = "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"
        if line not in lines:
            found.append(
                {"figure": figure.label, "shown": "(not so in the Markdown)", "expected": figure.text}
            )
    return found


def links_resolve(engine: Engine, report: str) -> Finding:
    """Every link of the page leads to a place on it, or to a file of the data root."""
    page = _read(engine, report)
    folder = engine.data.reports
    broken = []
    for link in page.links:
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith(("//", "mailto:")):
            broken.append({"link": link, "finding": "leads out of the data root"})
        elif path and not (folder / path).is_file():
            broken.append({"link": link, "finding": "there is no such file"})
        elif not path and anchor not in page.anchors:
            broken.append({"link": link, "finding": "there is no such place on the page"})
    return Finding(
        passed=not broken,
        summary=f"{len(broken)} of {len(page.links)} links lead nowhere",
        failed_rows=len(broken),
        sample=broken[:SAMPLE_ROWS],
        remedy=AGAIN.format(report=report),
        figures={"links": len(page.links)},
    )


def loads_nothing(engine: Engine, report: str) -> Finding:
    """The page runs no script and makes a browser fetch nothing."""
    loads = _read(engine, report).loads
    return Finding(
        passed=not loads,
        summary=f"{len(loads)} things would be loaded or run",
        failed_rows=len(loads),
        sample=[{"loads": load} for load in loads[:SAMPLE_ROWS]],
        remedy="Take it out of aina_assets/reports/templates, or out of what a report tells.",
    )


def reports_hold_no_gdpval_text(engine: Engine, reports: tuple[str, ...]) -> Finding:
    """Neither GDPval's canary nor a sample of its sentences is in a page."""
    search = LeakSearch(forbidden_texts(acquire_source("gdpval", engine)))
    paths = [_path(engine, report, suffix) for report in reports for suffix in ("html", "md")]
    leaks = [
        {"file": path.name, "place": place, "text": label}
        for path in paths
        if path.is_file()
        for place, label in search.in_file(path)
    ]
    return Finding(
        passed=not leaks,
        summary=f"{len(leaks)} places of {len(paths)} pages hold GDPval text",
        failed_rows=len(leaks),
        sample=leaks[:SAMPLE_ROWS],
        remedy="Delete the page, find which figure or label took the text over, mend it, make it again.",
        figures={"pages": len(paths)},
    )


def report_is_of_this_state(engine: Engine, report: str) -> Finding:
    """The pages are the ones that the receipt names, and the receipts it rests on are those that stand."""
    told = read_report_receipt(engine, report)
    name = subject_name(f"{report}_v1")
    faults = []
    for below in told.rests_on:
        path = engine.data.path / below.name
        found = sha256_file(path) if path.is_file() else "(absent)"
        if found != below.digest.sha256:
            faults.append({"file": below.name, "expected": below.digest.sha256, "found": found})
    return Finding(
        passed=not faults,
        summary=f"{len(faults)} of {len(told.rests_on)} receipts below {name} are others",
        failed_rows=len(faults),
        sample=faults[:SAMPLE_ROWS],
        remedy=AGAIN.format(report=report),
    )


def _path(engine: Engine, report: str, suffix: str) -> Path:
    return engine.data.reports / f"{report}.{suffix}"


def _read(engine: Engine, report: str) -> Read:
    path = _path(engine, report, "html")
    try:
        return read_page(path.read_text("utf-8"))
    except FileNotFoundError as error:
        remedy = f"Materialize `{report}`."
        raise StateError("there is no such report", file=path, remedy=remedy) from error
