"""Every rule of adjudication holds of a sound state, and names the row that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aina_assets.adjudication import review_rules, rules
from aina_assets.adjudication.account import AccountError, state_rows
from aina_assets.adjudication.chain import MergeChain
from aina_assets.adjudication.make_receipt import write_adjudication
from aina_assets.adjudication.make_state import StateStage
from aina_assets.adjudication.merge import ChainError, Merge, merge_of
from aina_assets.adjudication.receipts import RECEIPT, IcpTitleAdjudication
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import (
    REVIEW_BATCH,
    REVIEW_CONSENSUS,
    REVIEW_PROMPT,
    TITLE_RULE_DECISION,
    TITLE_STATE,
)
from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, Severity
from aina_assets.sources.rules import receipt_is_of_this_state
from aina_assets.titles.tables import TITLE_ROUTE
from aina_assets_tests.adjudication.made import FINANCE, forge, merge
from aina_assets_tests.builds import Build, copied, flip_byte

WHOLE: list[Callable[[Engine], Finding]] = [
    rules.account_is_closed,
    rules.one_state_a_title,
    rules.settled_titles_have_a_merge_or_a_rule,
    rules.residuals_leave_by_receipt,
    rules.hash_chain_is_whole,
    rules.prompt_queue_is_empty,
    rules.no_batch_is_stuck,
    review_rules.rules_hold_on_gold,
    review_rules.evidence_is_kept,
]
BY_BATCH: list[Callable[[Engine, str | None], Finding]] = [
    review_rules.reviewers_agree,
    review_rules.known_answers_are_right,
]
Rows = list[dict[str, Any]]
Edit = Callable[[Rows], Rows]


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "data")


def change(engine: Engine, contract: TableContract, edit: Edit) -> str | None:
    """Rewrite a table (its first batch with rows) with edited rows; gives the batch."""
    keys = engine.store.partitions(contract.name)
    key = next((key for key in keys if engine.store.info(contract.name, key).rows), None)
    table = engine.store.read(contract.name, partition=key)
    info = engine.store.info(contract.name, key)
    edited = pa.Table.from_pylist(edit(table.to_pylist()), contract.arrow_schema)
    # Past the contract where it must be: a rule has to find what a contract would have refused too.
    engine.store.write(contract, edited, info.provenance, key)
    return key


def edit_first(where: Callable[[dict[str, Any]], bool], **values: Any) -> Edit:
    def edit(rows: Rows) -> Rows:
        place = next(n for n, row in enumerate(rows) if where(row))
        return [{**row, **values} if n == place else row for n, row in enumerate(rows)]

    return edit


def chain_of(engine: Engine) -> MergeChain:
    return AdjudicationStage(engine).folders.chain


def merges_of(engine: Engine) -> list[Merge]:
    return [merge_of(link.merge, link.file.path) for link in chain_of(engine).links()]


def states(engine: Engine) -> Rows:
    rows: Rows = engine.store.read(TITLE_STATE.name).to_pylist()
    return rows


@pytest.mark.parametrize("rule", WHOLE)
def test_a_sound_state_passes(starter_build: Build, rule: Callable[[Engine], Finding]) -> None:
    found = rule(starter_build.engine)
    assert found.passed, found


@pytest.mark.parametrize("rule", BY_BATCH)
@pytest.mark.parametrize("partition", [None, "00"])
def test_a_sound_state_passes_whole_and_by_batch(
    starter_build: Build, rule: Callable[[Engine, str | None], Finding], partition: str | None
) -> None:
    assert rule(starter_build.engine, partition).passed


# --- the account


def test_a_lost_state_opens_the_account_and_is_named(engine: Engine) -> None:
    lost = next(row["title_id"] for row in states(engine) if row["settled_by"] == "recorded")
    change(engine, TITLE_STATE, lambda rows: [row for row in rows if row["title_id"] != lost])
    found = rules.account_is_closed(engine)
    assert not found.passed
    assert {row["difference"] for row in found.sample} == {1, -1} or len(found.sample) > 0
    named = rules.one_state_a_title(engine)
    assert [(row["title_id"], row["states"]) for row in named.sample] == [(lost, 0)]


def test_a_state_of_no_title_is_named(engine: Engine) -> None:
    change(engine, TITLE_STATE, lambda rows: [*rows, {**rows[-1], "title_id": "f" * 16}])
    found = rules.one_state_a_title(engine)
    assert [(row["title_id"], row["is_title"]) for row in found.sample] == [("f" * 16, False)]


def test_a_served_title_too_many_opens_the_account(engine: Engine) -> None:
    change(engine, TITLE_STATE, edit_first(lambda row: row["state"] == "residual", state="serve_now"))
    found = rules.account_is_closed(engine)
    assert {row["equation"].split(" =")[0] for row in found.sample} == {
        "ambiguous",
        "serviceable after",
        "review decisions",
    }


def first_served_again(states: Rows) -> Rows:
    place = next(n for n, row in enumerate(states) if row["state"] == "residual")
    return [*states[:place], {**states[place], "state": "serve_now"}, *states[place + 1 :]]


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (lambda states: states[1:], "not one a title"),
        (lambda states: [*states, states[0]], "not one a title"),
        (first_served_again, "on the left"),
    ],
)
def test_the_state_is_not_made_where_a_title_is_lost_or_counted_twice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tamper: Edit, told: str
) -> None:
    monkeypatch.setattr(
        "aina_assets.adjudication.make_state.state_rows", lambda *arguments: tamper(state_rows(*arguments))
    )
    path = engine.store.path(TITLE_STATE.name)
    path.unlink()
    with pytest.raises(AccountError, match=told):
        StateStage(AdjudicationStage(engine)).title_state()
    assert not path.exists()


@pytest.mark.parametrize(
    ("where", "values", "told"),
    [
        ("residual", {"state": "serve_with_fallback", "level": "function", "code": "sales"}, "decided was"),
        ("recorded", {"merge_sha256": "0" * 64}, "no merge decided it"),
        ("recorded", {"code": "sales", "level": "function"}, "decided was"),
        ("rule", {"rule_id": "no_such_rule"}, "no rule no_such_rule decided it"),
        ("rule", {"settled_by": "recorded"}, "no merge decided it"),
    ],
)
def test_a_title_that_is_settled_from_nowhere_is_named(
    engine: Engine, where: str, values: dict[str, Any], told: str
) -> None:
    def is_it(row: dict[str, Any]) -> bool:
        if where == "residual":
            return bool(row["state"] == "residual")
        return bool(
            row["settled_by"] == where
            and row["state"] == "serve_with_fallback"
            and row["level"] != values.get("level")
        )

    chosen = next(row["title_id"] for row in states(engine) if is_it(row))
    change(engine, TITLE_STATE, edit_first(is_it, **values))
    found = rules.settled_titles_have_a_merge_or_a_rule(engine)
    assert [row["title_id"] for row in found.sample] == [chosen]
    assert told in found.sample[0]["finding"]


def test_a_rule_decision_that_is_gone_leaves_its_title_unproved(engine: Engine) -> None:
    lost: list[str] = []

    def drop(rows: Rows) -> Rows:
        lost.append(rows[0]["title_id"])
        return rows[1:]

    change(engine, TITLE_RULE_DECISION, drop)
    found = rules.settled_titles_have_a_merge_or_a_rule(engine)
    assert [row["title_id"] for row in found.sample] == lost


# --- the chain


def kept_title(engine: Engine) -> str:
    return next(str(row["title_id"]) for row in states(engine) if row["state"] == "residual")


def test_a_residual_decided_anew_without_a_receipt_is_named(engine: Engine) -> None:
    kept = kept_title(engine)
    forge(chain_of(engine), [*merges_of(engine), merge([(kept, *FINANCE)], wave=9)])
    found = rules.residuals_leave_by_receipt(engine)
    assert [(row["title_id"], row["finding"]) for row in found.sample] == [(kept, "no bounded review")]
    assert not rules.hash_chain_is_whole(engine).passed


def test_a_residual_decided_under_an_order_that_does_not_name_it_is_named(engine: Engine) -> None:
    kept = kept_title(engine)
    order = AdjudicationStage(engine).folders.orders.give(["f" * 16], "why", "tester", 5)
    forge(chain_of(engine), [*merges_of(engine), merge([(kept, *FINANCE, order.digest)], wave=9)])
    found = rules.residuals_leave_by_receipt(engine)
    assert [row["title_id"] for row in found.sample] == [kept]
    assert "does not name it" in found.sample[0]["finding"]


def test_a_residual_decided_under_the_order_that_names_it_passes(engine: Engine) -> None:
    kept = kept_title(engine)
    order = AdjudicationStage(engine).folders.orders.give([kept], "why", "tester", 5)
    chain_of(engine).append(merge([(kept, *FINANCE, order.digest)], wave=9))
    found = rules.residuals_leave_by_receipt(engine)
    assert (found.passed, found.figures["rows"]) == (True, 1)
    assert rules.hash_chain_is_whole(engine).passed


def test_a_changed_merge_is_named_and_nothing_is_made_of_it(engine: Engine) -> None:
    path = chain_of(engine).files()[3].path
    flip_byte(path, 500)
    found = rules.hash_chain_is_whole(engine)
    assert found.sample[0]["file"] == path.name
    assert "was changed" in found.sample[0]["finding"]
    engine.store.path(TITLE_STATE.name).unlink()
    with pytest.raises(ChainError, match="was changed"):
        StateStage(AdjudicationStage(engine)).title_state()


def test_a_chain_cut_off_with_its_head_is_named_by_the_last_receipt(engine: Engine) -> None:
    forge(chain_of(engine), merges_of(engine)[:-1])
    found = rules.hash_chain_is_whole(engine)
    assert [row["file"] for row in found.sample] == ["icp_title_adjudication_v1.json"]
    assert "32 merges" in found.sample[0]["finding"]
    with pytest.raises(ChainError, match="the last receipt is of 32 merges"):
        StateStage(AdjudicationStage(engine)).title_state()


def test_a_chain_written_anew_is_named_by_the_last_receipt(engine: Engine) -> None:
    merges = merges_of(engine)
    forge(chain_of(engine), [merges[1], merges[0], *merges[2:]])
    assert not rules.hash_chain_is_whole(engine).passed


# --- the queue


def test_titles_that_wait_are_warned_of(engine: Engine) -> None:
    change(
        engine,
        TITLE_STATE,
        edit_first(lambda row: row["state"] == "residual", state="prompt_candidate", settled_by=None),
    )
    found = rules.prompt_queue_is_empty(engine)
    assert (found.passed, found.severity, found.failed_rows) == (False, Severity.WARN, 1)
    assert "recorded" in found.summary


@pytest.mark.parametrize("status", ["quarantined", "held"])
def test_a_stuck_batch_is_warned_of_and_a_released_one_is_not(engine: Engine, status: str) -> None:
    change(engine, REVIEW_BATCH, edit_first(lambda row: True, status=status, detail="why"))
    found = rules.no_batch_is_stuck(engine)
    assert (found.passed, found.severity) == (False, Severity.WARN)
    assert [(row["status"], row["detail"]) for row in found.sample] == [(status, "why")]
    change(engine, REVIEW_BATCH, edit_first(lambda row: True, status="released", detail="why"))
    assert rules.no_batch_is_stuck(engine).passed


# --- reviews


def test_reviewers_who_agree_too_little_are_warned_of_and_the_rows_shown(engine: Engine) -> None:
    def differ(rows: Rows) -> Rows:
        return [
            row
            if row["is_known_answer"]
            else {**row, "verdict_a": "keep", "verdict_b": "exclude/military", "why": "other_decision"}
            for row in rows
        ]

    key = change(engine, REVIEW_CONSENSUS, differ)
    found = review_rules.reviewers_agree(engine, key)
    assert (found.passed, found.severity) == (False, Severity.WARN)
    assert found.sample[0]["title_batch"] == key
    assert found.figures["agreement"] == 0
    assert found.sample[1]["reviewer_b"] == "exclude/military"


def test_disputed_rows_are_shown_where_the_rule_holds(starter_build: Build) -> None:
    found = review_rules.reviewers_agree(starter_build.engine, None)
    assert found.passed
    assert found.figures["disputed"] > 0
    assert {"title", "reviewer_a", "reviewer_b", "why", "wave"} == set(found.sample[0])


def test_prompts_without_known_answers_are_warned_of(engine: Engine) -> None:
    key = change(engine, REVIEW_PROMPT, lambda rows: [row for row in rows if not row["is_known_answer"]])
    found = review_rules.known_answers_are_right(engine, key)
    assert (found.passed, found.severity) == (False, Severity.WARN)
    assert "no known answer is among the prompts" in found.summary
    assert [row["known_answers"] for row in found.sample] == [0]


def test_errors_that_both_make_alike_are_counted(engine: Engine) -> None:
    wrong = {
        "verdict_a": "exclude/military",
        "verdict_b": "exclude/military",
        "is_right_a": False,
        "is_right_b": False,
    }
    key = change(engine, REVIEW_CONSENSUS, edit_first(lambda row: row["is_known_answer"], **wrong))
    found = review_rules.known_answers_are_right(engine, key)
    assert found.figures["wrong_alike"] == 1
    assert found.sample[0]["verdict_a"] == "exclude/military"


def test_a_rule_that_errs_on_gold_is_named(engine: Engine) -> None:
    for key in engine.store.partitions(TITLE_RULE_DECISION.name):
        table = engine.store.read(TITLE_RULE_DECISION.name, partition=key)
        rows = [
            {**row, "code": "design"} if row["rule_id"] == "fallback_words" else row
            for row in table.to_pylist()
        ]
        info = engine.store.info(TITLE_RULE_DECISION.name, key)
        edited = pa.Table.from_pylist(rows, TITLE_RULE_DECISION.arrow_schema)
        engine.store.write(TITLE_RULE_DECISION, edited, info.provenance, key)
    found = review_rules.rules_hold_on_gold(engine)
    assert (found.passed, found.severity) == (False, Severity.ERROR)
    assert [row["rule_id"] for row in found.sample] == ["fallback_words"]


@pytest.mark.parametrize(("damage", "told"), [("lose", "lost"), ("change", "changed"), ("break", "damaged")])
def test_raw_outputs_that_are_lost_or_changed_are_warned_of(engine: Engine, damage: str, told: str) -> None:
    stage = AdjudicationStage(engine)
    first = next(iter(stage.folders.chain.links())).merge["requests"][0]
    path = stage.folders.evidence.answer_path(first["request_id"])
    if damage == "lose":
        path.unlink()
    elif damage == "change":
        path.write_bytes(path.read_bytes().replace(b"exclude", b"promote"))
    else:
        path.write_text("{")
    found = review_rules.evidence_is_kept(engine)
    assert (found.passed, found.severity, found.failed_rows) == (False, Severity.WARN, 1)
    assert found.sample[0]["request_id"] == first["request_id"]
    assert told in found.sample[0]["finding"]
    # Evidence is never read as state: the same state is made of the merges alone.
    assert not StateStage(AdjudicationStage(engine)).title_state()[1]


# --- the receipt


def test_the_receipt_is_of_the_tables_and_merges_that_stand(engine: Engine) -> None:
    before = (engine.data.receipts / "icp_title_adjudication_v1.json").read_bytes()
    path, told = write_adjudication(StateStage(AdjudicationStage(engine)))
    assert path.read_bytes() == before
    assert told.merges == 32
    assert told.recorded_decision_rows_applied == told.reviewed_rows_skipped_from_prompt > 0
    assert told.multi_llm_decision_rows_applied == 0
    assert told.review_prompt_row_count == 0
    routes = engine.store.read_partitions(TITLE_ROUTE.name, ["route"])["route"].to_pylist()
    assert told.ambiguous_input_rows == routes.count("adjudicate")


def test_a_receipt_of_a_merge_that_is_gone_is_named(engine: Engine) -> None:
    assert receipt_is_of_this_state(engine, RECEIPT, IcpTitleAdjudication, {}).passed
    path = chain_of(engine).files()[5].path
    content = path.read_bytes()
    path.unlink()
    found = receipt_is_of_this_state(engine, RECEIPT, IcpTitleAdjudication, {})
    assert [(row["subject"], row["found"]) for row in found.sample] == [(f"reviews/merges/{path.name}", None)]
    path.write_bytes(content + b" ")
    assert not receipt_is_of_this_state(engine, RECEIPT, IcpTitleAdjudication, {}).passed
