"""Make the reports from what stands: pages first, then the receipt that names them.

Belongs here: what is written where, in which order. Does not: what a report tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aina_assets.core.engine import Engine
from aina_assets.core.storage import write_bytes
from aina_assets.reports.change_report import change_report, keep_build
from aina_assets.reports.founder import founder_report
from aina_assets.reports.origins import Evidence
from aina_assets.reports.page import Book, Page
from aina_assets.reports.receipts import write_report_receipt
from aina_assets.reports.render import html, markdown
from aina_assets.reports.source_report import source_report

FOLDER = "reports"


@dataclass(frozen=True)
class Written:
    """A report that was written."""

    page: Page
    html: Path
    markdown: Path
    receipt: Path


def write_founder(engine: Engine) -> Written:
    """The founder's report."""
    return _write(engine, founder_report)


def write_sources(engine: Engine) -> Written:
    """The report on sources."""
    return _write(engine, source_report)


def write_changes(engine: Engine) -> Written:
    """The report on what is other than in the build before."""
    before = keep_build(engine)
    return _write(engine, lambda book: change_report(book, before))


def _write(engine: Engine, make: Callable[[Book], Page]) -> Written:
    page = make(Book(Evidence(engine)))
    contents = {
        f"{FOLDER}/{page.name}.html": html(page).encode(),
        f"{FOLDER}/{page.name}.md": markdown(page).encode(),
    }
    for name, content in contents.items():
        write_bytes(engine.data.path / name, content)
    receipt = write_report_receipt(engine, page, contents)
    first, second = (engine.data.path / name for name in contents)
    return Written(page, first, second, receipt)
