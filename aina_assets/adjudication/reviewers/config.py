"""The reviewers' file: who takes the two seats. `data/policies/reviewers.toml`, or a file of the user's.

Belongs here: reading it, and holding each entry's options against its backend. Does not: making reviewers.

The project's own file names nobody: without reviewers the queue stays, and says so. Nothing secret stands in
it; a key is named by its environment variable.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from aina_assets.adjudication.protocol import SEATS, ReviewerSpec
from aina_assets.adjudication.reviewers.options import check_options
from aina_assets.core.errors import SettingsError
from aina_assets.titles.scope import PolicyFile

FILE_NAME = "reviewers.toml"


class ReviewersFile(PolicyFile):
    """Who reviews. At most one entry a seat."""

    policy: Literal["reviewers"]
    reviewer: tuple[ReviewerSpec, ...] = Field((), max_length=len(SEATS))

    @field_validator("reviewer")
    @classmethod
    def _one_a_seat(cls, value: tuple[ReviewerSpec, ...]) -> tuple[ReviewerSpec, ...]:
        seats = [spec.name for spec in value]
        if twice := sorted({seat for seat in seats if seats.count(seat) > 1}):
            raise ValueError(f"{twice[0]} stands twice")
        return value

    @property
    def specs(self) -> tuple[ReviewerSpec, ...]:
        """The reviewers in the order of the seats."""
        return tuple(sorted(self.reviewer, key=lambda spec: SEATS.index(spec.name)))


def read_reviewers(path: Path) -> ReviewersFile:
    """Read the reviewers' file.

    Raises:
        SettingsError: it is absent, malformed, or an option is missing, unknown or wrong; names the place.
    """
    file = ReviewersFile.from_file(path)
    for spec in file.specs:
        try:
            check_options(spec)
        except SettingsError as error:
            raise SettingsError(error.message, file=path, place=error.place, remedy=error.remedy) from error
    return file
