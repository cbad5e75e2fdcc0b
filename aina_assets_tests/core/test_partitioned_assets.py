"""The helpers of partitioned tables: what a stage's asset and checks of one come to, in every kind of run."""

# Without `from __future__ import annotations`: Dagster refuses a context that is annotated as text.

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from pydantic import Field

from aina_assets import automation
from aina_assets.automation import all_partitions, run_build
from aina_assets.core.assets import (
    IN_ONE_STEP,
    asset_spec,
    partitions_result,
    table_spec,
    title_batch_partitions,
)
from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.contracts import Row, TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.errors import ContractError
from aina_assets.core.rules import Finding
from aina_assets.core.store import Provenance, TableInfo, TableStore
from aina_assets.definitions import BUILD_JOB
from aina_assets.sources.rules import table_contract_holds
from aina_assets_tests.builds import starter_settings
from aina_assets_tests.core.recorded import (
    QUIET,
    materialized,
    partition_range,
    partitions_shown,
    verdict_shown,
    verdicts,
)

BATCHES = title_batch_partitions(3)
KEYS = ("00", "01", "02")


class Batched(Row):
    """Words in batches."""

    title_batch: str = Field(description="batch")
    word: str = Field(description="word")


BATCHED = TableContract("batched", Batched, "a word", ("word",), "made_up", partitioned_by="title_batch")


@dataclass
class Words:
    """What the tiny stage makes its table of, and what its steps and rules were asked for."""

    by_key: dict[str, list[str]] = field(default_factory=lambda: {"00": ["a"], "01": ["b", "c"], "02": []})
    made: list[str] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)


def make(words: Words, store: TableStore, key: str) -> tuple[TableInfo, bool]:
    provenance = Provenance({"made_up": "v1"}, {"words": ",".join(words.by_key[key])}, "code", "contract")
    standing = store.current("batched", provenance, key)
    if standing is not None:
        return standing, False
    words.made.append(key)
    rows = [{"title_batch": key, "word": word} for word in words.by_key[key]]
    table = pa.Table.from_pylist(rows, schema=BATCHED.arrow_schema)
    return store.write(BATCHED, table, provenance, key), True


def no_word_is_bad(words: Words, store: TableStore, partition: str | None) -> Finding:
    words.asked.append(partition)
    table = store.read_whole("batched") if partition is None else store.read("batched", partition=partition)
    bad = [row for row in table.to_pylist() if row["word"] == "bad"]
    return Finding(not bad, f"{len(bad)} of {table.num_rows} are bad", len(bad), bad, remedy="mend it")


def words_are_shown(store: TableStore, partition: str | None) -> Finding:
    table = store.read_whole("batched") if partition is None else store.read("batched", partition=partition)
    return Finding(True, f"{table.num_rows} words", sample=table.to_pylist(), figures={"n": table.num_rows})


def definitions(words: Words, engine: Engine, *, is_strict: bool = False) -> dg.Definitions:
    """A stage of an asset, a partitioned table made from it, its checks, and an asset made from that.

    Args:
        is_strict: whether a bad word stops what lies downstream.
    """
    common: dict[str, Any] = {"group": "tiny", "code_version": "1"}

    @dg.multi_asset(specs=[asset_spec("words", "The words.", kinds=["file"], **common)])
    def before() -> dg.MaterializeResult[Any]:
        return dg.MaterializeResult(asset_key="words", metadata={"dagster/row_count": 100})

    @dg.multi_asset(
        name="batched",
        specs=[table_spec(BATCHED, deps=["words"], partitions_def=BATCHES, **common)],
        backfill_policy=IN_ONE_STEP,
    )
    def batched(
        context: dg.AssetExecutionContext, engine: dg.ResourceParam[Engine]
    ) -> dg.MaterializeResult[Any]:
        parts = [make(words, engine.store, key) for key in context.partition_keys]
        return partitions_result(context, parts, engine.store)

    @dg.multi_asset(specs=[asset_spec("report", "The report.", kinds=["file"], deps=["batched"], **common)])
    def after() -> dg.MaterializeResult[Any]:
        return dg.MaterializeResult(asset_key="report", metadata={"dagster/row_count": 1000})

    checks = [
        Check(
            check_spec("batched", "contract_holds", "Holds.", is_blocking=True, partitions_def=BATCHES),
            lambda engine, partition: table_contract_holds(BATCHED, engine, partition),
        ),
        Check(
            check_spec(
                "batched",
                "no_word_is_bad",
                "No word is bad.",
                is_blocking=is_strict,
                partitions_def=BATCHES,
            ),
            lambda engine, partition: no_word_is_bad(words, engine.store, partition),
        ),
        Check(
            check_spec("batched", "words_are_shown", "Shows the words.", partitions_def=BATCHES),
            lambda engine, partition: words_are_shown(engine.store, partition),
            tells_each=True,
        ),
        Check(
            check_spec("batched", "some_words", "There are words."),
            lambda engine: Finding(engine.store.read_whole("batched").num_rows > 0, "words"),
        ),
    ]

    @dg.multi_asset_check(name="tiny_checks", specs=[check.spec for check in checks], can_subset=True)
    def tiny_checks(context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]) -> CheckResults:
        yield from run_checks(context, "tiny", checks, engine)

    return dg.Definitions(
        assets=[before, batched, after],
        asset_checks=[tiny_checks],
        jobs=[dg.define_asset_job(BUILD_JOB, selection=dg.AssetSelection.all())],
        resources={"engine": engine},
        executor=dg.in_process_executor,
    )


@dataclass
class Stage:
    """The tiny stage over a data root and an instance of the test's own."""

    words: Words
    engine: Engine
    instance: dg.DagsterInstance
    defs: dg.Definitions

    def build(self, keys: tuple[str, ...] = KEYS) -> dg.ExecuteInProcessResult:
        """One run of these partitions and of all that is not partitioned."""
        job = self.defs.resolve_job_def(BUILD_JOB)
        return job.execute_in_process(
            instance=self.instance, tags=partition_range(keys), run_config=QUIET, raise_on_error=False
        )

    def one(self, key: str) -> dg.ExecuteInProcessResult:
        """What the UI runs when a person materializes one batch."""
        job = self.defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            partition_key=key,
            asset_selection=[dg.AssetKey("batched")],
            run_config=QUIET,
            raise_on_error=False,
        )

    def tab(self, check: str) -> dict[str, list[str]]:
        """The tab of the check's partitions."""
        return partitions_shown(self.instance, check_key(check), BATCHES)


def check_key(name: str) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(dg.AssetKey("batched"), name)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    words, engine = Words(), Engine(starter_settings(tmp_path / "run"))
    with dg.DagsterInstance.ephemeral() as instance:
        yield Stage(words, engine, instance, definitions(words, engine))


# --- specs


def test_title_batches_are_one_set_of_partitions_by_their_count() -> None:
    assert title_batch_partitions(32) is title_batch_partitions(32)
    assert title_batch_partitions(32).get_partition_keys()[-1] == "31"


def test_a_spec_is_partitioned_as_its_contract_is() -> None:
    spec = table_spec(BATCHED, group="tiny", code_version="1", deps=[], partitions_def=BATCHES)
    assert spec.partitions_def == BATCHES
    assert (spec.description or "").endswith("key: word. Partitioned by title_batch.")
    with pytest.raises(ContractError, match="batched is partitioned by title_batch"):
        table_spec(BATCHED, group="tiny", code_version="1", deps=[])


# --- materializations


def test_each_partitions_materialization_tells_of_its_own_file(stage: Stage) -> None:
    result = stage.build()
    assert result.success
    found = materialized(result, "batched")
    assert set(found) == set(KEYS)
    for key, event in found.items():
        info = stage.engine.store.info("batched", key)
        metadata = {name: value.value for name, value in event.metadata.items()}
        assert (metadata["dagster/row_count"], metadata["partitions"]) == (3, 3)
        assert metadata["dagster/partition_row_count"] == info.rows
        assert (metadata["dagster/uri"], metadata["sha256"]) == (str(info.path), info.sha256)
        assert metadata["vintages"] == {"made_up": "v1"}
        assert metadata["is_reused"] is False
        assert (event.tags or {})["dagster/data_version"] == stage.engine.store.partitioned_digest("batched")


def test_a_partition_made_alone_with_the_same_rows_keeps_the_data_version(stage: Stage) -> None:
    before = materialized(stage.build(), "batched")["01"]
    found = materialized(stage.one("01"), "batched")
    assert list(found) == ["01"]
    assert found["01"].metadata["is_reused"].value is True
    assert found["01"].metadata["dagster/row_count"].value == 3
    assert found["01"].tags["dagster/data_version"] == before.tags["dagster/data_version"]  # type: ignore[index]
    assert sorted(stage.words.made) == [*KEYS]


# --- checks


def test_a_build_gives_a_verdict_on_each_partition_and_last_on_the_whole(stage: Stage) -> None:
    given = verdicts(stage.build(), "no_word_is_bad")
    assert sorted(given[:-1], key=str) == [(key, True) for key in KEYS]
    assert given[-1] == (None, True)
    # What holds of the whole holds of its parts: the rule is not asked again.
    assert stage.words.asked == [None]
    assert stage.tab("no_word_is_bad") == {"SUCCEEDED": [*KEYS]}
    assert verdict_shown(stage.instance, check_key("no_word_is_bad")) == ("SUCCEEDED", None)


def test_a_check_may_tell_each_partition_apart_and_show_rows_where_it_holds(stage: Stage) -> None:
    given = {
        e.partition: e
        for e in stage.build().get_asset_check_evaluations()
        if e.check_name == "words_are_shown"
    }
    assert {key: e.metadata["n"].value for key, e in given.items()} == {"00": 1, "01": 2, "02": 0, None: 3}
    sample = given["01"].metadata["sample"]
    assert isinstance(sample, dg.TableMetadataValue)
    assert [record.data["word"] for record in sample.records] == ["b", "c"]
    assert "sample" not in given["02"].metadata
    assert "failed_sample" not in given["01"].metadata


def test_a_check_that_fails_names_the_partition_that_fails(stage: Stage) -> None:
    stage.words.by_key["01"] = ["b", "bad"]
    assert stage.build().success
    assert stage.words.asked == [None, *KEYS]
    assert stage.tab("no_word_is_bad") == {"SUCCEEDED": ["00", "02"], "FAILED": ["01"]}
    assert verdict_shown(stage.instance, check_key("no_word_is_bad")) == ("FAILED", None)


def test_a_blocking_check_fails_the_build_for_what_only_the_whole_shows(stage: Stage) -> None:
    stage.words.by_key["02"] = ["a"]
    result = stage.build()
    assert not result.success
    assert verdicts(result, "contract_holds")[-1] == (None, False)
    assert stage.tab("contract_holds") == {"SUCCEEDED": [*KEYS]}
    assert materialized(result, "report") == {}


def test_one_batch_in_the_ui_is_checked_alone_and_nothing_else_runs(stage: Stage) -> None:
    stage.build()
    stage.words.by_key["01"] = ["bad"]
    stage.words.asked.clear()
    result = stage.one("01")
    assert [event.step_key for event in result.all_events if event.is_step_start] == [
        "batched",
        "tiny_checks",
    ]
    assert stage.words.asked == ["01"]
    assert verdicts(result, "no_word_is_bad") == [("01", False)]
    assert verdicts(result, "contract_holds") == [("01", True)]
    assert verdicts(result, "some_words") == [(None, True)]
    assert stage.tab("no_word_is_bad") == {"SUCCEEDED": ["00", "02"], "FAILED": ["01"]}


@pytest.mark.parametrize("keys", [KEYS[1:], KEYS[1:2]])
def test_a_run_of_some_partitions_gives_a_verdict_on_each_of_them(
    stage: Stage, keys: tuple[str, ...]
) -> None:
    stage.build()
    stage.words.asked.clear()
    assert sorted(verdicts(stage.build(keys), "no_word_is_bad"), key=str) == [(key, True) for key in keys]
    assert stage.words.asked == [*keys]
    assert stage.tab("no_word_is_bad") == {"SUCCEEDED": [*KEYS]}


def test_a_blocking_check_stops_a_run_of_some_partitions_too(stage: Stage) -> None:
    stage.words.by_key["01"] = ["bad"]
    strict = replace(stage, defs=definitions(stage.words, stage.engine, is_strict=True))
    for keys, is_stopped in [(KEYS[2:], False), (KEYS[1:], True), (KEYS, True)]:
        result = strict.build(keys)
        assert (not result.success, materialized(result, "report") == {}) == (is_stopped, is_stopped)


# --- the build


def test_a_build_counts_each_row_asset_and_check_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automation, "build_definitions", lambda settings: stage.defs)
    monkeypatch.setattr(automation, "STAGES", ("tiny",))
    summary = run_build(stage.engine, instance=stage.instance)
    assert summary.is_success
    (tiny,) = summary.stages
    assert (tiny.assets, tiny.rows) == (3, 100 + 3 + 1000)
    assert (tiny.checks_passed, tiny.checks_warned, tiny.checks_failed) == (4, 0, 0)
    stage.words.by_key["01"] = ["bad", "bad too"]
    summary = run_build(stage.engine, instance=stage.instance)
    assert not summary.is_success
    assert [(f.check, f.summary) for f in summary.check_failures] == [("no_word_is_bad", "1 of 3 are bad")]
    assert stage.words.made == [*KEYS, "01"]


def test_a_job_without_partitions_is_run_without_a_range(stage: Stage) -> None:
    assert all_partitions(stage.defs.resolve_job_def(BUILD_JOB)) == partition_range(KEYS)
    plain = dg.Definitions(
        assets=[dg.AssetsDefinition(specs=[dg.AssetSpec("plain")])],
        jobs=[dg.define_asset_job("all", selection=dg.AssetSelection.all())],
    )
    assert all_partitions(plain.resolve_job_def("all")) == {}
