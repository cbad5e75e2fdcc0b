"""From a page to one HTML file and one Markdown file, without scripts and without anything loaded.

Belongs here: the templates' surroundings. Does not: any figure.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from aina_assets.reports import charts
from aina_assets.reports.origins import ReceiptOrigin
from aina_assets.reports.page import Bars, Figure, Intervals, Page, Part, Sentence, Stacked

TEMPLATES = Path(__file__).with_name("templates")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": _shown, "sentence": _sentence, "plain": _plain, "chart": _chart}
    environment.filters["link"] = _link
    environment.tests["figure"] = lambda part: isinstance(part, Figure)
    return environment


def html(page: Page) -> str:
    """The page as one HTML file."""
    return _environment().get_template("page.html.j2").render(page=page)


def markdown(page: Page) -> str:
    """The page as Markdown; charts are tables."""
    return _environment().get_template("page.md.j2").render(page=page).rstrip() + "\n"


def _shown(part: Part) -> Markup:
    """A part in HTML: a figure leads to its line in the list of figures."""
    if isinstance(part, str):
        return escape(part)
    return Markup('<a class="figure" href="#{}" data-figure="{}" data-value="{}">{}</a>').format(
        part.id, part.id, str(part.value), part.text
    )


def _sentence(parts: Sentence) -> Markup:
    return Markup("").join(_shown(part) for part in parts)


def _plain(part: Part | Sentence) -> str:
    """A part, or a sentence, in Markdown."""
    if isinstance(part, tuple):
        return "".join(_plain(one) for one in part)
    text = part if isinstance(part, str) else part.text
    return text.replace("|", "\\|").replace("<", "&lt;")


def _chart(block: Bars | Stacked | Intervals) -> Markup:
    if isinstance(block, Bars):
        return charts.bars(block)
    return charts.stacked(block) if isinstance(block, Stacked) else charts.intervals(block)


def _link(figure: Figure) -> str:
    """The file that the figure is from, seen from the folder of reports; the lock lies elsewhere."""
    origin = figure.origin
    is_kept = isinstance(origin, ReceiptOrigin) and origin.file.startswith(("receipts/", "reports/"))
    return f"../{origin.file}" if is_kept else ""
