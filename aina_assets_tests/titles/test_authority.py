"""Listed titles: every form in which they are written, and looking a title up among them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from aina_assets.titles.authority import EXACT_LANES, TITLE_COLUMNS, AuthorityIndex, Match, authority_rows
from aina_assets.titles.tables import AUTHORITY_TITLE
from aina_assets_tests.titles.invented import LISTED_TWICE, authority, normalizer, source_tables


@pytest.fixture(scope="module")
def index() -> AuthorityIndex:
    return AuthorityIndex(authority())


def asked(index: AuthorityIndex, text: str) -> list[Match]:
    found = normalizer()(text)
    return index.matches(text, found.normalized, found.core)


def rows_of(text: str) -> list[dict[str, Any]]:
    return [row for row in authority().to_pylist() if row["title"] == text]


def one_alternate(text: str, short: str | None = None) -> list[dict[str, Any]]:
    """The forms of one alternate title that alone is listed."""
    tables = {name: table.slice(0, 0) for name, table in source_tables().items()}
    row = {"source_row": 7, "job_title": text, "short_title": short, "onet_soc_code": "11-2021.00"}
    tables["onet_job_title"] = pa.Table.from_pylist([row], source_tables()["onet_job_title"].schema)
    rows: list[dict[str, Any]] = authority_rows(tables, normalizer()).to_pylist()
    return rows


# --- forms


def test_the_table_keeps_its_contract() -> None:
    found = AUTHORITY_TITLE.conform(authority())
    assert found.num_rows > 100
    keys = [tuple(row[name] for name in AUTHORITY_TITLE.key) for row in found.to_pylist()]
    assert len(set(keys)) == len(keys)
    assert set(found["source_table"].to_pylist()) == set(TITLE_COLUMNS)


def test_every_listed_title_is_there_with_its_row_and_code() -> None:
    for name, columns in TITLE_COLUMNS.items():
        for row in source_tables()[name].to_pylist():
            (found,) = [
                form
                for form in authority().to_pylist()
                if (form["source_table"], form["source_row"], form["form"])
                == (name, row["source_row"], "published")
            ]
            assert found["title"] == row[columns[0]]
            assert found["soc_code"] == (row.get("onet_soc_code") or row["soc_code"])[:7]
            assert found["onet_soc_code"] == row.get("onet_soc_code")


@pytest.mark.parametrize(
    ("text", "short", "forms"),
    [
        ("Kiln Planner", None, {"published": "Kiln Planner"}),
        ("Kiln Planner", "KP", {"published": "Kiln Planner", "short": "KP"}),
        (
            "CEO (Chief Executive Officer)",
            None,
            {
                "published": "CEO (Chief Executive Officer)",
                "outside": "CEO",
                "inside": "Chief Executive Officer",
            },
        ),
        (
            "Quay (Harbour) Planner",
            None,
            {
                "published": "Quay (Harbour) Planner",
                "outside": "Quay Planner",
                "inside": "Harbour",
            },
        ),
        # Two pairs of brackets, or one inside another: nothing tells what belongs to what.
        ("Planner (Kiln) (Quay)", None, {"published": "Planner (Kiln) (Quay)"}),
        ("Planner (Kiln (Quay))", None, {"published": "Planner (Kiln (Quay))"}),
        ("(Harbour)", None, {"published": "(Harbour)", "inside": "Harbour"}),
    ],
)
def test_a_title_is_there_in_each_form_in_which_it_is_written(
    text: str, short: str | None, forms: dict[str, str]
) -> None:
    found = {row["form"]: row["title"] for row in one_alternate(text, short)}
    # Of a form of which the normalizer leaves nothing there is nothing to look up.
    assert found == {form: title for form, title in forms.items() if normalizer()(title).core}


@pytest.mark.parametrize("text", ["", "  ", "***", "()"])
def test_what_is_no_title_is_not_listed(text: str) -> None:
    assert one_alternate(text) == []


# --- looking up


@pytest.mark.parametrize(
    ("text", "lane", "codes"),
    [
        ("Stall Chiefs", "exact_occupation", {"11-2022"}),
        ("counting-house KEEPER", "exact_direct_match", {"13-2011"}),
        ("Galley Waiter", "exact_alternate", {"35-3031"}),
        ("VCOS", "exact_alternate", {"11-2022"}),
        ("wool road chronicler", "exact_reported", {"27-3043"}),
        ("Senior Galley Waiter - EMEA", "exact_normalized", {"35-3031"}),
        ("Galley Waiter II", "exact_normalized", {"35-3031"}),
    ],
)
def test_a_title_is_found_by_the_first_comparison_that_finds_any(
    index: AuthorityIndex, text: str, lane: str, codes: set[str]
) -> None:
    found = asked(index, text)
    assert {match.lane for match in found} == {lane}
    assert {match.soc_code for match in found} == codes


def test_a_match_leads_to_the_row_that_lists_it(index: AuthorityIndex) -> None:
    (found,) = asked(index, "Wool Road Chronicler")
    (row,) = rows_of("Wool Road Chronicler")
    assert (found.source_table, found.source_row, found.form) == (
        row["source_table"],
        row["source_row"],
        "published",
    )
    assert found.onet_soc_code == "27-3043.00"


@pytest.mark.parametrize("title", LISTED_TWICE)
def test_a_title_that_is_listed_twice_has_both_codes(index: AuthorityIndex, title: str) -> None:
    assert {match.onet_soc_code for match in asked(index, title)} == set(LISTED_TWICE[title])


def test_lists_that_agree_are_all_told(index: AuthorityIndex) -> None:
    found = asked(index, "Kiln Ledger Auditor")
    assert {match.lane for match in found} == {"exact_direct_match", "exact_alternate", "exact_reported"}
    assert {match.soc_code for match in found} == {"13-2011"}


def test_what_stands_word_for_word_is_not_made_ambiguous_by_what_resembles_it() -> None:
    """`Twin Kiln Planner` is listed; `Senior Twin Kiln Planner`, of the same core, under another code."""
    tables = {name: table.slice(0, 0) for name, table in source_tables().items()}
    listed = {"Twin Kiln Planner": "11-2021.00", "Senior Twin Kiln Planner": "15-1252.00"}
    rows = [
        {"source_row": row, "job_title": title, "short_title": None, "onet_soc_code": code}
        for row, (title, code) in enumerate(listed.items(), start=2)
    ]
    tables["onet_job_title"] = pa.Table.from_pylist(rows, source_tables()["onet_job_title"].schema)
    index = AuthorityIndex(authority_rows(tables, normalizer()))
    assert {match.soc_code for match in asked(index, "Twin Kiln Planner")} == {"11-2021"}
    assert {match.soc_code for match in asked(index, "Sr. Twin Kiln Planner")} == {"15-1252"}
    # Of a rank that no list has, the core's codes are all that is known.
    assert {match.soc_code for match in asked(index, "Junior Twin Kiln Planner")} == {"11-2021", "15-1252"}


@pytest.mark.parametrize("text", ["zeppelin mooring strategist", "Galley", "Waiters Galley"])
def test_what_is_not_listed_has_no_match(index: AuthorityIndex, text: str) -> None:
    assert asked(index, text) == []


def test_lanes_go_from_the_strongest_evidence_to_the_weakest() -> None:
    assert EXACT_LANES == (
        "exact_occupation",
        "exact_direct_match",
        "exact_alternate",
        "exact_reported",
        "exact_normalized",
    )


def test_an_empty_list_matches_nothing() -> None:
    assert asked(AuthorityIndex(AUTHORITY_TITLE.empty()), "Galley Waiter") == []
