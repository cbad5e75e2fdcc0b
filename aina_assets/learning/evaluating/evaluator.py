"""Evaluate an answer: verdicts with their spans, the score with its bounds, feedback, the next step.

Belongs here: putting checks and judge together. Does not: what a check looks at (`checks`).

The score is the share of the rubric's weight that is MET. What cannot be assessed counts as not met in the
score and as met in its upper bound; the result passes, or fails, where both bounds say so, and is open in
between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from aina_assets.learning.evaluating.checks import Checks, Outcome
from aina_assets.learning.evaluating.guards import Aside, Guard
from aina_assets.learning.evaluating.judge import Judge, JudgeQuestion
from aina_assets.learning.evaluating.mentions import Mentions
from aina_assets.learning.evaluating.reading import Reading, Span
from aina_assets.learning.evaluating.rubric import Criterion, Rubric
from aina_assets.learning.evaluating.units import Content, content_of, is_heading
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.practice.task import AnswerKey, PracticeTask
from aina_assets.learning.records.events import MOST_TEXT, Verdict

LEAST_LATIN = 0.5
# The share of the deterministic weight that must be met before a judge is asked: what is said well must say
# something first.
LEAST_FOR_JUDGE = 0.5
DIGITS = 6
PREPARED = 64


@dataclass(frozen=True)
class CriterionResult:
    """A criterion's verdict.

    Attributes:
        spans: characters of the answer, as it was typed, that show it; none unless MET.
        note: why, or what to do about it, for the learner.
    """

    criterion_id: str
    verdict: Verdict
    weight: int
    spans: tuple[Span, ...]
    note: str


@dataclass(frozen=True)
class Evaluation:
    """An answer's evaluation.

    Attributes:
        score: share of the weight that is MET.
        score_low, score_high: what the verdicts leave possible.
        is_pass: whether it passes; None where that hangs on what could not be assessed.
        criteria: every criterion's verdict.
        asides: sentences that did not count, by reason.
        feedback: what is good and what is missing, in sentences.
        next_step: the one thing to do first.
        judge: name of the judge that was asked; None without one.
    """

    rubric_id: str
    rubric_version: str
    rubric_sha256: str
    score: float
    score_low: float
    score_high: float
    is_pass: bool | None
    criteria: tuple[CriterionResult, ...]
    asides: dict[str, int]
    feedback: tuple[str, ...]
    next_step: str
    judge: str | None


class Evaluator:
    """Evaluates answers.

    Args:
        practice: the policies that tasks and rubrics come from.
        pass_score: share from which an answer passes.
        judge: asked about what only a reader can tell; without one that cannot be assessed.
    """

    def __init__(self, practice: Practice, pass_score: float, judge: Judge | None = None) -> None:
        self._practice = practice
        self._pass_score = pass_score
        self._judge = judge
        # A learner tries a task several times; what is made of the task alone is made once.
        self._prepared = lru_cache(maxsize=PREPARED)(self._prepare)

    def evaluate(self, task: PracticeTask, text: str) -> Evaluation:
        """Evaluate an answer to a task.

        Raises:
            LearnerError: the task was made under another policy.
            RubricError: the task's rubric is not the locked one.
        """
        key, rubric, guard = self._prepared(task)
        reading = Reading(text)
        if len(text) > MOST_TEXT or reading.latin_share < LEAST_LATIN:
            note = "The answer is too long, or not in Latin letters: it cannot be read here."
            unread = tuple(
                CriterionResult(held.criterion_id, "CANNOT_ASSESS", held.weight, (), note)
                for held in rubric.criteria
            )
            return self._evaluation(rubric, unread, Content())
        content = content_of(
            reading,
            guard,
            Mentions(key.entities),
            is_about_steps=task.family == "delegate",
        )
        checks = Checks(content, reading.lines, key)
        results: dict[str, CriterionResult] = {}
        for criterion in rubric.criteria:
            if criterion.kind != "judged":
                results[criterion.criterion_id] = _checked(criterion, checks, reading)
        met = sum(held.weight for held in results.values() if held.verdict == "MET")
        is_worth_judging = met >= LEAST_FOR_JUDGE * sum(held.weight for held in results.values())
        shown = _shown(reading, content, [span for held in results.values() for span in held.spans])
        for criterion in rubric.criteria:
            if criterion.kind == "judged":
                results[criterion.criterion_id] = self._judged(
                    criterion, reading, content, shown if is_worth_judging else None
                )
        ordered = tuple(results[criterion.criterion_id] for criterion in rubric.criteria)
        return self._evaluation(rubric, ordered, content)

    def _prepare(self, task: PracticeTask) -> tuple[AnswerKey, Rubric, Guard]:
        key, rubric = self._practice.key(task), self._practice.rubric_of(task)
        advice = (rubric.pass_note, *(held.advice for held in rubric.criteria))
        return key, rubric, Guard((task.given_text(), *advice))

    def _judged(
        self, criterion: Criterion, reading: Reading, content: Content, spans: list[Span] | None
    ) -> CriterionResult:
        def result(verdict: Verdict, note: str, spans: tuple[Span, ...] = ()) -> CriterionResult:
            return CriterionResult(criterion.criterion_id, verdict, criterion.weight, spans, note)

        if spans is None:
            return result("UNMET", "Too little of the work is there yet to be read for this.")
        if self._judge is None:
            return result("CANNOT_ASSESS", "Only a reader can tell; no judge was asked.")
        if Aside.TO_THE_GRADER in content.asides:
            return result("CANNOT_ASSESS", "The answer speaks to whoever grades it; no judge was asked.")
        lines = [reading.original[start:end].strip() for start, end in spans]
        answer = self._judge.judge(JudgeQuestion(criterion.text, "\n".join(lines)))
        if answer.verdict != "MET":
            note = criterion.advice if answer.verdict == "UNMET" else "The judge could not tell."
            return result(answer.verdict, note)
        found = _quoted(answer.quote, reading.original, spans)
        if found is None:
            return result("CANNOT_ASSESS", "The judge quoted what the answer does not say.")
        return result("MET", criterion.text, (found,))

    def _evaluation(
        self, rubric: Rubric, criteria: tuple[CriterionResult, ...], content: Content
    ) -> Evaluation:
        weight = rubric.weight
        met = sum(held.weight for held in criteria if held.verdict == "MET")
        unsure = sum(held.weight for held in criteria if held.verdict == "CANNOT_ASSESS")
        low, high = round(met / weight, DIGITS), round((met + unsure) / weight, DIGITS)
        is_pass = True if low >= self._pass_score else False if high < self._pass_score else None
        return Evaluation(
            rubric_id=rubric.rubric_id,
            rubric_version=rubric.version,
            rubric_sha256=rubric.sha256,
            score=low,
            score_low=low,
            score_high=high,
            is_pass=is_pass,
            criteria=criteria,
            asides={str(reason): count for reason, count in sorted(content.asides.items())},
            feedback=_feedback(criteria, content),
            next_step=_next_step(criteria),
            judge=None if self._judge is None else self._judge.name,
        )


def _checked(criterion: Criterion, checks: Checks, reading: Reading) -> CriterionResult:
    kinds: dict[str, Callable[[], Outcome]] = {
        "claim": lambda: checks.claim(criterion.place or 1),
        "figure": lambda: checks.figure(criterion.figure or ""),
        "citations": lambda: checks.citations(criterion.least or 1),
        "next_step": checks.next_step,
    }
    outcome = kinds[criterion.kind]()
    spans = tuple(_trimmed(reading.original, reading.span(*span)) for span in outcome.spans)
    verdict: Verdict = "MET" if outcome.is_met else "UNMET"
    note = criterion.text if outcome.is_met else criterion.advice
    return CriterionResult(criterion.criterion_id, verdict, criterion.weight, spans, note)


def _shown(reading: Reading, content: Content, credited: list[Span]) -> list[Span]:
    """What a judge is shown: headings of the parts, and sentences that hold what the checks have credited.

    Whatever else an answer says is said to nobody: words that ask for a verdict have no one to ask.
    """
    spans = [reading.span(*sentence.span) for sentence in content.sentences]
    return [
        (start, end)
        for (start, end), sentence in zip(spans, content.sentences, strict=True)
        if is_heading(sentence.text) or any(start < last and first < end for first, last in credited)
    ]


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while start < end - 1 and text[start].isspace():
        start += 1
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return start, end


def _quoted(quote: str, text: str, spans: list[Span]) -> Span | None:
    """Where the quote stands in a sentence that counts; None where it stands in none."""
    held = quote.strip(" \n\t.-*•")
    for start, end in spans:
        place = text.find(held, start, end) if held else -1
        if place >= 0:
            return place, place + len(held)
    return None


def _feedback(criteria: tuple[CriterionResult, ...], content: Content) -> tuple[str, ...]:
    met = [held for held in criteria if held.verdict == "MET"]
    lines = [f"{len(met)} of {len(criteria)} criteria are met."]
    lines += [f"To do: {held.note}" for held in criteria if held.verdict == "UNMET"]
    lines += [f"Open: {held.note}" for held in criteria if held.verdict == "CANNOT_ASSESS"]
    told = {
        Aside.BORROWED: "sentences repeat what was given; they show nothing of your own",
        Aside.TO_THE_GRADER: "sentences speak to whoever grades this; they do not count",
        Aside.HEAP: "lines are heaps of words without a sentence; they do not count",
    }
    lines += [f"{count} {told[reason]}." for reason, count in sorted(content.asides.items())]
    return tuple(dict.fromkeys(lines))


def _next_step(criteria: tuple[CriterionResult, ...]) -> str:
    missing = [held for held in criteria if held.verdict == "UNMET"]
    if not missing:
        return "Take the next task."
    return max(missing, key=lambda held: held.weight).note
