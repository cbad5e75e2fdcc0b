"""What gold labels are made on: the files of one labelling, and labelling at a terminal.

Belongs here: sample, sheets and judgements as files. Does not: drawing the sample (`sampling`), and what
becomes of two filled sheets (`agreement`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from aina_assets.core.errors import CellError, ContractError, RaggedTableError
from aina_assets.core.storage import write_bytes
from aina_assets.titles.gold.labels import (
    IN_SCOPE,
    GoldError,
    check_answer,
    check_codes,
    check_functions,
    check_level,
    check_scope,
    check_stratum,
    check_weight,
    csv_bytes,
    csv_rows,
    file_bytes,
    utf8,
    weight_of,
    weight_text,
)
from aina_assets.titles.gold.sampling import SampledTitle, hash_draw

SAMPLE_FILE, CODER_A_FILE, CODER_B_FILE = "sample.csv", "coder_a.csv", "coder_b.csv"
SAMPLE_COLUMNS = ("row_id", "title_id", "title", "sampling_stratum", "weight")
ANSWER_COLUMNS = ("scope", "codes", "level", "functions", "confidence")
SHEET_COLUMNS = ("row_id", "title", *ANSWER_COLUMNS)
JUDGED_COLUMNS = ("row_id", "codes")
CONFIDENCES = ("h", "m", "l")
CODES_A_CODER = 4
PIPE_SUFFIXES = (".out", ".psv")

_NONE = "-"
_STOP = "q"
# A spreadsheet would run a cell that begins so.
_FORMULA_STARTS = ("=", "+", "-", "@")
_REMEDY = "Correct the line named; data/policies/gold_codebook.md says what may stand there."

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class SheetLabel:
    """One coder's answer on one row; the codebook tells what the fields mean.

    Raises:
        ValueError: a field is not of its closed list, or two of them contradict each other.
    """

    row_id: str
    scope: str
    codes: tuple[str, ...]
    level: str
    functions: tuple[str, ...]
    confidence: str

    def __post_init__(self) -> None:
        if not self.row_id:
            raise ValueError("row_id: blank")
        check_answer(self.scope, self.codes, self.level, self.functions)
        if len(self.codes) > CODES_A_CODER:
            raise ValueError(f"codes: {len(self.codes)}, a coder gives at most {CODES_A_CODER}")
        _check_confidence(self.confidence)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sheet is labelled: rows labelled in this sitting, and rows without a label."""

    labelled: int
    left: int

    def __str__(self) -> str:
        return f"{self.labelled:,} rows labelled, {self.left:,} left"


def write_sheets(folder: Path, sample: Sequence[SampledTitle], *, seed: int) -> None:
    """Write the sample and an empty sheet for each of two coders, each in an order of its own.

    Raises:
        GoldError: one of the files is there already: it may hold labels.
    """
    for name in (SAMPLE_FILE, CODER_A_FILE, CODER_B_FILE):
        if (folder / name).exists():
            raise GoldError(
                "the file is there already and may hold labels",
                file=folder / name,
                remedy="Choose another folder, or move the file away.",
            )
    rows = [
        (row.row_id, row.title_id or "", row.title, row.sampling_stratum, weight_text(row.weight))
        for row in sample
    ]
    for coder in (CODER_A_FILE, CODER_B_FILE):
        order = sorted(sample, key=lambda row: hash_draw(seed, coder, row.row_id))
        blank = ("",) * len(ANSWER_COLUMNS)
        sheet = [(row.row_id, _shown(row.title), *blank) for row in order]
        write_bytes(folder / coder, csv_bytes(SHEET_COLUMNS, sheet))
    # Last: where the sample is, the sheets are.
    write_bytes(folder / SAMPLE_FILE, csv_bytes(SAMPLE_COLUMNS, rows))


def _shown(title: str) -> str:
    """A title that neither a terminal nor a spreadsheet obeys."""
    safe = "".join(character if character.isprintable() else " " for character in title)
    return f"'{safe}" if safe.lstrip().startswith(_FORMULA_STARTS) else safe


def read_sample(
    path: Path, title_id_of: Callable[[str], str | None] | None = None
) -> tuple[SampledTitle, ...]:
    """Read a sample: `sample.csv`, or `.tsv` without header.

    A `.tsv` row is `row_id, title` (one stratum, each title stands for itself), or `row_id, title, lane,
    group, titles of the stratum, rows of the stratum`.

    Args:
        title_id_of: a title's id by its text, None for a text that is no usable title; a `.tsv` needs it.

    Raises:
        AinaError: GoldError, EncodingError, HeaderError, RaggedTableError, CellError or ContractError,
            with file, line and remedy.
    """
    content = file_bytes(path, _REMEDY)
    rows: list[tuple[int, dict[str, str]]]
    if path.suffix == ".tsv":
        if title_id_of is None:
            raise GoldError("a .tsv sample has no title ids and nothing was given to find them", file=path)
        rows = [(line, _from_tab(path, line, cells)) for line, cells in _split_rows(path, content, "\t")]
        for _, row in rows:
            row["title_id"] = title_id_of(row["title"]) or ""
    else:
        rows = csv_rows(path, content, (SAMPLE_COLUMNS,), _REMEDY)
    sample: dict[str, SampledTitle] = {}
    for line, row in rows:
        _require_new(path, line, row["row_id"], sample)
        try:
            check_stratum(row["sampling_stratum"])
            weight = weight_of(row["weight"])
        except ValueError as error:
            raise _cell_error(path, line, error) from error
        sample[row["row_id"]] = SampledTitle(
            row["row_id"], row["title_id"] or None, row["title"], row["sampling_stratum"], weight
        )
    return tuple(sample.values())


def _from_tab(path: Path, line: int, cells: list[str]) -> dict[str, str]:
    if len(cells) == 2:
        return {"row_id": cells[0], "title": cells[1], "sampling_stratum": "all", "weight": "1"}
    if len(cells) != 6:
        raise _ragged(path, line, f"{len(cells)} cells, a sample has 2 or 6")
    row_id, title, lane, group, titles, drawn = cells
    try:
        weight = int(titles) / int(drawn)
        check_weight(weight)
    except (ValueError, ZeroDivisionError) as error:
        raise _cell_error(path, line, f"weight: {titles!r} / {drawn!r} is not a number above 0") from error
    return {
        "row_id": row_id,
        "title": title,
        "sampling_stratum": f"{lane}/{group}",
        "weight": repr(weight),
    }


def read_sheet(path: Path) -> dict[str, SheetLabel]:
    """Read the labelled rows of a sheet, by row id; rows without a label are left out.

    Args:
        path: a sheet as `write_sheets` makes it, or, with the suffix .out or .psv, lines
            `row_id|scope|codes|level|functions|confidence`. Codes and functions are separated by commas or
            blanks; nothing or `-` is none.

    Raises:
        AinaError: GoldError, EncodingError, HeaderError, RaggedTableError, CellError or ContractError,
            with file, line and remedy.
    """
    labels: dict[str, SheetLabel] = {}
    seen: set[str] = set()
    for line, row in _sheet_rows(path):
        _require_new(path, line, row["row_id"], seen)
        seen.add(row["row_id"])
        if any(row[column].strip() for column in ANSWER_COLUMNS):
            try:
                labels[row["row_id"]] = _label(row)
            except ValueError as error:
                raise _cell_error(path, line, error) from error
    return labels


def _sheet_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    content = file_bytes(path, _REMEDY)
    if path.suffix in PIPE_SUFFIXES:
        columns = ("row_id", *ANSWER_COLUMNS)
        found = []
        for line, cells in _split_rows(path, content, "|"):
            if len(cells) != len(columns):
                raise _ragged(path, line, f"{len(cells)} cells, a label has {len(columns)}")
            found.append((line, dict(zip(columns, cells, strict=True))))
        return found
    # Spreadsheets put a mark in front.
    return csv_rows(path, content.removeprefix(b"\xef\xbb\xbf"), (SHEET_COLUMNS,), _REMEDY)


def _label(row: dict[str, str]) -> SheetLabel:
    return SheetLabel(
        row["row_id"],
        row["scope"].strip(),
        _listed(row["codes"]),
        row["level"].strip(),
        _listed(row["functions"]),
        row["confidence"].strip(),
    )


def read_judged(path: Path) -> dict[str, tuple[str, ...]]:
    """Read which codes a judge accepted, by row id.

    Args:
        path: CSV with the columns `row_id,codes`, or, with the suffix .out or .psv, lines `row_id|codes`.

    Raises:
        AinaError: as for `read_sheet`.
    """
    content = file_bytes(path, _REMEDY)
    if path.suffix in PIPE_SUFFIXES:
        rows = list(_split_rows(path, content, "|"))
    else:
        rows = [
            (line, list(row.values())) for line, row in csv_rows(path, content, (JUDGED_COLUMNS,), _REMEDY)
        ]
    judged: dict[str, tuple[str, ...]] = {}
    for line, cells in rows:
        if len(cells) != len(JUDGED_COLUMNS):
            raise _ragged(path, line, f"{len(cells)} cells, a judgement has {len(JUDGED_COLUMNS)}")
        _require_new(path, line, cells[0], judged)
        codes = _listed(cells[1])
        try:
            check_codes(codes)
        except ValueError as error:
            raise _cell_error(path, line, error) from error
        judged[cells[0]] = codes
    return judged


def label_rows(sheet: Path, ask: Callable[[str], str], show: Callable[[str], None]) -> Progress:
    """Ask a person for the labels that a sheet lacks; each labelled row is in the file before the next.

    Each field is asked again until it holds. An empty line skips the row, `q` (or the end of input) stops;
    a later call goes on where this one ended.

    Args:
        sheet: a CSV sheet as `write_sheets` makes it.
        ask: shows a prompt and gives the line that was typed; may raise EOFError.
        show: shows a line.

    Raises:
        AinaError: the sheet cannot be read; as for `read_sheet`.
    """
    if sheet.suffix != ".csv":
        raise GoldError("only a .csv sheet can be labelled here", file=sheet)
    labels = read_sheet(sheet)
    rows = [row for _, row in _sheet_rows(sheet)]
    labelled = 0
    for number, row in enumerate(rows, start=1):
        if row["row_id"] in labels:
            continue
        show(f"\n{number:,} of {len(rows):,}: {_shown(row['title'])}")
        try:
            answer = _asked(ask, show)
        except (_StopError, EOFError):
            break
        except _SkipError:
            continue
        row.update(answer)
        lines = [tuple(cells[column] for column in SHEET_COLUMNS) for cells in rows]
        write_bytes(sheet, csv_bytes(SHEET_COLUMNS, lines))
        labelled += 1
    return Progress(labelled, len(rows) - len(labels) - labelled)


class _StopError(Exception):
    """The person wants to stop."""


class _SkipError(Exception):
    """The person leaves the row for later."""


def _asked(ask: Callable[[str], str], show: Callable[[str], None]) -> dict[str, str]:
    scope = _asked_field(ask, show, "scope", _checked(check_scope))
    codes = _asked_field(ask, show, "codes, best first, - for none", _codes)
    level = _asked_field(ask, show, "level", _checked(check_level))
    functions: tuple[str, ...] = ()
    if scope == IN_SCOPE:
        functions = _asked_field(ask, show, "functions", _functions)
    confidence = _asked_field(ask, show, "confidence, h, m or l", _checked(_check_confidence))
    return {
        "scope": scope,
        "codes": " ".join(codes),
        "level": level,
        "functions": " ".join(functions),
        "confidence": confidence,
    }


def _asked_field(
    ask: Callable[[str], str], show: Callable[[str], None], prompt: str, parse: Callable[[str], Value]
) -> Value:
    while True:
        text = ask(f"{prompt}: ").strip()
        if not text:
            raise _SkipError
        if text == _STOP:
            raise _StopError
        try:
            return parse(text)
        except ValueError as error:
            show(str(error))


def _checked(check: Callable[[str], None]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        check(text)
        return text

    return parse


def _codes(text: str) -> tuple[str, ...]:
    codes = _listed(text)
    check_codes(codes)
    if len(codes) > CODES_A_CODER:
        raise ValueError(f"codes: {len(codes)}, a coder gives at most {CODES_A_CODER}")
    return codes


def _functions(text: str) -> tuple[str, ...]:
    functions = _listed(text)
    check_functions(functions)
    if not functions:
        raise ValueError("functions: a title in scope has at least one")
    return functions


def _check_confidence(confidence: str) -> None:
    if confidence not in CONFIDENCES:
        raise ValueError(f"confidence: {confidence!r} is none of {', '.join(CONFIDENCES)}")


def _listed(text: str) -> tuple[str, ...]:
    return () if text.strip() == _NONE else tuple(text.replace(",", " ").split())


def _split_rows(path: Path, content: bytes, separator: str) -> Iterator[tuple[int, list[str]]]:
    # Not splitlines: a raw title may hold other characters that end a line.
    for line, text in enumerate(utf8(path, content, _REMEDY).removesuffix("\n").split("\n"), start=1):
        yield line, text.removesuffix("\r").split(separator)


def _require_new(path: Path, line: int, row_id: str, known: Collection[str]) -> None:
    if row_id in known:
        raise ContractError(f"row {row_id!r} occurs twice", file=path, place=f"line {line}", remedy=_REMEDY)


def _ragged(path: Path, line: int, message: str) -> RaggedTableError:
    return RaggedTableError(message, file=path, place=f"line {line}", remedy=_REMEDY)


def _cell_error(path: Path, line: int, error: ValueError | str) -> CellError:
    return CellError(str(error), file=path, place=f"line {line}", remedy=_REMEDY)
