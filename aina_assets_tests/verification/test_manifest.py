"""The manifest: what it says of every file, that it is the same anywhere, and its rules shown bad rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import read_receipt, receipt_path, receipt_schema
from aina_assets.core.rules import Severity
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.core.storage import sha256_file
from aina_assets.verification.manifest import (
    MANIFEST,
    BuildManifest,
    make_manifest,
    read_manifest,
    write_manifest,
)
from aina_assets.verification.results import RESULTS, CheckResults, Outcome, read_results, write_results
from aina_assets.verification.rules import every_file_is_looked_after, origins_resolve, state_verifies
from aina_assets_tests.builds import Build, copied, flip_byte, starter_settings


@pytest.fixture(scope="module")
def manifest(starter_build: Build) -> BuildManifest:
    return read_manifest(starter_build.engine)


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "run")


def test_it_is_a_statement_over_every_file_that_it_names(
    starter_build: Build, manifest: BuildManifest
) -> None:
    path = receipt_path(starter_build.engine.data.receipts, MANIFEST)
    statement = json.loads(path.read_bytes())
    jsonschema.validate(statement, receipt_schema(MANIFEST, BuildManifest))
    subjects = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    assert subjects == manifest.digests
    assert {"sources.lock.json", "policies/gates.toml", "gold/titles_73k.csv"} <= set(subjects)


def test_it_says_of_every_table_how_much_of_what_made_from_what(
    starter_build: Build, manifest: BuildManifest
) -> None:
    store = starter_build.engine.store
    on_disk = {p.relative_to(store.root.parent).as_posix() for p in store.root.rglob("*.parquet")}
    assert {entry.file for entry in manifest.tables} == on_disk
    for entry in manifest.tables:
        info = store.info(entry.table, entry.partition)
        assert (entry.rows, entry.bytes, entry.sha256) == (info.rows, info.path.stat().st_size, info.sha256)
        assert entry.vintages == dict(info.provenance.vintages)
    assert manifest.total_rows == sum(entry.rows for entry in manifest.tables)
    assert manifest.vintages["onet"] == "starter-1"
    assert {"core", "sources", "warehouse", "titles", "verification", "gates"} <= set(manifest.code)


def test_origins_are_names_of_files(manifest: BuildManifest) -> None:
    by_file = {entry.file: entry for entry in (*manifest.tables, *manifest.files)}
    assert "onet/Task Statements.txt" in by_file["tables/onet_task.parquet"].made_from
    route = by_file["tables/title_route/05.parquet"].made_from
    assert {"tables/title/05.parquet", "tables/title_level/05.parquet", "policies/serve_now.toml"} <= set(
        route
    )
    assert "tables/title_level/" in by_file["tables/title_certificate.parquet"].made_from
    assert "gold/starter_titles.csv" in by_file["tables/title_gold.parquet"].made_from
    assert "models/title_model.npz" in by_file["tables/title_level/05.parquet"].made_from
    assert "tables/onet_task.parquet" in by_file["models/title_model.npz"].made_from
    (form,) = [entry for entry in manifest.tables if entry.table == "title_form"]
    assert form.settings == {"title_batches": "32"}


def test_two_machines_write_the_same_bytes(engine: Engine, tmp_path: Path) -> None:
    path = receipt_path(engine.data.receipts, MANIFEST)
    before = path.read_bytes()
    statement = read_receipt(path, MANIFEST, BuildManifest)
    below = [Path(subject.name).stem for subject in statement.predicate.rests_on]
    shutil.copytree(engine.data.path, tmp_path / "elsewhere")
    other = Engine(starter_settings(tmp_path / "elsewhere"))
    written, _ = write_manifest(other, reversed(below))
    assert written.read_bytes() == before
    assert str(tmp_path).encode() not in before


def test_a_damaged_table_makes_no_manifest(engine: Engine) -> None:
    path = engine.store.path("onet_task")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(StateError, match="'onet_task' is damaged"):
        make_manifest(engine)


def test_other_code_policy_or_rows_make_another_manifest(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(PROJECT_ROOT / "data" / "policies", policies)
    before = make_manifest(engine)
    monkeypatch.setattr(Settings, "policies_root", property(lambda self: policies))
    assert make_manifest(engine) == before
    (policies / "serve_now.toml").open("a").write("# more\n")
    assert make_manifest(engine).inputs != before.inputs


# --- check results


def test_results_are_in_totos_test_result(engine: Engine) -> None:
    path = write_results(
        engine,
        [Outcome("b: x", True), Outcome("a: y", False), Outcome("a: x", True), Outcome("c: z", False, True)],
    )
    assert path is not None
    statement = json.loads(path.read_bytes())
    jsonschema.validate(statement, receipt_schema(RESULTS, CheckResults))
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    predicate = statement["predicate"]
    assert (predicate["result"], predicate["passedTests"]) == ("FAILED", ["a: x", "b: x"])
    assert (predicate["warnedTests"], predicate["failedTests"]) == (["c: z"], ["a: y"])
    assert {c["name"] for c in predicate["configuration"]} >= {"policies/source_expectations.toml"}
    (subject,) = statement["subject"]
    assert subject["digest"]["sha256"] == sha256_file(receipt_path(engine.data.receipts, MANIFEST))


@pytest.mark.parametrize(
    ("outcomes", "result"),
    [
        ([Outcome("a", True)], "PASSED"),
        ([], "PASSED"),
        ([Outcome("a", True), Outcome("b", False, True)], "WARNED"),
        ([Outcome("a", False), Outcome("b", False, True)], "FAILED"),
        ([Outcome("step x", False)], "FAILED"),
    ],
)
def test_the_worst_outcome_is_the_result(engine: Engine, outcomes: list[Outcome], result: str) -> None:
    write_results(engine, outcomes)
    assert read_results(engine).result == result


def test_without_a_manifest_there_is_nothing_to_speak_of(tmp_path: Path) -> None:
    assert write_results(Engine(starter_settings(tmp_path)), [Outcome("a", True)]) is None


def test_a_build_records_every_check_by_its_asset(starter_build: Build) -> None:
    results = read_results(starter_build.engine)
    assert (results.result, results.failed_tests, results.warned_tests) == ("PASSED", (), ())
    assert {"onet_task: contract_holds", "title_route: one_route_a_title"} <= set(results.passed_tests)
    assert f"{MANIFEST}: state_verifies" in results.passed_tests
    # What is checked of the reports is not told in the receipt that they tell of.
    stages = [stage for stage in starter_build.summary.stages if stage.stage != "reports"]
    assert len(results.passed_tests) == sum(stage.checks_passed for stage in stages)


# --- the rules, each shown what it must name


def test_a_state_that_verifies_passes(starter_build: Build) -> None:
    finding = state_verifies(starter_build.engine)
    assert finding.passed
    assert finding.figures["files"] > 200


def test_a_file_that_differs_is_named_with_how_much_it_voids(engine: Engine) -> None:
    flip_byte(engine.store.path("soc_group"), 100)
    finding = state_verifies(engine)
    assert not finding.passed
    (row,) = finding.sample
    assert (row["file"], row["finding"]) == ("tables/soc_group.parquet", "differs")
    assert row["void"] > 50
    assert "aina verify" in finding.remedy


def test_a_file_that_is_nobodys_is_a_warning(engine: Engine) -> None:
    assert every_file_is_looked_after(engine).passed
    (engine.data.path / "tables" / "notes.md").write_text("mine")
    finding = every_file_is_looked_after(engine)
    assert (finding.passed, finding.severity) == (False, Severity.WARN)
    assert list(finding.sample) == [{"file": "tables/notes.md"}]


def test_an_origin_that_is_nowhere_is_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert origins_resolve(engine).passed
    manifest = read_manifest(engine)
    first, *rest = manifest.tables
    lost = first.model_copy(update={"made_from": ("tables/gone.parquet",)})
    changed = manifest.model_copy(update={"tables": (lost, *rest)})
    monkeypatch.setattr("aina_assets.verification.rules.read_manifest", lambda _: changed)
    finding = origins_resolve(engine)
    assert list(finding.sample) == [{"file": first.file, "made_from": "tables/gone.parquet"}]


def test_a_table_with_rows_from_nowhere_is_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = read_manifest(engine)
    first = next(entry for entry in manifest.tables if entry.table == "onet_task")
    rest = [entry for entry in manifest.tables if entry is not first]
    lost = first.model_copy(update={"made_from": ()})
    changed = manifest.model_copy(update={"tables": (lost, *rest)})
    monkeypatch.setattr("aina_assets.verification.rules.read_manifest", lambda _: changed)
    assert list(origins_resolve(engine).sample) == [
        {"file": "tables/onet_task.parquet", "made_from": "(nothing)"}
    ]
