"""The drift rule: news is a WARN with a proposed lock, silence is a WARN too, and neither stops a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.rules import Severity
from aina_assets.core.settings import Settings
from aina_assets.sources.lock import SourceLock, read_lock
from aina_assets.sources.upstream.drift import ONET_PAGE
from aina_assets.sources.upstream.drift_rule import propose_for, upstream_has_not_moved
from aina_assets_tests.sources import loopback, made_up
from aina_assets_tests.sources.loopback import HTML_PAGE, Fault, Upstream
from aina_assets_tests.sources.made_up import BASE

upstream = loopback.upstream
onet_lock = made_up.onet_lock


@pytest.fixture
def engine(upstream: Upstream, onet_lock: SourceLock, tmp_path: Path) -> Engine:
    (tmp_path / "lock.json").write_text(onet_lock.to_json())
    return Engine(upstream.settings(tmp_path / "run", lock=tmp_path / "lock.json"))


def page(release: str) -> bytes:
    return f"<html><h1>O*NET<sup>&reg;</sup> {release} Database</h1></html>".encode()


def test_nothing_newer_passes(upstream: Upstream, engine: Engine) -> None:
    upstream.put(ONET_PAGE, page("30.3"), "text/html")
    finding = upstream_has_not_moved(engine, "onet")
    assert finding.passed
    assert finding.failed_rows == 0


def test_a_newer_release_is_a_warning_that_names_both(upstream: Upstream, engine: Engine) -> None:
    upstream.put(ONET_PAGE, page("31.0"), "text/html")
    finding = upstream_has_not_moved(engine, "onet")
    assert (finding.passed, finding.severity, finding.failed_rows) == (False, Severity.WARN, 1)
    assert list(finding.sample) == [
        {"source": "onet", "locked": "30.3", "upstream": "31.0", "url": ONET_PAGE}
    ]


@pytest.mark.parametrize("fault", ["silent", "maintenance page"])
def test_an_upstream_that_does_not_answer_is_a_warning_and_not_a_pass(
    upstream: Upstream, engine: Engine, fault: str
) -> None:
    if fault == "silent":
        upstream.fault(ONET_PAGE, Fault("status", times=-1, status=503))
    else:
        upstream.put(ONET_PAGE, HTML_PAGE, "text/html")
    finding = upstream_has_not_moved(engine, "onet")
    assert (finding.passed, finding.severity, finding.failed_rows) == (False, Severity.WARN, 1)
    assert "did not answer as expected" in finding.summary
    assert finding.sample[0]["source"] == "onet"
    assert finding.remedy


def test_a_source_that_is_not_locked_is_not_asked(upstream: Upstream, engine: Engine) -> None:
    finding = upstream_has_not_moved(engine, "soc")
    assert finding.passed
    assert finding.figures == {"is_asked": 0}
    assert upstream.requests == []


def test_the_starter_asks_nobody(upstream: Upstream, tmp_path: Path) -> None:
    assert upstream_has_not_moved(Engine(Settings(data=tmp_path)), "onet").passed
    assert upstream.requests == []


def test_a_proposal_that_cannot_be_made_leaves_the_warning_and_says_why(
    upstream: Upstream, engine: Engine
) -> None:
    upstream.put(ONET_PAGE, page("31.0"), "text/html")
    upstream.fault(f"{BASE}/db_31_0_text/Job%20Titles.txt", Fault("status", times=-1, status=503))
    finding = upstream_has_not_moved(engine, "onet")
    told = propose_for(engine, "onet", finding)
    assert told.summary.startswith(finding.summary)
    assert "no lock proposed" in told.summary
    assert (told.passed, told.severity) == (False, Severity.WARN)
    assert not list(engine.data.path.rglob("*.json"))


def test_a_proposal_is_written_into_the_data_root_and_named(upstream: Upstream, engine: Engine) -> None:
    upstream.put(ONET_PAGE, page("31.0"), "text/html")
    upstream.put(f"{BASE}/db_31_0_text/Job%20Titles.txt", b"new titles")
    before = engine.settings.lock_path.read_bytes()
    told = propose_for(engine, "onet", upstream_has_not_moved(engine, "onet"))
    assert "proposed in sources.lock.onet.proposed.json" in told.summary
    proposed = read_lock(engine.data.path / "sources.lock.onet.proposed.json")
    assert ("31.0", "Job Titles.txt") in {(file.vintage, file.name) for file in proposed.files}
    assert engine.settings.lock_path.read_bytes() == before
