"""Review times: the library's, told in plain figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.learning.mastery.reviewing import DIGITS, ReviewCard, Reviews, review_rating
from aina_assets.learning.times import instant, time_text
from aina_assets_tests.learning.samples import policy

POLICY = policy()
REVIEWS = Reviews(POLICY)
START = "2026-01-05T09:00:00Z"
scores = st.sampled_from([0.0, 0.5, 0.7, 0.8, 0.95, 1.0])


@pytest.mark.parametrize(
    ("score", "rating"),
    [
        (0.0, Rating.Again),
        (0.699, Rating.Again),
        (0.70, Rating.Hard),
        (0.80, Rating.Good),
        (0.95, Rating.Easy),
    ],
)
def test_a_score_has_its_rating(score: float, rating: Rating) -> None:
    assert review_rating(score, POLICY) is rating


@given(st.lists(st.tuples(scores, st.integers(0, 90)), min_size=1, max_size=12))
def test_a_review_is_the_librarys(steps: list[tuple[float, int]]) -> None:
    scheduler = Scheduler(
        desired_retention=POLICY.review.desired_retention,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=POLICY.review.maximum_interval_days,
        enable_fuzzing=False,
    )
    card, held, at = Card(card_id=5), None, instant(START)
    for score, days in steps:
        at += timedelta(days=days)
        card, _ = scheduler.review_card(card, review_rating(score, POLICY), at)
        held = REVIEWS.reviewed(held, score, time_text(at))
        assert card.stability is not None
        assert held.stability == pytest.approx(card.stability, rel=1e-4, abs=1e-4)
        assert abs(instant(held.due) - card.due) <= timedelta(days=1)
        assert held.stability == round(held.stability, DIGITS)
        assert held.due > held.last_review


@given(st.integers(0, 200), st.integers(0, 200))
def test_recall_fades_with_the_days(first: int, second: int) -> None:
    card: ReviewCard = REVIEWS.reviewed(None, 0.9, START)
    at = instant(START)
    sooner, later = sorted((first, second))
    recalls = [REVIEWS.recall(card, at + timedelta(days=days)) for days in (sooner, later)]
    assert 1 >= recalls[0] >= recalls[1] > 0


def test_a_better_score_is_due_later() -> None:
    due = [REVIEWS.reviewed(None, score, START).due for score in (0.2, 0.7, 0.8, 1.0)]
    assert due == sorted(due)
    assert due[0] < due[-1]
