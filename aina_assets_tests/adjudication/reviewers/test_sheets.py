"""Sheets of verdicts: nothing that a spreadsheet runs or mangles, and every wrong line named."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.adjudication.protocol import ReviewRequest, Verdict
from aina_assets.adjudication.reviewers.sheets import (
    PERSON_HEADER,
    SheetError,
    person_sheet,
    read_person_sheet,
    read_verdicts,
    safe_cell,
    sheet_id,
    sheet_named_in,
    verdict_of,
)
from aina_assets_tests.adjudication.reviewers.asked import request_of, rows_of, spec_of

PATH = Path("filled.csv")
ROWS = rows_of("Brand Manager", '=HYPERLINK("http://x.example";"click")', "Baker, night shift")


@pytest.fixture
def request_() -> ReviewRequest:
    return request_of(spec_of("person"), ROWS)


def lines_of(sheet: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"), newline="")))


def filled(sheet: bytes, *answers: str) -> list[list[str]]:
    lines = lines_of(sheet)
    for line, answer in zip(lines[1:], answers, strict=True):
        line[6] = answer
    return lines


def written(lines: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(lines)
    return text.getvalue().encode(encoding)


@given(st.text(max_size=30))
def test_no_cell_begins_like_a_formula_or_breaks_its_line(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", " "))
    assert len(cell.splitlines()) <= 1
    assert "".join(cell.removeprefix("'").split()) == "".join(text.removeprefix("'").split()) or cell == text


def test_a_sheet_shows_each_row_with_its_groups_and_nothing_runs(request_: ReviewRequest) -> None:
    sheet = person_sheet(request_)
    assert sheet.startswith(b"\xef\xbb\xbf")
    header, *lines = lines_of(sheet)
    assert tuple(header) == PERSON_HEADER
    assert [line[1] for line in lines] == ["r-00000001", "r-00000002", "r-00000003"]
    assert {line[0] for line in lines} == {sheet_id(request_)}
    assert lines[0][4] == (
        "1: minor 11-2000 Advertising and sales managers | 2: function marketing Marketing"
    )
    assert lines[1][2:4] == ["'" + ROWS[1].title, "'" + ROWS[1].written_as]
    for line in lines:
        assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_a_spreadsheet_gives_back_is_read(
    delimiter: str, encoding: str, request_: ReviewRequest
) -> None:
    lines = filled(person_sheet(request_), "1", " Exclude: not_a_job ", "KEEP")
    # Sorted the other way, with a comment of two lines and an empty line at the end.
    lines = [lines[0], *reversed(lines[1:]), [""] * 8]
    lines[1][7] = "not sure;\nask again"
    content = written(lines, delimiter, encoding)
    assert sheet_named_in(content, PATH) == sheet_id(request_)
    assert read_person_sheet(content, request_, PATH) == {
        "00000001": Verdict(decision="promote_fallback", level="minor", code="11-2000"),
        "00000002": Verdict(decision="exclude", level=None, code="not_a_job"),
        "00000003": Verdict(decision="keep", level=None, code=None),
    }


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("keep", ("keep", None, None)),
        ("2", ("promote_fallback", "function", "marketing")),
        ("function:sales", ("promote_fallback", "function", "sales")),
        ("Minor: 13-1100", ("promote_fallback", "minor", "13-1100")),
        ("exclude:military", ("exclude", None, "military")),
    ],
)
def test_each_kind_of_answer(answer: str, verdict: tuple[str, str | None, str | None]) -> None:
    assert tuple(verdict_of(answer, ROWS[0]).model_dump().values()) == verdict


NO_ANSWERS = """
yes 0 3 -1 1.0 ² exclude exclude:boring function:wizardry function: minor:Nov-00 minor:11-2000-1
galaxy:11-0000 keep: promote_fallback
"""


@pytest.mark.parametrize("answer", ["", *NO_ANSWERS.split()])
def test_what_is_no_answer_is_refused(answer: str) -> None:
    with pytest.raises(ValueError, match=r"answer|number"):
        verdict_of(answer, ROWS[0])


def spoil(lines: list[list[str]], kind: str) -> None:
    if kind == "a row twice":
        lines.append(list(lines[1]))
    elif kind == "a row of no sheet":
        lines[2][1] = "r-ffffffff"
    elif kind == "a row of another sheet":
        lines[2][0] = "s-0123456789abcdef"
    elif kind == "a missing row":
        del lines[3]
    elif kind == "a column sorted alone":
        lines[1][2], lines[3][2] = lines[3][2], lines[1][2]
    elif kind == "no answer":
        lines[2][6] = ""
    elif kind == "a number for an id":
        lines[1][1] = "1"


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("a row twice", ["line 5: row r-00000001 stands twice"]),
        ("a row of no sheet", ["line 3: no row of this sheet has the id 'r-ffffffff'"]),
        ("a row of another sheet", ["line 3: of another sheet"]),
        ("a missing row", ["no line for row r-00000003"]),
        ("a column sorted alone", ["line 2: the title of r-00000001", "line 4: the title of r-00000003"]),
        ("no answer", ["line 3: no answer"]),
        ("a number for an id", ["line 2: no row of this sheet has the id '1'"]),
    ],
)
def test_every_wrong_line_is_named(kind: str, named: list[str], request_: ReviewRequest) -> None:
    lines = filled(person_sheet(request_), "1", "keep", "keep")
    spoil(lines, kind)
    with pytest.raises(SheetError) as caught:
        read_person_sheet(written(lines), request_, PATH)
    assert caught.value.message.startswith(f"{len(named)} fault")
    for text in named:
        assert text in caught.value.message


def test_a_line_number_counts_the_lines_of_the_file(request_: ReviewRequest) -> None:
    lines = filled(person_sheet(request_), "1", "keep", "perhaps")
    lines[1][7] = "a comment\nof three\nlines"
    with pytest.raises(SheetError, match="line 6: 'perhaps' is no answer"):
        read_person_sheet(written(lines), request_, PATH)


def test_of_many_faults_the_first_are_named(request_: ReviewRequest) -> None:
    request = request_of(spec_of("person"), rows_of(*(f"Title {number}" for number in range(50))))
    with pytest.raises(SheetError, match=r"50 faults:(.|\n)*line 21(.|\n)*and 30 more"):
        read_person_sheet(person_sheet(request), request, PATH)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "header is not|nothing stands"),
        (b"a,b\n1,2\n", "the header is not sheet,row_id"),
        (",".join(PERSON_HEADER).encode() + b"\n", "nothing stands below the header"),
        (",".join(PERSON_HEADER).encode() + b"\ns,r\n", "2 cells instead of 8"),
        (",".join(PERSON_HEADER).encode() + b"\n\xe9,,,,,,,\n", "not UTF-8 at byte"),
        (",".join(PERSON_HEADER).encode() + b'\n"a"b,,,,,,,\n', "not CSV"),
        (",".join(PERSON_HEADER).encode() + b'\n"never closed,,,,,,,\n', "not CSV"),
        (",".join(PERSON_HEADER).encode() + b"\n../../etc,r,,,,,,\n", "no sheet has the id"),
        (",".join(PERSON_HEADER).encode() + b"\na,,,,,,,\nb,,,,,,,\n", "the lines of one sheet"),
        (b"x" * ((16 << 20) + 1), "longer than"),
    ],
)
def test_what_is_no_sheet_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(SheetError, match=says) as caught:
        sheet_named_in(content, PATH)
    assert caught.value.file == "filled.csv"


def test_verdicts_by_title_are_read(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.csv"
    path.write_text(
        "title,decision,level,code\n"
        "Brand Manager,promote_fallback,minor,11-2000\n"
        '"Baker, night shift",exclude,,physical_trade\n'
        "Associate,keep,,\n"
    )
    assert read_verdicts(path) == {
        "Brand Manager": Verdict(decision="promote_fallback", level="minor", code="11-2000"),
        "Baker, night shift": Verdict(decision="exclude", level=None, code="physical_trade"),
        "Associate": Verdict(decision="keep", level=None, code=None),
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (",keep,,", "line 3: no title"),
        ("A,keep,,", "line 3: 'A' stands twice"),
        ("B,maybe,,", "line 3: decision: .*'maybe'"),
        ("B,promote_fallback,galaxy,11-2000", "line 3: level: .*'galaxy'"),
        ("B,promote_fallback,minor,", "line 3: promote_fallback with level 'minor' and code None"),
        ("B,exclude,,", "line 3: exclude with"),
        ("B,exclude,minor,military", "line 3: exclude with"),
        ("B,keep,,military", "line 3: keep with"),
        ("B,exclude,,all of them and more", "line 3: code: "),
    ],
)
def test_a_wrong_verdict_is_named_by_its_line(line: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "verdicts.csv"
    path.write_text(f"title,decision,level,code\nA,keep,,\n{line}\n")
    with pytest.raises(SheetError, match=says) as caught:
        read_verdicts(path)
    assert (caught.value.file, caught.value.place) == (str(path), "line 3")


def test_a_sheet_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="No such file"):
        read_verdicts(tmp_path / "none.csv")
