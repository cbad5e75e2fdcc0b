"""Why a claim stands or not: as the certifier decides, and with an obstacle for every claim that does not."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.titles.certifying.certificate import BROKEN, CERTIFIED, Certificate, Certifier, Stratum
from aina_assets.titles.certifying.claims import BASES, CLAIMS, EXCLUDE, SERVED_LEVELS, Assessed
from aina_assets.titles.certifying.curves import KINDS, Calibration
from aina_assets.titles.certifying.measure import Measured
from aina_assets.titles.explaining.claims import DEFECTS, REASONS, ClaimReader, next_claim
from aina_assets.titles.explaining.views import ClaimView
from aina_assets.titles.inventory import WITHHELD
from aina_assets.titles.normalizing.cleaning import Defect
from aina_assets.titles.serve_policy import CertificatePolicy
from aina_assets.titles.tables import RouteReason
from aina_assets_tests.titles.certifying.samples import assessed, standing_of, sure_from

POLICY = CertificatePolicy(confidence=0.95, most_error=0.05, least_rows_alone=59)
MARGIN = 0.1


def certificate(stratum: Stratum, state: str = CERTIFIED, *, is_pooled: bool = False) -> Certificate:
    measured = Measured(80, 1, 80.0, 0.0125, 0.058 if state == BROKEN else 0.04, 0.0006)
    return Certificate(stratum, measured, measured, is_pooled, state)


def claims_of(
    title: Assessed, *certificates: Certificate, margin: float | None = MARGIN
) -> tuple[dict[str, ClaimView], Certifier]:
    calibration = Calibration({}, {(basis, kind): margin for basis in BASES for kind in KINDS})
    certifier = Certifier(calibration, POLICY, {found.stratum: found for found in certificates})
    views = ClaimReader(certifier, POLICY.most_error).claims(title)
    assert [view.claim for view in views] == list(CLAIMS)
    return {view.claim: view for view in views}, certifier


def test_every_reason_and_every_defect_has_its_words() -> None:
    assert set(REASONS) == set(get_args(RouteReason))
    assert set(DEFECTS) == {WITHHELD, *get_args(Defect)}


# --- obstacles


def test_the_claim_that_stands_has_none_and_finer_ones_have_theirs() -> None:
    views, _ = claims_of(
        assessed(),
        certificate(("authority", "detailed", "finance"), BROKEN),
        certificate(("authority", "broad", "finance")),
    )
    assert views["broad"].is_standing
    assert views["broad"].obstacle is None
    assert views["detailed"].obstacle == (
        "the stratum authority/detailed/finance is demoted: bound 5.80% from 80 own rows, needs at most 5%"
    )
    assert views["minor"].obstacle is None
    assert not views["minor"].is_standing


def test_what_is_too_unsure_says_what_it_needs() -> None:
    views, _ = claims_of(
        assessed(probability=sure_from("major")), certificate(("authority", "major", "finance"))
    )
    assert views["detailed"].obstacle == "0.400 calibrated, needs 0.900"
    assert (views["detailed"].calibrated, views["detailed"].needs) == (0.4, 0.9)
    assert views["major"].is_standing


@pytest.mark.parametrize(
    ("title", "claim", "obstacle"),
    [
        (assessed(has_match=True), EXCLUDE, "an authority lists it under work in scope"),
        (assessed(word_reason="military"), "detailed", "its words put it out of scope: military"),
        (assessed(finest=None), "function", "its words allow no level"),
        (assessed(finest="major"), "minor", "its words allow major at the finest"),
        (assessed(), "detailed", "no gold test row measures the stratum authority/detailed/finance"),
        (assessed(), "broad", "not tried, since authority/detailed/finance is not measured"),
    ],
)
def test_what_stands_in_the_way_is_said(title: Assessed, claim: str, obstacle: str) -> None:
    assert claims_of(title)[0][claim].obstacle == obstacle


def test_without_gold_nothing_tells_what_a_probability_is_worth() -> None:
    views, _ = claims_of(assessed(), margin=None)
    assert views["detailed"].obstacle == (
        "no gold set speaks for this inventory: nothing tells what a probability is worth"
    )
    assert views["detailed"].needs is None


def test_where_no_margin_held_that_is_said() -> None:
    elsewhere = certificate(("retrieval", "detailed", "finance"))
    views, _ = claims_of(assessed(in_scope=0.1), elsewhere, margin=None)
    assert views["detailed"].obstacle == (
        "on gold tune rows no probability was sure enough for service by authority evidence"
    )


def test_words_that_exclude_need_no_probability() -> None:
    views, _ = claims_of(assessed(word_reason="military"), certificate(("words", EXCLUDE, "military")))
    view = views[EXCLUDE]
    assert (view.calibrated, view.needs, view.is_standing, view.group) == (None, None, True, "military")


# --- as the certifier decides

titles = st.builds(
    assessed,
    basis=st.sampled_from(("authority", "retrieval")),
    probability=st.sampled_from((None, *SERVED_LEVELS)).map(sure_from),
    in_scope=st.sampled_from((0.01, 0.5, 0.99)),
    finest=st.sampled_from(("occupation", "minor", "function", None)),
    word_reason=st.sampled_from((None, None, "military")),
    has_match=st.booleans(),
)
strata = st.tuples(
    st.sampled_from(("authority", "retrieval", "words")),
    st.sampled_from(CLAIMS),
    st.sampled_from(("finance", "military", "physical_trade")),
)


@settings(max_examples=150, deadline=None)
@given(titles, st.dictionaries(strata, st.sampled_from((CERTIFIED, BROKEN)), max_size=14))
def test_what_is_said_to_stand_is_what_stands(title: Assessed, states: dict[Stratum, str]) -> None:
    views, certifier = claims_of(title, *(certificate(stratum, state) for stratum, state in states.items()))
    standing = standing_of(certifier, title)
    said = [view for view in views.values() if view.is_standing]
    assert [view.stratum for view in said] == ([] if standing is None else ["/".join(standing.stratum)])
    place = len(CLAIMS) if standing is None else CLAIMS.index(said[0].claim)
    for number, claim in enumerate(CLAIMS):
        view = views[claim]
        if number < place:
            assert view.obstacle, claim
        elif number == place:
            assert view.obstacle is None


# --- what more could be said


@pytest.mark.parametrize(
    ("served", "finer"), [("detailed", None), ("broad", "detailed"), ("function", "major")]
)
def test_of_a_served_title_the_next_finer_level_is_more(served: str, finer: str | None) -> None:
    views, _ = claims_of(assessed())
    found = next_claim(tuple(views.values()), "serve_with_fallback", served)
    assert (None if found is None else found.claim) == finer


def test_of_an_excluded_title_nothing_is_more() -> None:
    views, _ = claims_of(assessed(in_scope=0.01))
    assert next_claim(tuple(views.values()), EXCLUDE, None) is None


def test_of_an_unserved_title_the_level_that_lacks_least_is_more() -> None:
    near = {"detailed": 0.4, "broad": 0.6, "minor": 0.85, "major": 0.8, "function": 0.7}
    views, _ = claims_of(assessed(probability=near, in_scope=0.9))
    found = next_claim(tuple(views.values()), "adjudicate", None)
    assert found is not None
    assert found.claim == "minor"


def test_a_level_that_the_words_forbid_is_named_last() -> None:
    views, _ = claims_of(
        assessed(probability={"major": 0.5, "function": 0.2}, finest="function", in_scope=0.9)
    )
    found = next_claim(tuple(views.values()), "adjudicate", None)
    assert found is not None
    assert found.claim == "function"
