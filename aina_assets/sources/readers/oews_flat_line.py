"""What a right line of BLS's `oe.data` file is, and the naming of what is wrong with one that is not.

Belongs here: the layout's constants and the check of single lines, which is slow and exact. The fast
reading of whole blocks is `oews_flat`'s; it comes here only when a block is suspect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from aina_assets.core.errors import (
    AinaError,
    CellError,
    ContractError,
    EncodingError,
    RaggedTableError,
    SourceError,
)
from aina_assets.sources.tables.bls import OewsFlatMeasure, ValueStatus

COLUMNS = ("series_id", "year", "period", "value", "footnote_codes")
# A series id has 25 characters, right-padded to 30: OE, U, area type, area (7), industry (6), SOC (6),
# data type (2).
SERIES_WIDTH = 30
AREA_TYPE, AREA, INDUSTRY, OCCUPATION, DATA_TYPE = (3, 4), (4, 11), (11, 17), (17, 23), (23, 25)
PREFIX, PADDING = (0, 3), (25, 30)
SERIES = re.compile(r"OEU[NSM]\d{7}[0-9A-Z-]{6}\d{8} {5}", re.ASCII)
YEAR = re.compile(r"[12]\d{3}", re.ASCII)
ANNUAL = "A01"
NO_VALUE = "-"
NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)

# BLS's data types, as `oe.datatype` names them, are the measures in order.
DATA_TYPES: Mapping[str, OewsFlatMeasure] = {
    f"{number:02d}": measure for number, measure in enumerate(get_args(OewsFlatMeasure), 1)
}
# What the data types must be called for `DATA_TYPES` to name them rightly.
UPSTREAM_NAMES = (
    "Employment",
    "Employment percent relative standard error",
    "Hourly mean wage",
    "Annual mean wage",
    "Wage percent relative standard error",
    "Hourly 10th percentile wage",
    "Hourly 25th percentile wage",
    "Hourly median wage",
    "Hourly 75th percentile wage",
    "Hourly 90th percentile wage",
    "Annual 10th percentile wage",
    "Annual 25th percentile wage",
    "Annual median wage",
    "Annual 75th percentile wage",
    "Annual 90th percentile wage",
    "Employment per 1,000 jobs",
    "Location Quotient",
)
# Footnotes that stand in a figure's place and say why there is none.
WITHHELD: Mapping[str, ValueStatus] = {"4": "other_pay_basis", "5": "top_coded", "8": "not_released"}


def name_fault(
    block: bytes, first_line: int, previous_series: bytes, footnotes: frozenset[str], path: Path
) -> AinaError:
    """The error for the first line of a block that is wrong.

    Args:
        block: whole lines.
        first_line: number of the block's first line in the file, 1-based.
        previous_series: the series id of the line before, empty for the first.
        footnotes: codes that `oe.footnote` explains.
    """
    series = previous_series
    for number, raw in enumerate(block.removesuffix(b"\n").split(b"\n"), first_line):
        line = raw.removesuffix(b"\r")
        fault = _line_fault(line, series, footnotes)
        if fault is not None:
            kind, column, message = fault
            place = f"line {number}, column {column!r}" if column else f"line {number}"
            return kind(message, file=path, place=place)
        series = line[:SERIES_WIDTH]
    # Only a lone carriage return, which Arrow takes for a line's end, or a rule that stands in one place
    # and not in the other, leads here.
    return SourceError(
        "the block was refused, but no line of it is wrong", file=path, place=f"line {first_line}"
    )


Fault = tuple[type[AinaError], str, str]


def _line_fault(line: bytes, previous_series: bytes, footnotes: frozenset[str]) -> Fault | None:
    """The error's class, the column and the message for a line; None where the line is right."""
    if not line.isascii():
        offset = next(i for i, byte in enumerate(line) if byte > 127)
        return EncodingError, "", f"not ASCII: byte 0x{line[offset]:02x} at character {offset + 1}"
    cells = line.decode("ascii").split("\t")
    if len(cells) != len(COLUMNS):
        return RaggedTableError, "", f"row has {len(cells)} cells, the header {len(COLUMNS)}: {line[:80]!r}"
    series, year, period, value, footnote = cells
    if fault := _series_fault(series, previous_series):
        return fault
    if not YEAR.fullmatch(year):
        return CellError, "year", f"a year expected, found {year!r}"
    if period != ANNUAL:
        return CellError, "period", f"expected {ANNUAL}, found {period!r}"
    return _value_fault(value.strip(" "), footnote, footnotes)


def _series_fault(series: str, previous_series: bytes) -> Fault | None:
    if not SERIES.fullmatch(series):
        return CellError, "series_id", f"malformed series id {series!r} (25 characters and 5 blanks expected)"
    data_type = series[slice(*DATA_TYPE)]
    if data_type not in DATA_TYPES:
        return CellError, "series_id", f"unknown data type {data_type!r} in {series.rstrip()!r}"
    if series.encode() <= previous_series:
        return ContractError, "series_id", f"series {series.rstrip()!r} is repeated or not in ascending order"
    return None


def _value_fault(value: str, footnote: str, footnotes: frozenset[str]) -> Fault | None:
    if footnote and footnote not in footnotes:
        return CellError, "footnote_codes", f"footnote {footnote!r} is not in oe.footnote"
    if value == NO_VALUE:
        if footnote not in WITHHELD:
            return CellError, "value", f"no figure, and no footnote that says why (found {footnote!r})"
        return None
    if not NUMBER.fullmatch(value):
        return CellError, "value", f"a figure or {NO_VALUE!r} expected, found {value!r}"
    if footnote in WITHHELD:
        return CellError, "value", f"figure {value!r} beside footnote {footnote}, which says there is none"
    return None
