"""Schedules, refresh jobs and the drift sensor, against publishers on loopback that the real clients ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from aina_assets.core.engine import Engine
from aina_assets.definitions import build_definitions
from aina_assets.sources.automation import REFRESH_JOBS, SCHEDULES, upstream_drift_sensor
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.lock import SourceLock, read_lock
from aina_assets.sources.upstream.drift import OEWS_RELEASE, OEWS_TABLES, ONET_PAGE
from aina_assets.sources.upstream.drift_rule import LOCKED_SOURCES
from aina_assets_tests.builds import starter_settings
from aina_assets_tests.sources import loopback
from aina_assets_tests.sources.loopback import Fault, Upstream, hub_locked, locked
from aina_assets_tests.sources.made_up import BASE, COMMIT, CROSSWALK, HEAD, STRUCTURE
from aina_assets_tests.sources.shapes import HubRepo

upstream = loopback.upstream

FLAT = "https://download.bls.gov/pub/time.series/oe"
WORKBOOK = "https://www.bls.gov/oes/special-requests/oesm24nat/national_M2024_dl.xlsx"
REPOS = {"economic_index": "example/index", "gdpval": "example/tasks"}
CONTENT = b"a,b\n1,2\n"


# --- schedules and jobs


def test_every_source_has_a_weekly_schedule_of_its_own() -> None:
    assert {schedule.name: schedule.job_name for schedule in SCHEDULES} == {
        f"weekly_{source}": f"refresh_{source}" for source in SOURCES
    }


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)
def test_a_schedule_is_off_until_somebody_starts_it(schedule: dg.ScheduleDefinition) -> None:
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 * * 1", "UTC")
    assert schedule.description


def test_a_tick_asks_for_one_run() -> None:
    monday = datetime(2026, 11, 23, 6, tzinfo=UTC)
    requests = (
        SCHEDULES[0].evaluate_tick(dg.build_schedule_context(scheduled_execution_time=monday)).run_requests
    )
    assert requests is not None
    assert [request.tags["dagster/schedule_name"] for request in requests] == [SCHEDULES[0].name]


def test_the_sensor_is_off_until_somebody_starts_it() -> None:
    assert upstream_drift_sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert upstream_drift_sensor.minimum_interval_seconds == 24 * 60 * 60 // len(LOCKED_SOURCES)


@pytest.mark.parametrize("source", SOURCES)
def test_a_refresh_makes_the_sources_own_assets_alone(source: str, tmp_path: Path) -> None:
    job = build_definitions(starter_settings(tmp_path)).resolve_job_def(REFRESH_JOBS[source].name)
    assert {key.to_user_string() for key in job.asset_layer.executable_asset_keys} == {
        f"{source}_files",
        *(contract.name for contract in SOURCES[source].contracts),
    }


# --- the sensor


def release_file(year: int) -> bytes:
    return f"release_date\tdescription\r\n{year}A01\tMay {year}\r\n".encode()


def onet_page(release: str) -> bytes:
    return f"<html><h1>O*NET<sup>&reg;</sup> {release} Database</h1></html>".encode()


@pytest.fixture
def engine(upstream: Upstream, tmp_path: Path) -> Engine:
    """Every locked source is upstream as the lock says."""
    soc = {"source": "soc", "vintage": "SOC 2018", "layout": "2018"}
    flat = {"source": "oews_flat", "vintage": "May 2025"}
    national = {"source": "oews_national", "vintage": "May 2024", "name": "national.xlsx"}
    lock = SourceLock(
        files=(
            locked(f"{BASE}/db_30_3_text/Job%20Titles.txt", CONTENT),
            *(hub_locked(repo, COMMIT, "a.csv", CONTENT, source=s) for s, repo in REPOS.items()),
            locked(OEWS_RELEASE, release_file(2025), **flat),
            locked(f"{FLAT}/oe.area", CONTENT, **flat),
            locked(WORKBOOK, CONTENT, **national),
            locked(STRUCTURE, CONTENT, **soc),
            locked(CROSSWALK, CONTENT, **soc),
        )
    )
    path = tmp_path / "sources.lock.json"
    path.write_text(lock.to_json(), "utf-8")
    for repo in REPOS.values():
        upstream.repos[repo] = HubRepo(COMMIT, {COMMIT: {"a.csv": CONTENT}})
    upstream.put(ONET_PAGE, onet_page("30.3"), "text/html")
    upstream.put(OEWS_RELEASE, release_file(2025))
    upstream.put(OEWS_TABLES, b'<a href="/oes/special-requests/oesm24nat.zip">XLS</a>', "text/html")
    upstream.put(STRUCTURE, CONTENT)
    upstream.put(CROSSWALK, CONTENT)
    return Engine(upstream.settings(tmp_path / "run", lock=path))


def tick(engine: Engine) -> dict[str, dg.AssetCheckEvaluation]:
    """What the sensor reports in a day, by source: one a tick, each in its turn; it starts nothing."""
    found: dict[str, dg.AssetCheckEvaluation] = {}
    cursor: str | None = None
    for _ in LOCKED_SOURCES:
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance, resources={"engine": engine}, cursor=cursor)
            data = upstream_drift_sensor.evaluate_tick(context)
        assert data.run_requests == []
        cursor = data.cursor
        (event,) = data.asset_events
        assert isinstance(event, dg.AssetCheckEvaluation)
        assert event.check_name == "upstream_drift"
        assert event.severity is dg.AssetCheckSeverity.WARN
        found[event.asset_key.to_user_string().removesuffix("_files")] = event
    assert (list(found), cursor) == ([*LOCKED_SOURCES], "0")
    return found


def proposals(engine: Engine) -> list[str]:
    return sorted(path.name for path in engine.data.path.glob("*.json"))


def test_what_is_as_locked_passes_and_nothing_is_proposed(engine: Engine) -> None:
    found = tick(engine)
    assert {source: event.passed for source, event in found.items()} == dict.fromkeys(LOCKED_SOURCES, True)
    assert proposals(engine) == []


def newer_commit(upstream: Upstream) -> None:
    repo = upstream.repos[REPOS["gdpval"]]
    repo.head, repo.commits[HEAD] = HEAD, {"a.csv": b"a,b\n1,3\n"}


def newer_onet(upstream: Upstream) -> None:
    upstream.put(ONET_PAGE, onet_page("31.0"), "text/html")
    upstream.put(f"{BASE}/db_31_0_text/Job%20Titles.txt", b"new titles")


def newer_flat(upstream: Upstream) -> None:
    upstream.put(OEWS_RELEASE, release_file(2026))
    upstream.put(f"{FLAT}/oe.area", b"more areas")


@pytest.mark.parametrize(
    ("source", "publish", "old", "new"),
    [
        ("gdpval", newer_commit, COMMIT[:12], HEAD[:12]),
        ("onet", newer_onet, "30.3", "31.0"),
        ("oews_flat", newer_flat, "May 2025", "May 2026"),
    ],
)
def test_something_newer_is_a_warning_with_a_proposed_lock(
    upstream: Upstream,
    engine: Engine,
    source: str,
    publish: Callable[[Upstream], None],
    old: str,
    new: str,
) -> None:
    publish(upstream)
    before = engine.settings.lock_path.read_bytes()
    found = tick(engine)
    assert [name for name, event in found.items() if not event.passed] == [source]
    told = found[source].description or ""
    assert f"locked {old}, upstream {new}" in told
    assert f"changes proposed in sources.lock.{source}.proposed.json" in told
    assert "Review the proposed lock" in str(found[source].metadata["remedy"].value)
    assert proposals(engine) == [f"sources.lock.{source}.proposed.json"]
    proposed = read_lock(engine.data.path / f"sources.lock.{source}.proposed.json")
    assert new in proposed.vintages(source)
    assert engine.settings.lock_path.read_bytes() == before


def test_a_publisher_that_does_not_answer_is_a_warning_not_a_pass(upstream: Upstream, engine: Engine) -> None:
    upstream.fault(ONET_PAGE, Fault("status", times=-1))
    found = tick(engine)
    assert [name for name, event in found.items() if not event.passed] == ["onet"]
    assert "upstream did not answer" in (found["onet"].description or "")
    assert found["onet"].metadata["failed_rows"].value == 1


def test_the_starter_has_no_upstream_and_asks_nobody(upstream: Upstream, tmp_path: Path) -> None:
    found = tick(Engine(upstream.settings(tmp_path, sources="starter")))
    assert all(event.passed for event in found.values())
    assert upstream.requests == []


# --- a refresh in the live lane


def test_a_refresh_fetches_reads_checks_and_asks_for_something_newer(
    upstream: Upstream, tmp_path: Path
) -> None:
    starter = starter_settings(tmp_path)
    files = read_lock(starter.lock_path).of("gdpval")
    commit, repo = "c" * 40, "openai/gdpval"
    contents = {file.name: (starter.starter_root / file.mirror_path).read_bytes() for file in files}
    large = {file.name for file in files if file.lfs_sha256}
    upstream.repos[repo] = HubRepo(commit, {commit: contents}, large)
    records = [
        {
            **file.model_dump(mode="json", exclude_none=True),
            "vintage": commit[:12],
            "revision": commit,
            "url": f"https://huggingface.co/datasets/{repo}/resolve/{commit}/{file.name}",
        }
        for file in files
    ]
    lock = tmp_path / "sources.lock.json"
    lock.write_text(json.dumps({"files": records}), "utf-8")
    engine = Engine(upstream.settings(tmp_path / "run", lock=lock))
    job = build_definitions(engine.settings).resolve_job_def("refresh_gdpval")
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    assert result.success
    evaluations = {
        (e.asset_key.to_user_string(), e.check_name): e for e in result.get_asset_check_evaluations()
    }
    assert all(evaluation.passed for evaluation in evaluations.values())
    assert ("gdpval_files", "lock_and_hash") in evaluations
    assert "at the locked commit" in (evaluations["gdpval_files", "upstream_drift"].description or "")
    assert engine.store.info("gdpval_task").rows == 44
    assert engine.store.info("gdpval_task").provenance.vintages == {"gdpval": commit[:12]}
    for file in files:
        fetched = engine.data.downloads / f"huggingface.co/datasets/{repo}/resolve/{commit}/{file.name}"
        assert fetched.read_bytes() == contents[file.name]
