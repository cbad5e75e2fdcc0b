"""`soc_2010_to_2018`, `gdpval_occupation_soc` and `soc_mapped_entry`: codes and what shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aina_assets_tests.warehouse.rows import derived


def group(code: str, level: str = "detailed", title: str = "A group") -> dict[str, Any]:
    return {"soc_code": code, "level": level, "title": title}


def legacy_wage(code: str, name: str = "An occupation", suffix: str = "00") -> dict[str, Any]:
    return {"legacy_onet_soc_code": f"{code}.{suffix}", "legacy_soc_code": code, "job_name": name}


def crosswalk(folder: Path, **inputs: Any) -> list[tuple[str, str | None, str, int]]:
    return [
        (row["legacy_soc_code"], row["soc_code"], row["method"], row["evidence_rows"])
        for row in derived(folder, "soc_2010_to_2018", **inputs)
    ]


# --- soc_2010_to_2018


def test_a_code_that_soc_2018_kept_is_its_own(tmp_path: Path) -> None:
    rows = crosswalk(tmp_path, aei_legacy_wage=[legacy_wage("11-1011")], soc_group=[group("11-1011")])
    assert rows == [("11-1011", "11-1011", "same_code", 0)]


def test_a_code_that_is_only_a_broad_group_now_is_not_the_same(tmp_path: Path) -> None:
    rows = crosswalk(
        tmp_path, aei_legacy_wage=[legacy_wage("13-1020")], soc_group=[group("13-1020", "broad")]
    )
    assert rows == [("13-1020", None, "unmapped", 0)]


def test_tasks_that_moved_show_the_new_code_and_are_counted(tmp_path: Path) -> None:
    rows = crosswalk(
        tmp_path,
        aei_legacy_task=[{"legacy_onet_soc_code": "15-1121.00", "task_id": number} for number in (1, 2, 3)],
        onet_task=[
            {"onet_soc_code": "15-1211.00", "task_id": 1},
            {"onet_soc_code": "15-1211.01", "task_id": 2},
            {"onet_soc_code": "15-1299.00", "task_id": 3},
        ],
        onet_soc_to_soc=[
            {"onet_soc_code": "15-1211.00", "soc_code": "15-1211"},
            {"onet_soc_code": "15-1211.01", "soc_code": "15-1211"},
            {"onet_soc_code": "15-1299.00", "soc_code": "15-1299"},
        ],
        soc_group=[group("15-1211"), group("15-1299")],
    )
    assert rows == [
        ("15-1121", "15-1211", "task_continuity", 2),
        ("15-1121", "15-1299", "task_continuity", 1),
    ]


TITLED = {
    "the structure's title": {"soc_group": [group("29-1141", title="Registered nurses ")]},
    "a direct match title": {
        "soc_group": [group("29-1141")],
        "soc_direct_match_title": [{"soc_code": "29-1141", "direct_match_title": "registered nurses"}],
    },
    "an O*NET alternate title": {
        "soc_group": [group("29-1141")],
        "onet_job_title": [{"onet_soc_code": "29-1141.00", "job_title": "Registered Nurses"}],
        "onet_soc_to_soc": [{"onet_soc_code": "29-1141.00", "soc_code": "29-1141"}],
    },
}


@pytest.mark.parametrize("inputs", TITLED.values(), ids=TITLED)
def test_a_title_that_lived_on_shows_the_new_code(tmp_path: Path, inputs: dict[str, Any]) -> None:
    wages = [legacy_wage("29-1111", "Registered Nurses")]
    assert crosswalk(tmp_path, aei_legacy_wage=wages, **inputs) == [("29-1111", "29-1141", "same_title", 1)]


def test_the_title_of_a_part_of_a_code_does_not_speak_for_the_code(tmp_path: Path) -> None:
    rows = crosswalk(
        tmp_path,
        aei_legacy_wage=[legacy_wage("29-1111", "Acute Care Nurses", suffix="01")],
        soc_group=[group("29-1141", title="Acute Care Nurses")],
    )
    assert rows == [("29-1111", None, "unmapped", 0)]


def test_what_nothing_shows_is_said_to_be_unmapped(tmp_path: Path) -> None:
    rows = crosswalk(tmp_path, aei_legacy_wage=[legacy_wage("99-9999", "Gone")], soc_group=[group("11-1011")])
    assert rows == [("99-9999", None, "unmapped", 0)]


def test_the_strongest_evidence_decides_alone(tmp_path: Path) -> None:
    rows = crosswalk(
        tmp_path,
        aei_legacy_wage=[legacy_wage("11-1011", "Shared"), legacy_wage("15-1121", "Shared")],
        aei_legacy_task=[
            {"legacy_onet_soc_code": "11-1011.00", "task_id": 1},
            {"legacy_onet_soc_code": "15-1121.00", "task_id": 2},
        ],
        onet_task=[
            {"onet_soc_code": "15-1211.00", "task_id": 1},
            {"onet_soc_code": "15-1211.00", "task_id": 2},
        ],
        onet_soc_to_soc=[{"onet_soc_code": "15-1211.00", "soc_code": "15-1211"}],
        soc_group=[group("11-1011"), group("15-1211"), group("29-1141", title="Shared")],
    )
    assert rows == [
        ("11-1011", "11-1011", "same_code", 0),
        ("15-1121", "15-1211", "task_continuity", 1),
    ]


# --- gdpval_occupation_soc

NAMED_ALIKE = [
    group("13-1030", "broad", "Claims Adjusters"),
    group("13-1031", "detailed", "Claims Adjusters"),
    group("13-1032", "detailed", "Damage Appraisers"),
    group("41-3090", "broad", "Sales Representatives"),
]


def practice(*occupations: str) -> list[dict[str, str]]:
    return [{"task_id": str(number), "occupation": name} for number, name in enumerate(occupations)]


def named(folder: Path, occupation: str) -> tuple[str | None, str | None, int]:
    (row,) = derived(
        folder, "gdpval_occupation_soc", gdpval_task=practice(occupation, occupation), soc_group=NAMED_ALIKE
    )
    return row["soc_code"], row["soc_level"], row["gdpval_task_count"]


def test_a_name_of_a_broad_group_and_its_only_occupation_means_the_occupation(tmp_path: Path) -> None:
    assert named(tmp_path, "Claims Adjusters") == ("13-1031", "detailed", 2)


def test_a_name_that_only_a_broad_group_bears_means_the_group(tmp_path: Path) -> None:
    assert named(tmp_path, "Sales Representatives") == ("41-3090", "broad", 2)


def test_a_name_that_no_group_bears_has_no_code(tmp_path: Path) -> None:
    assert named(tmp_path, "Wizards") == (None, None, 2)


# --- soc_mapped_entry


def test_mapped_entries_are_the_union_and_say_which_signal_speaks(tmp_path: Path) -> None:
    rows = derived(
        tmp_path,
        "soc_mapped_entry",
        aei_job_exposure=[{"soc_code": "11-1011"}, {"soc_code": "13-1031"}],
        aei_legacy_wage=[legacy_wage("11-1011"), legacy_wage("11-1011", suffix="03"), legacy_wage("15-1121")],
        gdpval_occupation_soc=[
            {"occupation": "a", "soc_code": "13-1031", "gdpval_task_count": 5},
            {"occupation": "b", "soc_code": None, "gdpval_task_count": 5},
        ],
    )
    signals = ("has_job_exposure", "has_legacy_signal", "has_gdpval")
    assert {row["soc_code"]: tuple(row[name] for name in signals) for row in rows} == {
        "11-1011": (True, True, False),
        "13-1031": (True, False, True),
        "15-1121": (False, True, False),
    }
    assert len(rows) == 3
