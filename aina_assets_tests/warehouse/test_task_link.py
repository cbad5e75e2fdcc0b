"""`task_link`: from a signal's text to the tasks that it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets_tests.warehouse.rows import Rows, derived

CHIEF, CLERK = "11-1011.00", "43-4051.00"


def task(code: str, number: int, text: str) -> dict[str, object]:
    return {"onet_soc_code": code, "task_id": number, "task": text}


def test_a_text_that_reads_as_a_current_task_is_linked_by_its_text(tmp_path: Path) -> None:
    rows = derived(
        tmp_path,
        "task_link",
        aei_task_penetration=[{"task": " Plan the Work. "}],
        onet_task=[task(CHIEF, 1, "Plan the work."), task(CHIEF, 2, "Something else.")],
    )
    assert rows == [
        {"signal_text": "plan the work.", "onet_soc_code": CHIEF, "task_id": 1, "method": "same_text"}
    ]


def test_a_reworded_task_is_linked_by_the_id_that_outlived_it(tmp_path: Path) -> None:
    rows = derived(
        tmp_path,
        "task_link",
        aei_task_usage=[{"task_name": "plan work."}],
        aei_legacy_task=[{"task_id": 1, "task": "Plan work."}],
        onet_task=[task(CHIEF, 1, "Plan the work, with others.")],
    )
    assert rows == [
        {"signal_text": "plan work.", "onet_soc_code": CHIEF, "task_id": 1, "method": "legacy_task_id"}
    ]


def test_a_task_found_by_its_text_is_not_linked_again_by_its_id(tmp_path: Path) -> None:
    rows = derived(
        tmp_path,
        "task_link",
        aei_task_usage=[{"task_name": "plan work."}],
        aei_legacy_task=[{"task_id": 1, "task": "Plan work."}],
        onet_task=[task(CHIEF, 1, "Plan work.")],
    )
    assert [row["method"] for row in rows] == ["same_text"]


def test_an_ambiguous_text_links_to_every_task_that_it_may_mean(tmp_path: Path) -> None:
    rows = derived(
        tmp_path,
        "task_link",
        aei_task_penetration=[{"task": "Answer calls."}],
        aei_legacy_task=[{"task_id": 3, "task": "Answer calls."}],
        onet_task=[
            task(CHIEF, 1, "Answer calls."),
            task(CLERK, 2, "Answer calls."),
            task(CLERK, 3, "Answer all calls."),
        ],
    )
    assert [(row["onet_soc_code"], row["task_id"], row["method"]) for row in rows] == [
        (CHIEF, 1, "same_text"),
        (CLERK, 2, "same_text"),
        (CLERK, 3, "legacy_task_id"),
    ]


@pytest.mark.parametrize(
    ("signal", "column"),
    [
        ("aei_task_penetration", "task"),
        ("aei_task_usage", "task_name"),
        ("aei_task_collaboration", "task_name"),
        ("aei_task_thinking", "task_name"),
    ],
)
def test_every_signal_is_linked(tmp_path: Path, signal: str, column: str) -> None:
    inputs: dict[str, Rows] = {signal: [{column: "plan work."}], "onet_task": [task(CHIEF, 1, "Plan work.")]}
    assert len(derived(tmp_path, "task_link", **inputs)) == 1


def test_the_pseudo_task_is_no_task(tmp_path: Path) -> None:
    rows = derived(
        tmp_path,
        "task_link",
        aei_task_usage=[{"task_name": "none", "is_pseudo_task": True}],
        onet_task=[task(CHIEF, 1, "None")],
    )
    assert rows == []


def test_a_text_of_no_known_task_is_not_linked(tmp_path: Path) -> None:
    rows = derived(
        tmp_path,
        "task_link",
        aei_task_penetration=[{"task": "Fly."}],
        aei_legacy_task=[{"task_id": 9, "task": "Fly."}],
        onet_task=[task(CHIEF, 1, "Plan work.")],
    )
    assert rows == []
