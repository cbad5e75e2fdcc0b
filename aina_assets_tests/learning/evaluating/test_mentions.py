"""Mentions and stances: however they are written, and only where they are."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from aina_assets.learning.evaluating.mentions import Mention, Mentions
from aina_assets.learning.evaluating.reading import Reading, comparable
from aina_assets.learning.evaluating.stances import said

LINES = Mentions(["INV-7155", "INV-7232"])
STATEMENTS = Mentions([f"S{number}" for number in range(1, 9)])


def found(text: str, mentions: Mentions = LINES) -> dict[str, list[Mention]]:
    kinds: dict[str, list[Mention]] = {}
    for mention in mentions.find(comparable(text)):
        kinds.setdefault(mention.kind, []).append(mention)
    return kinds


@pytest.mark.parametrize(
    "text", ["INV-7155", "inv 7155", "Inv7155", "#7155", "invoice 7155", "INV–7155", "(INV-7155)"]
)
def test_an_id_is_found_however_it_is_written(text: str) -> None:
    assert [mention.value for mention in found(text)["entity"]] == ["INV-7155"]


@pytest.mark.parametrize("text", ["7,155", "71.7155", "17155", "9999"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert "entity" not in found(text)


@pytest.mark.parametrize(
    ("text", "mentions"),
    [("INV-71550", LINES), ("inv-9999", LINES), ("INV-71x5", LINES), ("S9", STATEMENTS)],
)
def test_an_id_that_the_task_does_not_have_is_another_one(text: str, mentions: Mentions) -> None:
    assert [mention.value for mention in found(text, mentions)["entity"]] == [text.lower()]


@pytest.mark.parametrize("text", ["S3", "s 3", "statement 3", "Statement no. 3", "sentence 3"])
def test_a_statement_is_found_by_its_number(text: str) -> None:
    assert [mention.value for mention in found(text, STATEMENTS)["entity"]] == ["S3"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,240.50", "1240.50"),
        ("EUR 1240.50", "1240.50"),
        ("€1,240.50", "1240.50"),
        ("-12", "12"),
        ("twelve lines", "12"),
        ("407 minutes", "407"),
        ("2.5 hours", "150"),
        ("2 h 15 min", "135"),
    ],
)
def test_a_number_is_read(text: str, number: str) -> None:
    assert [mention.number for mention in found(text)["number"]] == [Decimal(number)]


@pytest.mark.parametrize(
    "text",
    ["14 March 2026", "March 14, 2026", "14 Mar", "2026-03-14", "the 14th of March", "Mar. 14th"],
)
def test_a_day_is_read(text: str) -> None:
    assert [mention.day for mention in found(text)["date"]] == [date(2026, 3, 14)]


def test_a_day_that_is_none_is_none() -> None:
    assert "date" not in found("31 February 2026")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("[M1:4]", {"M1:4"}),
        ("[M1:4, M2:6]", {"M1:4"}),
        ("(M1 row 4)", {"M1:4"}),
        ("M1, line 4", {"M1:4"}),
        ("row 4 of M1", {"M1:4"}),
        ("M1 rows 4 and 7", {"M1:4", "M1:7"}),
        ("M1:4-6", {"M1:4", "M1:5", "M1:6"}),
    ],
)
def test_a_cited_row_is_read(text: str, rows: set[str]) -> None:
    kinds = found(text)
    assert kinds["citation"][0].rows == rows
    assert "number" not in kinds


@pytest.mark.parametrize(
    ("value", "text", "is_it"),
    [
        ("4059.10", "4,059.10", True),
        ("4059.10", "4,059", True),
        ("4059.10", "4,060.10", False),
        ("12.25", "12", False),
        ("407", "6.8 hours", True),
        ("407", "7.8 hours", False),
    ],
)
def test_a_value_may_be_rounded_and_no_more(value: str, text: str, is_it: bool) -> None:
    (mention,) = found(text)["number"]
    assert mention.is_value(Decimal(value)) is is_it


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it differs by 4", {"differs"}),
        ("it does not match", {"differs"}),
        ("they never agree", {"differs"}),
        ("it matches", {"agrees"}),
        ("there is no difference", {"agrees"}),
        ("it is not wrong", {"agrees"}),
        ("not found in the statement", {"differs"}),
        ("it has no counterpart", {"differs"}),
        ("the right figure is 12", {"differs"}),
        ("one is wrong, the other is right", {"differs"}),
        ("ask whether it is right", set()),
        ("hold the draft until it is correct", set()),
        ("should match", set()),
        ("4,716.70", set()),
    ],
)
def test_what_is_said_of_a_line(text: str, expected: set[str]) -> None:
    assert said(text, is_about_steps=False) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("automate it", {"automate"}),
        ("it runs without anyone", {"automate"}),
        ("delegate it under review", {"delegate"}),
        ("a person reviews each result", {"delegate"}),
        ("keep it with people", {"keep"}),
        ("do not automate it", set()),
        ("keep it, do not automate it", {"keep"}),
        ("automate or keep", {"automate", "keep"}),
    ],
)
def test_what_is_said_of_a_step(text: str, expected: set[str]) -> None:
    assert said(text, is_about_steps=True) == expected


def test_every_stretch_leads_back_to_what_was_typed() -> None:
    typed = "Find\u200bings\n- INV–7155 \ufb01ts “not”; INV-7232 costs €12.50.\n"
    reading = Reading(typed)
    for clause in reading.clauses:
        start, end = reading.span(clause.start, clause.start + len(clause.text))
        assert comparable(typed[start:end]).strip() == clause.text.strip()
