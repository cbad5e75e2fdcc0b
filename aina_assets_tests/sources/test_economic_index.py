"""Anthropic's Economic Index: each file into its table, missing values as upstream writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from aina_assets.core.errors import CellError, ContractError, HeaderError, MissingSourceError
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.sources.acquire import SourceFiles, acquire
from aina_assets.sources.expectations import read_expectations
from aina_assets.sources.lock import read_lock
from aina_assets.sources.readers.economic_index import FEBRUARY, IMPACTS, MARCH, READERS
from aina_assets_tests.conftest import source_files


def read(tmp_path: Path, table: str, files: Mapping[str, str]) -> pa.Table:
    paths = {}
    for name, text in files.items():
        paths[name] = tmp_path / name
        paths[name].parent.mkdir(parents=True, exist_ok=True)
        paths[name].write_text(text, newline="")
    return READERS[table](source_files("economic_index", "a" * 12, "2025-03-27", paths))


EXPOSURE = f"{IMPACTS}/job_exposure.csv"
WAGES = f"{FEBRUARY}/wage_data.csv"
WAGE_HEADER = (
    "SOCcode,JobName,JobFamily,isBright,isGreen,JobZone,MedianSalary,JobForecast,ChanceAuto,WageGroup\n"
)
STRUCTURE = f"{FEBRUARY}/SOC_Structure.csv"
STRUCTURE_HEADER = (
    "Major Group,Minor Group,Broad Occupation,Detailed Occupation,Detailed O*NET-SOC,"
    "SOC or O*NET-SOC 2019 Title\n"
)


def test_exposure(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "aei_job_exposure",
        {EXPOSURE: 'occ_code,title,observed_exposure\n11-1011,"Chiefs, all",0.25\n'},
    )
    assert table.to_pylist() == [
        {
            "vintage": "a" * 12,
            "source_file": EXPOSURE,
            "source_row": 2,
            "soc_code": "11-1011",
            "title": "Chiefs, all",
            "observed_exposure": 0.25,
        }
    ]


@pytest.mark.parametrize(
    ("row", "error"),
    [("11-1011,x,1.5", ContractError), ("11-1011.00,x,0.5", ContractError), ("11-1011,x,", CellError)],
)
def test_an_exposure_that_is_none_is_refused(tmp_path: Path, row: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(tmp_path, "aei_job_exposure", {EXPOSURE: f"occ_code,title,observed_exposure\n{row}\n"})


def test_another_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HeaderError, match="missing"):
        read(tmp_path, "aei_job_exposure", {EXPOSURE: "occ_code,title,exposure\n11-1011,x,0.5\n"})


def test_a_task_that_occurs_twice_is_kept_twice(tmp_path: Path) -> None:
    name = f"{IMPACTS}/task_penetration.csv"
    table = read(tmp_path, "aei_task_penetration", {name: "task,penetration\nDo it.,0.1\nDo it.,0.2\n"})
    assert table.column("penetration").to_pylist() == [0.1, 0.2]


def test_usage_is_of_three_releases_and_knows_the_pseudo_task(tmp_path: Path) -> None:
    names = (
        f"{FEBRUARY}/onet_task_mappings.csv",
        f"{MARCH}/task_pct_v1.csv",
        f"{MARCH}/task_pct_v2.csv",
    )
    table = read(
        tmp_path,
        "aei_task_usage",
        {name: f"task_name,pct\ndo it.,{n}.5\nnone,1.0\n" for n, name in enumerate(names)},
    )
    columns = ("release", "task_name", "usage_percent", "is_pseudo_task", "source_row")
    assert [tuple(row[c] for c in columns) for row in table.to_pylist()][:4] == [
        ("2025-02-10", "do it.", 0.5, False, 2),
        ("2025-02-10", "none", 1.0, True, 3),
        ("2025-03-27 v1", "do it.", 1.5, False, 2),
        ("2025-03-27 v1", "none", 1.0, True, 3),
    ]
    assert table.num_rows == 6


def test_a_release_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingSourceError, match="task_pct_v1"):
        read(tmp_path, "aei_task_usage", {f"{FEBRUARY}/onet_task_mappings.csv": "task_name,pct\nx,1\n"})


def test_a_thinking_fraction_may_be_unpublished(tmp_path: Path) -> None:
    name = f"{MARCH}/task_thinking_fractions.csv"
    table = read(tmp_path, "aei_task_thinking", {name: "task_name,thinking_fraction\na,0.5\nb,\n"})
    assert table.column("thinking_fraction").to_pylist() == [0.5, None]


def test_legacy_wages_shorten_the_code_and_read_minus_one_as_missing(tmp_path: Path) -> None:
    row = "11-1011.03,Chiefs,Management,True,False,-1,103950.0,1200,-1.0,\n"
    (read_row,) = read(tmp_path, "aei_legacy_wage", {WAGES: WAGE_HEADER + row}).to_pylist()
    assert read_row["legacy_soc_code"] == "11-1011"
    assert (read_row["is_bright"], read_row["is_green"]) == (True, False)
    assert (read_row["median_salary_usd"], read_row["job_forecast"]) == (103950.0, 1200)
    assert [read_row[name] for name in ("job_zone", "automation_chance_percent", "wage_group")] == [None] * 3


def test_the_structure_takes_the_code_from_the_column_of_its_level(tmp_path: Path) -> None:
    text = (
        STRUCTURE_HEADER + "11-0000,,,,,Management\n,11-1000,,,,Top\n,,11-1010,,,Chiefs\n,,,11-1011,,Chiefs\n"
    )
    table = read(tmp_path, "aei_soc_structure", {STRUCTURE: text + ",,,,11-1011.03,Sustainability\n"})
    assert list(zip(table.column("level").to_pylist(), table.column("code").to_pylist(), strict=True)) == [
        ("major", "11-0000"),
        ("minor", "11-1000"),
        ("broad", "11-1010"),
        ("detailed", "11-1011"),
        ("onet", "11-1011.03"),
    ]


def test_a_structure_row_without_a_code_is_refused_by_row(tmp_path: Path) -> None:
    with pytest.raises(CellError) as caught:
        read(tmp_path, "aei_soc_structure", {STRUCTURE: STRUCTURE_HEADER + "11-0000,,,,,M\n,,,,,Nobody\n"})
    assert caught.value.place == "row 3, column 'code'"


@pytest.fixture(scope="module")
def real_files(real_mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> SourceFiles:
    settings = Settings(sources="mirror", mirror=(real_mirror,), data=tmp_path_factory.mktemp("run"))
    return acquire("economic_index", settings, read_lock(PROJECT_ROOT / "data" / "sources.lock.json"))


@pytest.mark.real_data
def test_the_real_index_has_the_rows_on_record(real_files: SourceFiles) -> None:
    recorded = read_expectations(Settings().policies_root).rows["economic_index"][real_files.vintage]
    assert {name: reader(real_files).num_rows for name, reader in READERS.items()} == recorded
    assert (recorded["aei_job_exposure"], recorded["aei_task_penetration"]) == (756, 17_998)


@pytest.mark.real_data
def test_the_real_legacy_wages_are_of_821_codes(real_files: SourceFiles) -> None:
    codes = READERS["aei_legacy_wage"](real_files).column("legacy_soc_code").to_pylist()
    assert len(set(codes)) == 821
