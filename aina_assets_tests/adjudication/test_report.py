"""The page on adjudication: every figure of the account, nothing of a title that a browser would run."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from aina_assets.adjudication.make_state import StateStage
from aina_assets.adjudication.report import REPORT, bars, table, write_report
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.core.engine import Engine
from aina_assets_tests.adjudication.test_make import make_state, residuals
from aina_assets_tests.builds import Build, copied


class Page(HTMLParser):
    """Takes down tags and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, _: object) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def page(starter_build: Build) -> Page:
    return Page((starter_build.engine.data.reports / f"{REPORT}.html").read_text("utf-8"))


def test_the_page_is_whole_and_runs_nothing(page: Page) -> None:
    assert page.open == []
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert page.tags.count("svg") >= 3


def test_the_page_has_the_account_and_what_is_left_with_examples(starter_build: Build, page: Page) -> None:
    text = " ".join(page.text)
    account = StateStage(AdjudicationStage(starter_build.engine)).account()
    for figure in (account.ambiguous, account.residual, account.serviceable_after, account.review_decisions):
        assert f"{figure:,}" in text
    assert text.count("holds") == 3
    assert "BROKEN" not in text
    assert residuals(starter_build.engine)[0]["normalized_title"] in text
    assert "rule fallback_words" in text
    assert "recorded reviewers" in text


def test_without_any_wave_the_page_says_so(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "data")
    from aina_assets_tests.adjudication.test_make import NOBODY, forget, make_batches, with_reviewers

    forget(engine)
    nobody: Engine = with_reviewers(engine, NOBODY, tmp_path / "nobody")
    make_batches(nobody, *nobody.settings.title_batch_keys)
    make_state(nobody)
    path, titles = write_report(StateStage(AdjudicationStage(nobody)))
    text = " ".join(Page(path.read_text("utf-8")).text)
    assert titles > 1000
    assert "No batch has been merged." in text
    assert "titles wait for a review." in text
    assert "open" in text


def test_titles_cannot_write_html() -> None:
    hostile = "<script>alert(1)</script>\"'&"
    for text in (table(["x"], [[hostile]]), bars([(hostile, 1.0)])):
        assert "<script>" not in text
        assert Page(text).open == []


def test_bars_are_as_long_as_their_figures() -> None:
    text = bars([("a", 10), ("b", 5), ("c", 0)])
    assert [part.split('"')[0] for part in text.split('<rect x="240" ')[1:]] == ["y=", "y=", "y="]
    assert ['width="420.0"' in text, 'width="210.0"' in text, 'width="0.0"' in text] == [True] * 3
    assert bars([]).startswith("<svg")
