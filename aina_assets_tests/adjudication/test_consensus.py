"""Two verdicts, one decision: what is accepted, and why all else is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.adjudication.consensus import KnownResult, Targets, decide, verdict_of, verdict_text
from aina_assets.adjudication.protocol import DECISIONS, TARGET_LEVELS, TargetLevel, Verdict

CODES: dict[TargetLevel, frozenset[str]] = {
    "function": frozenset({"finance", "sales"}),
    "minor": frozenset({"13-2000", "41-3000"}),
    "major": frozenset({"13-0000"}),
}
TARGETS = Targets(CODES, frozenset({"military", "clinical_care"}))
REQUESTS = ("1" * 64, "2" * 64)


def verdict(text: str) -> Verdict:
    return verdict_of(text)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (
            "promote_fallback/function/finance",
            "promote_fallback/function/finance",
            "promote_fallback/function/finance",
        ),
        (
            "promote_fallback/minor/13-2000",
            "promote_fallback/minor/13-2000",
            "promote_fallback/minor/13-2000",
        ),
        ("exclude/military", "exclude/military", "exclude/military"),
        # Both exclude, for different reasons: that it is out of scope stands, the reason does not.
        ("exclude/military", "exclude/clinical_care", "exclude"),
        ("exclude/military", "exclude", "exclude"),
        ("exclude/no_such_reason", "exclude/no_such_reason", "exclude"),
        ("keep", "keep", "keep: both_keep"),
        ("keep", "exclude/military", "keep: other_decision"),
        ("promote_fallback/function/finance", "exclude/military", "keep: other_decision"),
        ("promote_fallback/function/finance", "promote_fallback/minor/13-2000", "keep: other_level"),
        ("promote_fallback/function/finance", "promote_fallback/function/sales", "keep: other_group"),
        ("promote_fallback/minor/13-2000", "promote_fallback/minor/41-3000", "keep: other_group"),
        # A group that does not exist, or has no work in scope, is no answer, even where both give it.
        ("promote_fallback/minor/99-0000", "promote_fallback/minor/99-0000", "keep: unknown_target"),
        ("promote_fallback/function/13-2000", "promote_fallback/function/13-2000", "keep: unknown_target"),
        ("promote_fallback/detailed/13-2011", "promote_fallback/detailed/13-2011", "keep: unknown_target"),
        ("keep", "promote_fallback/major/29-0000", "keep: unknown_target"),
    ],
)
def test_two_verdicts_make_one_decision(a: str, b: str, expected: str) -> None:
    for first, second in ((a, b), (b, a)):
        found = decide("0" * 16, (verdict(first), REQUESTS[0]), (verdict(second), REQUESTS[1]), TARGETS)
        told = "/".join(part for part in (found.decision, found.level, found.code) if part)
        assert told + (f": {found.why}" if found.why != "agreed" else "") == expected
        assert (found.verdict_a, found.verdict_b) == (first, second)
        assert (found.request_a, found.request_b) == REQUESTS


def test_a_promotion_without_a_target_is_no_promotion() -> None:
    bare = Verdict(decision="promote_fallback", level=None, code=None)
    found = decide("0" * 16, (bare, REQUESTS[0]), (bare, REQUESTS[1]), TARGETS)
    assert (found.decision, found.why) == ("keep", "unknown_target")


verdicts = st.builds(
    lambda decision, level, code: Verdict(
        decision=decision,
        level=level if decision == "promote_fallback" else None,
        code=None if decision == "keep" else code,
    ),
    st.sampled_from(DECISIONS),
    st.sampled_from(TARGET_LEVELS),
    st.from_regex(r"[A-Za-z0-9_.-]{1,40}", fullmatch=True),
)


@given(verdicts)
def test_a_verdict_and_its_text_are_the_same_thing(said: Verdict) -> None:
    assert verdict_of(verdict_text(said)) == said


@given(verdicts, verdicts)
def test_nothing_is_decided_that_not_both_said(a: Verdict, b: Verdict) -> None:
    found = decide("0" * 16, (a, REQUESTS[0]), (b, REQUESTS[1]), TARGETS)
    if found.decision == "promote_fallback":
        assert a == b
        assert (found.level, found.code) == (a.level, a.code)
        assert found.level is not None
        assert found.code in CODES[found.level]
    if found.decision == "exclude":
        assert a.decision == b.decision == "exclude"


@pytest.mark.parametrize("text", ["approve", "promote_fallback/nowhere/13-2000", "", "keep/a b"])
def test_what_is_no_verdict_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"validation error|not a verdict"):
        verdict_of(text)


@pytest.mark.parametrize(
    ("a", "b", "right_a", "right_b", "expected"),
    [
        ("exclude/military", "exclude/military", False, False, True),
        ("exclude/military", "keep", False, None, False),
        ("exclude/military", "promote_fallback/function/sales", False, False, False),
        ("keep", "keep", True, True, False),
    ],
)
def test_the_same_wrong_answer_is_told_apart(
    a: str, b: str, right_a: bool, right_b: bool | None, expected: bool
) -> None:
    assert KnownResult("0" * 16, a, b, *REQUESTS, right_a, right_b).is_alike_wrong is expected
