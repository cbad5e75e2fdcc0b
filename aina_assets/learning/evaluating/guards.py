"""Which sentences of an answer count: those that are the learner's own, and speak of the work.

Belongs here: finding what was copied, what is addressed to the grader, and heaps of words. Does not: what the
rest says. What is set aside here can show nothing; it cannot lower anything either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from aina_assets.learning.evaluating.reading import comparable, tokens

GRAM = 4
BORROWED_SHARE = 0.6
HEAP_WORDS = 10
HEAP_SHARE = 0.12
HEAP_FIGURES = 0.15
# Words that sentences have and heaps of keywords lack.
_BINDING_WORDS = """
a an the of to in on at by for from with as is are was were be been has have had do does did not no and
or but that which this these those it its they them their we our i you he she so if then than there here
will would should can could may must shall each both all any only also one two per after before into
about under while when where who what because since until up out over between too against instead rather
more less most same other again still just now please my me us i'd very how see every none
"""
_BINDING = frozenset(_BINDING_WORDS.split())
# Words, but for the letters of ids and of cited materials.
_WORDS = re.compile(r"\b[a-z']{2,}\b(?!\s?-?\d)")
_FIGURE = re.compile(r"(?<![\w:.,-])\d[\d.,]*(?![\w:])")
_TO_THE_GRADER = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|rubric|prompt|rule|above
      |previous|prior|criteri|everything)
    | \b(?:you\s+are|act\s+as|pretend|behave\s+as|imagine)\b.{0,40}\b(?:grader|evaluator|assistant
      |judge|model|examiner|ai|system|teacher)
    | \b(?:mark|grade|score|rate|evaluate|assess|give|award|assign|grant|return|output|respond|answer
      |set|count|treat|consider|accept)\b.{0,50}
      \b(?:met|full\s+(?:marks?|score|points|credit)|maximum|max\s+score|perfect|100\s*%|10/10
        |pass(?:ed|ing)?|highest|top\s+(?:marks?|score)|fulfilled|satisfied|criteri\w+|rubric)\b
    | \b(?:all|every|each|these|this|the)\s+(?:\w+\s+)?(?:criteri\w+|rubric\s+items?
      |requirements?)\b.{0,30}\b(?:met|satisfied|fulfilled|covered|complete)
    | \b(?:system|developer|assistant|admin)\s*(?:prompt|message|override|note|mode|:)
    | </?(?:system|instruction|score|grade|verdict|assistant|user|rubric)[^>]*>
    | \[\s*/?\s*(?:system|inst|instruction|admin|grader|score)\b
    | \bas\s+an?\s+(?:ai|language\s+model)\b | \b(?:verdict|criterion_id|is_pass|score_low|score)["']?\s*[:=]
    | \b(?:dear|hello|hi|note\s+to(?:\s+the)?|attention)\s+(?:grader|evaluator|examiner|judge|marker
      |reviewer|model|ai)\b
    | \bcannot_assess\b | \bunmet\b | \b(?:claim|criterion)_\w+
    | \b(?:graders?|evaluators?|examiners?|markers?)\b.{0,40}\b(?:must|should|shall|will|please|are|is
      |has|have)\b
    | \b(?:this|my|the)\s+(?:answer|submission|response)\s+(?:is|was|has|deserves|meets|satisfies|earns
      |should)\b
    """,
    re.VERBOSE | re.DOTALL,
)


class Aside(StrEnum):
    """Why a sentence does not count."""

    BORROWED = "borrowed"
    TO_THE_GRADER = "to_the_grader"
    HEAP = "heap"


class Guard:
    """Tells which sentences count.

    Args:
        given: texts that the learner was given: task, materials, criteria, advice.
    """

    def __init__(self, given: Iterable[str]) -> None:
        lines = [tokens(line) for text in given for line in comparable(text).split("\n")]
        self._grams = {gram for line in lines for gram in _grams(line)}

    def aside(self, sentence: str) -> Aside | None:
        """Why a comparable sentence does not count; None where it does."""
        if _TO_THE_GRADER.search(sentence):
            return Aside.TO_THE_GRADER
        if self._is_borrowed(tokens(sentence)):
            return Aside.BORROWED
        return Aside.HEAP if _is_heap(sentence) else None

    def _is_borrowed(self, words: list[str]) -> bool:
        # A few words are everybody's. Ids with their amounts, copied, claim something of each: see `checks`.
        if len(words) <= GRAM:
            return False
        grams = _grams(words)
        return sum(gram in self._grams for gram in grams) / len(grams) >= BORROWED_SHARE


def _grams(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[place : place + GRAM]) for place in range(len(words) - GRAM + 1)]


def _is_heap(sentence: str) -> bool:
    words = _WORDS.findall(sentence)
    # A table's row, and a list of figures, have few words that bind, and no need of them.
    figures = len(_FIGURE.findall(sentence))
    if len(words) < HEAP_WORDS or sentence.count("|") >= 2 or figures >= HEAP_FIGURES * len(words):
        return False
    return sum(word in _BINDING for word in words) / len(words) < HEAP_SHARE
