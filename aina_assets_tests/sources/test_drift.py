"""Upstream against the lock: what counts as drift, and what a proposed lock says of it."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aina_assets.core import errors
from aina_assets.core.settings import Settings
from aina_assets.sources.lock import Archive, SourceLock
from aina_assets.sources.upstream.drift import (
    OEWS_RELEASE,
    OEWS_TABLES,
    ONET_PAGE,
    check_drift,
    release_number,
)
from aina_assets.sources.upstream.proposal import propose_lock
from aina_assets_tests.sources import loopback, made_up
from aina_assets_tests.sources.loopback import Fault, Upstream, locked
from aina_assets_tests.sources.made_up import (
    BASE,
    COMMIT,
    CROSSWALK,
    FIGURES,
    HEAD,
    OLD_FILES,
    README,
    REPO,
    STRUCTURE,
    TODAY,
    TRAIN,
    sha,
)
from aina_assets_tests.sources.shapes import HubRepo, git_blob

upstream = loopback.upstream
hub_lock, onet_lock, soc_lock = made_up.hub_lock, made_up.onet_lock, made_up.soc_lock


@pytest.fixture
def settings(upstream: Upstream, tmp_path: Path) -> Settings:
    return upstream.settings(tmp_path / "run")


def assert_nothing_left(settings: Settings) -> None:
    assert not [path for path in settings.data.rglob("*") if path.is_file()]


# --- the Hub ----------------------------------------------------------------------------------------------


@pytest.fixture
def repo(upstream: Upstream) -> HubRepo:
    upstream.repos[REPO] = HubRepo(COMMIT, {COMMIT: dict(OLD_FILES)}, {TRAIN})
    return upstream.repos[REPO]


def test_the_locked_commit_at_the_head_is_no_drift(
    settings: Settings, hub_lock: SourceLock, repo: HubRepo
) -> None:
    drift = check_drift(settings, hub_lock, "gdpval")
    assert not drift.has_drifted
    assert (drift.locked_vintage, drift.upstream_vintage) == ("a" * 12, "a" * 12)
    assert drift.url == f"https://huggingface.co/datasets/{REPO}"


def test_a_newer_commit_is_drift_and_says_what_differs(
    settings: Settings, hub_lock: SourceLock, repo: HubRepo
) -> None:
    repo.head, repo.commits[HEAD] = HEAD, OLD_FILES | {TRAIN: b"PAR1 new"}
    drift = check_drift(settings, hub_lock, "gdpval")
    assert drift.has_drifted
    assert drift.upstream_vintage == "b" * 12
    assert f"1 of 3 locked files differ there, the first is {TRAIN}" in drift.detail
    repo.commits[HEAD] = dict(OLD_FILES)
    assert "0 of 3 locked files differ" in check_drift(settings, hub_lock, "gdpval").detail
    del repo.commits[HEAD][README]
    assert "1 of 3 locked files differ" in check_drift(settings, hub_lock, "gdpval").detail


def test_a_hub_proposal_takes_digests_from_the_hub_and_fetches_only_small_changed_files(
    upstream: Upstream, settings: Settings, hub_lock: SourceLock, repo: HubRepo
) -> None:
    new = {README: OLD_FILES[README], FIGURES: b"a,b\n1,3\n", TRAIN: b"PAR1 newer"}
    repo.head, repo.commits[HEAD] = HEAD, new
    proposal = propose_lock(settings, hub_lock, ["gdpval"], today=TODAY)
    by_name = {file.name: file for file in proposal.lock.files}
    assert set(by_name) == set(new)
    for name, content in new.items():
        file = by_name[name]
        assert (file.bytes, file.sha256) == (len(content), sha(content))
        assert (file.revision, file.vintage, file.retrieved) == (HEAD, "b" * 12, TODAY)
        assert file.git_blob_id == (None if name == TRAIN else git_blob(content))
        assert file.lfs_sha256 == (sha(content) if name == TRAIN else None)
    assert by_name[README].layout == "2025-10"
    assert by_name[FIGURES].url.endswith(f"/resolve/{HEAD}/data/two%20words.csv")
    fetched = {seen.path.rsplit("/", 1)[-1] for seen in upstream.requests if "resolve" in seen.path}
    assert fetched == {"two words.csv"}
    assert f"gdpval {'a' * 12} {TRAIN}: bytes 8 -> 10" in proposal.changes
    assert_nothing_left(settings)


def test_a_file_gone_from_the_hub_leaves_the_lock_with_a_note(
    settings: Settings, hub_lock: SourceLock, repo: HubRepo
) -> None:
    repo.head, repo.commits[HEAD] = HEAD, {README: OLD_FILES[README], TRAIN: OLD_FILES[TRAIN]}
    proposal = propose_lock(settings, hub_lock, ["gdpval"])
    assert f"gdpval: {FIGURES} is no longer in the dataset at {HEAD}" in proposal.notes
    assert f"gdpval {'a' * 12} {FIGURES}: removed" in proposal.changes


# --- O*NET ------------------------------------------------------------------------------------------------


def onet_page(release: str) -> bytes:
    # The heading as O*NET's page has it: the sign is an entity in an element of its own.
    return (
        '<html><body><p>Replaces the <a href="#">O*NET 29.1 Database</a>.</p>'
        f"<h1>O*NET<sup>&reg;</sup> {release} Database</h1>"
        '<p>See also the <a href="#">O*NET 30.2 Database</a>.</p>'
    ).encode()


@pytest.mark.parametrize(
    ("release", "has_drifted"), [("30.3", False), ("30.2", False), ("30.10", True), ("31.0", True)]
)
def test_the_newest_release_on_the_page_counts(
    upstream: Upstream, settings: Settings, onet_lock: SourceLock, release: str, has_drifted: bool
) -> None:
    upstream.put(ONET_PAGE, onet_page(release), "text/html; charset=utf-8")
    drift = check_drift(settings, onet_lock, "onet")
    assert drift.has_drifted is has_drifted
    assert (drift.locked_vintage, drift.url) == ("30.3", ONET_PAGE)
    assert drift.upstream_vintage == max(release, "30.2", key=release_number)


def test_a_new_release_is_proposed_beside_the_old_ones(
    upstream: Upstream, settings: Settings, onet_lock: SourceLock
) -> None:
    upstream.put(ONET_PAGE, onet_page("31.0"), "text/html")
    upstream.put(f"{BASE}/db_31_0_text/Job%20Titles.txt", b"new titles")
    proposal = propose_lock(settings, onet_lock, ["onet"], today=TODAY)
    assert proposal.lock.vintages("onet") == ("30.3", "30.2", "31.0")
    (added,) = proposal.lock.select("onet", "31.0")
    assert (added.url, added.sha256) == (f"{BASE}/db_31_0_text/Job%20Titles.txt", sha(b"new titles"))
    assert (added.bytes, added.layout, added.retrieved) == (10, "30.3", TODAY)
    assert added.attribution == "O*NET 31.0 Database, CC BY"
    assert proposal.changes == (f"onet 31.0 Job Titles.txt: added, 10 bytes, sha256 {sha(b'new titles')}",)
    assert any("31.0 has no 'Read Me.txt'" in note for note in proposal.notes)
    assert any("check before accepting" in note for note in proposal.notes)
    assert_nothing_left(settings)


def test_a_page_instead_of_a_new_file_is_not_locked(
    upstream: Upstream, settings: Settings, onet_lock: SourceLock
) -> None:
    upstream.put(ONET_PAGE, onet_page("31.0"), "text/html")
    upstream.put(f"{BASE}/db_31_0_text/Job%20Titles.txt", b"<html>soon</html>")
    with pytest.raises(errors.HtmlInsteadOfDataError):
        propose_lock(settings, onet_lock, ["onet"])
    assert_nothing_left(settings)


# --- BLS --------------------------------------------------------------------------------------------------

FLAT = "https://download.bls.gov/pub/time.series/oe"


@pytest.fixture
def flat_lock() -> SourceLock:
    fields: dict[str, Any] = {"source": "oews_flat", "vintage": "May 2025", "attribution": "BLS, May 2025"}
    return SourceLock(
        files=(
            locked(OEWS_RELEASE, release_file("May 2025"), **fields),
            locked(f"{FLAT}/oe.area", b"areas", **fields),
        )
    )


def release_file(description: str) -> bytes:
    year = description.rsplit(maxsplit=1)[-1]
    return f"release_date\tdescription\r\n{year}A01\t{description}\r\n".encode()


def test_the_flat_files_release_is_compared(
    upstream: Upstream, settings: Settings, flat_lock: SourceLock
) -> None:
    upstream.put(OEWS_RELEASE, release_file("May 2025"))
    assert not check_drift(settings, flat_lock, "oews_flat").has_drifted
    upstream.put(OEWS_RELEASE, release_file("May 2026"))
    drift = check_drift(settings, flat_lock, "oews_flat")
    assert (drift.has_drifted, drift.locked_vintage, drift.upstream_vintage) == (True, "May 2025", "May 2026")


def test_new_flat_files_replace_the_old_records(
    upstream: Upstream, settings: Settings, flat_lock: SourceLock
) -> None:
    upstream.put(OEWS_RELEASE, release_file("May 2026"))
    upstream.put(f"{FLAT}/oe.area", b"more areas")
    proposal = propose_lock(settings, flat_lock, ["oews_flat"])
    assert proposal.lock.vintages("oews_flat") == ("May 2026",)
    area = next(file for file in proposal.lock.files if file.name == "oe.area")
    assert (area.sha256, area.attribution) == (sha(b"more areas"), "BLS, May 2026")
    assert "oews_flat May 2025 oe.area: vintage May 2025 -> May 2026" in proposal.changes
    assert_nothing_left(settings)


WORKBOOK = b"PK workbook " * 50
NATIONAL = "https://www.bls.gov/oes/special-requests/oesm24nat"


@pytest.fixture
def national_lock() -> SourceLock:
    file = locked(
        f"{NATIONAL}/national_M2024_dl.xlsx",
        WORKBOOK,
        source="oews_national",
        vintage="May 2024",
        layout="2023",
        name="national.xlsx",
        archive=Archive(url=f"{NATIONAL}.zip", member="oesm24nat/national_M2024_dl.xlsx"),
        attribution="BLS, May 2024.",
    )
    return SourceLock(files=(file,))


def tables_page(*names: str) -> bytes:
    links = "".join(f'<a href="/oes/special-requests/{name}">XLS</a>' for name in names)
    return f"<html><body>{links}</body></html>".encode()


def test_the_newest_national_workbook_on_the_page_counts(
    upstream: Upstream, settings: Settings, national_lock: SourceLock
) -> None:
    upstream.put(OEWS_TABLES, tables_page("oesm24nat.zip", "oesm99nat.zip", "oesm24all.zip"), "text/html")
    drift = check_drift(settings, national_lock, "oews_national")
    assert (drift.has_drifted, drift.upstream_vintage) == (False, "May 2024")
    upstream.put(OEWS_TABLES, tables_page("oesm24nat.zip", "oesm25nat.zip"), "text/html")
    drift = check_drift(settings, national_lock, "oews_national")
    assert (drift.has_drifted, drift.upstream_vintage) == (True, "May 2025")
    assert "https://www.bls.gov/oes/special-requests/oesm25nat.zip" in drift.detail


def test_a_new_national_workbook_is_found_in_its_zip(
    upstream: Upstream, settings: Settings, national_lock: SourceLock
) -> None:
    upstream.put(OEWS_TABLES, tables_page("oesm25nat.zip"), "text/html")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("oesm25nat/national_M2025_dl.xlsx", b"new " + WORKBOOK)
        archive.writestr("oesm25nat/field_descriptions.xlsx", b"other")
    upstream.put(f"{NATIONAL.replace('24', '25')}.zip", packed.getvalue(), "application/zip")
    proposal = propose_lock(settings, national_lock, ["oews_national"])
    assert proposal.lock.vintages("oews_national") == ("May 2024", "May 2025")
    (added,) = proposal.lock.select("oews_national", "May 2025")
    assert added.url == "https://www.bls.gov/oes/special-requests/oesm25nat/national_M2025_dl.xlsx"
    assert added.archive == Archive(
        url="https://www.bls.gov/oes/special-requests/oesm25nat.zip",
        member="oesm25nat/national_M2025_dl.xlsx",
    )
    assert (added.sha256, added.name) == (sha(b"new " + WORKBOOK), "national.xlsx")
    assert added.attribution == "BLS, May 2025."
    assert_nothing_left(settings)


# --- SOC --------------------------------------------------------------------------------------------------


def test_size_and_date_tell_of_files_without_a_release_page(
    upstream: Upstream, settings: Settings, soc_lock: SourceLock
) -> None:
    upstream.put(STRUCTURE, b"structure")
    upstream.put(CROSSWALK, b"crosswalk")
    drift = check_drift(settings, soc_lock, "soc")
    assert not drift.has_drifted
    assert {seen.method for seen in upstream.requests} == {"HEAD"}
    upstream.put(CROSSWALK, b"crosswalk, mended")
    drift = check_drift(settings, soc_lock, "soc")
    assert (drift.has_drifted, drift.url) == (True, CROSSWALK)
    assert "17 bytes, locked 9" in drift.detail
    older = SourceLock(
        files=tuple(file.model_copy(update={"retrieved": date(2026, 8, 1)}) for file in soc_lock.files)
    )
    assert "modified 2026-09-01, locked on 2026-08-01" in check_drift(settings, older, "soc").detail


def test_only_the_soc_files_that_moved_are_fetched(
    upstream: Upstream, settings: Settings, soc_lock: SourceLock
) -> None:
    upstream.put(STRUCTURE, b"structure")
    upstream.put(CROSSWALK, b"crosswalk, mended")
    proposal = propose_lock(settings, soc_lock, ["soc"], today=TODAY)
    assert proposal.changes == (
        "soc SOC 2018 2019_to_SOC_Crosswalk.xlsx: bytes 9 -> 17",
        f"soc SOC 2018 2019_to_SOC_Crosswalk.xlsx: sha256 {sha(b'crosswalk')} -> {sha(b'crosswalk, mended')}",
        "soc SOC 2018 2019_to_SOC_Crosswalk.xlsx: retrieved 2026-09-26 -> 2026-11-23",
    )
    assert [seen.method for seen in upstream.asked(STRUCTURE) if seen.method == "GET"] == []


# --- any source -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "url", "content"),
    [
        ("onet", ONET_PAGE, b"<html>moved</html>"),
        ("oews_flat", OEWS_RELEASE, b"<html>moved</html>"),
        ("oews_national", OEWS_TABLES, b"<html>moved</html>"),
    ],
)
def test_a_page_that_names_no_release_is_an_error_not_silence(
    upstream: Upstream, settings: Settings, request: Any, source: str, url: str, content: bytes
) -> None:
    upstream.put(url, content)
    fixture = {"onet": "onet_lock", "oews_flat": "flat_lock", "oews_national": "national_lock"}[source]
    with pytest.raises(errors.SourceError, match="does not have") as caught:
        check_drift(settings, request.getfixturevalue(fixture), source)
    assert caught.value.file == url


def test_an_upstream_that_does_not_answer_is_an_error(
    upstream: Upstream, settings: Settings, onet_lock: SourceLock
) -> None:
    upstream.fault(ONET_PAGE, Fault("status", times=-1))
    with pytest.raises(errors.FetchError):
        check_drift(settings, onet_lock, "onet")


def test_bls_without_a_contact_is_forbidden_here_too(
    upstream: Upstream, tmp_path: Path, flat_lock: SourceLock
) -> None:
    with pytest.raises(errors.ForbiddenError, match="AINA_CONTACT"):
        check_drift(upstream.settings(tmp_path, contact=""), flat_lock, "oews_flat")


def test_the_starter_has_no_upstream(upstream: Upstream, settings: Settings) -> None:
    lock = SourceLock(files=(locked(f"{BASE}/x.txt", b"made up", vintage="starter-1"),))
    drift = check_drift(settings, lock, "onet")
    assert (drift.has_drifted, drift.upstream_vintage) == (False, "starter-1")
    assert not upstream.requests


def test_an_unlocked_source_is_named(settings: Settings, onet_lock: SourceLock) -> None:
    with pytest.raises(errors.LockError, match="soc is not in the lock"):
        check_drift(settings, onet_lock, "soc")
    with pytest.raises(errors.LockError, match="soc is not in the lock"):
        propose_lock(settings, onet_lock, ["soc"])


def test_without_drift_the_proposal_is_the_lock(
    upstream: Upstream, settings: Settings, onet_lock: SourceLock
) -> None:
    upstream.put(ONET_PAGE, onet_page("30.3"), "text/html")
    proposal = propose_lock(settings, onet_lock, ["onet"])
    assert proposal.lock.to_json() == onet_lock.to_json()
    assert (proposal.changes, proposal.notes) == ((), ())
    assert [drift.has_drifted for drift in proposal.drifts] == [False]


def test_sources_that_were_not_asked_for_stay_as_they_are(
    upstream: Upstream, settings: Settings, onet_lock: SourceLock, soc_lock: SourceLock
) -> None:
    upstream.put(STRUCTURE, b"structure, mended")
    upstream.put(CROSSWALK, b"crosswalk")
    both = SourceLock(files=onet_lock.files + soc_lock.files)
    proposal = propose_lock(settings, both, ["soc"])
    assert proposal.lock.of("onet") == onet_lock.files
    assert proposal.changes
