"""The live lane against upstream on loopback: what it fetches, and what each fault does.

After every fault the last good file stands, and nothing else is left in the data root.
"""

from __future__ import annotations

import io
import os
import time
import zipfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from aina_assets.core import errors
from aina_assets.core.errors import AinaError
from aina_assets.core.storage import DigestCache
from aina_assets.sources.acquire import acquire
from aina_assets.sources.lock import Archive, LockedFile, SourceLock
from aina_assets.sources.upstream.http import HttpClient, parse_retry_after, rewrite, user_agent
from aina_assets.sources.upstream.live import LiveLane
from aina_assets_tests.sources import loopback
from aina_assets_tests.sources.fetching import assert_fault, files_below, fill_the_disk_for, leave_old_file
from aina_assets_tests.sources.loopback import Fault, Upstream, locked

upstream = loopback.upstream

URL = "https://www.onetcenter.org/dl_files/database/db_30_3_text/Job%20Titles.txt"
CONTENT = b"O*NET-SOC Code\tJob Title\r\n" + b"11-1011.00\tChief Example Officer\r\n" * 3000
ZIP_URL = "https://www.bls.gov/oes/special-requests/oesm24nat.zip"
MEMBER = "oesm24nat/national_M2024_dl.xlsx"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "run"


def plain_file() -> LockedFile:
    return locked(URL, CONTENT)


def zip_file() -> LockedFile:
    return locked(
        "https://www.bls.gov/oes/special-requests/oesm24nat/national_M2024_dl.xlsx",
        CONTENT,
        source="oews_national",
        name="national.xlsx",
        archive=Archive(url=ZIP_URL, member=MEMBER),
    )


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


# --- plain HTTP -------------------------------------------------------------------------------------------


def test_a_file_is_fetched_once_and_then_found(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    lane = LiveLane(upstream.settings(data))
    path = lane.locate(plain_file())
    assert path == data / "sources/www.onetcenter.org/dl_files/database/db_30_3_text/Job Titles.txt"
    assert path.read_bytes() == CONTENT
    assert lane.locate(plain_file()) == path
    assert len(upstream.asked(URL)) == 1
    assert files_below(data) == {path}


def test_a_file_that_is_not_the_locked_one_is_fetched_anew(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    target = leave_old_file(data, plain_file())
    assert LiveLane(upstream.settings(data)).locate(plain_file()) == target
    assert target.read_bytes() == CONTENT


def test_remembered_digests_spare_reading_a_present_file(
    upstream: Upstream, data: Path, tmp_path: Path
) -> None:
    upstream.put(URL, CONTENT)
    digests = DigestCache(tmp_path / "digests.json")
    lane = LiveLane(upstream.settings(data), digests=digests)
    path = lane.locate(plain_file())
    assert path is not None
    lane.locate(plain_file())
    digests.save()
    assert str(path) in (tmp_path / "digests.json").read_text()


def test_acquire_uses_the_live_lane(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    settings = upstream.settings(data, onet_vintage="30.3")
    files = acquire("onet", settings, SourceLock(files=(plain_file(),)))
    assert files.path("Job Titles.txt").read_bytes() == CONTENT


def test_the_user_agent_carries_the_contact(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    LiveLane(upstream.settings(data)).locate(plain_file())
    assert upstream.requests[0].headers["User-Agent"] == "aina/0.1.0 (+tests@example.org)"


def test_a_contact_that_cannot_stand_in_a_header_is_refused(upstream: Upstream, data: Path) -> None:
    with pytest.raises(errors.SettingsError, match="AINA_CONTACT"):
        user_agent(upstream.settings(data, contact="a@b.org\r\nX-Other: 1"))


def test_an_endpoint_replaces_the_host_and_keeps_the_path() -> None:
    endpoints = {"www.bls.gov": "http://127.0.0.1:1234/www.bls.gov"}
    assert rewrite("https://www.bls.gov/a/b%20c", endpoints) == "http://127.0.0.1:1234/www.bls.gov/a/b%20c"
    assert rewrite("https://api.bls.gov/a?b=c", endpoints) == "https://api.bls.gov/a?b=c"


def test_a_passing_503_is_tried_again(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.fault(URL, Fault("status", times=2, status=503))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert len(upstream.asked(URL)) == 3


def test_a_lasting_503_is_given_up_after_the_set_attempts(upstream: Upstream, data: Path) -> None:
    upstream.fault(URL, Fault("status", times=-1, status=503))
    fault = assert_fault(upstream.settings(data), plain_file(), errors.FetchError)
    assert "gave up after 3 attempts: HTTP 503" in fault.message
    assert len(upstream.asked(URL)) == 3


def test_retry_after_is_waited_for(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.fault(URL, Fault("status", status=429, headers={"Retry-After": "7"}))
    pauses: list[float] = []
    settings = upstream.settings(data)
    LiveLane(settings, http=HttpClient(settings, sleep=pauses.append)).locate(plain_file())
    assert pauses == [7.0]


def test_pauses_double_with_jitter(upstream: Upstream, data: Path) -> None:
    upstream.fault(URL, Fault("status", times=-1))
    pauses: list[float] = []
    settings = upstream.settings(data, http_backoff_seconds=1.0, http_attempts=5)
    with pytest.raises(errors.FetchError):
        HttpClient(settings, sleep=pauses.append).get_text(URL)
    assert [round(pause / 2**n, 6) for n, pause in enumerate(pauses)] != [1.0] * 4
    assert all(0.5 * 2**n <= pause <= 2**n for n, pause in enumerate(pauses))
    assert len(pauses) == 4


def test_a_retry_after_beyond_reason_is_reported_not_slept(upstream: Upstream, data: Path) -> None:
    upstream.fault(URL, Fault("status", times=-1, status=429, headers={"Retry-After": "3600"}))
    fault = assert_fault(upstream.settings(data), plain_file(), errors.FetchError)
    assert "wait 3600 s" in fault.message
    assert len(upstream.asked(URL)) == 1


def test_retry_after_is_read_as_seconds_or_date() -> None:
    assert parse_retry_after(" 12 ") == 12
    assert parse_retry_after(None) is None
    assert parse_retry_after("soon") is None
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    ahead = parse_retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True))
    assert ahead is not None
    assert 80 < ahead <= 90


def test_an_interrupted_download_goes_on_where_it_broke_off(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.fault(URL, Fault("cut", after=70_000))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert path.read_bytes() == CONTENT
    second = upstream.asked(URL)[1].headers
    start = int(second["Range"].removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= 70_000
    assert second["If-Range"] == f'"{upstream.etag_of(CONTENT)}"'


def test_a_reset_connection_is_resumed_too(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.fault(URL, Fault("reset", after=70_000))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert path.read_bytes() == CONTENT


def test_without_a_strong_etag_the_date_is_the_condition(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.etag_of = lambda _: "x"
    upstream.validators = {"Last-Modified"}
    upstream.fault(URL, Fault("cut", after=70_000, headers={"ETag": 'W/"weak"'}))
    assert LiveLane(upstream.settings(data)).locate(plain_file())
    assert upstream.asked(URL)[1].headers["If-Range"].endswith("GMT")


def test_without_any_validator_it_starts_again(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.validators = set()
    upstream.fault(URL, Fault("cut", after=70_000))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert "Range" not in upstream.asked(URL)[1].headers


def test_a_server_that_ignores_ranges_is_read_from_the_start(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.ignores_range = True
    upstream.fault(URL, Fault("cut", after=70_000))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert "Range" in upstream.asked(URL)[1].headers


def test_a_file_replaced_during_the_download_is_not_patched_together(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    # The first answer claims to be another state of the file: If-Range then asks for the whole.
    upstream.fault(URL, Fault("cut", after=70_000, headers={"ETag": '"yesterday"', "Last-Modified": ""}))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert path.read_bytes() == CONTENT


def test_states_mixed_by_the_server_are_fetched_once_more_whole(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    # Both states have one ETag, so the server gives the rest of the new one to the start of the old one.
    upstream.etag_of = lambda _: "never changes"
    upstream.fault(URL, Fault("mixed", after=70_000))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert ["Range" in seen.headers for seen in upstream.asked(URL)] == [False, True, False]


def test_a_range_that_is_refused_restarts_the_download(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.fault(URL, Fault("cut", after=70_000))
    upstream.fault(URL, Fault("status", status=416))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert "Range" not in upstream.asked(URL)[2].headers


def test_another_range_than_was_asked_for_restarts_the_download(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.fault(URL, Fault("cut", after=70_000))
    upstream.fault(URL, Fault("headers", headers={"Content-Range": "bytes 5-9/10"}))
    path = LiveLane(upstream.settings(data)).locate(plain_file())
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert ["Range" in seen.headers for seen in upstream.asked(URL)] == [False, True, False]


FAULTS = {
    "cut for good": (Fault("cut", times=-1, after=500), errors.FetchError),
    "a page": (Fault("html"), errors.HtmlInsteadOfDataError),
    "wrong bytes": (Fault("wrong"), errors.HashMismatchError),
    "too short": (Fault("short", after=500), errors.TruncatedFileError),
    "empty": (Fault("short", after=0), errors.EmptyFileError),
    "not found": (Fault("status", status=404), errors.MissingSourceError),
    "gone": (Fault("status", status=410), errors.MissingSourceError),
    "forbidden": (Fault("status", status=403), errors.ForbiddenError),
    "unauthorized": (Fault("status", status=401), errors.ForbiddenError),
    "bad request": (Fault("status", status=400), errors.FetchError),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_fault_of_a_plain_download_has_its_error(upstream: Upstream, data: Path, case: str) -> None:
    fault, expected = FAULTS[case]
    upstream.put(URL, CONTENT)
    upstream.fault(URL, fault)
    assert_fault(upstream.settings(data), plain_file(), expected)


def test_a_silent_server_is_given_up(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    upstream.fault(URL, Fault("stall", times=-1, after=100))
    settings = upstream.settings(data, http_read_timeout_seconds=0.1, http_attempts=2)
    begun = time.monotonic()
    fault = assert_fault(settings, plain_file(), errors.FetchError)
    assert "timed out" in fault.message
    assert time.monotonic() - begun < 2


def test_nobody_listening_is_a_fetch_error(upstream: Upstream, data: Path) -> None:
    settings = upstream.settings(data, endpoints={"www.onetcenter.org": "http://127.0.0.1:9"})
    assert_fault(settings, plain_file(), errors.FetchError)


def test_a_longer_file_is_refused_before_it_fills_the_disk(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT * 50)
    fault = assert_fault(upstream.settings(data), plain_file(), errors.HashMismatchError)
    assert f"over {len(CONTENT)} bytes" in fault.message


def test_a_page_without_a_content_type_is_still_a_page(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, b"<!DOCTYPE html><html><body>Sign in</body></html>")
    fault = assert_fault(upstream.settings(data), plain_file(), errors.HtmlInsteadOfDataError)
    assert "Sign in" in fault.message


def test_bls_without_a_contact_is_forbidden_and_the_remedy_says_why(upstream: Upstream, data: Path) -> None:
    url = "https://download.bls.gov/pub/time.series/oe/oe.footnote"
    upstream.put(url, CONTENT)
    fault = assert_fault(upstream.settings(data, contact=""), locked(url, CONTENT), errors.ForbiddenError)
    assert "AINA_CONTACT" in fault.remedy
    assert "Access Denied" in fault.message
    assert LiveLane(upstream.settings(data)).locate(locked(url, CONTENT))


def test_an_optional_file_that_upstream_lacks_is_absent_not_a_fault(upstream: Upstream, data: Path) -> None:
    assert LiveLane(upstream.settings(data)).locate(locked(URL, CONTENT, is_optional=True)) is None
    assert not files_below(data)


def test_a_full_disk_leaves_nothing_half_written(
    upstream: Upstream, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.put(URL, CONTENT)
    fill_the_disk_for(monkeypatch, ".part")
    assert_fault(upstream.settings(data), plain_file(), errors.StorageFullError)


def test_what_a_killed_download_left_is_swept(upstream: Upstream, data: Path) -> None:
    upstream.put(URL, CONTENT)
    target = leave_old_file(data, plain_file())
    stale = target.with_name(f".{target.name}.abc.part")
    young = target.with_name(f".{target.name}.def.part")
    for path in (stale, young):
        path.write_bytes(b"half")
    os.utime(stale, (0, 0))
    LiveLane(upstream.settings(data)).locate(plain_file())
    assert files_below(data) == {target, young}


# --- zips -------------------------------------------------------------------------------------------------


def test_the_workbook_is_taken_out_of_its_zip(upstream: Upstream, data: Path) -> None:
    upstream.put(ZIP_URL, zipped({MEMBER: CONTENT, "oesm24nat/field_descriptions.xlsx": b"other"}))
    path = LiveLane(upstream.settings(data)).locate(zip_file())
    assert path == data / "sources/www.bls.gov/oes/special-requests/oesm24nat/national_M2024_dl.xlsx"
    assert path.read_bytes() == CONTENT
    assert files_below(data) == {path}


ARCHIVES: dict[str, tuple[bytes, type[AinaError]]] = {
    "member outside": (zipped({MEMBER: CONTENT, "../evil": b"x"}), errors.UnsafeArchiveError),
    "no member": (zipped({"other.xlsx": CONTENT}), errors.UnsafeArchiveError),
    "not a zip": (b"PK but not really", errors.UnsafeArchiveError),
    "other member": (zipped({MEMBER: CONTENT + b"x"}), errors.HashMismatchError),
    "short member": (zipped({MEMBER: CONTENT[:-1]}), errors.TruncatedFileError),
    "empty": (b"", errors.UnsafeArchiveError),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_each_fault_of_a_zip_has_its_error(upstream: Upstream, data: Path, case: str) -> None:
    content, expected = ARCHIVES[case]
    upstream.put(ZIP_URL, content, "application/zip")
    assert_fault(upstream.settings(data), zip_file(), expected)


def test_a_page_instead_of_a_zip(upstream: Upstream, data: Path) -> None:
    upstream.fault(ZIP_URL, Fault("html"))
    assert_fault(upstream.settings(data), zip_file(), errors.HtmlInsteadOfDataError, named="oesm24nat.zip")
