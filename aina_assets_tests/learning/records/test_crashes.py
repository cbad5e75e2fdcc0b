"""Writers that are killed, and writers at once: nothing acknowledged is lost, nothing is reordered."""

from __future__ import annotations

import pytest

from benchmarks.learning.records import crash_figures, writer_figures


def test_a_writer_that_is_killed_loses_nothing_acknowledged() -> None:
    figures = crash_figures(rounds=2)
    assert figures["acknowledged"] > 0
    assert figures["lost"] == 0


@pytest.mark.slow
def test_writers_that_are_killed_in_a_loop_lose_nothing_acknowledged() -> None:
    figures = crash_figures(rounds=40, seed=2)
    assert figures["acknowledged"] > 100
    assert figures["lost"] == 0


def test_eight_writers_at_once_lose_and_reorder_nothing() -> None:
    figures = writer_figures(events_a_writer=25)
    assert figures["events"] == 8 * 25
    assert not figures["broken"]


@pytest.mark.slow
def test_eight_writers_at_once_for_longer() -> None:
    assert not writer_figures()["broken"]
