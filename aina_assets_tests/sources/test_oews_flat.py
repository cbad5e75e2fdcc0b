"""BLS's full flat file: typed, in the file's order, the same bytes each time, every fault at its line."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from aina_assets.core.errors import (
    AinaError,
    CellError,
    ContractError,
    EmptyFileError,
    EncodingError,
    HeaderError,
    HtmlInsteadOfDataError,
    MissingSourceError,
    RaggedTableError,
    StorageFullError,
    TruncatedFileError,
)
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers import oews_flat, soc
from aina_assets.sources.readers.oews_flat import write_oews_flat
from aina_assets.sources.readers.oews_flat_line import DATA_TYPES, UPSTREAM_NAMES
from aina_assets.sources.readers.oews_workbook import WORKBOOK, read_oews_national
from aina_assets.sources.tables.bls import OEWS_FLAT, OewsMeasure
from aina_assets_tests.conftest import source_files

HEADER = "series_id                     \tyear\tperiod\t       value\tfootnote_codes"
AREAS = "state_code\tarea_code\tareatype_code\tarea_name\r\n00\t0000000\tN\tNational\r\n"
FOOTNOTES = "footnote_code\tfootnote_text\r\n" + "".join(f"{n}\tNote {n}.\r\n" for n in (1, 4, 5, 8))
NAMES = "datatype_code\tdatatype_name\r\n" + "".join(
    f"{code}\t{name}\r\n" for code, name in zip(DATA_TYPES, UPSTREAM_NAMES, strict=True)
)


def line(series: str, value: str, note: str = "", *, year: str = "2025", period: str = "A01") -> str:
    return f"{series:<30}\t{year}\t{period}\t{value:>12}\t{note}"


LINES = [
    line("OEUM001018000000000000001", "75070"),
    line("OEUM00101803320A111101103", "26.13"),
    line("OEUN000000000000011101101", "211850"),
    line("OEUN000000000000011101103", "-", "5"),
    line("OEUN000000031--3411101103", "-", "4"),
    line("OEUS780000000000053706516", "-", "8"),
    line("OEUS780000000000053706517", "0.70", "1"),
]


def flat_files(tmp_path: Path, lines: list[str] | None = None, **contents: bytes) -> SourceFiles:
    """The flat files; `data`, `area`, `footnote` and `datatype` replace a file's content."""
    data = "".join(f"{text}\r\n" for text in [HEADER, *(LINES if lines is None else lines)])
    whole = {
        "oe.data.0.Current": contents.get("data", data.encode("latin-1")),
        "oe.area": contents.get("area", AREAS.encode()),
        "oe.footnote": contents.get("footnote", FOOTNOTES.encode()),
        "oe.datatype": contents.get("datatype", NAMES.encode()),
    }
    for name, content in whole.items():
        (tmp_path / name).write_bytes(content)
    return source_files("oews_flat", "May 2025", "2025", {name: tmp_path / name for name in whole})


def written(tmp_path: Path, lines: list[str] | None = None, **contents: bytes) -> list[dict[str, Any]]:
    target = tmp_path / "out" / "oews_flat.parquet"
    count = write_oews_flat(flat_files(tmp_path, lines, **contents), target, threads=2)
    rows: list[dict[str, Any]] = pq.read_table(target).to_pylist()
    assert len(rows) == count
    return rows


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block holds two lines, so that a small file has several."""
    monkeypatch.setattr(oews_flat, "BLOCK_BYTES", 60)


def test_rows_are_typed_in_the_files_order(tmp_path: Path) -> None:
    rows = written(tmp_path)
    assert rows[1] == {
        "area_type": "M",
        "area_code": "0010180",
        "industry_code": "3320A1",
        "occupation_code": "11-1011",
        "measure": "hourly_mean_wage_usd",
        "year": 2025,
        "value": 26.13,
        "value_status": "published",
        "footnote_codes": None,
        "vintage": "May 2025",
        "source_file": "oe.data.0.Current",
        "source_row": 3,
    }
    assert [(r["value"], r["value_status"], r["footnote_codes"]) for r in rows] == [
        (75070.0, "published", None),
        (26.13, "published", None),
        (211850.0, "published", None),
        (None, "top_coded", "5"),
        (None, "other_pay_basis", "4"),
        (None, "not_released", "8"),
        (0.7, "published", "1"),
    ]
    assert rows[4]["industry_code"] == "31--34"
    assert [r["measure"] for r in rows[5:]] == ["jobs_per_1000", "location_quotient"]


@pytest.mark.usefixtures("tiny_blocks")
def test_line_numbers_run_through_the_blocks(tmp_path: Path) -> None:
    assert [row["source_row"] for row in written(tmp_path)] == [2, 3, 4, 5, 6, 7, 8]


def test_file_holds_the_contract(tmp_path: Path) -> None:
    target = tmp_path / "oews_flat.parquet"
    write_oews_flat(flat_files(tmp_path), target, threads=1, metadata={b"origin": b"a test"})
    assert pq.read_schema(target).equals(OEWS_FLAT.arrow_schema, check_metadata=False)
    assert pq.read_metadata(target).metadata[b"origin"] == b"a test"
    OEWS_FLAT.conform(pq.read_table(target))


@pytest.mark.usefixtures("tiny_blocks")
def test_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    files, found = flat_files(tmp_path), set()
    for threads in (1, 2, 5, 1):
        write_oews_flat(files, tmp_path / "t.parquet", threads=threads)
        found.add((tmp_path / "t.parquet").read_bytes())
    assert len(found) == 1


def test_line_ends_may_be_plain(tmp_path: Path) -> None:
    rows = written(tmp_path)
    data = (tmp_path / "oe.data.0.Current").read_bytes().replace(b"\r\n", b"\n")
    assert written(tmp_path, data=data) == rows


GOOD = "OEUN000000000000011101102"
FAULTS: list[tuple[str, type[AinaError], str, str]] = [
    (line(GOOD, "x1"), CellError, ", column 'value'", "found 'x1'"),
    (line(GOOD, ""), CellError, ", column 'value'", "found ''"),
    (line(GOOD, "nan"), CellError, ", column 'value'", "found 'nan'"),
    (line(GOOD, "inf"), CellError, ", column 'value'", "found 'inf'"),
    (line(GOOD, "-5"), CellError, ", column 'value'", "found '-5'"),
    (line(GOOD, "-"), CellError, ", column 'value'", "no footnote that says why"),
    (line(GOOD, "-", "1"), CellError, ", column 'value'", "found '1'"),
    (line(GOOD, "3.1", "8"), CellError, ", column 'value'", "beside footnote 8"),
    (line(GOOD, "3.1", "9"), CellError, ", column 'footnote_codes'", "'9' is not in oe.footnote"),
    (line("OEUX000000000000011101102", "1"), CellError, ", column 'series_id'", "malformed"),
    (line("OEUN00000000000001110110", "1"), CellError, ", column 'series_id'", "malformed"),
    (line("OEUN0000000000000111-1102", "1"), CellError, ", column 'series_id'", "malformed"),
    (line("OEUN000000000000011101118", "1"), CellError, ", column 'series_id'", "unknown data type '18'"),
    (line("OEUN000000000000011101100", "1"), CellError, ", column 'series_id'", "unknown data type '00'"),
    (line(GOOD, "1").replace(GOOD + "     ", GOOD), CellError, ", column 'series_id'", "5 blanks"),
    (line(GOOD, "1", year="25"), CellError, ", column 'year'", "found '25'"),
    (line(GOOD, "1", period="M13"), CellError, ", column 'period'", "expected A01, found 'M13'"),
    (line(GOOD, "1") + "\tmore", RaggedTableError, "", "6 cells, the header 5"),
    (line(GOOD, "1").removesuffix("\t"), RaggedTableError, "", "4 cells, the header 5"),
    ("", RaggedTableError, "", "1 cells, the header 5"),
    (line(GOOD, "1é"), EncodingError, "", "byte 0xe9"),
    (line(GOOD, "1", "é"), EncodingError, "", "byte 0xe9"),
    (LINES[2], ContractError, ", column 'series_id'", "repeated"),
    (LINES[0], ContractError, ", column 'series_id'", "not in ascending order"),
]


@pytest.mark.parametrize("block_bytes", [60, 1 << 20])
@pytest.mark.parametrize(("bad", "error", "column", "message"), FAULTS)
def test_bad_line_is_named_and_nothing_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    block_bytes: int,
    bad: str,
    error: type[AinaError],
    column: str,
    message: str,
) -> None:
    monkeypatch.setattr(oews_flat, "BLOCK_BYTES", block_bytes)
    target = tmp_path / "out" / "oews_flat.parquet"
    target.parent.mkdir()
    target.write_bytes(b"what stood there")
    files = flat_files(tmp_path, [*LINES[:3], bad, *LINES[3:]])
    with pytest.raises(error) as caught:
        write_oews_flat(files, target, threads=2)
    assert type(caught.value) is error
    assert caught.value.place == f"line 5{column}"
    assert message in caught.value.message
    assert caught.value.file == str(files.path("oe.data.0.Current"))
    assert target.read_bytes() == b"what stood there"
    assert [path.name for path in target.parent.iterdir()] == ["oews_flat.parquet"]


@pytest.mark.usefixtures("tiny_blocks")
def test_the_first_of_several_faults_is_named(tmp_path: Path) -> None:
    with pytest.raises(CellError) as caught:
        written(tmp_path, [*LINES[:5], line("OEUS780000000000053706501", "?"), "ragged", "", LINES[6]])
    assert caught.value.place == "line 7, column 'value'"


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", EmptyFileError, "empty file"),
        (f"{HEADER}\r\n".encode(), EmptyFileError, "a header and no rows"),
        (b"<html><head><title>Access Denied</title></head>\n", HtmlInsteadOfDataError, "Access Denied"),
        (b"series_id\tyear\tvalue\tperiod\tfootnote_codes\r\n", HeaderError, "'value', 'period'"),
        (LINES[0].encode() + b"\r\n", HeaderError, "header differs"),
    ],
)
def test_what_is_no_data_file_is_named(
    tmp_path: Path, data: bytes, error: type[AinaError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        written(tmp_path, data=data)
    assert caught.value.file == str(tmp_path / "oe.data.0.Current")
    assert not (tmp_path / "out" / "oews_flat.parquet").exists()


def test_truncated_last_line_is_named_wherever_it_breaks_off(tmp_path: Path) -> None:
    whole = "".join(f"{text}\r\n" for text in [HEADER, *LINES]).encode()
    for lost in range(1, len(LINES[-1]) + 2):
        with pytest.raises(TruncatedFileError) as caught:
            written(tmp_path, data=whole[:-lost])
        assert caught.value.place == "line 8", lost


def _corruptions(whole: bytes) -> Iterator[tuple[int, bytes]]:
    start = whole.index(b"\n") + 1
    for offset in range(start, len(whole)):
        for byte in (b"\xff", b"\r", b"\n", b"\t", b"x", b"\0", b'"'):
            if whole[offset : offset + 1] != byte:
                yield offset, whole[:offset] + byte + whole[offset + 1 :]


@pytest.mark.slow
def test_corrupt_byte_at_every_offset_is_a_typed_error_at_its_line(tmp_path: Path) -> None:
    whole = "".join(f"{text}\r\n" for text in [HEADER, *LINES[2:5]]).encode()
    files = flat_files(tmp_path)
    path = files.path("oe.data.0.Current")
    for offset, corrupt in _corruptions(whole):
        path.write_bytes(corrupt)
        with pytest.raises(AinaError) as caught:
            write_oews_flat(files, tmp_path / "t.parquet", threads=1)
        number = whole.count(b"\n", 0, offset) + 1
        assert str(caught.value.place).startswith((f"line {number}", f"line {number + 1}")), (offset, corrupt)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (NAMES.replace("Hourly mean wage", "Weekly mean wage"), CellError, "found 'Weekly mean wage'"),
        (NAMES + "18\tSomething\r\n", CellError, "'18'"),
        ("code\tname\r\n01\tEmployment\r\n", HeaderError, "header differs"),
    ],
)
def test_renumbered_data_types_are_refused(
    tmp_path: Path, content: str, error: type[AinaError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        written(tmp_path, datatype=content.encode())
    assert caught.value.file == str(tmp_path / "oe.datatype")


def test_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(StorageFullError):
        written(tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_missing_file(tmp_path: Path) -> None:
    files = source_files("oews_flat", "May 2025", "2025", {})
    with pytest.raises(MissingSourceError):
        write_oews_flat(files, tmp_path / "t.parquet", threads=1)


def test_areas_and_footnotes(tmp_path: Path) -> None:
    files = flat_files(tmp_path)
    assert oews_flat.read_oews_area(files).to_pylist() == [
        {
            "state_code": "00",
            "area_code": "0000000",
            "area_type": "N",
            "area_name": "National",
            "vintage": "May 2025",
            "source_file": "oe.area",
            "source_row": 2,
        }
    ]
    assert oews_flat.read_oews_footnote(files).column("footnote_code").to_pylist() == ["1", "4", "5", "8"]


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ("01\t0100000\tS\r\n", RaggedTableError, "3 cells"),
        ("01\t0100000\tX\tAlabama\r\n", ContractError, "area_type is one of the closed list"),
        ("01\t100000\tS\tAlabama\r\n", ContractError, "area_code matches"),
        ("00\t0000000\tN\tNational\r\n", ContractError, "is unique"),
        ("01\t0100000\tS\t\r\n", CellError, "area_name"),
    ],
)
def test_bad_area_is_refused(tmp_path: Path, row: str, error: type[AinaError], message: str) -> None:
    with pytest.raises(error, match=message):
        oews_flat.read_oews_area(flat_files(tmp_path, area=(AREAS + row).encode()))


@pytest.fixture(scope="session")
def real_flat(tmp_path_factory: pytest.TempPathFactory) -> tuple[SourceFiles, Path]:
    """The official files and the table made from them; AINA_BLS_FLAT is a folder with download.bls.gov/."""
    root = Path(os.environ.get("AINA_BLS_FLAT", PROJECT_ROOT.parent / "shared" / "sources" / "mirror"))
    folder = root / "download.bls.gov/pub/time.series/oe"
    if not (folder / oews_flat.DATA).is_file():
        pytest.skip(f"no BLS flat file below {root} (set AINA_BLS_FLAT)")
    names = (oews_flat.DATA, oews_flat.AREAS, oews_flat.FOOTNOTES, oews_flat.DATA_TYPE_NAMES)
    files = source_files("oews_flat", "May 2025", "2025", {name: folder / name for name in names})
    target = tmp_path_factory.mktemp("flat") / "oews_flat.parquet"
    assert write_oews_flat(files, target, threads=2) == 6_023_970
    return files, target


@pytest.mark.real_data
@pytest.mark.slow
def test_real_flat_file(real_flat: tuple[SourceFiles, Path]) -> None:
    files, target = real_flat
    table = pq.read_table(target, columns=["area_code", "value", "value_status", "source_row"])
    counts = {row["values"]: row["counts"] for row in table["value_status"].value_counts().to_pylist()}
    assert counts == {
        "published": 5832634,
        "other_pay_basis": 98946,
        "not_released": 88052,
        "top_coded": 4338,
    }
    assert table["value"].null_count == 6_023_970 - counts["published"]
    assert (table["source_row"][0].as_py(), table["source_row"][-1].as_py()) == (2, 6_023_971)
    areas = set(oews_flat.read_oews_area(files)["area_code"].to_pylist())
    assert set(table["area_code"].unique().to_pylist()) == areas


@pytest.mark.real_data
@pytest.mark.slow
def test_real_lanes_speak_of_the_same_occupations(
    real_flat: tuple[SourceFiles, Path], real_mirror: Path
) -> None:
    """A year apart: each of the flat file's 1,104 codes is in the workbook; of its 831, Legislators are gone.

    So 49 SOC detailed occupations have no row in May 2025; in May 2024 there were 48.
    """
    bls = real_mirror / "www.bls.gov"
    path = bls / "oes/special-requests/oesm24nat/national_M2024_dl.xlsx"
    workbook = read_oews_national(source_files("oews_national", "May 2024", "2023", {WORKBOOK: path}))
    detailed = {r["occupation_code"] for r in workbook.to_pylist() if r["occupation_group"] == "detailed"}
    is_national = (pc.field("area_type") == "N") & (pc.field("industry_code") == "000000")
    shared = pc.field("measure").isin(list(get_args(OewsMeasure)))
    facts = pq.read_table(real_flat[1], columns=["occupation_code"], filters=is_national & shared)
    codes = set(facts["occupation_code"].to_pylist())
    assert (facts.num_rows, len(codes)) == (1104 * 15, 1104)
    assert codes <= set(workbook["occupation_code"].to_pylist())
    assert detailed - codes == {"11-1031"}
    names = (soc.STRUCTURE, soc.DEFINITIONS)
    files = source_files("soc", "SOC 2018", "2018", {name: bls / "soc/2018" / name for name in names})
    groups = {g["soc_code"] for g in soc.read_soc_group(files).to_pylist() if g["level"] == "detailed"}
    assert (len(groups - codes), len((detailed & codes) - groups)) == (49, 12)
