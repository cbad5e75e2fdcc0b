"""Contract of the table of source files: what was acquired, from where, under which licence."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aina_assets.core.contracts import Row, TableContract

SOURCE = "sources"


class SourceFileRow(Row):
    """A source file of this build, as it was held against its record, with licence and attribution."""

    source: str = Field(description="source id")
    vintage: str = Field(description="the source's own release name")
    layout: str = Field(description="release whose file layout the file follows")
    lane: Literal["starter", "mirror", "live"] = Field(description="where files come from")
    name: str = Field(description="file's name in its source")
    url: str | None = Field(description="published address; null for a user's own file")
    revision: str | None = Field(description="Hub commit")
    file_bytes: int = Field(description="size in bytes", ge=1)
    sha256: str = Field(description="sha256 of the file", pattern=r"^[0-9a-f]{64}$")
    is_locked: bool = Field(description="held against the lock; a user's title list is not locked")
    licence: str = Field(description="licence under which it is used")
    attribution: str = Field(description="text that anything showing its data must carry")


SOURCE_FILE = TableContract("source_file", SourceFileRow, "a source file", ("source", "name"), SOURCE)
