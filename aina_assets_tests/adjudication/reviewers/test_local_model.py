"""A real model in the loop: one batch through the HTTP backend, from the prompt to a settled wave.

Its answers may be poor; the protocol may not. What is asserted is what must hold whatever a model says: both
seats answer in the schema's form, every answer is evidence with its origin and its tokens, the ledger closes,
the wave is settled, and doing it again asks nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.adjudication.asking import Asking, Part
from aina_assets.adjudication.consensus import Targets
from aina_assets.adjudication.folders import ReviewFolders
from aina_assets.adjudication.plan import Question, make_plan
from aina_assets.adjudication.policy import read_codebook, read_review_policy
from aina_assets.adjudication.prompts import PromptBook
from aina_assets.adjudication.protocol import SEATS, Option, ReviewerKind, ReviewerSpec, Seat
from aina_assets.adjudication.reviewers.events import ReviewEvent
from aina_assets.adjudication.reviewers.factory import ledger_of, make_reviewer
from aina_assets.adjudication.reviewers.families import findings
from aina_assets.adjudication.wave import WaveRoom
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.functions import NAMES, read_function_policy
from aina_assets.titles.identity import title_id_of
from aina_assets.titles.scope import REASONS, read_scope_policy
from aina_assets_tests.adjudication.reviewers.local_model import MODEL, local_model

pytestmark = [pytest.mark.llm, pytest.mark.slow]

POLICIES = PROJECT_ROOT / "data" / "policies"
TITLES = ("Brand Manager", "Deckhand", "Payroll Clerk", "Associate", "Pastry Chef", "Tax Analyst", "Lead")
GROUPS = {"11-2000": "Advertising and Sales Managers", "13-2000": "Financial Specialists"}
CHUNK_ROWS = 4


def spec_of(seat: Seat, base_url: str, response_format: str) -> ReviewerSpec:
    return ReviewerSpec(
        name=seat,
        backend="http",
        provider="local",
        model=MODEL,
        family="smollm",
        parameters={"temperature": 0, "seed": SEATS.index(seat), "max_tokens": 1200},
        options={
            "base_url": base_url,
            "response_format": response_format,
            "attempts": 2,
            "timeout_seconds": 900,
            "concurrency": 1,
            "usd_per_million_tokens_in": 0,
            "usd_per_million_tokens_out": 0,
        },
    )


def room_in(root: Path, specs: dict[Seat, ReviewerSpec]) -> WaveRoom:
    policy, folders = read_review_policy(POLICIES), ReviewFolders(root, 1)
    functions, scope = read_function_policy(POLICIES), read_scope_policy(POLICIES)
    told = {str(name): function.description for name, function in functions.functions.items()}
    reasons = {str(reason): words for reason, words in scope.reasons.items()}
    book = PromptBook(read_codebook(POLICIES), told, reasons, GROUPS)
    targets = Targets({"minor": frozenset(GROUPS), "function": frozenset(NAMES)}, frozenset(REASONS))
    asking = Asking(folders.evidence, book, CHUNK_ROWS, policy.repair)
    return WaveRoom(asking, folders.chain, folders.quarantines, specs, targets, policy, {}, 1)


def questions() -> list[Question]:
    options = tuple(
        Option(level="minor", code=code, name=name, probability=None) for code, name in GROUPS.items()
    )
    return [Question(title_id_of(title.lower()), title.lower(), title, options) for title in TITLES]


def test_a_batch_goes_end_to_end_through_a_real_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = local_model()
    plan = make_plan("00", 1, questions(), {}, [], {})
    events: list[ReviewEvent] = []
    with model.served(tmp_path / "server.log") as base_url:
        specs = {seat: spec_of(seat, base_url, model.response_format) for seat in SEATS}
        room = room_in(tmp_path / "reviews", specs)
        parts: dict[Seat, Part] = {}
        for seat, spec in specs.items():
            reviewer = make_reviewer(spec, home=tmp_path, work=tmp_path, observer=events.append)
            parts[seat], fault = room.asking.ask(plan, reviewer)
            assert fault is None
    state = room.settle(plan)

    answers = list(room.asking.evidence.answers())
    with capsys.disabled():
        print(f"\n{model.command[0]} ({model.response_format}): {state.status} {state.detail}")
        for answer in answers:
            print(f"{answer.reviewer} {answer.model} in {answer.tokens_in} out {answer.tokens_out} tokens,")
            print(f"  {answer.seconds} s, {answer.finish}: {' '.join(answer.content.decode().split())}")
    # A schema that the server enforces leaves no way to answer in another form.
    assert [part.detail for part in parts.values() if part.status == "unusable"] == []
    assert [part.faults for part in parts.values()] == [0, 0]
    assert {part.status for part in parts.values()} == {"complete"}
    for part in parts.values():
        assert set(part.verdicts) == {row.row_id for row in plan.rows}
    assert state.status in ("merged", "held")

    assert len(answers) == sum(len(part.asked) for part in parts.values()) == 4
    for answer in answers:
        assert (answer.kind, answer.provider, answer.model) == (ReviewerKind.LLM, "local", MODEL)
        assert answer.tokens_in is not None
        assert answer.tokens_out is not None
        assert answer.tokens_in > 100 < answer.tokens_out
        assert answer.cost_usd == 0.0
    spent = ledger_of(tmp_path).spent()
    assert [(sums.reviewer, sums.answered, sums.open, sums.rows) for sums in spent] == [
        (seat, 2, 0, len(TITLES)) for seat in SEATS
    ]
    assert sum(sums.tokens_out for sums in spent) == sum(answer.tokens_out or 0 for answer in answers)
    assert [event.happened for event in events] == ["asked", "answered"] * 4

    # The server is gone: what was answered is not asked again.
    again = make_reviewer(specs["reviewer_a"], home=tmp_path, work=tmp_path)
    assert room.asking.ask(plan, again)[1] is None
    assert room.settle(plan).status == state.status
    assert [finding.code for finding in findings(list(specs.values()))] == ["one_model_family"]
