"""The tables of adjudication: made of what stands, left alone where nothing changed, moved by each wave."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aina_assets.adjudication.account import ADJUDICATE
from aina_assets.adjudication.commands import order_review, release
from aina_assets.adjudication.make_receipt import open_prompt_rows
from aina_assets.adjudication.make_reviews import ReviewStage
from aina_assets.adjudication.make_state import StateStage
from aina_assets.adjudication.orders import OrderError
from aina_assets.adjudication.protocol import SEATS
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import (
    REVIEW_BATCH,
    REVIEW_CONSENSUS,
    REVIEW_PROMPT,
    REVIEW_WAVE,
    TITLE_RULE_DECISION,
    TITLE_STATE,
    VERDICTS,
)
from aina_assets.core.engine import Engine
from aina_assets.core.settings import Settings
from aina_assets.titles.tables import TITLE, TITLE_GOLD, TITLE_LEVEL, TITLE_ROUTE
from aina_assets_tests.builds import Build, copied, starter_settings

PARTITIONED = (TITLE_RULE_DECISION, REVIEW_PROMPT, *VERDICTS.values(), REVIEW_CONSENSUS)
REVIEWED = PARTITIONED[1:]
NOBODY = 'policy = "reviewers"\nversion = "1.0.0"\n'


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "data")


def stage_of(engine: Engine) -> ReviewStage:
    return ReviewStage(AdjudicationStage(engine))


def make_batches(engine: Engine, *keys: str) -> dict[str, bool]:
    """Make the tables of some batches, each table in a process of its own; which were made anew."""
    stage = stage_of(engine)
    made = {TITLE_RULE_DECISION.name: True in [stage.title_rule_decision(key)[1] for key in keys]}
    stage = stage_of(engine)
    made[REVIEW_PROMPT.name] = True in [stage.review_prompt(key)[1] for key in keys]
    for seat in SEATS:
        stage = stage_of(engine)
        for key in keys:
            stage.ask(key, seat)
        made[VERDICTS[seat].name] = True in [stage.review_verdict(seat, key)[1] for key in keys]
    stage = stage_of(engine)
    made[REVIEW_CONSENSUS.name] = True in [stage.review_consensus(key)[0][1] for key in keys]
    return made


def make_state(engine: Engine) -> dict[str, bool]:
    stage = StateStage(AdjudicationStage(engine))
    names = ("review_batch", "review_wave", "review_confusion", "title_state")
    return {name: getattr(stage, name)()[1] for name in names}


def rows(engine: Engine, name: str, key: str | None = None) -> list[dict[str, Any]]:
    table = engine.store.read(name, partition=key) if key else engine.store.read_whole(name)
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def a_batch(engine: Engine) -> str:
    """A batch with a wave."""
    counts = Counter(row["title_batch"] for row in rows(engine, REVIEW_CONSENSUS.name))
    return str(counts.most_common(1)[0][0])


def forget(engine: Engine, *keys: str) -> None:
    """Forget all reviews, and the tables of reviews of some batches; of all where none is named."""
    shutil.rmtree(engine.data.reviews)
    (engine.data.receipts / "icp_title_adjudication_v1.json").unlink()
    for contract in REVIEWED:
        for key in keys or engine.store.partitions(contract.name):
            engine.store.path(contract.name, key).unlink()


def with_reviewers(engine: Engine, text: str, folder: Path) -> Engine:
    folder.mkdir(exist_ok=True)
    path = folder / "reviewers.toml"
    path.write_text(text, "utf-8")
    return Engine(starter_settings(engine.data.path, reviewers=path))


def test_what_has_not_changed_is_left_alone(engine: Engine) -> None:
    assert not any(make_batches(engine, a_batch(engine)).values())
    assert not any(make_state(engine).values())


def test_a_batch_that_is_reviewed_anew_from_nothing_is_the_same_to_the_byte(engine: Engine) -> None:
    key = a_batch(engine)
    before = {c.name: engine.store.info(c.name, key).sha256 for c in PARTITIONED if c is not REVIEW_CONSENSUS}
    merged = AdjudicationStage(engine).folders.chain.links_of(key, 32)[0].merge["decisions"]
    forget(engine, key)
    made = make_batches(engine, key)
    assert all(made[contract.name] for contract in REVIEWED)
    assert {name: engine.store.info(name, key).sha256 for name in before} == before
    assert AdjudicationStage(engine).folders.chain.links_of(key, 32)[0].merge["decisions"] == merged
    # Made from the merge now, where they were made from the open wave: the same rows.
    for contract in (REVIEW_PROMPT, *VERDICTS.values()):
        engine.store.path(contract.name, key).unlink()
    make_batches(engine, key)
    assert {name: engine.store.info(name, key).sha256 for name in before} == before


def test_merged_titles_are_the_prompted_ones_and_no_rule_touched_them(engine: Engine) -> None:
    routes = {row["title_id"]: row["route"] for row in rows(engine, TITLE_ROUTE.name)}
    ruled = {row["title_id"] for row in rows(engine, TITLE_RULE_DECISION.name)}
    decided = [row["title_id"] for row in rows(engine, REVIEW_CONSENSUS.name) if not row["is_known_answer"]]
    assert len(decided) == len(set(decided))
    assert set(decided) == {title for title, route in routes.items() if route == ADJUDICATE} - ruled
    for seat in SEATS:
        prompted = [row for row in rows(engine, REVIEW_PROMPT.name) if row["reviewer"] == seat]
        assert {row["title_id"] for row in prompted if not row["is_known_answer"]} == set(decided)


def test_known_answers_are_of_the_tune_part_of_other_batches_and_never_decided_there(engine: Engine) -> None:
    gold = {row["title_id"]: row["split"] for row in rows(engine, TITLE_GOLD.name)}
    batch_of = {row["title_id"]: row["title_batch"] for row in rows(engine, TITLE_ROUTE.name)}
    known = [row for row in rows(engine, REVIEW_CONSENSUS.name) if row["is_known_answer"]]
    assert len(known) >= 3 * 32
    assert {gold[row["title_id"]] for row in known} == {"tune"}
    assert all(batch_of[row["title_id"]] != row["title_batch"] for row in known)
    assert {row["decision"] for row in known} == {None}


def test_every_verdict_says_who_gave_it_to_which_prompt(engine: Engine) -> None:
    for seat in SEATS:
        prompts = {row["request_id"] for row in rows(engine, REVIEW_PROMPT.name) if row["reviewer"] == seat}
        verdicts = rows(engine, VERDICTS[seat].name)
        assert verdicts
        assert {row["request_id"] for row in verdicts} == prompts
        assert {row["kind"] for row in verdicts} == {"recorded"}
        assert all(row["provider"] and row["model"] and row["parameters"] == "{}" for row in verdicts)
        answers = AdjudicationStage(engine).folders.evidence
        for row in verdicts[:20]:
            answer = answers.answer(row["request_id"])
            assert answer is not None
            assert (row["answer_sha256"], row["prompt_sha256"]) == (
                answer.content_sha256,
                answer.prompt_sha256,
            )


# --- reviewers who are not there, or may not be asked by a build


def test_without_reviewers_the_queue_stays_and_is_shown(engine: Engine, tmp_path: Path) -> None:
    key = a_batch(engine)
    candidates = [r for r in rows(engine, REVIEW_CONSENSUS.name, key) if not r["is_known_answer"]]
    forget(engine)
    nobody = with_reviewers(engine, NOBODY, tmp_path / "nobody")
    make_batches(nobody, *nobody.settings.title_batch_keys)
    make_state(nobody)
    prompts = rows(nobody, REVIEW_PROMPT.name, key)
    assert {row["request_id"] for row in prompts} == {None}
    assert sum(not row["is_known_answer"] for row in prompts) == 2 * len(candidates)
    assert rows(nobody, VERDICTS["reviewer_a"].name, key) == []
    assert {row["status"] for row in rows(nobody, REVIEW_BATCH.name)} == {"open"}
    account = StateStage(AdjudicationStage(nobody)).account()
    assert account.faults() == []
    assert account.candidates == account.ambiguous - account.rule_promotions - account.rule_exclusions > 0
    assert open_prompt_rows(StateStage(AdjudicationStage(nobody))) > account.candidates


@pytest.mark.parametrize("backend", ["command", "http", "person"])
def test_a_build_never_asks_whom_it_costs_money_or_patience_to_ask(
    engine: Engine, tmp_path: Path, backend: str
) -> None:
    options = {
        "command": '[reviewer.options]\ncommand = ["false"]\n',
        "http": '[reviewer.options]\nbase_url = "http://127.0.0.1:1"\n',
        "person": "",
    }[backend]
    entry = (
        f'[[reviewer]]\nname = "reviewer_a"\nbackend = "{backend}"\nprovider = "x"\nmodel = "m"\n'
        f'family = "f"\n{options}'
    )
    key = a_batch(engine)
    forget(engine)
    asking = with_reviewers(engine, NOBODY + entry, tmp_path / "asking")
    make_batches(asking, key)
    assert not (asking.data.reviews / "requests").exists()
    assert stage_of(asking).ask(key, "reviewer_a").part is None
    if backend == "person":
        asked = stage_of(asking).ask(key, "reviewer_a", is_asking_all=True)
        assert asked.fault is not None
        assert asked.part is not None
        assert asked.part.outstanding


# --- quarantine, held batches, another wave


SIMULATED = """
[[reviewer]]
name = "{seat}"
backend = "simulated"
provider = "x"
model = "m"
family = "{seat}"
[reviewer.options]
truth = "truth.csv"
{more}
"""


def simulated(engine: Engine, folder: Path, **more: str) -> Engine:
    """Reviewers who know what the starter's recorded ones said, but for what is told of a seat."""
    folder.mkdir(exist_ok=True)
    sheet = engine.settings.starter_root / "reviews" / "reviewer_a.csv"
    shutil.copy(sheet, folder / "truth.csv")
    entries = "".join(SIMULATED.format(seat=seat, more=more.get(seat, "")) for seat in SEATS)
    return with_reviewers(engine, NOBODY + entries, folder)


FAULTY = 'fault = {share = 1.0, kinds = ["truncated"]}'
OTHER = """
[reviewer.options.confusion.promote_fallback]
keep = 1.0
[reviewer.options.confusion.exclude]
keep = 1.0
"""


def test_a_quarantined_batch_has_no_verdicts_and_changes_no_state_until_it_is_released(
    engine: Engine, tmp_path: Path
) -> None:
    key = a_batch(engine)
    forget(engine, key)
    faulty = simulated(engine, tmp_path / "faulty", reviewer_b=FAULTY)
    make_batches(faulty, key)
    make_batches(faulty, key)
    assert rows(faulty, VERDICTS["reviewer_b"].name, key) == []
    assert rows(faulty, REVIEW_CONSENSUS.name, key) == []
    assert len(AdjudicationStage(faulty).folded) == 0
    make_state(faulty)
    (batch,) = [row for row in rows(faulty, REVIEW_BATCH.name) if row["title_batch"] == key]
    assert (batch["status"], batch["wave"]) == ("quarantined", 1)
    assert "not JSON" in batch["detail"]
    assert release(AdjudicationStage(faulty), key, "tester", "mended") == 2
    sound = simulated(engine, tmp_path / "sound")
    make_batches(sound, key)
    make_state(sound)
    found = {row["wave"]: row for row in rows(sound, REVIEW_BATCH.name) if row["title_batch"] == key}
    assert (found[1]["status"], found[2]["status"]) == ("released", "merged")
    assert {row["wave"] for row in rows(sound, REVIEW_PROMPT.name, key)} == {2}


def test_a_held_batch_shows_its_rows_and_is_merged_when_a_person_accepts(
    engine: Engine, tmp_path: Path
) -> None:
    key = a_batch(engine)
    forget(engine, key)
    differing = simulated(engine, tmp_path / "differing", reviewer_b=OTHER)
    make_batches(differing, key)
    make_state(differing)
    (batch,) = [row for row in rows(differing, REVIEW_BATCH.name) if row["title_batch"] == key]
    assert batch["status"] == "held"
    held = rows(differing, REVIEW_CONSENSUS.name, key)
    assert {row["merge_sha256"] for row in held} == {None}
    made, state = stage_of(differing).review_consensus(key, accepted_by="tester")
    assert (made[1], state.status) == (True, "merged")
    merged = rows(differing, REVIEW_CONSENSUS.name, key)
    assert [{**row, "merge_sha256": None} for row in merged] == held
    assert None not in {row["merge_sha256"] for row in merged}


def given_up_by_evidence(engine: Engine, key: str) -> str:
    """Route a title of a batch to adjudicate that evidence settled and that no rule would; gives its id."""
    levels = {row["title_id"]: row for row in rows(engine, TITLE_LEVEL.name, key)}
    core = {row["title_id"]: row["core_title"] for row in rows(engine, TITLE.name, key)}
    decide = AdjudicationStage(engine).filter.decide
    routes = rows(engine, TITLE_ROUTE.name, key)
    chosen = next(
        row["title_id"]
        for row in routes
        if row["route"] != ADJUDICATE
        and decide(row["normalized_title"], core[row["title_id"]], levels[row["title_id"]]) is None
    )
    open_again = {"route": ADJUDICATE, "reason": "scope_unclear"}
    changed = [{**row, **open_again} if row["title_id"] == chosen else row for row in routes]
    info = engine.store.info(TITLE_ROUTE.name, key)
    table = pa.Table.from_pylist(changed, TITLE_ROUTE.arrow_schema)
    engine.store.write(TITLE_ROUTE, table, info.provenance, key)
    return str(chosen)


def test_titles_that_join_the_inventory_are_a_wave_of_their_own(engine: Engine) -> None:
    key = a_batch(engine)
    before = rows(engine, REVIEW_CONSENSUS.name, key)
    # As if one title of the batch had been settled by evidence so far, and is no more.
    given_up = given_up_by_evidence(engine, key)
    assert make_batches(engine, key)[REVIEW_PROMPT.name]
    prompts = [row for row in rows(engine, REVIEW_PROMPT.name, key) if row["reviewer"] == "reviewer_a"]
    assert {row["wave"] for row in prompts} == {2}
    assert [row["title_id"] for row in prompts if not row["is_known_answer"]] == [given_up]
    after = rows(engine, REVIEW_CONSENSUS.name, key)
    assert [row for row in after if row["wave"] == 1] == before
    make_state(engine)
    waves = {row["wave"]: row["candidates"] for row in rows(engine, REVIEW_WAVE.name)}
    assert waves[2] == 1


# --- bounded reviews


def residuals(engine: Engine) -> Sequence[dict[str, Any]]:
    return [row for row in rows(engine, TITLE_STATE.name) if row["state"] == "residual"]


def test_a_bounded_review_asks_the_titles_that_it_names_and_no_other(engine: Engine, tmp_path: Path) -> None:
    kept = residuals(engine)[0]
    given = order_review(AdjudicationStage(engine), [kept["title_id"]], "a second look", "tester")
    sure = simulated(engine, tmp_path / "sure")
    make_batches(sure, kept["title_batch"])
    prompts = [
        r for r in rows(sure, REVIEW_PROMPT.name, kept["title_batch"]) if r["reviewer"] == "reviewer_a"
    ]
    asked = [row for row in prompts if not row["is_known_answer"]]
    assert [(row["title_id"], row["order_sha256"]) for row in asked] == [(kept["title_id"], given.digest)]
    assert {row["wave"] for row in prompts} == {2}
    make_state(sure)
    state = next(row for row in rows(sure, TITLE_STATE.name) if row["title_id"] == kept["title_id"])
    assert (state["settled_by"], state["order_sha256"]) == ("simulated", given.digest)
    account = StateStage(AdjudicationStage(sure)).account()
    assert account.faults() == []
    assert set(account.reviews) == {"recorded", "simulated"}
    # The order is used up: nothing is asked again.
    assert stage_of(sure).plan(kept["title_batch"]).rows == ()


def test_only_kept_titles_can_be_ordered(engine: Engine) -> None:
    settled = next(row for row in rows(engine, TITLE_STATE.name) if row["state"] in ("serve_now", "exclude"))
    for text in (settled["title_id"], settled["normalized_title"], "underwater basket weaver"):
        with pytest.raises(OrderError, match="not among the titles that were kept"):
            order_review(AdjudicationStage(engine), [text], "why", "tester")
    kept = residuals(engine)[0]
    by_text = order_review(AdjudicationStage(engine), [kept["normalized_title"]], "why", "tester")
    assert by_text.title_ids == (kept["title_id"],)


# --- settings


def test_the_lane_says_who_reviews(tmp_path: Path) -> None:
    assert Settings(sources="starter").reviewers_path.parent.name == "reviews"
    assert Settings(sources="starter", titles=tmp_path / "mine.txt").reviewers_path.parent.name == "policies"
    assert Settings(sources="live").reviewers_path.parent.name == "policies"
    assert Settings(sources="live", reviewers=tmp_path / "who.toml").reviewers_path == tmp_path / "who.toml"
