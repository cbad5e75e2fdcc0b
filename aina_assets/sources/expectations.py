"""What is known of each vintage: `data/policies/source_expectations.toml`, typed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import Lane

FILE_NAME = "source_expectations.toml"


class Expectations(BaseModel):
    """Row counts by source, vintage and table; floors of join rates by lane."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Literal["source_expectations"]
    version: int
    rows: dict[str, dict[str, dict[str, int]]]
    join_floors: dict[Literal["real", "starter"], dict[str, float]] = Field(min_length=2)

    def expected_rows(self, source: str, vintage: str, table: str) -> int | None:
        """Rows that a table of this vintage must have; None where none are on record."""
        return self.rows.get(source, {}).get(vintage, {}).get(table)

    def floors(self, lane: Lane) -> dict[str, float]:
        """The floors that hold in a lane: mirror and live have the real figures."""
        return self.join_floors["starter" if lane is Lane.STARTER else "real"]


def read_expectations(policies_root: Path) -> Expectations:
    """Read the policy file.

    Raises:
        SettingsError: it is absent or malformed; names the place.
    """
    path = policies_root / FILE_NAME
    try:
        return Expectations.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise SettingsError("the policy file is absent", file=path, remedy="Restore it from git.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not TOML: {error}", file=path, remedy="Restore it from git.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"malformed policy: {first['msg']}",
            file=path,
            place=".".join(map(str, first["loc"])),
            remedy="Restore it from git.",
        ) from error
