"""SOC readers: the structure's tree, its definitions, direct match titles, O*NET's crosswalk."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aina_assets.core.errors import CellError, ContractError, HeaderError, MissingSourceError
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers import soc
from aina_assets_tests.conftest import source_files, write_xlsx

STRUCTURE_HEADER = ("Major Group", "Minor Group", "Broad Group", "Detailed Occupation", "")
PHYSICIANS: list[tuple[object, ...]] = [
    ("29-0000", None, None, None, "Healthcare Practitioners"),
    (None, "29-1000", None, None, "Diagnosing Practitioners"),
    (None, None, "29-1210", None, "Physicians"),
    (None, None, None, "29-1221", "Pediatricians, General"),
]
DEFINITIONS: list[tuple[object, ...]] = [
    ("Major", "29-0000", "Healthcare Practitioners", None),
    (
        "Detailed",
        "29-1221",
        "Pediatricians, General",
        "Diagnose, treat, and help prevent disease in children.",
    ),
]
TITLES: list[tuple[object, ...]] = [
    ("29-1221", "Pediatricians, General", "Pediatrician", "x"),
    ("29-1221", "Pediatricians, General", "Neonatologist\u00a0", None),
]
CROSSWALK: list[tuple[object, ...]] = [
    ("29-1221.00", "Pediatricians, General", "29-1221", "Pediatricians, General")
]


def soc_files(
    tmp_path: Path,
    *,
    structure: list[tuple[object, ...]] = PHYSICIANS,
    definitions: list[tuple[object, ...]] = DEFINITIONS,
    titles: list[tuple[object, ...]] = TITLES,
    crosswalk: list[tuple[object, ...]] = CROSSWALK,
) -> SourceFiles:
    sheets: dict[str, list[tuple[object, ...]]] = {
        soc.STRUCTURE: [("U.S. Bureau of Labor Statistics",), (), STRUCTURE_HEADER, *structure],
        soc.DEFINITIONS: [("SOC Group", "SOC Code", "SOC Title", "SOC Definition"), *definitions],
        soc.DIRECT_MATCH_TITLES: [
            ("2018 SOC Code", "2018 SOC Title", "2018 SOC Direct Match Title", "Illustrative Example"),
            *titles,
        ],
        soc.CROSSWALK: [
            ("O*NET-SOC 2019 Code", "O*NET-SOC 2019 Title", "2018 SOC Code", "2018 SOC Title"),
            *crosswalk,
        ],
    }
    paths = {name: write_xlsx(tmp_path / name, rows) for name, rows in sheets.items()}
    return source_files("soc", "test-1", "2018", paths)


def by_code(table: pa.Table) -> dict[str, dict[str, Any]]:
    return {row["soc_code"]: row for row in table.to_pylist()}


def test_parents_come_from_the_order_not_from_the_code(tmp_path: Path) -> None:
    groups = by_code(soc.read_soc_group(soc_files(tmp_path)))
    assert [(row["level"], row["parent_soc_code"]) for row in groups.values()] == [
        ("major", None),
        ("minor", "29-0000"),
        ("broad", "29-1000"),
        ("detailed", "29-1210"),
    ]


def test_rows_carry_definition_and_provenance(tmp_path: Path) -> None:
    groups = by_code(soc.read_soc_group(soc_files(tmp_path)))
    assert groups["29-1210"]["definition"] is None
    assert groups["29-1221"] == {
        "soc_code": "29-1221",
        "level": "detailed",
        "title": "Pediatricians, General",
        "parent_soc_code": "29-1210",
        "definition": "Diagnose, treat, and help prevent disease in children.",
        "vintage": "test-1",
        "source_file": "soc_structure_2018.xlsx",
        "source_row": 7,
    }


@pytest.mark.parametrize(
    ("row", "place", "message"),
    [
        (("30-0000", "30-1000", None, None, "X"), "row 8, column 'Minor Group' (B8)", "found 2"),
        ((None, None, None, None, "X"), "row 8, column 'Major Group' (A8)", "found 0"),
        ((None, None, None, "29-1221", "X"), "row 8, column 'Detailed Occupation' (D8)", "occurs twice"),
        ((None, None, None, "31-1011", "X"), "row 8, column 'Detailed Occupation' (D8)", "cannot hold it"),
        (("30-00", None, None, None, "X"), "row 8, column 'Major Group' (A8)", "found '30-00'"),
        ((None, None, None, "29-1222", None), "row 8, column '(no heading)' (E8)", "text expected"),
    ],
)
def test_structure_row_that_is_wrong_is_named(
    tmp_path: Path, row: tuple[object, ...], place: str, message: str
) -> None:
    with pytest.raises(CellError) as caught:
        soc.read_soc_group(soc_files(tmp_path, structure=[*PHYSICIANS, row]))
    assert caught.value.place == f"sheet 'Sheet1', {place}"
    assert message in caught.value.message


def test_group_without_its_parent_is_named(tmp_path: Path) -> None:
    with pytest.raises(CellError, match="29-1221 stands under no broad group") as caught:
        soc.read_soc_group(soc_files(tmp_path, structure=[*PHYSICIANS[:2], PHYSICIANS[3]]))
    assert "row 6" in str(caught.value.place)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (("Detailed", "29-9999", "X", "Y"), "SOC Code", "is not in soc_structure_2018.xlsx"),
        (("Detailed", "29-1221", "Pediatrists", "Y"), "SOC Title", "found 'Pediatrists'"),
        (("Broad", "29-1221", "Pediatricians, General", "Y"), "SOC Group", "found 'broad'"),
    ],
)
def test_definitions_that_contradict_the_structure_are_named(
    tmp_path: Path, row: tuple[object, ...], column: str, message: str
) -> None:
    with pytest.raises(CellError) as caught:
        soc.read_soc_group(soc_files(tmp_path, definitions=[row]))
    assert f"row 2, column '{column}'" in str(caught.value.place)
    assert message in caught.value.message


def test_direct_match_titles(tmp_path: Path) -> None:
    rows = soc.read_soc_direct_match_title(soc_files(tmp_path)).to_pylist()
    assert [(r["direct_match_title"], r["is_illustrative_example"], r["source_row"]) for r in rows] == [
        ("Pediatrician", True, 2),
        ("Neonatologist", False, 3),
    ]


def test_direct_match_mark_and_repeated_title_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CellError, match="expected x or blank, found 'yes'") as caught:
        soc.read_soc_direct_match_title(soc_files(tmp_path, titles=[("29-1221", "P", "Pediatrician", "yes")]))
    assert "(D2)" in str(caught.value.place)
    with pytest.raises(ContractError, match="Pediatrician"):
        soc.read_soc_direct_match_title(soc_files(tmp_path, titles=[TITLES[0], TITLES[0]]))


def test_crosswalk(tmp_path: Path) -> None:
    (row,) = soc.read_onet_soc_to_soc(soc_files(tmp_path)).to_pylist()
    assert (row["onet_soc_code"], row["soc_code"], row["source_row"]) == ("29-1221.00", "29-1221", 2)
    with pytest.raises(CellError) as caught:
        soc.read_onet_soc_to_soc(soc_files(tmp_path, crosswalk=[("29-1221", "P", "29-1221", "P")]))
    assert "column 'O*NET-SOC 2019 Code' (A2)" in str(caught.value.place)
    with pytest.raises(ContractError, match=r"29-1221\.00"):
        soc.read_onet_soc_to_soc(soc_files(tmp_path, crosswalk=CROSSWALK * 2))


def test_wrong_workbook_under_a_files_name(tmp_path: Path) -> None:
    files = soc_files(tmp_path)
    swapped = source_files("soc", "test-1", "2018", {soc.CROSSWALK: files.path(soc.STRUCTURE)})
    with pytest.raises(HeaderError):
        soc.read_onet_soc_to_soc(swapped)
    with pytest.raises(MissingSourceError):
        soc.read_soc_group(swapped)


@pytest.fixture(scope="session")
def real_soc(real_mirror: Path) -> SourceFiles:
    bls = real_mirror / "www.bls.gov/soc/2018"
    paths = {name: bls / name for name in (soc.STRUCTURE, soc.DEFINITIONS, soc.DIRECT_MATCH_TITLES)}
    paths[soc.CROSSWALK] = real_mirror / "www.onetcenter.org/taxonomy/2019/soc" / soc.CROSSWALK
    return source_files("soc", "SOC 2018", "2018", paths)


@pytest.mark.real_data
def test_real_structure(real_soc: SourceFiles) -> None:
    groups = soc.read_soc_group(real_soc).to_pylist()
    assert Counter(g["level"] for g in groups) == {"major": 23, "minor": 98, "broad": 459, "detailed": 867}
    assert all((g["definition"] is not None) == (g["level"] == "detailed") for g in groups)
    codes = {g["soc_code"] for g in groups}
    assert {g["parent_soc_code"] for g in groups} - {None} <= codes


@pytest.mark.real_data
def test_real_titles_and_crosswalk(real_soc: SourceFiles) -> None:
    detailed = {g["soc_code"] for g in soc.read_soc_group(real_soc).to_pylist() if g["level"] == "detailed"}
    titles = soc.read_soc_direct_match_title(real_soc).to_pylist()
    assert (len(titles), sum(t["is_illustrative_example"] for t in titles)) == (6520, 2408)
    crosswalk = soc.read_onet_soc_to_soc(real_soc).to_pylist()
    assert len(crosswalk) == 1016
    assert {row["soc_code"] for row in crosswalk} == detailed
