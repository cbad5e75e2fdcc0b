"""Deterministic rules: what each asks, and that a policy cannot ask for nonsense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aina_assets.adjudication.filters import (
    Filter,
    FilterPolicy,
    FilterRule,
    HeadWord,
    head_words,
    read_filter_policy,
)
from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.functions import read_function_policy
from aina_assets.titles.scope import read_scope_policy

POLICIES = PROJECT_ROOT / "data" / "policies"
IN_SCOPE = {
    "basis": "retrieval",
    "in_scope_probability": 0.95,
    "scope_reason": None,
    "has_in_scope_match": False,
    "finest_level": "occupation",
    "function": "marketing",
    "function_probability": 0.9,
}
OUT = IN_SCOPE | {
    "in_scope_probability": 0.005,
    "scope_reason": "physical_trade",
    "function_probability": 0.001,
}


@pytest.fixture(scope="module")
def rules() -> Filter:
    heads = {
        "tinsmith": HeadWord(10, 0.95, "physical_trade"),
        "rarity": HeadWord(9, 1.0, "physical_trade"),
        "attendant": HeadWord(100, 0.94, "frontline_service"),
    }
    policies = (read_function_policy(POLICIES), read_scope_policy(POLICIES))
    return Filter(read_filter_policy(POLICIES), *policies, heads)


def decide(rules: Filter, title: str, **level: Any) -> tuple[str, str, str | None, str | None] | None:
    base = OUT if level.pop("is_out", False) else IN_SCOPE
    found = rules.decide(title, level.pop("core", title), base | level)
    return None if found is None else (found["rule_id"], found["decision"], found["level"], found["code"])


def test_words_and_evidence_that_agree_give_the_function(rules: Filter) -> None:
    expected = ("fallback_words", "promote_fallback", "function", "marketing")
    assert decide(rules, "digital marketing wizard") == expected


@pytest.mark.parametrize(
    "level",
    [
        {"function": "sales"},
        {"function_probability": 0.79},
        {"in_scope_probability": 0.79},
        {"finest_level": None},
    ],
)
def test_a_promotion_needs_both_and_a_level_that_the_words_allow(
    rules: Filter, level: dict[str, Any]
) -> None:
    assert decide(rules, "digital marketing wizard", **level) is None


def test_words_that_name_no_function_promote_nothing(rules: Filter) -> None:
    assert decide(rules, "wizard of light") is None


def test_words_that_put_a_title_out_of_scope_exclude_it(rules: Filter) -> None:
    assert decide(rules, "lieutenant", in_scope_probability=0.2) == (
        "exclude_words",
        "exclude",
        None,
        "military",
    )


@pytest.mark.parametrize(
    ("title", "probability", "is_excluded"),
    [
        ("roof tinsmith", 0.2, True),
        ("roof tinsmith", 0.21, False),
        ("roof rarity", 0.0, False),
        ("roof attendant", 0.0, False),
        ("tinsmith of roofs", 0.0, False),
    ],
)
def test_a_head_word_excludes_where_listed_titles_and_the_model_agree(
    rules: Filter, title: str, probability: float, is_excluded: bool
) -> None:
    found = decide(rules, title, is_out=True, in_scope_probability=probability)
    assert found == (("exclude_head_word", "exclude", None, "physical_trade") if is_excluded else None)


def test_the_head_is_the_last_word_without_seniority(rules: Filter) -> None:
    assert decide(rules, "roof tinsmith lead", core="roof tinsmith", is_out=True) is not None
    assert decide(rules, "roof tinsmith lead", is_out=True) is None


def test_head_words_are_counted_over_titles_and_codes() -> None:
    listed = [
        {"core_title": "roof tinsmith", "soc_code": "47-2211"},
        {"core_title": "roof tinsmith", "soc_code": "47-2211"},
        {"core_title": "roof tinsmith", "soc_code": "51-4041"},
        {"core_title": "tinsmith", "soc_code": "29-1141"},
        {"core_title": "tinsmith", "soc_code": "13-2011"},
        {"core_title": "", "soc_code": "13-2011"},
    ]
    found = head_words(listed, read_scope_policy(POLICIES))
    assert found == {"tinsmith": HeadWord(4, 0.75, "physical_trade")}
    assert head_words(listed[4:5], read_scope_policy(POLICIES)) == {"tinsmith": HeadWord(1, 0.0, None)}


def test_what_is_listed_in_scope_is_never_excluded(rules: Filter) -> None:
    assert decide(rules, "lieutenant tinsmith", is_out=True, has_in_scope_match=True) is None


# --- the policy


def test_every_rule_says_why_and_the_ids_are_unique() -> None:
    policy = read_filter_policy(POLICIES)
    assert len({rule.id for rule in policy.rules}) == len(policy.rules)
    assert all(rule.why.endswith(".") for rule in policy.rules)
    assert policy.rule("fallback_words") is not None
    assert policy.rule("no_such_rule") is None


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"decision": "promote_fallback", "least_in_scope_probability": 0.5}, "as likely out of scope"),
        ({"decision": "promote_fallback", "words": "out_of_scope"}, "as likely out of scope"),
        ({"decision": "exclude", "most_in_scope_probability": 0.5}, "as likely in scope"),
    ],
)
def test_a_rule_may_not_decide_against_its_evidence(rule: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        FilterRule.model_validate({"id": "odd", "why": "Because.", **rule})


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    text = (POLICIES / "adjudication_rules.toml").read_text("utf-8")
    path = tmp_path / "adjudication_rules.toml"
    path.write_text(text.replace('id = "exclude_head_word"', 'id = "exclude_words"'), "utf-8")
    with pytest.raises(SettingsError, match="'exclude_words' is given twice"):
        FilterPolicy.from_file(path)
