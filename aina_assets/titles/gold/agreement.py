"""Two blind passes become one gold set: how far they agree, and what is made of them.

Belongs here: agreement statistics and the rule of merging. Does not: files; those are `gold`'s and
`sheets`'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, cast

from aina_assets.titles.gold.labels import IN_SCOPE, LEVELS, GoldError, GoldLabel, Level
from aina_assets.titles.gold.sampling import SampledTitle
from aina_assets.titles.gold.sheets import CODES_A_CODER, SheetLabel

CODES_OF_TWO = 6
_NAMED_ROWS = 10
# What the first n digits of a SOC code are in characters.
_DIGITS = {6: 7, 3: 4, 2: 2}

Passes = Mapping[str, SheetLabel]


class UnlabelledError(GoldError):
    """A row of the sample lacks a coder's label."""

    default_remedy: ClassVar[str] = "Label the rows named in both sheets, then import again."


class UnsettledError(GoldError):
    """Two answers on one title differ, and nobody settled which holds."""

    default_remedy: ClassVar[str] = (
        "Give the rows named to a third pass, as the codebook says; import its labels too."
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two coders agree on one question.

    Attributes:
        question: what they were compared on.
        rows: how many rows could be compared.
        share: the share of rows with equal answers; None without rows.
        kappa: Cohen's kappa; None where chance alone would make them agree on every row.
    """

    question: str
    rows: int
    share: float | None
    kappa: float | None

    def __str__(self) -> str:
        share = "n/a" if self.share is None else f"{self.share:.3f}"
        kappa = "n/a" if self.kappa is None else f"{self.kappa:.3f}"
        return f"{self.question}: {self.rows:,} rows, agreement {share}, kappa {kappa}"


def cohens_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa of two coders' answers: agreement above chance, as a share of what chance leaves.

    None where there are no answers, or where both coders gave one and the same answer throughout.

    Source: J. Cohen, A coefficient of agreement for nominal scales, 1960.
    """
    total = len(pairs)
    # In whole numbers: equal shares are equal whatever the rounding.
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    by_chance = sum(count * second[answer] for answer, count in first.items())
    if by_chance == total * total:
        return None
    observed = total * sum(a == b for a, b in pairs)
    return (observed - by_chance) / (total * total - by_chance)


def agreement(pass_a: Passes, pass_b: Passes) -> tuple[Agreement, ...]:
    """How far two passes agree on the rows that both labelled; each row counts once, whatever its weight.

    The function is compared where both say in scope; first codes where both give one, at 6, 3 and 2 digits.
    """
    both = [(pass_a[row_id], pass_b[row_id]) for row_id in sorted(pass_a.keys() & pass_b.keys())]
    in_scope = [(a, b) for a, b in both if a.scope == b.scope == IN_SCOPE]
    coded = [(a, b) for a, b in both if a.codes and b.codes]
    figures = [
        _compared("in or out of scope", [(a.scope == IN_SCOPE, b.scope == IN_SCOPE) for a, b in both]),
        _compared("scope and reason", [(a.scope, b.scope) for a, b in both]),
        _compared("function", [(a.functions[0], b.functions[0]) for a, b in in_scope]),
    ]
    for digits, characters in _DIGITS.items():
        pairs = [(a.codes[0][:characters], b.codes[0][:characters]) for a, b in coded]
        figures.append(_compared(f"first code at {digits} digits", pairs))
    return tuple(figures)


def _compared(question: str, pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    share = sum(a == b for a, b in pairs) / len(pairs) if pairs else None
    return Agreement(question, len(pairs), share, cohens_kappa(pairs))


def is_agreed(a: SheetLabel, b: SheetLabel) -> bool:
    """Whether two labels need no third pass: one scope, and one's first code is among the other's codes."""
    if a.scope != b.scope:
        return False
    if not a.codes or not b.codes:
        return not a.codes and not b.codes
    return a.codes[0] in b.codes or b.codes[0] in a.codes


def merge_labels(
    pass_a: Passes,
    pass_b: Passes,
    settled: Passes,
    judged: Mapping[str, Sequence[str]],
    sample: Sequence[SampledTitle],
) -> tuple[GoldLabel, ...]:
    """Make one label of each title out of two blind passes, a third that settled, and a judgement.

    A settled row replaces both passes. Else the two must agree (`is_agreed`): the codes are both passes', by
    mean rank, at most six; the level is the coarser one; the functions are both, the first pass's first.
    Accepted codes of the judgement join the codes of rows in scope. Rows of one title are joined: they must
    agree on the scope, and their largest weight holds, since a title counts once however many of its forms
    were drawn. Rows whose text is no usable title are left out.

    Args:
        pass_a: the first coder's labels by row id; `pass_b` the second's, `settled` the third pass's.
        judged: accepted codes by row id.
        sample: all rows that were to be labelled.

    Returns:
        The labels, sorted by title id.

    Raises:
        UnlabelledError: a row lacks a label of one of the two passes.
        UnsettledError: the two passes disagree on a row that is not settled, or rows of one title do.
        GoldError: there are labels for rows that are not of the sample, or a title id or text is malformed.
    """
    known = {row.row_id for row in sample}
    for name, rows in (
        ("pass A", pass_a),
        ("pass B", pass_b),
        ("the settled", settled),
        ("the judged", judged),
    ):
        if strange := rows.keys() - known:
            raise GoldError(f"not of the sample, but among {name} rows: {named(strange)}")
    if missing := known - (pass_a.keys() & pass_b.keys()):
        raise UnlabelledError(f"not labelled by both coders: {named(missing)}")
    if unsettled := disagreements(pass_a, pass_b) - settled.keys():
        raise UnsettledError(f"the two passes disagree and no third one settled: {named(unsettled)}")
    by_title: dict[str, list[GoldLabel]] = {}
    rows_of: dict[str, list[str]] = {}
    for row in sorted(sample, key=lambda row: row.row_id):
        if row.title_id is not None:
            row_id = row.row_id
            passes = [settled[row_id]] if row_id in settled else [pass_a[row_id], pass_b[row_id]]
            label = _gold(row, row.title_id, passes, row_id in settled, judged.get(row_id, ()))
            by_title.setdefault(row.title_id, []).append(label)
            rows_of.setdefault(row.title_id, []).append(row_id)
    torn = [title for title, labels in by_title.items() if len({label.scope for label in labels}) > 1]
    if torn:
        torn_rows = [row_id for title in torn for row_id in rows_of[title]]
        raise UnsettledError(f"rows of one title have different scopes: {named(torn_rows)}")
    return tuple(_joined(by_title[title_id]) for title_id in sorted(by_title))


def disagreements(pass_a: Passes, pass_b: Passes) -> set[str]:
    """The rows that both passes labelled and do not agree on: what a third pass must settle."""
    return {
        row_id for row_id in pass_a.keys() & pass_b.keys() if not is_agreed(pass_a[row_id], pass_b[row_id])
    }


def named(row_ids: Collection[str]) -> str:
    """How many rows there are, and the first ten of them."""
    shown = ", ".join(sorted(row_ids)[:_NAMED_ROWS])
    counted = f"{len(row_ids):,} {'row' if len(row_ids) == 1 else 'rows'}"
    return f"{counted}: {shown}{', ...' if len(row_ids) > _NAMED_ROWS else ''}"


def _gold(
    row: SampledTitle,
    title_id: str,
    passes: Sequence[SheetLabel],
    is_settled: bool,
    accepted: Sequence[str],
) -> GoldLabel:
    scope = passes[0].scope
    codes = _by_mean_rank([label.codes for label in passes])
    try:
        return GoldLabel(
            title_id=title_id,
            is_in_scope=scope == IN_SCOPE,
            scope_reason=None if scope == IN_SCOPE else scope,
            functions=_once(function for label in passes for function in label.functions),
            soc_codes=_once([*codes, *accepted]) if scope == IN_SCOPE else codes,
            level=_coarsest(label.level for label in passes),
            is_settled=is_settled,
            sampling_stratum=row.sampling_stratum,
            weight=row.weight,
            raw_title=row.title,
        )
    except ValueError as error:
        raise GoldError(str(error), place=f"row {row.row_id} of the sample") from error


def _by_mean_rank(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    # A code that a coder left out ranks behind all that a coder can give; equal ranks go by the code itself,
    # so that it does not matter whose pass is the first.
    ranks = {
        code: sum(codes.index(code) if code in codes else CODES_A_CODER for codes in lists)
        for codes in lists
        for code in codes
    }
    return tuple(sorted(ranks, key=lambda code: (ranks[code], code))[:CODES_OF_TWO])


def _joined(labels: Sequence[GoldLabel]) -> GoldLabel:
    """One label of all rows of a title."""
    if len(labels) == 1:
        return labels[0]
    return replace(
        labels[0],
        functions=_once(function for label in labels for function in label.functions),
        soc_codes=_once(code for label in labels for code in label.soc_codes),
        level=_coarsest(label.level for label in labels),
        is_settled=any(label.is_settled for label in labels),
        weight=max(label.weight for label in labels),
    )


def _coarsest(levels: Iterable[str]) -> str:
    return max(levels, key=lambda level: LEVELS.index(cast(Level, level)))


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
