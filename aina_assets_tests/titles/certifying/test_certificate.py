"""Strata: alone, pooled, demoted."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.titles.certifying.certificate import BROKEN, CERTIFIED, Certifier, stratum_of
from aina_assets.titles.certifying.claims import CLAIMS
from aina_assets.titles.certifying.curves import AS_IT_STANDS, KINDS, Calibration, Judged
from aina_assets.titles.serve_policy import CertificatePolicy
from aina_assets_tests.titles.certifying.samples import assessed, standing_of, truth

POLICY = CertificatePolicy(confidence=0.95, most_error=0.05, least_rows_alone=59)
BASES = ("authority", "ambiguous", "retrieval")
CALIBRATION = Calibration(
    {(basis, claim): AS_IT_STANDS for basis in BASES for claim in CLAIMS},
    dict.fromkeys(product(BASES, KINDS), 0.1),
)


def certified(rows: list[Judged]) -> Certifier:
    certifier = Certifier(CALIBRATION, POLICY)
    certifier.certify(rows)
    return certifier


def rows(
    count: int,
    errors: int = 0,
    *,
    wrong: tuple[str, ...] = ("detailed",),
    function: str = "finance",
    first: int = 0,
) -> list[Judged]:
    return [
        (assessed(first + n, function=function), truth(wrong=wrong if n < errors else ()))
        for n in range(count)
    ]


def state(certifier: Certifier, claim: str, function: str = "finance") -> str:
    return certifier.certificates["authority", claim, function].state


def test_a_stratum_with_enough_rows_stands_alone() -> None:
    found = certified(rows(59))
    certificate = found.certificates["authority", "detailed", "finance"]
    assert (certificate.state, certificate.is_pooled, certificate.own.rows) == (CERTIFIED, False, 59)
    assert certificate.bounded.bound < 0.05


def test_without_rows_nothing_stands() -> None:
    found = certified([])
    assert found.certificates == {}
    assert standing_of(found, assessed()) is None


def test_one_row_too_few_is_not_enough() -> None:
    found = certified(rows(58))
    assert state(found, "detailed") == BROKEN
    assert standing_of(found, assessed()) is None


def test_small_strata_stand_together() -> None:
    found = certified(rows(40) + rows(40, function="legal", first=100))
    both = [found.certificates["authority", "detailed", name] for name in ("finance", "legal")]
    assert [(c.state, c.is_pooled, c.own.rows, c.bounded.rows) for c in both] == [
        (CERTIFIED, True, 40, 80)
    ] * 2


def test_what_breaks_falls_to_the_next_coarser_claim_and_counts_there() -> None:
    found = certified(rows(100, errors=20, wrong=("detailed", "broad")))
    assert [state(found, claim) for claim in ("detailed", "broad", "minor")] == [BROKEN, BROKEN, CERTIFIED]
    assert found.certificates["authority", "minor", "finance"].own.rows == 100
    standing = standing_of(found, assessed())
    assert standing is not None
    assert standing.stratum == ("authority", "minor", "finance")


def test_of_a_broken_pool_the_worst_level_goes_first() -> None:
    coarse = {"minor": 0.99, "major": 0.99, "function": 0.99}
    good = [(assessed(n, probability=coarse, function="legal"), truth()) for n in range(50)]
    bad = rows(50, errors=6, first=100)
    found = certified(good + bad)
    assert state(found, "detailed") == BROKEN
    assert state(found, "minor", "legal") == CERTIFIED


def test_a_pool_hides_no_member_that_breaks_by_itself() -> None:
    found = certified(
        rows(500 // 10, function="legal") + rows(55, first=100) + rows(20, 8, first=200, function="hr")
    )
    assert state(found, "detailed", "hr") == BROKEN
    assert state(found, "detailed", "legal") == CERTIFIED


judged = st.lists(
    st.tuples(
        st.sampled_from(("authority", "retrieval")),
        st.sampled_from(("finance", "legal", "hr")),
        st.sampled_from((0.5, 0.95, 0.999)),
        st.booleans(),
        st.sampled_from(((), ("detailed",), ("detailed", "broad", "minor"))),
        st.floats(1, 12),
    ),
    max_size=250,
)


@settings(max_examples=40, deadline=None)
@given(judged)
def test_whatever_stands_is_within_its_bound(
    found: list[tuple[str, str, float, bool, tuple[str, ...], float]],
) -> None:
    titles = [
        (
            assessed(number, basis=basis, function=function, probability=probability, in_scope=probability),
            truth(is_in_scope=is_in, wrong=wrong, weight=weight),
        )
        for number, (basis, function, probability, is_in, wrong, weight) in enumerate(found)
    ]
    certifier = certified(titles)
    for certificate in certifier.certificates.values():
        if certificate.state == CERTIFIED:
            assert certificate.bounded.bound <= POLICY.most_error
            assert certificate.own.rows
    for title, _ in titles:
        standing = standing_of(certifier, title)
        assert standing is None or standing.state == CERTIFIED
        if standing is not None:
            assert standing.stratum == stratum_of(title, standing.stratum[1])
