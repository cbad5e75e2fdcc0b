"""The receipts' committed schemas, and the snapshot that is held against one of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import Predicate, read_receipt, schema_text
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.core.storage import sha256_file
from aina_assets.core.store import NOT_AVAILABLE
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.make import acquire_all, make_table
from aina_assets.sources.receipts import LOCK_SUBJECT, SNAPSHOT, PublicSourceSnapshot, write_snapshot
from aina_assets.warehouse.receipts import AUTHORITY, HUB_MAP, HubRuntimeMap, SourceAuthority

SCHEMAS = PROJECT_ROOT / "docs" / "contracts"
RECEIPTS: dict[str, type[Predicate]] = {
    SNAPSHOT: PublicSourceSnapshot,
    AUTHORITY: SourceAuthority,
    HUB_MAP: HubRuntimeMap,
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_the_committed_schema_is_the_models(name: str) -> None:
    text = (SCHEMAS / f"{name}.schema.json").read_text("utf-8")
    assert text == schema_text(name, RECEIPTS[name]), "run `make docs`"
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def small(acquired: dict[str, SourceFiles], engine: Engine) -> dict[str, SourceFiles]:
    """The titles alone of the starter's sources; the others are not available."""
    kept = {
        source: files if source == "titles" else SourceFiles(source, "none", "none", {})
        for source, files in acquired.items()
    }
    for source in SOURCES.values():
        for contract in source.contracts:
            make_table(source, contract, kept[source.id], engine)
    return kept


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Path, PublicSourceSnapshot]:
    engine = Engine(Settings(data=tmp_path_factory.mktemp("run")))
    path, predicate = write_snapshot(engine, small(acquire_all(engine), engine))
    return engine, path, predicate


def test_the_snapshot_says_what_is_there_and_what_is_not(
    snapshot: tuple[Engine, Path, PublicSourceSnapshot],
) -> None:
    engine, path, predicate = snapshot
    written = read_receipt(path, SNAPSHOT, PublicSourceSnapshot).predicate
    assert written.model_copy(update={"seal": ""}) == predicate
    by_source = {source.source: source for source in predicate.sources}
    assert set(by_source) == set(SOURCES)
    rows = engine.store.info("title_list").rows
    assert by_source["titles"].rows == {"title_list": rows}
    assert (predicate.files, predicate.rows) == (1, rows)
    absent = {source.status for name, source in by_source.items() if name != "titles"}
    assert absent == {by_source["onet"].vintage} == {NOT_AVAILABLE}


def test_the_snapshots_subjects_are_the_files_and_tables_as_they_stand(
    snapshot: tuple[Engine, Path, PublicSourceSnapshot],
) -> None:
    engine, path, _ = snapshot
    digests = {s.name: s.digest.sha256 for s in read_receipt(path, SNAPSHOT, PublicSourceSnapshot).subject}
    tables = {f"tables/{table.name}": sha256_file(table) for table in engine.data.tables.glob("*.parquet")}
    assert tables.items() <= digests.items()
    assert [name for name in digests if name not in tables] == [LOCK_SUBJECT, "titles/starter_titles.txt"]
    assert digests[LOCK_SUBJECT] == sha256_file(engine.settings.lock_path)


@pytest.mark.parametrize(
    "change",
    [{"lane": "cloud"}, {"rows": -1}, {"rows": "many"}, {"made_at": "2026-01-01"}, {"sources": [{}]}],
)
def test_the_committed_schema_holds_the_snapshot_and_refuses_a_broken_one(
    snapshot: tuple[Engine, Path, PublicSourceSnapshot], change: dict[str, Any]
) -> None:
    schema = json.loads((SCHEMAS / f"{SNAPSHOT}.schema.json").read_text("utf-8"))
    statement = json.loads(snapshot[1].read_bytes())
    jsonschema.validate(statement, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**statement, "predicate": {**statement["predicate"], **change}}, schema)
