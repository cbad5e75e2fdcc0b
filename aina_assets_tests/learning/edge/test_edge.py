"""The edge: personal signals are refused and recorded without the data; practice's own words are let in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from aina_assets.core.errors import AinaError, NotSyntheticError, PersonalDataError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.edge.guard import Edge
from aina_assets.learning.edge.signals import signals
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.practice.policy import FAMILIES
from aina_assets.learning.records.log import EventLog
from aina_assets.sources.readers.person_names import read_person_names
from aina_assets_tests.learning.samples import EARLIEST, LEARNER

NAMES = read_person_names()
SUITES = PROJECT_ROOT / "aina_assets_tests" / "learning" / "evaluating" / "suites"

PERSONAL = [
    ("e_mail", "write to jane.doe@example.com"),
    ("e_mail", "write to jane.doe (at) example (dot) com"),
    ("e_mail", "write to jane.doe at example dot com"),
    ("e_mail", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ"),
    ("e_mail", "ja\u200bne@exam\u200bple.com"),
    ("profile", "see linkedin.com/in/jane-doe-123"),
    ("phone", "call +44 20 7946 0958"),
    ("phone", "call (212) 555-0147"),
    ("phone", "call 415-555-2671 today"),
    ("phone", "ruf 0049 30 1234567 an"),
    ("phone", "030/1234567 is the number"),
    ("government_id", "SSN 123-45-6789"),
    ("government_id", "NINO AB 12 34 56 C"),
    ("government_id", "passport no. X1234567"),
    ("government_id", "DNI 12345678Z"),
    ("government_id", "born on 12/03/1984"),
    ("account", "card 4111 1111 1111 1111"),
    ("account", "GB82 WEST 1234 5698 7654 32"),
    ("person_name", "Please ask Maria Gonzalez for the list."),
    ("person_name", "my name is john smith and i work here"),
    ("person_name", "Regards, Michael O'Brien"),
    ("person_name", "I gave it to Dr. Anna Kowalski yesterday."),
]
INNOCENT = [
    "INV-7155 differs by 115.75; the ledger says 4,716.70 and the statement 4,600.95 [M1:12, M2:5].",
    "The totals are 32,938.85 and 28,879.75, due on 14 March 2026 or 2026-03-14.",
    "Ask Accounts Payable and the Service Desk to correct it at once.",
    "I automated 12 of 40 steps and saved 1,212 minutes a week at 95.5 percent.",
    "Senior Financial Analyst in Morgan Stanley's back office",
    "Version 3.11.7 of the tool, ticket 20260305, part 123456789.",
    "THE NET DIFFERENCE IS 4,059.10 AND ALL OTHER LINES AGREE.",
    "",
]


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    return EventLog(tmp_path / "events.sqlite")


@pytest.fixture
def edge(log: EventLog) -> Edge:
    return Edge(log.engine, NAMES)


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
def test_a_personal_signal_is_found(kind: str, text: str) -> None:
    assert kind in signals(text, NAMES)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_no_personal_signal_is_let_in(text: str) -> None:
    assert signals(text, NAMES) == {}


def test_practice_and_good_answers_to_it_are_let_in() -> None:
    practice = Practice.read(PROJECT_ROOT / "data" / "policies")
    for family in FAMILIES:
        for theme in practice.policy.themes:
            assert signals(practice.task(family, theme, 4).given_text(), NAMES) == {}
    for line in (SUITES / "paraphrases.jsonl").read_text("utf-8").splitlines():
        assert signals(json.loads(line)["text"], NAMES) == {}


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
def test_a_refusal_is_recorded_without_the_data(edge: Edge, tmp_path: Path, kind: str, text: str) -> None:
    with pytest.raises(PersonalDataError) as refused:
        edge.admit(LEARNER, {"goal": "learn more", "answer": text}, EARLIEST)
    (refusal,) = edge.refusals()
    assert (refusal.gate, refusal.field, refusal.occurred_at) == ("real_user_data", "answer", EARLIEST)
    assert kind in refusal.signals
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("events.sqlite*"))
    told = f"{refused.value} {refusal}"
    telling = [word for word in text.split() if len(word) > 4 and any(not sign.isalpha() for sign in word)]
    for word in telling:
        assert word not in told
        assert word.encode() not in written
    for word in ("Gonzalez", "smith", "Kowalski", "O'Brien"):
        assert word not in told
        assert word.encode() not in written


def test_a_learner_who_is_not_synthetic_is_refused(edge: Edge) -> None:
    with pytest.raises(NotSyntheticError):
        edge.admit("jane.doe@example.com", {"answer": "fine"}, EARLIEST)
    (refusal,) = edge.refusals()
    assert (refusal.field, dict(refusal.signals)) == ("learner_id", {"not_synthetic": 1})


def test_an_innocent_text_is_admitted_and_nothing_recorded(edge: Edge) -> None:
    edge.admit(LEARNER, {f"field_{place}": text for place, text in enumerate(INNOCENT)}, EARLIEST)
    assert edge.refusals() == []


def test_the_gate_alone_decides(log: EventLog) -> None:
    asked: list[str] = []

    class Opened:
        def require(self, scope: str) -> None:
            asked.append(scope)

    edge = Edge(log.engine, NAMES, Opened())
    edge.admit(LEARNER, {"answer": "call +44 20 7946 0958"}, EARLIEST)
    assert asked == ["input of answer"]
    assert edge.refusals() == []


def test_any_error_of_the_gate_is_a_refusal(log: EventLog) -> None:
    class Failing:
        def require(self, scope: str) -> None:
            raise AinaError("the approval has expired", place=scope)

    edge = Edge(log.engine, NAMES, Failing())
    with pytest.raises(PersonalDataError):
        edge.admit(LEARNER, {"answer": "call +44 20 7946 0958"}, EARLIEST)
    assert edge.refusals()[0].reason == "the approval has expired"


def test_a_fields_name_that_was_typed_is_not_recorded(edge: Edge) -> None:
    with pytest.raises(PersonalDataError):
        edge.admit(LEARNER, {"jane.doe@example.com": "call +44 20 7946 0958"}, EARLIEST)
    assert edge.refusals()[0].field == "(unnamed)"


def test_refusals_are_append_only(edge: Edge, log: EventLog) -> None:
    with pytest.raises(PersonalDataError):
        edge.admit(LEARNER, {"answer": "call +44 20 7946 0958"}, EARLIEST)
    with log.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="append-only"):
        connection.execute(sa.text("delete from refused_input"))
