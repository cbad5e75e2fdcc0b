"""A judge over a reviewer's backend, on real sockets: it answers in form, or gives no verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aina_assets.adjudication.protocol import ReviewerSpec
from aina_assets.adjudication.reviewers.factory import make_reviewer
from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.evaluating.evaluator import Evaluator
from aina_assets.learning.evaluating.judge import ANSWER_SCHEMA, JudgeQuestion, ModelJudge
from aina_assets.learning.evaluating.reviewer_judge import judge_of, reviewer_judge
from aina_assets.learning.practice.answering import answer, whole
from aina_assets.learning.practice.generating import Practice
from aina_assets_tests.adjudication.reviewers import endpoint as endpoint_module
from aina_assets_tests.adjudication.reviewers.endpoint import Endpoint, Fault, completion
from aina_assets_tests.adjudication.reviewers.local_model import MODEL, local_model
from aina_assets_tests.learning.samples import policy

endpoint = endpoint_module.endpoint
QUESTION = JudgeQuestion("It is clear.", "Findings\nINV-1 differs.")
PRACTICE = Practice.read(PROJECT_ROOT / "data" / "policies")


def judge_at(base_url: str, folder: Path, model: str = "m", timeout: int = 20) -> ModelJudge:
    spec = ReviewerSpec(
        name="reviewer_a",
        backend="http",
        provider="local",
        model=model,
        family="f",
        parameters={"temperature": 0, "max_tokens": 120},
        options={
            "base_url": base_url,
            "attempts": 1,
            "timeout_seconds": timeout,
            "usd_per_million_tokens_in": 0,
            "usd_per_million_tokens_out": 0,
        },
    )
    return reviewer_judge(make_reviewer(spec, home=folder, work=folder))


def answering(endpoint: Endpoint, said: object) -> None:
    endpoint.faults.append(Fault("body", body=json.dumps(completion(json.dumps(said))).encode()))


def test_a_verdict_comes_back_with_its_quote(endpoint: Endpoint, tmp_path: Path) -> None:
    answering(endpoint, {"verdict": "MET", "quote": "INV-1 differs."})
    judge = judge_at(endpoint.base_url, tmp_path)
    told = judge.judge(QUESTION)
    assert (told.verdict, told.quote) == ("MET", "INV-1 differs.")
    assert judge.name == "local.m"
    (seen,) = endpoint.seen
    assert seen.body["response_format"]["json_schema"]["schema"] == ANSWER_SCHEMA
    assert "INV-1 differs." in seen.body["messages"][0]["content"]
    assert list(tmp_path.iterdir()), "what it cost is on record"


@pytest.mark.parametrize(
    "fault", [Fault("status", status=500), Fault("body", body=b"<html>"), Fault("cut"), Fault("reset")]
)
def test_a_judge_that_fails_gives_no_verdict(endpoint: Endpoint, tmp_path: Path, fault: Fault) -> None:
    endpoint.faults.append(fault)
    assert judge_at(endpoint.base_url, tmp_path).judge(QUESTION).verdict == "CANNOT_ASSESS"


def test_an_answer_is_evaluated_with_the_judges_verdict_in_its_place(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    task = PRACTICE.task("reconcile", "finance", 4)
    key = PRACTICE.key(task)
    text = answer(task, key, whole(key))
    quote = text.splitlines()[1].removeprefix("- ").rstrip(".")
    answering(endpoint, {"verdict": "MET", "quote": quote})
    held = Evaluator(PRACTICE, policy().pass_score, judge_at(endpoint.base_url, tmp_path)).evaluate(
        task, text
    )
    (clarity,) = [one for one in held.criteria if one.criterion_id == "clarity"]
    assert (clarity.verdict, [text[a:b] for a, b in clarity.spans]) == ("MET", [quote])
    assert held.judge == "local.m"
    assert held.score == held.score_high == 1.0


def test_recorded_reviewers_judge_nothing(tmp_path: Path) -> None:
    file = PROJECT_ROOT / "data" / "starter" / "reviews" / "reviewers.toml"
    with pytest.raises(SettingsError, match="the backend recorded is no judge"):
        judge_of(file, "reviewer_a", tmp_path)
    with pytest.raises(SettingsError, match="nobody takes the seat"):
        judge_of(PROJECT_ROOT / "data" / "policies" / "reviewers.toml", "reviewer_b", tmp_path)


@pytest.mark.llm
@pytest.mark.slow
def test_a_real_model_judges_within_the_form(tmp_path: Path) -> None:
    """Whatever it says, it is a verdict of the form; the deterministic criteria are as without it."""
    task = PRACTICE.task("reconcile", "finance", 4)
    key = PRACTICE.key(task)
    text = answer(task, key, whole(key))
    alone = Evaluator(PRACTICE, policy().pass_score).evaluate(task, text)
    with local_model().served(tmp_path / "server.log") as url:
        judge = judge_at(url, tmp_path, MODEL, timeout=600)
        held = Evaluator(PRACTICE, policy().pass_score, judge).evaluate(task, text)
    by_checks = [one for one in held.criteria if one.criterion_id != "clarity"]
    assert by_checks == [one for one in alone.criteria if one.criterion_id != "clarity"]
    (clarity,) = [one for one in held.criteria if one.criterion_id == "clarity"]
    assert clarity.verdict in ("MET", "UNMET", "CANNOT_ASSESS")
    assert (clarity.verdict == "MET") == bool(clarity.spans)
