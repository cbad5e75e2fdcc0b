"""What `aina gold sample|label|import` do: plain functions, whose results speak for themselves when printed.

Belongs here: putting the pieces together. Does not: which inventory and which stratum a title is of, and how
a title gets its id; the caller gives both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from aina_assets.titles.gold.agreement import Agreement, agreement, disagreements, merge_labels, named
from aina_assets.titles.gold.labels import MILITARY, GoldError, GoldLabel, write_gold
from aina_assets.titles.gold.sampling import draw_sample
from aina_assets.titles.gold.sheets import (
    CODER_A_FILE,
    CODER_B_FILE,
    PIPE_SUFFIXES,
    Progress,
    label_rows,
    read_judged,
    read_sample,
    read_sheet,
    write_sheets,
)

Value = TypeVar("Value")


@dataclass(frozen=True)
class SampleSummary:
    """What was drawn: rows, the titles that they stand for, the strata, and where the sheets are."""

    rows: int
    titles: int
    strata: int
    folder: Path

    def __str__(self) -> str:
        return (
            f"{self.rows:,} rows for {self.titles:,} titles of {self.strata:,} strata\n"
            f"sheets: {self.folder / CODER_A_FILE}, {self.folder / CODER_B_FILE}"
        )


@dataclass(frozen=True)
class ImportSummary:
    """What was imported.

    Attributes:
        rows: rows of the sample.
        labels: titles with a label.
        in_scope: those of them in scope.
        tune: those in the tune part; `test` those in the test part.
        disagreements: rows on which the two passes disagree.
        settled: rows that a third pass decided.
        judged: codes that the judgement added.
        joined: rows that were joined to another row of the same title.
        left_out: rows whose text is no usable title.
        agreement: how far the two passes agree.
    """

    rows: int
    labels: int
    in_scope: int
    tune: int
    test: int
    disagreements: int
    settled: int
    judged: int
    joined: int
    left_out: int
    agreement: tuple[Agreement, ...]

    def __str__(self) -> str:
        titles = (
            f"{self.labels:,} titles of {self.rows:,} rows: {self.joined:,} joined, "
            f"{self.left_out:,} left out as no usable title"
        )
        parts = f"in scope {self.in_scope:,}; tune {self.tune:,}, test {self.test:,}"
        passes = (
            f"{self.disagreements:,} rows disagreed on, {self.settled:,} settled, "
            f"{self.judged:,} codes added by the judgement"
        )
        return "\n".join([titles, parts, passes, *map(str, self.agreement)])


def sample(
    titles: Iterable[tuple[str, str, str]], folder: Path, *, size: int, seed: int = 1, floor: int = 20
) -> SampleSummary:
    """Draw a sample of an inventory and write the sheets for two coders.

    Args:
        titles: (title_id, text, stratum) of each title; a stratum is a name such as "exact/finance".
        folder: where the sheets go; it must have none yet.
        size: titles to draw.
        seed: another seed draws another sample.
        floor: fewest rows of a stratum.

    Raises:
        GoldError: nothing to draw from, an id twice, a size below the floors, or sheets are there already.
    """
    drawn = draw_sample(titles, size=size, seed=seed, floor=floor)
    write_sheets(folder, drawn, seed=seed)
    strata = {row.sampling_stratum for row in drawn}
    return SampleSummary(len(drawn), round(sum(row.weight for row in drawn)), len(strata), folder)


def label(sheet: Path, *, ask: Callable[[str], str] = input, show: Callable[[str], None] = print) -> Progress:
    """Label a sheet at the terminal, going on where the last sitting ended.

    Args:
        sheet: one coder's CSV sheet.
        ask: shows a prompt and gives the line typed.
        show: shows a line.

    Raises:
        AinaError: the sheet cannot be read.
    """
    return label_rows(sheet, ask, show)


def import_labels(
    folder: Path,
    output: Path,
    *,
    title_id_of: Callable[[str], str | None] | None = None,
    known_codes: Collection[str] | None = None,
    with_titles: bool = False,
    sample_file: str = "sample.csv",
    coder_a: str = "coder_a*",
    coder_b: str = "coder_b*",
    settled: str = "settled*",
    judged: str = "judged*",
) -> ImportSummary:
    """Make a gold set of a folder of filled sheets.

    Args:
        folder: the sample, two coders' sheets, and where they disagreed the settled and judged rows.
        output: the gold set; replaced as a whole.
        title_id_of: a title's id by its text, None for no usable title; for a sample without ids.
        known_codes: the SOC 2018 detailed codes that there are; without them only the form is checked.
        with_titles: write the titles' text too. Only for titles that this project wrote itself.
        sample_file: the sample's name in the folder.
        coder_a: pattern of the first coder's sheets, which may be several; `coder_b` of the second's,
            `settled` of the third pass's sheets, `judged` of the files of accepted codes.

    Raises:
        AinaError: a file is absent or malformed, rows lack labels (UnlabelledError) or are not settled
            (UnsettledError), a code is not one that there is.
    """
    rows = read_sample(folder / sample_file, title_id_of)
    pass_a = _read_all(folder, coder_a, read_sheet)
    pass_b = _read_all(folder, coder_b, read_sheet)
    third = _read_all(folder, settled, read_sheet, is_optional=True)
    accepted = _read_all(folder, judged, read_judged, is_optional=True)
    if known_codes is not None:
        given = [(row_id, label.codes) for part in (pass_a, pass_b, third) for row_id, label in part.items()]
        _require_known([*given, *accepted.items()], known_codes)
    labels = merge_labels(pass_a, pass_b, third, accepted, rows)
    without_judgement = merge_labels(pass_a, pass_b, third, {}, rows)
    write_gold(output, labels, with_titles=with_titles)
    identified = [row for row in rows if row.title_id is not None]
    tune = sum(label.split == "tune" for label in labels)
    return ImportSummary(
        rows=len(rows),
        labels=len(labels),
        in_scope=sum(label.is_in_scope for label in labels),
        tune=tune,
        test=len(labels) - tune,
        disagreements=len(disagreements(pass_a, pass_b)),
        settled=len(third),
        judged=_codes(labels) - _codes(without_judgement),
        joined=len(identified) - len(labels),
        left_out=len(rows) - len(identified),
        agreement=agreement(pass_a, pass_b),
    )


def _codes(labels: Iterable[GoldLabel]) -> int:
    return sum(len(label.soc_codes) for label in labels)


def _read_all(
    folder: Path, pattern: str, read: Callable[[Path], Mapping[str, Value]], *, is_optional: bool = False
) -> dict[str, Value]:
    """What all files of a pattern hold, by row id."""
    paths = [path for path in sorted(folder.glob(pattern)) if path.suffix in (".csv", *PIPE_SUFFIXES)]
    if not paths and not is_optional:
        raise GoldError(f"no sheet {pattern!r}", file=folder)
    found: dict[str, Value] = {}
    for path in paths:
        part = read(path)
        if twice := part.keys() & found.keys():
            raise GoldError(f"labelled in another sheet of {pattern!r} too: {named(twice)}", file=path)
        found |= part
    return found


def _require_known(given: Iterable[tuple[str, Iterable[str]]], known_codes: Collection[str]) -> None:
    known = {*known_codes, MILITARY}
    unknown: dict[str, set[str]] = {}
    for row_id, codes in given:
        if strange := set(codes) - known:
            unknown.setdefault(row_id, set()).update(strange)
    if unknown:
        rows = [f"{row_id} ({' '.join(sorted(strange))})" for row_id, strange in unknown.items()]
        raise GoldError(f"codes that SOC 2018 does not have: {named(rows)}")
