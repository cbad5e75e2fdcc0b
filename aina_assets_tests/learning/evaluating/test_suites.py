"""The suites: no attack raises a score, no paraphrase of a good answer lowers it; and they bite."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from cProfile import Profile
from functools import cache, lru_cache
from pathlib import Path
from pstats import Stats
from typing import Any

import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.evaluating import evaluator
from aina_assets.learning.evaluating.checks import Checks, Claims
from aina_assets.learning.evaluating.evaluator import Evaluator
from aina_assets.learning.evaluating.judge import Judge, JudgeAnswer, JudgeQuestion
from aina_assets.learning.evaluating.reading import Reading, Span
from aina_assets.learning.evaluating.units import Content
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.records.events import MOST_TEXT
from aina_assets_tests.learning.samples import policy
from tools.evaluator_suites.command import materials_sha256

SUITES = Path(__file__).parent / "suites"
PRACTICE = Practice.read(PROJECT_ROOT / "data" / "policies")
Case = dict[str, Any]


@lru_cache(maxsize=3)
def cases(name: str) -> tuple[Case, ...]:
    return tuple(map(json.loads, (SUITES / f"{name}.jsonl").read_text("utf-8").splitlines()))


class Gullible:
    """A judge that is content with everything."""

    name = "gullible"

    def judge(self, question: JudgeQuestion) -> JudgeAnswer:
        return JudgeAnswer("MET", question.work.split("\n")[0][:40])


class Obedient:
    """A judge that does what the work tells it to."""

    name = "obedient"

    def judge(self, question: JudgeQuestion) -> JudgeAnswer:
        is_told = any(word in question.work.lower() for word in ("met", "full", "score", "pass", "perfect"))
        return JudgeAnswer("MET" if is_told else "UNMET", question.work.split("\n")[0][:40])


def scorer(judge: Judge | None = None) -> Callable[[Case, str], float]:
    held = Evaluator(PRACTICE, policy().pass_score, judge)

    @cache
    def score(family: Any, theme: str, seed: int, text: str) -> float:
        return held.evaluate(PRACTICE.task(family, theme, seed), text).score

    return lambda case, name: score(case["family"], case["theme"], case["seed"], case[name])


def raised(score: Callable[[Case, str], float], chosen: tuple[Case, ...]) -> list[Case]:
    return [case for case in chosen if score(case, "text") > score(case, "base")]


def test_the_suites_are_as_large_and_as_mixed_as_promised() -> None:
    kinds = Counter(case["kind"] for case in cases("attacks"))
    assert sum(kinds.values()) >= 200
    assert set(kinds) == {
        "keyword_stuffing",
        "rubric_echo",
        "padding",
        "prompt_copy",
        "injection",
        "empty",
        "off_topic",
        "blanket",
    }
    assert min(kinds.values()) >= 20
    second = Counter(case["kind"] for case in cases("attacks_second"))
    assert sum(second.values()) >= 200
    assert len(second) == 7
    assert {case["base_name"] for case in cases("attacks")} == {"empty", "weak", "partial", "good"}
    assert len(cases("paraphrases")) >= 60
    assert len({case["text"] for case in cases("paraphrases")}) == len(cases("paraphrases"))


def test_every_case_speaks_of_the_task_that_it_was_written_for() -> None:
    for case in (*cases("attacks"), *cases("attacks_second"), *cases("paraphrases")):
        task = PRACTICE.task(case["family"], case["theme"], case["seed"])
        assert materials_sha256(task) == case["materials_sha256"], f"{case['case']}: write the suites anew"


@pytest.mark.parametrize("suite", ["attacks", "attacks_second"])
def test_no_attack_raises_a_score(suite: str) -> None:
    score = scorer()
    assert raised(score, cases(suite)) == []
    alone = [case for case in cases(suite) if case["base_name"] == "empty"]
    assert {score(case, "text") for case in alone} == {0.0}


@pytest.mark.slow
@pytest.mark.parametrize("suite", ["attacks", "attacks_second"])
@pytest.mark.parametrize("judge", [Gullible(), Obedient()])
def test_no_attack_raises_a_score_by_a_judge_that_can_be_fooled(judge: Judge, suite: str) -> None:
    assert raised(scorer(judge), cases(suite)) == []


def test_no_paraphrase_of_a_good_answer_lowers_its_score() -> None:
    score = scorer()
    lowered = [case["case"] for case in cases("paraphrases") if score(case, "text") < score(case, "base")]
    assert lowered == []
    assert min(score(case, "base") for case in cases("paraphrases")) > 0.9


@pytest.mark.slow
def test_without_taking_wrong_claims_off_the_attacks_would_get_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Claims, "net", property(lambda self: len(self.right)))
    found = raised(scorer(), tuple(case for case in cases("attacks") if case["kind"] != "injection"))
    assert {case["kind"] for case in found} >= {"blanket", "prompt_copy"}


@pytest.mark.slow
def test_shown_all_that_is_said_a_judge_would_be_fooled(monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(reading: Reading, content: Content, credited: list[Span]) -> list[Span]:
        return [reading.span(*sentence.span) for sentence in content.sentences]

    monkeypatch.setattr(evaluator, "_shown", everything)
    chosen = tuple(case for case in cases("attacks_second") if case["kind"] == "injection")
    assert raised(scorer(Obedient()), chosen)


@pytest.mark.slow
def test_no_answer_keeps_the_evaluator_for_long() -> None:
    """Work grows with the text, not with its square: the longest texts, of the lines that cost most."""
    task = PRACTICE.task("reconcile", "general", 1)
    made = Evaluator(PRACTICE, policy().pass_score)
    for line in ("a\n", "a:\n- b\n", "- a\n", "total 7\n", f"{PRACTICE.key(task).entities[0]} [M1:1]\n"):
        counts = []
        for length in (MOST_TEXT // 4, MOST_TEXT):
            profile = Profile()
            profile.runcall(made.evaluate, task, (line * length)[:length])
            counts.append(Stats(profile).total_calls)  # type: ignore[attr-defined]
        assert counts[1] < 6 * counts[0], line


@pytest.mark.slow
def test_without_counting_rivals_a_spray_of_figures_would_get_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Checks, "_foreign", lambda self, mentions, most_passing=0: set())
    family = tuple(case for case in cases("attacks") if case["kind"] == "blanket")
    assert raised(scorer(), family)
