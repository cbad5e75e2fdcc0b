"""Charts as inline SVG: no scripts, no outside files; they scale from a phone to paper.

Belongs here: from a chart's figures to SVG. Does not: which figures. Names stand above their bars, so that
a narrow screen does not squeeze the bars; every number carries its figure's id, as the text of a page does.
"""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from aina_assets.reports.page import Bars, Figure, Intervals, Stacked

WIDTH = 480
ROW = 42
BAR_TOP, BAR_HEIGHT = 21, 12
# Dark enough to tell apart in print without colour, and for most eyes.
COLOURS = ("#1b4f72", "#2e86c1", "#d68910", "#aab7b8", "#7d3c98", "#616a6b")


def bars(chart: Bars) -> Markup:
    """A bar a figure, its name above, its number to the right."""
    most = max((figure.size for _, figure in chart.rows), default=0) or 1
    lines = []
    for place, (name, figure) in enumerate(chart.rows):
        top = place * ROW
        width = max(WIDTH * figure.size / most, 1 if figure.size else 0)
        place_of = f'x="0" y="{top + BAR_TOP}" height="{BAR_HEIGHT}"'
        lines.append(
            _name(name, top)
            + _number(figure, top)
            + f'<rect {place_of} width="{WIDTH}" class="track"/>'
            + f'<rect {place_of} width="{width:.1f}" fill="{COLOURS[0]}"/>'
        )
    told = ", ".join(f"{name}: {figure.text}" for name, figure in chart.rows)
    return _svg(chart.title, told, lines, len(chart.rows))


def stacked(chart: Stacked) -> Markup:
    """A bar a row, in parts; the numbers are in the table that stands with it."""
    most = max((sum(f.size for f in figures) for _, figures in chart.rows), default=0) or 1
    lines = []
    for place, (name, figures) in enumerate(chart.rows):
        top, left = place * ROW, 0.0
        lines.append(_name(name, top))
        for colour, figure in zip(COLOURS, figures, strict=False):
            width = WIDTH * figure.size / most
            lines.append(
                f'<rect x="{left:.1f}" y="{top + BAR_TOP}" width="{width:.1f}" height="{BAR_HEIGHT}" '
                f'fill="{colour}"><title>{escape(figure.label)}: {escape(figure.text)}</title></rect>'
            )
            left += width
    told = "; ".join(
        f"{name}: " + ", ".join(f"{part} {f.text}" for part, f in zip(chart.parts, figures, strict=True))
        for name, figures in chart.rows
    )
    legend = "".join(
        f'<li><i style="background:{colour}"></i>{escape(part)}</li>'
        for colour, part in zip(COLOURS, chart.parts, strict=False)
    )
    return Markup(f'<ul class="legend">{legend}</ul>') + _svg(chart.title, told, lines, len(chart.rows))


def intervals(chart: Intervals) -> Markup:
    """A dot at the measured share, a line up to its bound; the bound is the number."""
    most = max((bound.size for _, _, bound in chart.rows), default=0) or 1
    lines = []
    for place, (name, share, bound) in enumerate(chart.rows):
        top = place * ROW
        middle = top + BAR_TOP + BAR_HEIGHT / 2
        start, end = 6 + (WIDTH - 12) * share.size / most, 6 + (WIDTH - 12) * bound.size / most
        lines.append(
            _name(name, top)
            + _number(bound, top)
            + f'<line x1="0" x2="{WIDTH}" y1="{middle}" y2="{middle}" class="axis"/>'
            + f'<line x1="{start:.1f}" x2="{end:.1f}" y1="{middle}" y2="{middle}" '
            + f'stroke="{COLOURS[1]}" stroke-width="4"/>'
            + f'<circle cx="{start:.1f}" cy="{middle}" r="5" fill="{COLOURS[0]}"/>'
        )
    told = ", ".join(f"{name}: {share.text}, at most {bound.text}" for name, share, bound in chart.rows)
    return _svg(chart.title, told, lines, len(chart.rows))


def _name(name: str, top: int) -> str:
    return f'<text x="0" y="{top + 13}">{escape(name)}</text>'


def _number(figure: Figure, top: int) -> str:
    value = escape(str(figure.value), quote=True)
    return (
        f'<a href="#{figure.id}"><text x="{WIDTH}" y="{top + 13}" text-anchor="end" class="n" '
        f'data-figure="{figure.id}" data-value="{value}">{escape(figure.text)}</text></a>'
    )


def _svg(title: str, told: str, lines: list[str], rows: int) -> Markup:
    height = max(rows, 1) * ROW
    label = escape(f"{title}: {told}", quote=True)
    # Every text above is escaped.
    return Markup(
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {height}" '
        f'preserveAspectRatio="xMinYMin meet">{"".join(lines)}</svg>'
    )
