"""`aina learn`, as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import Result

from aina_assets.core.engine import Engine
from aina_assets.learning.identity import synthetic_learner_id
from aina_assets_tests.builds import invoke

LEARNER = synthetic_learner_id(7, 3)


def asked(engine: Engine, *arguments: str) -> Result:
    return invoke(engine.data.path, "learn", *arguments)


@pytest.fixture
def walked(engine: Engine) -> Engine:
    """A state in which one learner was walked."""
    told = asked(engine, "journey", "software developer", "--number", "3", "--items", "1")
    assert told.exit_code == 0, told.output
    return engine


def test_a_journey_is_told_from_title_to_record(engine: Engine) -> None:
    told = asked(engine, "journey", "software developer", "--number", "3", "--items", "1")
    assert told.exit_code == 0, told.output
    for part in (LEARNER, "Needs by workflow", "Plan plan-", "Practice 1:", "Record", "state "):
        assert part in told.output
    again = asked(engine, "journey", "software developer", "--number", "3", "--items", "1")
    assert again.output == told.output


def test_a_plan_item_is_traced_to_its_rows(walked: Engine) -> None:
    from aina_assets.learning.opening import open_log
    from aina_assets.learning.planning.plan import Plan
    from aina_assets.learning.records.documents import Documents

    documents = Documents(open_log(walked).engine)
    (plan_id,) = documents.ids("plan")
    plan = Plan.model_validate_json(documents.read("plan", plan_id))
    told = asked(walked, "trace", plan.items[0].item_id)
    assert told.exit_code == 0, told.output
    assert "does not hold" not in told.output
    for row in plan.items[0].rows:
        assert f"{row.file} row {row.row}" in told.output
    files = {row.file for row in plan.items[0].rows}
    assert all(source.sha256 in told.output for source in plan.sources if source.file in files)
    assert asked(walked, "trace", "nothing").exit_code == 1
    # A source that is not what the plan was made of.
    walked.store.path("source_file").unlink()
    assert asked(walked, "trace", plan.items[0].item_id, "--plan", plan_id).exit_code == 1


def test_a_record_is_shown_and_told_as_json(walked: Engine) -> None:
    told = json.loads(asked(walked, "record", LEARNER, "--json").output)
    assert told["learner_id"] == LEARNER
    assert told["events"] >= 5
    assert told["sha256"] in asked(walked, "record", LEARNER).output
    assert asked(walked, "record", synthetic_learner_id(7, 4)).exit_code == 1
    refused = asked(walked, "record", "jane.doe@example.com")
    assert refused.exit_code == 1
    assert "jane" not in refused.output


def test_the_log_is_verified(walked: Engine) -> None:
    told = asked(walked, "verify")
    assert told.exit_code == 0
    assert "1 learners" in told.output


def test_events_go_out_as_xapi_and_come_back(walked: Engine, tmp_path: Path) -> None:
    out = tmp_path / "statements.jsonl"
    assert asked(walked, "export", "xapi", str(out)).exit_code == 0
    lines = out.read_text("utf-8").splitlines()
    assert f"0 events stored, {len(lines)} were there" in asked(walked, "import", str(out)).output
    one = tmp_path / "one.jsonl"
    asked(walked, "export", "xapi", str(one), "--learner", LEARNER)
    assert one.read_text("utf-8").splitlines() == lines
    out.write_text(lines[0].replace("assessed", "planned"), "utf-8")
    assert asked(walked, "import", str(out)).exit_code == 1


def test_a_role_goes_out_as_case(engine: Engine, tmp_path: Path) -> None:
    out = tmp_path / "case.json"
    told = asked(engine, "export", "case", "soc:13-0000", str(out), "--changed-at", "2026-06-01T00:00:00Z")
    assert told.exit_code == 0, told.output
    assert json.loads(out.read_text("utf-8"))["CFDocument"]["lastChangeDateTime"] == "2026-06-01T00:00:00Z"
    assert asked(engine, "export", "case", "onet:00-0000.00", str(out)).exit_code == 1


def test_a_title_with_a_persons_data_is_refused_and_the_refusal_listed(engine: Engine) -> None:
    told = asked(engine, "journey", "clerk jane.doe@example.com")
    assert told.exit_code == 1
    assert "jane" not in told.output
    listed = asked(engine, "refusals")
    assert "real_user_data" in listed.output
    assert "jane" not in listed.output


def test_the_rubrics_are_locked(engine: Engine) -> None:
    assert "every rubric is locked" in asked(engine, "rubrics", "lock").output
