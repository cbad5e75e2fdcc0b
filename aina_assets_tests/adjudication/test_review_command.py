"""`aina review ...`: what it shows, what it asks, and how it refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import REVIEW_BATCH, REVIEW_CONSENSUS, TITLE_STATE
from aina_assets.core.engine import Engine
from aina_assets_tests.adjudication.test_make import (
    NOBODY,
    OTHER,
    a_batch,
    forget,
    make_batches,
    make_state,
    residuals,
    rows,
    simulated,
    with_reviewers,
)
from aina_assets_tests.builds import Build, copied, invoke

PEOPLE = "".join(
    f"""
[[reviewer]]
name = "{seat}"
backend = "person"
provider = "office"
model = "{who}"
family = "person"
"""
    for seat, who in (("reviewer_a", "Ann"), ("reviewer_b", "Ben"))
)


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "data")


@pytest.fixture
def built(starter_build: Build) -> Path:
    return starter_build.engine.data.path


def reviewers(engine: Engine) -> dict[str, str]:
    return {"REVIEWERS": str(engine.settings.reviewers_path)}


# --- looking


def test_status_shows_the_account_the_waves_and_who_reviews(built: Path) -> None:
    shown = invoke(built, "review", "status")
    assert shown.exit_code == 0, shown.output
    for told in ("ambiguous_input_rows", "recorded_decision_rows_applied", "32 merged", "reviewer_b"):
        assert told in shown.stdout
    told = json.loads(invoke(built, "review", "status", "--json").stdout)
    account = told["account"]
    assert account["ambiguous_input_rows"] == (
        account["deterministic_fallback_promotions"]
        + account["deterministic_exclusions"]
        + account["recorded_fallback_promotions"]
        + account["recorded_exclusions"]
        + account["residual_rows"]
    )
    assert [row["backend"] for row in told["reviewers"]] == ["recorded", "recorded"]


def test_status_says_that_nobody_reviews(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "nobody.toml"
    path.write_text(NOBODY)
    assert "no reviewer is configured" in invoke(built, "review", "status", REVIEWERS=str(path)).stdout


def test_a_state_that_was_not_built_is_named(tmp_path: Path) -> None:
    shown = invoke(tmp_path, "review", "status")
    assert shown.exit_code == 1
    assert "there is no" in shown.stderr


def test_a_wrong_reviewers_file_is_a_wrong_setting(built: Path, tmp_path: Path) -> None:
    assert invoke(built, "review", "run", REVIEWERS=str(tmp_path / "none.toml")).exit_code == 2


def test_nothing_is_asked_where_nothing_waits(built: Path) -> None:
    assert "nothing waits for a review" in invoke(built, "review", "prompts").stdout


def test_prompts_are_written_for_people_to_read(engine: Engine, tmp_path: Path) -> None:
    folder = engine.data.exports / "prompts"
    key = a_batch(engine)
    forget(engine)
    nobody = with_reviewers(engine, NOBODY, tmp_path / "nobody")
    shown = invoke(
        engine.data.path,
        "review",
        "prompts",
        "--batch",
        key,
        "--out",
        str(folder),
        **reviewers(nobody),
    )
    assert shown.exit_code == 0, shown.output
    assert f"│ {key}" in shown.stdout
    written = sorted(path.name for path in folder.iterdir())
    assert written == [
        f"batch-{key}-w01-reviewer_{side}-000.{kind}" for side in "ab" for kind in ("md", "schema.json")
    ]
    text = (folder / written[0]).read_text("utf-8")
    assert "Review codebook" in text
    schema = json.loads((folder / written[1]).read_bytes())
    ids = schema["properties"]["decisions"]["required"]
    assert all(f'"row_id":"{row_id}"' in text for row_id in ids)


def test_an_unknown_batch_is_refused(built: Path) -> None:
    shown = invoke(built, "review", "prompts", "--batch", "99")
    assert shown.exit_code == 1
    assert "there is no batch '99'" in shown.stderr


# --- explaining


def title_with(engine: Engine, **values: str) -> str:
    return next(
        str(row["normalized_title"])
        for row in rows(engine, TITLE_STATE.name)
        if all(row[name] == value for name, value in values.items())
    )


def test_explain_tells_a_reviewed_title_down_to_its_answers(starter_build: Build, built: Path) -> None:
    title = title_with(starter_build.engine, settled_by="recorded", state="serve_with_fallback")
    (told,) = json.loads(invoke(built, "review", "explain", title, "--json").stdout)
    assert told["state"]["settled_by"] == "recorded"
    (decision,) = told["decisions"]
    assert decision["decision"] == "promote_fallback"
    assert decision["verdict_a"] == decision["verdict_b"]
    assert decision["merge_sha256"] == told["state"]["merge_sha256"]
    for side in ("a", "b"):
        path = built / "reviews" / "answers" / f"{decision[f'request_{side}']}.json"
        assert json.loads(path.read_bytes())["reviewer"] == f"reviewer_{side}"
    shown = invoke(built, "review", "explain", title)
    assert f"merge {decision['merge']}" in shown.stdout


def test_explain_tells_the_rule_and_why(starter_build: Build, built: Path) -> None:
    title = title_with(starter_build.engine, settled_by="rule", state="serve_with_fallback")
    shown = invoke(built, "review", "explain", title)
    assert "fallback_words" in shown.stdout
    assert "name a business function" in shown.stdout


def test_explain_tells_of_titles_that_are_none_or_not_here(built: Path) -> None:
    shown = invoke(built, "review", "explain", "underwater basket weaver", "=cmd()|' /C calc'!A0")
    assert shown.exit_code == 0, shown.output
    assert "not in the inventory" in shown.stdout
    assert "no usable title: formula" in shown.stdout


# --- asking


@pytest.mark.slow
def test_a_run_settles_what_waits_and_a_second_one_asks_nobody(engine: Engine, tmp_path: Path) -> None:
    forget(engine)
    summary = engine.data.build_summary.read_bytes()
    asked = simulated(engine, tmp_path / "asked")
    shown = invoke(engine.data.path, "review", "run", **reviewers(asked))
    assert shown.exit_code == 0, shown.output
    answers = {path: path.stat().st_mtime_ns for path in (engine.data.reviews / "answers").iterdir()}
    assert answers
    account = json.loads(invoke(engine.data.path, "review", "status", "--json", **reviewers(asked)).stdout)[
        "account"
    ]
    assert account["review_prompt_candidate_count"] == 0
    assert account["simulated_decision_rows_applied"] > 0
    assert account["recorded_decision_rows_applied"] == account["multi_llm_decision_rows_applied"] == 0
    # The last build's summary is of the last build.
    assert engine.data.build_summary.read_bytes() == summary
    again = invoke(engine.data.path, "review", "run", **reviewers(asked))
    assert again.exit_code == 0, again.output
    assert {p: p.stat().st_mtime_ns for p in (engine.data.reviews / "answers").iterdir()} == answers


def test_a_run_without_reviewers_says_so(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "nobody.toml"
    path.write_text(NOBODY)
    shown = invoke(built, "review", "run", REVIEWERS=str(path))
    assert shown.exit_code == 1
    assert "no reviewer is configured" in shown.stdout


def fill(sheet: Path, answers: Iterator[str]) -> None:
    """Fill a person's sheet."""
    table = list(csv.reader(io.StringIO(sheet.read_text("utf-8-sig"), newline="")))
    place = table[0].index("answer")
    for row in table[1:]:
        row[place] = next(answers)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(table)
    sheet.write_text(text.getvalue(), "utf-8-sig")


@pytest.mark.slow
def test_people_get_sheets_and_their_filled_ones_are_taken_over(engine: Engine, tmp_path: Path) -> None:
    kept = residuals(engine)[0]
    people = with_reviewers(engine, NOBODY + PEOPLE, tmp_path / "people")
    environment = reviewers(people)
    ordered = invoke(
        engine.data.path,
        *("review", "order", kept["title_id"], "--by", "tester", "--reason", "a second look"),
        **environment,
    )
    assert ordered.exit_code == 0, ordered.output
    asked = invoke(engine.data.path, "review", "run", "--batch", kept["title_batch"], **environment)
    assert asked.exit_code == 0, asked.output
    assert "reviewer_a: 1 requests are outstanding" in asked.stderr
    sheets = sorted((engine.data.reviews / "reviewers").rglob("sheets/*.csv"))
    assert len(sheets) == 2
    for sheet in sheets:
        # Both keep the known answers, and agree on the title that the order names.
        lines = sheet.read_text("utf-8-sig").splitlines()[1:]
        fill(
            sheet, iter(["function:sales" if kept["normalized_title"] in line else "keep" for line in lines])
        )
    taken = invoke(engine.data.path, "review", "import", *map(str, sheets), **environment)
    assert taken.exit_code == 0, taken.output
    assert "2 sheets taken over" in taken.stdout
    state = next(row for row in rows(engine, TITLE_STATE.name) if row["title_id"] == kept["title_id"])
    assert (state["state"], state["settled_by"], state["code"]) == ("serve_with_fallback", "person", "sales")


def test_a_sheet_that_is_none_is_refused(built: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("a,b\n1,2\n")
    shown = invoke(built, "review", "import", str(sheet))
    assert shown.exit_code == 1
    assert str(sheet) in shown.stderr


# --- accepting, releasing, ordering


@pytest.mark.slow
def test_a_held_batch_is_accepted_by_name(engine: Engine, tmp_path: Path) -> None:
    key = a_batch(engine)
    forget(engine, key)
    differing = simulated(engine, tmp_path / "differing", reviewer_b=OTHER)
    make_batches(differing, *differing.settings.title_batch_keys)
    make_state(differing)
    nameless = invoke(engine.data.path, "review", "accept", key, **reviewers(differing))
    assert nameless.exit_code == 2
    accepted = invoke(engine.data.path, "review", "accept", key, "--by", "tester", **reviewers(differing))
    assert f"batch {key}: merged" in accepted.stdout, accepted.output
    (batch,) = [row for row in rows(engine, REVIEW_BATCH.name) if row["title_batch"] == key]
    assert (batch["status"], batch["accepted_by"]) == ("merged", "tester")
    again = invoke(engine.data.path, "review", "accept", key, "--by", "tester", **reviewers(differing))
    assert again.exit_code == 1
    assert "is not held" in again.stderr


@pytest.mark.parametrize(
    "arguments",
    [("run", "--again", "00"), ("order", "clerk"), ("order", "clerk", "--by", "me"), ("accept", "00")],
)
def test_what_goes_on_record_needs_a_name_and_a_reason(built: Path, arguments: tuple[str, ...]) -> None:
    assert invoke(built, "review", *arguments).exit_code == 2


def test_only_a_quarantined_batch_is_asked_again(built: Path) -> None:
    shown = invoke(built, "review", "run", "--again", "00", "--by", "me", "--reason", "why")
    assert shown.exit_code == 1
    assert "is not quarantined" in shown.stderr


def test_only_a_kept_title_is_ordered(starter_build: Build, built: Path) -> None:
    title = title_with(starter_build.engine, settled_by="recorded", state="exclude")
    shown = invoke(built, "review", "order", title, "--by", "me", "--reason", "why")
    assert shown.exit_code == 1
    assert "not among the titles that were kept" in shown.stderr


def test_a_chain_that_is_not_whole_fails_the_run_and_names_the_merge(engine: Engine) -> None:
    chain = AdjudicationStage(engine).folders.chain
    lost = chain.files()[2].path
    lost.unlink()
    shown = invoke(engine.data.path, "review", "status")
    assert shown.exit_code == 1
    assert "merge 3 is lost" in shown.stderr
    assert "backup" in shown.stderr
    assert rows(engine, REVIEW_CONSENSUS.name)
