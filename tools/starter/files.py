"""What the generator produces: files with their place in the mirror layout, and the lock over them.

Belongs here: addresses, lock records, text formats that several publishers share. Does not: content.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from aina_assets.sources.lock import HUB_HOST, LockedFile, SourceLock

VINTAGE = "starter-1"
RETRIEVED = date(2026, 11, 23)
LICENCE = "CC0-1.0 (written for AINA)"
ATTRIBUTION = (
    "AINA starter sources, written for this project; published figures and codes are facts of O*NET, BLS "
    "and Anthropic's Economic Index"
)

Cell = str | int | float | None


@dataclass(frozen=True)
class StarterFile:
    """One file to write.

    Attributes:
        source: source id.
        layout: the real release whose layout the file follows.
        name: its name inside the source, as readers ask for it.
        url: the real file's address; gives the place in the starter folder.
        revision: the real Hub commit, for Hub files.
        is_lfs: whether the Hub keeps the real file in LFS.
    """

    source: str
    layout: str
    name: str
    url: str
    content: bytes
    revision: str | None = None
    is_lfs: bool = False

    @property
    def locked(self) -> LockedFile:
        """The file's lock record."""
        sha256 = hashlib.sha256(self.content).hexdigest()
        record = LockedFile(
            source=self.source,
            vintage=VINTAGE,
            layout=self.layout,
            name=self.name,
            url=self.url,
            archive=None,
            revision=self.revision,
            bytes=len(self.content),
            sha256=sha256,
            licence=LICENCE,
            attribution=ATTRIBUTION,
            retrieved=RETRIEVED,
            is_optional=False,
        )
        if record.host != HUB_HOST:
            return record
        if self.is_lfs:
            return record.model_copy(update={"lfs_sha256": sha256})
        header = f"blob {len(self.content)}\0".encode()
        blob = hashlib.sha1(header + self.content, usedforsecurity=False).hexdigest()
        return record.model_copy(update={"git_blob_id": blob})

    @property
    def path(self) -> str:
        """The file's place below the starter folder."""
        return self.locked.mirror_path


def lock_text(files: Iterable[StarterFile]) -> bytes:
    """The starter's lock, in the lock's own form."""
    return SourceLock(files=tuple(file.locked for file in files)).to_json().encode()


def hub_file(
    repo: str, revision: str, layout: str, source: str, name: str, content: bytes, *, is_lfs: bool = False
) -> StarterFile:
    """A file of a Hub dataset at a commit."""
    url = f"https://{HUB_HOST}/datasets/{repo}/resolve/{revision}/{name}"
    return StarterFile(source, layout, name, url, content, revision, is_lfs)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """CSV as pandas writes it: LF ends lines, quotes where needed, blank for missing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def tab_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as O*NET writes it: tabs, CRLF, no quoting, `n/a` for missing.

    Raises:
        ValueError: a cell holds a tab or a line break, which the format cannot carry, or a row is ragged.
    """
    lines = ["\t".join(header)]
    for row in rows:
        cells = ["n/a" if cell is None else str(cell) for cell in row]
        if len(cells) != len(header) or any(set(cell) & {"\t", "\r", "\n"} for cell in cells):
            raise ValueError(f"row does not fit {list(header)}: {cells}")
        lines.append("\t".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode()
