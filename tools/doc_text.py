"""What generated pages are put together from: Markdown's pages, tables and code spans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by tools/make_docs.py from the code. Do not edit: change the code, then `make docs`. -->"


def page(title: str, *blocks: str) -> str:
    """A generated page: its note, title and blocks."""
    return "\n\n".join((NOTE, f"# {title}", *blocks)) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell(text) for text in line) + " |" for line in lines)


def cell(text: str) -> str:
    """A cell of a Markdown table."""
    # Outside a code span, Markdown takes `<host>` for an HTML tag.
    shown = text if "`" in text else text.replace("<", "&lt;")
    return " ".join(shown.split()).replace("|", "\\|")


def code(text: str) -> str:
    """A code span; nothing where there is no text."""
    return f"`{text}`" if text else ""
