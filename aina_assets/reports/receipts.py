"""The reports' receipts: every figure that a page shows, where it comes from, and the pages' digests.

Belongs here: the predicate. Does not: any figure.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import Predicate, read_receipt, receipt_path, write_receipt
from aina_assets.core.storage import sha256_bytes
from aina_assets.reports.change_report import CHANGE_REPORT
from aina_assets.reports.founder import FOUNDER_REPORT
from aina_assets.reports.page import Figure, Page
from aina_assets.reports.source_report import SOURCE_REPORT

FOUNDER_RECEIPT = f"{FOUNDER_REPORT}_v1"
SOURCE_RECEIPT = f"{SOURCE_REPORT}_v1"
CHANGE_RECEIPT = f"{CHANGE_REPORT}_v1"
RECEIPTS = "receipts/"


class ReportReceipt(Predicate):
    """A report: its title and every figure that it shows, each with the place that says it."""

    report: str
    title: str
    figures: tuple[Figure, ...] = Field(description="in the order in which they are shown first")


class FounderReport(ReportReceipt):
    """The founder's report."""


class SourceReport(ReportReceipt):
    """The report on sources."""


class ChangeReport(ReportReceipt):
    """The report on what is other than in the build before."""


MODELS: dict[str, type[ReportReceipt]] = {
    FOUNDER_REPORT: FounderReport,
    SOURCE_REPORT: SourceReport,
    CHANGE_REPORT: ChangeReport,
}


def write_report_receipt(engine: Engine, page: Page, files: dict[str, bytes]) -> Path:
    """Write a report's receipt; its subjects are the pages.

    Args:
        files: the pages' bytes, by their place in the data root.
    """
    predicate = MODELS[page.name](report=page.name, title=page.title, figures=page.figures)
    digests = {name: sha256_bytes(content) for name, content in files.items()}
    below = sorted(
        file.removeprefix(RECEIPTS).removesuffix(".json")
        for file in page.digests
        if file.startswith(RECEIPTS)
    )
    return write_receipt(engine.data.receipts, f"{page.name}_v1", digests, predicate, rests_on=below)


def read_report_receipt(engine: Engine, report: str) -> ReportReceipt:
    """A report's receipt.

    Raises:
        StateError: it is absent or damaged.
    """
    name = f"{report}_v1"
    return read_receipt(receipt_path(engine.data.receipts, name), name, MODELS[report]).predicate
