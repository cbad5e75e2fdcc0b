"""A person's reviews: sheet out, sheet in, whole or not at all, once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    Reviewer,
    ReviewerKind,
    ReviewerPendingError,
    ReviewRequest,
)
from aina_assets.adjudication.reviewers.person import PersonReviewer, import_sheet
from aina_assets.adjudication.reviewers.sheets import SheetError
from aina_assets.adjudication.validation import parse_output
from aina_assets.core.errors import SettingsError, StateError
from aina_assets_tests.adjudication.reviewers.asked import request_of, rows_of, spec_of
from aina_assets_tests.adjudication.reviewers.test_sheets import filled, written

SPEC = spec_of("person", name="reviewer_b", model="initials: ab")


@pytest.fixture
def asked() -> ReviewRequest:
    return request_of(SPEC, rows_of("Brand Manager", "Baker"))


def waits(work: Path, request: ReviewRequest) -> Path:
    """Ask, and give the sheet that lies there to be filled."""
    with pytest.raises(ReviewerPendingError) as caught:
        PersonReviewer(SPEC, work).review(request)
    assert caught.value.file is not None
    return Path(caught.value.file)


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def test_a_sheet_goes_out_comes_back_and_is_the_answer(tmp_path: Path, asked: ReviewRequest) -> None:
    sheet = waits(tmp_path, asked)
    assert "batch-00-000-0" in sheet.name
    back = tmp_path / "back.csv"
    back.write_bytes(written(filled(sheet.read_bytes(), "1", "exclude:physical_trade"), ";"))
    imported = import_sheet(tmp_path, back)
    answer = PersonReviewer(SPEC, tmp_path).review(asked)
    assert answer == imported
    assert (answer.kind, answer.model, answer.request_id) == (
        ReviewerKind.PERSON,
        "initials: ab",
        asked.request_id,
    )
    assert (answer.cost_usd, answer.tokens_in) == (None, None)
    verdicts = parse_output(answer.content, asked.row_ids).verdicts
    assert {row_id: verdict.decision for row_id, verdict in verdicts.items()} == {
        "00000001": "promote_fallback",
        "00000002": "exclude",
    }
    assert isinstance(PersonReviewer(SPEC, tmp_path), Reviewer)
    # The sheet as it came back is kept.
    assert back.read_bytes() in files_below(tmp_path / "reviewer_b" / "filled").values()


def test_a_sheet_that_somebody_fills_is_never_written_over(tmp_path: Path, asked: ReviewRequest) -> None:
    sheet = waits(tmp_path, asked)
    sheet.write_bytes(b"half filled")
    assert waits(tmp_path, asked) == sheet
    assert sheet.read_bytes() == b"half filled"


def test_a_faulty_sheet_changes_nothing(tmp_path: Path, asked: ReviewRequest) -> None:
    sheet = waits(tmp_path, asked)
    back = tmp_path / "back.csv"
    back.write_bytes(written(filled(sheet.read_bytes(), "1", "")))
    before = files_below(tmp_path)
    with pytest.raises(SheetError, match="line 3: no answer"):
        import_sheet(tmp_path, back)
    assert files_below(tmp_path) == before
    waits(tmp_path, asked)


def test_the_same_sheet_again_changes_nothing_and_another_answer_is_refused(
    tmp_path: Path, asked: ReviewRequest
) -> None:
    sheet = waits(tmp_path, asked)
    back = tmp_path / "back.csv"
    back.write_bytes(written(filled(sheet.read_bytes(), "1", "keep")))
    first = import_sheet(tmp_path, back)
    before = files_below(tmp_path)
    assert import_sheet(tmp_path, back) == first
    assert files_below(tmp_path) == before
    back.write_bytes(written(filled(sheet.read_bytes(), "keep", "keep")))
    with pytest.raises(StateError, match="taken over before, with other answers"):
        import_sheet(tmp_path, back)
    assert PersonReviewer(SPEC, tmp_path).review(asked) == first


def test_a_crash_between_answer_and_copy_is_mended_by_importing_again(
    tmp_path: Path, asked: ReviewRequest
) -> None:
    sheet = waits(tmp_path, asked)
    back = tmp_path / "back.csv"
    back.write_bytes(written(filled(sheet.read_bytes(), "1", "keep")))
    import_sheet(tmp_path, back)
    (copy,) = (tmp_path / "reviewer_b" / "filled").glob("*.csv")
    copy.unlink()
    import_sheet(tmp_path, back)
    assert copy.read_bytes() == back.read_bytes()


def test_a_sheet_that_nobody_waits_for_is_refused(tmp_path: Path, asked: ReviewRequest) -> None:
    sheet = waits(tmp_path / "one", asked)
    back = tmp_path / "back.csv"
    back.write_bytes(written(filled(sheet.read_bytes(), "1", "keep")))
    with pytest.raises(SheetError, match="no request waits for the sheet"):
        import_sheet(tmp_path / "other", back)
    with pytest.raises(SheetError, match="No such file"):
        import_sheet(tmp_path, tmp_path / "none.csv")


def test_a_damaged_answer_is_named(tmp_path: Path, asked: ReviewRequest) -> None:
    sheet = waits(tmp_path, asked)
    back = tmp_path / "back.csv"
    back.write_bytes(written(filled(sheet.read_bytes(), "1", "keep")))
    import_sheet(tmp_path, back)
    (stored,) = (tmp_path / "reviewer_b" / "answers").glob("*.json")
    told = json.loads(stored.read_text())
    stored.write_text(json.dumps(told | {"kind": "martian"}))
    with pytest.raises(StateError, match="damaged") as caught:
        PersonReviewer(SPEC, tmp_path).review(asked)
    assert (caught.value.file, caught.value.place) == (str(stored), "kind")
    assert ReviewAnswer.model_validate(told | {"content": told["content"]}).kind is ReviewerKind.PERSON


def test_a_person_has_no_options_and_no_parameters(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Extra inputs"):
        PersonReviewer(spec_of("person", {"folder": "x"}), tmp_path)
    with pytest.raises(SettingsError, match="the backend person takes none"):
        PersonReviewer(spec_of("person", parameters={"temperature": 0}), tmp_path)
