"""The ladder of levels: which group an occupation is in, and sums over groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.titles.retrieval.taxonomy import LEVELS, SOC_LEVELS, build_taxonomy, grouping
from aina_assets_tests.titles.invented import OCCUPATIONS, parents

# 29-1221 is in the broad group 29-1210, which its digits do not tell; 19-3011 is a broad group's own code.
PARENTS = parents(["15-1252", "15-1299", "29-1221", "29-1211"])
CODES = ["29-1221.00", "15-1252.00", "15-1299.08", "15-1299.09", "29-1211.00"]


def test_the_levels_go_from_the_most_specific_to_the_coarsest() -> None:
    assert LEVELS == ("occupation", "detailed", "broad", "minor", "major", "function")
    assert LEVELS[:-1] == SOC_LEVELS


def test_classes_are_sorted_and_each_is_once() -> None:
    taxonomy = build_taxonomy([*CODES, CODES[0]], PARENTS)
    assert taxonomy.classes == tuple(sorted(CODES))
    assert taxonomy.place == {code: place for place, code in enumerate(sorted(CODES))}


@pytest.mark.parametrize(
    ("code", "groups"),
    [
        ("15-1299.08", ("15-1299.08", "15-1299", "15-1290", "15-1200", "15-0000")),
        ("15-1252.00", ("15-1252.00", "15-1252", "15-1250", "15-1200", "15-0000")),
        ("29-1221.00", ("29-1221.00", "29-1221", "29-1210", "29-1000", "29-0000")),
    ],
)
def test_an_occupation_is_in_the_groups_that_its_parents_tell(code: str, groups: tuple[str, ...]) -> None:
    taxonomy = build_taxonomy(CODES, PARENTS)
    assert tuple(taxonomy.group(code, level) for level in SOC_LEVELS) == groups


def test_a_code_without_a_parent_is_refused_and_an_unknown_class_is_none() -> None:
    with pytest.raises(KeyError, match="47-2152"):
        build_taxonomy(["47-2152.00"], PARENTS)
    with pytest.raises(KeyError):
        build_taxonomy(CODES, PARENTS).group("47-2152.00", "major")


def test_a_broad_group_named_as_its_only_occupation_is_told_apart_by_level() -> None:
    tree: dict[str, str | None] = {"19-3011": "19-3010", "19-3010": "19-3000", "19-3000": "19-0000"}
    taxonomy = build_taxonomy(["19-3011.00"], tree | {"19-0000": None})
    assert taxonomy.group("19-3011.00", "detailed") == "19-3011"
    assert taxonomy.group("19-3011.00", "broad") == "19-3010"


@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=12),
    st.integers(1, 4),
    st.integers(0, 1000),
)
def test_a_groups_sum_is_the_sum_of_its_classes(group_of_class: list[str], rows: int, seed: int) -> None:
    """Whether or not the classes of a group stand side by side."""
    shares = np.random.default_rng(seed).random((rows, len(group_of_class))).astype(np.float32)
    groups = grouping("major", group_of_class)
    sums = groups.sums(shares)
    assert groups.names == tuple(sorted(set(group_of_class)))
    for place, name in enumerate(groups.names):
        members = [column for column, group in enumerate(group_of_class) if group == name]
        assert sums[:, place] == pytest.approx(shares[:, members].sum(axis=1), abs=1e-5)
    assert sums.sum(axis=1) == pytest.approx(shares.sum(axis=1), abs=1e-5)


def test_every_level_of_the_invented_world_covers_every_class() -> None:
    taxonomy = build_taxonomy(list(OCCUPATIONS), parents([code[:7] for code in OCCUPATIONS]))
    for level in SOC_LEVELS:
        groups = taxonomy.groupings[level]
        assert len(groups.of_class) == len(taxonomy.classes)
        assert set(groups.of_class.tolist()) == set(range(len(groups.names)))
