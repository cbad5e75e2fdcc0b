"""The chain of merges: written once, each naming the one before it, and none of it unnoticed changed.

Belongs here: appending a merge, reading and verifying the chain. Does not: a merge's shape (`merge`), or what
decisions mean together (`fold`).

A file's name holds its place in the chain, its batch and wave, and the beginning of its own digest; its
content holds the whole digest of the file before it. `HEAD.json` holds the last one's: a changed, lost or
exchanged file is named, at the chain's end too. Appending reads the last merge and those of the same batch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from filelock import FileLock, Timeout

from aina_assets.adjudication.merge import ChainError, Merge, merge_of
from aina_assets.core.errors import AinaError
from aina_assets.core.storage import sha256_bytes, write_bytes, write_json

NO_MERGE = "0" * 64
HEAD = "HEAD.json"
_NAME = re.compile(r"(\d{6})-(\d{2,3})of(\d{1,3})-w(\d{2,4})-([0-9a-f]{16})\.json")


class MergeConflictError(AinaError):
    """A title has an accepted decision already, or the batch's wave was merged with other decisions."""

    default_remedy: ClassVar[str] = (
        "The accepted merge stands. Run `aina build`: the batch is planned anew from what stands."
    )


class MergeLockedError(AinaError):
    """Another process is merging, and did not end in time."""

    default_remedy: ClassVar[str] = "Wait for the other process to end; then merge again."


@dataclass(frozen=True)
class MergeFile:
    """A merge's file, by its name alone."""

    path: Path
    sequence: int
    title_batch: str
    title_batches: int
    wave: int
    digest_start: str

    @classmethod
    def of(cls, path: Path) -> MergeFile:
        """The file that a path names.

        Raises:
            ChainError: that is no name of a merge.
        """
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise ChainError("a file that is no merge lies among the merges", file=path)
        sequence, batch, batches, wave, digest = match.groups()
        return cls(path, int(sequence), batch, int(batches), int(wave), digest)

    def read(self) -> tuple[dict[str, Any], str]:
        """The merge as JSON, and its file's digest.

        Raises:
            ChainError: the file is absent, or its bytes are not those that its name is of.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError as error:
            raise ChainError("a merge is lost", file=self.path) from error
        sha256 = sha256_bytes(content)
        if not sha256.startswith(self.digest_start):
            raise ChainError(
                f"a merge was changed: its name is of {self.digest_start}, its bytes are of {sha256}",
                file=self.path,
            )
        merge: dict[str, Any] = json.loads(content)
        return merge, sha256


@dataclass(frozen=True)
class Link:
    """A merge in its place: what its file says, its digest and its file."""

    merge: dict[str, Any]
    sha256: str
    file: MergeFile


@dataclass(frozen=True)
class Appended:
    """What became of a merge that was to be appended.

    Attributes:
        file: where it stands.
        sha256: its file's digest.
        is_new: whether it was written now; False where the same one stood already.
    """

    file: MergeFile
    sha256: str
    is_new: bool


class MergeChain:
    """The merges of a data root.

    Args:
        root: their folder.
        wait_seconds: how long appending waits for another process.
    """

    def __init__(self, root: Path, wait_seconds: float = 60.0) -> None:
        self.root = root
        self._wait_seconds = wait_seconds

    def files(self) -> list[MergeFile]:
        """The merges' files in the chain's order, by their names alone.

        Raises:
            ChainError: a place in the chain is empty, or taken twice, or a file is no merge.
        """
        found = sorted(
            (MergeFile.of(path) for path in self.root.glob("*.json") if path.name != HEAD),
            key=lambda file: (file.sequence, file.path.name),
        )
        for place, file in enumerate(found, 1):
            if file.sequence != place:
                what = "is lost" if file.sequence > place else "stands twice in the chain"
                raise ChainError(f"merge {min(place, file.sequence)} {what}", file=file.path)
        return found

    def links(self) -> Iterator[Link]:
        """Every merge in order, each verified against its name, the one before it, and the head.

        Raises:
            ChainError: names the file that is not what it should be.
        """
        previous = NO_MERGE
        last: Link | None = None
        files = self.files()
        head = self._head()
        for file in files:
            merge, sha256 = file.read()
            if merge.get("previous") != previous:
                raise ChainError(
                    f"merge {file.sequence} follows {merge.get('previous')}, before it stands {previous}",
                    file=file.path,
                )
            self._names_itself(merge, file)
            if head is not None and head["sequence"] == file.sequence and head["sha256"] != sha256:
                raise ChainError(
                    f"merge {file.sequence} is another than the head says: expected {head['sha256']}, "
                    f"found {sha256}",
                    file=file.path,
                )
            previous = sha256
            last = Link(merge, sha256, file)
            yield last
        self._head_is_of(head, len(files))

    def links_of(self, title_batch: str, title_batches: int) -> list[Link]:
        """The merges of one batch in order, each verified against its own name alone.

        Raises:
            ChainError: one of them is not what its name is of.
        """
        mine = [f for f in self.files() if (f.title_batch, f.title_batches) == (title_batch, title_batches)]
        return [Link(*file.read(), file) for file in mine]

    @staticmethod
    def _names_itself(merge: Mapping[str, Any], file: MergeFile) -> None:
        told = tuple(merge.get(name) for name in ("sequence", "title_batch", "title_batches", "wave"))
        named = (file.sequence, file.title_batch, file.title_batches, file.wave)
        if told != named:
            raise ChainError(f"a merge under another's name: it says {told}", file=file.path)

    def _head(self) -> dict[str, Any] | None:
        path = self.root / HEAD
        try:
            head = json.loads(path.read_bytes())
            return {"sequence": int(head["sequence"]), "sha256": str(head["sha256"])}
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise ChainError(f"the head is damaged: {error}", file=path) from error

    def _head_is_of(self, head: Mapping[str, Any] | None, merges: int) -> None:
        told = 0 if head is None else head["sequence"]
        # A process that was killed after its merge and before the head leaves the head one behind, no more.
        if told > merges:
            raise ChainError(
                f"the last merges are lost: the head is of {told}, {merges} stand", file=self.root / HEAD
            )
        if told < merges - 1:
            raise ChainError(f"the head is of merge {told}, {merges} merges stand", file=self.root / HEAD)

    def append(self, merge: Merge) -> Appended:
        """Put a merge at the chain's end; its `sequence` and `previous` are set here.

        The same batch and wave with the same content is a no-op, whoever merged it.

        Raises:
            MergeConflictError: the wave was merged with other content, or a title has a decision already that
                this one may not replace; names the merge that stands.
            ChainError: the end of the chain is not whole.
            MergeLockedError: another process is merging and did not end in time.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / ".lock")
        try:
            with lock.acquire(timeout=self._wait_seconds):
                return self._append(merge)
        except Timeout as error:
            raise MergeLockedError(
                f"another process has been merging for over {self._wait_seconds:g} s", file=self.root
            ) from error

    def _append(self, merge: Merge) -> Appended:
        files = self.files()
        # Batches of another number of batches may hold these titles too.
        others = [
            file
            for file in files
            if file.title_batch == merge.title_batch or file.title_batches != merge.title_batches
        ]
        standing = next(
            (f for f in others if (f.title_batch, f.title_batches, f.wave) == _identity(merge)), None
        )
        if standing is not None:
            return self._same(standing, merge)
        refuse_conflicts(merge, [Link(*file.read(), file) for file in others])
        head = self._head()
        self._head_is_of(head, len(files))
        previous = files[-1].read()[1] if files else NO_MERGE
        if head is not None and head["sequence"] == len(files) and head["sha256"] != previous:
            raise ChainError(f"the last merge is another than the head says: {previous}", file=files[-1].path)
        if files and (head is None or head["sequence"] < len(files)):
            # Killed before its head was written: were this one killed too, the head would be two behind.
            write_json(self.root / HEAD, {"sequence": len(files), "sha256": previous})
        placed = merge.model_copy(update={"sequence": len(files) + 1, "previous": previous})
        content = placed.content
        sha256 = sha256_bytes(content)
        name = (
            f"{placed.sequence:06d}-{placed.title_batch}of{placed.title_batches}"
            f"-w{placed.wave:02d}-{sha256[:16]}.json"
        )
        write_bytes(self.root / name, content)
        write_json(self.root / HEAD, {"sequence": placed.sequence, "sha256": sha256})
        return Appended(MergeFile.of(self.root / name), sha256, True)

    def _same(self, standing: MergeFile, merge: Merge) -> Appended:
        content, sha256 = standing.read()
        if merge_of(content, standing.path).body != merge.body:
            raise MergeConflictError(
                f"batch {merge.title_batch}, wave {merge.wave} was merged already, with other content",
                file=standing.path,
            )
        return Appended(standing, sha256, False)


def _identity(merge: Merge) -> tuple[str, int, int]:
    return merge.title_batch, merge.title_batches, merge.wave


def refuse_conflicts(merge: Merge, standing: Sequence[Link]) -> None:
    """Refuse decisions on titles that have one: only a kept title may be decided anew, by a review naming it.

    Args:
        merge: the new one.
        standing: earlier merges that may hold its titles, in the chain's order.

    Raises:
        MergeConflictError: names the first title and the merge that decided it.
    """
    earlier: dict[str, tuple[str, list[str | None], MergeFile]] = {}
    for link in standing:
        columns = link.merge["decisions"]
        for title_id, decision, order in zip(
            columns["title_id"], columns["decision"], columns["order"], strict=True
        ):
            orders = [*(earlier[title_id][1] if title_id in earlier else []), order]
            earlier[title_id] = (decision, orders, link.file)
    for title_id, order in zip(merge.decisions["title_id"], merge.decisions["order"], strict=True):
        if title_id not in earlier:
            continue
        decision, orders, file = earlier[title_id]
        if decision != "keep" or order is None or order in orders:
            raise MergeConflictError(
                f"title {title_id} was decided already ({decision}, merge {file.sequence})", file=file.path
            )
