"""Titles with a second title in brackets: `SPED TA (Special Education Teacher Assistant)`.

Belongs here: what stands outside and inside of one pair of brackets. Does not: telling what either is.
"""

from __future__ import annotations

import re

_BRACKETS = re.compile(r"^(?P<before>[^()]*)\((?P<inside>[^()]+)\)(?P<after>[^()]*)$")


def outside_and_inside(text: str) -> tuple[str, str] | None:
    """The text outside of its only pair of brackets and the one inside; None where there is no such pair."""
    found = _BRACKETS.match(text)
    if found is None:
        return None
    return f"{found['before'].strip()} {found['after'].strip()}".strip(), found["inside"].strip()
