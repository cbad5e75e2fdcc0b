"""The pages without a browser: forms that are ours, sessions, empty and faulty states."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from aina_assets.service.fixtures.ui_loop import Form, Markup
from aina_assets.service.pages import entry, learn, practise, review, state, titles
from aina_assets_tests.service.conftest import ADDRESS, Caller


def markup(response: httpx2.Response) -> Markup:
    told = Markup()
    told.feed(response.text)
    return told


def form_of(response: httpx2.Response, action: str) -> Form:
    return next(held for held in markup(response).forms if held.action.startswith(action))


def assessed(browser: TestClient, caller: Caller, **said: str) -> httpx2.Response:
    form = form_of(browser.get("/ui/"), "/ui/assess")
    told = {
        **form.values,
        "title": "Senior Accountant",
        "weekly_minutes": "90",
        "learner_id": caller.learner(),
    }
    return browser.post("/ui/assess", data=told | said)


def test_a_learner_goes_the_whole_way_by_forms(caller: Caller) -> None:
    browser = caller.signed_in()
    sent = assessed(browser, caller)
    assert sent.status_code == 303, sent.text
    path = browser.get(sent.headers["location"])
    assert "Accountants and Auditors" in path.text
    practice = next(link for link in markup(path).links if link.startswith("/ui/practice/"))
    form = form_of(browser.get(practice), f"{practice}/submit")
    handed = browser.post(form.action, data={**form.values, "text": "Findings\r\nNothing yet."})
    assert handed.status_code == 303
    result = browser.get(handed.headers["location"])
    assert "Not there yet" in result.text
    record = browser.get("/ui/record", follow_redirects=True)
    assert "Mastery by workflow" in record.text
    assert "not yet" in record.text


def test_a_form_sent_twice_is_done_once(caller: Caller) -> None:
    browser = caller.signed_in()
    form = form_of(browser.get("/ui/"), "/ui/assess")
    learner = caller.learner()
    told = {**form.values, "title": "Paralegal", "weekly_minutes": "60", "learner_id": learner}
    first, second = (browser.post("/ui/assess", data=told) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert caller.get(f"/learners/{learner}/record").json()["events"] == 2


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "mail anna.miller@gmail.com"}, "title"),
        ({"learner_id": "anna"}, "learner_id"),
        ({"horizon_weeks": "0"}, "horizon_weeks"),
        ({"horizon_weeks": "many"}, "horizon_weeks"),
        ({"weekly_minutes": "-5"}, "weekly_minutes"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_what_was_typed_stays(
    caller: Caller, said: dict[str, str], fault: str
) -> None:
    response = assessed(caller.signed_in(), caller, **said)
    assert response.status_code == 422
    assert f'id="fault-{fault}"' in response.text
    if fault != "title":
        assert 'value="Senior Accountant"' in response.text


def test_what_was_typed_into_an_answer_stays_where_it_is_refused(caller: Caller) -> None:
    browser = caller.signed_in()
    plan = browser.get(assessed(browser, caller).headers["location"])
    practice = next(link for link in markup(plan).links if link.startswith("/ui/practice/"))
    form = form_of(browser.get(practice), f"{practice}/submit")
    text = "I wrote to anna.miller@gmail.com"
    refused = browser.post(form.action, data={**form.values, "text": text})
    assert refused.status_code == 422
    assert "personal data" in refused.text
    assert f">{text}</textarea>" in refused.text


# --- sessions and forms


def test_without_the_token_nothing_is_written(caller: Caller) -> None:
    stranger = TestClient(caller.client.app, base_url=ADDRESS, follow_redirects=False)
    page = stranger.get("/ui/")
    form = form_of(page, "/ui/assess")
    assert form.values["form_token"] == ""
    told = {**form.values, "title": "Paralegal", "learner_id": caller.learner()}
    assert stranger.post("/ui/assess", data=told).status_code == 403
    stolen = {**told, "form_token": caller.keyring.form()}
    assert stranger.post("/ui/assess", data=stolen).status_code == 403
    wrong = stranger.post("/ui/enter", data={"token": "wrong"})
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers


def test_a_session_alone_sends_no_form(caller: Caller) -> None:
    browser = caller.signed_in()
    told = {"title": "Paralegal", "learner_id": caller.learner(), "form_token": "guessed"}
    assert browser.post("/ui/assess", data=told).status_code == 403


def test_every_form_that_writes_asks_for_the_session(caller: Caller) -> None:
    stranger = TestClient(caller.client.app, base_url=ADDRESS, follow_redirects=False)
    modules = (entry, learn, practise, review, state, titles)
    routes: list[Any] = [route for module in modules for route in module.router.routes]
    paths = [route.path for route in routes if "POST" in route.methods and route.path != "/enter"]
    assert len(paths) >= 5
    for path in paths:
        address = "/ui" + re.sub(r"{\w+}", "00", path)
        assert stranger.post(address, data={"title": "x"}).status_code == 403, path


def test_the_session_cookie_is_of_these_pages_alone(caller: Caller) -> None:
    browser = TestClient(caller.client.app, base_url=ADDRESS, follow_redirects=False)
    cookie = browser.post("/ui/enter", data={"token": caller.keyring.token}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "Path=/ui" in cookie
    assert caller.keyring.token not in cookie


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example", "/ui/\\elsewhere", "/etc"]
)
def test_signing_in_leads_nowhere_else(caller: Caller, to: str) -> None:
    browser = TestClient(caller.client.app, base_url=ADDRESS, follow_redirects=False)
    response = browser.post("/ui/enter", data={"token": caller.keyring.token, "to": to})
    assert response.headers["location"].startswith("/ui/?")


def test_signing_out_ends_the_session(caller: Caller) -> None:
    browser = caller.signed_in()
    form = form_of(browser.get("/ui/"), "/ui/leave")
    browser.post("/ui/leave", data=form.values)
    assert "Sign in" in browser.get("/ui/").text


# --- the desk


def test_a_reviewer_decides_by_form_and_is_led_on(caller: Caller) -> None:
    browser = caller.signed_in()
    batch = caller.get("/review/batches").json()["items"][0]["title_batch"]
    page = browser.get(f"/ui/review/{batch}")
    form = form_of(page, f"/ui/review/{batch}/decide")
    told = {
        **form.values,
        "choice": "function:",
        "function": "finance",
        "by": "ab",
        "reason": "Words of finance.",
    }
    wrong = browser.post(form.action, data={**told, "reason": "short"})
    assert wrong.status_code == 422
    assert 'id="fault-reason"' in wrong.text
    decided = browser.post(form.action, data=told)
    assert decided.status_code == 303, decided.text
    following = browser.get(decided.headers["location"])
    assert "Your decision stands in the chain" in following.text
    assert form.values["title_id"] not in decided.headers["location"]
    assert "1 decision of a person is newer than the tables" in browser.get("/ui/review").text


# --- states


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/ui/titles?q=zzzz", 200, "No title fits"),
        ("/ui/titles", 200, "Type the beginning of a title"),
        ("/ui/record?learner=abc", 404, "not one of a synthetic learner"),
        ("/ui/plans/none", 404, "no plan of this id"),
        ("/ui/practice/none", 404, "no practice of this id"),
        ("/ui/review/99", 404, "no batch"),
        ("/ui/nothing", 404, "nothing at this address"),
        ("/ui/gates", 200, "Open holds"),
        ("/ui/sources", 200, "Attribution"),
        ("/ui/api", 200, "/openapi.json"),
    ],
)
def test_empty_and_faulty_states_are_pages(caller: Caller, path: str, status: int, says: str) -> None:
    response = caller.get(path)
    assert response.status_code == status
    assert says in response.text
    assert response.headers["content-type"].startswith("text/html")


def test_a_title_without_a_path_says_so_on_a_page(caller: Caller) -> None:
    browser = caller.signed_in()
    page = browser.get(assessed(browser, caller, title="4711").headers["location"])
    assert "There is nothing to plan here" in page.text
