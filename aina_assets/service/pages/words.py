"""Words of the pages: how codes of the stages are said to people, and the filters that templates use.

Belongs here: wording. Does not: deciding what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

NOTES: Mapping[str, str] = {
    "decided": "Your decision stands in the chain. The tables follow with the next `aina build`.",
    "in": "You are signed in. Forms on these pages work now.",
    "out": "You are signed out.",
}
STAGES: Mapping[str, tuple[str, str]] = {
    "understand": ("Understand", "say what the work needs and where it goes wrong"),
    "do_with_ai": ("Do with AI", "get the work done together with a model"),
    "verify": ("Verify", "find what a draft got wrong"),
    "automate_or_delegate": ("Automate or delegate", "choose what runs by itself, and what must not"),
}
ROUTES: Mapping[str, str] = {
    "serve_now": "Served now",
    "serve_with_fallback": "Served with a fallback",
    "adjudicate": "Waits for review",
    "exclude": "Out of scope",
    "residual": "Kept by reviewers",
    "prompt_candidate": "Waits for reviewers",
}
DECISIONS: Mapping[str, str] = {
    "promote_fallback": "Promote",
    "exclude": "Exclude",
    "keep": "Keep",
}
WHY: Mapping[str, str] = {
    "agreed": "Both agree",
    "both_keep": "Both keep it",
    "other_decision": "Different decisions",
    "other_level": "Different levels",
    "other_group": "Different groups",
    "unknown_target": "A group that cannot be promoted to",
}
VERDICTS: Mapping[str, str] = {"MET": "Met", "UNMET": "Not yet", "CANNOT_ASSESS": "Open"}
STATES: Mapping[str, str] = {
    "blocked": "Blocked",
    "ready_with_holds": "Ready with holds",
    "approved": "Approved",
}
_WORDS: dict[str, str] = {
    **{name: told[0] for name, told in STAGES.items()},
    **ROUTES,
    **DECISIONS,
    **WHY,
    **VERDICTS,
    **STATES,
}


SOURCES: Mapping[str, str] = {
    "economic_index": "Anthropic Economic Index",
    "gdpval": "GDPval",
    "onet": "O*NET",
    "soc": "Standard Occupational Classification",
    "titles": "Title inventory",
}


def source_name(source: str) -> str:
    """A source's name."""
    if source.startswith("oews"):
        return f"BLS OEWS, {source.removeprefix('oews_')}"
    return SOURCES.get(source, sentence(said(source)))


def said(code: str | None) -> str:
    """A code in words."""
    if code is None:
        return "none"
    return _WORDS.get(code, code.replace("_", " "))


def percent(value: float | None, digits: int = 0) -> str:
    """A share as a percentage."""
    if value is None:
        return "not measured"
    least = 0.5 * 10 ** -(2 + digits)
    return f"under {2 * least:.{digits}%}" if 0 < value < least else f"{value:.{digits}%}"


def minutes(value: int) -> str:
    """Minutes as people say them."""
    hours, rest = divmod(value, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def day(text: str) -> str:
    """The day of a time."""
    when = datetime.fromisoformat(text)
    return f"{when.day} {when:%b %Y}"


def moment(text: str) -> str:
    """A time to the minute."""
    when = datetime.fromisoformat(text)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def number(value: Any) -> str:
    """A number with separators."""
    return f"{value:,}"


def sentence(text: str) -> str:
    """A text that begins with a capital."""
    return text[:1].upper() + text[1:]


def coded(text: str) -> Markup:
    """A text whose `commands` are shown as such."""
    parts = text.split("`")
    told = (
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )
    return Markup("").join(told)


def short(text: str, most: int = 12) -> str:
    """The beginning of a digest."""
    return text[:most]


FILTERS: Mapping[str, Callable[..., str]] = {
    "said": said,
    "percent": percent,
    "minutes": minutes,
    "day": day,
    "moment": moment,
    "number": number,
    "sentence": sentence,
    "short": short,
    "coded": coded,
    "source_name": source_name,
}
