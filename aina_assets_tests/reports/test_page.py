"""How values read, and that a figure is entered once."""

from __future__ import annotations

import pytest

from aina_assets.core.engine import Engine
from aina_assets.reports.origins import Evidence, Value
from aina_assets.reports.page import Book, Unit, in_words
from aina_assets.titles.receipts import COVERAGE


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (72447, "count", "72,447"),
        (0, "count", "0"),
        (0.0489, "share", "4.9%"),
        (1.2, "usd", "$1.20"),
        (999, "bytes", "999 B"),
        (36213000, "bytes", "36.2 MB"),
        (5_200_000_000, "bytes", "5.2 GB"),
        ("ready_with_holds", "text", "ready with holds"),
        (None, "usd", "none"),
        (0.12345, "number", "0.123"),
    ],
)
def test_a_value_reads_as_people_read_it(value: Value, unit: Unit, text: str) -> None:
    assert in_words(value, unit) == text


def test_a_figure_is_entered_once_and_knows_its_receipt(engine: Engine) -> None:
    book = Book(Evidence(engine))
    first, again = book.told(COVERAGE, "titles"), book.told(COVERAGE, "titles", label="another")
    assert first is again
    other = book.told(COVERAGE, "lines")
    assert [figure.id for figure in book.figures] == [first.id, other.id]
    page = book.page("p", "P", ("x",), ())
    assert set(page.digests) == {f"receipts/{COVERAGE}.json"}
