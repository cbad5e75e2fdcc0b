"""Pages: what is told is escaped, every figure leads to its line, no number is typed into a template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aina_assets.reports import render
from aina_assets.reports.origins import ReceiptOrigin
from aina_assets.reports.page import Bars, Figure, Intervals, Page, Section, Stacked, Table, Text
from aina_assets.reports.reading import read_page

EVIL = "<script>alert('x')</script> & \"co\" | pipe"


def figure(number: int, value: int | float = 7, label: str = "label") -> Figure:
    unit = "count" if isinstance(value, int) else "share"
    return Figure(
        id=f"f{number}", label=label, value=value, unit=unit,
        origin=ReceiptOrigin(file="receipts/a_v1.json", pointer="/a"),
    )  # fmt: skip


def page(*blocks: Text | Table | Bars | Stacked | Intervals, figures: tuple[Figure, ...] = ()) -> Page:
    return Page("p", EVIL, (EVIL,), (Section("s", EVIL, blocks),), figures, {"receipts/a_v1.json": "0" * 64})


def every_block(one: Figure) -> tuple[Text | Table | Bars | Stacked | Intervals, ...]:
    return (
        Text(((EVIL, one),)),
        Text(((EVIL,),), is_list=True),
        Table((EVIL,), ((one,), (EVIL,)), EVIL),
        Bars(EVIL, ((EVIL, one),)),
        Stacked(EVIL, (EVIL, "b"), ((EVIL, (one, one)),)),
        Intervals(EVIL, ((EVIL, figure(1, 0.1), figure(1, 0.2)),)),
    )


def test_whatever_is_told_is_escaped() -> None:
    one = figure(1, label=EVIL)
    text = render.html(page(*every_block(one), figures=(one,)))
    assert "<script" not in text
    assert read_page(text).loads == []


def test_every_figure_leads_to_its_line() -> None:
    one = figure(1)
    read = read_page(render.html(page(*every_block(one), figures=(one,))))
    assert {shown.id for shown in read.figures} == {"f1"}
    assert "f1" in read.anchors
    assert {link for link in read.links if link.startswith("#")} <= {f"#{anchor}" for anchor in read.anchors}
    assert "../receipts/a_v1.json" in read.links
    assert read.digests == {"receipts/a_v1.json": "0" * 64}


def test_markdown_has_a_line_a_figure() -> None:
    one = figure(1)
    text = render.markdown(page(*every_block(one), figures=(one,)))
    assert "| label | 7 | receipts/a_v1.json | /predicate/a |" in text.splitlines()
    assert "<script" not in text


def test_a_page_without_figures_has_no_list_of_them() -> None:
    plain = Page("p", "Title", ("lead",), (), (), {})
    assert "Where each figure" not in render.html(plain)
    assert "Where each figure" not in render.markdown(plain)


@pytest.mark.parametrize("path", sorted(render.TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_no_number_is_typed_into_a_template(path: Path) -> None:
    text = re.sub(r"{[{%].*?[%}]}|<[^>]*>", " ", path.read_text("utf-8"), flags=re.DOTALL)
    assert not re.findall(r"\d+", text.replace("sha256", ""))
