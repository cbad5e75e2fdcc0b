"""Partitioned tables: a file a key, written and made anew each by itself, read one by one or as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aina_assets.core.errors import ContractError, StateError
from aina_assets.core.store import TableInfo, TableStore, contract_digest
from aina_assets_tests.core.samples import PARTITIONED, SAMPLE, Sample, provenance, sample_table

NUMBERED = replace(PARTITIONED, name="numbered", partitioned_by="label")


@pytest.fixture
def store(tmp_path: Path) -> TableStore:
    return TableStore(tmp_path / "tables")


def write(store: TableStore, key: str, rows: int = 1, vintage: str = "v1") -> TableInfo:
    table = sample_table(*({"label": key} for _ in range(rows)))
    return store.write(NUMBERED, table, provenance(vintage), key)


def test_a_partition_is_a_file_in_the_tables_folder(store: TableStore) -> None:
    info = write(store, "01", rows=2)
    assert info.path == store.root / "numbered" / "01.parquet"
    assert (info.name, info.partition, info.rows) == ("numbered", "01", 2)
    assert store.info("numbered", "01") == info
    assert store.read("numbered", partition="01").num_rows == 2
    assert [row["part"] for row in store.head("numbered", 1, "01")] == [1]
    assert [part.num_rows for part in store.parts("numbered", ["code"], "01")] == [2]


def test_partitions_are_told_and_read_in_the_order_of_their_keys(store: TableStore) -> None:
    for key in ("10", "02", "01"):
        write(store, key)
    assert store.partitions("numbered") == ("01", "02", "10")
    assert [info.partition for info in store.infos("numbered")] == ["01", "02", "10"]
    assert store.read_partitions("numbered", ["label"]).to_pydict() == {"label": ["01", "02", "10"]}
    assert store.read_whole("numbered").column_names == list(Sample.model_fields)


def test_a_table_that_is_not_partitioned_is_read_whole_too(store: TableStore) -> None:
    store.write(SAMPLE, sample_table({}, {}), provenance())
    assert store.read_whole("sample", ["part"]).to_pydict() == {"part": [1, 2]}
    assert store.partitions("sample") == ()


def test_a_partition_without_rows_counts_as_made(store: TableStore) -> None:
    write(store, "01")
    write(store, "02", rows=0)
    assert [info.rows for info in store.infos("numbered")] == [1, 0]
    assert store.read_partitions("numbered").num_rows == 1


def test_an_absent_table_or_partition_is_named(store: TableStore) -> None:
    for ask in (store.infos, store.read_partitions, store.partitioned_digest):
        with pytest.raises(StateError, match="no partition of table 'numbered'"):
            ask("numbered")
    write(store, "01")
    with pytest.raises(StateError, match="no table 'numbered', partition '02'") as caught:
        store.read("numbered", partition="02")
    assert caught.value.file == str(store.path("numbered", "02"))


def test_a_damaged_partition_is_named(store: TableStore) -> None:
    write(store, "01")
    write(store, "02").path.write_bytes(b"not Parquet")
    with pytest.raises(StateError, match="'numbered', partition '02' is damaged"):
        store.read_partitions("numbered")


@pytest.mark.parametrize("key", ["", "..", "a/b", ".hidden", "a b"])
def test_a_key_that_could_name_another_file_is_refused(store: TableStore, key: str) -> None:
    with pytest.raises(ValueError, match="cannot be a partition's key"):
        store.path("numbered", key)


def test_rows_of_another_partition_leave_the_old_file(store: TableStore) -> None:
    before = write(store, "01")
    with pytest.raises(ContractError, match="label is the partition's key: 1 rows"):
        store.write(NUMBERED, sample_table({"label": "02"}), provenance(), "01")
    with pytest.raises(ContractError, match="numbered is partitioned by label"):
        store.write(NUMBERED, sample_table({"label": "01"}), provenance())
    assert store.infos("numbered") == [before]


def test_a_partition_can_be_streamed(store: TableStore) -> None:
    def stream(path: Path, metadata: Mapping[str, str]) -> int:
        pq.write_table(sample_table({"label": "01"}).replace_schema_metadata(dict(metadata)), path)
        return 1

    info = store.write_file(NUMBERED, provenance("v7"), stream, "01")
    assert (info.partition, info.rows, info.provenance) == ("01", 1, provenance("v7"))
    with pytest.raises(ContractError, match="numbered is partitioned by label"):
        store.write_file(NUMBERED, provenance("v7"), stream)


# --- what is current


def test_each_partition_is_current_by_itself(store: TableStore) -> None:
    first, second = write(store, "01"), write(store, "02", vintage="v2")
    assert store.current("numbered", provenance("v1"), "01") == first
    assert store.current("numbered", provenance("v1"), "02") is None
    assert store.current("numbered", provenance("v2"), "02") == second
    assert store.current("numbered", provenance("v1"), "03") is None


def test_partitions_that_are_written_at_once_are_all_remembered(store: TableStore) -> None:
    keys = [f"{number:02d}" for number in range(32)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: write(store, key), keys))
    assert [store.current("numbered", provenance(), key) is not None for key in keys] == [True] * 32


@pytest.mark.parametrize("memory", [None, b"", b"[]", b"{broken"])
def test_a_lost_memory_costs_a_rebuild_of_that_partition_alone(
    store: TableStore, memory: bytes | None
) -> None:
    write(store, "01")
    kept = write(store, "02")
    path = store.root / ".made" / "numbered" / "01.json"
    path.unlink() if memory is None else path.write_bytes(memory)
    assert store.current("numbered", provenance(), "01") is None
    assert store.current("numbered", provenance(), "02") == kept


# --- the whole table's digest


def test_the_tables_digest_follows_every_partition_and_key(store: TableStore, tmp_path: Path) -> None:
    write(store, "01")
    write(store, "02")
    digest = store.partitioned_digest("numbered")
    other = TableStore(tmp_path / "other")
    for key in ("02", "01"):
        write(other, key)
    assert other.partitioned_digest("numbered") == digest
    write(store, "02", rows=2)
    assert store.partitioned_digest("numbered") != digest
    write(store, "02")
    assert store.partitioned_digest("numbered") == digest
    write(store, "03", rows=0)
    assert store.partitioned_digest("numbered") != digest


def test_the_same_files_under_other_keys_are_another_table(store: TableStore) -> None:
    info = store.write(NUMBERED, NUMBERED.empty(), provenance(), "01")
    digest = store.partitioned_digest("numbered")
    info.path.rename(store.path("numbered", "02"))
    assert store.partitioned_digest("numbered") != digest


def test_a_contracts_digest_follows_how_it_is_partitioned() -> None:
    plain = replace(NUMBERED, partitioned_by=None)
    by_level = replace(NUMBERED, partitioned_by="level")
    assert len({contract_digest(contract) for contract in (plain, by_level, NUMBERED)}) == 3


# --- another number of partitions


def test_partitions_that_are_no_longer_asked_for_are_dropped_with_their_memory(store: TableStore) -> None:
    kept = write(store, "01")
    for key in ("02", "10"):
        write(store, key)
    assert store.drop_partitions_not_in("numbered", iter(["00", "01"])) == ("02", "10")
    assert store.infos("numbered") == [kept]
    assert [path.name for path in (store.root / ".made" / "numbered").iterdir()] == ["01.json"]
    assert store.drop_partitions_not_in("numbered", ["01"]) == ()


def test_a_half_written_partition_is_none(store: TableStore) -> None:
    write(store, "01")
    (store.root / "numbered" / ".02.parquet.1-0123abcd.part").write_bytes(b"half")
    assert store.partitions("numbered") == ("01",)
    assert isinstance(store.read_partitions("numbered"), pa.Table)
