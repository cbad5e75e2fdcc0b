"""One state a title: which of evidence, merge and rule stands, and the account over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from aina_assets.adjudication.account import Account, account_of, state_rows
from aina_assets.adjudication.fold import fold
from aina_assets.adjudication.merge import Merge
from aina_assets.adjudication.orders import BoundedReview
from aina_assets.adjudication.protocol import ReviewerKind
from aina_assets_tests.adjudication.made import FINANCE, KEPT, OUT, links, merge, title
from aina_assets_tests.adjudication.test_reference_ledger import route

RULE = {
    "title_id": title(1),
    "rule_id": "fallback_words",
    "decision": "promote_fallback",
    "level": "function",
    "code": "sales",
}
ORDER = BoundedReview(number=1, title_ids=(title(1),), reason="why", ordered_by="tester")


def state_of(
    *merges: Merge, rule: dict[str, Any] | None = None, name: str = "adjudicate"
) -> tuple[dict[str, Any], Account]:
    """The state of title 1, and the account of it alone."""
    routes = [route(1, name, "marketing")]
    folded = fold(links(*merges), {ORDER.digest: ORDER})
    states = state_rows(routes, {} if rule is None else {title(1): rule}, folded, frozenset({"military"}))
    account = account_of(routes, states, folded)
    assert account.faults() == []
    (state,) = states
    return state, account


PROMOTED, EXCLUDED, HELD_BACK = ([merge([(title(1), *row)])] for row in (FINANCE, OUT, KEPT))


@pytest.mark.parametrize(
    ("merges", "rule", "expected"),
    [
        ([], None, ("prompt_candidate", None)),
        ([], RULE, ("serve_with_fallback", "rule")),
        ([], RULE | {"decision": "exclude", "level": None, "code": "military"}, ("exclude", "rule")),
        (PROMOTED, None, ("serve_with_fallback", "llm")),
        (EXCLUDED, None, ("exclude", "llm")),
        (HELD_BACK, None, ("residual", "llm")),
        # What was accepted stands before a rule that came later; a kept title goes by new deterministic
        # evidence.
        (PROMOTED, RULE, ("serve_with_fallback", "llm")),
        (EXCLUDED, RULE, ("exclude", "llm")),
        (HELD_BACK, RULE, ("serve_with_fallback", "rule")),
    ],
)
def test_one_of_evidence_merge_and_rule_stands(
    merges: Sequence[Merge], rule: dict[str, Any] | None, expected: tuple[str, str | None]
) -> None:
    state, _ = state_of(*merges, rule=rule)
    assert (state["state"], state["settled_by"]) == expected


def test_what_evidence_routes_needs_no_decision_and_an_old_one_is_counted_apart() -> None:
    state, account = state_of(*PROMOTED, name="serve_now")
    assert (state["state"], state["settled_by"], state["code"]) == ("serve_now", "evidence", "13-2011")
    assert (account.review_decisions, account.superseded, account.gone) == (0, 1, 0)


def test_a_decision_on_a_title_that_left_the_inventory_is_counted_apart() -> None:
    _, account = state_of(merge([(title(1), *FINANCE), (title(2), *FINANCE)]))
    assert (account.review_decisions, account.superseded, account.gone) == (1, 0, 1)


def test_a_kept_title_that_a_rule_took_over_is_no_review_decision_any_more() -> None:
    _, account = state_of(*HELD_BACK, rule=RULE)
    assert (account.review_decisions, account.superseded, account.rule_promotions) == (0, 1, 1)


def test_a_promotion_says_where_it_comes_from() -> None:
    state, _ = state_of(*PROMOTED)
    assert (state["level"], state["code"], state["function"]) == ("function", "finance", "finance")
    assert (state["merge_sequence"], len(state["merge_sha256"])) == (1, 64)
    minor, _ = state_of(merge([(title(1), "promote_fallback", "minor", "13-2000")]))
    assert (minor["level"], minor["code"], minor["function"]) == ("minor", "13-2000", "marketing")


def test_an_exclusion_has_no_function_and_the_reason_that_both_gave() -> None:
    state, _ = state_of(*EXCLUDED)
    assert (state["function"], state["scope_reason"]) == (None, "military")
    without, _ = state_of(merge([(title(1), "exclude", None, None)]))
    assert without["scope_reason"] is None


def test_a_title_reviewed_again_says_under_which_order() -> None:
    state, account = state_of(*HELD_BACK, merge([(title(1), *FINANCE, ORDER.digest)], wave=2))
    assert (state["state"], state["order_sha256"]) == ("serve_with_fallback", ORDER.digest)
    assert (account.promotions, account.residual, account.review_decisions) == (1, 0, 1)


@pytest.mark.parametrize("kind", list(ReviewerKind))
def test_decisions_are_counted_under_the_name_of_who_made_them(kind: ReviewerKind) -> None:
    _, account = state_of(merge([(title(1), *FINANCE)], kind=kind))
    assert {name: tally.decisions for name, tally in account.reviews.items()} == {kind.value: 1}
