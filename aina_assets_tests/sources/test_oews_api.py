"""Answers of the BLS API as a table: what is withheld has a reason, and damage is named by file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.errors import BlsSeriesError, CellError, SourceError
from aina_assets.core.settings import Settings
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers.oews_api import acquire_api, read_observations
from aina_assets.sources.upstream.bls_api import CACHE_PATH

EMPLOYMENT, WAGE = "OEUN000000000000015125201", "OEUN000000000000015125204"


def observation(value: str, *footnotes: dict[str, str], year: str = "2025") -> dict[str, Any]:
    return {
        "year": year,
        "period": "A01",
        "periodName": "Annual",
        "value": value,
        "footnotes": list(footnotes),
    }


def cached(mirror: Path, answers: dict[str, object]) -> Settings:
    folder = mirror / CACHE_PATH
    folder.mkdir(parents=True)
    for series_id, answer in answers.items():
        text = answer if isinstance(answer, str) else json.dumps({"data": answer})
        (folder / f"{series_id}.json").write_text(text)
    return Settings(sources="mirror", mirror=(mirror,), bls_series=tuple(answers))


def acquired(tmp_path: Path, *observations: object, series_id: str = WAGE) -> SourceFiles:
    return acquire_api(cached(tmp_path, {series_id: list(observations)}))


def test_cached_answers_become_a_table(tmp_path: Path) -> None:
    settings = cached(
        tmp_path,
        {
            WAGE: [observation("137,330.50", {}, year="2025"), observation("9", year="2024")],
            EMPLOYMENT: [observation("1690140")],
        },
    )
    files = acquire_api(settings)
    rows = read_observations(files).to_pylist()
    assert [(row["series_id"], row["year"], row["measure"], row["value"]) for row in rows] == [
        (EMPLOYMENT, 2025, "employment_jobs", 1690140.0),
        (WAGE, 2025, "annual_mean_wage_usd", 137330.5),
        (WAGE, 2024, "annual_mean_wage_usd", 9.0),
    ]
    assert rows[1] | {"vintage": "x"} == {
        "vintage": "x",
        "source_file": f"{WAGE}.json",
        "source_row": 1,
        "series_id": WAGE,
        "area_type": "N",
        "area_code": "0000000",
        "industry_code": "000000",
        "occupation_code": "15-1252",
        "measure": "annual_mean_wage_usd",
        "year": 2025,
        "value": 137330.5,
        "value_status": "published",
        "footnote_codes": None,
    }


@pytest.mark.parametrize(
    ("codes", "status"), [(["8"], "not_released"), (["5"], "top_coded"), (["1", "5"], "top_coded")]
)
def test_what_is_withheld_has_a_reason_and_no_value(tmp_path: Path, codes: list[str], status: str) -> None:
    notes = [{"code": code, "text": "why"} for code in codes]
    (row,) = read_observations(acquired(tmp_path, observation("-", *notes))).to_pylist()
    assert (row["value"], row["value_status"], row["footnote_codes"]) == (None, status, ",".join(codes))


@pytest.mark.parametrize(
    ("faulty", "told"),
    [
        (observation("-"), "no value and no footnote"),
        (observation("-", {"code": "1", "text": "an estimate"}), "no value and no footnote"),
        (observation("nan"), "'nan' is not a number"),
        (observation("inf"), "is not a number"),
        (observation("1_000"), "is not a number"),
        (observation("12,34"), "is not a number"),
        (observation("n/a"), "is not a number"),
        (observation(""), "is not a number"),
    ],
)
def test_a_value_that_is_no_number_is_named_by_file_and_place(tmp_path: Path, faulty: Any, told: str) -> None:
    files = acquired(tmp_path, observation("1", year="2024"), faulty)
    with pytest.raises(CellError, match=told) as caught:
        read_observations(files)
    assert caught.value.file == str(files.path(f"{WAGE}.json"))
    assert caught.value.place == "observation 2"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"data": null}',
        '{"data": 3}',
        '{"data": [3]}',
        '{"data": [{"year": "2025"}]}',
    ],
)
def test_a_damaged_cache_is_named_and_may_be_deleted(tmp_path: Path, content: str) -> None:
    files = acquire_api(cached(tmp_path, {WAGE: content or " "}))
    with pytest.raises(SourceError, match="not a cached answer") as caught:
        read_observations(files)
    assert caught.value.file == str(files.path(f"{WAGE}.json"))
    assert "Delete it" in caught.value.remedy


def test_a_series_that_is_not_cached_is_not_there(tmp_path: Path) -> None:
    settings = cached(tmp_path, {WAGE: [observation("1")]})
    files = acquire_api(settings.model_copy(update={"bls_series": (EMPLOYMENT,)}))
    assert not files.is_available


def test_the_starter_has_no_answers(tmp_path: Path) -> None:
    assert not acquire_api(Settings(bls_series=(WAGE,), data=tmp_path)).is_available


def test_a_malformed_series_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BlsSeriesError, match="OEUX"):
        acquire_api(Settings(bls_series=("OEUX",), data=tmp_path))


def test_a_series_of_an_unknown_data_type_is_refused_by_name(tmp_path: Path) -> None:
    series_id = f"{WAGE[:-2]}99"
    files = acquired(tmp_path, observation("1"), series_id=series_id)
    with pytest.raises(BlsSeriesError) as caught:
        read_observations(files)
    assert caught.value.place == series_id
