"""Adjudication as a reviewer meets it in the UI: one batch, its checks with their tables, and the whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from aina_assets.adjudication.assets import ASSETS
from aina_assets.adjudication.checks import CHECKS
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import REVIEW_CONSENSUS, REVIEW_PROMPT, TITLE_STATE, VERDICTS
from aina_assets.core.engine import Engine
from aina_assets_tests.adjudication.test_make import NOBODY, a_batch, forget, rows, with_reviewers
from aina_assets_tests.builds import Build, copied
from aina_assets_tests.core.recorded import QUIET

BATCH_ASSETS = [REVIEW_PROMPT.name, *(contract.name for contract in VERDICTS.values()), REVIEW_CONSENSUS.name]
UNREACHABLE = "".join(
    f"""
[[reviewer]]
name = "{seat}"
backend = "recorded"
provider = "x"
model = "m"
family = "f"
[reviewer.options]
answers = "no-such-folder"
"""
    for seat in ("reviewer_a", "reviewer_b")
)


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "data")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


def run(
    engine: Engine, instance: dg.DagsterInstance, selection: list[str], key: str | None = None, **options: Any
) -> dg.ExecuteInProcessResult:
    chosen = dg.AssetSelection.assets(*selection) | dg.AssetSelection.checks_for_assets(*selection)
    return dg.materialize(
        [*ASSETS, *CHECKS],
        selection=chosen,
        resources={"engine": engine},
        instance=instance,
        partition_key=key,
        run_config=QUIET | options,
        raise_on_error=False,
    )


def evaluation(result: dg.ExecuteInProcessResult, name: str) -> dg.AssetCheckEvaluation:
    (found,) = [e for e in result.get_asset_check_evaluations() if e.check_name == name]
    return found


def test_one_batch_is_asked_settled_and_shown_with_its_disputed_rows(
    engine: Engine, instance: dg.DagsterInstance
) -> None:
    key = a_batch(engine)
    disputed = [r for r in rows(engine, REVIEW_CONSENSUS.name, key) if str(r["why"]).startswith("other")]
    forget(engine, key)
    result = run(engine, instance, BATCH_ASSETS, key)
    assert result.success
    (merge,) = AdjudicationStage(engine).folded.merges
    assert merge.file.title_batch == key
    agree = evaluation(result, "reviewers_agree")
    assert (agree.partition, agree.passed) == (key, True)
    assert agree.metadata["disputed"].value == len(disputed)
    assert 0 < float(str(agree.metadata["agreement"].value)) <= 1
    if disputed:
        sample = agree.metadata["sample"]
        assert isinstance(sample, dg.TableMetadataValue)
        assert {"title", "reviewer_a", "reviewer_b", "why"} < set(sample.records[0].data)
    known = evaluation(result, "known_answers_are_right")
    assert known.metadata["known_answers"].value == 3
    (event,) = list(result.asset_materializations_for_node(REVIEW_CONSENSUS.name))
    assert event.metadata["new_merges"].value == 1
    assert event.partition == key


def test_reviewers_who_cannot_answer_leave_the_queue_and_a_green_run(
    engine: Engine, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    key = a_batch(engine)
    forget(engine, key)
    silent = with_reviewers(engine, NOBODY + UNREACHABLE, tmp_path / "silent")
    result = run(silent, instance, BATCH_ASSETS, key)
    assert result.success
    logged = [entry.user_message for entry in instance.all_logs(result.run_id) if entry.level == 30]
    assert any("no answer to this request is on record" in message for message in logged)
    assert rows(silent, VERDICTS["reviewer_a"].name, key) == []
    assert len(AdjudicationStage(silent).folded) == 0


def test_a_person_may_have_the_ui_ask_whoever_costs_money(
    engine: Engine, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    key = a_batch(engine)
    forget(engine, key)
    entry = UNREACHABLE.replace('"recorded"', '"person"').replace('answers = "no-such-folder"', "")
    people = with_reviewers(engine, NOBODY + entry, tmp_path / "people")
    asking = {"ops": {contract.name: {"config": {"is_asking_all": True}} for contract in VERDICTS.values()}}
    assert run(people, instance, BATCH_ASSETS, key).success
    assert not (people.data.reviews / "reviewers").exists()
    assert run(people, instance, BATCH_ASSETS, key, **asking).success
    assert len(list((people.data.reviews / "reviewers").rglob("sheets/*.csv"))) == 2


def test_a_broken_chain_stops_the_state_and_all_that_is_made_of_it(
    engine: Engine, instance: dg.DagsterInstance
) -> None:
    AdjudicationStage(engine).folders.chain.files()[0].path.unlink()
    engine.store.path(TITLE_STATE.name).unlink()
    receipt = (engine.data.receipts / "icp_title_adjudication_v1.json").read_bytes()
    result = run(engine, instance, [TITLE_STATE.name, "icp_title_adjudication_v1"])
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.error is not None
    assert "merge 1 is lost" in str(failed.step_failure_data.error)
    assert (engine.data.receipts / "icp_title_adjudication_v1.json").read_bytes() == receipt
