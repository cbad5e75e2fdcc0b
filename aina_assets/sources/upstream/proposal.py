"""A proposed lock: what `aina sources lock` puts beside the lock for a person to review.

Belongs here: making records of what upstream (or the lane's folder) has now, the difference in readable
lines, and writing it beside the lock. Does not: replacing the lock. Only a person does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aina_assets.core.errors import EmptyFileError, LockError, MissingSourceError
from aina_assets.core.settings import Lane, Settings
from aina_assets.core.storage import (
    DataRoot,
    git_blob_id,
    sha256_bytes,
    sha256_file,
    write_bytes,
)
from aina_assets.sources.acquire import FileLane, lane_for
from aina_assets.sources.lock import HUB_HOST, Archive, LockedFile, SourceLock, refuse_html
from aina_assets.sources.upstream.archive import extract_member, member_matching
from aina_assets.sources.upstream.drift import (
    Drift,
    Upstream,
    check_drift,
    moved_since,
    newest_national_release,
    release_number,
    survey_year,
)
from aina_assets.sources.upstream.scratch import scratch_folder

# The largest file of the sources has a third of a gigabyte; a page without end must not fill the disk.
MAX_MEASURED_BYTES = 4 << 30
NATIONAL_WORKBOOK = r"[^/]+/national_M[0-9]{4}_dl\.xlsx"


@dataclass(frozen=True)
class Proposal:
    """A lock to review, and why it is as it is."""

    lock: SourceLock
    changes: tuple[str, ...]
    """Readable lines, one a changed field; none where nothing differs."""
    notes: tuple[str, ...] = ()
    """What a reviewer must know: files that are gone, layouts that are only assumed."""
    drifts: tuple[Drift, ...] = ()


@dataclass
class _Draft:
    """The records of one source under revision, by URL."""

    records: dict[str, LockedFile]
    today: date
    notes: list[str] = field(default_factory=list)

    def replace(self, old: LockedFile, **changes: Any) -> None:
        """Put a revised record in the place of the old one."""
        self.records.pop(old.url, None)
        self.add(old, **changes)

    def add(self, template: LockedFile, **changes: Any) -> None:
        """Add a record like the template."""
        revised = LockedFile.model_validate(template.model_dump() | changes | {"retrieved": self.today})
        self.records[revised.url] = revised


def propose_lock(
    settings: Settings, lock: SourceLock, sources: Iterable[str], *, today: date | None = None
) -> Proposal:
    """Make a lock of what there is now.

    - live: for each source that drifted, upstream's newest release. Files whose digest the publisher
      does not give are fetched, hashed and thrown away.
    - mirror, starter: for each file in the lane's folder that is not the locked one, its new digests.

    Raises:
        LockError: the lock has no such source.
        SourceError: upstream did not answer, or what it gave is unsafe to lock.
    """
    day = today or datetime.now(UTC).date()
    files = {file.url: file for file in lock.files}
    notes: list[str] = []
    drifts: list[Drift] = []
    upstream = Upstream(settings) if settings.sources is Lane.LIVE else None
    for source in dict.fromkeys(sources):
        old = lock.of(source)
        if not old:
            raise LockError(f"{source} is not in the lock", place=source)
        draft = _Draft({file.url: file for file in old}, day)
        if upstream is None:
            _rehash(draft, lane_for(settings))
        else:
            drift = check_drift(settings, lock, source, upstream=upstream)
            drifts.append(drift)
            if drift.has_drifted:
                _revise(draft, upstream, drift)
        files = {url: file for url, file in files.items() if file.source != source} | draft.records
        notes += [f"{source}: {note}" for note in draft.notes]
    new = SourceLock.model_validate({"files": [file.model_dump() for file in files.values()]})
    return Proposal(new, tuple(difference(lock, new)), tuple(notes), tuple(drifts))


def write_proposal(proposal: Proposal, lock_path: Path) -> Path:
    """Write the proposed lock beside the lock, as `<lock name>.proposed.json`; the lock stays as it is."""
    path = proposal_path(lock_path)
    write_bytes(path, proposal.lock.to_json().encode())
    return path


def proposal_path(lock_path: Path) -> Path:
    """Where the proposal of a lock goes."""
    return lock_path.with_name(f"{lock_path.stem}.proposed.json")


def difference(old: SourceLock, new: SourceLock) -> list[str]:
    """What changed, a line a field: `source name: field old -> new`; files added and removed."""
    before = {(file.source, file.vintage, file.name): file for file in old.files}
    after = {(file.source, file.vintage, file.name): file for file in new.files}
    gone = {key: file for key, file in before.items() if key not in after}
    lines: list[str] = []
    for key in sorted(after):
        file = after[key]
        # A record that moved to a new vintage is the same file with other fields.
        predecessor = before.get(key) or _take_namesake(gone, file)
        if predecessor is None:
            lines.append(f"{_label(file)}: added, {file.bytes} bytes, sha256 {file.sha256}")
        else:
            lines += _changed_fields(predecessor, file)
    lines += [f"{_label(file)}: removed" for _, file in sorted(gone.items())]
    return lines


def _take_namesake(gone: dict[tuple[str, str, str], LockedFile], file: LockedFile) -> LockedFile | None:
    for key, candidate in gone.items():
        if (candidate.source, candidate.name) == (file.source, file.name):
            return gone.pop(key)
    return None


def _label(file: LockedFile) -> str:
    return f"{file.source} {file.vintage} {file.name}"


def _changed_fields(old: LockedFile, new: LockedFile) -> list[str]:
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    return [
        f"{_label(old)}: {name} {before[name]} -> {after[name]}"
        for name in before
        if before[name] != after[name]
    ]


def _rehash(draft: _Draft, lane: FileLane) -> None:
    """Records for the files of a folder that are not the locked ones."""
    for file in list(draft.records.values()):
        path = lane.locate(file)
        if path is None:
            draft.notes.append(f"{file.vintage} {file.name} is not in the lane; its record stays")
            continue
        found = sha256_file(path)
        if found == file.sha256:
            continue
        _refuse_unusable(path)
        draft.replace(
            file,
            bytes=path.stat().st_size,
            sha256=found,
            git_blob_id=git_blob_id(path) if file.git_blob_id else None,
            lfs_sha256=found if file.lfs_sha256 else None,
        )


def _refuse_unusable(path: Path) -> None:
    """An empty file or a web page must not become the locked content."""
    if path.stat().st_size == 0:
        raise EmptyFileError("empty file", file=path)
    refuse_html(path)


def _revise(draft: _Draft, upstream: Upstream, drift: Drift) -> None:
    """Records of what a drifted source has upstream."""
    if next(iter(draft.records.values())).host == HUB_HOST:
        _revise_hub(draft, upstream)
    elif drift.source == "onet":
        _add_onet_release(draft, upstream, drift.upstream_vintage)
    elif drift.source == "oews_national":
        _add_national_release(draft, upstream)
    elif drift.source == "oews_flat":
        _remeasure(draft, upstream, list(draft.records.values()), drift.upstream_vintage)
    else:
        moved = [file for file in draft.records.values() if moved_since(upstream, file)]
        _remeasure(draft, upstream, moved, None)


def _revise_hub(draft: _Draft, upstream: Upstream) -> None:
    from aina_assets.sources.upstream.hub import repo_path  # noqa: PLC0415

    old = list(draft.records.values())
    repo = old[0].hub_repo
    head = upstream.hub.head_commit(repo)
    there = upstream.hub.files(repo, [repo_path(file) for file in old], head)
    for file in old:
        path = repo_path(file)
        if path not in there:
            del draft.records[file.url]
            draft.notes.append(f"{path} is no longer in the dataset at {head}")
            continue
        found = there[path]
        if found.lfs_sha256:
            sha256 = found.lfs_sha256
        elif found.blob_id == file.git_blob_id:
            sha256 = file.sha256
        else:
            sha256 = sha256_bytes(upstream.hub.read(repo, path, head))
        draft.replace(
            file,
            vintage=head[:12],
            revision=head,
            url=f"https://{HUB_HOST}/datasets/{repo}/resolve/{head}/{quote(path)}",
            bytes=found.bytes,
            sha256=sha256,
            git_blob_id=None if found.lfs_sha256 else found.blob_id,
            lfs_sha256=found.lfs_sha256,
        )


def _add_onet_release(draft: _Draft, upstream: Upstream, release: str) -> None:
    """A new release's files, by the names of the newest locked one; older vintages stay locked."""
    newest = max((file.vintage for file in draft.records.values()), key=release_number)
    folder = f"db_{release.replace('.', '_')}_text"
    for file in [file for file in draft.records.values() if file.vintage == newest]:
        url = file.url.replace(f"db_{newest.replace('.', '_')}_text", folder)
        try:
            measured = _measure(upstream, url)
        except MissingSourceError:
            draft.notes.append(f"{release} has no {file.name!r}: renamed or dropped, see its release notes")
            continue
        draft.add(
            file,
            vintage=release,
            url=url,
            attribution=file.attribution.replace(newest, release),
            **measured,
        )
    draft.notes.append(f"{release} is assumed to have the layout of {newest}: check before accepting")


def _add_national_release(draft: _Draft, upstream: Upstream) -> None:
    """The newest national workbook, out of its zip; older vintages stay locked."""
    template = max(draft.records.values(), key=lambda file: survey_year(file.vintage))
    vintage, zip_url = newest_national_release(upstream)
    with scratch_folder(DataRoot(upstream.settings.data), zip_url) as scratch:
        packed, workbook = scratch / "archive.zip", scratch / "workbook.xlsx"
        upstream.http.download(zip_url, packed, limit_bytes=MAX_MEASURED_BYTES)
        member = member_matching(packed, NATIONAL_WORKBOOK)
        extract_member(packed, member, workbook, expected_bytes=template.bytes)
        draft.add(
            template,
            vintage=vintage,
            url=f"{zip_url.removesuffix('.zip')}/{member.rsplit('/', 1)[-1]}",
            archive=Archive(url=zip_url, member=member),
            attribution=template.attribution.replace(template.vintage, vintage),
            bytes=workbook.stat().st_size,
            sha256=sha256_file(workbook),
        )
    draft.notes.append(f"{vintage} is assumed to have the layout {template.layout}: check before accepting")


def _remeasure(draft: _Draft, upstream: Upstream, files: list[LockedFile], vintage: str | None) -> None:
    """New digests for files that upstream replaced at the same address."""
    for file in files:
        draft.replace(
            file,
            vintage=vintage or file.vintage,
            attribution=file.attribution.replace(file.vintage, vintage) if vintage else file.attribution,
            **_measure(upstream, file.url),
        )


def _measure(upstream: Upstream, url: str) -> dict[str, Any]:
    """A file's size and digest, by fetching it; nothing of it is kept."""
    with scratch_folder(DataRoot(upstream.settings.data), url) as scratch:
        part = scratch / "measured"
        upstream.http.download(url, part, limit_bytes=MAX_MEASURED_BYTES)
        _refuse_unusable(part)
        return {"bytes": part.stat().st_size, "sha256": sha256_file(part)}
