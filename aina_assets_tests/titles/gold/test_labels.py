"""The gold set: its split, its file, how each fault in it is refused; the codebook tells the closed lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.errors import (
    AinaError,
    CellError,
    ContractError,
    EmptyFileError,
    EncodingError,
    HeaderError,
    RaggedTableError,
)
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.titles.functions import NAMES
from aina_assets.titles.gold.labels import (
    COLUMNS,
    LEVELS,
    SCOPES,
    GoldError,
    GoldLabel,
    read_gold,
    split_of,
    write_gold,
)
from aina_assets.titles.scope import REASONS

TEST_ID, TUNE_ID = "0000000000000002", "0000000000000003"
HEADER = "title_id,scope,functions,soc_codes,level,is_settled,sampling_stratum,weight"
TEST_ROW = f"{TEST_ID},in,finance data,13-2011 15-2051,detailed,false,exact/13,2.5"
TUNE_ROW = f"{TUNE_ID},military,,55,major,true,none/mil,40"

TUNE = GoldLabel(TUNE_ID, False, "military", (), ("55",), "major", True, "none/mil", 40.0)
TEST = GoldLabel(
    TEST_ID, True, None, ("finance", "data"), ("13-2011", "15-2051"), "detailed", False, "exact/13", 2.5
)

title_ids = st.integers(0, 16**16 - 1).map("{:016x}".format)
codes = st.sampled_from(["13-2011", "15-2051", "55", "53-3032"])


@st.composite
def gold_labels(draw: st.DrawFn) -> GoldLabel:
    reason = draw(st.none() | st.sampled_from(REASONS))
    functions = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
    return GoldLabel(
        title_id=draw(title_ids),
        is_in_scope=reason is None,
        scope_reason=reason,
        functions=tuple(functions) if reason is None else (),
        soc_codes=tuple(draw(st.lists(codes, max_size=3, unique=True))),
        level=draw(st.sampled_from(LEVELS)),
        is_settled=draw(st.booleans()),
        sampling_stratum=draw(st.sampled_from(["all", "exact/13", "a, b"])),
        weight=float(draw(st.integers(1, 10**6))) / 8,
        raw_title=draw(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]))),
    )


def gold_file(tmp_path: Path, *lines: str, header: str = HEADER) -> Path:
    path = tmp_path / "gold.csv"
    path.write_bytes("".join(f"{line}\n" for line in (header, *lines)).encode())
    return path


def both_parts(path: Path) -> list[GoldLabel]:
    return sorted((*read_gold(path), *read_gold(path, split="test")), key=lambda label: label.title_id)


def test_the_split_is_the_one_that_it_was() -> None:
    ids = [f"{number:016x}" for number in range(12)]
    found = "".join("u" if split_of(title_id) == "tune" else "e" for title_id in ids)
    assert found == "uueuueeeuueu"


def test_two_fifths_of_all_titles_are_for_tuning() -> None:
    tune = sum(split_of(f"{number:016x}") == "tune" for number in range(20_000))
    # Four standard deviations of a fair draw.
    assert abs(tune / 20_000 - 0.4) < 0.014


def test_each_part_is_read_apart_and_tune_unless_named(tmp_path: Path) -> None:
    path = gold_file(tmp_path, TEST_ROW, TUNE_ROW)
    assert read_gold(path) == read_gold(path, split="tune") == (TUNE,)
    assert read_gold(path, split="test") == (TEST,)
    assert (TUNE.split, TEST.split, TUNE.scope, TEST.scope) == ("tune", "test", "military", "in")


def test_there_is_no_third_part(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no part 'all'"):
        read_gold(gold_file(tmp_path, TEST_ROW), split="all")  # type: ignore[arg-type]


@pytest.mark.parametrize("with_titles", [False, True])
@given(labels=st.lists(gold_labels(), min_size=1, max_size=5, unique_by=lambda label: label.title_id))
def test_what_is_written_is_read_again_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, with_titles: bool, labels: list[GoldLabel]
) -> None:
    path = tmp_path_factory.mktemp("gold") / "gold.csv"
    write_gold(path, labels, with_titles=with_titles)
    content = path.read_bytes()
    expected = [
        label if with_titles else replace(label, raw_title=None)
        for label in sorted(labels, key=lambda label: label.title_id)
    ]
    assert both_parts(path) == expected
    write_gold(path, reversed(both_parts(path)), with_titles=with_titles)
    assert path.read_bytes() == content


def test_the_file_has_no_text_of_titles_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    write_gold(path, [replace(TUNE, raw_title="Sergeant"), TEST])
    assert path.read_text("utf-8") == f"{HEADER}\n{TEST_ROW}\n{TUNE_ROW}\n"
    assert ",".join(COLUMNS) == HEADER


def test_labels_that_no_file_can_hold_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    with pytest.raises(GoldError, match=f"{TUNE_ID} has two labels"):
        write_gold(path, [TUNE, TEST, TUNE])
    with pytest.raises(GoldError, match=f"{TEST_ID} has no text"):
        write_gold(path, [TEST], with_titles=True)
    assert not path.exists()


BAD_ROWS = {
    "scope": (lambda row: row.replace(",in,", ",inside,"), "scope: 'inside' is none of in, frontline"),
    "blank scope": (lambda row: row.replace(",in,", ",,"), "scope: "),
    "function": (lambda row: row.replace("data", "magic"), "functions: 'magic' is none of"),
    "function twice": (lambda row: row.replace("data", "finance"), "functions: .* is listed twice"),
    "in without function": (lambda row: row.replace("finance data", ""), "functions: a title in scope has"),
    "function out of scope": (
        lambda row: row.replace(",in,", ",military,"),
        r"functions: a title out of scope \(military\) has none, found 'finance data'",
    ),
    "code": (lambda row: row.replace("13-2011", "13-201"), "soc_codes: '13-201' is neither"),
    "group's code": (lambda row: row.replace("13-2011", "13-2010"), "soc_codes: '13-2010' is neither"),
    "O*NET code": (lambda row: row.replace("13-2011", "13-2011.00"), "soc_codes: '13-2011.00' is neither"),
    "no such major": (lambda row: row.replace("13-2011", "12-2011"), "soc_codes: '12-2011' is neither"),
    "military code": (lambda row: row.replace("13-2011", "55-1011"), "soc_codes: '55-1011' is neither"),
    "commas": (
        lambda row: row.replace("13-2011 15-2051", '"13-2011,15-2051"'),
        "soc_codes: '13-2011,15-2051'",
    ),
    "code twice": (lambda row: row.replace("15-2051", "13-2011"), "soc_codes: .* is listed twice"),
    "level": (lambda row: row.replace("detailed", "fine"), "level: 'fine' is none of detailed, broad"),
    "boolean": (lambda row: row.replace("false", "no"), "is_settled: 'no' is neither true nor false"),
    "stratum": (lambda row: row.replace("exact/13", " "), "sampling_stratum: not a name: ' '"),
    "zero weight": (lambda row: row.replace("2.5", "0"), "weight: 0.0 is not a number above 0"),
    "negative weight": (lambda row: row.replace("2.5", "-1"), "weight: -1.0 is not"),
    "no weight": (lambda row: row.replace("2.5", ""), "weight: '' is not"),
    "not a number": (lambda row: row.replace("2.5", "nan"), "weight: nan is not"),
    "endless": (lambda row: row.replace("2.5", "inf"), "weight: inf is not"),
    "id": (lambda row: row.replace(TEST_ID, "senior analyst"), "title_id: not an id: 'senior analyst'"),
    "blank id": (lambda row: row.replace(TEST_ID, ""), "title_id: not an id: ''"),
}


@pytest.mark.parametrize("fault", BAD_ROWS)
def test_a_bad_row_is_refused_with_its_line_in_whichever_part_it_is(tmp_path: Path, fault: str) -> None:
    change: Callable[[str], str] = BAD_ROWS[fault][0]
    assert change(TEST_ROW) != TEST_ROW
    path = gold_file(tmp_path, change(TEST_ROW), TUNE_ROW)
    with pytest.raises(CellError, match=BAD_ROWS[fault][1]) as caught:
        read_gold(path)
    assert (caught.value.file, caught.value.place) == (str(path), "line 2")
    assert "aina gold import" in caught.value.remedy


BAD_FILES: dict[str, tuple[str | bytes, type[AinaError], str, str | None]] = {
    "empty": ("", EmptyFileError, "empty file", None),
    "no rows": (f"{HEADER}\n", EmptyFileError, "a header and no rows", None),
    "unknown column": (f"{HEADER},note\n{TUNE_ROW},x\n", HeaderError, "the header is title_id", "line 1"),
    "column absent": (f"{HEADER[:-7]}\n{TUNE_ROW[:-3]}\n", HeaderError, "expected title_id,scope", "line 1"),
    "columns moved": (f"scope,{HEADER.replace(',scope', '')}\n{TUNE_ROW}\n", HeaderError, "header", "line 1"),
    "comment": (f"# gold\n{HEADER}\n{TUNE_ROW}\n", HeaderError, "the header is # gold", "line 1"),
    "short row": (f"{HEADER}\n{TUNE_ROW}\na,b\n", RaggedTableError, "2 cells, the header has 8", "line 3"),
    "blank row": (f"{HEADER}\n\n{TUNE_ROW}\n", RaggedTableError, "0 cells", "line 2"),
    "open quote": (f'{HEADER}\n"{TUNE_ROW}\n', RaggedTableError, "not CSV", "line 2"),
    "twice": (f"{HEADER}\n{TUNE_ROW}\n{TUNE_ROW}\n", ContractError, f"{TUNE_ID} occurs twice", "line 3"),
    "unsorted": (f"{HEADER}\n{TUNE_ROW}\n{TEST_ROW}\n", ContractError, "is out of order", "line 3"),
    "carriage returns": (f"{HEADER}\r\n{TUNE_ROW}\r\n", EncodingError, "line feed alone", None),
    "cut off": (f"{HEADER}\n{TUNE_ROW}", EncodingError, "line feed alone", None),
    "byte order mark": (f"\ufeff{HEADER}\n{TUNE_ROW}\n", HeaderError, "the header is", "line 1"),
    "not UTF-8": (f"{HEADER}\n".encode() + b"\xff\n", EncodingError, "not UTF-8", "line 2"),
}


@pytest.mark.parametrize("fault", BAD_FILES)
def test_a_bad_file_is_refused_with_the_place(tmp_path: Path, fault: str) -> None:
    content, error, message, place = BAD_FILES[fault]
    path = tmp_path / "gold.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(error, match=message) as caught:
        read_gold(path)
    assert (caught.value.file, caught.value.place) == (str(path), place)
    assert "aina gold import" in caught.value.remedy


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no such file") as caught:
        read_gold(tmp_path / "gold.csv")
    assert caught.value.file == str(tmp_path / "gold.csv")


def test_a_label_does_not_contradict_itself() -> None:
    with pytest.raises(ValueError, match="a title in scope has none"):
        replace(TUNE, is_in_scope=True)
    with pytest.raises(ValueError, match="a title out of scope has a reason"):
        replace(TEST, is_in_scope=False)
    with pytest.raises(ValueError, match="line break"):
        replace(TEST, raw_title="a\nb")


def test_the_codebook_tells_every_value_of_every_closed_list() -> None:
    text = (Settings().policies_root / "gold_codebook.md").read_text("utf-8")
    version = re.match(r"# Gold codebook (\d+\.\d+\.\d+): ", text)
    assert version
    assert f"- {version[1]}: " in text.partition("## Changes")[2]
    parts = {part.partition("\n")[0]: part for part in text.split("\n## ")}
    for part, values in (("Scope", SCOPES), ("Level", LEVELS), ("Function", NAMES)):
        assert tuple(re.findall(r"^- `(\w+)`: ", parts[part], re.MULTILINE)) == values


def test_the_datasheet_tells_every_column() -> None:
    text = (PROJECT_ROOT / "data" / "gold" / "README.md").read_text("utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == ("raw_title", *COLUMNS)
