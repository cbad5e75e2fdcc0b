"""The table store: what is written is what is read, and another origin is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aina_assets.core.errors import ContractError, ProvenanceMismatchError, StateError, StorageFullError
from aina_assets.core.storage import DigestCache, sha256_file
from aina_assets.core.store import (
    NOT_AVAILABLE,
    Provenance,
    TableInfo,
    TableStore,
    code_version,
    contract_digest,
    merged_vintages,
)
from aina_assets_tests.core.samples import SAMPLE, provenance, sample_table


@pytest.fixture
def store(tmp_path: Path) -> TableStore:
    return TableStore(tmp_path / "tables")


def test_what_is_written_is_what_is_read(store: TableStore) -> None:
    table = sample_table({}, {"level": None})
    info = store.write(SAMPLE, table, provenance(file="a" * 64))
    assert store.read("sample").equals(table)
    assert (info.name, info.path, info.rows) == ("sample", store.root / "sample.parquet", 2)
    assert (info.bytes, info.sha256) == (info.path.stat().st_size, sha256_file(info.path))
    assert info.provenance == provenance(file="a" * 64)
    assert store.info("sample") == info


def test_columns_and_first_rows_can_be_read_alone(store: TableStore) -> None:
    store.write(SAMPLE, sample_table({}, {}, {}), provenance())
    assert store.read("sample", ["part", "code"]).column_names == ["part", "code"]
    assert [row["part"] for row in store.head("sample", 2)] == [1, 2]
    with pytest.raises(StateError, match=r"no columns \['stranger'\]"):
        store.read("sample", ["part", "stranger"])


def test_a_table_without_rows_is_a_table(store: TableStore) -> None:
    info = store.write(SAMPLE, SAMPLE.empty(), provenance(NOT_AVAILABLE))
    assert info.rows == 0
    assert not info.provenance.is_available
    assert store.head("sample", 5) == []
    assert store.read("sample").schema.equals(SAMPLE.arrow_schema)


def test_the_same_table_has_the_same_bytes(store: TableStore, tmp_path: Path) -> None:
    other = TableStore(tmp_path / "other")
    # Chunks are an accident of how a table came about.
    whole = sample_table({}, {})
    chunked = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    first, second = store.write(SAMPLE, whole, provenance()), other.write(SAMPLE, chunked, provenance())
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.sha256 == second.sha256


def test_a_table_that_breaks_its_contract_leaves_the_old_one(store: TableStore) -> None:
    before = store.write(SAMPLE, sample_table({}), provenance("v1"))
    with pytest.raises(ContractError):
        store.write(SAMPLE, sample_table({"code": "bad"}), provenance("v2"))
    assert store.info("sample") == before
    assert sorted(path.name for path in store.root.iterdir()) == [".made", before.path.name]


def test_a_full_disk_leaves_the_old_table(store: TableStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.write(SAMPLE, sample_table({}), provenance("v1"))

    def full(*_: object, **__: object) -> None:
        raise OSError("Error writing bytes to file. Detail: [errno 28] No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(StorageFullError):
        store.write(SAMPLE, sample_table({}, {}), provenance("v2"))
    assert store.info("sample") == before


# --- streamed tables


def test_a_streamed_table_carries_its_provenance_too(store: TableStore) -> None:
    def write(path: Path, metadata: Mapping[str, str]) -> int:
        pq.write_table(sample_table({}).replace_schema_metadata(dict(metadata)), path)
        return 1

    info = store.write_file(SAMPLE, provenance("v7"), write)
    assert info.rows == 1
    assert info.provenance == provenance("v7")
    assert store.current("sample", provenance("v7")) == info


def test_a_streamed_table_of_other_columns_leaves_the_old_one(store: TableStore) -> None:
    before = store.write(SAMPLE, sample_table({}), provenance())

    def write(path: Path, metadata: Mapping[str, str]) -> int:
        pq.write_table(sample_table({}).drop_columns(["month"]), path)
        return 1

    with pytest.raises(ContractError, match="sample: columns"):
        store.write_file(SAMPLE, provenance(), write)
    assert store.info("sample") == before


# --- provenance


def test_a_table_is_current_only_for_exactly_what_it_was_made_from(store: TableStore) -> None:
    assert store.current("sample", provenance()) is None
    info = store.write(SAMPLE, sample_table({}), provenance("v1", file="a"))
    assert store.current("sample", provenance("v1", file="a")) == info
    others = [
        provenance("v2", file="a"),
        provenance("v1", file="b"),
        provenance("v1"),
        Provenance({"made_up": "v1"}, {"file": "a"}, "code-2", contract_digest(SAMPLE)),
        Provenance({"made_up": "v1"}, {"file": "a"}, "code-1", "another contract"),
    ]
    assert [store.current("sample", other) for other in others] == [None] * 5
    assert len({other.fingerprint for other in [info.provenance, *others]}) == 6


def test_other_code_with_the_same_rows_gives_the_same_bytes(store: TableStore) -> None:
    before = store.write(SAMPLE, sample_table({}), provenance())
    newer = replace(provenance(), code="code-2")
    assert store.current("sample", newer) is None
    after = store.write(SAMPLE, sample_table({}), newer)
    assert after.sha256 == before.sha256
    assert store.current("sample", newer) == after


def test_a_damaged_table_is_not_current_though_its_footer_is_whole(store: TableStore) -> None:
    info = store.write(SAMPLE, sample_table({}), provenance())
    content = bytearray(info.path.read_bytes())
    content[8] ^= 1
    info.path.write_bytes(content)
    assert store.info("sample").provenance.vintages == info.provenance.vintages
    assert store.current("sample", provenance()) is None


@pytest.mark.parametrize("memory", [None, b"", b"[]", b"{broken"])
def test_a_lost_memory_only_costs_a_rebuild(store: TableStore, memory: bytes | None) -> None:
    info = store.write(SAMPLE, sample_table({}), provenance())
    path = store.root / ".made" / "sample.json"
    path.unlink() if memory is None else path.write_bytes(memory)
    assert store.current("sample", provenance()) is None
    assert store.write(SAMPLE, sample_table({}), provenance()) == info


def test_another_origin_is_refused_naming_stored_and_expected(store: TableStore) -> None:
    store.write(SAMPLE, sample_table({}), provenance("v1"))
    assert store.read("sample", vintages={"made_up": "v1"}).num_rows == 1
    with pytest.raises(ProvenanceMismatchError) as caught:
        store.read("sample", vintages={"made_up": "v2"})
    assert "expected vintages {'made_up': 'v2'}, stored {'made_up': 'v1'}" in caught.value.message
    assert caught.value.file == str(store.path("sample"))


def info_of(name: str, **vintages: str) -> TableInfo:
    return TableInfo(name, Path(name), 1, 1, "0" * 64, Provenance(vintages, {}, "", ""))


def test_vintages_of_several_tables_are_merged() -> None:
    merged = merged_vintages([info_of("a", onet="30.2"), info_of("b", onet="30.2", soc="SOC 2018")])
    assert merged == {"onet": "30.2", "soc": "SOC 2018"}


def test_tables_of_two_vintages_are_refused_naming_both() -> None:
    with pytest.raises(ProvenanceMismatchError) as caught:
        merged_vintages([info_of("a", onet="30.2"), info_of("b", soc="x"), info_of("c", onet="30.3")])
    assert caught.value.message == "a is made from onet 30.2, c from onet 30.3"


# --- damage


def test_an_absent_table_is_named(store: TableStore) -> None:
    with pytest.raises(StateError, match="no table 'sample'") as caught:
        store.info("sample")
    assert caught.value.file == str(store.path("sample"))


@pytest.mark.parametrize("damage", ["empty", "truncated", "not Parquet", "no provenance", "other provenance"])
def test_a_damaged_file_is_named_and_never_current(store: TableStore, damage: str) -> None:
    path = store.write(SAMPLE, sample_table({}), provenance()).path
    whole = path.read_bytes()
    if damage in ("no provenance", "other provenance"):
        metadata = {"aina.provenance": '{"vintage": "v1"}'} if damage == "other provenance" else None
        pq.write_table(sample_table({}).replace_schema_metadata(metadata), path)
    else:
        path.write_bytes({"empty": b"", "truncated": whole[:-20], "not Parquet": b"x" * 500}[damage])
    with pytest.raises(StateError) as caught:
        store.read("sample")
    assert caught.value.file == str(path)
    assert "sample" in caught.value.message
    assert store.current("sample", provenance()) is None


def test_damaged_pages_are_a_state_error_or_another_digest(store: TableStore, tmp_path: Path) -> None:
    cached = TableStore(store.root, DigestCache(tmp_path / "digests.json"))
    info = cached.write(SAMPLE, sample_table({}), provenance())
    content = bytearray(info.path.read_bytes())
    content[10:60] = b"\xff" * 50
    info.path.write_bytes(content)
    assert cached.info("sample").sha256 != info.sha256
    assert cached.current("sample", provenance()) is None
    with pytest.raises(StateError):
        cached.read("sample")


# --- digests of code and contracts


def test_a_contracts_digest_follows_its_promises() -> None:
    digest = contract_digest(SAMPLE)
    assert contract_digest(replace(SAMPLE, key=("code",))) != digest
    assert contract_digest(replace(SAMPLE, references=())) != digest
    assert contract_digest(replace(SAMPLE, grain="told otherwise")) == digest


def test_the_codes_digest_is_of_what_makes_tables_not_of_what_tells_dagster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aina_assets.core.store.PROJECT_ROOT", tmp_path)
    folder = tmp_path / "aina_assets" / "stage"
    folder.mkdir(parents=True)

    def digest_after(name: str, text: str) -> str:
        (folder / name).write_text(text)
        code_version.cache_clear()
        return code_version("stage")

    first = digest_after("reader.py", "1")
    assert digest_after("assets.py", "1") == first
    assert digest_after("checks.py", "1") == first
    assert digest_after("reader.py", "2") != first
    assert digest_after("table.sql", "select 1") != digest_after("reader.py", "1")
    code_version.cache_clear()
