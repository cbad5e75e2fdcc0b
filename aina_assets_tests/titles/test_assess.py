"""From evidence to probabilities: what exact matches move, what words cap, where every row leads."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.titles import assess
from aina_assets.titles.assess import Evidence
from aina_assets.titles.retrieval.model import OccupationModel, Scores
from aina_assets.titles.retrieval.taxonomy import SOC_LEVELS
from aina_assets.titles.tables import (
    TITLE_EXACT_CANDIDATE,
    TITLE_LEVEL,
    TITLE_RETRIEVED_CANDIDATE,
)
from aina_assets_tests.titles.invented import (
    DIRECT_MATCHES,
    LISTED_TWICE,
    NO_OCCUPATION,
    TRUST,
    assessor,
    authority,
    function_policy,
    model,
    titles_of,
)

LINES = (
    "Kiln Ledger Auditor", "Stall Chiefs", "Counting House Keeper", "Galley Waiter", "Toy Product Manager",
    "Senior Galley Waiter - EMEA", "Wool Road Chronicler", *LISTED_TWICE, "Manager", "Designer", "student",
    "zeppelin mooring strategist", "Private First Class", "Barge Load Purchaser", "quxotl", "مدير", "é",
)  # fmt: skip


def assessed(*lines: str) -> Evidence:
    return assessor().assess(titles_of(*lines))


def level_of(line: str) -> dict[str, Any]:
    (row,) = assessed(line).levels.to_pylist()
    found: dict[str, Any] = row
    return found


def by_title(rows: list[dict[str, Any]]) -> Mapping[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["title_id"], []).append(row)
    return found


def assert_alike(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    """Equal but for the last place that is kept: sums in other company differ in their last bits."""
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, abs=1.5e-4)


# --- the tables


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return assessed(*LINES)


def test_the_tables_keep_their_contracts(evidence: Evidence) -> None:
    for contract, table in (
        (TITLE_EXACT_CANDIDATE, evidence.exact),
        (TITLE_RETRIEVED_CANDIDATE, evidence.retrieved),
        (TITLE_LEVEL, evidence.levels),
    ):
        rows = contract.conform(table).to_pylist()
        keys = [tuple(row[name] for name in contract.key) for row in rows]
        assert len(set(keys)) == len(keys) > 0
        for column in contract.columns:
            if not column.is_nullable:
                assert all(row[column.name] is not None for row in rows), column.name


def test_every_title_has_one_row_of_levels_and_its_candidates_in_order(evidence: Evidence) -> None:
    titles = titles_of(*LINES)
    assert [row["title_id"] for row in evidence.levels.to_pylist()] == [row["title_id"] for row in titles]
    for rows in by_title(evidence.retrieved.to_pylist()).values():
        assert [row["rank"] for row in rows] == list(range(1, assess.CANDIDATES_KEPT + 1))
        scores = [row["score"] for row in rows]
        assert scores == sorted(scores, reverse=True)
        assert all(row["soc_code"] == row["onet_soc_code"][:7] for row in rows)


def test_every_candidate_leads_to_a_row_that_lists_it_under_its_code(evidence: Evidence) -> None:
    listed = {(row["source_table"], row["source_row"]): row for row in authority().to_pylist()}
    for row in (*evidence.exact.to_pylist(), *evidence.retrieved.to_pylist()):
        if row["source_table"] is not None:
            assert listed[row["source_table"], row["source_row"]]["soc_code"] == row["soc_code"]


def test_a_title_is_assessed_alike_alone_in_company_and_in_another_order(evidence: Evidence) -> None:
    shuffled = random.Random(3).sample(LINES, len(LINES))
    for found in (assessed(*shuffled), *(assessed(line) for line in LINES[:6])):
        for ours, whole in ((found.levels, evidence.levels), (found.retrieved, evidence.retrieved)):
            wanted = by_title(whole.to_pylist())
            for title_id, rows in by_title(ours.to_pylist()).items():
                assert_alike(rows, wanted[title_id])


def test_chunks_do_not_show(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assess, "CHUNK", 4)
    found = assessed(*LINES)
    assert_alike(found.levels.to_pylist(), evidence.levels.to_pylist())
    assert_alike(found.retrieved.to_pylist(), evidence.retrieved.to_pylist())
    assert found.exact.equals(evidence.exact)


def test_no_titles_give_empty_tables() -> None:
    found = assessor().assess([])
    assert found.exact.schema == TITLE_EXACT_CANDIDATE.arrow_schema
    assert [found.exact.num_rows, found.retrieved.num_rows, found.levels.num_rows] == [0, 0, 0]
    assert found.levels.schema == TITLE_LEVEL.arrow_schema


# --- probabilities

words = st.sampled_from(
    ("kiln", "senior", "manager", "auditor", "nurse", "quxotl", "of", "student", "harbour")
)


@settings(max_examples=30, deadline=None)
@given(st.lists(words, min_size=1, max_size=5).map(" ".join))
def test_a_coarser_level_is_never_less_probable(line: str) -> None:
    for row in assessed(line).levels.to_pylist():
        shares = [row[f"{level}_probability"] for level in SOC_LEVELS]
        assert all(finer <= coarser + 1e-4 for finer, coarser in pairwise(shares))
        assert max(shares) <= row["in_scope_probability"] + 1e-4
        assert row["function_probability"] <= row["in_scope_probability"] + 1e-4


@pytest.mark.parametrize(
    ("line", "lane"),
    [
        ("Stall Chiefs", "exact_occupation"),
        ("Counting House Keeper", "exact_direct_match"),
        ("Kiln Campaign Promoter", "exact_alternate"),
        ("Wool Road Chronicler", "exact_reported"),
        ("Senior Kiln Campaign Promoter - EMEA", "exact_normalized"),
    ],
)
def test_an_exact_match_moves_its_lanes_trust_to_its_code(line: str, lane: str) -> None:
    row = level_of(line)
    assert (row["lane"], row["basis"], row["exact_codes"]) == (lane, "authority", 1)
    (score,) = model().score([titles_of(line)[0]["core_title"]]).probability
    place = model().taxonomy.place[row["occupation_code"]]
    assert row["detailed_probability"] == pytest.approx(
        TRUST[lane] + (1 - TRUST[lane]) * float(score[place]), abs=0.02
    )


@pytest.fixture
def of_a_model_that_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scored = OccupationModel.score

    def knows_nothing(self: OccupationModel, titles: Sequence[str]) -> Scores:
        scores = scored(self, titles)
        return replace(scores, probability=np.full_like(scores.probability, 1 / scores.probability.shape[1]))

    monkeypatch.setattr(OccupationModel, "score", knows_nothing)


@pytest.mark.usefixtures("of_a_model_that_knows_nothing")
@pytest.mark.parametrize(
    ("line", "lanes"),
    [
        ("Kiln Ledger Auditor", ("exact_direct_match", "exact_alternate", "exact_reported")),
        ("Senior Kiln Ledger Auditor - EMEA", ("exact_normalized",) * 3),
    ],
)
def test_lists_that_have_a_title_count_as_independent(line: str, lanes: tuple[str, ...]) -> None:
    row = level_of(line)
    classes = len(model().taxonomy.classes)
    doubt = math.prod(1 - TRUST[lane] for lane in lanes)
    assert row["lane"] == lanes[0]
    assert row["occupation_probability"] == pytest.approx(1 - doubt + doubt / classes, abs=1e-4)


@pytest.mark.usefixtures("of_a_model_that_knows_nothing")
@pytest.mark.parametrize(
    ("line", "lanes"),
    [
        ("Ferry Toll Tender", ("exact_direct_match", "exact_reported")),
        ("Senior Ferry Toll Tender - EMEA", ("exact_normalized",) * 2),
    ],
)
def test_lists_that_name_a_title_differently_are_trusted_that_one_of_them_is_right(
    line: str, lanes: tuple[str, ...]
) -> None:
    row = level_of(line)
    doubt = math.prod(1 - TRUST[lane] for lane in lanes)
    of_others = doubt / len(model().taxonomy.classes)
    # They are business work, both; which of the two it is, nobody knows.
    assert (row["basis"], row["finest_level"], row["major_code"]) == ("ambiguous", "major", "13-0000")
    assert row["detailed_probability"] == pytest.approx((1 - doubt) / 2 + of_others, abs=1e-4)
    assert row["major_probability"] >= 1 - doubt


@pytest.mark.usefixtures("of_a_model_that_knows_nothing")
@pytest.mark.parametrize(("line", "codes"), LISTED_TWICE.items())
def test_a_title_of_two_codes_stays_two(line: str, codes: tuple[str, ...]) -> None:
    (row,) = assessed(line).levels.to_pylist()
    socs = {code[:7] for code in codes}
    assert row["exact_codes"] == len(socs)
    assert row["basis"] == ("ambiguous" if len(socs) > 1 else "authority")
    # No score hides that the list names two: neither has all that the list is trusted with.
    if row["has_in_scope_match"] and len(socs) > 1:
        assert row["detailed_probability"] == pytest.approx(TRUST["exact_alternate"] / 2, abs=0.01)


# --- caps


@pytest.mark.parametrize(
    ("line", "finest"),
    [
        ("Twin Stall Tender", "broad"),  # 11-2021 and 11-2022
        ("Twin Bedside Tender", "minor"),  # 29-1141 and 29-1221
        ("Twin Counter Tender", "major"),  # 13-1071 and 13-2011
        ("Twin Desk Tender", "function"),  # 15-1252 and 23-1011
        ("Twin Host Tender", "occupation"),  # one SOC code
        ("Writer", "function"),  # the word's cap is minor, what the codes share is coarser
        ("Manager", None),
        ("Designer", "function"),
        ("zeppelin mooring strategist", "occupation"),
    ],
)
def test_words_and_disagreeing_lists_cap_the_level(line: str, finest: str | None) -> None:
    assert level_of(line)["finest_level"] == finest


def test_a_title_listed_under_a_code_that_no_occupation_has_is_served_under_no_other_code() -> None:
    """SOC lists it under a code of which the O*NET release that was read has no occupation."""
    assert DIRECT_MATCHES["Barge Load Purchaser"] == NO_OCCUPATION
    row = level_of("Barge Load Purchaser")
    assert (row["lane"], row["exact_codes"], row["has_in_scope_match"]) == ("exact_direct_match", 1, True)
    assert row["detailed_code"] != NO_OCCUPATION
    assert row["finest_level"] == "function"


@pytest.mark.parametrize("line", ["Manager", "Designer", "Writer"])
def test_generic_titles_are_marked(line: str) -> None:
    assert level_of(line)["is_generic"]
    assert not level_of(f"kiln {line}")["is_generic"]


# --- scope and functions


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Galley Waiter", "frontline_service"),
        ("Copper Pipe Plumber", "physical_trade"),
        ("Night Ward Nurse", "clinical_care"),
    ],
)
def test_work_out_of_scope_is_told_with_its_reason(line: str, reason: str) -> None:
    row = level_of(line)
    assert row["in_scope_probability"] < 0.1
    assert (row["scope_reason"], row["has_in_scope_match"]) == (reason, False)


@pytest.mark.parametrize(
    ("line", "reason"), [("student", "student_or_none"), ("Private First Class", "military")]
)
def test_words_alone_put_a_title_out_of_scope(line: str, reason: str) -> None:
    assert level_of(line)["word_reason"] == reason


def test_a_function_is_the_codes_unless_a_word_says_otherwise() -> None:
    assert level_of("Kiln Campaign Promoter")["function"] == function_policy().of_code("11-2021")
    row = level_of("Toy Product Manager")
    assert (row["detailed_code"], row["function"]) == ("11-2021", "product")
    # The word decides between functions; whether the work is in scope stays the codes' to say.
    assert row["function_probability"] == pytest.approx(row["in_scope_probability"], abs=1e-4)
