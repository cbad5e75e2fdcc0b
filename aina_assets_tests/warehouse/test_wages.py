"""`wage_fact` and `oews_soc_rollup`: which lane speaks, and for which occupation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aina_assets_tests.warehouse.rows import derived

CHIEF = "11-1011"
EMPLOYMENT, WAGE = "employment_jobs", "annual_mean_wage_usd"


def figure(
    code: str = CHIEF, measure: str = EMPLOYMENT, value: float | None = 1.0, **more: Any
) -> dict[str, Any]:
    status = "published" if value is not None else "not_released"
    return {"occupation_code": code, "measure": measure, "value": value, "value_status": status} | more


def nation(value: float, code: str = CHIEF, **more: Any) -> dict[str, Any]:
    return figure(code, value=value, year=2025, area_type="N", **more)


def workbook(value: float | None, code: str = CHIEF, group: str = "detailed", **more: Any) -> dict[str, Any]:
    return figure(code, value=value, occupation_group=group, **more)


# --- wage_fact

LANES: dict[str, list[dict[str, Any]]] = {
    "oews_flat": [nation(1.0)],
    "oews_national": [workbook(2.0), workbook(3.0, "29-1141")],
    "oews_api_observation": [nation(4.0), nation(5.0, "43-4051", series_id="OEUN000000000000043405101")],
}


@pytest.mark.parametrize(
    ("available", "lane", "values"),
    [
        (("oews_flat", "oews_national", "oews_api_observation"), "flat", [1.0]),
        (("oews_national", "oews_api_observation"), "workbook", [2.0, 3.0]),
        (("oews_api_observation",), "api", [4.0, 5.0]),
    ],
)
def test_the_lane_of_highest_authority_speaks_alone(
    tmp_path: Path, available: tuple[str, ...], lane: str, values: list[float]
) -> None:
    rows = derived(tmp_path, "wage_fact", **{name: LANES[name] for name in available})
    assert [(row["lane"], row["value"]) for row in rows] == [(lane, value) for value in values]


def test_without_a_lane_there_are_no_rows(tmp_path: Path) -> None:
    assert derived(tmp_path, "wage_fact") == []


def test_only_the_nation_across_industries_counts(tmp_path: Path) -> None:
    elsewhere = [
        nation(9.0) | {"area_type": "S", "area_code": "0600000"},
        nation(9.0, industry_code="31--33"),
    ]
    rows = derived(tmp_path, "wage_fact", oews_flat=elsewhere, oews_api_observation=[nation(4.0)])
    assert [(row["lane"], row["value"]) for row in rows] == [("api", 4.0)]


def test_of_a_code_that_is_broad_and_detailed_the_detailed_row_is_taken(tmp_path: Path) -> None:
    rows = derived(
        tmp_path,
        "wage_fact",
        oews_national=[workbook(7.0, "13-1020", "broad"), workbook(7.0, "13-1020", "detailed")],
    )
    assert [(row["occupation_code"], row["source_row"]) for row in rows] == [("13-1020", 2)]


def test_of_a_series_the_newest_year_is_taken(tmp_path: Path) -> None:
    rows = derived(tmp_path, "wage_fact", oews_api_observation=[nation(4.0), nation(3.0) | {"year": 2024}])
    assert [row["value"] for row in rows] == [4.0]


def test_a_withheld_figure_stays_withheld_with_its_reason(tmp_path: Path) -> None:
    rows = derived(tmp_path, "wage_fact", oews_national=[workbook(None), workbook(5.0, measure=WAGE)])
    assert [(row["measure"], row["value"], row["value_status"]) for row in rows] == [
        (WAGE, 5.0, "published"),
        (EMPLOYMENT, None, "not_released"),
    ]


# --- oews_soc_rollup


def soc(code: str, level: str, parent: str | None = None) -> dict[str, Any]:
    return {"soc_code": code, "level": level, "parent_soc_code": parent}


STRUCTURE = [
    soc("13-1020", "broad"),
    soc("13-1021", "detailed", "13-1020"),
    soc("13-1022", "detailed", "13-1020"),
    soc("21-1010", "broad"),
    soc("21-1011", "detailed", "21-1010"),
    soc("21-1013", "detailed", "21-1010"),
    soc("21-1014", "detailed", "21-1010"),
    soc("29-1210", "broad"),
    soc("29-1221", "detailed", "29-1210"),
    soc("55-1010", "broad"),
    soc("55-1011", "detailed", "55-1010"),
]


def rollup(folder: Path, *codes: str) -> dict[str, tuple[str | None, str, int]]:
    rows = derived(
        folder,
        "oews_soc_rollup",
        soc_group=STRUCTURE,
        wage_fact=[figure(code, lane="flat") for code in codes],
    )
    return {row["soc_code"]: (row["oews_code"], row["relation"], row["shared_with_count"]) for row in rows}


def test_an_occupation_that_oews_has_is_direct(tmp_path: Path) -> None:
    assert rollup(tmp_path, "21-1013")["21-1013"] == ("21-1013", "direct", 1)


def test_a_code_of_oews_own_stands_for_the_rest_of_its_broad_group(tmp_path: Path) -> None:
    found = rollup(tmp_path, "21-1013", "21-1018")
    assert found["21-1011"] == found["21-1014"] == ("21-1018", "rolled_up", 2)
    assert found["21-1013"] == ("21-1013", "direct", 1)


def test_a_broad_groups_code_stands_for_its_occupations(tmp_path: Path) -> None:
    found = rollup(tmp_path, "13-1020")
    assert found["13-1021"] == found["13-1022"] == ("13-1020", "rolled_up", 2)


def test_a_code_of_oews_own_comes_before_the_broad_groups(tmp_path: Path) -> None:
    found = rollup(tmp_path, "21-1010", "21-1013", "21-1018")
    assert found["21-1011"] == ("21-1018", "rolled_up", 2)


def test_the_parent_is_the_structures_and_not_the_digits(tmp_path: Path) -> None:
    assert rollup(tmp_path, "29-1210")["29-1221"] == ("29-1210", "rolled_up", 1)
    assert rollup(tmp_path, "29-1220")["29-1221"] == (None, "not_covered", 0)


def test_an_occupation_without_any_row_is_not_covered(tmp_path: Path) -> None:
    found = rollup(tmp_path, "13-1021")
    assert found["55-1011"] == (None, "not_covered", 0)
    assert found["13-1022"] == (None, "not_covered", 0)
    assert len(found) == 7
