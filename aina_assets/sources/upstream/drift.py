"""What upstream has now, against what is locked.

Belongs here: asking each publisher for its newest release, and comparing. Does not: making a new lock of
it (see `proposal`), or changing anything: drift is a fact to review, never a new input.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from aina_assets.core.errors import LockError, SourceError
from aina_assets.core.settings import Settings
from aina_assets.sources.lock import HUB_HOST, LockedFile, SourceLock
from aina_assets.sources.upstream.http import HttpClient

if TYPE_CHECKING:
    from aina_assets.sources.upstream.hub import HubClient

ONET_PAGE = "https://www.onetcenter.org/database.html"
OEWS_RELEASE = "https://download.bls.gov/pub/time.series/oe/oe.release"
OEWS_TABLES = "https://www.bls.gov/oes/tables.htm"
STARTER_PREFIX = "starter"

_ONET_RELEASE = re.compile(r"O\*NET\s*®?\s*([0-9]+\.[0-9]+)\s+Database")
_NATIONAL_LINK = re.compile(r"""href\s*=\s*["']?([^"'\s>]*oesm([0-9]{2})nat\.zip)""", re.IGNORECASE)


@dataclass(frozen=True)
class Drift:
    """One source's state upstream, and whether it moved away from the lock."""

    source: str
    locked_vintage: str
    upstream_vintage: str
    has_drifted: bool
    detail: str
    url: str


class Upstream:
    """The clients of one check; the Hub's library is only loaded where a Hub source is asked about."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.http = HttpClient(settings)

    @cached_property
    def hub(self) -> HubClient:
        """The Hub's client."""
        from aina_assets.sources.upstream.hub import HubClient  # noqa: PLC0415

        return HubClient(self.settings)


def check_drift(
    settings: Settings, lock: SourceLock, source: str, *, upstream: Upstream | None = None
) -> Drift:
    """Ask the publisher what it has now, and compare it with the lock.

    A source of the starter has no upstream and is not asked about.

    Raises:
        LockError: the lock has no such source.
        SourceError: upstream did not answer, or its page no longer names a release.
    """
    files = lock.of(source)
    if not files:
        raise LockError(f"{source} is not in the lock", place=source)
    if all(file.vintage.startswith(STARTER_PREFIX) for file in files):
        vintage = files[0].vintage
        return Drift(source, vintage, vintage, False, "written for this project: no upstream", files[0].url)
    return _check_of(source, files)(upstream or Upstream(settings), source, files)


Check = Callable[[Upstream, str, tuple[LockedFile, ...]], Drift]


def _check_of(source: str, files: tuple[LockedFile, ...]) -> Check:
    if files[0].host == HUB_HOST:
        return _check_hub
    by_source: dict[str, Check] = {
        "onet": _check_onet,
        "oews_flat": _check_oews_flat,
        "oews_national": _check_oews_national,
    }
    return by_source.get(source, _check_headers)


def _check_hub(upstream: Upstream, source: str, files: tuple[LockedFile, ...]) -> Drift:
    repo = files[0].hub_repo
    locked = files[0].revision or ""
    head = upstream.hub.head_commit(repo)
    url = f"https://{HUB_HOST}/datasets/{repo}"
    if head == locked:
        return Drift(source, locked[:12], head[:12], False, "main is at the locked commit", url)
    changed = changed_hub_files(upstream, files, head)
    detail = f"main is at {head}; {len(changed)} of {len(files)} locked files differ there"
    if changed:
        detail += f", the first is {changed[0].name}"
    return Drift(source, locked[:12], head[:12], True, detail, url)


def changed_hub_files(
    upstream: Upstream, files: tuple[LockedFile, ...], revision: str
) -> tuple[LockedFile, ...]:
    """The locked files that another commit holds with other content, or no longer holds."""
    from aina_assets.sources.upstream.hub import repo_path  # noqa: PLC0415

    there = upstream.hub.files(files[0].hub_repo, [repo_path(file) for file in files], revision)

    def is_same(file: LockedFile) -> bool:
        found = there.get(repo_path(file))
        if found is None:
            return False
        if file.lfs_sha256 or found.lfs_sha256:
            return found.lfs_sha256 == file.sha256
        return found.blob_id == file.git_blob_id

    return tuple(file for file in files if not is_same(file))


def _check_onet(upstream: Upstream, source: str, files: tuple[LockedFile, ...]) -> Drift:
    locked = max((file.vintage for file in files), key=release_number)
    found = newest_onet_release(upstream)
    has_drifted = release_number(found) > release_number(locked)
    detail = f"the database page names O*NET {found}, the newest locked is {locked}"
    return Drift(source, locked, found, has_drifted, detail, ONET_PAGE)


def newest_onet_release(upstream: Upstream) -> str:
    """The newest release that O*NET's database page names, such as `30.3`.

    Raises:
        SourceError: the page names none.
    """
    # The sign between name and number is an entity, in an element of its own.
    text = html.unescape(re.sub(r"<[^>]+>", "", upstream.http.get_text(ONET_PAGE)))
    found = _ONET_RELEASE.findall(text)
    if not found:
        raise _unreadable(ONET_PAGE, "an O*NET release ('O*NET 30.3 Database')")
    return str(max(found, key=release_number))


def release_number(vintage: str) -> tuple[int, ...]:
    """A release's number to compare by: 30.10 is newer than 30.9. Not a number: older than all."""
    return tuple(int(part) for part in vintage.split(".")) if re.fullmatch(r"[0-9.]*[0-9]", vintage) else ()


def _check_oews_flat(upstream: Upstream, source: str, files: tuple[LockedFile, ...]) -> Drift:
    locked = max((file.vintage for file in files), key=survey_year)
    found = newest_flat_release(upstream)
    detail = f"oe.release says {found}, the lock says {locked}"
    return Drift(source, locked, found, found != locked, detail, OEWS_RELEASE)


def newest_flat_release(upstream: Upstream) -> str:
    """The release that BLS's flat files are of, such as `May 2025`.

    Raises:
        SourceError: oe.release is not laid out as expected.
    """
    lines = [line.split("\t") for line in upstream.http.get_text(OEWS_RELEASE).splitlines() if line.strip()]
    if len(lines) < 2 or [cell.strip() for cell in lines[0]] != ["release_date", "description"]:
        raise _unreadable(OEWS_RELEASE, "the columns release_date and description")
    newest = max(lines[1:], key=lambda cells: cells[0])
    return newest[-1].strip()


def _check_oews_national(upstream: Upstream, source: str, files: tuple[LockedFile, ...]) -> Drift:
    locked = max((file.vintage for file in files), key=survey_year)
    found, link = newest_national_release(upstream)
    has_drifted = survey_year(found) > survey_year(locked)
    detail = f"the tables page links {link}, the newest locked is {locked}"
    return Drift(source, locked, found, has_drifted, detail, OEWS_TABLES)


def newest_national_release(upstream: Upstream) -> tuple[str, str]:
    """The newest national workbook that the OEWS tables page links: its vintage and its zip's URL.

    Raises:
        SourceError: the page links none.
    """
    links = _NATIONAL_LINK.findall(upstream.http.get_text(OEWS_TABLES))
    if not links:
        raise _unreadable(OEWS_TABLES, "a link to oesmYYnat.zip")
    # Two digits: the archive goes back to 1997.
    years = [(1900 + int(digits) if int(digits) > 90 else 2000 + int(digits), link) for link, digits in links]
    year, link = max(years)
    return f"May {year}", urljoin(OEWS_TABLES, html.unescape(link))


def survey_year(vintage: str) -> int:
    """The year in an OEWS vintage such as `May 2024`."""
    found = re.search(r"[0-9]{4}", vintage)
    return int(found.group()) if found else 0


def _check_headers(upstream: Upstream, source: str, files: tuple[LockedFile, ...]) -> Drift:
    """For files that have no release page: their size and date."""
    moved = [(file, why) for file in files if (why := moved_since(upstream, file))]
    vintage = files[0].vintage
    if not moved:
        detail = f"size and date of {len(files)} files are as locked"
        return Drift(source, vintage, vintage, False, detail, files[0].url)
    first, why = moved[0]
    detail = f"{len(moved)} of {len(files)} files differ; {first.name}: {why}"
    return Drift(source, vintage, f"{vintage}, changed", True, detail, first.url)


def moved_since(upstream: Upstream, file: LockedFile) -> str:
    """How a file's headers differ from its record; empty where they do not."""
    headers = upstream.http.head(file.archive.url if file.archive else file.url)
    size = headers.get("Content-Length", "")
    if file.archive is None and size.isdigit() and int(size) != file.bytes:
        return f"{size} bytes, locked {file.bytes}"
    modified = _modified(headers)
    if modified and modified > file.retrieved:
        return f"modified {modified}, locked on {file.retrieved}"
    return ""


def _modified(headers: Mapping[str, str]) -> date | None:
    try:
        return parsedate_to_datetime(headers.get("Last-Modified", "")).date()
    except ValueError:
        return None


def _unreadable(url: str, expected: str) -> SourceError:
    return SourceError(
        f"upstream's page does not have {expected}",
        file=url,
        remedy="Open the page; if the publisher changed it, teach aina_assets/sources/upstream/drift.py.",
    )
