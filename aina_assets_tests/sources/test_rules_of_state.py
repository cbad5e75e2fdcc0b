"""Rules that hold the table of source files and the receipts against what stands: each names the fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import write_receipt
from aina_assets.core.settings import Settings
from aina_assets.core.storage import sha256_bytes
from aina_assets.sources import rules
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.make import make_file_table
from aina_assets.sources.receipts import SNAPSHOT, PublicSourceSnapshot
from aina_assets.sources.tables.files import SOURCE_FILE
from aina_assets_tests.conftest import source_files
from aina_assets_tests.core.samples import PARTITIONED, provenance, sample_table

PREDICATE = PublicSourceSnapshot(lane="starter", files=1, bytes=1, rows=0, revisions={}, sources=())


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(Settings(sources="starter", data=tmp_path / "run"))


def acquired(folder: Path, **contents: str) -> dict[str, SourceFiles]:
    folder.mkdir(exist_ok=True)
    paths = {}
    for name, content in contents.items():
        paths[name] = folder / name
        paths[name].write_text(content)
    return {"soc": source_files("soc", "SOC 2018", "2018", paths)}


def test_the_file_table_of_this_run_is_complete(engine: Engine, tmp_path: Path) -> None:
    files = acquired(tmp_path / "a", one="1", two="2")
    make_file_table(files, engine)
    finding = rules.file_table_is_complete(engine, files)
    assert finding.passed
    assert finding.figures == {"files": 2}


def test_a_file_that_the_table_lacks_or_has_of_another_run_is_named(engine: Engine, tmp_path: Path) -> None:
    make_file_table(acquired(tmp_path / "a", one="1", two="2"), engine)
    finding = rules.file_table_is_complete(engine, acquired(tmp_path / "b", one="1", two="other"))
    assert not finding.passed
    assert {(row["name"], row["is_in_table"]) for row in finding.sample} == {("two", True), ("two", False)}


def stated(engine: Engine, files: dict[str, SourceFiles], **changed: str) -> None:
    """A snapshot receipt over the files and the table of files, with some digests changed."""
    digests = {f"soc/{name}": digest for name, digest in files["soc"].digests().items()}
    digests[f"tables/{SOURCE_FILE.name}.parquet"] = engine.store.info(SOURCE_FILE.name).sha256
    write_receipt(engine.data.receipts, SNAPSHOT, {**digests, **changed}, PREDICATE)


def test_a_receipt_of_this_state_passes(engine: Engine, tmp_path: Path) -> None:
    files = acquired(tmp_path / "a", one="1")
    make_file_table(files, engine)
    stated(engine, files)
    finding = rules.receipt_is_of_this_state(engine, SNAPSHOT, PublicSourceSnapshot, files)
    assert finding.passed
    assert finding.figures == {"subjects": 2}


@pytest.mark.parametrize("subject", ["soc/one", "tables/source_file.parquet", "soc/gone"])
def test_a_subject_that_is_not_what_stands_is_named(engine: Engine, tmp_path: Path, subject: str) -> None:
    files = acquired(tmp_path / "a", one="1")
    make_file_table(files, engine)
    stated(engine, files, **{subject: sha256_bytes(b"other")})
    finding = rules.receipt_is_of_this_state(engine, SNAPSHOT, PublicSourceSnapshot, files)
    assert not finding.passed
    assert [row["subject"] for row in finding.sample] == [subject]
    assert finding.sample[0]["stated"] == sha256_bytes(b"other")


def test_a_subject_can_be_one_partition_of_a_table(engine: Engine, tmp_path: Path) -> None:
    files = acquired(tmp_path / "a", one="1")
    make_file_table(files, engine)
    low = engine.store.write(PARTITIONED, sample_table({"level": "low"}), provenance(), "low")
    stated(engine, files, **{"tables/parted/low.parquet": low.sha256})
    finding = rules.receipt_is_of_this_state(engine, SNAPSHOT, PublicSourceSnapshot, files)
    assert finding.passed
    engine.store.write(PARTITIONED, sample_table({"level": "low", "part": 2}), provenance(), "low")
    finding = rules.receipt_is_of_this_state(engine, SNAPSHOT, PublicSourceSnapshot, files)
    assert [row["subject"] for row in finding.sample] == ["tables/parted/low.parquet"]


def test_a_receipt_that_is_absent_or_malformed_is_refused(engine: Engine) -> None:
    with pytest.raises(StateError, match="no such receipt"):
        rules.receipt_is_of_this_state(engine, SNAPSHOT, PublicSourceSnapshot, {})
    path = engine.data.receipts / f"{SNAPSHOT}.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(StateError, match="malformed receipt"):
        rules.receipt_is_of_this_state(engine, SNAPSHOT, PublicSourceSnapshot, {})


def test_a_series_without_an_answer_is_named(tmp_path: Path) -> None:
    known, unknown = "OEUN000000000000011101104", "OEUN000000000000011101113"
    engine = Engine(Settings(sources="starter", data=tmp_path, bls_series=(known, unknown)))
    files = acquired(tmp_path / "a", **{f"{known}.json": "{}"})["soc"]
    finding = rules.requested_series_are_answered(engine, files)
    assert not finding.passed
    assert finding.severity == "WARN"
    assert finding.sample == [{"series_id": unknown}]
