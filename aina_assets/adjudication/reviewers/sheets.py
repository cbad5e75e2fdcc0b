"""CSV sheets of verdicts: what a person is given and gives back, and judgements on record by title.

Belongs here: the two layouts, cells that no spreadsheet runs or mangles, strict reading that names lines.
Does not: which sheet is whose (`person`, `recorded`).

Spreadsheets turn `11-2000` into a date, `12e45678` into a number, and run a cell that begins with `=`. So ids
have a letter and a dash before them, a group is chosen by its number in the row or with its level before its
code, and a cell of foreign text that begins like a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from aina_assets.adjudication.protocol import TARGET_LEVELS, PromptRow, ReviewRequest, Verdict
from aina_assets.core.errors import AinaError
from aina_assets.titles.functions import NAMES
from aina_assets.titles.scope import REASONS

PERSON_HEADER = ("sheet", "row_id", "title", "written_as", "groups", "notes", "answer", "comment")
VERDICT_HEADER = ("title", "decision", "level", "code")
MOST_BYTES = 16 << 20
MOST_FAULTS_NAMED = 20
_FORMULA_STARTS = ("=", "+", "-", "@")
_SHEET_ID = re.compile(r"s-[0-9a-f]{16}")
_SOC_CODE = re.compile(r"\d{2}-\d{4}")
_HOW = (
    "a group's number in the row, `function:NAME`, `LEVEL:CODE` (`minor:11-2000`), `exclude:REASON` or `keep`"
)


class SheetError(AinaError):
    """A sheet is not what it must be; nothing of it was taken over."""

    default_remedy = (
        "Correct the lines named and import the sheet again: it is taken over as a whole or not at all."
    )


def safe_cell(text: str) -> str:
    """Text that a spreadsheet shows as it is: on one line, and never a formula."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line


def sheet_id(request: ReviewRequest) -> str:
    """How a sheet names its request."""
    return f"s-{request.request_id[:16]}"


def person_sheet(request: ReviewRequest) -> bytes:
    """A request as a sheet to fill: one line a row, with the column `answer` empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(PERSON_HEADER)
    for row in request.rows:
        groups = " | ".join(
            f"{number}: {option.level} {option.code} {option.name}"
            for number, option in enumerate(row.options, 1)
        )
        cells = (row.title, row.written_as, groups, " | ".join(row.notes))
        writer.writerow((sheet_id(request), f"r-{row.row_id}", *map(safe_cell, cells), "", ""))
    # With a byte order mark, without which Excel reads UTF-8 as something else.
    return text.getvalue().encode("utf-8-sig")


def sheet_named_in(content: bytes, path: Path) -> str:
    """The sheet id that all lines of a filled sheet have.

    Raises:
        SheetError: it is no such sheet, or parts of several.
    """
    found = {cells["sheet"] for _, cells in _lines(content, PERSON_HEADER, path)}
    if len(found) != 1:
        raise SheetError(f"expected the lines of one sheet, found those of {sorted(found)[:3]}", file=path)
    named = found.pop()
    # It becomes part of a path.
    if not _SHEET_ID.fullmatch(named):
        raise SheetError(f"no sheet has the id {named[:40]!r}", file=path)
    return named


def read_person_sheet(content: bytes, request: ReviewRequest, path: Path) -> dict[str, Verdict]:
    """The verdicts of a filled sheet, one for each row of the request.

    Raises:
        SheetError: names every line that is wrong (the first few of many), and rows without a line.
    """
    expected = {f"r-{row.row_id}": row for row in request.rows}
    verdicts: dict[str, Verdict] = {}
    faults: list[str] = []
    for number, cells in _lines(content, PERSON_HEADER, path):
        row = expected.get(cells["row_id"])
        if cells["sheet"] != sheet_id(request):
            faults.append(f"line {number}: of another sheet, {cells['sheet']!r}")
        elif row is None:
            faults.append(f"line {number}: no row of this sheet has the id {cells['row_id']!r}")
        elif row.row_id in verdicts:
            faults.append(f"line {number}: row {cells['row_id']} stands twice")
        elif cells["title"] != safe_cell(row.title):
            # One column sorted without the others would put every answer on another title.
            faults.append(f"line {number}: the title of {cells['row_id']} is not {cells['title']!r}")
        else:
            try:
                verdicts[row.row_id] = verdict_of(cells["answer"], row)
            except ValueError as error:
                faults.append(f"line {number}: {error}")
    if not faults:
        faults = [f"no line for row r-{row_id}" for row_id in request.row_ids if row_id not in verdicts]
    _refuse(faults, path)
    return verdicts


def verdict_of(answer: str, row: PromptRow) -> Verdict:
    """The verdict that a person's answer says.

    Raises:
        ValueError: it says none.
    """
    said = answer.strip().lower()
    if said == "keep":
        return Verdict(decision="keep", level=None, code=None)
    if said.isascii() and said.isdigit():
        if not 1 <= int(said) <= len(row.options):
            raise ValueError(f"no group has the number {said}; the row has {len(row.options)}")
        option = row.options[int(said) - 1]
        return Verdict(decision="promote_fallback", level=option.level, code=option.code)
    what, _, rest = (part.strip() for part in said.partition(":"))
    if what == "exclude" and rest in REASONS:
        return Verdict(decision="exclude", level=None, code=rest)
    for level in TARGET_LEVELS:
        if what == level and (rest in NAMES if level == "function" else _SOC_CODE.fullmatch(rest)):
            return Verdict(decision="promote_fallback", level=level, code=rest)
    raise ValueError(
        f"{answer[:60]!r} is no answer; wanted is {_HOW}" if said else f"no answer; wanted is {_HOW}"
    )


def read_verdicts(path: Path) -> dict[str, Verdict]:
    """A sheet `title,decision,level,code` of judgements, by title.

    Raises:
        SheetError: it is absent or malformed; names the lines.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SheetError(f"cannot be read: {error.strerror}", file=path) from error
    verdicts: dict[str, Verdict] = {}
    faults: list[str] = []
    for number, cells in _lines(content, VERDICT_HEADER, path):
        if not cells["title"]:
            faults.append(f"line {number}: no title")
        elif cells["title"] in verdicts:
            faults.append(f"line {number}: {cells['title'][:60]!r} stands twice")
        else:
            try:
                verdicts[cells["title"]] = _verdict_cells(cells)
            except ValueError as error:
                faults.append(f"line {number}: {error}")
    _refuse(faults, path)
    return verdicts


def _verdict_cells(cells: Mapping[str, str]) -> Verdict:
    members = {name: cells[name] or None for name in VERDICT_HEADER[1:]}
    try:
        verdict = Verdict.model_validate(members)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{first['loc'][0]}: {first['msg']}, found {first['input']!r}") from error
    has = (verdict.level is not None, verdict.code is not None)
    wanted = {"promote_fallback": (True, True), "exclude": (False, True), "keep": (False, False)}
    if has != wanted[verdict.decision]:
        raise ValueError(
            f"{verdict.decision} with level {verdict.level!r} and code {verdict.code!r}: a promotion has "
            "both, an exclusion the code alone, keep neither"
        )
    return verdict


def _lines(content: bytes, header: Sequence[str], path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines below the header, as (line number, cells by name).

    Raises:
        SheetError: it is too long, not UTF-8, has another header, a ragged line or nothing below the header.
    """
    if len(content) > MOST_BYTES:
        raise SheetError(f"longer than {MOST_BYTES} bytes", file=path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetError(
            f"not UTF-8 at byte {error.start}",
            file=path,
            remedy="Save it as `CSV UTF-8`, then import it again.",
        ) from error
    # Spreadsheets of many countries write semicolons; the header tells.
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    has_lines = False
    last = 0
    try:
        for cells in reader:
            number, last = last + 1, reader.line_num
            if number == 1:
                if [cell.strip() for cell in cells] != list(header):
                    raise SheetError(f"the header is not {','.join(header)}", file=path, place="line 1")
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise SheetError(
                    f"{len(cells)} cells instead of {len(header)}", file=path, place=f"line {number}"
                )
            has_lines = True
            yield number, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    except csv.Error as error:
        raise SheetError(f"not CSV: {error}", file=path, place=f"line {last + 1}") from error
    if not has_lines:
        raise SheetError("nothing stands below the header", file=path)


def _refuse(faults: Sequence[str], path: Path) -> None:
    if not faults:
        return
    named = "\n  ".join(faults[:MOST_FAULTS_NAMED])
    more = len(faults) - MOST_FAULTS_NAMED
    raise SheetError(
        f"{len(faults)} fault{'s' if len(faults) > 1 else ''}:\n  {named}"
        + (f"\n  and {more} more" if more > 0 else ""),
        file=path,
        place=faults[0].partition(":")[0],
    )
