"""The deterministic checks: what an answer says, held against the key.

Belongs here: a check for each kind of criterion. Does not: reading (`units`), scoring (`evaluator`).

Why they are hard to game: a claim counts with its evidence alone, and each wrong claim takes a right one
away, so saying something of everything gains nothing; a figure counts that stands in no material, unless
it is one guess of several; rows count where they show the claim that they stand beside; the next step counts
for a claim that counts, and where nothing else is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from aina_assets.learning.evaluating.mentions import Mention
from aina_assets.learning.evaluating.reading import Line, Span
from aina_assets.learning.evaluating.units import Content, Sentence, Unit
from aina_assets.learning.practice.task import AnswerKey, Evidence, ExpectedClaim, ExpectedFigure

# Other figures beside the right one that an honest answer may hold; more are guesses.
MOST_FOREIGN = 2
# Numbers up to here count things in passing ("two of the lines").
PASSING = 20
# A figure's rival is of its own size; "3 days" is none of "1,245 minutes".
SIZE = 3
_OR = re.compile(
    r"(?:\W*\w+){0,3}?\W*\b(?:or|to|till|perhaps|maybe|possibly|alternatively|otherwise|else|rather|even)\b(?:\W*\w+){0,2}?\W*"
    r"|[\s,/-]+"
)
_BETWEEN = re.compile(r"\bbetween\W*$")
_ACTION = re.compile(
    r"\b(?:ask|request|have|send|correct|fix|post|book|adjust|confirm|settle|clear|clarify|resolve|check|review|set|"
    r"switch|amend|return|hand|forward|tell|inform|let|need|must|should|will|please|update|change|approve|release|"
    r"hold|stop|replace|revise|rewrite|decide|agree|start|build|implement|configure|enable|reissue|investigate|"
    r"verify|notify|question|query|raise|escalate|pass|pull|withdraw|align|sort|add|enter|record|straighten)(?:s|es|ed|ing)?\b"
)


@dataclass(frozen=True)
class Outcome:
    """What a check found: whether the criterion is met, and where, in the comparable text."""

    is_met: bool
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Claims:
    """The claims of an answer.

    Attributes:
        right: spans of each right claim's unit, by id, in the order of the answer.
        wrong: ids that are wrongly claimed.
        wrong_costs: how many right ones each takes away.
    """

    right: dict[str, Span]
    wrong: frozenset[str]
    wrong_costs: int

    @property
    def net(self) -> int:
        """Right claims less wrong ones, each of which takes as many away as the key says."""
        return max(0, len(self.right) - self.wrong_costs * len(self.wrong))


class Checks:
    """An answer's content against a key."""

    def __init__(self, content: Content, lines: Sequence[Line], key: AnswerKey) -> None:
        self._content = content
        self._lines = lines
        self._leads = _leads(lines)
        self._by_line: dict[int, list[Sentence]] = {}
        for sentence in content.sentences:
            self._by_line.setdefault(sentence.line, []).append(sentence)
        self._key = key
        self._expected = {claim.entity: claim for claim in key.claims}
        self._worked_out = [value for figure in key.figures for value in figure.values] + [
            value for claim in key.claims for way in claim.evidence for value in way.numbers
        ]
        self._days = {day for claim in key.claims for way in claim.evidence for day in way.dates}
        # Beside an id that is expected: the rows that show the ids of each line.
        self._rows: dict[int, set[str]] = {}
        for unit in content.units:
            if unit.entity in self._expected:
                self._rows.setdefault(unit.line, set()).update(self._expected[unit.entity].rows)
        self._is_about_steps = any(claim.stance != "differs" for claim in key.claims)
        self.claims = self._claims()

    # --- claims

    def _claims(self) -> Claims:
        right: dict[str, Span] = {}
        wrong: set[str] = set()
        taken_back: set[str] = set()
        for unit in self._content.units:
            expected = self._expected.get(unit.entity)
            verdict = (
                self._of_steps(unit, expected) if self._is_about_steps else self._differs(unit, expected)
            )
            if verdict == "right":
                right.setdefault(unit.entity, unit.span)
            elif verdict == "wrong":
                wrong.add(unit.entity)
            elif verdict == "taken_back":
                taken_back.add(unit.entity)
        kept = {entity: span for entity, span in right.items() if entity not in taken_back | wrong}
        return Claims(kept, frozenset(wrong), self._key.wrong_costs)

    def _differs(self, unit: Unit, expected: ExpectedClaim | None) -> str | None:
        says_differs, says_agrees = "differs" in unit.said, "agrees" in unit.said
        # Among the findings, an id with figures or days is claimed to differ, in whatever words.
        is_claimed = says_differs or (unit.is_finding and _has_figures(unit))
        if expected is None:
            return "wrong" if is_claimed and not says_agrees else None
        if says_agrees:
            return "taken_back" if unit.is_finding and not says_differs else None
        if self._is_spray(unit.values) or not any(self._shows(unit, way) for way in expected.evidence):
            return None
        return "right" if is_claimed else None

    def _of_steps(self, unit: Unit, expected: ExpectedClaim | None) -> str | None:
        stances = unit.said & {"automate", "delegate", "keep"}
        if expected is None or len(stances) != 1:
            return None
        if expected.stance not in stances:
            return "wrong"
        has_evidence = any(self._shows(unit, way) for way in expected.evidence)
        return "right" if has_evidence and not self._is_spray(unit.values) else None

    def _shows(self, unit: Unit, way: Evidence) -> bool:
        days = {mention.day for mention in unit.values if mention.kind == "date"}
        codes = {mention.value for mention in unit.values if mention.kind == "code"}
        # A step under one rule; the name of every rule shows none.
        return (
            all(_has(unit.values, value) for value in way.numbers)
            and days.issuperset(way.dates)
            and (not way.codes or codes == set(way.codes))
        )

    def _is_spray(self, mentions: Sequence[Mention]) -> bool:
        days = {mention.day for mention in mentions if mention.kind == "date"}
        return (
            len(self._foreign(mentions)) > MOST_FOREIGN
            or len(days - self._days) > MOST_FOREIGN
            # One id with nearly every date of the materials.
            or len(days) > len(self._days)
        )

    def _foreign(self, mentions: Sequence[Mention], most_passing: int = PASSING) -> set[Decimal]:
        """Numbers that are neither given nor to be worked out, nor count things in passing."""
        known = (*self._worked_out, *self._key.given_numbers)
        return {
            m.number
            for m in mentions
            if m.kind == "number"
            and not any(m.is_value(value) for value in known)
            and not (m.number <= most_passing and m.number == m.number.to_integral_value())
        }

    def claim(self, place: int) -> Outcome:
        """Whether there are so many right claims, wrong ones taken off."""
        if self.claims.net < place:
            return Outcome(False)
        return Outcome(True, (list(self.claims.right.values())[place - 1],))

    # --- figures

    def figure(self, name: str) -> Outcome:
        """Whether the figure is stated, and not as one guess among several."""
        figure = self._key.figure(name)
        about = [held for held in self._content.sentences if _is_about(self._labelled(held), figure)]
        is_small = all(value <= PASSING for value in figure.values)
        rivals: set[Decimal] = set()
        hits: list[Span] = []
        for sentence in about:
            numbers = [m for m in sentence.mentions if m.kind == "number"]
            stated = [m for m in numbers if any(m.is_value(value) for value in figure.values)]
            foreign = self._foreign(numbers, most_passing=0 if is_small else PASSING)
            others = [m for m in numbers if m.number in foreign and not (is_small and self._counts_claims(m))]
            # A number of the materials is an alternative too, where it stands as one.
            besides = [m for m in numbers if m not in stated]
            if any(_is_alternative(sentence, hit, other) for hit in stated for other in besides):
                return Outcome(False)
            if is_small and not stated and any(_is_beside(sentence, m, figure) for m in others):
                # Another count of the same thing.
                return Outcome(False)
            rivals |= {m.number for m in others}
            hits += [_around(sentence, m) for m in stated]
        if not hits or len(rivals) > (1 if is_small else MOST_FOREIGN):
            return Outcome(False)
        return Outcome(True, (hits[0],))

    def _counts_claims(self, mention: Mention) -> bool:
        """Whether a number may be how many claims there are, or the pronoun "one"."""
        return mention.number == len(self._key.claims) or (mention.is_word and mention.number == 1)

    def _labelled(self, sentence: Sentence) -> str:
        """The sentence with the line that introduces it."""
        return f"{self._leads[sentence.line]} {sentence.text}"

    # --- citations and the next step

    def citations(self, least: int) -> Outcome:
        """Whether rows are cited that show at least so many of the claims that count."""
        right: dict[str, Span] = {}
        wrong = 0
        for unit in self._content.units:
            expected = self._expected.get(unit.entity)
            for cited in unit.citations if expected is not None else ():
                # Ids that stand together have their rows together.
                is_right = cited.rows <= self._rows[unit.line] and expected and cited.rows & expected.rows
                if is_right:
                    right.setdefault(unit.entity, (cited.start, cited.end))
                wrong += not cited.rows <= self._rows[unit.line]
        counted = {entity: span for entity, span in right.items() if entity in self.claims.right}
        if len(counted) - wrong < least:
            return Outcome(False)
        return Outcome(True, tuple(counted.values())[:least])

    def next_step(self) -> Outcome:
        """Whether somebody who may act is asked to, for claims that count and for nothing else."""
        asked_for: set[str] = set()
        spans: list[Span] = []
        for start, end in self._blocks():
            held = [sentence for line in range(start, end) for sentence in self._by_line.get(line, ())]
            text = "\n".join(sentence.text for sentence in held)
            asking = [s.span for s in held if any(name.lower() in s.text for name in self._key.recipients)]
            ids = {m.value for sentence in held for m in sentence.mentions if m.kind == "entity"}
            if asking and ids and _ACTION.search(text):
                # A request for each id, be it right or not, is none: all requests are taken together.
                asked_for |= ids
                spans += asking
        if not asked_for or not asked_for <= set(self.claims.right):
            return Outcome(False)
        return Outcome(True, (spans[0],))

    def _blocks(self) -> list[Span]:
        """Stretches of lines that belong together: a line alone, or one that introduces and its items."""
        blocks: list[Span] = []
        number = 0
        while number < len(self._lines):
            end = number + 1
            if self._lines[number].text.endswith(":"):
                while end < len(self._lines) and self._lines[end].is_bullet:
                    end += 1
            blocks.append((number, end))
            number += 1
        return blocks


def _has_figures(unit: Unit) -> bool:
    return any(
        m.kind == "date" or (m.kind == "number" and (m.number > PASSING or m.number % 1 != 0))
        for m in unit.values
    )


def _has(mentions: Sequence[Mention], value: Decimal) -> bool:
    return any(m.kind == "number" and m.is_value(value) for m in mentions)


def _is_alternative(sentence: Sentence, hit: Mention, other: Mention) -> bool:
    """Whether another number stands beside the right one as what it might be instead."""
    if other.number and not 1 / SIZE <= abs(hit.number / other.number) <= SIZE:
        return False
    begin = sentence.span[0]
    first, second = sorted((hit, other), key=lambda mention: mention.start)
    before, between = (
        sentence.text[: first.start - begin],
        sentence.text[first.end - begin : second.start - begin],
    )
    if sentence.text[second.end - begin :].lstrip().startswith("%") or "respectively" in sentence.text:
        return False
    return bool(_OR.fullmatch(between)) or (bool(_BETWEEN.search(before)) and between.strip() == "and")


def _is_beside(sentence: Sentence, mention: Mention, figure: ExpectedFigure) -> bool:
    """Whether a number stands within three words of the figure's own."""
    begin = sentence.span[0]
    before = " ".join(sentence.text[: mention.start - begin].split()[-3:])
    after = " ".join(sentence.text[mention.end - begin :].split()[:3])
    return _is_about(before, figure) or _is_about(after, figure)


def _leads(lines: Sequence[Line]) -> list[str]:
    """The line that introduces each; empty where none does."""
    found: list[str] = []
    lead = ""
    for line in lines:
        found.append(lead)
        if line.is_lead:
            lead = line.text
        elif line.text and not line.is_bullet and "|" not in line.text:
            lead = ""
    return found


def _is_about(text: str, figure: ExpectedFigure) -> bool:
    return all(any(re.search(rf"\b{word}", text) for word in group) for group in figure.labels)


def _around(sentence: Sentence, mention: Mention) -> Span:
    """The sentence, or where it is long the words around the mention."""
    start, end = sentence.span
    return (
        (start, end) if end - start <= 200 else (max(start, mention.start - 60), min(end, mention.end + 60))
    )
