"""The live lane's Hub files: the real library against the Hub on loopback, and what each fault does."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from aina_assets.core import errors
from aina_assets.sources.lock import LockedFile
from aina_assets.sources.upstream.hub import HubClient
from aina_assets.sources.upstream.live import LiveLane
from aina_assets_tests.sources import loopback
from aina_assets_tests.sources.fetching import assert_fault, files_below, fill_the_disk_for
from aina_assets_tests.sources.loopback import Fault, Upstream, hub_locked
from aina_assets_tests.sources.shapes import HubRepo

upstream = loopback.upstream

REPO, COMMIT = "example/made-up", "a" * 40
HUB_PATH, LFS_PATH = "data/figures.csv", "data/train.parquet"
HUB_CONTENT, LFS_CONTENT = b"soc,share\n" + b"11-1011,0.5\n" * 200, b"PAR1" + b"\0made up\1" * 400


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def repo(upstream: Upstream) -> HubRepo:
    made = HubRepo(COMMIT, {COMMIT: {HUB_PATH: HUB_CONTENT, LFS_PATH: LFS_CONTENT}}, {LFS_PATH})
    upstream.repos[REPO] = made
    return made


def hub_file() -> LockedFile:
    return hub_locked(REPO, COMMIT, HUB_PATH, HUB_CONTENT)


def lfs_file() -> LockedFile:
    return hub_locked(REPO, COMMIT, LFS_PATH, LFS_CONTENT, lfs_sha256=hashlib.sha256(LFS_CONTENT).hexdigest())


def resolve_url(path: str) -> str:
    return f"https://huggingface.co/api/resolve-cache/datasets/{REPO}/{COMMIT}/{path}"


@pytest.fixture
def no_library_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library pauses a second before it resumes; only its own clock is taken away."""
    from huggingface_hub import file_download

    quick = SimpleNamespace(sleep=lambda _: None, time=time.time)
    monkeypatch.setattr(file_download, "time", quick)


@pytest.mark.parametrize("file", [hub_file(), lfs_file()], ids=["in git", "large"])
def test_a_hub_file_is_fetched_at_its_commit(
    upstream: Upstream, repo: HubRepo, data: Path, file: LockedFile
) -> None:
    path = LiveLane(upstream.settings(data)).locate(file)
    assert path == data / "sources" / file.mirror_path
    assert path.read_bytes() == repo.commits[COMMIT][file.name]
    count = len(upstream.requests)
    assert LiveLane(upstream.settings(data)).locate(file) == path
    assert len(upstream.requests) == count
    # No second copy stays in the cache: GDPval's text must not lie in two places.
    assert files_below(data) == {path}


def test_the_hub_gets_the_contact_and_no_token_and_no_telemetry(
    upstream: Upstream, repo: HubRepo, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    LiveLane(upstream.settings(data)).locate(lfs_file())
    assert upstream.requests
    for seen in upstream.requests:
        assert "authorization" not in {name.lower() for name in seen.headers}
        agent = next(value for name, value in seen.headers.items() if name.lower() == "user-agent")
        assert agent.startswith("aina/0.1.0 (+tests@example.org)")
        assert "agent/" not in agent
    assert {seen.path.split("/")[1] for seen in upstream.requests} == {"huggingface.co", "lfs"}


def test_a_branch_is_refused_before_anything_is_asked(upstream: Upstream, repo: HubRepo, data: Path) -> None:
    file = hub_file().model_copy(update={"revision": "main"})
    with pytest.raises(errors.UnlockedRevisionError):
        HubClient(upstream.settings(data)).fetch(file, data / "target")
    assert not upstream.requests


def test_other_content_on_the_hub_is_told_from_its_headers(
    upstream: Upstream, repo: HubRepo, data: Path
) -> None:
    repo.commits[COMMIT][HUB_PATH] = HUB_CONTENT.replace(b"0.5", b"0.6")
    fault = assert_fault(upstream.settings(data), hub_file(), errors.HashMismatchError)
    assert fault.place == "digest"
    assert not [seen for seen in upstream.requests if seen.method == "GET"]


HUB_FAULTS = {
    "a page": (Fault("html"), errors.HtmlInsteadOfDataError),
    "wrong bytes": (Fault("wrong"), errors.HashMismatchError),
    "too short": (Fault("short", times=-1, after=100), errors.TruncatedFileError),
    "forbidden": (Fault("status", times=-1, status=403), errors.ForbiddenError),
    "unavailable": (Fault("status", times=-1, status=503, methods=("HEAD", "GET")), errors.FetchError),
    "reset for good": (Fault("reset", times=-1, after=100), errors.FetchError),
    "asks to wait": (
        Fault("status", times=-1, status=429, headers={"Retry-After": "3600"}, methods=("HEAD", "GET")),
        errors.FetchError,
    ),
}


@pytest.mark.usefixtures("no_library_pauses")
@pytest.mark.parametrize("case", HUB_FAULTS)
def test_each_fault_of_a_hub_download_has_its_error(
    upstream: Upstream, repo: HubRepo, data: Path, case: str
) -> None:
    fault, expected = HUB_FAULTS[case]
    upstream.fault(resolve_url(HUB_PATH), fault)
    begun = time.monotonic()
    assert_fault(upstream.settings(data), hub_file(), expected)
    assert time.monotonic() - begun < 3


@pytest.mark.usefixtures("no_library_pauses")
@pytest.mark.parametrize("kind", ["cut", "stall", "reset", "status"])
def test_a_passing_fault_of_the_hub_is_overcome(
    upstream: Upstream, repo: HubRepo, data: Path, kind: str
) -> None:
    upstream.fault(resolve_url(HUB_PATH), Fault(kind, after=100))
    settings = upstream.settings(data, http_read_timeout_seconds=0.2)
    path = LiveLane(settings).locate(hub_file())
    assert path is not None
    assert path.read_bytes() == HUB_CONTENT


@pytest.mark.usefixtures("no_library_pauses")
def test_a_silent_hub_is_given_up(upstream: Upstream, repo: HubRepo, data: Path) -> None:
    upstream.fault(resolve_url(HUB_PATH), Fault("stall", times=-1, after=0))
    settings = upstream.settings(data, http_read_timeout_seconds=0.05)
    begun = time.monotonic()
    assert_fault(settings, hub_file(), errors.FetchError)
    assert time.monotonic() - begun < 3


def test_what_the_hub_lacks_is_said_by_kind(upstream: Upstream, repo: HubRepo, data: Path) -> None:
    settings = upstream.settings(data)
    del repo.commits[COMMIT][HUB_PATH]
    with pytest.raises(errors.MissingSourceError, match="404"):
        LiveLane(settings).locate(hub_file())
    repo.commits.clear()
    with pytest.raises(errors.MissingSourceError, match="404"):
        LiveLane(settings).locate(hub_file())
    upstream.repos.clear()
    with pytest.raises(errors.ForbiddenError, match="still there and public"):
        LiveLane(settings).locate(hub_file())
    assert not files_below(data)


def test_an_endpoint_that_is_no_hub_is_said_so(upstream: Upstream, repo: HubRepo, data: Path) -> None:
    file = hub_file()
    upstream.put(file.url.replace("huggingface.co", "www.onetcenter.org"), HUB_CONTENT)
    endpoint = upstream.endpoints()["www.onetcenter.org"]
    fault = assert_fault(
        upstream.settings(data, endpoints={"huggingface.co": endpoint}), file, errors.FetchError
    )
    assert "AINA_ENDPOINTS" in fault.remedy


def test_the_librarys_offline_mode_is_respected(
    upstream: Upstream, repo: HubRepo, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    fault = assert_fault(upstream.settings(data), hub_file(), errors.FetchError)
    assert "HF_HUB_OFFLINE" in fault.remedy
    assert not upstream.requests


def test_a_full_disk_during_a_hub_download(
    upstream: Upstream, repo: HubRepo, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_the_disk_for(monkeypatch, ".incomplete")
    assert_fault(upstream.settings(data), hub_file(), errors.StorageFullError)
