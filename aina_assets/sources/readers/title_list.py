"""The title inventory: text (one title a line) or CSV (a `title` column and any others).

Belongs here: getting raw titles in, each with its line. Does not: normalizing them; that is the titles
stage's. Blank lines are no titles. A line with an e-mail address, a phone or identity number or a person's
name is counted and its text dropped at once, so that personal data reaches no table.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from aina_assets.core.errors import (
    EmptyFileError,
    EncodingError,
    HeaderError,
    HtmlInsteadOfDataError,
    RaggedTableError,
)
from aina_assets.sources.acquire import AcquiredFile, SourceFiles
from aina_assets.sources.lock import FileRecord, refuse_html
from aina_assets.sources.readers.person_names import PersonNames, read_person_names
from aina_assets.sources.tables.title_list import SOURCE, TITLE_LIST

TITLE_COLUMNS = ("title", "job_title", "raw_title")
# The bound keeps a long line without a blank from being searched again from each of its characters.
EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]+\.[^\s@<>\".]{2,}")
# A North American number, or one that begins with its country's code.
PHONE = re.compile(
    r"(?<!\w)(?:(?:\(\d{3}\)[\s.-]?|\d{3}[\s.-])\d{3}[\s.-]\d{4}|\+\d(?:[\s.()-]{0,2}\d){7,14})(?!\w)"
)
# A U.S. social security number. SOC codes and dates have other groups of digits.
IDENTITY_NUMBER = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
REMEDY = "Give a text file with one title a line, in UTF-8, or a CSV with a title column (AINA_TITLES)."
CSV_REMEDY = "Correct the line named: as many cells as the header, and a cell with commas or quotes quoted."
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def user_title_list(path: Path) -> SourceFiles:
    """The user's own inventory (`AINA_TITLES`) as a source: its vintage is its digest.

    Raises:
        EmptyFileError: it is absent or has no bytes.
    """
    if not path.is_file() or not path.stat().st_size:
        raise EmptyFileError(
            "the title inventory is absent or empty",
            file=path,
            remedy=REMEDY,
        )
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    record = FileRecord(
        source=SOURCE,
        vintage=f"sha256:{digest[:12]}",
        layout="csv" if path.suffix.lower() == ".csv" else "text",
        name=path.name,
        bytes=len(content),
        sha256=digest,
        licence="as the user holds it",
        attribution="title inventory given by the user",
    )
    return SourceFiles(SOURCE, record.vintage, record.layout, {path.name: AcquiredFile(path, record)})


def read_title_list(files: SourceFiles) -> pa.Table:
    """Read the inventory's one file.

    Raises:
        SettingsError: the policy of person names is absent or malformed.
        EncodingError: it is not UTF-8 text.
        HeaderError: a CSV has no title column.
        RaggedTableError: a CSV row has more or fewer cells than the header.
        EmptyFileError: it has no titles.
    """
    ((name, file),) = files.files.items()
    names = read_person_names()
    text = _text(file.path)
    lines = _csv_lines(file.path, text) if file.path.suffix.lower() == ".csv" else _text_lines(text)
    numbers, titles, reasons, extras = [], [], [], []
    for number, title, extra in lines:
        reason = _personal_data(title, extra, names)
        numbers.append(number)
        titles.append(None if reason else title)
        reasons.append(reason)
        extras.append(None if reason else extra)
    if not numbers:
        raise EmptyFileError("no titles in the inventory", file=file.path, remedy=REMEDY)
    columns = {
        "vintage": pa.repeat(files.vintage, len(numbers)),
        "source_file": pa.repeat(name, len(numbers)),
        "source_row": pa.array(numbers, pa.int64()),
        "raw_title": pa.array(titles, pa.string()),
        "withheld_reason": pa.array(reasons, pa.string()),
        "extra_columns": pa.array(extras, pa.string()),
    }
    return TITLE_LIST.conform(pa.table(columns))


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        refuse_html(path)
    except HtmlInsteadOfDataError as error:
        raise HtmlInsteadOfDataError(error.message, file=path, remedy=REMEDY) from error
    if content.startswith(UTF_16):
        raise EncodingError("not UTF-8: it is UTF-16", file=path, place="line 1", remedy=REMEDY)
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise EncodingError(
            "not a text file: it holds NUL bytes", file=path, place=f"line {line}", remedy=REMEDY
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise EncodingError(
            f"not UTF-8: byte 0x{content[error.start]:02x}",
            file=path,
            place=f"line {line}",
            remedy=REMEDY,
        ) from error


def _text_lines(text: str) -> Iterator[tuple[int, str, None]]:
    # Only \n ends a line: str.splitlines would also split at form feeds and Unicode separators, which
    # messy titles hold, and the line numbers would no longer be the file's.
    for number, line in enumerate(text.split("\n"), 1):
        title = line.removesuffix("\r")
        if title.strip():
            yield number, title, None


def _csv_lines(path: Path, text: str) -> Iterator[tuple[int, str, str | None]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise RaggedTableError(str(error), file=path, place="line 1", remedy=CSV_REMEDY) from error
    folded = [cell.lower().replace(" ", "_") for cell in header]
    position = next((folded.index(name) for name in TITLE_COLUMNS if name in folded), None)
    if position is None:
        raise HeaderError(
            f"no title column; found {header}",
            file=path,
            place="line 1",
            remedy=f"Name the column one of: {', '.join(TITLE_COLUMNS)}.",
        )
    try:
        for number, cells in enumerate(reader, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise RaggedTableError(
                    f"row has {len(cells)} cells, the header {len(header)}",
                    file=path,
                    place=f"record {number}, line {reader.line_num}",
                    remedy=CSV_REMEDY,
                )
            extra = {
                name: cell
                for index, (name, cell) in enumerate(zip(header, cells, strict=True))
                if index != position and cell
            }
            if cells[position].strip():
                yield (
                    number,
                    cells[position],
                    (json.dumps(extra, sort_keys=True, ensure_ascii=False) if extra else None),
                )
    except csv.Error as error:
        place = f"line {reader.line_num}"
        raise RaggedTableError(str(error), file=path, place=place, remedy=CSV_REMEDY) from error


def _personal_data(title: str, extra: str | None, names: PersonNames) -> str | None:
    text = title + (extra or "")
    if "@" in text and EMAIL.search(text):
        return "e-mail address"
    if PHONE.search(text):
        return "phone number"
    if IDENTITY_NUMBER.search(text):
        return "identity number"
    # Each cell by itself: the words of two make no name.
    cells = (title, *json.loads(extra).values()) if extra else (title,)
    return "person_name" if any(map(names.is_person_name, cells)) else None


READERS: Mapping[str, Callable[[SourceFiles], pa.Table]] = {TITLE_LIST.name: read_title_list}
