"""Estimates of mastery: their laws, and the policy that they are made under."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.errors import SettingsError
from aina_assets.learning.mastery.policy import FILE_NAME, read_learner_model
from aina_assets.learning.mastery.tracing import Average, KnowledgeTracing, MasteryModel, mastery_model
from aina_assets_tests.learning.samples import policy

POLICY = policy()
MODELS: list[MasteryModel] = [KnowledgeTracing(POLICY.knowledge_tracing), Average(POLICY.average)]
results = st.lists(st.booleans(), max_size=30)
ratings = st.one_of(st.none(), st.integers(0, 4))


def after(model: MasteryModel, rating: int | None, passed: list[bool]) -> float:
    mastery = model.prior(rating)
    for place, is_pass in enumerate(passed):
        mastery = model.updated(mastery, passes=sum(passed[:place]), attempts=place, is_pass=is_pass)
    return mastery


@pytest.mark.parametrize("model", MODELS)
@given(rating=ratings, passed=results)
def test_an_estimate_stays_a_share_and_a_pass_never_lowers_it(
    model: MasteryModel, rating: int | None, passed: list[bool]
) -> None:
    mastery = after(model, rating, passed)
    assert 0 < mastery < 1
    assert 0 < model.chance_of_pass(mastery) < 1
    assert after(model, rating, [*passed, True]) >= after(model, rating, [*passed, False])


@given(rating=ratings, passed=results.filter(lambda held: False in held))
def test_a_fail_made_a_pass_never_lowers_the_estimate(rating: int | None, passed: list[bool]) -> None:
    better = list(passed)
    better[better.index(False)] = True
    for model in MODELS:
        assert after(model, rating, better) >= after(model, rating, passed)


def test_knowledge_tracing_is_bayes_rule() -> None:
    held = POLICY.knowledge_tracing
    before = 0.4
    known = before * (1 - held.slip) / (before * (1 - held.slip) + (1 - before) * held.guess)
    expected = known * (1 - held.forget) + (1 - known) * held.learn
    found = KnowledgeTracing(held).updated(before, passes=0, attempts=0, is_pass=True)
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_average_is_the_share_drawn_towards_the_mean() -> None:
    held = POLICY.average
    found = after(Average(held), None, [True, False, True, True])
    assert found == pytest.approx((held.mean * held.weight + 3) / (held.weight + 4), abs=1e-9)


def test_the_policy_names_the_model() -> None:
    assert isinstance(mastery_model(POLICY), KnowledgeTracing)
    assert isinstance(mastery_model(POLICY.model_copy(update={"model": "average"})), Average)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("guess = 0.256", "guess = 0.9", "guess must be below 1 - slip"),
        ("[0.019, 0.206", "[0.306, 0.206", "higher self-rating"),
        ("pass_score = 0.70", "pass_score = 0.99", "pass_score <= good_score"),
        ('model = "knowledge_tracing"', 'model = "guess"', "model"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    from aina_assets.core.settings import PROJECT_ROOT

    text = (PROJECT_ROOT / "data" / "policies" / FILE_NAME).read_text("utf-8")
    assert old in text
    (tmp_path / FILE_NAME).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(SettingsError, match=told):
        read_learner_model(tmp_path)
