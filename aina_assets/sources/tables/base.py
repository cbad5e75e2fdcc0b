"""What every row that was read from a source file carries: where it stands there."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aina_assets.core.contracts import Row

OnetSocCode = Annotated[str, Field(pattern=r"^\d{2}-\d{4}\.\d{2}$")]
SocCode = Annotated[str, Field(pattern=r"^\d{2}-\d{4}$")]


class SourceRow(Row):
    """A row with its origin."""

    vintage: str = Field(description="release of the source that the row is from", min_length=1)
    source_file: str = Field(description="file's name in its source, as in the lock", min_length=1)
    source_row: int = Field(
        description="record number in the file (or sheet), the header being 1 in a text file", ge=1
    )
