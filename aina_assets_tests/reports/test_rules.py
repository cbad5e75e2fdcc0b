"""Each check of the reports fails on a page that is wrong, and names what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import read_receipt, receipt_path, write_receipt
from aina_assets.reports.change_report import CHANGE_REPORT
from aina_assets.reports.checks import WITH_RECEIPT
from aina_assets.reports.founder import FOUNDER_REPORT
from aina_assets.reports.make import write_founder
from aina_assets.reports.receipts import read_report_receipt
from aina_assets.reports.rules import (
    figures_equal_receipts,
    links_resolve,
    loads_nothing,
    report_is_of_this_state,
    reports_hold_no_gdpval_text,
)
from aina_assets.reports.source_report import SOURCE_REPORT
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import forbidden_texts
from aina_assets.titles.receipts import COVERAGE, TitleCoverageReceipt

RULES = (figures_equal_receipts, links_resolve, loads_nothing, report_is_of_this_state)


def page(engine: Engine, report: str = FOUNDER_REPORT, suffix: str = "html") -> Path:
    return engine.data.reports / f"{report}.{suffix}"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize("report", WITH_RECEIPT)
def test_the_reports_of_a_build_hold(engine: Engine, report: str) -> None:
    for rule in RULES:
        finding = rule(engine, report)
        assert finding.passed, (rule.__name__, finding.summary, finding.sample)
    assert reports_hold_no_gdpval_text(engine, WITH_RECEIPT).passed


def test_a_number_changed_on_the_page_is_named(engine: Engine) -> None:
    figure = next(
        f for f in read_report_receipt(engine, FOUNDER_REPORT).figures if f.label == "titles served"
    )
    replace(
        page(engine), f'data-value="{figure.value}">{figure.text}<', f'data-value="{figure.value}">9,999<'
    )
    finding = figures_equal_receipts(engine, FOUNDER_REPORT)
    assert not finding.passed
    assert finding.sample == [{"figure": "titles served", "shown": "9,999", "expected": figure.text}]


def test_a_figure_that_no_receipt_knows_is_named(engine: Engine) -> None:
    replace(page(engine), "</main>", '<p data-figure="f9999" data-value="5">5</p></main>')
    (fault,) = figures_equal_receipts(engine, FOUNDER_REPORT).sample
    assert (fault["figure"], fault["expected"]) == ("f9999", "(not in the receipt)")


def test_a_number_changed_in_the_markdown_is_named(engine: Engine) -> None:
    figure = read_report_receipt(engine, SOURCE_REPORT).figures[0]
    replace(
        page(engine, SOURCE_REPORT, "md"), f"| {figure.label} | {figure.text} |", f"| {figure.label} | 999 |"
    )
    (fault,) = figures_equal_receipts(engine, SOURCE_REPORT).sample
    assert fault == {"figure": figure.label, "shown": "(not so in the Markdown)", "expected": figure.text}


def test_a_receipt_that_says_otherwise_now_is_named(engine: Engine) -> None:
    statement = read_receipt(receipt_path(engine.data.receipts, COVERAGE), COVERAGE, TitleCoverageReceipt)
    changed = statement.predicate.model_copy(update={"titles": statement.predicate.titles + 1})
    write_receipt(
        engine.data.receipts, COVERAGE, {s.name: s.digest.sha256 for s in statement.subject}, changed
    )
    finding = figures_equal_receipts(engine, FOUNDER_REPORT)
    named = {row["figure"]: row["expected"] for row in finding.sample}
    assert named["titles"] == f"{changed.titles:,}"
    assert f"digest of receipts/{COVERAGE}.json" in named
    (fault,) = report_is_of_this_state(engine, FOUNDER_REPORT).sample
    assert fault["file"] == f"receipts/{COVERAGE}.json"
    # Made again, it is of this state again.
    write_founder(engine)
    assert figures_equal_receipts(engine, FOUNDER_REPORT).passed
    assert report_is_of_this_state(engine, FOUNDER_REPORT).passed


@pytest.mark.parametrize(
    ("link", "finding"),
    [
        ("#nowhere", "there is no such place on the page"),
        ("../receipts/none_v1.json", "there is no such file"),
        ("https://a.example/", "leads out of the data root"),
    ],
)
def test_a_link_that_leads_nowhere_is_named(engine: Engine, link: str, finding: str) -> None:
    replace(page(engine, CHANGE_REPORT), "</main>", f'<a href="{link}">x</a></main>')
    assert links_resolve(engine, CHANGE_REPORT).sample == [{"link": link, "finding": finding}]


def test_what_a_page_would_load_is_named(engine: Engine) -> None:
    replace(page(engine), "</main>", '<img src="https://a.example/pixel.png"></main>')
    assert loads_nothing(engine, FOUNDER_REPORT).sample == [{"loads": "<img> https://a.example/pixel.png"}]


def test_gdpval_text_in_a_report_is_named_and_not_repeated(engine: Engine) -> None:
    canary = forbidden_texts(acquire_source("gdpval", engine))["canary"]
    replace(page(engine, SOURCE_REPORT, "md"), "## ", f"{canary}\n\n## ")
    finding = reports_hold_no_gdpval_text(engine, WITH_RECEIPT)
    assert finding.sample == [{"file": "source_report.md", "place": "bytes", "text": "canary"}]
    assert canary not in str(finding)


def test_a_report_that_is_not_there_is_an_error_that_names_it(engine: Engine) -> None:
    page(engine).unlink()
    for rule in (figures_equal_receipts, links_resolve, loads_nothing):
        with pytest.raises(StateError, match="no such report"):
            rule(engine, FOUNDER_REPORT)
