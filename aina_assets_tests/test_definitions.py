"""Every asset and check says what the project asks of it, at definition and after a build."""

from __future__ import annotations

import re
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy

from aina_assets.core.assets import owner_of
from aina_assets.core.checks import RUNBOOK
from aina_assets.core.storage import sha256_file
from aina_assets.definitions import CONTRACTS as ALL_CONTRACTS
from aina_assets.definitions import STAGES, defs
from aina_assets.sources.catalog import SOURCES
from aina_assets.warehouse.assets import PRODUCT
from aina_assets.warehouse.tables import product_contracts
from aina_assets_tests.builds import Build
from aina_assets_tests.graph import COMMITTED, definitions, graph_text

SPECS = {spec.key.to_user_string(): spec for spec in definitions().resolve_all_asset_specs()}
GRAPH = definitions().resolve_asset_graph()
CHECKS = {key: GRAPH.get_check_spec(key) for key in sorted(GRAPH.asset_check_keys)}
CONTRACTS = {contract.name: contract for contract in ALL_CONTRACTS}
MOST_CHECKS_AN_ASSET = 50
# The catalog shows Markdown raw; O*NET's asterisk is none.
PLAIN_SENTENCE = re.compile(r"[A-Z]([^*_`#\[\]]|(?<=O)\*(?=NET)){15,}?\.( |$)")

each_asset = pytest.mark.parametrize("name", sorted(SPECS))


def test_the_graph_is_the_committed_one() -> None:
    told = "review the change, then run `python -m aina_assets_tests.graph`"
    assert graph_text(definitions()) == COMMITTED.read_text("utf-8"), told


def test_people_can_read_the_committed_graph() -> None:
    lines = COMMITTED.read_text("utf-8").splitlines()
    assert len(lines) < 300
    assert max(map(len, lines)) <= 110


def test_the_module_that_dagster_loads_has_the_same_graph() -> None:
    assert graph_text(defs) == graph_text(definitions())


def test_the_definitions_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(definitions())


@each_asset
def test_an_asset_is_described_owned_and_placed(name: str) -> None:
    spec = SPECS[name]
    assert PLAIN_SENTENCE.match(spec.description or ""), spec.description
    assert spec.owners == [owner_of(spec.group_name or "")]
    assert spec.group_name in STAGES
    assert spec.tags["stage"] == spec.group_name
    assert spec.kinds
    assert spec.code_version


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_a_table_declares_the_columns_of_its_contract(name: str) -> None:
    schema = SPECS[name].metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    declared = [(column.name, column.type, column.constraints.nullable) for column in schema.columns]
    assert declared == [(c.name, str(c.type), c.is_nullable) for c in CONTRACTS[name].columns]
    assert all(column.description for column in schema.columns)


def test_every_contract_has_its_asset() -> None:
    assert set(CONTRACTS) < set(SPECS)


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_a_table_is_partitioned_as_its_contract_says(name: str) -> None:
    assert (SPECS[name].partitions_def is None) == (CONTRACTS[name].partitioned_by is None)


def test_every_check_says_what_it_holds_the_asset_against() -> None:
    for key, spec in CHECKS.items():
        assert len(spec.description or "") > 20, key
        assert (spec.description or "").endswith("."), key


def test_every_check_says_who_is_asked_how_it_weighs_and_where_to_read_on() -> None:
    for key, spec in CHECKS.items():
        asset = SPECS[key.asset_key.to_user_string()]
        # A check belongs to its asset's group and owner, and is shown with its kinds.
        assert asset.owners, key
        assert asset.group_name in STAGES, key
        assert asset.kinds, key
        assert spec.metadata["severity"] in ("ERROR", "WARN"), key
        assert not (spec.blocking and spec.metadata["severity"] == "WARN"), f"{key}: a WARN never blocks"
        assert spec.metadata["runbook"] == RUNBOOK, key


@each_asset
def test_an_asset_leads_to_the_lines_that_make_it(name: str) -> None:
    references = SPECS[name].metadata["dagster/code_references"]
    assert isinstance(references, dg.CodeReferencesMetadataValue)
    (reference,) = references.code_references
    assert isinstance(reference, dg.LocalFileCodeReference)
    lines = Path(reference.file_path).read_text("utf-8").splitlines()
    assert reference.line_number
    assert re.search(r"@dg\.|def ", lines[reference.line_number - 1])


def test_a_source_is_stale_by_its_own_cadence() -> None:
    for source in SOURCES.values():
        policy = SPECS[f"{source.id}_files"].freshness_policy
        if source.cadence_days is None:
            assert policy is None
        else:
            assert isinstance(policy, TimeWindowFreshnessPolicy)
            assert policy.warn_window is not None
            assert policy.warn_window.to_timedelta().days == source.cadence_days
            assert policy.fail_window.to_timedelta().days == 2 * source.cadence_days


@pytest.mark.parametrize(
    "name", ["refresh_sources", "rebuild_all", "review_wave", "validate", "weekly_quality"]
)
def test_a_job_says_what_it_does_in_a_sentence(name: str) -> None:
    job = definitions().resolve_job_def(name)
    assert PLAIN_SENTENCE.match(job.description or "") or (job.description or "").count(".") >= 1
    assert len(job.description or "") > 40


def test_no_asset_has_more_checks_than_the_ui_can_show() -> None:
    for name in SPECS:
        assert len(GRAPH.get_check_keys_for_assets({dg.AssetKey(name)})) < MOST_CHECKS_AN_ASSET


def test_every_table_is_held_against_its_contract() -> None:
    checked = {key.asset_key.to_user_string() for key in CHECKS if key.name == "contract_holds"}
    assert checked == set(CONTRACTS)


NOT_IN_A_BUILD = {"upstream_drift", "nothing_is_broken_now"}
GUARDS = {
    "contract_holds",
    "lock_and_hash",
    # A lost title, or a claim without a certificate, must reach nothing downstream.
    "every_line_is_accounted_for",
    "no_title_is_lost",
    "identity_is_of_the_words",
    "one_route_a_title",
    "excluded_have_no_match_in_scope",
    "claims_are_certified",
    "bounds_hold_or_are_demoted",
    # What is lost, counted twice or promoted from nowhere must reach nothing downstream either.
    "account_is_closed",
    "one_state_a_title",
    "settled_titles_have_a_merge_or_a_rule",
    "residuals_leave_by_receipt",
    "hash_chain_is_whole",
    # A learner who is real, or a log that lost an event, must reach no receipt.
    "learners_are_synthetic",
    "log_is_whole",
    # A packet that the gate has not seen, or that fails it, must reach nobody.
    "every_serviceable_title_has_a_packet",
    "gate_has_seen_every_packet",
    "held_packets_are_refused",
    # Nothing may be approved or promoted on a state that is not what it says.
    "state_verifies",
    "gates_are_as_stated",
}


def test_checks_that_guard_the_data_block() -> None:
    for key, spec in CHECKS.items():
        assert spec.blocking == (key.name in GUARDS), key


# --- after a build


def test_a_build_materializes_every_asset(starter_build: Build) -> None:
    assert set(starter_build.materializations) == set(SPECS)


@each_asset
def test_a_materialization_says_how_much_where_of_what(starter_build: Build, name: str) -> None:
    event = starter_build.materializations[name]
    rows = event.metadata["dagster/row_count"]
    assert isinstance(rows, dg.IntMetadataValue)
    assert isinstance(event.metadata["preview"], dg.TableMetadataValue)
    assert event.tags is not None
    assert re.fullmatch(r"[0-9a-f]{64}", event.tags["dagster/data_version"])
    vintages = event.metadata["vintages"].value
    assert isinstance(vintages, dict)
    assert set(vintages.values()) <= {"starter-1", "not_available"}
    # A file set lies in several places; everything else is one file.
    assert ("dagster/uri" in event.metadata) is not name.endswith("_files")


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_a_tables_metadata_is_the_tables(starter_build: Build, name: str) -> None:
    event, store = starter_build.materializations[name], starter_build.engine.store
    info = store.info(name, event.partition)
    counted = "dagster/row_count" if event.partition is None else "dagster/partition_row_count"
    assert event.metadata[counted].value == info.rows
    assert event.metadata["dagster/uri"].value == str(info.path)
    assert event.tags is not None
    whole = sha256_file(info.path) if event.partition is None else store.partitioned_digest(name)
    assert event.tags["dagster/data_version"] == whole
    assert event.metadata["vintages"].value == dict(info.provenance.vintages)


def test_the_products_data_version_is_what_it_was_made_from(starter_build: Build) -> None:
    event = starter_build.materializations[PRODUCT]
    assert event.metadata["tables"].value == len(product_contracts())


def test_every_check_was_evaluated_and_passed(starter_build: Build) -> None:
    records = starter_build.instance.get_records_for_run(
        starter_build.summary.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ).records
    found = {}
    for record in records:
        event = record.event_log_entry.dagster_event
        assert event is not None
        evaluation = event.asset_check_evaluation_data
        found[evaluation.asset_check_key] = evaluation
    assert set(found) == {key for key in CHECKS if key.name not in NOT_IN_A_BUILD}
    for key, evaluation in found.items():
        assert evaluation.passed, key
        assert evaluation.description, key
        assert "failed_rows" in evaluation.metadata, key
