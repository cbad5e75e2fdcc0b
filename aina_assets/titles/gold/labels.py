"""Gold labels: what a title of the gold set is, which part of the set it is in, and how the set is kept.

Belongs here: the closed lists of a label, its rules, its file, the split. Does not: how labels come about;
sheets and samples are `sheets`', two passes that become one set are `agreement`'s. What the words
mean is told in `data/policies/gold_codebook.md`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Literal, get_args

from aina_assets.core.errors import (
    AinaError,
    CellError,
    ContractError,
    EmptyFileError,
    EncodingError,
    HeaderError,
    RaggedTableError,
)
from aina_assets.core.storage import write_bytes
from aina_assets.titles.functions import NAMES
from aina_assets.titles.scope import REASONS

Split = Literal["tune", "test"]
Level = Literal["detailed", "broad", "minor", "major", "function", "none"]

SPLITS: tuple[Split, ...] = get_args(Split)
# From the finest to the coarsest.
LEVELS: tuple[Level, ...] = get_args(Level)
IN_SCOPE = "in"
SCOPES = (IN_SCOPE, *REASONS)
MILITARY = "55"
COLUMNS = (
    "title_id",
    "scope",
    "functions",
    "soc_codes",
    "level",
    "is_settled",
    "sampling_stratum",
    "weight",
)
# Only a set whose titles are this project's own may carry their text.
TITLE_COLUMN = "raw_title"

_SPLIT_SALT = "aina-gold-split-1:"
TUNE_SHARE = 0.4
_TITLE_ID = re.compile(r"[0-9a-f]{16}")
# A broad group ends in 0, an occupation never. Military work is one group: no civil title tells more.
_CODE = re.compile(r"(?:[1-4][13579]|5[13])-[1-9]\d\d[1-9]|55")
_BOOLEANS = {"true": True, "false": False}
_REMEDY = "Correct the line named, or make the file anew with `aina gold import`."


class GoldError(AinaError):
    """The gold set, its sheets or its passes are not as they must be."""

    default_remedy: ClassVar[str] = "See data/gold/README.md and data/policies/gold_codebook.md."


@dataclass(frozen=True, slots=True)
class GoldLabel:
    """What the gold set says of one title.

    Attributes:
        title_id: the title, by the hash of its normalized form.
        is_in_scope: whether AINA serves the work that the title most plausibly means.
        scope_reason: why not, one of the scope policy's reasons; None in scope.
        functions: acceptable business functions, the first is the primary one; none out of scope.
        soc_codes: acceptable SOC 2018 detailed codes, or "55" for military work, best first; none where
            no code can be said.
        level: the most specific level that the title's words justify.
        is_settled: whether a third pass decided, because the two blind ones differed.
        sampling_stratum: the stratum that the title was drawn from.
        weight: how many titles of the inventory it stands for: the inverse of its inclusion probability.
        raw_title: the title's text, where the set may carry it.

    Raises:
        ValueError: a field is not of its closed list, or two of them contradict each other.
    """

    title_id: str
    is_in_scope: bool
    scope_reason: str | None
    functions: tuple[str, ...]
    soc_codes: tuple[str, ...]
    level: str
    is_settled: bool
    sampling_stratum: str
    weight: float
    raw_title: str | None = None

    def __post_init__(self) -> None:
        if not _TITLE_ID.fullmatch(self.title_id):
            raise ValueError(f"title_id: not an id: {self.title_id!r}")
        if self.is_in_scope != (self.scope_reason is None):
            raise ValueError("scope: a title out of scope has a reason, a title in scope has none")
        check_answer(self.scope, self.soc_codes, self.level, self.functions)
        check_stratum(self.sampling_stratum)
        check_weight(self.weight)
        # Any other character may be what makes a raw title worth a label.
        if self.raw_title is not None and ("\n" in self.raw_title or "\r" in self.raw_title):
            raise ValueError(f"raw_title: holds a line break: {self.raw_title!r}")

    @property
    def scope(self) -> str:
        """`in`, or the reason why the title is out of scope."""
        return IN_SCOPE if self.scope_reason is None else self.scope_reason

    @property
    def split(self) -> Split:
        """The part of the gold set that the title is in."""
        return split_of(self.title_id)


def split_of(title_id: str) -> Split:
    """The part that a title is in, by its id alone: no label, no list and no order can move it."""
    digest = hashlib.sha256(f"{_SPLIT_SALT}{title_id}".encode()).digest()
    return "tune" if int.from_bytes(digest[:8], "big") / 2**64 < TUNE_SHARE else "test"


def check_scope(scope: str) -> None:
    """Raises ValueError unless it is `in` or one of the scope policy's reasons."""
    if scope not in SCOPES:
        raise ValueError(f"scope: {scope!r} is none of {', '.join(SCOPES)}")


def check_level(level: str) -> None:
    """Raises ValueError unless it is one of the levels."""
    if level not in LEVELS:
        raise ValueError(f"level: {level!r} is none of {', '.join(LEVELS)}")


def check_codes(soc_codes: tuple[str, ...]) -> None:
    """Raises ValueError unless each has the form of a SOC 2018 detailed code, or is 55, and none is twice."""
    for code in soc_codes:
        if not _CODE.fullmatch(code):
            raise ValueError(f"soc_codes: {code!r} is neither a SOC 2018 detailed code nor {MILITARY}")
    _check_once("soc_codes", soc_codes)


def check_functions(functions: tuple[str, ...]) -> None:
    """Raises ValueError unless each is a business function, and none is there twice."""
    for function in functions:
        if function not in NAMES:
            raise ValueError(f"functions: {function!r} is none of {', '.join(NAMES)}")
    _check_once("functions", functions)


def check_answer(scope: str, soc_codes: tuple[str, ...], level: str, functions: tuple[str, ...]) -> None:
    """Hold an answer, a coder's or the gold set's, to the codebook's closed lists and to itself.

    Raises:
        ValueError: names the field, what it holds and what it may hold.
    """
    check_scope(scope)
    check_codes(soc_codes)
    check_level(level)
    check_functions(functions)
    if scope == IN_SCOPE and not functions:
        raise ValueError("functions: a title in scope has at least one")
    if scope != IN_SCOPE and functions:
        raise ValueError(f"functions: a title out of scope ({scope}) has none, found {' '.join(functions)!r}")


def check_stratum(stratum: str) -> None:
    """Raises ValueError unless it is a name without blanks around it."""
    if not stratum or stratum != stratum.strip() or not stratum.isprintable():
        raise ValueError(f"sampling_stratum: not a name: {stratum!r}")


def check_weight(weight: float) -> None:
    """Raises ValueError unless it is a finite number above 0."""
    if not (math.isfinite(weight) and weight > 0):
        raise ValueError(f"weight: {weight!r} is not a number above 0")


def weight_text(weight: float) -> str:
    """A weight as files have it: ten significant digits."""
    return f"{weight:.10g}"


def _check_once(field: str, values: tuple[str, ...]) -> None:
    if len(set(values)) < len(values):
        raise ValueError(f"{field}: one of {' '.join(values)!r} is listed twice")


def read_gold(path: Path, *, split: Split = "tune") -> tuple[GoldLabel, ...]:
    """Read one part of a gold set, sorted by title id.

    The whole file is held to its rules, whichever part is asked for. There is no way to both parts at
    once: `split="test"` in the code shows who reads the part that nothing may be tuned on.

    Raises:
        ValueError: there is no such part.
        AinaError: what is wrong with the file, in which line, and what to do: GoldError (no such file),
            EncodingError, EmptyFileError, HeaderError, RaggedTableError, CellError (a value that is not of
            its closed list or contradicts another), ContractError (the order, an id that occurs twice).
    """
    if split not in SPLITS:
        raise ValueError(f"a gold set has no part {split!r}, only {' and '.join(SPLITS)}")
    return tuple(label for label in _labels(path, file_bytes(path, _REMEDY)) if label.split == split)


# Each part of a set is asked for by itself, and so each set twice.
@lru_cache(maxsize=4)
def _labels(path: Path, content: bytes) -> tuple[GoldLabel, ...]:
    if b"\r" in content or not content.endswith(b"\n"):
        raise EncodingError("lines must end with a line feed alone", file=path, remedy=_REMEDY)
    labels: list[GoldLabel] = []
    for line, row in csv_rows(path, content, (COLUMNS, (TITLE_COLUMN, *COLUMNS)), _REMEDY):
        place = f"line {line}"
        try:
            label = _label(row)
        except ValueError as error:
            raise CellError(str(error), file=path, place=place, remedy=_REMEDY) from error
        if labels and label.title_id <= labels[-1].title_id:
            fault = "occurs twice" if label.title_id == labels[-1].title_id else "is out of order"
            raise ContractError(f"title_id {label.title_id} {fault}", file=path, place=place, remedy=_REMEDY)
        labels.append(label)
    return tuple(labels)


def _label(row: dict[str, str]) -> GoldLabel:
    if row["is_settled"] not in _BOOLEANS:
        raise ValueError(f"is_settled: {row['is_settled']!r} is neither true nor false")
    return GoldLabel(
        title_id=row["title_id"],
        is_in_scope=row["scope"] == IN_SCOPE,
        scope_reason=None if row["scope"] == IN_SCOPE else row["scope"],
        functions=tuple(row["functions"].split()),
        soc_codes=tuple(row["soc_codes"].split()),
        level=row["level"],
        is_settled=_BOOLEANS[row["is_settled"]],
        sampling_stratum=row["sampling_stratum"],
        weight=weight_of(row["weight"]),
        raw_title=row.get(TITLE_COLUMN),
    )


def weight_of(text: str) -> float:
    """The weight that a text says.

    Raises:
        ValueError: it is no finite number above 0.
    """
    try:
        weight = float(text)
    except ValueError as error:
        raise ValueError(f"weight: {text!r} is not a number above 0") from error
    check_weight(weight)
    return weight


def write_gold(path: Path, labels: Iterable[GoldLabel], *, with_titles: bool = False) -> None:
    """Replace a gold set, atomically; the same labels give the same bytes.

    Args:
        with_titles: write the titles' text too. Only for titles that this project wrote itself.

    Raises:
        GoldError: a title has two labels, or has no text where texts are to be written.
    """
    ordered = sorted(labels, key=lambda label: label.title_id)
    for before, label in pairwise(ordered):
        if before.title_id == label.title_id:
            raise GoldError(f"title {label.title_id} has two labels", file=path)
    rows: list[tuple[str, ...]] = []
    for label in ordered:
        if with_titles and label.raw_title is None:
            raise GoldError(f"title {label.title_id} has no text", file=path)
        row = (
            label.title_id,
            label.scope,
            " ".join(label.functions),
            " ".join(label.soc_codes),
            label.level,
            "true" if label.is_settled else "false",
            label.sampling_stratum,
            weight_text(label.weight),
        )
        rows.append((label.raw_title or "", *row) if with_titles else row)
    write_bytes(path, csv_bytes((TITLE_COLUMN, *COLUMNS) if with_titles else COLUMNS, rows))


def file_bytes(path: Path, remedy: str) -> bytes:
    """A file's bytes, for files that people make by hand.

    Raises:
        GoldError: there is no such file.
        EmptyFileError: it has no text.
    """
    if not path.is_file():
        raise GoldError("there is no such file", file=path)
    content = path.read_bytes()
    if not content.strip():
        raise EmptyFileError("empty file", file=path, remedy=remedy)
    return content


def utf8(path: Path, content: bytes, remedy: str) -> str:
    """The text of `content`.

    Raises:
        EncodingError: it is not UTF-8; names the line.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise EncodingError("not UTF-8", file=path, place=f"line {line}", remedy=remedy) from error


def csv_rows(
    path: Path, content: bytes, headers: tuple[tuple[str, ...], ...], remedy: str
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file by column, each with its line.

    Args:
        headers: the headers that the file may have.

    Raises:
        EncodingError, HeaderError, RaggedTableError, EmptyFileError: each names the file and the line.
    """
    reader = csv.reader(io.StringIO(utf8(path, content, remedy), newline=""), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        header = tuple(next(reader))
        if header not in headers:
            expected = " or ".join(",".join(columns) for columns in headers)
            raise HeaderError(
                f"the header is {','.join(header)}; expected {expected}",
                file=path,
                place="line 1",
                remedy=remedy,
            )
        for cells in reader:
            if len(cells) != len(header):
                raise RaggedTableError(
                    f"{len(cells)} cells, the header has {len(header)}",
                    file=path,
                    place=f"line {reader.line_num}",
                    remedy=remedy,
                )
            rows.append((reader.line_num, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise RaggedTableError(
            f"not CSV: {error}", file=path, place=f"line {reader.line_num}", remedy=remedy
        ) from error
    if not rows:
        raise EmptyFileError("a header and no rows", file=path, remedy=remedy)
    return rows


def csv_bytes(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    """A CSV file's bytes: UTF-8, line feeds, quotes only where they are needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
