"""The lock: for every selected upstream file its URL, revision, bytes, digests, licence, attribution.

Belongs here: the lock's model, reading it, choosing a build's files from it, holding a file against
its record. Does not: fetching (see `acquire`) or asking upstream for newer revisions (see `drift`).
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from aina_assets.core.errors import (
    EmptyFileError,
    HashMismatchError,
    HtmlInsteadOfDataError,
    LockError,
    MissingSourceError,
    TruncatedFileError,
    UnlockedRevisionError,
)
from aina_assets.core.settings import Settings
from aina_assets.core.storage import DigestCache, sha256_file

COMMIT = re.compile(r"[0-9a-f]{40}")
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
HUB_HOST = "huggingface.co"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Sha1 = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]


class Archive(BaseModel):
    """Where upstream serves a file inside a zip: the zip's URL and the member's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    member: str


class FileRecord(BaseModel):
    """What is recorded of any source file, locked or (a title inventory) given by the user."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(description="source id, such as onet")
    vintage: str = Field(description="the source's own release name")
    layout: str = Field(description="release whose file layout this file follows")
    name: str = Field(description="file's name inside its source, as the readers ask for it")
    bytes: int = Field(gt=0)
    sha256: Sha256
    licence: str
    attribution: str


class LockedFile(FileRecord):
    """One upstream file as it was when it was reviewed."""

    url: str = Field(description="address of the file; its host and path are its place in a mirror")
    archive: Archive | None = Field(None, description="zip that upstream serves it in, if any")
    revision: str | None = Field(None, description="Hub commit, 40 hex digits")
    git_blob_id: Sha1 | None = Field(None, description="the Hub's blob id, for files in git")
    lfs_sha256: Sha256 | None = Field(None, description="the Hub's LFS object, for large files")
    retrieved: date
    is_optional: bool = Field(False, description="the source may be absent as a whole from a lane")

    @field_validator("url")
    @classmethod
    def _plain_https(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"not a plain https address: {value}")
        # The host is the first folder of the file's place in a mirror.
        if not HOST.fullmatch(parts.hostname):
            raise ValueError(f"not a host's name: {parts.hostname}")
        if any(part in ("", ".", "..") for part in unquote(parts.path)[1:].split("/")):
            raise ValueError(f"the address's path leaves its folder: {value}")
        return value

    @model_validator(mode="after")
    def _hub_revision_is_a_commit(self) -> LockedFile:
        if self.host == HUB_HOST:
            require_commit(self.revision or "", self.url)
            # The address itself must name that commit: the mirror's path and what a reader of the lock
            # opens both come from it.
            if f"/resolve/{self.revision}/" not in self.url:
                raise UnlockedRevisionError(
                    f"the address does not name the locked commit {self.revision}",
                    file=self.url,
                    place="url",
                )
        return self

    @property
    def host(self) -> str:
        """The publisher's host."""
        return urlsplit(self.url).hostname or ""

    @property
    def mirror_path(self) -> str:
        """The file's place below a mirror folder: `<host>/<url path>`."""
        return self.host + unquote(urlsplit(self.url).path)

    @property
    def hub_repo(self) -> str:
        """`owner/name` of a Hub dataset's file."""
        return "/".join(self.mirror_path.split("/")[2:4])


class SourceLock(BaseModel):
    """The whole lock file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lock_version: Literal[1] = 1
    files: tuple[LockedFile, ...]

    @model_validator(mode="after")
    def _one_record_a_file(self) -> SourceLock:
        seen: set[str] = set()
        for file in self.files:
            if file.url in seen:
                raise ValueError(f"two records for {file.url}")
            seen.add(file.url)
            name = f"{file.source} {file.vintage} {file.name!r}"
            if name in seen:
                raise ValueError(f"two records for {name}")
            seen.add(name)
        return self

    def of(self, source: str) -> tuple[LockedFile, ...]:
        """All files of one source, every vintage."""
        return tuple(file for file in self.files if file.source == source)

    def vintages(self, source: str) -> tuple[str, ...]:
        """The locked vintages of one source, in the lock's order."""
        return tuple(dict.fromkeys(file.vintage for file in self.of(source)))

    def select(self, source: str, vintage: str | None = None) -> tuple[LockedFile, ...]:
        """The files of one vintage. A source locked at one vintage alone gives that one.

        Raises:
            LockError: the vintage is not in the lock; names those that are.
        """
        vintages = self.vintages(source)
        if not vintages:
            return ()
        if len(vintages) == 1:
            vintage = vintages[0]
        if vintage not in vintages:
            raise LockError(
                f"{source}: vintage {vintage} is not locked; the lock has {', '.join(vintages)}",
                remedy="Choose a locked vintage, or lock the new one with `aina sources lock`.",
            )
        return tuple(file for file in self.of(source) if file.vintage == vintage)

    def to_json(self) -> str:
        """The file's text: one record a file, sorted, so that a change reads as a change."""
        ordered = SourceLock(files=tuple(sorted(self.files, key=lambda f: (f.source, f.vintage, f.url))))
        return ordered.model_dump_json(indent=1, exclude_none=True) + "\n"


def require_commit(revision: str, file: Path | str) -> str:
    """Give the revision back if it is a commit's 40 hex digits.

    Raises:
        UnlockedRevisionError: it is a branch, a tag or shortened.
    """
    if not COMMIT.fullmatch(revision):
        raise UnlockedRevisionError(
            f"revision {revision!r} is not a commit of 40 hex digits", file=file, place="revision"
        )
    return revision


def read_lock(path: Path) -> SourceLock:
    """Read and validate a lock file.

    Raises:
        LockError: it is absent, not JSON, or a record is malformed (names the record).
        UnlockedRevisionError: a Hub record's revision is not a commit.
    """
    try:
        return SourceLock.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise LockError("there is no lock file", file=path) from error
    except OSError as error:
        raise LockError(f"the lock file cannot be read: {error.strerror}", file=path) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise LockError(
            f"malformed lock: {first['msg']}",
            file=path,
            place=".".join(str(part) for part in first["loc"]) or "the whole file",
        ) from error


def selected_vintage(settings: Settings, source: str) -> str | None:
    """The vintage that the settings ask of a source with several."""
    return {"onet": settings.onet_vintage, "oews_national": settings.oews_vintage}.get(source)


def verify_file(path: Path, locked: LockedFile, digests: DigestCache | None = None) -> str:
    """Hold a file against its record and return its sha256.

    The cheap and telling faults come first: absent, empty, a web page, short; then the digest.

    Args:
        digests: remembered digests of unchanged files; without it every byte is read.

    Raises:
        MissingSourceError, EmptyFileError, HtmlInsteadOfDataError, TruncatedFileError,
        HashMismatchError: each names the file, the expected and the found value.
    """
    if not path.is_file():
        raise MissingSourceError(f"{locked.name} of {locked.source} {locked.vintage} is absent", file=path)
    size = path.stat().st_size
    if size == 0:
        raise EmptyFileError(f"empty file; the lock says {locked.bytes} bytes", file=path)
    if size != locked.bytes:
        refuse_html(path)
    if size < locked.bytes:
        raise TruncatedFileError(
            f"truncated: expected {locked.bytes} bytes, found {size}", file=path, place=f"byte {size}"
        )
    found = digests.sha256(path) if digests else sha256_file(path)
    if found != locked.sha256:
        raise HashMismatchError(f"sha256: expected {locked.sha256}, found {found}", file=path)
    return found


def refuse_html(path: Path) -> None:
    """Refuse a web page that stands where data should be.

    Raises:
        HtmlInsteadOfDataError: quotes the page's beginning.
    """
    with path.open("rb") as handle:
        head = handle.read(2048).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:64].lower().startswith((b"<!doctype html", b"<html", b"<head>", b"<?xml version")):
        text = re.sub(r"<[^>]+>|\s+", " ", head.decode("utf-8", "replace")).strip()
        raise HtmlInsteadOfDataError(
            f"a web page instead of data; it begins: {' '.join(text.split())[:120]!r}", file=path
        )
