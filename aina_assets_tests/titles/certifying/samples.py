"""Titles as claims see them, for tests."""

from __future__ import annotations

from collections.abc import Mapping

from aina_assets.titles.certifying.certificate import Certificate, Certifier
from aina_assets.titles.certifying.claims import SERVED_LEVELS, Assessed, Truth
from aina_assets.titles.retrieval.taxonomy import LEVELS
from aina_assets.titles.retrieval.word_support import Support

CODES: Mapping[str, str] = {
    "occupation": "13-2011.00",
    "detailed": "13-2011",
    "broad": "13-2010",
    "minor": "13-2000",
    "major": "13-0000",
    "function": "finance",
}
SURE, UNSURE = 0.99, 0.4
NOTHING_SAID = Support(-1.0, -1.0, -1.0)


def sure_from(level: str | None) -> dict[str, float]:
    """Probabilities of evidence that is sure of a level and of all that are coarser; None for no level."""
    first = len(LEVELS) if level is None else LEVELS.index(level)
    return {name: SURE if place >= first else UNSURE for place, name in enumerate(LEVELS)}


def finer_than(level: str | None) -> tuple[str, ...]:
    """The served levels below one: what is wrong where a label agrees from that level on; None for all."""
    return SERVED_LEVELS if level is None else SERVED_LEVELS[: SERVED_LEVELS.index(level)]


def assessed(
    number: int = 0,
    *,
    basis: str = "authority",
    probability: float | Mapping[str, float] = 0.99,
    in_scope: float = 0.99,
    function: str = "finance",
    finest: str | None = "occupation",
    scope_reason: str | None = "physical_trade",
    word_reason: str | None = None,
    has_match: bool = False,
    support: Support = NOTHING_SAID,
) -> Assessed:
    """A title; all its levels with one probability, or each with its own."""
    each = dict.fromkeys(LEVELS, probability) if isinstance(probability, float) else dict(probability)
    return Assessed(
        title_id=f"{number:016x}",
        basis=basis,
        code={**CODES, "function": function},
        probability={level: float(each.get(level, 0.0)) for level in LEVELS},
        in_scope_probability=in_scope,
        scope_reason=scope_reason,
        word_reason=word_reason,
        has_in_scope_match=has_match,
        finest_level=finest,
        support=support,
    )


def truth(
    *,
    is_in_scope: bool = True,
    wrong: tuple[str, ...] = (),
    weight: float = 1.0,
    function: str = "finance",
) -> Truth:
    """What gold says of it: right at every level but those named."""
    codes = {**CODES, "function": function}
    groups = {
        level: frozenset({codes[level]}) if level not in wrong else frozenset({"99-9999"})
        for level in SERVED_LEVELS
    }
    if not is_in_scope:
        groups = {level: frozenset() for level in SERVED_LEVELS}
    return Truth(is_in_scope, groups, weight)


def standing_of(certifier: Certifier, title: Assessed) -> Certificate | None:
    """The certificate of the claim that stands of a title."""
    return certifier.standing(title, certifier.first_claim(title))
