"""The HTTP backend against a real server on loopback: what it sends, and what each fault does."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    Reviewer,
    ReviewerError,
    ReviewerKind,
    ReviewerRateLimitedError,
    ReviewerRefusedError,
    ReviewerTimeoutError,
    ReviewerUnavailableError,
    ReviewRequest,
)
from aina_assets.adjudication.reviewers.attempts import ReviewerBudgetError
from aina_assets.adjudication.reviewers.events import ReviewEvent
from aina_assets.adjudication.reviewers.ledger import Ledger
from aina_assets.adjudication.reviewers.openai_http import HttpReviewer
from aina_assets.adjudication.validation import parse_output
from aina_assets.core.errors import SettingsError
from aina_assets_tests.adjudication.reviewers import endpoint as endpoint_module
from aina_assets_tests.adjudication.reviewers.asked import Clock, request_of, rows_of, spec_of
from aina_assets_tests.adjudication.reviewers.endpoint import Endpoint, Fault, completion

endpoint = endpoint_module.endpoint

ROWS = rows_of("Brand Manager", "Baker")
KEY = "sk-test-0123456789abcdef"
BUSY = Fault("status", 429, b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}')


class Rig:
    """A reviewer at the endpoint, its ledger, its pauses and what it told."""

    def __init__(self, endpoint: Endpoint, folder: Path, options: dict[str, Any], **fields: Any) -> None:
        values = {"base_url": endpoint.base_url, "attempts": 3, "backoff_seconds": 1.0} | options
        self.spec = spec_of("http", values, **fields)
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.events: list[ReviewEvent] = []
        clock = Clock()
        self.pauses = clock.pauses
        self.reviewer = HttpReviewer(
            self.spec, self.ledger, observer=self.events.append, clock=clock, sleep=clock.sleep
        )

    def request(self, *titles: str, **fields: Any) -> ReviewRequest:
        return request_of(self.spec, rows_of(*titles) if titles else ROWS, **fields)

    def review(self) -> ReviewAnswer:
        return self.reviewer.review(self.request())

    def outcomes(self) -> list[str]:
        lines = [json.loads(line) for line in self.ledger.path.read_text().splitlines()]
        return [line["outcome"] for line in lines if line["entry"] == "ended"]


@pytest.fixture
def rig(endpoint: Endpoint, tmp_path: Path) -> Rig:
    return Rig(endpoint, tmp_path, {})


def test_it_asks_with_the_schema_of_exactly_these_rows_and_says_who_answered(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    prices = {"usd_per_million_tokens_in": "0.5", "usd_per_million_tokens_out": "2"}
    rig = Rig(endpoint, tmp_path, prices, parameters={"temperature": 0, "seed": 7, "max_tokens": 400})
    request = rig.request()
    answer = rig.reviewer.review(request)
    (seen,) = endpoint.seen
    assert seen.path == "/v1/chat/completions"
    assert seen.body == {
        "model": "test-model",
        "messages": [message.model_dump() for message in request.messages],
        "temperature": 0,
        "seed": 7,
        "max_tokens": 400,
        "stream": False,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "review", "strict": True, "schema": request.output_schema},
        },
    }
    assert set(parse_output(answer.content, request.row_ids).verdicts) == set(request.row_ids)
    assert (answer.request_id, answer.kind, answer.provider) == (request.request_id, ReviewerKind.LLM, "test")
    assert answer.model == "test-model-2026-11"
    assert (answer.prompt_sha256, answer.schema_sha256) == (request.prompt_sha256, request.schema_sha256)
    assert answer.parameters == {"temperature": 0, "seed": 7, "max_tokens": 400}
    assert (answer.tokens_in, answer.tokens_out, answer.attempts, answer.finish) == (1200, 300, 1, "stop")
    assert answer.cost_usd == pytest.approx((1200 * 0.5 + 300 * 2) / 1e6)
    (spent,) = rig.ledger.spent()
    assert (spent.rows, spent.tokens_in, spent.tokens_out) == (2, 1200, 300)
    assert spent.cost_usd == Decimal("0.0012")
    assert [event.happened for event in rig.events] == ["asked", "answered"]
    assert isinstance(rig.reviewer, Reviewer)


def test_servers_of_another_dialect_get_the_schema_beside_the_type(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    rig = Rig(endpoint, tmp_path, {"response_format": "json_object"})
    request = rig.request()
    rig.reviewer.review(request)
    assert endpoint.seen[0].body["response_format"] == {
        "type": "json_object",
        "schema": request.output_schema,
    }


TRANSIENT = [
    (Fault("status", 500, b"oops"), "failed"),
    (Fault("status", 503, b'{"error": "loading the model"}'), "failed"),
    (BUSY, "rate_limited"),
    (Fault("cut"), "failed"),
    (Fault("reset"), "failed"),
    (Fault("stall"), "timed_out"),
    (Fault("body", body=b'{"choices": []}'), "failed"),
    (Fault("body", body=b'{"choices": [{"message": '), "failed"),
    (Fault("body", body=b"[]"), "failed"),
    (Fault("body", body=b""), "failed"),
    (Fault("body", body=b"\xff\xfe\x00"), "failed"),
    (Fault("body", body=b'{"choices": [{"message": {"content": "half a pair: \\ud83d"}}]}'), "failed"),
    (Fault("body", body=json.dumps(completion(None)).encode()), "failed"),
    (Fault("body", body=b"<html><body>Login</body></html>", headers={"Content-Type": "text/html"}), "failed"),
]


@pytest.mark.parametrize(("fault", "outcome"), TRANSIENT, ids=lambda value: str(value)[:40])
def test_a_passing_fault_is_tried_again(
    fault: Fault, outcome: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    rig = Rig(endpoint, tmp_path, {"timeout_seconds": 0.4 if fault.kind == "stall" else 5})
    endpoint.faults = [fault]
    assert rig.review().attempts == 2
    assert rig.outcomes() == [outcome, "answered"]
    steps = [event.happened for event in rig.events if event.happened != "waits"]
    assert steps == ["asked", "tries_again", "asked", "answered"]
    assert len(rig.pauses) == 1
    assert 0.0 < rig.pauses[0] <= 1.0


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault("status", 500, b""), ReviewerUnavailableError, "HTTP 500"),
        (BUSY, ReviewerRateLimitedError, "slow down"),
        (Fault("reset"), ReviewerUnavailableError, "connection failed"),
        (Fault("body", body=b"no json"), ReviewerUnavailableError, "no chat completion"),
    ],
)
def test_attempts_are_bounded(
    fault: Fault, error: type[ReviewerError], says: str, endpoint: Endpoint, rig: Rig
) -> None:
    endpoint.faults = [fault] * 9
    with pytest.raises(error, match=says) as caught:
        rig.review()
    assert len(endpoint.seen) == 3
    assert caught.value.file == endpoint.base_url + "/chat/completions"
    assert rig.events[-1].happened == "failed"
    # It doubles, less jitter.
    assert 0.0 < rig.pauses[0] <= 1.0
    assert 0.5 <= rig.pauses[1] <= 2.0


def refused(**message: Any) -> Fault:
    return Fault("body", body=json.dumps(completion(None, message=message)).encode())


FINAL = [
    (Fault("status", 400, b'{"error": {"message": "maximum context length"}}'), "maximum context length"),
    (Fault("status", 401, b'{"error": {"message": "bad key"}}'), "HTTP 401"),
    (Fault("status", 404, b'{"detail": "no such model"}'), "no such model"),
    (Fault("status", 422, b"{}"), "HTTP 422"),
    (Fault("status", 429, b'{"error": {"code": "insufficient_quota", "message": "pay"}}'), "pay"),
    (Fault("status", 301, headers={"Location": "https://elsewhere.example/"}), "redirects"),
    (Fault("status", 307, headers={"Location": "/v2/chat/completions"}), "redirects"),
    (refused(refusal="I cannot judge titles."), "I cannot judge"),
    (Fault("body", body=json.dumps(completion("", finish_reason="content_filter")).encode()), "declines"),
]


@pytest.mark.parametrize(("fault", "says"), FINAL, ids=lambda value: str(value)[:40])
def test_what_no_repetition_mends_is_not_repeated(
    fault: Fault, says: str, endpoint: Endpoint, rig: Rig
) -> None:
    endpoint.faults = [fault] * 9
    with pytest.raises(ReviewerRefusedError, match=says):
        rig.review()
    assert len(endpoint.seen) == 1
    assert rig.outcomes() == ["refused"]
    assert rig.pauses == []


def test_a_server_that_drips_meets_the_deadline_of_the_whole(endpoint: Endpoint, tmp_path: Path) -> None:
    rig = Rig(endpoint, tmp_path, {"timeout_seconds": 0.5, "attempts": 1})
    endpoint.faults = [Fault("drip")]
    with pytest.raises(ReviewerTimeoutError, match=r"within 0\.5 s"):
        rig.review()
    assert rig.outcomes() == ["timed_out"]


def test_nobody_listening_is_an_error_that_names_the_address(tmp_path: Path) -> None:
    with Endpoint() as gone:
        pass
    rig = Rig(gone, tmp_path, {"attempts": 2})
    with pytest.raises(ReviewerUnavailableError, match="connection failed") as caught:
        rig.review()
    assert caught.value.file is not None
    assert gone.base_url in caught.value.file


def test_an_answer_without_end_is_cut_off(endpoint: Endpoint, tmp_path: Path) -> None:
    rig = Rig(endpoint, tmp_path, {"most_answer_bytes": 2048})
    endpoint.faults = [Fault("body", body=json.dumps(completion("x" * 5000)).encode())]
    with pytest.raises(ReviewerRefusedError, match="most_answer_bytes = 2048"):
        rig.review()


def test_the_pause_that_the_server_asks_for_is_kept(endpoint: Endpoint, rig: Rig) -> None:
    endpoint.faults = [Fault("status", 429, b"", {"Retry-After": "17"})]
    rig.review()
    # It holds back all requests to the endpoint, so it is waited for where the next one begins.
    assert [event.seconds for event in rig.events if event.happened == "tries_again"] == [17.0]
    assert rig.pauses[0] == pytest.approx(17.0, abs=2)


def test_a_pause_longer_than_a_run_should_make_ends_the_run(endpoint: Endpoint, rig: Rig) -> None:
    endpoint.faults = [Fault("status", 429, b"", {"Retry-After": "3600"})]
    with pytest.raises(ReviewerRateLimitedError) as caught:
        rig.review()
    assert caught.value.retry_after_seconds == 3600.0
    assert rig.pauses == []


@pytest.mark.parametrize(
    ("content", "finish"),
    [
        ('{"decisions": {"00000001": {"decision": "ke', "length"),
        ("not json at all", "stop"),
        ("", "stop"),
        ('{"decisions": {}, "decisions": {}}', "stop"),
    ],
)
def test_an_output_is_given_back_as_it_is_whatever_it_is(
    content: str, finish: str, endpoint: Endpoint, rig: Rig
) -> None:
    endpoint.faults = [Fault("body", body=json.dumps(completion(content, finish_reason=finish)).encode())]
    answer = rig.review()
    assert (answer.content, answer.finish) == (content.encode(), finish)
    assert ReviewAnswer.model_validate_json(answer.model_dump_json()) == answer


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "many"}, {"prompt_tokens": -1}, []])
def test_an_unknown_number_of_tokens_costs_an_unknown_amount(
    usage: Any, endpoint: Endpoint, tmp_path: Path
) -> None:
    prices = {"usd_per_million_tokens_in": 1, "usd_per_million_tokens_out": 1}
    rig = Rig(endpoint, tmp_path, prices)
    endpoint.faults = [Fault("body", body=json.dumps(completion("{}", usage=usage, model=None)).encode())]
    answer = rig.review()
    assert (answer.tokens_in, answer.cost_usd, answer.model) == (None, None, "test-model")
    (spent,) = rig.ledger.spent()
    assert (spent.cost_usd, spent.unpriced) == (Decimal(0), 1)


class TestTheKey:
    OPTIONS: ClassVar = {"api_key_variable": "TEST_REVIEW_KEY"}

    def test_it_stands_in_the_header_and_nowhere_else(
        self,
        endpoint: Endpoint,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("TEST_REVIEW_KEY", KEY + "\n")
        rig = Rig(endpoint, tmp_path, self.OPTIONS)
        echo = json.dumps({"error": {"message": f"bad key {KEY}"}}).encode()
        endpoint.faults = [
            Fault("status", 500, echo),
            Fault("body", body=KEY.encode() + b" is no JSON"),
            Fault("body", body=json.dumps(completion(f"key: {KEY}")).encode()),
            Fault("status", 401, echo),
        ]
        with caplog.at_level(logging.DEBUG):
            answer = rig.review()
            with pytest.raises(ReviewerRefusedError) as caught:
                rig.review()
        assert {seen.headers["Authorization"] for seen in endpoint.seen} == {f"Bearer {KEY}"}
        assert b"key: [key]" in answer.content
        out, err = capfd.readouterr()
        told = [str(caught.value), repr(caught.value.__cause__), caplog.text, out, err, repr(rig.events)]
        told += [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
        told += [answer.model_dump_json(), repr(rig.reviewer.spec), repr(vars(rig.reviewer))]
        assert [text for text in told if KEY in text] == []
        assert "bad key [key]" in str(caught.value)

    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_without_it_nothing_is_asked(
        self, value: str | None, endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TEST_REVIEW_KEY", raising=False)
        if value is not None:
            monkeypatch.setenv("TEST_REVIEW_KEY", value)
        with pytest.raises(ReviewerUnavailableError, match="TEST_REVIEW_KEY is not set"):
            Rig(endpoint, tmp_path, self.OPTIONS).review()
        assert endpoint.seen == []

    def test_one_that_cannot_stand_in_a_header_is_refused_without_being_shown(
        self, endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TEST_REVIEW_KEY", "s3cret\r\nX-Other: 1")
        with pytest.raises(SettingsError) as caught:
            Rig(endpoint, tmp_path, self.OPTIONS).review()
        assert caught.value.place == "TEST_REVIEW_KEY"
        assert "s3cret" not in str(caught.value)
        assert endpoint.seen == []

    def test_no_key_is_sent_where_none_is_named(
        self, endpoint: Endpoint, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        rig.review()
        assert "Authorization" not in endpoint.seen[0].headers


def test_proxies_of_the_environment_are_not_used(
    endpoint: Endpoint, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert rig.review().attempts == 1


def test_no_more_requests_are_under_way_than_allowed(endpoint: Endpoint, tmp_path: Path) -> None:
    rig = Rig(endpoint, tmp_path, {"concurrency": 2})
    endpoint.seconds = 0.05
    requests = [rig.request(f"Title {number}") for number in range(8)]
    barrier = threading.Barrier(8)

    def review(request: ReviewRequest) -> str:
        barrier.wait()
        return rig.reviewer.review(request).request_id

    with ThreadPoolExecutor(8) as pool:
        answered = set(pool.map(review, requests))
    assert answered == {request.request_id for request in requests}
    assert endpoint.most_at_once == 2
    assert (rig.ledger.spent()[0].answered, rig.ledger.spent()[0].open) == (8, 0)


def test_a_wave_costs_no_more_than_it_may(endpoint: Endpoint, tmp_path: Path) -> None:
    # A call costs 0.0015 USD: the second brings the wave over the bound, the third is not made.
    bound = {"usd_per_million_tokens_in": 1, "usd_per_million_tokens_out": 1, "most_usd_a_wave": "0.003"}
    rig = Rig(endpoint, tmp_path, bound)
    for number in range(2):
        rig.reviewer.review(rig.request(f"Title {number}"))
    with pytest.raises(ReviewerBudgetError, match=r"wave 1 has cost reviewer_a 0\.003"):
        rig.review()
    assert len(endpoint.seen) == 2
    assert rig.ledger.spent()[0].calls == 2
    # Another wave has a bound of its own, and a new process knows what was spent.
    again = Rig(endpoint, tmp_path, bound)
    with pytest.raises(ReviewerBudgetError):
        again.review()
    again.reviewer.review(again.request(wave=2))
    assert len(endpoint.seen) == 3
