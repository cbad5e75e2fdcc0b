"""Bad input: each fault has its problem document, nothing is stored of it, and the service goes on."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aina_assets.service.middleware import HEADERS, MOST_BODY_BYTES
from aina_assets.service.problem import MEDIA_TYPE, Problem
from aina_assets_tests.service.conftest import Caller, new_key

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
ADDRESS = "anna.miller@gmail.com"


def problem(response: httpx2.Response, status: int, name: str) -> Problem:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    assert {header: response.headers[header] for header in HEADERS} == dict(HEADERS)
    told = Problem.model_validate_json(response.content)
    assert told.type.rpartition("/")[2] == name
    assert told.status == status
    assert told.request_id == response.headers["x-request-id"]
    return told


def database(caller: Caller) -> Path:
    return caller.rooms.engine.data.learning / "learners.sqlite"


def stored_bytes(caller: Caller) -> bytes:
    """All that the database holds, its write-ahead log included."""
    folder = database(caller).parent
    return b"".join(path.read_bytes() for path in sorted(folder.glob("learners.sqlite*")))


def raw(caller: Caller, content: bytes, **headers: str) -> httpx2.Response:
    told = {
        "Authorization": f"Bearer {caller.keyring.token}",
        "Idempotency-Key": new_key(),
        "Content-Type": "application/json",
    }
    return caller.client.post("/assess", content=content, headers=told | headers)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{bad}", b"\xff\xfe", b'{"title": "x"', b"[" * 5_000, b"nul"]
)
def test_malformed_json(caller: Caller, content: bytes) -> None:
    response = raw(caller, content)
    assert response.status_code in (400, 422)
    problem(
        response, response.status_code, "malformed-body" if response.status_code == 400 else "invalid-fields"
    )


@pytest.mark.parametrize("content", [b'"text"', b"[]", b"17", b"null"])
def test_json_that_is_no_object(caller: Caller, content: bytes) -> None:
    problem(raw(caller, content), 422, "invalid-fields")


def test_a_huge_body(caller: Caller) -> None:
    problem(raw(caller, b"x" * (MOST_BODY_BYTES + 1)), 413, "too-large")


def test_a_huge_body_that_does_not_tell_its_length(caller: Caller) -> None:
    def parts() -> Any:
        for _ in range(MOST_BODY_BYTES // 65_536 + 1):
            yield b" " * 65_536

    headers = {
        "Authorization": f"Bearer {caller.keyring.token}",
        "Idempotency-Key": new_key(),
        "Content-Type": "application/json",
    }
    problem(caller.client.post("/assess", content=parts(), headers=headers), 413, "too-large")


def test_a_body_of_another_type(caller: Caller) -> None:
    problem(
        raw(caller, b"title=x", **{"Content-Type": "application/x-www-form-urlencoded"}), 415, "media-type"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 7),
        ("title", None),
        ("title", ""),
        ("title", "x" * 201),
        ("title", "half \ud800 a character"),
        ("title", "a \x00 sign"),
        ("weekly_minutes", "many"),
        ("weekly_minutes", -1),
        ("weekly_minutes", 1e400),
        ("horizon_weeks", 0),
        ("readiness", {"a workflow": 9}),
        ("goals", [{"stage": "fly"}]),
        ("nonsense", 1),
        ("evidence", [{}]),
        ("tools", ["x"] * 41),
    ],
)
def test_wrong_types_and_bounds(caller: Caller, field: str, value: Any) -> None:
    import json

    body = {"learner_id": caller.learner(), "title": "Paralegal", field: value}
    told = problem(raw(caller, json.dumps(body).encode()), 422, "invalid-fields")
    assert field in (told.place or "")
    if isinstance(value, str) and len(value) > 3:
        assert value not in told.model_dump_json()


def test_a_key_of_a_map_is_not_repeated(caller: Caller) -> None:
    body = {"learner_id": caller.learner(), "title": "x", "readiness": {ADDRESS: 9}}
    assert ADDRESS not in caller.post("/assess", body).text


@pytest.mark.parametrize(
    "path",
    [
        "/practice/plan-000000000000000000000000.1",
        "/practice/nothing",
        "/titles/0000000000000000",
        "/packets/onet:99-9999.00",
        "/packets/function:nothing",
        "/packets/0000000000000000",
        "/receipts/no_such_receipt_v1",
        "/review/batches/99",
        "/learners/syn-77-999999999-4d8e1b3c5a70/record",
        "/nothing",
    ],
)
def test_unknown_ids(caller: Caller, path: str) -> None:
    response = caller.get(path)
    assert response.status_code in (404, 422), response.text
    problem(response, response.status_code, response.json()["type"].rpartition("/")[2])


def test_unknown_ids_of_writes(caller: Caller) -> None:
    problem(caller.post("/curriculum", {"assessment_id": "assessment-none"}), 404, "not-found")
    learner, plan = caller.planned()
    other = {"learner_id": caller.learner(), "text": "Mine."}
    problem(caller.post(f"/practice/{plan['plan_id']}.1/submit", other), 404, "not-found")
    problem(
        caller.post(f"/practice/{plan['plan_id']}.999/submit", other | {"learner_id": learner}),
        404,
        "not-found",
    )


@pytest.mark.parametrize(
    "path",
    [
        "/receipts/../build",
        "/receipts/..%2fbuild",
        "/receipts/%2e%2e%2fbuild",
        "/receipts/build.json",
        "/receipts/..%5cbuild",
        "/receipts/%00",
        "/packets/..%2f..%2fetc%2fpasswd",
        "/ui/static/../../auth.py",
        "/ui/static/..%2f..%2fauth.py",
        "/ui/static/%2e%2e/%2e%2e/auth.py",
        "/ui/static//etc/passwd",
    ],
)
def test_path_tricks(caller: Caller, path: str) -> None:
    response = caller.get(path)
    assert response.status_code in (404, 422), response.text
    assert b"root:" not in response.content
    assert b"def " not in response.content


@pytest.mark.parametrize("cursor", ["x", "YXQ6LTE", "../..", "YXQ6OTk5OTk5OTk5OTk5OQ"])
def test_cursors_that_no_page_gave(caller: Caller, cursor: str) -> None:
    response = caller.get("/titles", params={"q": "acc", "cursor": cursor})
    assert response.status_code == 422


def test_a_real_address_is_refused_and_not_stored(caller: Caller) -> None:
    learner, plan = caller.planned()
    told = problem(
        caller.post("/assess", {"learner_id": learner, "title": f"write to {ADDRESS}"}),
        422,
        "personal-data-refused",
    )
    assert ADDRESS not in told.model_dump_json()
    handed = {"learner_id": learner, "text": f"I asked {ADDRESS} to settle it."}
    problem(caller.post(f"/practice/{plan['plan_id']}.1/submit", handed), 422, "personal-data-refused")
    problem(caller.post("/assess", {"learner_id": ADDRESS, "title": "x"}), 422, "invalid-fields")
    with sqlite3.connect(database(caller)) as connection:
        refused = connection.execute("select count(*) from refused_input").fetchone()[0]
        attempts = connection.execute("select count(*) from learner_event where kind = 'started'").fetchone()[
            0
        ]
    assert refused >= 2
    assert attempts == 0
    assert ADDRESS.encode() not in stored_bytes(caller)


def test_no_token_wrong_token_and_a_token_in_the_wrong_place(caller: Caller) -> None:
    body = {"learner_id": caller.learner(), "title": "Paralegal"}
    token = caller.keyring.token
    for headers, query in (
        ({}, ""),
        ({"Authorization": "Bearer wrong"}, ""),
        ({"Authorization": f"Basic {token}"}, ""),
        ({}, f"?token={token}"),
        ({"Cookie": f"aina_session={caller.keyring.session}"}, ""),
    ):
        response = caller.client.post(
            f"/assess{query}", json=body, headers={"Idempotency-Key": new_key(), **headers}
        )
        problem(response, 401, "token-required")
        assert response.headers["www-authenticate"] == "Bearer"


def test_every_write_needs_the_token(caller: Caller) -> None:
    app: Any = caller.client.app
    paths = [path for path, told in app.openapi()["paths"].items() if "post" in told]
    assert len(paths) >= 5
    for path in paths:
        response = caller.client.post(path, json={}, headers={"Idempotency-Key": new_key()})
        problem(response, 401, "token-required")


@pytest.mark.parametrize("key", [None, "short", "x" * 65, "with blank", "ümlaut-key"])
def test_no_key_or_one_that_is_none(caller: Caller, key: str | None) -> None:
    headers: dict[str, Any] = {"Authorization": f"Bearer {caller.keyring.token}"}
    if key is not None:
        headers["Idempotency-Key"] = key.encode("latin-1")
    response = caller.client.post(
        "/assess", json={"learner_id": caller.learner(), "title": "x"}, headers=headers
    )
    problem(response, 400, "idempotency-key-missing")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "http://127.0.0.1:8420.elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_foreign_origin(caller: Caller, headers: dict[str, str]) -> None:
    body = {"learner_id": caller.learner(), "title": "Paralegal"}
    problem(caller.post("/assess", body, headers=headers), 403, "foreign-origin")
    form = caller.client.post("/ui/enter", data={"token": caller.keyring.token}, headers=headers)
    assert form.status_code == 403


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1.elsewhere.example", "10.0.0.1:8420", ""])
def test_another_host(caller: Caller, host: str) -> None:
    problem(caller.get("/health", headers={"Host": host}), 421, "other-host")


def test_other_methods(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.keyring.token}"}
    problem(caller.client.delete("/health", headers=headers), 405, "method-not-allowed")
    problem(caller.client.put("/assess", json={}, headers=headers), 405, "method-not-allowed")


def test_a_script_in_every_text_stays_text(caller: Caller) -> None:
    learner = caller.learner()
    body = {
        "learner_id": learner,
        "title": f"Accountant {SCRIPT}",
        "tools": [SCRIPT],
        "weekly_minutes": 120,
    }
    packet = caller.post("/assess", body)
    plan = caller.post("/curriculum", {"assessment_id": packet.json()["assessment_id"]}).json()
    pages = [f"/ui/plans/{plan['plan_id']}", f"/ui/learners/{learner}"]
    if plan["items"]:
        practice = f"{plan['plan_id']}.1"
        caller.post(f"/practice/{practice}/submit", {"learner_id": learner, "text": f"Findings {SCRIPT}"})
        pages += [f"/ui/practice/{practice}", f"/ui/practice/{practice}/result"]
    typed = {"q": SCRIPT}
    for response in (
        *(caller.get(path) for path in pages),
        caller.get("/ui/titles", params=typed),
        caller.get("/ui/", params={"title": SCRIPT}),
        caller.get("/ui/enter", params={"to": SCRIPT}),
        caller.get("/ui/record", params={"learner": SCRIPT}),
        caller.get(f"/ui/practice/{SCRIPT}"),
        caller.get(f"/ui/review/{SCRIPT}"),
    ):
        assert "<script>alert" not in response.text
        assert "<img src=x" not in response.text
        assert response.headers["content-type"].startswith("text/html")


def test_a_fault_of_the_service_itself_says_nothing_of_it(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(type(caller.rooms.receipts), "names", broken)
    told = problem(caller.get("/receipts"), 500, "internal")
    assert "secret" not in told.model_dump_json()
