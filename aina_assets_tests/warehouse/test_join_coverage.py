"""`join_coverage`: how many rows of one table find their counterpart in another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aina_assets_tests.warehouse.rows import derived

CHIEF, LOST = "11-1011", "99-9999"


def test_joins_without_a_wage_lane_have_nothing_to_look_up(tmp_path: Path) -> None:
    rollup = [{"soc_code": CHIEF, "oews_code": None, "relation": "not_covered"}]
    rows = derived(tmp_path, "join_coverage", oews_soc_rollup=rollup)
    assert {(row["left_rows"], row["matched_rows"]) for row in rows} == {(0, 0)}
    assert len(rows) == 14


def test_each_join_counts_what_was_looked_up_and_what_was_found(tmp_path: Path) -> None:
    texts: list[dict[str, Any]] = [{"task_name": "old words."}, {"task_name": "nowhere."}]
    rows = derived(
        tmp_path,
        "join_coverage",
        onet_task=[{"task_id": 1, "task": "Plan work."}, {"task_id": 2, "task": "New words."}],
        aei_legacy_task=[{"task_id": 2, "task": "Old words."}],
        task_link=[
            {"signal_text": text, "task_id": number}
            for number, text in ((1, "plan work."), (2, "old words."))
        ],
        aei_task_penetration=[{"task": "Plan work. "}, {"task": "Old words."}, {"task": "Nowhere."}],
        aei_task_usage=[*texts, {"task_name": "none", "is_pseudo_task": True}],
        aei_task_collaboration=[*texts, {"task_name": "none"}],
        aei_task_thinking=[*texts, {"task_name": "none"}],
        soc_group=[{"soc_code": CHIEF, "level": "detailed"}, {"soc_code": "13-1020", "level": "broad"}],
        aei_job_exposure=[{"soc_code": CHIEF}, {"soc_code": "13-1020"}],
        aei_legacy_wage=[
            {"legacy_onet_soc_code": f"{code}.0{part}", "legacy_soc_code": code}
            for code, part in ((CHIEF, 0), (CHIEF, 1), (LOST, 0))
        ],
        soc_2010_to_2018=[
            {"legacy_soc_code": CHIEF, "soc_code": CHIEF, "method": "same_code"},
            {"legacy_soc_code": LOST, "soc_code": None, "method": "unmapped"},
        ],
        onet_occupation=[{"onet_soc_code": f"{code}.00"} for code in (CHIEF, LOST)],
        onet_soc_to_soc=[{"onet_soc_code": f"{CHIEF}.00", "soc_code": CHIEF}],
        gdpval_occupation_soc=[
            {"occupation": "a", "soc_code": CHIEF, "gdpval_task_count": 1},
            {"occupation": "b", "soc_code": None, "gdpval_task_count": 1},
        ],
        wage_fact=[
            {"occupation_code": code, "measure": measure, "lane": "flat"}
            for code in ("00-0000", CHIEF, "21-1018", LOST)
            for measure in ("employment_jobs", "annual_mean_wage_usd")
        ],
        oews_soc_rollup=[
            {"soc_code": CHIEF, "oews_code": CHIEF, "relation": "direct"},
            {"soc_code": "21-1011", "oews_code": "21-1018", "relation": "rolled_up"},
            {"soc_code": "55-1011", "oews_code": None, "relation": "not_covered"},
        ],
    )
    assert {row["join_name"]: (row["matched_rows"], row["left_rows"]) for row in rows} == {
        "penetration_to_current_task": (1, 3),
        "penetration_to_linked_task": (2, 3),
        "current_task_to_penetration": (1, 2),
        "usage_to_legacy_task": (1, 2),
        "usage_to_linked_task": (1, 2),
        "collaboration_to_legacy_task": (1, 2),
        "collaboration_to_linked_task": (1, 2),
        "thinking_to_legacy_task": (1, 2),
        "exposure_to_soc_detailed": (1, 2),
        "legacy_soc_to_soc_2018": (1, 2),
        "onet_occupation_to_soc": (1, 2),
        "gdpval_occupation_to_soc": (1, 2),
        "oews_occupation_to_soc": (3, 4),
        "soc_detailed_to_oews": (2, 3),
    }
