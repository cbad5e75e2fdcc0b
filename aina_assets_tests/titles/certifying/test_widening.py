"""Margins are widened in a fixed order: as far as test rows certify, and no further than they may."""

from __future__ import annotations

import numpy as np
import pytest

from aina_assets.titles.certifying.certificate import BROKEN, Certifier
from aina_assets.titles.certifying.claims import BASES, CLAIMS, EXCLUDE
from aina_assets.titles.certifying.curves import (
    AS_IT_STANDS,
    KINDS,
    SERVE,
    Calibration,
    Judged,
    steps_between,
)
from aina_assets.titles.serve_policy import CertificatePolicy
from aina_assets_tests.titles.certifying.samples import assessed, standing_of, truth

POLICY = CertificatePolicy(confidence=0.95, most_error=0.05, least_rows_alone=300)
STEPS = steps_between(0.02, 0.2)
CALIBRATION = Calibration(
    {(basis, claim): AS_IT_STANDS for basis in BASES for claim in CLAIMS},
    dict.fromkeys([(basis, kind) for basis in BASES for kind in KINDS], None),
    most_below_major=0.2,
    steps={("authority", SERVE): STEPS},
)


def rows(count: int, doubt: float, errors: int, first: int = 0) -> list[Judged]:
    """Titles with the same doubt at every level, of which some are wrong at all."""
    return [
        (
            assessed(first + n, probability=1 - doubt),
            truth(wrong=tuple(claim for claim in CLAIMS if claim != EXCLUDE) if n < errors else ()),
        )
        for n in range(count)
    ]


def margin(test: list[Judged]) -> tuple[float | None, Certifier]:
    certifier = Certifier(CALIBRATION, POLICY)
    certifier.certify(test)
    return certifier.calibration.margins["authority", SERVE], certifier


def test_steps_are_the_margins_between_two() -> None:
    assert steps_between(0.02, 0.03) == (0.02, 0.025, 0.03)
    assert steps_between(None, None) == ()


def test_a_margin_is_widened_while_the_bound_holds() -> None:
    sure, less_sure, unsure = rows(200, 0.01, 1), rows(100, 0.05, 3, 1_000), rows(100, 0.12, 30, 2_000)
    found, certifier = margin(sure + less_sure + unsure)
    # The last step before the unsure rows come in, of which every third is wrong.
    assert found == 0.115
    assert standing_of(certifier, sure[0][0]) is not None
    assert standing_of(certifier, less_sure[0][0]) is not None
    assert standing_of(certifier, unsure[0][0]) is None


def test_nothing_is_tried_behind_the_first_step_that_breaks() -> None:
    # At 0.05 the bound breaks; the many good rows at 0.1 would mend it, and are not asked.
    found, _ = margin(rows(100, 0.01, 0) + rows(100, 0.048, 20, 1_000) + rows(5_000, 0.1, 0, 2_000))
    assert found == 0.045


def test_where_the_first_step_breaks_nothing_stands() -> None:
    found, certifier = margin(rows(100, 0.01, 20))
    assert found is None
    assert all(certificate.state == BROKEN for certificate in certifier.certificates.values())


def test_too_few_rows_widen_nothing() -> None:
    assert margin(rows(58, 0.01, 0))[0] is None
    assert margin(rows(59, 0.01, 0))[0] == STEPS[-1]


@pytest.mark.slow
def test_the_error_behind_the_margin_is_within_the_bound_as_often_as_told() -> None:
    random = np.random.default_rng(5)
    # A title with a doubt of d is wrong with the probability d / 2: all within a margin m, with m / 4.
    allowed = 4 * POLICY.most_error
    beyond = 0
    draws = 150
    for _ in range(draws):
        doubts = random.uniform(0, 0.4, 600)
        is_wrong = random.random(600) < doubts / 2
        test = [
            row
            for place, (doubt, wrong) in enumerate(zip(doubts, is_wrong, strict=True))
            for row in rows(1, float(doubt), int(wrong), place)
        ]
        certifier = Certifier(
            Calibration(
                CALIBRATION.curves,
                CALIBRATION.margins,
                most_below_major=1.0,
                steps={("authority", SERVE): (0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.24, 0.26)},
            ),
            POLICY,
        )
        certifier.certify(test)
        chosen = certifier.calibration.margins["authority", SERVE]
        beyond += chosen is not None and chosen > allowed
    # One in 20 may be; three standard errors of 150 draws on top.
    assert beyond / draws <= 0.05 + 3 * (0.05 * 0.95 / draws) ** 0.5
