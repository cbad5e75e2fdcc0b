"""Drawing a sample: deterministic, free of order, fair to strata, weighted to the whole."""

from __future__ import annotations

import random
from collections import Counter
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.titles.gold.labels import GoldError, split_of
from aina_assets.titles.gold.sampling import ALLOCATION_POWER, draw_sample


def inventory(**sizes: int) -> list[tuple[str, str, str]]:
    titles = [(stratum, number) for stratum, size in sizes.items() for number in range(size)]
    return [
        (f"{place:016x}", f"{stratum} {number}", stratum) for place, (stratum, number) in enumerate(titles)
    ]


strata = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 400), min_size=1)


@given(sizes=strata, floor=st.integers(1, 30), extra=st.integers(0, 500), seed=st.integers(0, 9))
def test_every_sample_has_its_size_its_floors_and_weights_that_sum_to_the_strata(
    sizes: dict[str, int], floor: int, extra: int, seed: int
) -> None:
    size = sum(min(floor, titles) for titles in sizes.values()) + extra
    sample = draw_sample(inventory(**sizes), size=size, seed=seed, floor=floor)
    assert len(sample) == min(size, sum(sizes.values()))
    assert len({row.row_id for row in sample}) == len({row.title_id for row in sample}) == len(sample)
    rows = Counter(row.sampling_stratum for row in sample)
    for stratum, titles in sizes.items():
        assert min(floor, titles) <= rows[stratum] <= titles
        weights = [row.weight for row in sample if row.sampling_stratum == stratum]
        assert isclose(sum(weights), titles)


@given(order=st.randoms(use_true_random=False))
def test_the_order_of_the_inventory_does_not_matter(order: random.Random) -> None:
    titles = inventory(a=60, b=9, c=30)
    shuffled = list(titles)
    order.shuffle(shuffled)
    expected = draw_sample(titles, size=30, seed=1, floor=5)
    assert draw_sample(iter(shuffled), size=30, seed=1, floor=5) == expected


def test_another_seed_draws_other_titles() -> None:
    titles = inventory(a=1000)
    first, second = (draw_sample(titles, size=50, seed=seed, floor=1) for seed in (1, 2))
    assert {row.title_id for row in first} != {row.title_id for row in second}


def test_rows_follow_the_power_of_the_strata() -> None:
    sizes = {"a": 100, "b": 1_000, "c": 10_000}
    rows = Counter(row.sampling_stratum for row in draw_sample(inventory(**sizes), size=700, seed=1, floor=5))
    shares = {stratum: titles**ALLOCATION_POWER for stratum, titles in sizes.items()}
    for stratum, share in shares.items():
        assert abs(rows[stratum] - 700 * share / sum(shares.values())) < 1


def test_the_draw_favours_neither_part_and_row_ids_tell_no_stratum() -> None:
    sample = draw_sample(inventory(a=5_000, b=5_000), size=2_000, seed=1, floor=1)
    tune = sum(split_of(row.title_id or "") == "tune" for row in sample)
    assert abs(tune / 2_000 - 0.4) < 0.044
    first_half = Counter(row.sampling_stratum for row in sample[:1_000])
    assert abs(first_half["a"] - 500) < 64


@pytest.mark.parametrize(
    ("titles", "size", "floor", "message"),
    [
        ([], 10, 1, "no titles to draw from"),
        (inventory(a=9) + inventory(a=1), 5, 1, "title 0000000000000000 is twice"),
        (inventory(a=9, b=9), 9, 5, "the floors of 2 strata are 10 rows"),
        (inventory(a=9), 5, 0, "the floor is 0"),
        ([("0" * 16, "x", "")], 5, 1, "sampling_stratum: not a name"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    titles: list[tuple[str, str, str]], size: int, floor: int, message: str
) -> None:
    with pytest.raises(GoldError, match=message):
        draw_sample(titles, size=size, seed=1, floor=floor)
