"""Where the engine stands: each way in which something waits, and the step that is named for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aina_assets.core.build import BuildSummary, CheckFailure, StepFailure, read_build
from aina_assets.core.engine import Engine
from aina_assets.core.store import code_version
from aina_assets.reports import resuming
from aina_assets.reports.resuming import standing
from aina_assets_tests.builds import Build, copied, flip_byte, invoke, starter_settings


@pytest.fixture(scope="module")
def built(starter_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return copied(starter_build, tmp_path_factory.mktemp("standing"))


def commands(engine: Engine) -> list[str]:
    return [step.command for step in standing(engine).steps]


def test_before_any_build_the_next_step_is_one(tmp_path: Path) -> None:
    found = standing(Engine(starter_settings(tmp_path)))
    assert [step.command for step in found.steps] == ["aina build"]
    assert "nothing has been built" in found.steps[0].why


def test_a_whole_state_waits_for_people_alone(built: Engine) -> None:
    found = standing(built)
    assert commands(built) == ["aina gates explain public_runtime"]
    assert any("serviceable" in fact for fact in found.facts)
    assert all(step.why and step.bound for step in found.steps)


def test_a_killed_build_is_run_again(tmp_path: Path) -> None:
    engine = Engine(starter_settings(tmp_path))
    BuildSummary.started("starter").write(engine.data.build_summary)
    (step,) = standing(engine).steps
    assert (step.command, step.why) == ("aina build", "a build was killed, or is running")


def test_what_failed_in_the_build_comes_first_with_its_remedy(built: Engine) -> None:
    summary = read_build(built.data.build_summary)
    failed = CheckFailure(asset="a", check="holds", severity="ERROR", summary="3 rows", remedy="Mend it.")
    warned = failed.model_copy(update={"severity": "WARN", "check": "usual"})
    raised = StepFailure(step="make_a", error="ValueError: no\nmore")
    summary.model_copy(update={"check_failures": (failed, warned), "step_failures": (raised,)}).write(
        built.data.build_summary
    )
    try:
        whys = [step.why for step in standing(built).steps]
    finally:
        summary.write(built.data.build_summary)
    assert whys[0] == "step make_a failed: ValueError: no"
    assert whys[1] == "a: holds: 3 rows. Mend it."
    assert not any("usual" in why for why in whys)


def test_a_damaged_file_is_named_with_verify(built: Engine) -> None:
    path = built.data.tables / "onet_task.parquet"
    flip_byte(path, 100)
    try:
        step = standing(built).steps[0]
    finally:
        flip_byte(path, 100)
    assert step.command == "aina verify"
    assert "tables/onet_task.parquet differs" in step.why


def test_other_code_than_was_built_with_asks_for_a_build(
    built: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        resuming, "code_version", lambda stage: "0" * 16 if stage == "titles" else original(stage)
    )
    step = standing(built).steps[0]
    assert (step.command, step.why) == ("aina build", "the code of titles is other than was built with")


original = code_version


def test_batches_that_wait_are_named_the_smallest_first(
    built: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"title_batch": "03", "status": "open", "candidates": 9, "detail": None},
        {"title_batch": "04", "status": "open", "candidates": 2, "detail": None},
        {"title_batch": "05", "status": "held", "candidates": 3, "detail": "they agree on too little"},
        {"title_batch": "06", "status": "quarantined", "candidates": 4, "detail": "not JSON"},
        {"title_batch": "07", "status": "merged", "candidates": 5, "detail": None},
    ]

    class Rows:
        def to_pylist(self) -> list[dict[str, object]]:
            return rows

    monkeypatch.setattr(type(built.store), "read", lambda self, name: Rows())
    found = list(resuming._of_reviews(built))
    assert [step.command for step in found] == [
        "aina review run --again 06 --by NAME --reason TEXT",
        "aina review accept 05 --by NAME",
        "aina review run --batch 04",
    ]
    assert "not JSON" in found[0].why
    assert found[2].bound.startswith("one batch, 2 titles")


def test_a_proposed_lock_waits_for_a_person(built: Engine) -> None:
    path = built.data.path / "sources.lock.onet.proposed.json"
    path.write_text("{}")
    try:
        assert "aina sources lock" in commands(built)
    finally:
        path.unlink()


def test_the_command_tells_it_in_words_and_as_json(built: Engine) -> None:
    told = invoke(built.data.path, "resume")
    assert told.exit_code == 0
    assert "next: aina gates explain public_runtime" in told.output
    assert json.loads(invoke(built.data.path, "resume", "--json").stdout)["steps"]
