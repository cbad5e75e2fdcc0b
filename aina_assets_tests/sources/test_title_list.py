"""The title inventory: every non-blank line once, as given, and personal data nowhere."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.errors import (
    EmptyFileError,
    EncodingError,
    HeaderError,
    HtmlInsteadOfDataError,
    RaggedTableError,
    SourceError,
)
from aina_assets.core.storage import sha256_bytes
from aina_assets.sources.readers.title_list import read_title_list, user_title_list
from aina_assets_tests.sources.loopback import HTML_PAGE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("titles")


def read(folder: Path, content: bytes | str, name: str = "titles.txt") -> pa.Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_title_list(user_title_list(path))


def titles(table: pa.Table) -> list[tuple[int, str | None]]:
    numbers, texts = (table.column(name).to_pylist() for name in ("source_row", "raw_title"))
    return list(zip(numbers, texts, strict=True))


# --- text


def test_a_text_is_one_title_a_line(folder: Path) -> None:
    table = read(folder, "Nurse\n\n  Sr. Dev / Ops \n \t \nNurse\n")
    assert titles(table) == [(1, "Nurse"), (3, "  Sr. Dev / Ops "), (5, "Nurse")]
    content = (folder / "titles.txt").read_bytes()
    assert set(table.column("vintage").to_pylist()) == {f"sha256:{sha256_bytes(content)[:12]}"}
    assert set(table.column("source_file").to_pylist()) == {"titles.txt"}
    assert table.column("extra_columns").null_count == table.column("withheld_reason").null_count == 3


def test_windows_lines_a_byte_order_mark_and_no_last_newline(folder: Path) -> None:
    assert titles(read(folder, b"\xef\xbb\xbfNurse\r\n\r\nCook")) == [(1, "Nurse"), (3, "Cook")]


@pytest.mark.parametrize("mark", ["\f", "\v", "\x1c", "\x85", "\u2028", "\r"])
def test_only_a_newline_ends_a_line(folder: Path, mark: str) -> None:
    assert titles(read(folder, f"Nurse{mark}Aide\nCook\n")) == [(1, f"Nurse{mark}Aide"), (2, "Cook")]


def test_a_line_of_10_kilobytes_is_a_title(folder: Path) -> None:
    assert titles(read(folder, "x" * 10_000 + "\nCook\n")) == [(1, "x" * 10_000), (2, "Cook")]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0@\ufeff<"), min_size=1))
def test_there_is_a_row_for_every_line_that_is_not_blank(folder: Path, text: str) -> None:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        with pytest.raises(EmptyFileError):
            read(folder, text)
        return
    found = titles(read(folder, text))
    assert [number for number, _ in found] == [number for number, _ in lines]
    assert all(
        title in (line.removesuffix("\r"), None) for (_, title), (_, line) in zip(found, lines, strict=True)
    )


# --- CSV


def test_a_csv_keeps_its_other_columns(folder: Path) -> None:
    table = read(folder, 'Dept, Job Title ,Count\nICU,"Nurse, RN",3\nKüche,Cook,\n', "titles.csv")
    assert titles(table) == [(2, "Nurse, RN"), (3, "Cook")]
    assert table.column("extra_columns").to_pylist() == ['{"Count": "3", "Dept": "ICU"}', '{"Dept": "Küche"}']


@pytest.mark.parametrize("header", ["title", "TITLE", "job_title", "Job Title", "raw title"])
def test_a_title_columns_names(folder: Path, header: str) -> None:
    assert titles(read(folder, f"{header}\nCook\n", "titles.CSV")) == [(2, "Cook")]


def test_a_csvs_blank_records_and_blank_titles_are_none(folder: Path) -> None:
    assert titles(read(folder, "title,n\n,,\n\nCook,1\n ,2\n".replace(",,", ","), "titles.csv")) == [
        (4, "Cook")
    ]


def test_a_quoted_title_may_span_lines(folder: Path) -> None:
    assert titles(read(folder, 'title\n"Cook\nII"\nNurse\n', "titles.csv")) == [(2, "Cook\nII"), (3, "Nurse")]


@pytest.mark.parametrize(
    ("content", "error", "place"),
    [
        ("name,n\nCook,1\n", HeaderError, "line 1"),
        ("\ntitle\nCook\n", HeaderError, "line 1"),
        ("title,n\nCook,1\nNurse\n", RaggedTableError, "record 3, line 3"),
        ("title,n\nCook,1,2\n", RaggedTableError, "record 2, line 2"),
        ('title,n\nCook,1\n"Nurse,2\n', RaggedTableError, "line 3"),
        ('title,"n\nCook,1\n', RaggedTableError, "line 1"),
        ('title\n"Cook"x\n', RaggedTableError, "line 2"),
        ("title,n\n", EmptyFileError, None),
        ("\ufeff", HeaderError, "line 1"),
        ("title\nCo\0ok\n", EncodingError, "line 2"),
    ],
)
def test_a_faulty_csv_is_refused_by_place(
    folder: Path, content: str, error: type[SourceError], place: str | None
) -> None:
    with pytest.raises(SourceError) as caught:
        read(folder, content, "titles.csv")
    assert type(caught.value) is error
    assert (caught.value.file, caught.value.place) == (str(folder / "titles.csv"), place)


def test_a_csv_without_a_title_column_is_told_what_to_name_it(folder: Path) -> None:
    with pytest.raises(HeaderError, match=r"found \['name', 'n'\]") as caught:
        read(folder, "name,n\nCook,1\n", "titles.csv")
    assert "title, job_title, raw_title" in caught.value.remedy


# --- what is no inventory


@pytest.mark.parametrize(
    ("content", "error", "place"),
    [
        (b"Cook\nCaf\xe9 owner\n", EncodingError, "line 2"),
        ("Cook\n".encode("utf-16"), EncodingError, "line 1"),
        (b"Cook\nNur\0se\n", EncodingError, "line 2"),
        ("\ufeffCook\n".encode("utf-16-be"), EncodingError, "line 1"),
        (b"", EmptyFileError, None),
        (b" \n\r\n\t\n", EmptyFileError, None),
        (HTML_PAGE, HtmlInsteadOfDataError, None),
    ],
)
def test_a_faulty_text_is_refused_by_place(
    folder: Path, content: bytes, error: type[SourceError], place: str | None
) -> None:
    with pytest.raises(SourceError) as caught:
        read(folder, content)
    assert type(caught.value) is error
    assert (caught.value.file, caught.value.place) == (str(folder / "titles.txt"), place)
    # The list is its user's: there is no lock to hold it against, and nothing to fetch again.
    assert "UTF-8" in caught.value.remedy


def test_a_cell_that_no_csv_has_is_refused_by_place(folder: Path) -> None:
    with pytest.raises(RaggedTableError, match="field limit") as caught:
        read(folder, "title\nCook\n" + "a" * 200_000 + "\n", "titles.csv")
    assert caught.value.place == "line 3"
    assert "Correct the line named" in caught.value.remedy


def test_an_absent_inventory_says_what_to_set(folder: Path) -> None:
    with pytest.raises(EmptyFileError) as caught:
        user_title_list(folder / "none.txt")
    assert "AINA_TITLES" in caught.value.remedy


# --- personal data

EMAILS = ["ann@example.org", "a.b+c@mail.example.co.uk", "x" * 100 + "@example.org"]
PHONES = [
    "555-123-4567",
    "555.123.4567",
    "(555) 123-4567",
    "(555)123-4567",
    "+1 555 123 4567",
    "+1-555-123-4567",
    "+44 20 7946 0958",
    "+49 (0)30 123456",
]


@pytest.mark.parametrize(
    ("secret", "reason"),
    [(text, "e-mail address") for text in EMAILS]
    + [(text, "phone number") for text in PHONES]
    + [("SSN 078-05-1120", "identity number")],
)
@pytest.mark.parametrize("name", ["titles.txt", "titles.csv"])
def test_a_line_with_personal_data_is_counted_and_its_text_is_nowhere(
    folder: Path, secret: str, reason: str, name: str
) -> None:
    rows = (f"title\nCook\nNurse, call {secret}\n", f'title,note\nCook,x\nNurse,"call {secret}"\n')
    table = read(folder, rows[name.endswith("csv")], name)
    assert titles(table)[-1] == (3, None)
    assert table.column("withheld_reason").to_pylist()[-2:] == [None, reason]
    assert secret not in repr(table.to_pylist())
    assert "Nurse" not in repr(table.to_pylist())


@pytest.mark.parametrize(
    "secret", ["Jane Doe", "DOE, JANE", "dr. maria gonzalez", "Gonzalez, Maria Elena - RN"]
)
@pytest.mark.parametrize("line", ["{}", "Nurse - {}", "{}, Nurse", "Nurse ({})"])
@pytest.mark.parametrize("name", ["titles.txt", "titles.csv"])
def test_a_line_with_a_persons_name_is_counted_and_its_text_is_nowhere(
    folder: Path, secret: str, line: str, name: str
) -> None:
    row = line.format(secret)
    content = f'title,note\nCook,x\n"{row}",Ward\n' if name.endswith("csv") else f"title\nCook\n{row}\n"
    table = read(folder, content, name)
    assert titles(table)[-1] == (3, None)
    assert table.column("withheld_reason").to_pylist()[-2:] == [None, "person_name"]
    told = repr(table.to_pylist()).lower()
    assert not [word for word in ("doe", "jane", "gonzalez", "maria", "nurse", "ward") if word in told]


def test_a_name_in_another_column_withholds_the_line(folder: Path) -> None:
    table = read(folder, 'title,manager,n\nNurse,"Doe, Jane",1\nCook,Jane,2\n', "titles.csv")
    assert titles(table) == [(2, None), (3, "Cook")]
    assert table.column("extra_columns").to_pylist() == [None, '{"manager": "Jane", "n": "2"}']


def test_each_reason_is_told_and_the_first_that_fits(folder: Path) -> None:
    table = read(folder, "Jane Doe\nJane Doe 555-123-4567\nJane Doe, jane@example.org, 555-123-4567\nCook\n")
    reasons = ["person_name", "phone number", "e-mail address", None]
    assert table.column("withheld_reason").to_pylist() == reasons


@pytest.mark.parametrize("title", ["mason tender", "chase manager", "virginia reel operator", "Nurse, Maria"])
def test_a_title_that_looks_like_a_name_is_kept(folder: Path, title: str) -> None:
    assert titles(read(folder, f"{title}\n")) == [(1, title)]


@pytest.mark.parametrize(
    "title",
    [
        "Nurse @ Night",
        "C++ / C# Developer",
        "Clerk 2024-2025",
        "MOS 11B10-2026",
        "Analyst 13-2011.00",
        "Clerk 2024-05-1120",
        "Grade 12.345.67",
        "Req 1234567890",
        "+10 years Cook",
    ],
)
def test_a_title_with_signs_and_digits_is_kept(folder: Path, title: str) -> None:
    assert titles(read(folder, f"{title}\n")) == [(1, title)]


def test_a_long_line_with_an_at_sign_takes_no_time(folder: Path) -> None:
    start = time.perf_counter()
    read(folder, "a" * 200_000 + "@\n" + "+1 " * 50_000 + "\n")
    assert time.perf_counter() - start < 2
