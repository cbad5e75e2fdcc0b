"""The one route of a title: each route and each reason, from evidence and certificates made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest

from aina_assets.core.storage import sha256_bytes
from aina_assets.titles.certifying.certificate import BROKEN, CERTIFIED, Certificate, Certifier, Stratum
from aina_assets.titles.certifying.claims import BASES, EXCLUDE, SERVED_LEVELS, Assessed
from aina_assets.titles.certifying.curves import KINDS, Calibration
from aina_assets.titles.certifying.measure import Measured
from aina_assets.titles.routing import (
    ADJUDICATE,
    CLEARLY_IN,
    CLEARLY_OUT,
    EXCLUDED,
    FALLBACK,
    ROUTES,
    SERVE_NOW,
    Router,
    route_table,
)
from aina_assets.titles.serve_policy import CertificatePolicy
from aina_assets.titles.tables import TITLE_ROUTE, Route, RouteReason
from aina_assets_tests.titles.certifying.samples import assessed

POLICY = CertificatePolicy(confidence=0.95, most_error=0.05, least_rows_alone=59)
DIGEST = sha256_bytes(b"policies")
BATCH = "07"
MARGIN = 0.1
SURE, UNSURE = 0.99, 0.5
SOURCE = {"source_table": "onet_job_title", "source_row": 12}
LISTED = {"lane": "exact_occupation", "exact_codes": 1, "has_in_scope_match": True, **SOURCE}
NOT_LISTED = {"lane": "retrieval", "exact_codes": 0, "has_in_scope_match": False, **SOURCE}

Row = Mapping[str, Any]


def certificate(stratum: Stratum, state: str = CERTIFIED, bound: float = 0.031) -> Certificate:
    measured = Measured(200, 2, 200.0, 0.01, bound, 0.001)
    return Certificate(stratum, measured, measured, False, state)


def route(
    title: Assessed, level: Row = NOT_LISTED, *certificates: Certificate, margin: float | None = MARGIN
) -> dict[str, Any]:
    """The row of a title whose scores are worth what they say."""
    calibration = Calibration({}, {(basis, kind): margin for basis in BASES for kind in KINDS})
    certifier = Certifier(calibration, POLICY, {found.stratum: found for found in certificates})
    told = {"title_batch": BATCH, "normalized_title": "kiln accountant"}
    return Router(certifier, DIGEST).route(told, level, title)


def out_of_scope(word_reason: str | None = None) -> Assessed:
    return assessed(basis="retrieval", probability=0.01, in_scope=0.01, word_reason=word_reason)


@dataclass(frozen=True)
class Case:
    """A title, and what becomes of it."""

    reason: str
    route: str
    title: Assessed
    level: Row = field(default_factory=lambda: NOT_LISTED)
    certificates: Sequence[Certificate] = ()


DETAILED = certificate(("authority", "detailed", "finance"))
ELSEWHERE = certificate(("authority", "detailed", "legal"))
CASES = [
    Case("certified_match", SERVE_NOW, assessed(), LISTED, [DETAILED]),
    Case(
        "certified_match",
        FALLBACK,
        assessed(),
        LISTED,
        [
            certificate(DETAILED.stratum, BROKEN),
            certificate(("authority", "broad", "finance")),
        ],
    ),
    Case(
        "certified_retrieval",
        SERVE_NOW,
        assessed(basis="retrieval"),
        NOT_LISTED,
        [certificate(("retrieval", "detailed", "finance"))],
    ),
    Case("authoritative_match", SERVE_NOW, assessed(probability=UNSURE), LISTED),
    Case(
        "certified_out_of_scope",
        EXCLUDED,
        out_of_scope(),
        NOT_LISTED,
        [certificate(("retrieval", EXCLUDE, "physical_trade"))],
    ),
    Case(
        "words_out_of_scope",
        EXCLUDED,
        out_of_scope("military"),
        NOT_LISTED,
        [certificate(("words", EXCLUDE, "military"))],
    ),
    Case("generic_title", ADJUDICATE, assessed(finest=None), LISTED),
    Case("uncertified_stratum", ADJUDICATE, assessed(), LISTED, [ELSEWHERE]),
    Case(
        "uncertified_stratum",
        ADJUDICATE,
        assessed(finest="function"),
        NOT_LISTED,
        [certificate(("authority", "function", "finance"), BROKEN)],
    ),
    Case("unproved_out_of_scope", ADJUDICATE, assessed(probability=0.1, in_scope=CLEARLY_OUT)),
    Case("scope_unclear", ADJUDICATE, assessed(probability=0.4, in_scope=CLEARLY_IN - 0.01)),
    Case("uncertain_occupation", ADJUDICATE, assessed(probability=UNSURE, in_scope=CLEARLY_IN)),
    Case("ambiguous_evidence", ADJUDICATE, assessed(basis="ambiguous", probability=UNSURE)),
]
UNCLAIMED = ("stratum", "served_level", "served_code", "onet_soc_code", "probability", "error_bound")


# --- every route, every reason


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.route}-{case.reason}")
def test_a_title_has_this_route_for_this_reason(case: Case) -> None:
    found = route(case.title, case.level, *case.certificates)
    assert (found["route"], found["reason"]) == (case.route, case.reason)


def test_every_route_and_every_reason_of_the_closed_lists_is_reached() -> None:
    assert {case.reason for case in CASES} == set(get_args(RouteReason))
    assert {case.route for case in CASES} == set(ROUTES) == set(get_args(Route))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.route}-{case.reason}")
def test_a_route_keeps_its_tables_contract(case: Case) -> None:
    found = route(case.title, case.level, *case.certificates)
    (row,) = TITLE_ROUTE.conform(route_table([found]), BATCH).to_pylist()
    assert row == {**dict.fromkeys(TITLE_ROUTE.arrow_schema.names), **found}
    assert (row["policy_sha256"], row["basis"], row["lane"]) == (
        DIGEST,
        case.title.basis,
        case.level["lane"],
    )
    assert (row["source_table"], row["source_row"]) == ("onet_job_title", 12)


@pytest.mark.parametrize("case", [case for case in CASES if case.route == ADJUDICATE], ids=lambda c: c.reason)
def test_where_nothing_is_claimed_nothing_is_said_of_an_error(case: Case) -> None:
    found = route(case.title, case.level, *case.certificates)
    assert {found.get(name) for name in (*UNCLAIMED, "scope_reason")} == {None}


# --- service


def broken_above(level: str) -> list[Certificate]:
    """Certificates that leave a plain title this level: those of all finer ones are broken."""
    finer = SERVED_LEVELS[: SERVED_LEVELS.index(level)]
    return [
        *(certificate(("authority", name, "finance"), BROKEN, 0.2) for name in finer),
        certificate(("authority", level, "finance"), CERTIFIED, 0.042),
    ]


@pytest.mark.parametrize("level", SERVED_LEVELS)
def test_only_a_detailed_occupation_is_served_now(level: str) -> None:
    found = route(assessed(), LISTED, *broken_above(level))
    assert found["route"] == (SERVE_NOW if level == "detailed" else FALLBACK)


@pytest.mark.parametrize("level", SERVED_LEVELS)
def test_what_is_served_carries_its_level_its_code_its_bound_and_where_that_stands(level: str) -> None:
    title = assessed()
    found = route(title, LISTED, *broken_above(level))
    assert (found["served_level"], found["served_code"]) == (level, title.code[level])
    assert (found["stratum"], found["error_bound"]) == (f"authority/{level}/finance", 0.042)
    assert found["probability"] == SURE
    assert found["onet_soc_code"] == ("13-2011.00" if level == "detailed" else None)


@pytest.mark.parametrize("finest", ["detailed", "minor", "function"])
def test_words_cap_what_is_served_whatever_is_certified(finest: str) -> None:
    everything = [certificate(("authority", level, "finance")) for level in SERVED_LEVELS]
    assert route(assessed(finest=finest), LISTED, *everything)["served_level"] == finest


def test_an_occupation_of_another_detailed_code_is_not_named() -> None:
    title = assessed()
    other = Assessed(
        **{name: getattr(title, name) for name in Assessed.__slots__ if name != "code"},
        code={**title.code, "occupation": "15-1252.00"},
    )
    assert route(other, LISTED, DETAILED)["onet_soc_code"] is None


def test_a_stratum_that_no_gold_row_measured_is_not_served_at_a_coarser_level_either() -> None:
    major = certificate(("authority", "major", "finance"))
    assert route(assessed(), LISTED, major)["reason"] == "uncertified_stratum"


@pytest.mark.parametrize("certificates", [[], [DETAILED]])
def test_a_sure_score_alone_serves_nothing(certificates: list[Certificate]) -> None:
    found = route(assessed(basis="retrieval", probability=1.0), NOT_LISTED, *certificates)
    assert (found["route"], found["reason"]) == (ADJUDICATE, "uncertified_stratum")


def test_without_a_margin_no_certificate_serves() -> None:
    assert route(assessed(), LISTED, DETAILED, margin=None)["route"] == ADJUDICATE


# --- the publisher's word


@pytest.mark.parametrize("lane", ["exact_occupation", "exact_direct_match"])
def test_where_nothing_was_measured_a_publishers_own_name_is_served(lane: str) -> None:
    found = route(assessed(), {**LISTED, "lane": lane})
    assert (found["route"], found["reason"]) == (SERVE_NOW, "authoritative_match")
    assert (found["served_level"], found["served_code"]) == ("detailed", "13-2011")
    assert found["onet_soc_code"] == "13-2011.00"
    assert (found.get("error_bound"), found.get("stratum")) == (None, None)


@pytest.mark.parametrize("state", [CERTIFIED, BROKEN])
def test_where_anything_was_measured_the_publishers_word_is_not_enough(state: str) -> None:
    anything = certificate(("retrieval", "major", "legal"), state)
    assert route(assessed(), LISTED, anything)["route"] == ADJUDICATE


@pytest.mark.parametrize(
    ("level", "finest"),
    [
        ({"lane": "exact_alternate"}, "occupation"),
        ({"lane": "exact_reported"}, "occupation"),
        ({"lane": "exact_normalized"}, "occupation"),
        ({"exact_codes": 2}, "occupation"),
        ({"has_in_scope_match": False}, "occupation"),
        ({}, "detailed"),
        ({}, "function"),
        ({}, None),
    ],
)
def test_no_other_match_is_served_unmeasured(level: Row, finest: str | None) -> None:
    assert route(assessed(finest=finest), {**LISTED, **level})["route"] == ADJUDICATE


# --- exclusion


@pytest.mark.parametrize(
    ("word_reason", "stratum", "scope_reason"),
    [
        (None, "retrieval/exclude/physical_trade", "physical_trade"),
        ("student_or_none", "words/exclude/student_or_none", "student_or_none"),
    ],
)
def test_an_exclusion_carries_its_reason_and_its_bound_and_no_function(
    word_reason: str | None, stratum: str, scope_reason: str
) -> None:
    basis, claim, group = stratum.split("/")
    found = route(out_of_scope(word_reason), NOT_LISTED, certificate((basis, claim, group)))
    assert (found["stratum"], found["scope_reason"], found["error_bound"]) == (stratum, scope_reason, 0.031)
    assert found["function"] is None
    assert (found.get("served_level"), found.get("served_code")) == (None, None)


def test_words_exclude_nothing_before_they_were_measured() -> None:
    assert route(out_of_scope("military"))["route"] == ADJUDICATE


def test_nothing_excludes_what_is_listed_under_work_in_scope() -> None:
    every = [certificate((basis, EXCLUDE, "military")) for basis in BASES]
    title = assessed(in_scope=0.01, word_reason="military", has_match=True)
    assert route(title, LISTED, *every)["route"] == ADJUDICATE


@pytest.mark.parametrize(("in_scope", "function"), [(CLEARLY_OUT, "finance"), (CLEARLY_OUT - 0.01, None)])
def test_work_that_is_clearly_out_of_scope_has_no_function(in_scope: float, function: str | None) -> None:
    assert route(assessed(probability=0.01, in_scope=in_scope))["function"] == function
