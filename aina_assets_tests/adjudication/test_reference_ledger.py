"""The reference run's ledger through the real chain, fold and account, with its exact figures.

16,089 ambiguous titles beside 45,564 served by evidence: 609 promoted and 4,523 excluded by rules, 3,880
promoted and 6,586 excluded by two language models, 491 residual. And every way to falsify it is named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from aina_assets.adjudication.account import Account, account_of, state_rows
from aina_assets.adjudication.chain import MergeChain
from aina_assets.adjudication.fold import Folded, fold
from aina_assets.adjudication.merge import ChainError, Merge
from aina_assets.adjudication.receipts import account_figures
from aina_assets_tests.adjudication.made import FINANCE, KEPT, OUT, Row, chain_of, forge, merge, title

AMBIGUOUS, SERVED_BEFORE, EXCLUDED_BEFORE = 16_089, 45_564, 11_727
RULE_FALLBACK, RULE_EXCLUDED = 609, 4_523
REVIEW_FALLBACK, REVIEW_EXCLUDED, RESIDUAL = 3_880, 6_586, 491
# The residual's split; the reference run names the functions, AINA's list has them under these names.
RESIDUAL_BY_FUNCTION = {
    "general_business": 404,
    "administration": 24,
    "customer_success": 18,
    "marketing": 13,
    "finance": 10,
    "sales": 22,
}
BATCH_ROWS = 400
Rows = list[dict[str, Any]]


@dataclass
class Ledger:
    """Routes, rule decisions and merges, as the reference run had them."""

    routes: Rows
    rules: dict[str, dict[str, Any]]
    merges: list[Merge]
    chain: MergeChain
    states: Rows = field(default_factory=list)

    def folded(self) -> Folded:
        return fold(self.chain.links(), {})

    def account(self) -> Account:
        """The account of the states, counted against routes and merges."""
        return account_of(self.routes, self.states, self.folded())

    def remake(self) -> None:
        """Make the states anew."""
        self.states = state_rows(self.routes, self.rules, self.folded(), frozenset({"military"}))


def route(number: int, name: str, function: str | None = None) -> dict[str, Any]:
    served = {"served_level": "detailed", "served_code": "13-2011"} if name == "serve_now" else {}
    return {
        "title_id": title(number),
        "title_batch": f"{number % 32:02d}",
        "normalized_title": f"title {number}",
        "route": name,
        "reason": "scope_unclear" if name == "adjudicate" else "certified_match",
        "function": function,
        "served_level": None,
        "served_code": None,
        "onet_soc_code": None,
        "scope_reason": None,
        "error_bound": None,
        **served,
    }


def build(root: Path) -> Ledger:
    """The ledger, its merges appended one by one to a real chain."""
    numbers = count(1)

    def take(many: int) -> list[int]:
        return list(islice(numbers, many))

    routes = [route(n, "serve_now", "finance") for n in take(SERVED_BEFORE)]
    routes += [route(n, "exclude") for n in take(EXCLUDED_BEFORE)]
    rule_in, rule_out = take(RULE_FALLBACK), take(RULE_EXCLUDED)
    review_in, review_out = take(REVIEW_FALLBACK), take(REVIEW_EXCLUDED)
    residual = {function: take(many) for function, many in RESIDUAL_BY_FUNCTION.items()}
    routes += [route(n, "adjudicate", "finance") for n in (*rule_in, *rule_out, *review_in, *review_out)]
    routes += [route(n, "adjudicate", function) for function, held in residual.items() for n in held]
    rules = {
        title(n): {
            "title_id": title(n),
            "rule_id": "fallback_words",
            "decision": FINANCE[0],
            "level": FINANCE[1],
            "code": FINANCE[2],
        }
        for n in rule_in
    } | {
        title(n): {
            "title_id": title(n),
            "rule_id": "exclude_head_word",
            "decision": OUT[0],
            "level": None,
            "code": OUT[2],
        }
        for n in rule_out
    }
    rows: list[Row] = [
        *((title(n), *FINANCE) for n in review_in),
        *((title(n), *OUT) for n in review_out),
        *((title(n), *KEPT) for held in residual.values() for n in held),
    ]
    # Many small batches, as that run had: the wave tells those of one key apart.
    merges = [
        merge(rows[start : start + BATCH_ROWS], batch=f"{place % 32:02d}", wave=1 + place // 32)
        for place, start in enumerate(range(0, len(rows), BATCH_ROWS))
    ]
    ledger = Ledger(routes, rules, merges, chain_of(root, *merges))
    ledger.remake()
    return ledger


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return build(tmp_path_factory.mktemp("ledger"))


def test_the_reference_run_closes_with_its_exact_figures(ledger: Ledger) -> None:
    account = ledger.account()
    assert account.faults() == []
    told = account_figures(account)
    assert told["serviceable_rows_before_adjudication"] == 45_564
    assert told["serviceable_rows_after_adjudication"] == 50_053
    assert told["ambiguous_input_rows"] == 16_089
    assert told["multi_llm_decision_rows_applied"] == 10_957
    assert told["multi_llm_fallback_promotions"] == 3_880
    assert told["multi_llm_exclusions"] == 6_586
    assert told["deterministic_fallback_promotions"] == 609
    assert told["deterministic_exclusions"] == 4_523
    assert told["remaining_adjudication_required_count"] == 491
    assert told["review_prompt_candidate_count"] == 0
    assert told["reviewed_rows_skipped_from_prompt"] == 10_957
    assert told["residual_by_function"] == RESIDUAL_BY_FUNCTION
    assert told["person_decision_rows_applied"] == 0
    assert told["simulated_decision_rows_applied"] == 0
    assert told["recorded_decision_rows_applied"] == 0


def test_the_three_equations_are_the_designs(ledger: Ledger) -> None:
    assert list(ledger.account().equations().values()) == [
        (16_089, 16_089),
        (50_053, 50_053),
        (10_957, 10_957),
    ]


# --- tampering with the merges: the fold names the title and the merge


@pytest.fixture
def forged(ledger: Ledger, tmp_path: Path) -> Callable[[list[Merge]], MergeChain]:
    """A chain, whole by its digests, of other merges than the reference run's."""

    def make(merges: list[Merge]) -> MergeChain:
        chain = MergeChain(tmp_path)
        forge(chain, merges)
        return chain

    return make


Forged = Callable[[list[Merge]], MergeChain]


def cut(made: Merge, start: int, end: int | None = None) -> Merge:
    return made.model_copy(
        update={"decisions": {name: values[start:end] for name, values in made.decisions.items()}}
    )


def changed(made: Merge, **columns: Any) -> Merge:
    decisions = {name: list(values) for name, values in made.decisions.items()}
    for name, value in columns.items():
        decisions[name][0] = value
    return made.model_copy(update={"decisions": decisions})


def test_a_row_that_stands_in_two_merges_is_named(ledger: Ledger, forged: Forged) -> None:
    twice = ledger.merges[0].decisions["title_id"][0]
    chain = forged([*ledger.merges, cut(ledger.merges[0], 0, 1).model_copy(update={"wave": 99})])
    with pytest.raises(ChainError, match=f"title {twice} was decided already"):
        fold(chain.links(), {})


def test_a_row_that_stands_twice_in_a_merge_is_named(ledger: Ledger, forged: Forged) -> None:
    twice = ledger.merges[3].decisions["title_id"][0]
    double = ledger.merges[3].model_copy(
        update={
            "decisions": {name: [values[0], *values] for name, values in ledger.merges[3].decisions.items()}
        }
    )
    with pytest.raises(ChainError, match=f"title {twice} stands twice"):
        fold(forged([*ledger.merges[:3], double, *ledger.merges[4:]]).links(), {})


def test_a_promotion_without_a_target_is_named(ledger: Ledger, forged: Forged) -> None:
    bare = changed(ledger.merges[0], code=None)
    with pytest.raises(ChainError, match="a promotion has no target"):
        fold(forged([bare, *ledger.merges[1:]]).links(), {})


def test_a_residual_promoted_without_an_order_is_named(ledger: Ledger, forged: Forged) -> None:
    kept = ledger.merges[-1].decisions["title_id"][-1]
    again = merge([(kept, *FINANCE)], batch="00", wave=99)
    with pytest.raises(ChainError, match=f"title {kept} was kept .* no bounded review names it"):
        fold(forged([*ledger.merges, again]).links(), {})


# --- tampering that the fold cannot see: the equations do not hold


def test_a_row_lost_from_a_merge_opens_the_account(ledger: Ledger, forged: Forged) -> None:
    lost = Ledger(
        ledger.routes, ledger.rules, [], forged([cut(ledger.merges[0], 1), *ledger.merges[1:]]), ledger.states
    )
    (fault,) = lost.account().faults()
    assert fault["equation"].startswith("review decisions =")
    assert (fault["left"], fault["right"]) == (10_956, 10_957)
    # Made anew, the state says so too: the title is back in the queue, and nowhere else.
    lost.remake()
    assert lost.account().faults() == []
    assert lost.account().candidates == 1


def test_a_title_lost_from_the_states_opens_the_account(ledger: Ledger) -> None:
    states = [row for row in ledger.states if row["title_id"] != title(SERVED_BEFORE + EXCLUDED_BEFORE + 1)]
    faults = account_of(ledger.routes, states, ledger.folded()).faults()
    assert [(f["left"], f["right"]) for f in faults] == [(16_089, 16_088)]


def test_a_title_counted_twice_opens_the_account(ledger: Ledger) -> None:
    promoted = next(row for row in ledger.states if row["settled_by"] == "llm")
    faults = account_of(ledger.routes, [*ledger.states, promoted], ledger.folded()).faults()
    assert {fault["equation"].split(" =")[0] for fault in faults} == {"ambiguous", "review decisions"}


def test_a_title_promoted_from_nowhere_opens_the_account(ledger: Ledger) -> None:
    residual = next(row for row in ledger.states if row["state"] == "residual")
    promoted = residual | {"state": "serve_with_fallback", "settled_by": "evidence"}
    states = [promoted if row is residual else row for row in ledger.states]
    faults = account_of(ledger.routes, states, ledger.folded()).faults()
    assert {fault["equation"].split(" =")[0] for fault in faults} == {
        "ambiguous",
        "serviceable after",
        "review decisions",
    }


def test_a_served_title_that_was_dropped_opens_the_account(ledger: Ledger) -> None:
    states = ledger.states[1:]
    faults = account_of(ledger.routes, states, ledger.folded()).faults()
    assert [(f["left"], f["right"]) for f in faults] == [(50_052, 50_053)]
