"""Recorded reviews: replayed by request or by title, and never as somebody else's."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    Reviewer,
    ReviewerKind,
    ReviewerUnavailableError,
)
from aina_assets.adjudication.reviewers import recorded
from aina_assets.adjudication.reviewers.recorded import RecordedReviewer
from aina_assets.adjudication.reviewers.sheets import SheetError, read_verdicts
from aina_assets.adjudication.validation import parse_output
from aina_assets.core.errors import SettingsError, StateError
from aina_assets_tests.adjudication.reviewers.asked import request_of, rows_of, spec_of

ROWS = rows_of("Brand Manager", "Baker", "Unheard Of")
SHEET = (
    "title,decision,level,code\nBrand Manager,promote_fallback,minor,11-2000\nBaker,exclude,,physical_trade\n"
)


def by_answers() -> Any:
    return spec_of("recorded", {"answers": "answers"})


def record(folder: Path, **changes: Any) -> ReviewAnswer:
    request = request_of(by_answers(), ROWS)
    answer = ReviewAnswer.to(
        request,
        ReviewerKind.LLM,
        b'{"decisions": {',
        seconds=3.0,
        model="big-model",
        tokens_in=5,
        cost_usd=0.5,
        attempts=2,
        finish="length",
    ).model_copy(update=changes)
    (folder / "answers").mkdir(exist_ok=True)
    (folder / "answers" / f"{request.request_id}.json").write_text(answer.model_dump_json())
    return answer


def test_an_answer_is_replayed_byte_for_byte_as_a_recorded_one(tmp_path: Path) -> None:
    recorded = record(tmp_path)
    reviewer = RecordedReviewer(by_answers(), tmp_path)
    answer = reviewer.review(request_of(by_answers(), ROWS))
    assert (answer.content, answer.model, answer.finish) == (recorded.content, "big-model", "length")
    assert answer.kind is ReviewerKind.RECORDED is reviewer.kind
    # What it cost was paid then.
    assert (answer.cost_usd, answer.attempts) == (None, 1)
    assert isinstance(reviewer, Reviewer)


def test_a_request_that_is_not_on_record_has_no_answer(tmp_path: Path) -> None:
    record(tmp_path)
    with pytest.raises(ReviewerUnavailableError, match="no answer to this request is on record"):
        RecordedReviewer(by_answers(), tmp_path).review(request_of(by_answers(), ROWS[:1]))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"request_id": "0" * 64}, "request_id"),
        ({"reviewer": "reviewer_b"}, "reviewer"),
        ({"prompt_sha256": "0" * 64}, "prompt_sha256"),
        ({"schema_sha256": "0" * 64}, "schema_sha256"),
        ({"parameters": {"temperature": 1}}, "parameters"),
    ],
)
def test_a_record_of_another_request_is_refused(changes: dict[str, Any], place: str, tmp_path: Path) -> None:
    record(tmp_path, **changes)
    with pytest.raises(StateError, match="a record of another request") as caught:
        RecordedReviewer(by_answers(), tmp_path).review(request_of(by_answers(), ROWS))
    assert caught.value.place == place


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    record(tmp_path)
    (path,) = (tmp_path / "answers").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StateError, match="a damaged record") as caught:
        RecordedReviewer(by_answers(), tmp_path).review(request_of(by_answers(), ROWS))
    assert caught.value.file == str(path)


def test_judgements_by_title_are_replayed_and_an_unknown_title_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(SHEET)
    spec = spec_of("recorded", {"sheet": "sheet.csv"})
    reviewer = RecordedReviewer(spec, tmp_path)
    request = request_of(spec, ROWS[::-1])
    answer = reviewer.review(request)
    parsed = parse_output(answer.content, request.row_ids)
    assert {row_id: verdict.code for row_id, verdict in parsed.verdicts.items()} == {
        "00000001": "11-2000",
        "00000002": "physical_trade",
    }
    assert parsed.missing == ("00000003",)
    assert answer.kind is ReviewerKind.RECORDED


def test_a_slow_machine_replays_the_same_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slowly(dict[str, Any]):
        def __contains__(self, key: object) -> bool:
            time.sleep(0.005)
            return super().__contains__(key)

    (tmp_path / "sheet.csv").write_text(SHEET)
    spec = spec_of("recorded", {"sheet": "sheet.csv"})
    request = request_of(spec, ROWS)
    at_once = RecordedReviewer(spec, tmp_path).review(request)
    monkeypatch.setattr(recorded, "read_verdicts", lambda path: Slowly(read_verdicts(path)))
    assert RecordedReviewer(spec, tmp_path).review(request) == at_once


@pytest.mark.parametrize("options", [{}, {"answers": "a", "sheet": "b"}])
def test_one_place_to_replay_from_must_be_named(options: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="one of `answers` and `sheet`"):
        RecordedReviewer(spec_of("recorded", options), tmp_path)


def test_a_malformed_sheet_is_found_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(SHEET + "Baker,keep,,\n")
    with pytest.raises(SheetError, match="line 4: 'Baker' stands twice"):
        RecordedReviewer(spec_of("recorded", {"sheet": "sheet.csv"}), tmp_path)
