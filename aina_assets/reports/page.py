"""What a page consists of: figures, sentences, tables, charts, sections. Nothing here knows HTML.

Belongs here: the shapes, and the book that every figure is entered in. Does not: what any report tells
(`founder`, `source_report`, ...), nor how it looks (`render`, `charts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.receipts import subject_name
from aina_assets.reports.origins import (
    Evidence,
    LockOrigin,
    Origin,
    ReceiptOrigin,
    TableOrigin,
    Value,
    pointer,
)

Unit = Literal["count", "share", "usd", "bytes", "number", "text"]
NONE = "none"


class Figure(BaseModel):
    """A value that a report shows, and where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(description="anchor in the report's list of figures")
    label: str
    value: str | int | float | None
    unit: Unit
    origin: Origin

    @property
    def text(self) -> str:
        """The value as people read it."""
        return in_words(self.value, self.unit)

    @property
    def size(self) -> float:
        """The value as a length; 0 where it is none."""
        return float(self.value) if isinstance(self.value, int | float) else 0.0


def in_words(value: Value, unit: Unit) -> str:
    """A value as people read it: `72,447`, `4.9%`, `$1.20`, `36.2 MB`, `ready with holds`."""
    if value is None:
        return NONE
    if isinstance(value, str) or unit == "text":
        return str(value).replace("_", " ")
    if unit == "share":
        return f"{value:.1%}"
    if unit == "usd":
        return f"${value:,.2f}"
    if unit == "bytes":
        return _bytes(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


def _bytes(value: float) -> str:
    for name in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:,.0f} B" if name == "B" else f"{value:,.1f} {name}"
        value /= 1000
    return f"{value:,.1f} GB"


Part = str | Figure
Sentence = tuple[Part, ...]


@dataclass(frozen=True)
class Text:
    """A paragraph, or a list of them."""

    items: tuple[Sentence, ...]
    is_list: bool = False
    kind: Literal["text"] = "text"


def sentence(*parts: Part) -> Sentence:
    """A sentence of words and figures."""
    return parts


def said(*parts: Part) -> Text:
    """A paragraph of one sentence, or of several in one string."""
    return Text((parts,))


@dataclass(frozen=True)
class Table:
    """A table; a cell is text or a figure."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Part, ...], ...]
    caption: str = ""
    kind: Literal["table"] = "table"


@dataclass(frozen=True)
class Bars:
    """A bar a figure, all on one scale.

    Attributes:
        rows: what the bar is of, and its figure.
    """

    title: str
    rows: tuple[tuple[str, Figure], ...]
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True)
class Stacked:
    """A bar a row, in parts.

    Attributes:
        parts: what the parts are, in order.
        rows: what the bar is of, and a figure for each part.
    """

    title: str
    parts: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Figure, ...]], ...]
    kind: Literal["stacked"] = "stacked"


@dataclass(frozen=True)
class Intervals:
    """A line a row from a measured share to its upper bound, on one scale.

    Attributes:
        rows: what it is of, the share, the bound.
    """

    title: str
    rows: tuple[tuple[str, Figure, Figure], ...]
    kind: Literal["intervals"] = "intervals"


Block = Text | Table | Bars | Stacked | Intervals


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A report."""

    name: str
    title: str
    lead: Sentence
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...]
    digests: dict[str, str]
    """sha256 of each receipt that a figure is from, by its place in the data root."""


class Book:
    """Every figure of a report is entered here, once; whatever is shown as a number comes from it."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._figures: dict[str, Figure] = {}

    def enter(
        self, label: str, origin: ReceiptOrigin | TableOrigin | LockOrigin, unit: Unit = "count"
    ) -> Figure:
        """The figure that stands at the origin; one that was entered before is given again."""
        key = f"{origin.model_dump_json()} {unit}"
        if key not in self._figures:
            self._figures[key] = Figure(
                id=f"f{len(self._figures) + 1}",
                label=label,
                value=self.evidence.resolve(origin),
                unit=unit,
                origin=origin,
            )
        return self._figures[key]

    def told(self, receipt: str, *steps: str | int, label: str = "", unit: Unit = "count") -> Figure:
        """A value of a receipt's predicate."""
        origin = ReceiptOrigin(file=file_of(receipt), pointer=pointer(*steps))
        return self.enter(label or str(steps[-1]).replace("_", " "), origin, unit)

    def number_of(self, receipt: str, *steps: str | int, label: str = "") -> Figure:
        """How many values a receipt has there."""
        origin = ReceiptOrigin(file=file_of(receipt), pointer=pointer(*steps), is_count=True)
        return self.enter(label or str(steps[-1]).replace("_", " "), origin)

    def total(self, table: str, column: str, label: str, **where: str) -> Figure:
        """A sum over a table's rows."""
        return self.enter(label, TableOrigin(table=table, how="sum", column=column, where=where))

    def rows(self, table: str, label: str, **where: str) -> Figure:
        """A number of rows."""
        return self.enter(label, TableOrigin(table=table, how="count", column="", where=where))

    def file_bytes(self, source: str, name: str) -> Figure:
        """The size of a source's file."""
        where = {"source": source, "name": name}
        return self.enter(
            f"{source}: {name}",
            TableOrigin(table="source_file", how="one", column="file_bytes", where=where),
            "bytes",
        )

    def measured_error(self, basis: str, claim: str, group: str) -> Figure:
        """The measured error of a stratum."""
        where = {"basis": basis, "claim": claim, "group": group}
        origin = TableOrigin(table="title_certificate", how="one", column="error_rate", where=where)
        return self.enter(f"{basis}/{claim}/{group}: measured error", origin, "share")

    def retrieved(self, source: str) -> Figure:
        """The date of a source's oldest file."""
        return self.enter(f"{source}: retrieved", LockOrigin(source=source), "text")

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All figures, in the order in which they were entered."""
        return tuple(self._figures.values())

    def page(self, name: str, title: str, lead: Sentence, sections: Sequence[Section]) -> Page:
        """A report over what was entered."""
        files = sorted({f.origin.file for f in self.figures if isinstance(f.origin, ReceiptOrigin)})
        digests = {file: self.evidence.sha256(file) for file in files}
        return Page(name, title, lead, tuple(sections), self.figures, digests)


def file_of(receipt: str) -> str:
    """The place of a receipt: by its name, or by its place where it lies elsewhere."""
    return receipt if "/" in receipt else subject_name(receipt)
