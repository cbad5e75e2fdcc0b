"""Schedules of crashes and mangled outputs: each ends in the state of a quiet run.

All 10,000 are run by `python -m benchmarks.adjudication chaos`.
"""

from __future__ import annotations

import pytest

from benchmarks.adjudication.chaos import Ended, quiet_digest, run_schedule
from benchmarks.adjudication.world import BATCHES, HOSTILE, World, title_id_of

FEW, MANY = 40, 400


@pytest.fixture(scope="module")
def quiet() -> str:
    return quiet_digest()


def assert_sound(ended: Ended, quiet: str) -> None:
    assert (ended.digest, ended.faults) == (quiet, []), ended


def test_schedules_of_crashes_and_mangled_outputs_end_in_one_state(quiet: str) -> None:
    ended = [run_schedule(seed) for seed in range(FEW)]
    for one in ended:
        assert_sound(one, quiet)
    # They went through something: else this proves nothing.
    assert sum(one.crashes for one in ended) > FEW / 4
    assert sum(one.quarantined for one in ended) > FEW / 4
    assert sum(one.told for one in ended) > 0


def test_a_process_that_the_system_kills_ends_in_the_same_state(quiet: str) -> None:
    ended = run_schedule(1000, kill_share=1.0)
    assert ended.kills > 0
    assert_sound(ended, quiet)


def test_the_world_has_titles_that_give_orders() -> None:
    held = {title_id for batch in BATCHES for title_id in World(root=None).inventory[batch]}  # type: ignore[arg-type]
    assert {title_id_of(text) for text in HOSTILE} <= held


@pytest.mark.slow
def test_some_hundred_schedules_end_in_one_state(quiet: str) -> None:
    for seed in range(FEW, FEW + MANY):
        assert_sound(run_schedule(seed, kill_share=0.02), quiet)
