"""Pools and demotion: what is certified keeps its promise, and what is not falls in the order told."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.titles.certifying.certificate import BROKEN, CERTIFIED, Certificate, Certifier, stratum_of
from aina_assets.titles.certifying.claims import BASES, CLAIMS, SERVED_LEVELS, Assessed, Truth
from aina_assets.titles.certifying.curves import KINDS, Calibration, Judged
from aina_assets.titles.certifying.measure import Measured
from aina_assets.titles.serve_policy import CertificatePolicy
from aina_assets_tests.titles.certifying.samples import assessed, finer_than, standing_of, sure_from, truth

POLICY = CertificatePolicy(confidence=0.95, most_error=0.05, least_rows_alone=59)
MARGIN = 0.05
CALIBRATION = Calibration({}, {(basis, kind): MARGIN for basis in BASES for kind in KINDS})
DETAILED = ("retrieval", "detailed", "finance")


def titled(basis: str = "retrieval", *, level: str | None = "detailed", **more: Any) -> Assessed:
    """A title whose evidence is sure of a level and of all that are coarser; None for no level."""
    return assessed(basis=basis, probability=sure_from(level), **more)


def label(right_from: str | None = "detailed", **more: Any) -> Truth:
    """A gold row with which a title's codes agree at a level and all that are coarser; None for none."""
    return truth(wrong=finer_than(right_from), **more)


def rows(count: int, title: Assessed, right_from: str | None = "detailed") -> list[Judged]:
    return [(title, label(right_from, function=title.code["function"]))] * count


def certified(*test: list[Judged]) -> Certifier:
    certifier = Certifier(CALIBRATION, POLICY)
    certifier.certify([pair for part in test for pair in part])
    return certifier


def states(certifier: Certifier) -> dict[str, str]:
    return {"/".join(stratum): found.state for stratum, found in certifier.certificates.items()}


# --- alone and pooled


def test_small_strata_stand_together_across_functions_and_levels() -> None:
    certifier = certified(rows(30, titled()), rows(29, titled(function="sales", level="major")))
    assert states(certifier) == {
        "retrieval/detailed/finance": CERTIFIED,
        "retrieval/major/sales": CERTIFIED,
    }
    for found in certifier.certificates.values():
        assert found.is_pooled
        assert (found.bounded.rows, found.bounded.bound) == (59, 0.049508)
    assert certifier.certificates[DETAILED].own.rows == 30


def test_bases_do_not_pool() -> None:
    certifier = certified(rows(30, titled()), rows(29, titled("authority")))
    assert set(states(certifier).values()) == {BROKEN}


def test_exclusions_do_not_pool_with_what_is_served() -> None:
    out = titled(level=None, in_scope=0.0, scope_reason="military")
    right: list[Judged] = [(out, label(None, is_in_scope=False))]
    certifier = certified(rows(59, titled()), right * 10)
    assert states(certifier) == {
        "retrieval/detailed/finance": CERTIFIED,
        "retrieval/exclude/military": BROKEN,
    }
    assert standing_of(certifier, out) is None


def test_words_that_exclude_have_strata_of_their_own() -> None:
    out = titled(word_reason="not_a_job", in_scope=0.9)
    certifier = certified([(out, label(None, is_in_scope=False))] * 59)
    assert states(certifier) == {"words/exclude/not_a_job": CERTIFIED}


def test_a_small_stratum_borrows_no_rows_of_one_that_stands_alone() -> None:
    certifier = certified(rows(500, titled()), rows(5, titled(function="sales")))
    assert certifier.certificates[DETAILED].state == CERTIFIED
    assert standing_of(certifier, titled(function="sales")) is None


def test_a_pool_does_not_hide_a_member_that_breaks_the_promise() -> None:
    bad = titled(function="sales")
    certifier = certified(
        rows(50, titled()),
        rows(50, titled(function="it")),
        rows(50, titled(function="hr")),
        rows(50, titled(function="legal")),
        rows(6, bad, "broad"),
        rows(30, bad),
    )
    demoted = certifier.certificates["retrieval", "detailed", "sales"]
    assert (demoted.state, demoted.own.errors) == (BROKEN, 6)
    assert demoted.bounded.bound > POLICY.most_error or demoted.own.least > POLICY.most_error
    assert {key[1:] for key, found in certifier.certificates.items() if found.state == CERTIFIED} == {
        ("detailed", "finance"),
        ("detailed", "it"),
        ("detailed", "hr"),
        ("detailed", "legal"),
        ("broad", "sales"),
    }


# --- demotion


def test_a_broken_stratum_falls_to_the_next_coarser_claim_that_holds() -> None:
    certifier = certified(rows(50, titled()), rows(10, titled(), "minor"))
    assert states(certifier) == {
        "retrieval/detailed/finance": BROKEN,
        "retrieval/broad/finance": BROKEN,
        "retrieval/minor/finance": CERTIFIED,
    }
    assert certifier.first_claim(titled()) == "minor"
    standing = standing_of(certifier, titled())
    assert standing is not None
    assert standing.stratum == ("retrieval", "minor", "finance")
    assert [found.stratum[1] for found in certifier.certificates_of(titled())] == [
        "detailed",
        "broad",
        "minor",
    ]


def test_what_is_demoted_is_measured_with_the_rows_that_were_there() -> None:
    certifier = certified(rows(60, titled(), "broad"), rows(60, titled(level="broad")))
    assert certifier.certificates[DETAILED].own.errors == 60
    assert certifier.certificates["retrieval", "broad", "finance"].own.rows == 120


def test_too_few_rows_for_any_claim_leave_nothing_certified() -> None:
    certifier = certified(rows(58, titled()))
    assert states(certifier) == {f"retrieval/{level}/finance": BROKEN for level in SERVED_LEVELS}
    assert certifier.first_claim(titled()) is None
    assert standing_of(certifier, titled()) is None


def test_a_capped_title_is_not_demoted_past_what_its_words_allow() -> None:
    capped = titled(finest="function")
    certifier = certified(rows(60, capped, None))
    assert states(certifier) == {"retrieval/function/finance": BROKEN}


def pool_with_errors(detailed: int, major: int) -> dict[str, str]:
    """A pool of 80 rows of two levels, with errors that the next coarser claim mends."""
    fine, coarse = titled(), titled(function="sales", level="major")
    return states(
        certified(
            rows(40 - detailed, fine),
            rows(detailed, fine, "broad"),
            rows(40 - major, coarse),
            rows(major, coarse, "function"),
        )
    )


def test_of_a_broken_pool_the_worst_level_goes_first() -> None:
    assert pool_with_errors(detailed=3, major=1) == {
        "retrieval/detailed/finance": BROKEN,
        "retrieval/major/sales": BROKEN,
        "retrieval/broad/finance": CERTIFIED,
        "retrieval/function/sales": CERTIFIED,
    }
    assert pool_with_errors(detailed=3, major=0) == {
        "retrieval/detailed/finance": BROKEN,
        "retrieval/broad/finance": CERTIFIED,
        "retrieval/major/sales": CERTIFIED,
    }
    assert pool_with_errors(detailed=0, major=3) == {
        "retrieval/major/sales": BROKEN,
        "retrieval/detailed/finance": CERTIFIED,
        "retrieval/function/sales": CERTIFIED,
    }


def test_of_equally_bad_levels_the_finest_goes_first() -> None:
    certifier = Certifier(CALIBRATION, POLICY)
    fine, coarse = titled(), titled(function="sales", level="major")
    certifier.certify(
        [*rows(38, fine), *rows(2, fine, "broad"), *rows(38, coarse), *rows(2, coarse, "function")]
    )
    order = [stratum[1] for stratum, found in certifier.certificates.items() if found.state == BROKEN]
    assert order[0] == "detailed"


# --- what stands


def test_a_stratum_that_no_row_measured_does_not_stand_beside_those_that_do() -> None:
    certifier = certified(rows(60, titled()))
    assert standing_of(certifier, titled(function="sales")) is None
    assert standing_of(certifier, titled("authority")) is None


def test_a_title_without_a_claim_stands_on_nothing() -> None:
    certifier = certified(rows(60, titled()), rows(10, titled(level=None)))
    assert standing_of(certifier, titled(level=None)) is None
    assert certifier.certificates[DETAILED].own.rows == 60


def test_certificates_that_were_kept_decide_again() -> None:
    kept = certified(rows(50, titled()), rows(10, titled(), "minor")).certificates
    assert (
        standing_of(Certifier(CALIBRATION, POLICY, kept), titled()) == kept["retrieval", "minor", "finance"]
    )


def test_a_certificate_above_the_promise_is_not_stood_on() -> None:
    nothing = Measured.of([], 0.95)
    kept = {DETAILED: Certificate(DETAILED, nothing, nothing, False, BROKEN)}
    assert Certifier(CALIBRATION, POLICY, kept).first_claim(titled()) == "broad"


# --- the law


@st.composite
def parts(draw: st.DrawFn) -> list[Judged]:
    """Rows alike, of any evidence and any truth."""
    is_out = draw(st.booleans()) and draw(st.booleans())
    title = titled(
        draw(st.sampled_from(("authority", "retrieval"))),
        level=draw(st.sampled_from((None, "detailed", "broad", "major", "function"))),
        function=draw(st.sampled_from(("finance", "sales", "it"))),
        in_scope=0.0 if is_out else 0.95,
        scope_reason="military",
        word_reason=draw(st.sampled_from((None, None, None, "not_a_job"))),
        has_match=draw(st.booleans()),
        finest=draw(st.sampled_from(("occupation", "occupation", "broad", "function", None))),
    )
    right_from = draw(st.sampled_from(("detailed", "detailed", "detailed", "minor", "function", None)))
    gold = label(
        right_from,
        function=title.code["function"],
        is_in_scope=draw(st.booleans()) or not is_out,
        weight=draw(st.sampled_from((1.0, 2.0, 8.0))),
    )
    return [(title, gold)] * draw(st.sampled_from((1, 2, 5, 30, 58, 59, 90)))


@settings(max_examples=30, deadline=None)
@given(st.lists(parts(), max_size=8))
def test_what_is_certified_keeps_the_promise_and_nothing_stands_on_what_is_broken(
    groups: list[list[Judged]],
) -> None:
    test = [pair for group in groups for pair in group]
    certifier = certified(test)
    for stratum, found in certifier.certificates.items():
        assert found.state in {CERTIFIED, BROKEN}
        if found.state == CERTIFIED:
            assert found.bounded.bound <= POLICY.most_error
            assert found.own.least <= POLICY.most_error
            landed = [
                (gold.is_right(title, stratum[1]), gold.weight)
                for title, gold in test
                if standing_of(certifier, title) == found
            ]
            assert found.own == Measured.of(landed, POLICY.confidence)
            assert found.is_pooled == (found.own.rows < POLICY.least_rows_alone)
    for title, _ in test:
        standing = standing_of(certifier, title)
        claim = certifier.first_claim(title)
        if standing is None:
            # What a test row claims is measured: a title stands unless every claim was broken.
            assert claim is None
            continue
        assert standing.state == CERTIFIED
        assert claim == standing.stratum[1]
        assert standing.stratum == stratum_of(title, claim)
        assert title.allows(claim)
        finer = CLAIMS[: CLAIMS.index(claim)]
        made = [found for found in finer if CALIBRATION.makes(title, found)]
        assert all(certifier.certificates[stratum_of(title, found)].state == BROKEN for found in made)
    assert certified(test[::-1]).certificates == certifier.certificates
