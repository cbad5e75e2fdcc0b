"""What is known of each vintage: the committed policy holds together, a malformed one is refused by place."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import Lane, Settings
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.expectations import FILE_NAME, Expectations, read_expectations

GOOD = """
policy = "source_expectations"
version = 1
[rows.onet."30.2"]
onet_task = 18796
[join_floors.real]
a_to_b = 0.9
[join_floors.starter]
a_to_b = 1.0
"""


def policy(tmp_path: Path, content: str | bytes) -> Expectations:
    (tmp_path / FILE_NAME).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_expectations(tmp_path)


def test_a_count_is_that_of_source_vintage_and_table(tmp_path: Path) -> None:
    expectations = policy(tmp_path, GOOD)
    assert expectations.expected_rows("onet", "30.2", "onet_task") == 18796
    assert expectations.expected_rows("onet", "30.3", "onet_task") is None
    assert expectations.expected_rows("soc", "30.2", "onet_task") is None
    assert expectations.expected_rows("onet", "30.2", "onet_iwa") is None


def test_the_starter_has_floors_of_its_own(tmp_path: Path) -> None:
    expectations = policy(tmp_path, GOOD)
    assert expectations.floors(Lane.STARTER) == {"a_to_b": 1.0}
    assert expectations.floors(Lane.MIRROR) == expectations.floors(Lane.LIVE) == {"a_to_b": 0.9}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version = 1", "version =", "not TOML"),
        ("version = 1", 'version = "one"', "version"),
        ("source_expectations", "something_else", "policy"),
        ("18796", '"many"', "rows.onet.30.2.onet_task"),
        ("a_to_b = 0.9", 'a_to_b = "high"', "join_floors.real.a_to_b"),
        ("[join_floors.starter]", "[join_floors.elsewhere]", "join_floors.elsewhere"),
        ("[join_floors.starter]\na_to_b = 1.0", "", "join_floors"),
        ("[rows.", "[stranger]\n[rows.", "stranger"),
    ],
)
def test_a_malformed_policy_is_refused_by_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        policy(tmp_path, GOOD.replace(old, new, 1))
    assert told in (caught.value.place or caught.value.message)
    assert caught.value.file == str(tmp_path / FILE_NAME)
    assert "git" in caught.value.remedy


def test_a_policy_that_is_no_text_or_absent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="absent"):
        read_expectations(tmp_path)
    with pytest.raises(SettingsError, match="not TOML"):
        policy(tmp_path, b"policy = \xff")


def test_the_committed_policy_speaks_of_tables_that_there_are() -> None:
    expectations = read_expectations(Settings().policies_root)
    for source in set(expectations.rows) & set(SOURCES):
        known = {contract.name for contract in SOURCES[source].contracts}
        for vintage, counts in expectations.rows[source].items():
            assert set(counts) <= known, (source, vintage)
    assert all(0 < floor <= 1 for floors in expectations.join_floors.values() for floor in floors.values())
