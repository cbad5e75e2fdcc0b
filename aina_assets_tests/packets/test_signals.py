"""AI signals stay separate, dated and linked, and a withheld share is no zero."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aina_assets.core.engine import Engine
from aina_assets.packets.evidence.work import SIGNAL_KINDS
from aina_assets.packets.make import PacketStage
from aina_assets_tests.packets.states import change


def signals(engine: Engine) -> dict[tuple[int, str], dict[str, Any]]:
    PacketStage(engine).task_ai_signal()
    return {(row["task_id"], row["kind"]): row for row in engine.store.read("task_ai_signal").to_pylist()}


def collaboration(engine: Engine, **values: float) -> int:
    """Give every row of the modes of collaboration these shares; gives a task that one of them speaks of."""
    change(engine, "aei_task_collaboration", lambda rows: [{**row, **values} for row in rows])
    return next(task for task, kind in signals(engine) if kind == "automation")


MODES = {"feedback_loop": 0.1, "directive": 0.2, "task_iteration": 0.1, "validation": 0.1, "learning": 0.1}


def test_modes_add_up_to_automation_and_augmentation(engine: Engine) -> None:
    task = collaboration(engine, **MODES, filtered=0.4)
    found = signals(engine)
    values = {kind: found[task, kind]["value"] for kind in ("automation", "augmentation", "withheld")}
    assert values == {"automation": 0.3, "augmentation": 0.3, "withheld": 0.4}


def test_a_share_that_is_withheld_is_no_zero(engine: Engine) -> None:
    task = collaboration(engine, **dict.fromkeys(MODES, 0.0), filtered=1.0)
    found = signals(engine)
    for kind in ("automation", "augmentation"):
        assert (found[task, kind]["value"], found[task, kind]["status"]) == (None, "withheld")
    assert found[task, "withheld"]["value"] == 1.0


def test_a_thinking_share_that_is_not_published_says_so(engine: Engine) -> None:
    change(engine, "aei_task_thinking", lambda rows: [{**row, "thinking_fraction": None} for row in rows])
    of_kind = [row for (_, kind), row in signals(engine).items() if kind == "thinking"]
    assert of_kind
    assert {(row["value"], row["status"]) for row in of_kind} == {(None, "not_published")}


def test_a_release_is_dated_by_its_folder_and_others_are_not(engine: Engine) -> None:
    dates = {row["source_file"].partition("/")[0]: row["released"] for row in signals(engine).values()}
    assert dates["release_2025_03_27"] == date(2025, 3, 27)
    assert dates["labor_market_impacts"] is None


def test_the_task_that_reads_the_same_comes_before_an_older_wording(engine: Engine) -> None:
    def both(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        link = next(row for row in rows if row["method"] == "same_text")
        older = {**link, "method": "legacy_task_id", "signal_text": "a wording of before"}
        return [older, *rows]

    change(engine, "task_link", both)
    change(
        engine,
        "aei_task_penetration",
        lambda rows: [*rows, {**rows[0], "task": "A wording of before", "source_row": 99999}],
    )
    assert all(row["source_row"] != 99999 for row in signals(engine).values())


def test_only_the_latest_release_of_usage_counts(engine: Engine) -> None:
    used = [row for (_, kind), row in signals(engine).items() if kind == "usage"]
    rows = engine.store.read("aei_task_usage").to_pylist()
    latest = {row["source_row"] for row in rows if row["release"] == max(row["release"] for row in rows)}
    assert used
    assert {row["source_row"] for row in used} <= latest


# --- as tasks have them


@pytest.fixture
def without_usage(engine: Engine) -> Engine:
    change(engine, "aei_task_usage", lambda rows: [])
    engine.store.path("task_ai_signal").unlink()
    PacketStage(engine).task_ai_signal()
    return engine


def test_every_task_has_every_kind_as_a_number_or_with_a_reason(stage: PacketStage) -> None:
    for tasks in stage.evidence.work.tasks.values():
        for task in tasks:
            present = [signal.kind for signal in task.signals]
            absent = [signal.kind for signal in task.absent_signals]
            assert sorted(present + absent) == sorted(SIGNAL_KINDS)


def test_a_source_that_is_not_there_is_told_from_a_task_without_a_row(without_usage: Engine) -> None:
    tasks = PacketStage(without_usage).evidence.work.tasks
    reasons = {
        s.reason for some in tasks.values() for t in some for s in t.absent_signals if s.kind == "usage"
    }
    assert reasons == {"not_available"}
    others = {
        s.reason for some in tasks.values() for t in some for s in t.absent_signals if s.kind == "thinking"
    }
    assert "not_available" not in others
