"""O*NET: each vintage by its own layout; a layout that is not known is refused, not guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from aina_assets.core.contracts import TableContract
from aina_assets.core.errors import CellError, HeaderError
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.sources.acquire import SourceFiles, acquire
from aina_assets.sources.expectations import read_expectations
from aina_assets.sources.lock import read_lock
from aina_assets.sources.readers import onet
from aina_assets.sources.tables.onet import CONTRACTS
from aina_assets_tests.conftest import source_files

CELLS = {
    "onet_soc_code": "11-1011.00",
    "related_onet_soc_code": "11-1021.00",
    "task_id": "8823",
    "task_type": "Core",
    "incumbents_responding": "n/a",
    "updated_month": "08/2023",
    "category": "3",
    "data_value": "4.5",
    "respondents": "30",
    "standard_error": "0.1",
    "lower_ci_bound": "n/a",
    "upper_ci_bound": "n/a",
    "is_suppression_recommended": "N",
    "short_title": "n/a",
    "is_shown_in_my_next_move": "Y",
    "is_hot_technology": "Y",
    "is_in_demand": "N",
    "job_zone": "4",
    "relatedness_tier": "Primary-Short",
    "rank": "1",
    "percent": "12.5",
}
CONTRACT_OF = {contract.name: contract for contract in CONTRACTS}
RENAMED = {
    "onet_job_title": ("Alternate Titles.txt", "Job Titles.txt"),
    "onet_software_skill": ("Technology Skills.txt", "Software Skills.txt"),
    "onet_iwa": ("IWA Reference.txt", "GWAs to IWAs.txt"),
    "onet_dwa": ("DWA Reference.txt", "GWAs to IWAs to DWAs.txt"),
}


def text_of(file: onet.TextFile) -> str:
    """A file with one row, in the layout's own columns."""
    row = [CELLS.get(column, f"some {column}") for column in file.columns.values()]
    return "\t".join(file.columns) + "\r\n" + "\t".join(row) + "\r\n"


def layout_files(folder: Path, layout: str) -> SourceFiles:
    """Every file of a layout, one row each."""
    paths: dict[str, Path] = {}
    for layouts in onet.TABLES.values():
        for number, file in enumerate(layouts[onet.LAYOUTS[layout]]):
            paths[file.name] = folder / file.name
            text = text_of(file)
            # The second file of a table holds other rows than the first.
            paths[file.name].write_text(
                text.replace("some element_id", f"some element_id {number}"), newline=""
            )
    return source_files("onet", layout, layout, paths)


@pytest.mark.parametrize("layout", ["29.1", "30.2", "30.3"])
@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_every_table_is_read_by_every_layout(tmp_path: Path, layout: str, contract: TableContract) -> None:
    table = onet.READERS[contract.name](layout_files(tmp_path, layout))
    files = len(onet.TABLES[contract.name][onet.LAYOUTS[layout]])
    assert table.num_rows == files
    assert set(table.column("vintage").to_pylist()) == {layout}
    assert table.column("source_row").to_pylist() == [2] * files
    always_null = {name for name, cell in CELLS.items() if cell == "n/a"}
    for column in {column.name for column in contract.columns} - always_null:
        assert table.column(column).null_count == 0, column


def test_a_task_is_read_as_it_stands(tmp_path: Path) -> None:
    (row,) = onet.READERS["onet_task"](layout_files(tmp_path, "30.2")).to_pylist()
    assert row == {
        "vintage": "30.2",
        "source_file": "Task Statements.txt",
        "source_row": 2,
        "onet_soc_code": "11-1011.00",
        "task_id": 8823,
        "task": "some task",
        "task_type": "Core",
        "incumbents_responding": None,
        "updated_month": date(2023, 8, 1),
        "domain_source": "some domain_source",
    }


@pytest.mark.parametrize("name", RENAMED)
def test_a_renamed_table_reads_alike_from_both_layouts(tmp_path: Path, name: str) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old = onet.READERS[name](layout_files(tmp_path / "old", "30.2"))
    new = onet.READERS[name](layout_files(tmp_path / "new", "30.3"))
    assert (old.column("source_file")[0].as_py(), new.column("source_file")[0].as_py()) == RENAMED[name]
    origin = ["vintage", "source_file"]
    assert old.drop_columns(origin).equals(new.drop_columns(origin))


def test_education_was_split_off_in_30_3(tmp_path: Path) -> None:
    table = onet.READERS["onet_education"](layout_files(tmp_path, "30.3"))
    assert table.column("source_file").to_pylist() == ["Education.txt", "Training and Experience.txt"]


def one_file(tmp_path: Path, layout: str, name: str, content: str) -> SourceFiles:
    path = tmp_path / name
    path.write_text(content, newline="")
    return source_files("onet", layout, layout, {name: path})


def occupations(tmp_path: Path, layout: str, *rows: str) -> SourceFiles:
    text = "\r\n".join(["O*NET-SOC Code\tTitle\tDescription", *rows, ""])
    return one_file(tmp_path, layout, "Occupation Data.txt", text)


def test_an_unknown_layout_is_refused_naming_those_known(tmp_path: Path) -> None:
    files = occupations(tmp_path, "31.0", "11-1011.00\tChief\tLeads.")
    with pytest.raises(HeaderError, match=r"'31\.0' is not known \(known: 29\.1, 30\.2, 30\.3\)") as caught:
        onet.READERS["onet_occupation"](files)
    assert "onet.py" in caught.value.remedy


def test_the_layout_of_another_vintage_does_not_fit(tmp_path: Path) -> None:
    (file,) = onet.TABLES["onet_task_dwa"][onet.CLASSIC]
    with pytest.raises(HeaderError, match="DWA Element ID"):
        onet.READERS["onet_task_dwa"](one_file(tmp_path, "30.3", file.name, text_of(file)))


def test_a_table_that_the_vintage_lacks_has_no_rows(tmp_path: Path) -> None:
    files = occupations(tmp_path, "30.2", "11-1011.00\tChief\tLeads.")
    assert onet.READERS["onet_task_rating"](files).equals(CONTRACT_OF["onet_task_rating"].empty())


def test_quotes_are_kept_as_they_stand(tmp_path: Path) -> None:
    files = occupations(tmp_path, "30.2", '11-1011.00\t"Chief" Officer\tSays "yes.')
    (row,) = onet.READERS["onet_occupation"](files).to_pylist()
    assert (row["title"], row["description"]) == ('"Chief" Officer', 'Says "yes.')


def test_a_required_cell_without_a_value_is_named(tmp_path: Path) -> None:
    files = occupations(tmp_path, "30.2", "11-1011.00\tChief\tLeads.", "11-1021.00\tn/a\tManages.")
    with pytest.raises(CellError) as caught:
        onet.READERS["onet_occupation"](files)
    assert caught.value.place == "row 3, column 'Title'"


# --- the real releases


def real_counts(real_mirror: Path, tmp_path: Path, vintage: str) -> dict[str, int]:
    settings = Settings(sources="mirror", mirror=(real_mirror,), data=tmp_path, onet_vintage=vintage)
    files = acquire("onet", settings, read_lock(PROJECT_ROOT / "data" / "sources.lock.json"))
    return {name: reader(files).num_rows for name, reader in onet.READERS.items()}


@pytest.mark.real_data
@pytest.mark.parametrize("vintage", ["29.1", "30.2", "30.3"])
def test_a_real_release_has_the_rows_on_record(real_mirror: Path, tmp_path: Path, vintage: str) -> None:
    expectations = read_expectations(Settings().policies_root)
    recorded = expectations.rows["onet"][vintage]
    counts = real_counts(real_mirror, tmp_path, vintage)
    assert {name: counts[name] for name in recorded} == recorded
    assert (counts["onet_occupation"], counts["onet_task"]) == (1016, 18796)
