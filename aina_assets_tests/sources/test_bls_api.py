"""The BLS API's client against its real shapes: limits, cache, and what an HTTP 200 may mean."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aina_assets.core import errors
from aina_assets.core.settings import Settings
from aina_assets.core.storage import DataRoot
from aina_assets.sources.upstream.bls_api import (
    API_URL,
    BlsAnswer,
    BlsApi,
    Footnote,
    Observation,
    check_series_id,
    read_observation,
    series_blocks,
    unknown_series,
)
from aina_assets.sources.upstream.bls_quota import DailyQuota
from aina_assets_tests.sources import loopback
from aina_assets_tests.sources.loopback import Fault, Upstream

upstream = loopback.upstream

DAY = date(2026, 11, 23)
KEY = "0123456789abcdef0123456789abcdef"
WAGE, EMPLOYMENT, CAPPED = (f"OEUN000000000000029122{end}" for end in ("204", "201", "215"))


def row(value: str, footnotes: list[dict[str, str]] | None = None, year: str = "2025") -> dict[str, Any]:
    notes = footnotes if footnotes is not None else [{}]
    return {"year": year, "period": "A01", "periodName": "Annual", "value": value, "footnotes": notes}


@pytest.fixture
def served(upstream: Upstream) -> Upstream:
    upstream.bls.series = {
        WAGE: [row("98765", [{"code": "2", "text": "Annual wages are hourly wages times 2,080 hours."}])],
        EMPLOYMENT: [row("-", [{"code": "8", "text": "Estimate not released."}])],
        CAPPED: [
            row("-", [{"code": "5", "text": "This wage is equal to or greater than $239,200 per year."}])
        ],
    }
    return upstream


def api(upstream: Upstream, data: Path, day: date = DAY, **overrides: Any) -> BlsApi:
    return BlsApi(upstream.settings(data, **overrides), today=lambda: day)


def ask(client: BlsApi, *series: str) -> BlsAnswer:
    return client.fetch(series, start_year=2024, end_year=2025)


def test_the_real_ids_of_the_flat_file_are_well_formed() -> None:
    for series_id in ("OEUM001018000000000000001", "OEUN000000011--1200000001", "OEUS01000003250A111101101"):
        assert check_series_id(series_id) == series_id


@pytest.mark.parametrize(
    "series_id",
    ["", "LNS14000000", "OEUM00101800000000000001", "OEUX001018000000000000001", "oeum001018000000000000001",
     "OEUM001018000000000000001 ", "OEUM00101800000000000000A"],
)  # fmt: skip
def test_a_malformed_id_is_refused_without_asking(served: Upstream, tmp_path: Path, series_id: str) -> None:
    with pytest.raises(errors.BlsSeriesError, match="malformed"):
        ask(api(served, tmp_path), WAGE, series_id)
    assert not served.requests


def test_values_and_reasons_are_kept_apart(served: Upstream, tmp_path: Path) -> None:
    answer = ask(api(served, tmp_path), WAGE, EMPLOYMENT, CAPPED)
    assert [(item.series_id, item.value) for item in answer.observations] == [
        (WAGE, "98765"),
        (EMPLOYMENT, None),
        (CAPPED, None),
    ]
    assert [item.footnotes[0].code for item in answer.observations] == ["2", "8", "5"]
    assert answer.observations[1].footnotes == (Footnote("8", "Estimate not released."),)
    assert answer.observations[0].year == 2025
    assert answer.observations[0].period == "A01"
    assert (answer.queries, answer.unknown) == (1, ())


def test_what_is_sent_is_what_bls_documents(served: Upstream, tmp_path: Path) -> None:
    ask(api(served, tmp_path), WAGE)
    ask(api(served, tmp_path, bls_api_key=KEY), WAGE)
    served.bls.valid_key = KEY
    ask(api(served, tmp_path / "keyed", bls_api_key=KEY), WAGE)
    first, second = served.asked(API_URL)
    expected = {"seriesid": [WAGE], "startyear": "2024", "endyear": "2025"}
    assert json.loads(first.body) == expected
    assert json.loads(second.body) == expected | {"registrationkey": KEY}
    assert first.headers["Content-Type"] == "application/json"


def test_a_second_call_asks_nothing(served: Upstream, tmp_path: Path) -> None:
    first = ask(api(served, tmp_path), WAGE, EMPLOYMENT)
    second = ask(api(served, tmp_path), WAGE, EMPLOYMENT)
    assert second.observations == first.observations
    assert second.queries == 0
    assert len(served.requests) == 1
    cached = tmp_path / f"sources/api.bls.gov/publicAPI/v2/timeseries/data/{WAGE}.json"
    assert json.loads(cached.read_text())["retrieved"] == "2026-11-23"


def test_other_years_are_asked_for_and_fewer_years_are_not(served: Upstream, tmp_path: Path) -> None:
    client = api(served, tmp_path)
    served.bls.series[WAGE].append(row("90000", year="2020"))
    assert len(client.fetch([WAGE], start_year=2018, end_year=2025).observations) == 2
    assert [i.year for i in client.fetch([WAGE], start_year=2025, end_year=2025).observations] == [2025]
    assert len(served.requests) == 1
    client.fetch([WAGE], start_year=2017, end_year=2025)
    assert len(served.requests) == 2


def test_a_damaged_cache_file_is_asked_for_again(served: Upstream, tmp_path: Path) -> None:
    ask(api(served, tmp_path), WAGE)
    cached = tmp_path / f"sources/api.bls.gov/publicAPI/v2/timeseries/data/{WAGE}.json"
    for damage in ("{", "[]", '{"start_year": 2020, "end_year": 2026, "data": [{"year": 2025}]}'):
        cached.write_text(damage)
        assert ask(api(served, tmp_path), WAGE).observations[0].value == "98765"


@pytest.mark.parametrize(("key", "sizes"), [(None, [25, 25, 10]), (KEY, [50, 10])])
def test_queries_hold_as_many_series_as_allowed(
    served: Upstream, tmp_path: Path, key: str | None, sizes: list[int]
) -> None:
    series = [f"OEUM{area:07d}000000291222{4:02d}" for area in range(60)]
    served.bls.series = {name: [row("1")] for name in series}
    served.bls.valid_key = key
    answer = ask(api(served, tmp_path, bls_api_key=key), *series, series[0])
    assert [len(json.loads(seen.body)["seriesid"]) for seen in served.requests] == sizes
    assert answer.queries == len(sizes)
    assert len(answer.observations) == 60


def test_the_days_queries_are_counted_across_processes(served: Upstream, tmp_path: Path) -> None:
    settings = served.settings(tmp_path)
    for number in range(25):
        series = f"OEUM{number:07d}00000029122204"
        served.bls.series[series] = [row("1")]
        ask(api(served, tmp_path), series)
    with pytest.raises(errors.BlsQuotaError, match="25 of 25 queries are used up on 2026-11-23"):
        ask(api(served, tmp_path), WAGE)
    assert len(served.requests) == 25
    assert ask(api(served, tmp_path), series).queries == 0, "the cache stays usable"
    # A key has a count of its own, and so has the next day.
    served.bls.valid_key = KEY
    assert quota(settings, KEY).used() == 0
    assert ask(api(served, tmp_path, bls_api_key=KEY), WAGE).queries == 1
    assert quota(settings, KEY).used() == 1
    assert ask(api(served, tmp_path, date(2026, 11, 24)), EMPLOYMENT).queries == 1


def quota(settings: Settings, key: str | None, day: date = DAY) -> DailyQuota:
    return DailyQuota(DataRoot(settings.data).cache, key, 500 if key else 25, lambda: day)


def test_the_count_does_not_hold_the_key(served: Upstream, tmp_path: Path) -> None:
    served.bls.valid_key = KEY
    ask(api(served, tmp_path, bls_api_key=KEY), WAGE)
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert not [text for text in written if KEY in text]


def test_what_came_before_the_quota_ended_is_kept(served: Upstream, tmp_path: Path) -> None:
    series = [f"OEUM{area:07d}00000029122204" for area in range(30)]
    served.bls.series = {name: [row("1")] for name in series}
    for _ in range(24):
        quota(served.settings(tmp_path), None).take()
    with pytest.raises(errors.BlsQuotaError):
        ask(api(served, tmp_path), *series)
    assert len(served.requests) == 1
    assert ask(api(served, tmp_path), *series[:25]).queries == 0


THRESHOLD = (
    "Request could not be serviced, as the daily threshold for total number of requests allocated "
    "to the user with registration key  has been reached."
)


def refusal(message: str, status: str = "REQUEST_NOT_PROCESSED") -> dict[str, Any]:
    return {"status": status, "responseTime": 0, "message": [message], "Results": {}}


def test_a_quota_message_is_a_quota_error_and_is_remembered(served: Upstream, tmp_path: Path) -> None:
    served.bls.refuse_with = refusal(THRESHOLD)
    with pytest.raises(errors.BlsQuotaError, match="daily threshold"):
        ask(api(served, tmp_path), WAGE)
    with pytest.raises(errors.BlsQuotaError, match="used up"):
        ask(api(served, tmp_path), WAGE)
    assert len(served.requests) == 1


def test_an_invalid_key_is_a_key_error_that_does_not_repeat_the_key(served: Upstream, tmp_path: Path) -> None:
    served.bls.valid_key = "another"
    with pytest.raises(errors.BlsKeyError, match="is invalid") as caught:
        ask(api(served, tmp_path, bls_api_key=KEY), WAGE)
    assert KEY not in str(caught.value)
    assert "***" in str(caught.value)
    assert "AINA_BLS_API_KEY" in caught.value.remedy


@pytest.mark.parametrize("is_partial_named", [False, True])
def test_an_unknown_series_is_reported_and_the_others_are_kept(
    served: Upstream, tmp_path: Path, is_partial_named: bool
) -> None:
    served.bls.is_partial_named = is_partial_named
    unknown = "OEUM999999900000029122204"
    answer = ask(api(served, tmp_path), unknown, WAGE)
    assert answer.unknown == (unknown,)
    assert [item.series_id for item in answer.observations] == [WAGE]
    assert answer.messages == (f"Series does not exist for Series {unknown}",)
    assert ask(api(served, tmp_path), WAGE).queries == 0
    assert ask(api(served, tmp_path), WAGE, unknown).queries == 1, "BLS may add it"


def test_nothing_but_unknown_series_is_an_error(served: Upstream, tmp_path: Path) -> None:
    with pytest.raises(errors.BlsSeriesError, match="BLS has none of the series: OEUM9999999"):
        ask(api(served, tmp_path), "OEUM999999900000029122204")
    served.bls.refuse_with = refusal("Invalid Series for Series OEUM999999900000029122204")
    with pytest.raises(errors.BlsSeriesError, match="REQUEST_NOT_PROCESSED"):
        ask(api(served, tmp_path), "OEUM999999900000029122204")


@pytest.mark.parametrize("status", ["REQUEST_NOT_PROCESSED", "REQUEST_FAILED_INVALID_PARAMETERS", "NEW"])
def test_any_other_refusal_is_an_api_error(served: Upstream, tmp_path: Path, status: str) -> None:
    served.bls.refuse_with = refusal("something new", status)
    with pytest.raises(errors.BlsApiError, match=f"{status}: something new") as caught:
        ask(api(served, tmp_path), WAGE)
    assert type(caught.value) is errors.BlsApiError


def test_a_series_left_out_is_an_error_and_the_others_are_kept(served: Upstream, tmp_path: Path) -> None:
    served.bls.leave_out = {EMPLOYMENT}
    with pytest.raises(errors.BlsApiError, match="1 of 2 series") as caught:
        ask(api(served, tmp_path), EMPLOYMENT, WAGE)
    assert caught.value.place == EMPLOYMENT
    assert ask(api(served, tmp_path), WAGE).queries == 0


def test_a_series_without_values_in_those_years_is_known_and_empty(served: Upstream, tmp_path: Path) -> None:
    served.bls.series[WAGE] = []
    assert ask(api(served, tmp_path), WAGE).observations == ()
    assert ask(api(served, tmp_path), WAGE).queries == 0


def test_too_many_years_are_refused_before_asking(served: Upstream, tmp_path: Path) -> None:
    client = api(served, tmp_path)
    for start, end in ((2025, 2024), (2010, 2025)):
        with pytest.raises(errors.BlsApiError, match="1 to 10 years"):
            client.fetch([WAGE], start_year=start, end_year=end)
    assert not served.requests


def test_each_attempt_counts_as_a_query(served: Upstream, tmp_path: Path) -> None:
    served.fault(API_URL, Fault("status", times=1, status=503))
    ask(api(served, tmp_path), WAGE)
    assert quota(served.settings(tmp_path), None).used() == 2


FAULTS = {
    "a page": (Fault("html"), errors.HtmlInsteadOfDataError),
    "not JSON": (Fault("short", after=10), errors.FetchError),
    "forbidden": (Fault("status", status=403), errors.ForbiddenError),
    "unavailable": (Fault("status", times=-1), errors.FetchError),
    "cut": (Fault("cut", times=-1, after=5), errors.FetchError),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_fault_of_the_transport_has_its_error(served: Upstream, tmp_path: Path, case: str) -> None:
    fault, expected = FAULTS[case]
    served.fault(API_URL, fault)
    with pytest.raises(errors.SourceError) as caught:
        ask(api(served, tmp_path), WAGE)
    assert type(caught.value) is expected
    assert caught.value.file == API_URL
    assert not list((tmp_path / "sources").rglob("*.json"))


def test_both_shapes_of_results_are_read() -> None:
    block = {"seriesID": WAGE, "data": []}
    assert series_blocks({"Results": {"series": [block]}}) == [block]
    assert series_blocks({"Results": [{"series": [block]}]}) == [block]
    assert series_blocks({"Results": None}) == []
    for shape in ({"series": "text"}, {"series": [1]}, ["text"]):
        with pytest.raises(errors.BlsApiError, match="unexpected shape"):
            series_blocks({"Results": shape})


def test_footnotes_come_in_several_empty_shapes() -> None:
    empty: list[Any] = [[{}], [], None, [None], [{"code": ""}]]
    for footnotes in empty:
        raw = row("1") | {"footnotes": footnotes}
        assert read_observation(WAGE, raw) == Observation(WAGE, 2025, "A01", "1", ())
    damaged: list[Any] = [{}, None, row("1") | {"year": "soon"}, row("1") | {"footnotes": ["text"]}]
    for item in damaged:
        with pytest.raises(errors.BlsApiError, match="not an observation"):
            read_observation(WAGE, item)


def test_the_messages_that_name_unknown_series() -> None:
    texts = [
        "Series does not exist for Series A1",
        "Invalid Series for Series B2.",
        "Series does not exist for Series id: C3",
        "No Data Available for Series D4 Year: 2024",
    ]
    assert unknown_series(texts) == ["A1", "B2", "C3"]
