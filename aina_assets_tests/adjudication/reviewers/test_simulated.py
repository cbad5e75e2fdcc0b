"""The simulated reviewer: its rates are those stated, and its answers depend on seed and title alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.adjudication.protocol import (
    DECISIONS,
    Decision,
    Option,
    PromptRow,
    Reviewer,
    ReviewerKind,
    Verdict,
)
from aina_assets.adjudication.reviewers.sheets import SheetError
from aina_assets.adjudication.reviewers.simulated import SimulatedReviewer, uniform
from aina_assets.adjudication.validation import parse_output
from aina_assets.core.errors import SettingsError
from aina_assets.titles.scope import REASONS
from aina_assets_tests.adjudication.reviewers.asked import GROUPS, request_of, rows_of, spec_of

MANY = rows_of(*(f"Title {number}" for number in range(4000)))
CONFUSION = {
    "promote_fallback": {"promote_fallback": 0.8, "exclude": 0.15, "keep": 0.05},
    "exclude": {"exclude": 0.9, "promote_fallback": 0.1},
    "keep": {"keep": 1.0},
}


def simulated(tmp_path: Path, seat: str = "reviewer_a", **options: Any) -> SimulatedReviewer:
    return SimulatedReviewer(spec_of("simulated", options, name=seat), tmp_path)


def test_without_errors_it_tells_the_truth_in_whatever_order_and_chunk(tmp_path: Path) -> None:
    reviewer = simulated(tmp_path)
    rows = MANY[:40]
    whole = parse_output(
        reviewer.review(request_of(reviewer.spec, rows)).content, [row.row_id for row in rows]
    )
    assert {row.row_id: reviewer.truth(row) for row in rows} == whole.verdicts
    other = simulated(tmp_path, "reviewer_b", seed=9)
    for part in (rows[20:][::-1], rows[:20]):
        request = request_of(other.spec, part)
        parsed = parse_output(other.review(request).content, request.row_ids)
        assert parsed.faults == 0
        assert parsed.verdicts == {row.row_id: whole.verdicts[row.row_id] for row in part}
    assert reviewer.kind is ReviewerKind.SIMULATED
    assert isinstance(reviewer, Reviewer)


def test_the_order_of_the_groups_changes_nothing(tmp_path: Path) -> None:
    reviewer = simulated(tmp_path, confusion=CONFUSION, wrong_target_share=0.5)
    for row in MANY[:200]:
        turned = row.model_copy(update={"options": row.options[::-1], "row_id": "ffffffff"})
        assert reviewer.verdict(turned) == reviewer.verdict(row)


def test_truths_are_drawn_at_their_shares(tmp_path: Path) -> None:
    shares: dict[Decision, float] = {"promote_fallback": 0.5, "exclude": 0.3, "keep": 0.2}
    reviewer = simulated(tmp_path, truth_shares=shares)
    counts = Counter(reviewer.truth(row).decision for row in MANY)
    for decision, share in shares.items():
        assert counts[decision] / len(MANY) == pytest.approx(share, abs=0.03)


def test_errors_come_at_the_rates_of_the_confusion(tmp_path: Path) -> None:
    reviewer = simulated(tmp_path, confusion=CONFUSION, seed=5)
    pairs = Counter((reviewer.truth(row).decision, reviewer.verdict(row).decision) for row in MANY)
    for truth in DECISIONS:
        total = sum(count for (told, _), count in pairs.items() if told == truth)
        assert total > 100
        for answer in DECISIONS:
            share = CONFUSION[truth].get(answer, 0.0)
            assert pairs[truth, answer] / total == pytest.approx(share, abs=0.04)


def test_a_wrong_target_is_another_one_of_the_row(tmp_path: Path) -> None:
    always = simulated(
        tmp_path, wrong_target_share=1.0, truth_shares={"promote_fallback": 1, "exclude": 0, "keep": 0}
    )
    targets = {(group.level, group.code) for group in GROUPS}
    for row in MANY[:300]:
        truth, said = always.truth(row), always.verdict(row)
        assert {(truth.level, truth.code), (said.level, said.code)} == targets
    # A row with one group, or none, is promoted to another function.
    for groups in (GROUPS[1:], ()):
        row = PromptRow(row_id="00000001", title="t", written_as="T", options=groups, notes=())
        assert always.verdict(row) != always.truth(row)
        assert always.verdict(row).level == "function"


def test_two_reviewers_err_alike_on_the_stated_share(tmp_path: Path) -> None:
    confusion = {
        "promote_fallback": {"promote_fallback": 0.5, "keep": 0.5},
        "exclude": {"exclude": 0.5, "keep": 0.5},
    }

    def both_wrong(alike: float) -> float:
        reviewers = [
            simulated(tmp_path, seat, seed=seed, confusion=confusion, alike_share=alike)
            for seat, seed in (("reviewer_a", 1), ("reviewer_b", 2))
        ]
        wrong = [[reviewer.verdict(row) != reviewer.truth(row) for reviewer in reviewers] for row in MANY]
        return sum(all(row) for row in wrong) / sum(row[0] for row in wrong)

    assert both_wrong(0.0) == pytest.approx(0.5, abs=0.05)
    assert both_wrong(1.0) == 1.0


def test_true_decisions_come_from_a_sheet_where_it_has_them(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("title,decision,level,code\nTitle 1,exclude,,military\n")
    reviewer = simulated(tmp_path, truth="truth.csv")
    assert reviewer.verdict(MANY[1]) == Verdict(decision="exclude", level=None, code="military")
    assert reviewer.verdict(MANY[2]) == simulated(tmp_path).verdict(MANY[2])
    with pytest.raises(SheetError):
        simulated(tmp_path, truth="none.csv")


@given(st.text(min_size=1, max_size=20), st.integers(0, 10**6), st.integers(0, 3))
def test_every_verdict_is_a_well_formed_one(title: str, seed: int, groups: int) -> None:
    options = tuple(
        Option(level="minor", code=f"1{number}-2000", name="n", probability=None) for number in range(groups)
    )
    row = PromptRow(row_id="00000001", title=title, written_as=title, options=options, notes=())
    even = {truth: dict.fromkeys(DECISIONS, 1 / 3) for truth in DECISIONS}
    verdict = simulated(Path(), seed=seed, confusion=even, wrong_target_share=0.5).verdict(row)
    if verdict.decision == "promote_fallback":
        assert verdict.level is not None
        assert verdict.code is not None
    elif verdict.decision == "exclude":
        assert (verdict.level, verdict.code in REASONS) == (None, True)
    else:
        assert (verdict.level, verdict.code) == (None, None)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"truth_shares": {"keep": 0.5}}, "add up to 0.5"),
        ({"confusion": {"keep": {"keep": 0.7}}}, "add up to 0.7"),
        ({"confusion": {"maybe": {"keep": 1}}}, "'promote_fallback', 'exclude' or 'keep'"),
        ({"alike_share": 1.5}, "less than or equal to 1"),
        ({"fault": {"share": 0.5, "kinds": []}}, "at least 1 item"),
        ({"fault": {"share": 0.5, "kinds": ["earthquake"]}}, "earthquake|missing"),
    ],
)
def test_rates_that_are_none_are_refused(options: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=says):
        simulated(tmp_path, **options)


def test_draws_are_even_and_differ_by_every_part() -> None:
    drawn = [uniform("x", number) for number in range(10_000)]
    assert all(0 <= value < 1 for value in drawn)
    for tenth in range(10):
        assert sum(tenth <= 10 * value < tenth + 1 for value in drawn) == pytest.approx(1000, abs=120)
    assert len({uniform("a", "b"), uniform("ab"), uniform("b", "a"), uniform("a", "b", "")}) == 4
