"""OEWS national workbook: every marker is a typed reason, nothing withheld becomes a number."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.errors import AinaError, CellError, ContractError, EmptyFileError, HeaderError
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers import soc
from aina_assets.sources.readers.oews_workbook import HEADINGS, MEASURES, WORKBOOK, read_oews_national
from aina_assets_tests.conftest import source_files, write_xlsx

PLAIN: dict[str, object] = {
    "AREA": "99",
    "AREA_TITLE": "U.S.",
    "AREA_TYPE": "1",
    "PRIM_STATE": "US",
    "NAICS": "000000",
    "NAICS_TITLE": "Cross-industry",
    "I_GROUP": "cross-industry",
    "OWN_CODE": "1235",
    "OCC_CODE": "11-1011",
    "OCC_TITLE": "Chief Executives",
    "O_GROUP": "detailed",
    **dict.fromkeys(MEASURES, 12.5),
}


def national(tmp_path: Path, *rows: dict[str, object], headings: tuple[str, ...] = HEADINGS) -> SourceFiles:
    cells = [[{**PLAIN, **row}.get(heading) for heading in headings] for row in rows]
    path = write_xlsx(tmp_path / "national.xlsx", [headings, *cells], "national_M2024_dl")
    return source_files("oews_national", "May 2024", "2023", {WORKBOOK: path})


def readings(tmp_path: Path, **cells: object) -> dict[str, tuple[float | None, str]]:
    table = read_oews_national(national(tmp_path, cells))
    return {row["measure"]: (row["value"], row["value_status"]) for row in table.to_pylist()}


def test_a_row_becomes_one_fact_a_measure(tmp_path: Path) -> None:
    facts = read_oews_national(national(tmp_path, {"TOT_EMP": 211850})).to_pylist()
    assert len(facts) == 15
    assert facts[0] == {
        "occupation_code": "11-1011",
        "occupation_title": "Chief Executives",
        "occupation_group": "detailed",
        "measure": "employment_jobs",
        "value": 211850.0,
        "value_status": "published",
        "vintage": "May 2024",
        "source_file": "national.xlsx",
        "source_row": 2,
    }


@pytest.mark.parametrize(
    ("column", "cell", "measure", "status"),
    [
        ("TOT_EMP", "**", "employment_jobs", "not_released"),
        ("EMP_PRSE", "**", "employment_prse_percent", "not_released"),
        ("H_MEAN", "*", "hourly_mean_wage_usd", "not_released"),
        ("MEAN_PRSE", "*", "mean_wage_prse_percent", "not_released"),
        ("A_PCT90", "#", "annual_p90_wage_usd", "top_coded"),
        ("EMP_PRSE", "~", "employment_prse_percent", "below_half_percent"),
        ("A_MEDIAN", None, "annual_median_wage_usd", "missing"),
        ("A_MEDIAN", "  ", "annual_median_wage_usd", "missing"),
    ],
)
def test_marker_is_a_reason_and_no_value(
    tmp_path: Path, column: str, cell: object, measure: str, status: str
) -> None:
    facts = readings(tmp_path, **{column: cell})
    assert facts.pop(measure) == (None, status)
    assert set(facts.values()) == {(12.5, "published")}


def test_figures_may_be_text_with_separated_thousands(tmp_path: Path) -> None:
    facts = readings(tmp_path, TOT_EMP="154,187,380", H_MEAN="32.66", A_MEAN=0)
    assert facts["employment_jobs"] == (154187380.0, "published")
    assert facts["hourly_mean_wage_usd"] == (32.66, "published")
    assert facts["annual_mean_wage_usd"] == (0.0, "published")


@pytest.mark.parametrize("flag", ["TRUE", True])
def test_other_pay_basis(tmp_path: Path, flag: object) -> None:
    yearly = readings(tmp_path, ANNUAL=flag, H_MEAN="*", A_MEAN="*")
    assert yearly["hourly_mean_wage_usd"] == (None, "other_pay_basis")
    assert yearly["annual_mean_wage_usd"] == (None, "not_released")
    by_the_hour = readings(tmp_path, HOURLY=flag, H_MEAN="*", A_MEAN="*")
    assert by_the_hour["hourly_mean_wage_usd"] == (None, "not_released")
    assert by_the_hour["annual_mean_wage_usd"] == (None, "other_pay_basis")


@pytest.mark.parametrize(
    ("column", "cell", "address"),
    [
        ("H_MEAN", "n/a", "R2"),
        ("H_MEAN", "***", "R2"),
        ("H_MEAN", "1,23", "R2"),
        ("H_MEAN", -1, "R2"),
        ("H_MEAN", True, "R2"),
        ("H_MEAN", "**", "R2"),
        ("TOT_EMP", "*", "L2"),
        ("TOT_EMP", "#", "L2"),
        ("A_PCT90", "~", "AD2"),
        ("OCC_CODE", "111011", "I2"),
        ("O_GROUP", "line", "K2"),
        ("OCC_TITLE", None, "J2"),
        ("AREA_TITLE", "Alabama", "B2"),
        ("I_GROUP", "sector", "G2"),
        ("ANNUAL", "yes", "AE2"),
    ],
)
def test_cell_without_meaning_is_named(tmp_path: Path, column: str, cell: object, address: str) -> None:
    with pytest.raises(CellError) as caught:
        read_oews_national(national(tmp_path, {column: cell}))
    assert caught.value.place == f"sheet 'national_M2024_dl', row 2, column {column!r} ({address})"


def test_both_pay_bases_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CellError, match="both ANNUAL and HOURLY"):
        read_oews_national(national(tmp_path, {"ANNUAL": "TRUE", "HOURLY": "TRUE"}))


def test_a_code_may_be_broad_and_detailed_but_not_twice_detailed(tmp_path: Path) -> None:
    table = read_oews_national(national(tmp_path, {"O_GROUP": "broad"}, {}))
    assert Counter(table.column("occupation_group").to_pylist()) == {"broad": 15, "detailed": 15}
    with pytest.raises(ContractError, match="is unique"):
        read_oews_national(national(tmp_path, {}, {}))


@pytest.mark.parametrize(
    ("headings", "rows", "error"),
    [
        ((*HEADINGS[:17], "A_MEAN", "H_MEAN", *HEADINGS[19:]), [{}], HeaderError),
        (HEADINGS[:-1], [{}], HeaderError),
        (("About", "this"), [{}], HeaderError),
        (HEADINGS, [], EmptyFileError),
    ],
)
def test_workbook_of_another_shape(
    tmp_path: Path, headings: tuple[str, ...], rows: list[dict[str, object]], error: type[AinaError]
) -> None:
    with pytest.raises(error):
        read_oews_national(national(tmp_path, *rows, headings=headings))


def real_national(mirror: Path, year: int) -> list[dict[str, Any]]:
    path = mirror / f"www.bls.gov/oes/special-requests/oesm{year % 100}nat" / f"national_M{year}_dl.xlsx"
    files = source_files("oews_national", f"May {year}", "2023", {WORKBOOK: path})
    rows: list[dict[str, Any]] = read_oews_national(files).to_pylist()
    return rows


@pytest.mark.real_data
@pytest.mark.parametrize(("year", "top_coded"), [(2023, 211), (2024, 235)])
def test_real_workbooks(real_mirror: Path, year: int, top_coded: int) -> None:
    facts = real_national(real_mirror, year)
    groups = Counter(group for _, group in {(f["occupation_code"], f["occupation_group"]) for f in facts})
    assert groups == {"total": 1, "major": 22, "minor": 94, "broad": 455, "detailed": 831}
    assert len(facts) == 1403 * 15
    statuses = Counter(f["value_status"] for f in facts)
    assert statuses == {
        "published": 21045 - 540 - top_coded,
        "other_pay_basis": 540,
        "top_coded": top_coded,
    }
    assert all((f["value"] is not None) == (f["value_status"] == "published") for f in facts)


@pytest.mark.real_data
def test_real_codes_against_the_classification(real_mirror: Path) -> None:
    """In May 2024, 12 OEWS occupations are no SOC occupations, and stand for 28 of the 48 without a row."""
    path = real_mirror / "www.bls.gov/soc/2018"
    files = source_files("soc", "SOC 2018", "2018", {n: path / n for n in (soc.STRUCTURE, soc.DEFINITIONS)})
    detailed = {g["soc_code"] for g in soc.read_soc_group(files).to_pylist() if g["level"] == "detailed"}
    facts = real_national(real_mirror, 2024)
    oews = {f["occupation_code"] for f in facts if f["occupation_group"] == "detailed"}
    assert sorted(oews - detailed) == [
        *("13-1020", "13-2020", "21-1018", "25-2052", "25-9045", "29-2010"),
        *("31-1120", "39-7010", "47-4090", "51-2028", "51-2090", "53-1047"),
    ]
    without_row = detailed - oews
    assert len(without_row) == 48
    assert sum(code.startswith("55-") for code in without_row) == 19
    levels = Counter(f["occupation_code"] for f in facts if f["measure"] == "employment_jobs")
    assert sorted(code for code, count in levels.items() if count > 1) == [
        *("13-1020", "13-2020", "29-2010", "31-1120", "39-7010", "47-4090", "51-2090")
    ]
