"""The whole build from the real mirror gives the figures that its vintages are known to have."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.warehouse.status import status
from aina_assets_tests.builds import built, starter_settings

FIGURES = {
    "occupations": 1_016,
    "task_statements": 18_796,
    "alternate_titles": 57_543,
    "reported_titles": 7_953,
    "job_exposure_soc_rows": 756,
    "legacy_signals": 821,
    "gdpval_tasks": 220,
    "gdpval_rubric_items": 10_453,
    "mapped_soc_entries": 907,
    "oews_national_rows": 1_403,
    "oews_national_detailed_rows": 831,
    "oews_codes_not_soc_detailed": 12,
    "soc_detailed_with_direct_oews_row": 819,
    "soc_detailed_without_direct_oews_row": 48,
    "soc_detailed_rolled_up": 28,
    "soc_detailed_not_covered": 20,
}


@pytest.mark.real_data
@pytest.mark.slow
def test_the_mirror_gives_the_known_figures(real_mirror: Path, tmp_path: Path) -> None:
    settings = starter_settings(tmp_path, sources="mirror", mirror=(real_mirror,))
    with built(settings) as build:
        assert build.summary.is_success, build.summary.check_failures + build.summary.step_failures
        figures = status(build.engine)["figures"]
        assert {name: figures[name] for name in FIGURES} == FIGURES


@pytest.mark.real_data
@pytest.mark.slow
def test_a_mirror_without_bls_wages_has_empty_wage_tables_and_says_so(
    real_mirror: Path, tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror"
    for name in ("www.onetcenter.org", "huggingface.co", "www.bls.gov/soc"):
        (mirror / name).parent.mkdir(parents=True, exist_ok=True)
        (mirror / name).symlink_to(real_mirror / name)
    settings = starter_settings(tmp_path / "run", sources="mirror", mirror=(mirror,))
    with built(settings) as build:
        assert build.summary.is_success, build.summary.check_failures + build.summary.step_failures
        state = status(build.engine)
    for source in ("oews_flat", "oews_national", "oews_api"):
        assert state["sources"][source]["status"] == "not_available"
        assert set(state["sources"][source]["rows"].values()) == {0}
    assert state["tables"]["wage_fact"]["rows"] == 0
    assert state["figures"]["soc_detailed_not_covered"] == 867
