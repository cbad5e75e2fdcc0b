"""When a workflow is due for review: the FSRS scheduler of the `fsrs` library.

Belongs here: telling the library a result, and its card as plain figures. Does not: the schedule's
arithmetic, which is the library's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from fsrs import Card, Rating, Scheduler, State

from aina_assets.learning.mastery.policy import LearnerModelPolicy, ReviewPolicy
from aina_assets.learning.times import instant, time_text

# The library uses powers, whose last bits differ between machines' libraries. Kept to so many digits after
# every review, the difference is dropped before it can grow.
DIGITS = 6


@dataclass(slots=True)
class ReviewCard:
    """What is remembered of a workflow's reviews.

    Attributes:
        stability: days after which recall falls to 90%.
        difficulty: 1 to 10.
        due: when the next review is due.
        last_review: when the last one was.
    """

    stability: float
    difficulty: float
    due: str
    last_review: str


def review_rating(score: float, policy: LearnerModelPolicy) -> Rating:
    """The review's rating of a score: below a pass Again, then Hard, Good and Easy."""
    if score < policy.pass_score:
        return Rating.Again
    if score < policy.good_score:
        return Rating.Hard
    return Rating.Good if score < policy.easy_score else Rating.Easy


class Reviews:
    """Review times under a policy."""

    def __init__(self, policy: LearnerModelPolicy) -> None:
        self._policy = policy
        self._scheduler = _scheduler(policy.review)

    def reviewed(self, card: ReviewCard | None, score: float, at: str) -> ReviewCard:
        """The card after a result of this score (0 to 1) at this time."""
        when = instant(at)
        # Given an id, or the library waits a millisecond to make one of the clock.
        held = Card(card_id=1) if card is None else self._library_card(card)
        after, _ = self._scheduler.review_card(held, review_rating(score, self._policy), when)
        if after.stability is None or after.difficulty is None:
            raise AssertionError("a reviewed card has stability and difficulty")
        return ReviewCard(
            stability=round(after.stability, DIGITS),
            difficulty=round(after.difficulty, DIGITS),
            due=time_text(after.due),
            last_review=at,
        )

    def card(self, reviews: Sequence[tuple[str, float]]) -> ReviewCard | None:
        """The card after these results, by time; None without any.

        Args:
            reviews: time and score of each.
        """
        card: ReviewCard | None = None
        for at, score in reviews:
            card = self.reviewed(card, score, at)
        return card

    def recall(self, card: ReviewCard, at: datetime) -> float:
        """How likely the workflow is still mastered at a time, 0 to 1."""
        return float(self._scheduler.get_card_retrievability(self._library_card(card), at))

    @staticmethod
    def _library_card(card: ReviewCard) -> Card:
        last_review = instant(card.last_review)
        return Card(
            card_id=1,
            state=State.Review,
            step=None,
            stability=card.stability,
            difficulty=card.difficulty,
            # The library makes no use of it, and reading it from text takes its time.
            due=last_review,
            last_review=last_review,
        )


@lru_cache(maxsize=4)
def _scheduler(policy: ReviewPolicy) -> Scheduler:
    # No steps of minutes: practice is planned by the week. No fuzz: the same events give the same days.
    return Scheduler(
        desired_retention=policy.desired_retention,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=policy.maximum_interval_days,
        enable_fuzzing=False,
    )
