"""Sheets: written for two blind coders, read back strictly, labelled at a terminal."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aina_assets.core.errors import (
    AinaError,
    CellError,
    ContractError,
    EmptyFileError,
    EncodingError,
    HeaderError,
    RaggedTableError,
)
from aina_assets.titles.gold.labels import GoldError
from aina_assets.titles.gold.sampling import SampledTitle, draw_sample
from aina_assets.titles.gold.sheets import (
    Progress,
    SheetLabel,
    label_rows,
    read_judged,
    read_sample,
    read_sheet,
    write_sheets,
)

HEADER = "row_id,title,scope,codes,level,functions,confidence"
SAMPLE = draw_sample([(f"{n:016x}", f"title {n}", f"s{n % 2}") for n in range(40)], size=30, seed=1, floor=2)
AUDITOR = SheetLabel("0001", "in", ("13-2011", "13-2082"), "detailed", ("finance",), "h")


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def sheet_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_two_sheets_in_orders_of_their_own_and_a_sample_that_is_read_again(tmp_path: Path) -> None:
    write_sheets(tmp_path, SAMPLE, seed=1)
    sheets = [[row["row_id"] for row in sheet_rows(tmp_path / f"coder_{coder}.csv")] for coder in "ab"]
    assert sheets[0] != sheets[1]
    assert sorted(sheets[0]) == sorted(sheets[1]) == [row.row_id for row in SAMPLE]
    assert sorted(sheets[0]) != sheets[0]
    read = read_sample(tmp_path / "sample.csv")
    assert [row.weight for row in read] == pytest.approx([row.weight for row in SAMPLE])
    assert [(r.row_id, r.title_id, r.title, r.sampling_stratum) for r in read] == [
        (r.row_id, r.title_id, r.title, r.sampling_stratum) for r in SAMPLE
    ]
    assert read_sheet(tmp_path / "coder_a.csv") == {}


def test_the_sheets_tell_a_coder_nothing_but_the_title(tmp_path: Path) -> None:
    write_sheets(tmp_path, SAMPLE, seed=1)
    assert (tmp_path / "coder_a.csv").read_text("utf-8").startswith(f"{HEADER}\n")
    for row in sheet_rows(tmp_path / "coder_a.csv"):
        assert [column for column, cell in row.items() if cell] == ["row_id", "title"]


def test_sheets_are_the_same_bytes_again(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_sheets(tmp_path / folder, SAMPLE, seed=1)
    for name in ("sample.csv", "coder_a.csv", "coder_b.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("name", ["sample.csv", "coder_a.csv", "coder_b.csv"])
def test_a_sheet_that_is_there_is_never_overwritten(tmp_path: Path, name: str) -> None:
    written(tmp_path / name, "labels")
    with pytest.raises(GoldError, match="there already"):
        write_sheets(tmp_path, SAMPLE, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "labels"


def test_no_spreadsheet_runs_a_title(tmp_path: Path) -> None:
    titles = ["=cmd()", " +1", "-x", "@sum", "a\x1b[2Jb\nc", "plain"]
    rows = [SampledTitle(str(n), None, title, "all", 1.0) for n, title in enumerate(titles)]
    write_sheets(tmp_path, rows, seed=1)
    shown = {row["title"] for row in sheet_rows(tmp_path / "coder_a.csv")}
    assert shown == {"'=cmd()", "' +1", "'-x", "'@sum", "a [2Jb c", "plain"}
    assert [row.title for row in read_sample(tmp_path / "sample.csv")] == titles


def test_a_filled_sheet_is_read_as_spreadsheets_write_it(tmp_path: Path) -> None:
    lines = [HEADER, '0001,auditor,in,"13-2011, 13-2082",detailed,finance,h', "0002,boss,,,,,"]
    path = written(tmp_path / "coder_a.csv", b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert read_sheet(path) == {"0001": AUDITOR}


@pytest.mark.parametrize("suffix", [".out", ".psv"])
def test_lines_with_bars_are_a_sheet_too(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"A00{suffix}"
    written(path, "0001|in|13-2011,13-2082|detailed|finance|h\n0002|not_a_job|-|none|-|l\n")
    nothing = SheetLabel("0002", "not_a_job", (), "none", (), "l")
    assert read_sheet(path) == {"0001": AUDITOR, "0002": nothing}


GOOD = "0001|in|13-2011|detailed|finance|h\n"
BAD_SHEETS: dict[str, tuple[str, str | bytes, type[AinaError], str]] = {
    "empty": ("a.out", "", EmptyFileError, "empty file"),
    "not UTF-8": ("a.out", b"\xff", EncodingError, "line 1"),
    "five fields": ("a.out", GOOD + "0002|in|13-2011|detailed|h\n", RaggedTableError, "line 2"),
    "blank line": ("a.out", GOOD + "\n" + GOOD, RaggedTableError, "line 2"),
    "twice": ("a.out", GOOD + GOOD, ContractError, "line 2"),
    "twice unlabelled": ("a.csv", f"{HEADER}\n1,x,,,,,\n1,x,,,,,\n", ContractError, "line 3"),
    "other header": ("a.csv", "row_id,title\n1,x\n", HeaderError, "line 1"),
    "scope": ("a.out", GOOD.replace("|in|", "|maybe|"), CellError, "scope: 'maybe'"),
    "code": ("a.out", GOOD.replace("13-2011", "13-20"), CellError, "soc_codes: '13-20'"),
    "level": ("a.out", GOOD.replace("detailed", "exact"), CellError, "level: 'exact'"),
    "function": ("a.out", GOOD.replace("finance", "money"), CellError, "functions: 'money'"),
    "no function": ("a.out", GOOD.replace("finance", "-"), CellError, "in scope has at least one"),
    "function out": ("a.out", GOOD.replace("|in|", "|military|"), CellError, "out of scope"),
    "confidence": ("a.out", GOOD.replace("|h", "|high"), CellError, "confidence: 'high'"),
    "five codes": (
        "a.out",
        GOOD.replace("13-2011", "13-2011,13-2021,13-2031,13-2041,13-2051"),
        CellError,
        "at most 4",
    ),
    "half labelled": ("a.csv", f"{HEADER}\n1,x,in,13-2011,,,\n", CellError, "line 2"),
    "no row id": ("a.out", GOOD.replace("0001", ""), CellError, "row_id: blank"),
}


@pytest.mark.parametrize("fault", BAD_SHEETS)
def test_a_bad_sheet_is_refused_with_the_place(tmp_path: Path, fault: str) -> None:
    name, content, error, message = BAD_SHEETS[fault]
    with pytest.raises(error, match=message) as caught:
        read_sheet(written(tmp_path / name, content))
    assert caught.value.file == str(tmp_path / name)
    assert "gold_codebook.md" in caught.value.remedy


def test_judgements_are_read_in_both_forms(tmp_path: Path) -> None:
    expected = {"0001": ("13-2011", "13-2082"), "0002": ()}
    bars = written(tmp_path / "judged.out", "0001|13-2011,13-2082\n0002|-\n")
    commas = written(tmp_path / "judged.csv", "row_id,codes\n0001,13-2011 13-2082\n0002,\n")
    assert read_judged(bars) == read_judged(commas) == expected


@pytest.mark.parametrize(
    ("content", "error"),
    [("1|13-20\n", CellError), ("1|13-2011|h\n", RaggedTableError), ("1|-\n1|-\n", ContractError)],
)
def test_a_bad_judgement_is_refused(tmp_path: Path, content: str, error: type[AinaError]) -> None:
    with pytest.raises(error):
        read_judged(written(tmp_path / "judged.out", content))


def test_a_sample_with_tabs_gets_ids_strata_and_weights(tmp_path: Path) -> None:
    ids: Callable[[str], str | None] = {"analyst": "0" * 16}.get
    path = written(tmp_path / "sample.tsv", "0000\tanalyst\tuniq\t15\t90\t4\n0001\t%%\tnone\tmil\t7\t7\n")
    assert read_sample(path, ids) == (
        SampledTitle("0000", "0" * 16, "analyst", "uniq/15", 22.5),
        SampledTitle("0001", None, "%%", "none/mil", 1.0),
    )
    plain = written(tmp_path / "starter.tsv", "0000\tanalyst\n")
    assert read_sample(plain, ids) == (SampledTitle("0000", "0" * 16, "analyst", "all", 1.0),)


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("s.tsv", "0\ta\tb\n", RaggedTableError, "3 cells"),
        ("s.tsv", "0\ta\tl\tg\t9\t0\n", CellError, "'9' / '0'"),
        ("s.tsv", "0\ta\tl\tg\tmany\t1\n", CellError, "'many' / '1'"),
        ("s.tsv", "0\ta\n0\tb\n", ContractError, "'0' occurs twice"),
        ("s.csv", "row_id,title_id,title,sampling_stratum,weight\n0,,a,all,-1\n", CellError, "weight"),
        ("s.csv", "row_id,title_id,title,sampling_stratum,weight\n0,,a,,1\n", CellError, "stratum"),
        ("s.csv", "row_id,title\n0,a\n", HeaderError, "expected row_id,title_id"),
    ],
)
def test_a_bad_sample_is_refused(
    tmp_path: Path, name: str, content: str, error: type[AinaError], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_sample(written(tmp_path / name, content), lambda _: None)


def test_a_sample_without_ids_needs_a_way_to_find_them(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no title ids"):
        read_sample(written(tmp_path / "s.tsv", "0\ta\n"))


class Person:
    """Types given lines at the terminal; at their end the input ends."""

    def __init__(self, *lines: str) -> None:
        self._lines: Iterator[str] = iter(lines)
        self.prompts: list[str] = []
        self.seen: list[str] = []

    def ask(self, prompt: str) -> str:
        self.prompts.append(prompt)
        try:
            return next(self._lines)
        except StopIteration as error:
            raise EOFError from error

    def label(self, sheet: Path) -> Progress:
        return label_rows(sheet, self.ask, self.seen.append)


def empty_sheet(tmp_path: Path) -> Path:
    return written(tmp_path / "s.csv", f"{HEADER}\n0001,auditor,,,,,\n0002,sergeant,,,,,\n0003,boss,,,,,\n")


def test_a_person_labels_skips_stops_and_goes_on(tmp_path: Path) -> None:
    sheet = empty_sheet(tmp_path)
    first = Person("in", "13-2011, 13-2082", "detailed", "finance", "h", "", "q")
    assert first.label(sheet) == Progress(labelled=1, left=2)
    assert read_sheet(sheet) == {"0001": AUDITOR}
    second = Person("military", "55", "major", "m")
    assert second.label(sheet) == Progress(labelled=1, left=1)
    assert second.seen == ["\n2 of 3: sergeant", "\n3 of 3: boss"]
    # Out of scope no function is asked for.
    assert not any(prompt.startswith("functions") for prompt in second.prompts)
    assert read_sheet(sheet)["0002"] == SheetLabel("0002", "military", ("55",), "major", (), "m")
    assert [row["title"] for row in sheet_rows(sheet)] == ["auditor", "sergeant", "boss"]


def test_a_wrong_field_is_asked_again_and_says_why(tmp_path: Path) -> None:
    sheet = empty_sheet(tmp_path)
    tries = [
        "inside",
        "in",
        "13",
        "13-2011 13-2011",
        "13-2011 13-2021 13-2031 13-2041 13-2051",
        "13-2011 13-2082",
    ]
    person = Person(*tries, "fine", "detailed", "money", "-", "finance", "high", "h")
    assert person.label(sheet) == Progress(labelled=1, left=2)
    assert read_sheet(sheet) == {"0001": AUDITOR}
    said = [line.partition(":")[0] for line in person.seen if not line.startswith("\n")]
    assert said == ["scope", *["soc_codes"] * 2, "codes", "level", *["functions"] * 2, "confidence"]


@pytest.mark.parametrize("last", ["", "q"])
def test_a_row_left_half_way_stays_unlabelled(tmp_path: Path, last: str) -> None:
    sheet = empty_sheet(tmp_path)
    before = sheet.read_bytes()
    assert Person("in", "13-2011", last).label(sheet) == Progress(labelled=0, left=3)
    assert sheet.read_bytes() == before


def test_every_row_is_in_the_file_before_the_next_is_asked(tmp_path: Path) -> None:
    sheet = empty_sheet(tmp_path)
    person = Person("military", "55", "major", "m")

    def interrupted(prompt: str) -> str:
        try:
            return person.ask(prompt)
        except EOFError:
            raise KeyboardInterrupt from None

    with pytest.raises(KeyboardInterrupt):
        label_rows(sheet, interrupted, person.seen.append)
    assert list(read_sheet(sheet)) == ["0001"]


def test_a_title_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    sheet = written(tmp_path / "s.csv", f"{HEADER}\n1,a\x1b[2Jb,,,,,\n")
    person = Person("q")
    person.label(sheet)
    assert person.seen == ["\n1 of 1: a [2Jb"]


def test_only_a_csv_sheet_is_labelled_at_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"only a \.csv sheet"):
        Person().label(written(tmp_path / "a.out", GOOD))
