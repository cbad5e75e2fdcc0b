"""A second title in brackets speaks for a title beside the first."""

from __future__ import annotations

import numpy as np
import pytest

from aina_assets.titles.assess import Assessor
from aina_assets.titles.make import TitleStage
from aina_assets_tests.builds import Build


@pytest.fixture(scope="module")
def assessor(starter_build: Build) -> Assessor:
    return TitleStage(starter_build.engine).assessor


def row(core: str, second: str | None) -> dict[str, str | None]:
    return {
        "raw_title": f"{core} ({second})" if second else core,
        "normalized_title": core,
        "core_title": core,
        "bracketed_core_title": second,
    }


def test_what_neither_list_has_is_the_mean_of_both(assessor: Assessor) -> None:
    first, second, both = assessor.probabilities(
        [
            row("zzq person", None),
            row("cheerful accountant", None),
            row("zzq person", "cheerful accountant"),
        ]
    )
    assert not assessor.is_listed(row("cheerful accountant", None))
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)


def test_a_listed_title_in_brackets_is_an_exact_match(assessor: Assessor) -> None:
    alone = row("zzq person", None)
    assert not assessor.is_listed(alone)
    assert assessor.is_listed(row("zzq person", "accountant"))
    assert assessor.is_listed(row("accountant", "zzq person"))


def test_words_in_brackets_that_end_no_title_change_nothing(assessor: Assessor) -> None:
    alone, aside = assessor.probabilities(
        [row("cheerful accountant", None), row("cheerful accountant", "zzq flurb")]
    )
    np.testing.assert_array_equal(alone, aside)


def test_a_coarser_group_is_never_less_probable(starter_build: Build) -> None:
    levels = ("occupation", "detailed", "broad", "minor", "major")
    table = starter_build.engine.store.read_whole("title_level")
    columns = np.column_stack([table[f"{level}_probability"].to_numpy() for level in levels])
    assert len(columns) > 1_000
    assert (np.diff(columns, axis=1) >= 0).all()
