"""Gold rows as truth: groups at every level, functions, and which sets speak for an inventory."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.certifying.claims import SERVED_LEVELS
from aina_assets.titles.certifying.truth import LEAST_SHARE, SocTree, by_id, gold_files, speaks_for, truth_of
from aina_assets.titles.functions import FunctionPolicy, read_function_policy
from aina_assets.titles.gold.labels import GoldLabel

# As `soc_group` has them: code, level, parent. 15-2030 is named as its only occupation is: 15-2031.
GROUPS = [
    ("13-0000", "major", None),
    ("13-2000", "minor", "13-0000"),
    ("13-2010", "broad", "13-2000"),
    ("13-2011", "detailed", "13-2010"),
    ("15-0000", "major", None),
    ("15-1200", "minor", "15-0000"),
    ("15-1250", "broad", "15-1200"),
    ("15-1252", "detailed", "15-1250"),
    ("15-1255", "detailed", "15-1250"),
    ("29-0000", "major", None),
    ("29-1000", "minor", "29-0000"),
    ("29-1140", "broad", "29-1000"),
    ("29-1141", "detailed", "29-1140"),
]
ROWS = [dict(zip(("soc_code", "level", "parent_soc_code"), row, strict=True)) for row in GROUPS]
TREE = SocTree(pa.Table.from_pylist(ROWS))
ids = st.text("0123456789abcdef", min_size=16, max_size=16)


@pytest.fixture(scope="module")
def functions() -> FunctionPolicy:
    return read_function_policy(PROJECT_ROOT / "data" / "policies")


def label(
    *codes: str,
    functions: tuple[str, ...] = ("finance",),
    reason: str | None = None,
    title_id: str = "0" * 16,
) -> GoldLabel:
    return GoldLabel(
        title_id=title_id,
        is_in_scope=reason is None,
        scope_reason=reason,
        functions=functions if reason is None else (),
        soc_codes=codes,
        level="detailed",
        is_settled=False,
        sampling_stratum="all",
        weight=2.5,
    )


# --- groups


def test_a_code_is_in_a_group_of_every_soc_level(functions: FunctionPolicy) -> None:
    found = truth_of(label("13-2011"), TREE, functions)
    assert found.groups == {
        "detailed": {"13-2011"},
        "broad": {"13-2010"},
        "minor": {"13-2000"},
        "major": {"13-0000"},
        "function": {"finance"},
    }
    assert (found.is_in_scope, found.weight) == (True, 2.5)


def test_a_minor_group_that_no_digits_give_away_is_found_by_its_parents() -> None:
    assert TREE.groups("15-1252")["minor"] == "15-1200"


def test_every_accepted_code_is_right_and_groups_that_they_share_are_one(functions: FunctionPolicy) -> None:
    groups = truth_of(label("15-1252", "15-1255"), TREE, functions).groups
    assert groups["detailed"] == {"15-1252", "15-1255"}
    assert groups["broad"] == {"15-1250"}


def test_military_work_is_one_major_group_and_nothing_finer(functions: FunctionPolicy) -> None:
    found = truth_of(label("55", reason="military"), TREE, functions)
    assert found.groups == {
        "detailed": set(),
        "broad": set(),
        "minor": set(),
        "major": {"55-0000"},
        "function": set(),
    }
    assert not found.is_in_scope


def test_a_code_that_the_classification_does_not_have_tells_its_major_group_alone() -> None:
    assert TREE.groups("11-1011") == {"major": "11-0000"}


def test_a_label_without_a_code_has_its_functions_alone(functions: FunctionPolicy) -> None:
    groups = truth_of(label(functions=("hr", "legal")), TREE, functions).groups
    assert {level for level, found in groups.items() if found} == {"function"}
    assert groups["function"] == {"hr", "legal"}


def test_a_code_that_is_a_broad_group_too_has_the_group_above_it() -> None:
    rows = [
        ("19-0000", "major", None),
        ("19-3000", "minor", "19-0000"),
        ("19-3011", "broad", "19-3000"),
        ("19-3011", "detailed", "19-3011"),
    ]
    names = ("soc_code", "level", "parent_soc_code")
    tree = SocTree(pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows]))
    assert tree.groups("19-3011") == {
        "detailed": "19-3011",
        "broad": "19-3011",
        "minor": "19-3000",
        "major": "19-0000",
    }


# --- functions


def test_a_function_is_right_that_the_coders_gave_or_the_policy_gives_to_their_code(
    functions: FunctionPolicy,
) -> None:
    found = truth_of(label("15-1252", functions=("engineering",)), TREE, functions)
    assert found.groups["function"] == {"engineering", "software"}
    assert functions.of_code("15-1252") == "software"


def test_a_code_out_of_scope_adds_no_function(functions: FunctionPolicy) -> None:
    found = truth_of(label("29-1141", functions=("healthcare_admin",)), TREE, functions)
    assert found.groups["function"] == {"healthcare_admin"}


def test_a_truth_tells_of_every_level_that_can_be_served(functions: FunctionPolicy) -> None:
    assert set(truth_of(label(), TREE, functions).groups) == set(SERVED_LEVELS)


# --- which sets speak


@given(ids=st.lists(ids, min_size=1, max_size=40, unique=True), absent=st.integers(0, 40))
def test_a_set_speaks_for_an_inventory_that_holds_nine_tenths_of_it(ids: list[str], absent: int) -> None:
    held = ids[min(absent, len(ids)) :]
    inventory = {*held, *(f"{number:016x}" for number in range(5))}
    labels = [label(title_id=title_id) for title_id in ids]
    share = sum(title_id in inventory for title_id in ids) / len(ids)
    assert speaks_for(labels, inventory) is (share >= LEAST_SHARE)


def test_a_grown_inventory_keeps_its_set_and_another_one_does_not_get_it() -> None:
    labels = [label(title_id=f"{number:016x}") for number in range(10)]
    grown = {f"{number:016x}" for number in range(1000)}
    assert speaks_for(labels, grown)
    assert speaks_for(labels, grown - {labels[0].title_id})
    assert not speaks_for(labels, grown - {labels[0].title_id, labels[1].title_id})


def test_no_labels_speak_for_nothing() -> None:
    assert not speaks_for([], {"0" * 16})
    assert not speaks_for([], set())


def test_the_sets_are_the_csv_files_of_the_folder_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "README.md", "sheet.out"):
        (tmp_path / name).write_text("x", "utf-8")
    assert [path.name for path in gold_files(tmp_path)] == ["a.csv", "b.csv"]
    assert gold_files(tmp_path / "absent") == []


def test_labels_are_found_by_their_title() -> None:
    labels = [label(title_id=f"{number:016x}") for number in range(3)]
    assert by_id(labels) == {found.title_id: found for found in labels}
