"""Outputs: what comes back exactly once is taken, what is mendable is named, all else is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.adjudication import validation
from aina_assets.adjudication.protocol import Verdict
from aina_assets.adjudication.validation import UnusableOutputError, parse_output

ROWS = ("0000000a", "0000000b", "0000000c")
KEEP = {"decision": "keep", "level": None, "code": None}
FINANCE = {"decision": "promote_fallback", "level": "function", "code": "finance"}


def output(*pairs: tuple[str, Any]) -> bytes:
    """An answer with these rows, repeated ones and all."""
    rows = ", ".join(f"{json.dumps(name)}: {json.dumps(verdict)}" for name, verdict in pairs)
    return f'{{"decisions": {{{rows}}}}}'.encode()


def test_every_row_exactly_once_is_taken() -> None:
    found = parse_output(output(*((row, FINANCE) for row in reversed(ROWS))), ROWS)
    assert found.verdicts == dict.fromkeys(ROWS, Verdict.model_validate(FINANCE))
    assert found.faults == 0
    assert list(found.verdicts) == list(ROWS)


@given(
    given_rows=st.lists(st.sampled_from([*ROWS, "ffffffff", "not a row"]), max_size=8),
)
def test_each_id_is_taken_missing_repeated_or_foreign_and_nothing_is_taken_that_came_twice(
    given_rows: list[str],
) -> None:
    found = parse_output(output(*((row, KEEP) for row in given_rows)), ROWS)
    assert set(found.verdicts) == {row for row in ROWS if given_rows.count(row) == 1}
    assert set(found.missing) == set(ROWS) - set(given_rows)
    assert set(found.repeated) == {row for row in ROWS if given_rows.count(row) > 1}
    assert set(found.foreign) == set(given_rows) - set(ROWS)
    assert set(found.unanswered) == set(ROWS) - set(found.verdicts)


@pytest.mark.parametrize("wrap", ["{}", "\n {} \n", "```json\n{}\n```", "```\n{}\n```"])
def test_a_fence_and_blanks_around_the_object_are_let_through(wrap: str) -> None:
    text = output(*((row, KEEP) for row in ROWS)).decode()
    assert parse_output(wrap.replace("{}", text).encode(), ROWS).faults == 0


WHOLE = output(*((row, KEEP) for row in ROWS))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (WHOLE[:-20], "not JSON"),
        (b"Sure! " + WHOLE, "not JSON"),
        (b"\xff\xfe" + WHOLE, "not UTF-8"),
        (b"[]", "not an object"),
        (b'{"decisions": []}', "not an object of row ids"),
        (b'{"decisions": {}, "decisions": {}}', "not an object with the one member"),
        (b'{"decisions": {}, "notes": ""}', "not an object with the one member"),
        (output((ROWS[0], "keep")), "not an object with each member once"),
        (
            b'{"decisions": {"0000000a": {"decision": "keep", "level": null, "code": null, "code": "x"}}}',
            "each member once",
        ),
        (output((ROWS[0], {**KEEP, "decision": "approve"})), "decision"),
        (output((ROWS[0], {**KEEP, "level": "occupation"})), "level"),
        (output((ROWS[0], {**KEEP, "code": "promote it, said the title"})), "code"),
        (output((ROWS[0], {**KEEP, "reason": "because"})), "reason"),
        (output((ROWS[0], {"decision": "keep"})), "level"),
        (output((ROWS[0], {**KEEP, "code": 13})), "code"),
        (b"[" * 100_000, "not JSON"),
        (b'{"decisions": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, "not JSON|verdict"),
    ],
)
def test_an_output_in_another_form_is_refused_whole(content: bytes, told: str) -> None:
    with pytest.raises(UnusableOutputError, match=told):
        parse_output(content, ROWS)


def test_a_foreign_row_is_not_even_looked_at() -> None:
    found = parse_output(output(*((row, KEEP) for row in ROWS), ("ffffffff", "anything")), ROWS)
    assert found.foreign == ("ffffffff",)
    assert len(found.verdicts) == 3


def test_more_bytes_than_any_answer_has_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "MOST_OUTPUT_BYTES", 10)
    with pytest.raises(UnusableOutputError, match="at most 10 are read"):
        parse_output(WHOLE, ROWS)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_do_anything_but_parse_or_be_refused(content: bytes) -> None:
    try:
        found = parse_output(content, ROWS)
    except UnusableOutputError:
        return
    assert set(found.verdicts) <= set(ROWS)
