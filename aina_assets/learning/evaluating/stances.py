"""What a clause says of the ids in it: that they differ, agree, or what is to be done with them.

Belongs here: words and their negation. Does not: which ids they belong to (`units`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Said = Literal["differs", "agrees", "automate", "delegate", "keep"]

_NEGATION = re.compile(
    r"(?:\b(?:not|never|no|nor|neither|cannot|fails? to|failed to|without|hardly)"
    r"|n't)\b(?:\s+[\w'-]+){0,3}\s*$"
)
# What is asked or wished for says nothing of how things are.
_OPEN = re.compile(
    r"\b(?:which|whether|if|until|once|before|unless|so\s+that)\b[^.;:]*?"
    r"\b(?:right|correct(?:ed)?|true|agrees?|match(?:es)?|holds?|stands?|reconciled?|tie)\b"
    r"|\b(?:should|ought\s+to|must)\s+(?:match|agree|tie|be\s+the\s+same|reconcile)\b"
    r"|\bthe\s+same\s+(?:goes|holds|is\s+true|applies|with|for)\b"
)
# These say that something differs, and hold a word that would be taken for a denial or an agreement.
_SURELY_DIFFERS = re.compile(
    r"""
    \b(?:no|without\s+(?:a|any)|lacks?\s+(?:a|any))\s+(?:\w+\s+)?(?:counterpart|entry|match|equivalent
      |trace|record|line|row)\b
    | \bnothing\s+(?:in|on|at)\b
    | \bnot\s+(?:be\s+)?(?:found|recorded|listed|there|present|shown|included|in\s+the|on\s+the)\b
    | \b(?:cannot|can\s*not|can't|could\s+not|couldn't)\s+be\s+(?:found|matched|traced|located)\b
    | \b(?:would|will)\s+be\s+(?:right|correct|true)\b | \bleft\s+out\b | \bcontrary\s+to\b
    | \bnot\s+(?:due|as)\b | \b(?:two|different)\s+(?:dates|amounts|values)\b | \binconsistent\w*
    """,
    re.VERBOSE,
)
_DIFFERS = re.compile(
    r"""
    \bdiffer\w* | \bdiscrepan\w* | \bmismatch\w* | \bdiverge\w* | \bdeviat\w* | \bconflict\w*
    | \bcontradict\w*
    | \b(?:off|out|short|over|under)\s+by\b | \bincorrect\w* | \bwrong\w* | \binaccura\w* | \bfalse\b
    | \bmistake\w* | \bmistaken\b | \berror\w* | \berroneous\w* | \boverstat\w* | \bunderstat\w*
    | \btoo\s+(?:high|low|many|few|early|late|much|little|large|small)\b
    | \bmissing\b | \babsent\b | \black(?:s|ing|ed)?\b | \bomit(?:s|ted)?\b | \bunmatched\b
    | \bonly\s+(?:in|on|the|one|appears?|exists?|shows?|has|found|listed|recorded)\b | \bnowhere\b
    | \b(?:should|ought\s+to|must|needs?\s+to)\s+(?:be|read|say|state|have\s+been|show)\b
    | \b(?:instead|rather\s+than|versus|vs\.?|as\s+opposed\s+to)\b | \bunequal\b | \bvarian\w*
    | \b(?:correct|right|true|actual|real)\s+(?:\w+\s+){0,2}?(?:figures?|values?|numbers?|amounts?
      |totals?|dates?|sums?|counts?|answers?)\b
    | \bactually\b | \bin\s+fact\b | \b(?:gap|delta)\b
    | \b(?:higher|lower|more|less|larger|smaller|later|earlier)\s+(?:than|in|on|by)\b
    | \bother\s+(?:dates?|amounts?|figures?)\b | \bdisagree\w* | \bdoes\s+not\s+hold\b
    | \bunreconciled\b | \bexceptions?\b
    """,
    re.VERBOSE,
)
_AGREES = re.compile(
    r"""
    \bagree(?:s|d|ing|ment)?\b | \bmatch(?:es|ed|ing)?\b | \btie[sd]?\b | \breconcile[sd]?\b | \bidentical\b
    | \bconsistent\b | \bequal(?:s)?\b | \bthe\s+same\b | \bin\s+line\b | \bline[sd]?\s+up\b | \bcorrespond\w*
    | \baccurate\b | \bfine\b | \bok(?:ay)?\b | \bholds\b | \bhold\s+(?:true|up)\b | \bstands\b(?!\s+at)
    | \bchecks?\s+out\b | \badds?\s+up\b
    | \b(?:is|are|was|were|be)\s+(?:all\s+|also\s+|both\s+)?(?:correct|right|true)\b
    | \bno\s+(?:difference|discrepanc\w+|issue|error|exception|mismatch)\w*
    | \b(?<![\d.,])0(?:\.00)?\s*(?:$|\|)
    """,
    re.VERBOSE,
)
_WRONG = re.compile(r"\b(?:wrong|incorrect|false|mistaken)\b")
_RIGHT = re.compile(r"\b(?:is|are|was|were|be)\s+(?:right|correct|true)\b")
_ACTIONS: Mapping[Said, re.Pattern[str]] = {
    "automate": re.compile(
        r"\bautomat\w* | \bunattended\b | \bhands[- ]?off\b | \bwithout\s+(?:anyone|anybody"
        r" |any\s+review|a\s+person|people|a\s+human|human)\b"
        r"| \bruns?\s+(?:by\s+itself|on\s+its\s+own|alone)\b | \bfull(?:y)?\s+(?:by|to)\s+(?:the"
        r" |a)\s+model\b",
        re.VERBOSE,
    ),
    "delegate": re.compile(
        r"\bdelegat\w* | \b(?:under|with|plus|subject\s+to)\s+(?:\w+\s+){0,2}review\w*"
        r" | \breview(?:s|ed|ing)?\s+(?:each|every|all|by|of|the|it|its)\b"
        r"| \bperson\s+(?:\w+\s+)?(?:checks|reviews|signs)\b | \bmodel\s+(?:\w+\s+)?(?:drafts"
        r" |prepares|proposes)\b | \bsupervis\w*",
        re.VERBOSE,
    ),
    "keep": re.compile(
        r"\bkeep(?:s|ing)?\b | \bkept\b | \b(?:stay|remain|leave|left"
        r" |belong)\w*\s+(?:\w+\s+){0,2}?(?:with|to|in|by)\s+(?:\w+\s+){0,2}?(?:people|person"
        r" |human|hand|staff|team|colleague)\w*"
        r"| \bmanual\w* | \bby\s+hand\b | \bpeople\s+only\b | \bhuman[- ]only\b"
        r" | \boff[- ]limits\b | \bretain\w*",
        re.VERBOSE,
    ),
}


def said(text: str, *, is_about_steps: bool) -> set[Said]:
    """What a comparable text says, negations turned round.

    Args:
        is_about_steps: whether the task is about steps to automate, delegate or keep; else about what
            differs.
    """
    if is_about_steps:
        return _of_steps(text)
    found: set[Said] = set()
    text = _OPEN.sub(" ", text)
    if _SURELY_DIFFERS.search(text):
        found.add("differs")
        text = _SURELY_DIFFERS.sub(" ", text)
    taken: list[tuple[int, int]] = []
    for match in _AGREES.finditer(text):
        is_denied = bool(_NEGATION.search(text[: match.start()])) and not match[0].startswith("no ")
        found.add("differs" if is_denied else "agrees")
        taken.append(match.span())
    for match in _DIFFERS.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        found.add("agrees" if _NEGATION.search(text[: match.start()]) else "differs")
    if found == {"agrees", "differs"} and _WRONG.search(text) and not _AGREES.search(_RIGHT.sub(" ", text)):
        # "one figure is wrong, the other is right" says that they differ.
        return {"differs"}
    return found


def _of_steps(text: str) -> set[Said]:
    found: set[Said] = set()
    denied: set[Said] = set()
    for name, pattern in _ACTIONS.items():
        for match in pattern.finditer(text):
            # "without anyone" is what automating says, and no denial of it.
            is_denied = bool(_NEGATION.search(text[: match.start()])) and not match[0].startswith("without")
            (denied if is_denied else found).add(name)
    # "keep it, do not automate it" says one thing; "delegate under review" too.
    return found - denied
