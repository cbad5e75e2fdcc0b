"""Where figures come from: pointers, tables, the lock, and receipts that are not whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import Predicate, write_receipt
from aina_assets.reports.origins import Evidence, LockOrigin, ReceiptOrigin, TableOrigin, pointer
from aina_assets.sources.lock import read_lock
from aina_assets_tests.builds import flip_byte, starter_settings

FILE = "receipts/told_v1.json"


class Told(Predicate):
    """A receipt for a test."""

    figures: dict[str, Any]


def evidence(folder: Path, figures: dict[str, Any]) -> Evidence:
    write_receipt(folder / "receipts", "told_v1", {"a": "0" * 64}, Told(figures=figures))
    return Evidence(Engine(starter_settings(folder)))


@given(st.text(min_size=1), st.integers(0, 2))
def test_a_pointer_leads_to_what_it_was_made_of(
    tmp_path_factory: pytest.TempPathFactory, key: str, place: int
) -> None:
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in key):
        return
    found = evidence(tmp_path_factory.mktemp("told"), {key: [10, 11, 12]})
    steps = pointer("figures", key, place)
    assert found.resolve(ReceiptOrigin(file=FILE, pointer=steps)) == 10 + place
    whole = ReceiptOrigin(file=FILE, pointer=pointer("figures", key), is_count=True)
    assert found.resolve(whole) == 3


@pytest.mark.parametrize(
    "steps", [("figures", "b"), ("figures", "a", 7), ("figures", "a", "x"), ("figures", "c", "d")]
)
def test_a_pointer_that_leads_nowhere_is_an_error_that_names_it(
    tmp_path: Path, steps: tuple[str | int, ...]
) -> None:
    found = evidence(tmp_path, {"a": [1], "c": 2})
    with pytest.raises(StateError, match="no such value") as caught:
        found.resolve(ReceiptOrigin(file=FILE, pointer=pointer(*steps)))
    assert caught.value.place == pointer(*steps)


def test_yes_and_no_are_told_as_words(tmp_path: Path) -> None:
    found = evidence(tmp_path, {"a": True, "b": None, "c": {"d": 1}})
    told = [found.resolve(ReceiptOrigin(file=FILE, pointer=f"/figures/{name}")) for name in "abc"]
    assert told == ["yes", None, json.dumps({"d": 1})]


def test_a_number_is_the_same_from_a_table_and_after_a_receipt(engine: Engine) -> None:
    # Canonical JSON writes 0.0 as 0: a page made from a table and a receipt read back must agree.
    rows = engine.store.read("title_certificate").to_pylist()
    found = Evidence(engine)
    values = []
    for row in rows:
        where = {name: row[name] for name in ("basis", "claim", "group")}
        values.append(
            found.resolve(TableOrigin(table="title_certificate", how="one", column="error_rate", where=where))
        )
    assert values
    assert [str(json.loads(rfc8785.dumps(value))) for value in values] == [str(value) for value in values]
    whole = TableOrigin(table="title_certificate", how="sum", column="rows", where={})
    assert isinstance(found.resolve(whole), int)


def test_whole_numbers_are_whole(tmp_path: Path) -> None:
    found = evidence(tmp_path, {"a": 0.0, "b": 2.5})
    told = [found.resolve(ReceiptOrigin(file=FILE, pointer=f"/figures/{name}")) for name in "ab"]
    assert [str(value) for value in told] == ["0", "2.5"]


def test_a_damaged_receipt_is_not_believed(tmp_path: Path) -> None:
    found = evidence(tmp_path, {"a": 1})
    path = tmp_path / FILE
    flip_byte(path, path.read_bytes().index(b'"a":1') + 4)
    with pytest.raises(StateError, match="not those that were sealed"):
        found.resolve(ReceiptOrigin(file=FILE, pointer="/figures/a"))


def test_an_absent_receipt_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no such receipt") as caught:
        evidence(tmp_path, {}).predicate("receipts/other_v1.json")
    assert str(caught.value.file).endswith("other_v1.json")


def test_tables_are_summed_counted_and_read(engine: Engine) -> None:
    found = Evidence(engine)
    rows = engine.store.read("title_coverage").to_pylist()
    route = {"route": "exclude"}
    summed = TableOrigin(table="title_coverage", how="sum", column="titles", where=route)
    counted = TableOrigin(table="title_coverage", how="count", column="", where=route)
    assert found.resolve(summed) == sum(row["titles"] for row in rows if row["route"] == "exclude") > 0
    assert found.resolve(counted) == sum(row["route"] == "exclude" for row in rows) > 0
    one = TableOrigin(table="source_file", how="one", column="licence", where={"source": "onet"})
    with pytest.raises(StateError, match="expected one row, found"):
        found.resolve(one)


def test_the_lock_gives_the_date_of_the_oldest_file(engine: Engine) -> None:
    found = Evidence(engine)
    dates = [file.retrieved.isoformat() for file in read_lock(engine.settings.lock_path).of("onet")]
    assert found.resolve(LockOrigin(source="onet")) == min(dates)
    assert found.resolve(LockOrigin(source="nobody")) is None
