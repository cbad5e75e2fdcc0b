"""Making a derived table: when it is made, and what it refuses to be made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.errors import ContractError, ProvenanceMismatchError, StateError
from aina_assets.core.store import TableInfo, TableStore
from aina_assets.warehouse import derive as derive_module
from aina_assets.warehouse.derive import make_derived
from aina_assets.warehouse.tables import DERIVED
from aina_assets_tests.warehouse.rows import put

GDPVAL = DERIVED["gdpval_occupation_soc"]
WAGES = DERIVED["soc_mapped_entry"]


@pytest.fixture
def store(tmp_path: Path) -> TableStore:
    store = TableStore(tmp_path)
    put(store, "gdpval_task", [{"task_id": "1", "occupation": "Chiefs"}])
    put(store, "soc_group", [{"soc_code": "11-1011", "level": "detailed", "title": "Chiefs"}])
    return store


def make(store: TableStore) -> tuple[TableInfo, bool]:
    return make_derived(GDPVAL, store, memory_limit="256MB", threads=1)


def test_it_says_what_it_was_made_from(store: TableStore) -> None:
    info, is_made = make(store)
    assert is_made
    assert info.provenance.vintages == {"gdpval": "test-1", "soc": "test-1"}
    assert info.provenance.inputs == {name: store.info(name).sha256 for name in GDPVAL.inputs}


def test_what_has_not_changed_is_left_alone(store: TableStore) -> None:
    first, _ = make(store)
    written = first.path.stat().st_mtime_ns
    again, is_made = make(store)
    assert not is_made
    assert (again.sha256, again.path.stat().st_mtime_ns) == (first.sha256, written)


def test_another_input_makes_it_anew(store: TableStore) -> None:
    make(store)
    put(store, "gdpval_task", [{"task_id": "1", "occupation": "Wizards"}])
    info, is_made = make(store)
    assert is_made
    assert store.read(info.name).column("occupation").to_pylist() == ["Wizards"]


def test_mixed_vintages_of_one_source_are_refused_and_both_named(store: TableStore) -> None:
    put(store, "aei_job_exposure", [], {"economic_index": "old-commit"})
    put(store, "aei_legacy_wage", [], {"economic_index": "new-commit"})
    make(store)
    with pytest.raises(ProvenanceMismatchError) as caught:
        make_derived(WAGES, store, memory_limit="256MB", threads=1)
    for told in ("aei_job_exposure", "old-commit", "aei_legacy_wage", "new-commit"):
        assert told in str(caught.value)
    assert not store.path(WAGES.contract.name).exists()


def test_a_missing_input_is_named(store: TableStore) -> None:
    store.path("soc_group").unlink()
    with pytest.raises(StateError, match="soc_group"):
        make(store)


def test_a_result_that_breaks_its_contract_leaves_the_old_table(
    store: TableStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    info, _ = make(store)
    put(store, "gdpval_task", [{"task_id": "1", "occupation": "Wizards"}])
    sql = "select 'x' as occupation, 'no code' as soc_code, 'detailed' as soc_level, 1 as gdpval_task_count"
    monkeypatch.setattr(derive_module, "table_sql", lambda name: sql)
    with pytest.raises(ContractError, match=r"soc_code matches .* 1 rows"):
        make(store)
    assert store.info(info.name).sha256 == info.sha256
