"""Reader of the OEWS national workbook (May 2023, May 2024): one long row for each figure.

Belongs here: the workbook's columns, and what its markers mean. Does not: the flat file (`oews_flat`),
or which lane has authority.

A marker says why there is no figure; it never becomes a number:

| marker  | where               | status                                                       |
|---------|---------------------|--------------------------------------------------------------|
| `*`     | wages and their PRSE | not_released, or other_pay_basis (see `_withheld_wage`)     |
| `**`    | employment and PRSE | not_released                                                 |
| `#`     | wages               | top_coded                                                    |
| `~`     | percents            | below_half_percent                                           |
| (blank) | anywhere            | missing                                                      |

`JOBS_1000`, `LOC_QUOTIENT`, `PCT_TOTAL` and `PCT_RPT` are blank in a national workbook and are not read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers.workbook import SheetColumn, SheetRow, read_sheet
from aina_assets.sources.tables.bls import OEWS_NATIONAL, OewsMeasure, ValueStatus

WORKBOOK = "national.xlsx"

MEASURES: Mapping[str, OewsMeasure] = {
    "TOT_EMP": "employment_jobs",
    "EMP_PRSE": "employment_prse_percent",
    "H_MEAN": "hourly_mean_wage_usd",
    "A_MEAN": "annual_mean_wage_usd",
    "MEAN_PRSE": "mean_wage_prse_percent",
    "H_PCT10": "hourly_p10_wage_usd",
    "H_PCT25": "hourly_p25_wage_usd",
    "H_MEDIAN": "hourly_median_wage_usd",
    "H_PCT75": "hourly_p75_wage_usd",
    "H_PCT90": "hourly_p90_wage_usd",
    "A_PCT10": "annual_p10_wage_usd",
    "A_PCT25": "annual_p25_wage_usd",
    "A_MEDIAN": "annual_median_wage_usd",
    "A_PCT75": "annual_p75_wage_usd",
    "A_PCT90": "annual_p90_wage_usd",
}
HEADINGS = (
    *("AREA", "AREA_TITLE", "AREA_TYPE", "PRIM_STATE", "NAICS", "NAICS_TITLE", "I_GROUP", "OWN_CODE"),
    *("OCC_CODE", "OCC_TITLE", "O_GROUP", "TOT_EMP", "EMP_PRSE", "JOBS_1000", "LOC_QUOTIENT"),
    *("PCT_TOTAL", "PCT_RPT", "H_MEAN", "A_MEAN", "MEAN_PRSE"),
    *("H_PCT10", "H_PCT25", "H_MEDIAN", "H_PCT75", "H_PCT90"),
    *("A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90", "ANNUAL", "HOURLY"),
)
COLUMNS = tuple(SheetColumn(heading, (heading,)) for heading in HEADINGS)

CODE = re.compile(r"\d{2}-\d{4}")
GROUP = re.compile("total|major|minor|broad|detailed")
NATION = re.compile(r"U\.S\.")
CROSS_INDUSTRY = re.compile("cross-industry")
# Some copies hold numbers as text, with thousands separated.
NUMBER = re.compile(r"\d+(\.\d+)?|\d{1,3}(,\d{3})+(\.\d+)?")

Reading: TypeAlias = tuple[float | None, ValueStatus]


@dataclass(frozen=True)
class _PayBasis:
    """By which measure an occupation is paid, where it is by one alone."""

    is_annual_only: bool
    is_hourly_only: bool


def read_oews_national(files: SourceFiles) -> pa.Table:
    """The national workbook as one row for each occupation, level and measure.

    Raises:
        SourceError: the workbook is not what it should be; names the sheet, row and column.
        ContractError: an occupation occurs twice at one level.
    """
    rows = [
        {**facts, "vintage": files.vintage, "source_file": WORKBOOK, "source_row": row.number}
        for row in read_sheet(files.path(WORKBOOK), COLUMNS)
        for facts in _facts(row)
    ]
    return OEWS_NATIONAL.conform(pa.Table.from_pylist(rows, schema=OEWS_NATIONAL.arrow_schema))


def _facts(row: SheetRow) -> Iterator[dict[str, Any]]:
    # State and industry workbooks have the same columns: only these cells tell them apart.
    row.text("AREA_TITLE", NATION)
    row.text("I_GROUP", CROSS_INDUSTRY)
    pay = _PayBasis(_is_true(row, "ANNUAL"), _is_true(row, "HOURLY"))
    if pay.is_annual_only and pay.is_hourly_only:
        raise row.fault("HOURLY", "both ANNUAL and HOURLY are TRUE")
    occupation = {
        "occupation_code": row.text("OCC_CODE", CODE),
        "occupation_title": row.text("OCC_TITLE"),
        "occupation_group": row.text("O_GROUP", GROUP),
    }
    for heading, measure in MEASURES.items():
        value, status = _reading(row, heading, measure, pay)
        yield {**occupation, "measure": measure, "value": value, "value_status": status}


def _reading(row: SheetRow, heading: str, measure: OewsMeasure, pay: _PayBasis) -> Reading:
    """What a cell says: a figure, or why there is none."""
    cell = row.value(heading)
    if cell is None:
        return None, "missing"
    if isinstance(cell, str):
        marker = MARKERS.get(cell)
        if marker is not None:
            status = marker(measure, pay)
            if status is None:
                raise row.fault(heading, f"marker {cell!r} has no meaning for {measure}")
            return None, status
        if NUMBER.fullmatch(cell):
            return float(cell.replace(",", "")), "published"
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell) and cell >= 0:
        return float(cell), "published"
    raise row.fault(heading, f"expected a figure, a marker ({' '.join(MARKERS)}) or blank, found {cell!r}")


def _withheld_wage(measure: OewsMeasure, pay: _PayBasis) -> ValueStatus | None:
    """`*`: there is no hourly wage where pay is by the year, and no annual one where it is by the hour."""
    if "_wage_" not in measure:
        return None
    is_other_basis = (pay.is_annual_only and measure.startswith("hourly_")) or (
        pay.is_hourly_only and measure.startswith("annual_")
    )
    return "other_pay_basis" if is_other_basis else "not_released"


def _withheld_employment(measure: OewsMeasure, _pay: _PayBasis) -> ValueStatus | None:
    return "not_released" if measure.startswith("employment_") else None


def _top_coded(measure: OewsMeasure, _pay: _PayBasis) -> ValueStatus | None:
    return "top_coded" if measure.endswith("_usd") else None


def _below_half_percent(measure: OewsMeasure, _pay: _PayBasis) -> ValueStatus | None:
    return "below_half_percent" if measure.endswith("_percent") else None


MARKERS: Mapping[str, Callable[[OewsMeasure, _PayBasis], ValueStatus | None]] = {
    "*": _withheld_wage,
    "**": _withheld_employment,
    "#": _top_coded,
    "~": _below_half_percent,
}


def _is_true(row: SheetRow, heading: str) -> bool:
    cell = row.value(heading)
    if isinstance(cell, bool):
        return cell
    if cell is not None and cell != "TRUE":
        raise row.fault(heading, f"expected TRUE or blank, found {cell!r}")
    return cell is not None


READERS: Mapping[str, Callable[[SourceFiles], pa.Table]] = {"oews_national": read_oews_national}
