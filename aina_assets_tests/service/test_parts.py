"""Parts by themselves: keys, titles found, pages of lists, tags, pieces of an answer, the log, rules."""

from __future__ import annotations

import json
import logging
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.storage import DataRoot
from aina_assets.learning.records.log import EventLog
from aina_assets.service import rules
from aina_assets.service.auth import new_keyring, token_path
from aina_assets.service.errors import KeyReusedError
from aina_assets.service.fixtures.receipts import ApiFixture, BetaUiFixture, Exchange, FormTold, PageTold
from aina_assets.service.idempotency import Keys
from aina_assets.service.logs import JsonLines
from aina_assets.service.pages.charts import pieces
from aina_assets.service.pages.words import coded, percent
from aina_assets.service.pagination import CursorError, cut
from aina_assets.service.shelf import is_known
from aina_assets.service.suggesting import Suggestion, TitleIndex

# --- keys


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(EventLog(tmp_path / "learners.sqlite"))


def test_an_act_that_died_is_done_again_at_its_own_time_and_id(keys: Keys) -> None:
    seen: list[tuple[str, str]] = []

    def dies(at: str, event_id: str) -> tuple[int, bytes]:
        seen.append((at, event_id))
        raise SystemExit

    keys._leave = lambda act, key: None  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        keys.once("act", "key-0000001", b"request", "2026-01-05T09:00:00Z", dies)

    def does(at: str, event_id: str) -> tuple[int, bytes]:
        seen.append((at, event_id))
        return 201, b"done"

    answer = keys.once("act", "key-0000001", b"request", "2026-01-05T10:00:00Z", does)
    assert (answer.body, answer.is_replay) == (b"done", False)
    assert seen[0] == seen[1]
    assert seen[0][0] == "2026-01-05T09:00:00Z"


def test_answers_outlive_the_process(keys: Keys, tmp_path: Path) -> None:
    keys.once("act", "key-0000001", b"request", "2026-01-05T09:00:00Z", lambda at, event_id: (201, b"done"))
    other = Keys(EventLog(tmp_path / "learners.sqlite"))

    def never(at: str, event_id: str) -> tuple[int, bytes]:
        raise AssertionError("done twice")

    assert other.once("act", "key-0000001", b"request", "", never).body == b"done"
    with pytest.raises(KeyReusedError):
        other.once("act", "key-0000001", b"another", "", never)


# --- titles


TITLES = ("accountant", "senior accountant", "account manager", "tax clerk", "clerk of accounts")


def index(titles: tuple[str, ...] = TITLES) -> TitleIndex:
    return TitleIndex(
        Suggestion(title, f"{n:016x}", "serve_now", None, "inventory") for n, title in enumerate(titles)
    )


def found(typed: str) -> list[str]:
    return [told.title for told in index().find(typed)]


def test_what_begins_so_comes_first_and_words_inside_are_found() -> None:
    assert found("accountant") == ["accountant", "senior accountant"]
    assert found("acc")[0] == "accountant"
    assert set(found("acc")) == {"accountant", "senior accountant", "account manager", "clerk of accounts"}
    assert found("  ACCOUNT   man") == ["account manager"]
    assert found("clerk tax") == ["tax clerk"]
    assert found("zebra") == []


@given(
    st.lists(st.text("abc d", min_size=1, max_size=12).map(str.split).map(" ".join).filter(bool)), st.data()
)
def test_every_title_is_found_by_each_of_its_words(titles: list[str], data: st.DataObject) -> None:
    held = index(tuple(titles))
    for title in titles:
        word = data.draw(st.sampled_from(title.split()))
        cut_off = data.draw(st.integers(1, len(word)))
        assert title in [told.title for told in held.find(word[:cut_off])] or len(titles) > 500


# --- lists and tags


@given(st.integers(0, 60), st.integers(1, 25))
def test_pages_together_are_the_list(length: int, limit: int) -> None:
    items = list(range(length))
    seen: list[int] = []
    cursor = None
    for _ in range(70):
        page = cut(items, cursor, limit)
        seen += page.items
        cursor = page.next
        if cursor is None:
            break
    assert seen == items


@given(st.text(max_size=30))
def test_what_is_no_cursor_is_refused_or_a_place(text: str) -> None:
    try:
        page = cut([1, 2, 3], text, 2)
    except CursorError:
        return
    assert all(item in (1, 2, 3) for item in page.items)


def test_tags_are_compared_as_lists_and_weakly() -> None:
    assert is_known('"a", W/"b"', '"b"')
    assert is_known("*", '"b"')
    assert not is_known('"a"', '"b"')
    assert not is_known(None, '"b"')


# --- pages' parts


SPANS = st.dictionaries(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda s: (s[0], s[0] + s[1]))),
)


@given(st.text(max_size=30), SPANS)
def test_pieces_are_the_text_and_each_span_is_marked(text: str, spans: dict[int, Any]) -> None:
    cut_up = pieces(text, spans)
    assert "".join(piece.text for piece in cut_up) == text
    place = 0
    for piece in cut_up:
        for number, held in spans.items():
            inside = any(start <= place and place + len(piece.text) <= end for start, end in held)
            assert (number in piece.criteria) == inside
        place += len(piece.text)


def test_small_shares_are_not_said_to_be_nothing() -> None:
    assert (percent(0.0), percent(0.001), percent(0.5), percent(None)) == (
        "0%",
        "under 1%",
        "50%",
        "not measured",
    )


def test_commands_are_shown_as_such_and_nothing_is_markup() -> None:
    assert coded("`aina <b>`, then <i>") == "<code>aina &lt;b&gt;</code>, then &lt;i&gt;"


# --- token and log


def test_the_token_is_its_owners_alone_and_new_each_time(tmp_path: Path) -> None:
    data = DataRoot(tmp_path)
    first, second = new_keyring(data), new_keyring(data)
    path = token_path(data)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().strip() == second.token != first.token
    assert not second.is_token(first.token)
    assert not second.is_session(first.session)
    assert not second.is_form(first.form())
    assert len({second.token, second.session, second.form()}) == 3


def test_a_fault_in_the_log_tells_where_and_not_what() -> None:
    try:
        raise ValueError("what a learner typed")
    except ValueError:
        record = logging.LogRecord("aina.service", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    record.told = {"event": "failed", "request_id": "r"}
    line = JsonLines().format(record)
    told = json.loads(line)
    assert told["fault"] == "ValueError"
    assert "test_parts.py" in told["trace"][0]
    assert "typed" not in line


# --- rules: each names the row that is wrong


def exchange(**told: Any) -> Exchange:
    values: dict[str, Any] = {
        "step": "assess",
        "method": "POST",
        "path": "/assess",
        "expected_status": 201,
        "status": 201,
        "media_type": "application/json",
        "answers_as": "curriculum_input_v1",
        "is_valid": True,
        "has_safe_headers": True,
        "body_bytes": 2,
        "body_sha256": "0" * 64,
        "same_as": "",
        "body": {},
    }
    return Exchange(**(values | told))


AGAIN = exchange(step="assess again", same_as="assess")


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (rules.loop_finding, exchange(step="wrong", status=500)),
        (rules.loop_finding, exchange(step="wrong", expected_status=401, status=201)),
        (rules.schema_finding, exchange(step="wrong", is_valid=False)),
        (rules.schema_finding, exchange(step="wrong", has_safe_headers=False)),
        (rules.repeat_finding, exchange(step="wrong", same_as="assess", body_sha256="1" * 64)),
    ],
)
def test_a_rule_of_the_loop_names_the_step(rule: Any, wrong: Exchange) -> None:
    good = ApiFixture(exchanges=(exchange(), AGAIN))
    assert rule(good).passed
    bad = rule(ApiFixture(exchanges=(exchange(), AGAIN, wrong)))
    assert not bad.passed
    assert [row["step"] for row in bad.sample] == ["wrong"]


def test_a_loop_that_repeats_nothing_proves_nothing() -> None:
    assert not rules.repeat_finding(ApiFixture(exchanges=(exchange(),))).passed


def page(**told: Any) -> PageTold:
    values: dict[str, Any] = {
        "step": "path",
        "path": "/ui/plans/x",
        "expected_status": 200,
        "status": 200,
        "title": "Your path",
        "heading": "Accountants",
        "landmarks": ("header", "nav", "main", "footer"),
        "forms": (FormTold(method="post", action="/ui/leave", fields=("form_token",), is_guarded=True),),
        "links": 9,
        "charts": 1,
        "foreign": (),
        "inline": 0,
        "unlabelled": (),
        "is_confined": True,
        "has_attribution": True,
    }
    return PageTold(**(values | told))


UNGUARDED = FormTold(method="post", action="/ui/assess", fields=(), is_guarded=False)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (rules.page_finding, {"status": 500}),
        (rules.page_finding, {"heading": ""}),
        (rules.page_finding, {"landmarks": ("main",)}),
        (rules.page_finding, {"unlabelled": ("title",)}),
        (rules.foreign_finding, {"foreign": ("https://elsewhere.invalid/a.js",)}),
        (rules.foreign_finding, {"inline": 1}),
        (rules.foreign_finding, {"forms": (UNGUARDED,)}),
        (rules.foreign_finding, {"is_confined": False}),
        (rules.foreign_finding, {"has_attribution": False}),
    ],
)
def test_a_rule_of_the_pages_names_the_page(rule: Any, told: dict[str, Any]) -> None:
    assert rule(BetaUiFixture(pages=(page(),))).passed
    bad = rule(BetaUiFixture(pages=(page(), page(step="wrong", **told))))
    assert not bad.passed
    assert [row["step"] for row in bad.sample] == ["wrong"]
