"""The fold: one decision a title, whatever the order of batches, and nothing that no merge may decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.adjudication.fold import fold
from aina_assets.adjudication.merge import ChainError, Merge, merge_of
from aina_assets.adjudication.orders import BoundedReview, OrderBook, OrderError, open_orders
from aina_assets.adjudication.protocol import ReviewerKind
from aina_assets_tests.adjudication.made import FINANCE, KEPT, OUT, chain_of, forge, links, merge, title

ORDER = BoundedReview(number=1, title_ids=(title(2),), reason="new evidence", ordered_by="tester")
ORDERS = {ORDER.digest: ORDER}


def test_each_title_has_the_decision_of_its_merge() -> None:
    folded = fold(
        links(
            merge([(title(1), *FINANCE), (title(2), *KEPT)]),
            merge([(title(3), *OUT)], batch="01", kind=ReviewerKind.PERSON),
        ),
        {},
    )
    assert len(folded) == 3
    found = folded.get(title(3))
    assert found is not None
    assert (found.decision, found.level, found.code, found.why) == ("exclude", None, "military", "agreed")
    assert folded.merges[found.merge].kind is ReviewerKind.PERSON
    assert folded.get(title(9)) is None
    assert title(9) not in folded


def test_no_merges_say_nothing() -> None:
    folded = fold([], {})
    assert (len(folded), folded.head) == (0, None)


@given(st.permutations(range(5)))
def test_the_state_is_the_same_in_whatever_order_batches_were_merged(order: list[int]) -> None:
    made = [merge([(title(n), *FINANCE), (title(10 + n), *KEPT)], batch=f"{n:02d}") for n in range(5)]
    assert fold(links(*(made[n] for n in order)), {}).digest == fold(links(*made), {}).digest


def test_the_digest_tells_every_difference_of_decisions() -> None:
    digests = {
        fold(links(merge(rows)), {}).digest
        for rows in (
            [(title(1), *FINANCE)],
            [(title(1), *OUT)],
            [(title(1), *KEPT)],
            [(title(2), *FINANCE)],
            [(title(1), *FINANCE), (title(2), *KEPT)],
            [(title(1), "promote_fallback", "function", "sales")],
            [(title(1), "promote_fallback", "major", "13-0000")],
        )
    }
    assert len(digests) == 7


def test_a_kept_title_is_decided_anew_under_the_order_that_names_it() -> None:
    folded = fold(
        links(merge([(title(2), *KEPT)]), merge([(title(2), *FINANCE, ORDER.digest)], wave=2)), ORDERS
    )
    found = folded.get(title(2))
    assert found is not None
    assert (found.decision, found.order) == ("promote_fallback", ORDER.digest)
    assert folded.used_orders == {(ORDER.digest, title(2))}


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ([merge([(title(1), *FINANCE), (title(1), *FINANCE)])], "stands twice in one merge"),
        ([merge([(title(1), *FINANCE)]), merge([(title(1), *FINANCE)], wave=2)], "was decided already"),
        ([merge([(title(1), *FINANCE)]), merge([(title(1), *OUT)], batch="01")], "was decided already"),
        ([merge([(title(2), *KEPT)]), merge([(title(2), *FINANCE)], wave=2)], "no bounded review names it"),
        (
            [merge([(title(2), *KEPT)]), merge([(title(2), *FINANCE, "f" * 64)], wave=2)],
            "no bounded review names",
        ),
        (
            [merge([(title(3), *KEPT)]), merge([(title(3), *OUT, ORDER.digest)], wave=2)],
            "no bounded review names",
        ),
        ([merge([(title(2), *FINANCE, ORDER.digest)])], "was never kept"),
        (
            [
                merge([(title(2), *KEPT)]),
                merge([(title(2), *KEPT, ORDER.digest)], wave=2),
                merge([(title(2), *FINANCE, ORDER.digest)], wave=3),
            ],
            "already under order",
        ),
        ([merge([(title(1), "promote_fallback", None, None)])], "a promotion has no target"),
        ([merge([(title(1), "promote_fallback", "function", None)])], "a promotion has no target"),
        ([merge([(title(1), "exclude", "function", "finance")])], "an exclusion has a level"),
        ([merge([(title(1), "keep", None, "finance")])], "a kept title has a target"),
        ([merge([(title(1), "approve", None, None)])], "no decision 'approve'"),
    ],
)
def test_what_no_merge_may_decide_is_refused_whoever_wrote_it(
    tmp_path: Path, made: list[Merge], told: str
) -> None:
    chain = chain_of(tmp_path)
    forge(chain, made)
    with pytest.raises(ChainError, match=told) as caught:
        fold(chain.links(), ORDERS)
    assert caught.value.place == f"merge {len(made)}"


@pytest.mark.parametrize(
    "damage",
    [
        lambda merge: merge["decisions"].pop("why"),
        lambda merge: merge["decisions"]["title_id"].pop(),
        lambda merge: merge.pop("decisions"),
    ],
)
def test_decisions_in_another_form_are_refused(damage: Any) -> None:
    (link,) = links(merge([(title(1), *FINANCE), (title(2), *KEPT)]))
    damage(link.merge)
    with pytest.raises(ChainError, match="columns"):
        fold([link], {})


def test_a_file_that_is_no_merge_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChainError, match="not a merge") as caught:
        merge_of({"sequence": 1}, tmp_path / "x.json")
    assert caught.value.file == str(tmp_path / "x.json")


def test_columns_of_two_lengths_make_no_merge() -> None:
    made = merge([(title(1), *FINANCE)])
    with pytest.raises(ValueError, match="all of one length"):
        Merge.model_validate(made.model_dump() | {"decisions": {**made.decisions, "why": []}})


# --- orders


def test_an_order_is_named_by_its_digest_and_the_same_titles_may_be_ordered_again(tmp_path: Path) -> None:
    book = OrderBook(tmp_path)
    first = book.give([title(2), title(1), title(2)], "new evidence", "tester", 500)
    second = book.give([title(1)], "new evidence", "tester", 500)
    assert first.title_ids == (title(1), title(2))
    assert list(book.orders()) == [first.digest, second.digest]
    assert open_orders(book.orders(), []) == {title(1): first.digest, title(2): first.digest}
    used = [(first.digest, title(1))]
    assert open_orders(book.orders(), used) == {title(1): second.digest, title(2): first.digest}


@pytest.mark.parametrize("count", [0, 3])
def test_an_order_names_titles_and_not_too_many(tmp_path: Path, count: int) -> None:
    with pytest.raises(OrderError, match="1 to 2 titles"):
        OrderBook(tmp_path).give(map(title, range(count)), "why", "tester", 2)


def test_a_changed_order_is_named(tmp_path: Path) -> None:
    book = OrderBook(tmp_path)
    order = book.give([title(1)], "new evidence", "tester", 500)
    path = tmp_path / f"{order.digest}.json"
    path.write_bytes(path.read_bytes().replace(title(1).encode(), title(2).encode()))
    with pytest.raises(OrderError, match="was changed"):
        book.orders()
    path.write_text("{}")
    with pytest.raises(OrderError, match="not a bounded review"):
        book.orders()


def test_an_order_lists_each_title_once_and_sorted() -> None:
    with pytest.raises(ValueError, match="not sorted"):
        BoundedReview(number=1, title_ids=(title(2), title(1)), reason="why", ordered_by="tester")
