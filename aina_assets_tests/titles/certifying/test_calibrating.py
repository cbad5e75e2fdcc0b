"""Curves and margins, on tune rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.settings import Settings
from aina_assets.titles.certifying.calibrating import calibrate, fit_curve
from aina_assets.titles.certifying.claims import SERVED_LEVELS
from aina_assets.titles.certifying.curves import AS_IT_STANDS, Judged, log_odds
from aina_assets.titles.retrieval.word_support import Support
from aina_assets.titles.serve_policy import ServePolicy, read_serve_policy
from aina_assets_tests.titles.certifying.samples import assessed, truth

UNSAID = Support(-1.0, -1.0, -1.0)


@pytest.fixture(scope="module")
def policy() -> ServePolicy:
    return read_serve_policy(Path(Settings().policies_root))


def rows(count: int, wrong_every: int, probability: float = 0.9) -> list[Judged]:
    wrong = SERVED_LEVELS
    return [
        (assessed(n, probability=probability), truth(wrong=wrong if n % wrong_every == 0 else ()))
        for n in range(count)
    ]


def test_without_rows_a_score_is_right_as_it_stands() -> None:
    assert fit_curve([], "detailed") is AS_IT_STANDS
    assert AS_IT_STANDS(0.7, UNSAID, "finance") == pytest.approx(0.7)


def test_a_curve_learns_what_scores_are_worth() -> None:
    curve = fit_curve(rows(400, 2), "detailed")
    assert curve(0.9, UNSAID, "finance") == pytest.approx(0.5, abs=0.05)


def test_a_higher_score_is_never_worth_less() -> None:
    upside_down = [(assessed(n, probability=0.95), truth(wrong=("detailed",))) for n in range(100)]
    upside_down += [(assessed(1000 + n, probability=0.6), truth()) for n in range(100)]
    curve = fit_curve(upside_down, "detailed")
    assert curve.slope >= 0
    values = [curve(score / 100, UNSAID, "finance") for score in range(1, 100)]
    assert values == sorted(values)


def test_a_function_in_which_lists_are_worse_is_told_apart() -> None:
    good = [(assessed(n, function="legal"), truth()) for n in range(150)]
    bad = [
        (assessed(1000 + n, function="research"), truth(wrong=("detailed",) if n % 2 else ()))
        for n in range(150)
    ]
    curve = fit_curve(good + bad, "detailed")
    assert curve.groups["research"] < curve.groups["legal"]
    assert curve(0.99, UNSAID, "research") < 0.8 < curve(0.99, UNSAID, "legal")


def test_the_margin_serves_what_is_likely_to_be_certified(policy: ServePolicy) -> None:
    tune = rows(300, 50, 0.98) + rows(300, 3, 0.7)
    found = calibrate(tune, policy)
    served = [1 - found.probability(title, "detailed") for title, _ in tune if found.makes(title, "detailed")]
    assert served
    assert sum(served) / len(served) < policy.certificate.most_error
    assert not any(found.makes(title, "detailed") for title, _ in rows(1, 1, 0.7))


def test_more_gold_rows_serve_titles_that_are_less_sure(policy: ServePolicy) -> None:
    def margin(times: int) -> float:
        # One in 100 of the sure ones is wrong, one in 16 of the others: together one in 28.
        tune = rows(100 * times, 100, 0.98) + rows(100 * times, 16, 0.85)
        return calibrate(tune, policy).margins["authority", "serve"] or 0.0

    assert margin(1) <= margin(30)
    assert margin(30) > 0.05


def test_where_nothing_holds_nothing_is_claimed(policy: ServePolicy) -> None:
    found = calibrate(rows(200, 2), policy)
    assert found.margins["authority", "serve"] is None
    assert not any(found.makes(assessed(), claim) for claim in SERVED_LEVELS)
    assert found.margins["retrieval", "serve"] is None


def test_rounded_certainty_is_not_certainty() -> None:
    assert log_odds(1.0) == pytest.approx(-log_odds(0.0))
    assert log_odds(1.0) < 12
