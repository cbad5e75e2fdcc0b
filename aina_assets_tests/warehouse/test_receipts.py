"""The receipts of a built state: they hold their schema, and what they say can be looked up."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from aina_assets.core.receipts import Predicate, canonical_bytes, read_receipt, receipt_schema
from aina_assets.core.storage import sha256_file
from aina_assets.sources.make import acquire_all
from aina_assets.sources.receipts import LOCK_SUBJECT, SNAPSHOT, PublicSourceSnapshot
from aina_assets.warehouse.receipts import AUTHORITY, FACT_FAMILIES, HUB_MAP, HubRuntimeMap, SourceAuthority
from aina_assets_tests.builds import Build

RECEIPTS: dict[str, type[Predicate]] = {
    SNAPSHOT: PublicSourceSnapshot,
    AUTHORITY: SourceAuthority,
    HUB_MAP: HubRuntimeMap,
}
each_receipt = pytest.mark.parametrize(("name", "model"), RECEIPTS.items(), ids=RECEIPTS)


def path_of(build: Build, name: str) -> Path:
    return build.engine.data.receipts / f"{name}.json"


def authority(build: Build) -> SourceAuthority:
    return read_receipt(path_of(build, AUTHORITY), AUTHORITY, SourceAuthority).predicate


def hub_map(build: Build) -> HubRuntimeMap:
    return read_receipt(path_of(build, HUB_MAP), HUB_MAP, HubRuntimeMap).predicate


@each_receipt
def test_it_is_a_statement_that_holds_its_schema(
    starter_build: Build, name: str, model: type[Predicate]
) -> None:
    statement = json.loads(path_of(starter_build, name).read_bytes())
    jsonschema.validate(statement, receipt_schema(name, model))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"


@each_receipt
def test_its_bytes_are_canonical(starter_build: Build, name: str, model: type[Predicate]) -> None:
    path = path_of(starter_build, name)
    assert path.read_bytes() == canonical_bytes(read_receipt(path, name, model)) + b"\n"


@each_receipt
def test_every_subject_is_a_file_with_that_digest(
    starter_build: Build, name: str, model: type[Predicate]
) -> None:
    engine = starter_build.engine
    sources = acquire_all(engine)
    for subject in read_receipt(path_of(starter_build, name), name, model).subject:
        if subject.name == LOCK_SUBJECT:
            assert sha256_file(engine.settings.lock_path) == subject.digest.sha256
            continue
        folder, _, file = subject.name.partition("/")
        path = engine.data.path / subject.name if folder == "tables" else sources[folder].path(file)
        assert sha256_file(path) == subject.digest.sha256, subject.name


def test_the_snapshot_counts_every_sources_files_and_rows(starter_build: Build) -> None:
    engine = starter_build.engine
    snapshot = read_receipt(path_of(starter_build, SNAPSHOT), SNAPSHOT, PublicSourceSnapshot).predicate
    acquired = acquire_all(engine)
    assert snapshot.lane == "starter"
    assert snapshot.files == sum(len(files.files) for files in acquired.values()) == 40
    for source in snapshot.sources:
        assert source.rows == {table: engine.store.info(table).rows for table in source.rows}
        assert source.bytes == sum(
            file.path.stat().st_size for file in acquired[source.source].files.values()
        )
    assert {s.source for s in snapshot.sources if s.status == "not_available"} == {"oews_flat", "oews_api"}
    assert set(snapshot.revisions) == {"economic_index", "gdpval"}


def test_wages_are_the_workbooks_where_there_is_no_flat_file(starter_build: Build) -> None:
    (wages,) = [f for f in authority(starter_build).families if f.family == "employment and wages"]
    assert (wages.authority, wages.table, wages.vintage) == ("oews_national", "oews_national", "starter-1")
    assert wages.rows == starter_build.engine.store.info("oews_national").rows
    assert wages.lanes_by_authority == ("oews_flat", "oews_national", "oews_api")
    assert wages.not_available == ("oews_flat", "oews_api")


def test_every_family_has_one_authority_with_its_rows(starter_build: Build) -> None:
    found = authority(starter_build)
    assert [family.family for family in found.families] == [name for name, _ in FACT_FAMILIES]
    for family in found.families:
        assert family.rows == starter_build.engine.store.info(family.table).rows > 0
        assert family.status == "available"
    assert (found.families_available, found.families_not_available) == (len(FACT_FAMILIES), ())


def test_the_hub_map_has_the_figures_of_both_datasets(starter_build: Build) -> None:
    found, store = hub_map(starter_build), starter_build.engine.store
    assert [d.repository for d in found.datasets] == ["Anthropic/EconomicIndex", "openai/gdpval"]
    assert found.hub_sources == 2
    assert found.selected_files == found.verified_files == 17
    assert found.job_exposure_soc_rows == store.info("aei_job_exposure").rows
    assert found.legacy_signal_soc_codes == len(
        set(store.read("aei_legacy_wage").column("legacy_soc_code").to_pylist())
    )
    assert found.gdpval_tasks == store.info("gdpval_task").rows
    assert found.gdpval_rubric_items == store.info("gdpval_rubric_item").rows
    assert found.mapped_soc_entries == store.info("soc_mapped_entry").rows
