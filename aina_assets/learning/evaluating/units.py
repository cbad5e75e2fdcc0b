"""What an answer says of each id: stances and values, bound to the ids that they belong to.

Belongs here: which words, numbers and rows of a sentence belong to which id in it. Does not: whether that is
right (`checks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from aina_assets.learning.evaluating.guards import Aside, Guard
from aina_assets.learning.evaluating.mentions import Mention, Mentions
from aina_assets.learning.evaluating.reading import Clause, Reading, Span
from aina_assets.learning.evaluating.stances import Said, said

VALUES = ("number", "date", "code")
# The parts that every deliverable is asked in.
_PART = re.compile(r"(?:\d+[.)]\s*|[*_]+)?(findings?|checks?|next\s+steps?)\b")


@dataclass
class Unit:
    """What one stretch of an answer says of one id.

    Attributes:
        entity: the id.
        said: stances.
        values: numbers, dates and codes that belong to it.
        citations: rows that are cited for it.
        span: its place in the comparable text.
        line: its line's number.
        is_finding: whether it stands where findings stand: before any part on checks or the next step.
    """

    entity: str
    said: set[Said]
    values: list[Mention]
    citations: list[Mention]
    span: Span
    line: int
    is_finding: bool


@dataclass(frozen=True)
class Sentence:
    """A sentence that counts.

    Attributes:
        text: its comparable text, with the words that introduce it.
        mentions: what it mentions; places are in the answer's comparable text.
        span: its place there.
        line: its line's number.
    """

    text: str
    mentions: tuple[Mention, ...]
    span: Span
    line: int


@dataclass
class Content:
    """What an answer says, once what does not count is set aside.

    Attributes:
        units: what it says of ids, in order.
        sentences: its sentences that count.
        asides: how many sentences were set aside, by reason.
    """

    units: list[Unit] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    asides: dict[Aside, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Lead:
    """The line that introduces others: what it says, and the id that it is about, if it is about one."""

    text: str = ""
    said: frozenset[Said] = frozenset()
    units: tuple[Unit, ...] = ()


def is_heading(text: str) -> bool:
    """Whether a comparable text is the heading of a part, and nothing more."""
    return bool(_PART.fullmatch(text.strip(" #*_:\n")))


def content_of(reading: Reading, guard: Guard, mentions: Mentions, *, is_about_steps: bool) -> Content:
    """What an answer says."""
    return _Gathering(reading, guard, mentions, is_about_steps=is_about_steps).run()


class _Gathering:
    def __init__(self, reading: Reading, guard: Guard, mentions: Mentions, *, is_about_steps: bool) -> None:
        self._reading = reading
        self._guard = guard
        self._mentions = mentions
        self._is_about_steps = is_about_steps
        self._content = Content()
        self._is_finding = True

    def run(self) -> Content:
        lead = _Lead()
        by_line = {n: list(held) for n, held in groupby(self._reading.clauses, lambda clause: clause.line)}
        for number, line in enumerate(self._reading.lines):
            part = _PART.match(line.text)
            if part:
                self._is_finding = part[1].startswith("finding")
            clauses = by_line.get(number, [])
            is_row = "|" in line.text
            introduced = line.is_bullet or is_row or not line.follows_blank
            applies = lead if introduced and not line.is_lead else _Lead()
            counted = self._counted(clauses, is_lead=line.is_lead)
            is_header = is_row and not any(
                m.kind in ("entity", *VALUES) for _, found in counted for m in found
            )
            units = self._units(counted, applies)
            self._content.units += units
            if line.is_lead or is_header:
                told = frozenset(self._said(line.text)) or (applies.said if is_header else frozenset())
                lead = _Lead(line.text, told, tuple(units))
            elif not introduced:
                lead = _Lead()
        return self._content

    def _said(self, text: str) -> set[Said]:
        return said(text, is_about_steps=self._is_about_steps)

    def _counted(self, clauses: Sequence[Clause], *, is_lead: bool) -> list[tuple[Clause, list[Mention]]]:
        """The clauses that count, with what they mention; sentences are told apart on the way."""
        counted = []
        for _, held_together in groupby(clauses, lambda clause: clause.sentence):
            own = list(held_together)
            start, end = own[0].start, own[-1].start + len(own[-1].text)
            text = self._reading.text[start:end]
            aside = self._guard.aside(text)
            if aside is not None:
                # A heading is nobody's own, and no fault.
                if not is_lead or aside is Aside.TO_THE_GRADER:
                    self._content.asides[aside] = self._content.asides.get(aside, 0) + 1
                continue
            held = [(clause, _placed(self._mentions.find(clause.text), clause.start)) for clause in own]
            counted += held
            every = tuple(mention for _, found in held for mention in found)
            self._content.sentences.append(Sentence(text, every, (start, end), own[0].line))
        return counted

    def _units(self, counted: Sequence[tuple[Clause, list[Mention]]], lead: _Lead) -> list[Unit]:
        units: list[Unit] = []
        # A clause without an id goes on about the one before it; a bullet about the one that introduces it.
        about: Sequence[Unit] = lead.units if len(lead.units) == 1 else ()
        sentence, opening = -1, lead.said
        for clause, mentions in counted:
            if clause.sentence != sentence:
                sentence, opening = clause.sentence, lead.said
            head, colon, _ = clause.text.partition(": ")
            if colon and not any(m.kind == "entity" and m.start < clause.start + len(head) for m in mentions):
                # What stands before a colon is said of all that the sentence lists.
                opening = frozenset(self._said(head)) or opening
            groups = _groups(mentions)
            if not groups:
                self._go_on(about, clause, mentions)
                continue
            found = self._of_clause(clause, mentions, groups, opening)
            units += found
            about = found if len(groups) == 1 else ()
        return units

    def _go_on(self, about: Sequence[Unit], clause: Clause, mentions: Sequence[Mention]) -> None:
        for unit in about:
            values = [mention for mention in mentions if mention.kind in VALUES]
            if clause.is_contrast and values and unit.values and not self._is_about_steps:
                # "the list has one day, but the message another": no word more is needed.
                unit.said = unit.said or {"differs"}
            unit.values += values
            unit.citations += [mention for mention in mentions if mention.kind == "citation"]
            # What is said later goes on about something else as often as not: only a gap is filled.
            unit.said = unit.said or self._said(clause.text)
            unit.span = (min(unit.span[0], clause.start), clause.start + len(clause.text))

    def _of_clause(
        self,
        clause: Clause,
        mentions: Sequence[Mention],
        groups: Sequence[list[Mention]],
        opening: frozenset[Said],
    ) -> list[Unit]:
        units: list[Unit] = []
        stances = self._stances(clause, groups)
        spans = _value_spans(clause, mentions, groups)
        for group, stance, (start, end) in zip(groups, stances, spans, strict=True):
            inside = [m for m in mentions if start <= m.start < end]
            values = [m for m in inside if m.kind in VALUES]
            shared = _respectively(group, values)
            for place, entity in enumerate(group):
                cited = [m for m in inside if m.kind == "citation"]
                units.append(
                    Unit(
                        entity=entity.value,
                        said=set(stance or opening),
                        values=[shared[place]] if shared else list(values),
                        citations=_respectively(group, cited)[place : place + 1] or cited,
                        span=(clause.start, clause.start + len(clause.text))
                        if len(groups) == 1
                        else (min(start, group[0].start), max(end, group[-1].end)),
                        line=clause.line,
                        is_finding=self._is_finding,
                    )
                )
        return units

    def _stances(self, clause: Clause, groups: Sequence[list[Mention]]) -> list[set[Said]]:
        """What is said of each group of ids: before it, where a stance opens the clause; else after it."""
        whole = self._said(clause.text)
        if len(groups) == 1:
            return [whole]
        edges = [(group[0].start - clause.start, group[-1].end - clause.start) for group in groups]
        text = clause.text
        opening = self._said(text[: edges[0][0]])
        found: list[set[Said]] = []
        if opening:
            before = 0
            for start, end in edges:
                # What is told of none of its own is told of as the one before.
                found.append(self._said(text[before:start]) or (found[-1] if found else opening))
                before = end
            return found
        borders = [*(start for start, _ in edges[1:]), len(text)]
        for (start, _), border in zip(edges, borders, strict=True):
            found.append(self._said(text[start:border]))
        if not any(found):
            return [whole for _ in groups]
        return [own or (whole if len(whole) == 1 else set()) for own in found]


def _placed(mentions: Iterable[Mention], offset: int) -> list[Mention]:
    return [replace(m, start=m.start + offset, end=m.end + offset) for m in mentions]


def _groups(mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Ids that stand together, without a value between them."""
    groups: list[list[Mention]] = []
    is_open = False
    for mention in mentions:
        if mention.kind == "entity":
            if is_open:
                groups[-1].append(mention)
            else:
                groups.append([mention])
            is_open = True
        elif mention.kind in VALUES:
            is_open = False
    return groups


def _value_spans(clause: Clause, mentions: Sequence[Mention], groups: Sequence[list[Mention]]) -> list[Span]:
    """Where each group's values stand: after it, or before it where none stands after the last."""
    begin, end = clause.start, clause.start + len(clause.text)
    if len(groups) == 1:
        return [(begin, end)]
    values = [m for m in mentions if m.kind in VALUES]
    has_after = any(m.start > groups[-1][-1].end for m in values)
    has_before = any(m.start < groups[0][0].start for m in values)
    if has_before and not has_after:
        starts = [begin, *(group[-1].end for group in groups[:-1])]
        return [(start, group[-1].end) for start, group in zip(starts, groups, strict=True)]
    borders = [(group[0].start, later[0].start) for group, later in pairwise(groups)]
    return [*borders, (groups[-1][0].start, end)]


def _respectively(group: Sequence[Mention], values: Sequence[Mention]) -> list[Mention]:
    """As many values as ids: one each, in order; none where the numbers do not fit."""
    return list(values) if len(group) > 1 and len(values) == len(group) else []
