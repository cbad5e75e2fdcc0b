"""What may be claimed of a title, in which order, and when a gold row says that it is right."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from aina_assets.titles.certifying.claims import (
    CLAIMS,
    EXCLUDE,
    SERVED_LEVELS,
    WORDS,
    Assessed,
    Truth,
    assessed_rows,
)
from aina_assets.titles.retrieval.taxonomy import LEVELS, SOC_LEVELS
from aina_assets.titles.retrieval.word_support import Support
from aina_assets_tests.titles.certifying.samples import (
    CODES,
    SURE,
    UNSURE,
    assessed,
    finer_than,
    sure_from,
    truth,
)


def allowed(title: Assessed) -> list[str]:
    return [claim for claim in CLAIMS if title.allows(claim)]


def test_an_exclusion_is_decided_first_and_then_the_levels_from_the_finest() -> None:
    assert CLAIMS == ("exclude", "detailed", "broad", "minor", "major", "function")


@pytest.mark.parametrize("finest", LEVELS)
def test_no_level_finer_than_the_cap_is_allowed(finest: str) -> None:
    levels = [level for level in SERVED_LEVELS if LEVELS.index(level) >= LEVELS.index(finest)]
    assert allowed(assessed(finest=finest)) == [EXCLUDE, *levels]


def test_of_a_title_without_a_level_only_its_exclusion_is_allowed() -> None:
    assert allowed(assessed(finest=None)) == [EXCLUDE]


@pytest.mark.parametrize("word_reason", [None, "military"])
@pytest.mark.parametrize("in_scope", [0.0, 1.0])
def test_a_title_with_a_match_in_scope_is_never_excluded(word_reason: str | None, in_scope: float) -> None:
    title = assessed(has_match=True, word_reason=word_reason, in_scope=in_scope)
    assert not title.is_excluded_by_words
    assert allowed(title) == list(SERVED_LEVELS)


def test_what_the_words_exclude_is_not_served() -> None:
    assert allowed(assessed(word_reason="military")) == [EXCLUDE]


@pytest.mark.parametrize(
    ("word_reason", "has_match", "basis", "group"),
    [
        (None, False, "retrieval", "clinical_care"),
        ("military", False, WORDS, "military"),
        # The words are contradicted: neither their basis nor their reason is used.
        ("military", True, "retrieval", "clinical_care"),
    ],
)
def test_the_stratum_of_an_exclusion(
    word_reason: str | None, has_match: bool, basis: str, group: str
) -> None:
    title = assessed(
        basis="retrieval", scope_reason="clinical_care", word_reason=word_reason, has_match=has_match
    )
    assert (title.basis_of(EXCLUDE), title.group_of(EXCLUDE)) == (basis, group)


def test_an_exclusion_without_any_reason_still_has_a_group_of_the_closed_list() -> None:
    assert assessed(scope_reason=None).group_of(EXCLUDE) == "not_a_job"


@pytest.mark.parametrize("level", SERVED_LEVELS)
def test_the_stratum_of_a_level_is_its_function(level: str) -> None:
    title = assessed(function="sales", word_reason="military")
    assert (title.basis_of(level), title.group_of(level)) == ("authority", "sales")


def test_the_score_of_an_exclusion_is_the_probability_of_being_out_of_scope() -> None:
    title = assessed(in_scope=0.25, probability=sure_from("major"))
    assert title.score_of(EXCLUDE) == 0.75
    assert (title.score_of("detailed"), title.score_of("major")) == (UNSURE, SURE)


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (truth(wrong=finer_than("detailed")), set(SERVED_LEVELS)),
        (truth(wrong=finer_than("minor")), {"minor", "major", "function"}),
        (truth(wrong=finer_than("function")), {"function"}),
        (truth(wrong=finer_than(None)), set()),
        (truth(wrong=finer_than("function"), function="sales"), set()),
        # Serving work that is out of scope is wrong, even where its codes agree.
        (truth(is_in_scope=False), {EXCLUDE}),
    ],
    ids=["agrees", "from minor", "function alone", "nothing", "another function", "out of scope"],
)
def test_which_claims_a_gold_row_calls_right(found: Truth, right: Collection[str]) -> None:
    title = assessed()
    assert {claim for claim in CLAIMS if found.is_right(title, claim)} == set(right)


def test_a_row_of_the_table_becomes_the_evidence_that_it_holds() -> None:
    title = assessed(
        basis="ambiguous",
        probability=sure_from("minor"),
        scope_reason="military",
        has_match=True,
        finest="major",
        support=Support(-0.5, -2.0, -0.25),
    )
    row: dict[str, object] = {
        "title_id": title.title_id,
        "basis": title.basis,
        "function": title.code["function"],
        **{f"{level}_code": CODES[level] for level in SOC_LEVELS},
        **{f"{level}_probability": share for level, share in title.probability.items()},
        "in_scope_probability": title.in_scope_probability,
        "scope_reason": "military",
        "word_reason": None,
        "has_in_scope_match": True,
        "finest_level": "major",
        "head_support": -0.5,
        "least_modifier_support": -2.0,
        "most_modifier_support": -0.25,
    }
    assert list(assessed_rows([row])) == [title]
