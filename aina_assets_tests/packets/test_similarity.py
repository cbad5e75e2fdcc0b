"""Occupations near an occupation: sharing activities brings near, and O*NET's own list is never asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aina_assets.packets.evidence import Evidence
from aina_assets.packets.make import PacketStage
from aina_assets.packets.similarity import nearest_rows, nearness, task_weight


def test_an_occupation_is_most_like_itself(stage: PacketStage) -> None:
    found = stage.nearness
    assert np.allclose(np.diag(found.similarity), 1.0, atol=1e-3)
    assert (found.similarity <= 1.0 + 1e-9).all()
    assert np.array_equal(found.similarity, found.similarity.T)


def test_more_important_tasks_weigh_more() -> None:
    weights = [task_weight(rank) for rank in range(1, 40)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 1.0
    assert weights[10] == pytest.approx(0.5)


def test_the_rows_are_ranked_without_the_occupation_itself(stage: PacketStage) -> None:
    rows = nearest_rows(stage.nearness, stage.evidence.soc.related, 5)
    code = stage.nearness.codes[0]
    of_first = [row for row in rows if row["onet_soc_code"] == code]
    assert [row["rank"] for row in of_first] == [1, 2, 3, 4, 5]
    values = [float(str(row["similarity"])) for row in of_first]
    assert values == sorted(values, reverse=True)
    assert code not in {row["near_onet_soc_code"] for row in rows if row["onet_soc_code"] == code}


def test_related_occupations_are_told_and_change_nothing(stage: PacketStage) -> None:
    told = nearest_rows(stage.nearness, stage.evidence.soc.related, 5)
    blind = nearest_rows(stage.nearness, frozenset(), 5)
    assert [{**row, "is_related_in_onet": False} for row in told] == blind
    assert any(row["is_related_in_onet"] for row in told)


def test_a_twin_by_activities_is_the_nearest_by_them(stage: PacketStage) -> None:
    tasks = dict(stage.evidence.work.tasks)
    first, second = sorted(tasks)[:2]
    tasks[second] = tasks[first]
    work = object.__new__(type(stage.evidence.work))
    work.__dict__["tasks"] = tasks
    changed: Evidence = replace(stage.evidence, work=work)
    found = nearness(changed, stage.policy.similar)
    row = found.activities[found.codes.index(first)]
    assert row[found.codes.index(second)] == pytest.approx(1.0, abs=1e-3)


def test_the_mean_between_is_of_pairs_of_different_ones(stage: PacketStage) -> None:
    found = stage.nearness
    one, two, three = found.codes[:3]
    pairs = [(0, 1), (0, 2), (1, 2)]
    expected = float(np.mean([found.activities[pair] for pair in pairs]))
    assert found.mean_between([one, two, three, "99-9999.00"]) == pytest.approx(expected, abs=1e-3)
    assert found.mean_between([one]) is None


def test_an_unknown_occupation_is_like_none(stage: PacketStage) -> None:
    assert stage.nearness.between(stage.nearness.codes[0], "99-9999.00") == 0.0
