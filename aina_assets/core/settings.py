"""Every setting of the project, in one place. Each is an environment variable `AINA_<NAME>`.

What belongs here: names, types, defaults and what depends on them alone. What does not: reading files.
"""

from __future__ import annotations

import os
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSettingError

from aina_assets.core.errors import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class Lane(StrEnum):
    """Where source files come from."""

    STARTER = "starter"
    MIRROR = "mirror"
    LIVE = "live"


class Settings(BaseSettings):
    """The settings of one process. Unknown `AINA_` names are ignored, wrong values are refused."""

    model_config = SettingsConfigDict(env_prefix="AINA_", frozen=True, extra="ignore", env_ignore_empty=True)

    sources: Lane = Field(
        Lane.STARTER, description="lane: starter (committed), mirror (a folder), live (network)"
    )
    mirror: Annotated[tuple[Path, ...], NoDecode] = Field(
        (),
        description="folders laid out as DIR/<host>/<url path>; several are separated as in PATH, "
        "the first that has a file wins",
    )
    data: Path = Field(PROJECT_ROOT / "data" / "run", description="folder for all that a run writes")
    titles: Path | None = Field(
        None, description="title inventory (text or CSV); the starter's list where unset"
    )
    lock: Path | None = Field(None, description="lock file; the lane's own where unset")
    onet_vintage: str = Field("30.2", description="O*NET release to read: 29.1, 30.2 or 30.3")
    oews_vintage: str = Field("May 2024", description="OEWS national workbook to read")
    contact: str = Field(
        "", description="contact (e-mail or URL) sent in the User-Agent; BLS answers 403 without one"
    )
    bls_api_key: SecretStr | None = Field(None, description="BLS Public Data API v2 registration key")
    bls_series: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="comma-separated OEWS series ids to ask of the BLS API (live lane)"
    )
    bls_start_year: int = Field(2024, ge=1997, description="first year to ask of the BLS API")
    bls_end_year: int = Field(2025, ge=1997, description="last year to ask of the BLS API")
    endpoints: dict[str, str] = Field(
        default_factory=dict,
        description='JSON map of host to base URL, such as {"www.bls.gov": "http://127.0.0.1:8000"}, '
        "for a proxy or a test server",
    )
    http_connect_timeout_seconds: float = Field(10.0, gt=0, description="time to connect")
    http_read_timeout_seconds: float = Field(60.0, gt=0, description="longest silence while reading")
    http_attempts: int = Field(4, ge=1, le=10, description="attempts a download, the first included")
    http_backoff_seconds: float = Field(
        1.0, ge=0, description="pause before the second attempt; doubles with each"
    )
    build_wait_seconds: float = Field(600.0, ge=0, description="how long a second build waits for the first")
    duckdb_memory_limit: str = Field(
        "1GB", description="DuckDB's memory limit", pattern=r"^\d+(\.\d+)? ?([KMGT]i?)?B$"
    )
    duckdb_threads: int = Field(2, ge=1, description="DuckDB's threads")
    processes: int = Field(
        2,
        ge=1,
        le=64,
        description="processes that work on a long title inventory at once; each holds the model (400 MB)",
    )
    title_batches: int = Field(
        32, ge=1, le=256, description="shards of the title inventory; changing it moves titles between them"
    )

    task_importance: Path | None = Field(
        None,
        description="CSV of mean task importance that stands in for task ratings where the lane has none; "
        "named `onet_<release>_...`, header `Task ID,O*NET-SOC Code,Importance (IM) mean`",
    )
    gold: Path | None = Field(
        None, description="folder of the gold sets that certify titles; `data/gold` where unset"
    )

    reviewers: Path | None = Field(
        None, description="file that says who reviews titles; the lane's own where unset"
    )
    review_chunk_rows: int = Field(
        100, ge=1, le=100, description="titles a review prompt; accuracy is known to hold up to 100"
    )
    learner_db: SecretStr | None = Field(
        None,
        description="database of learner events, such as `postgresql://user@host/name`; a SQLite file in the "
        "data folder where unset",
    )

    @field_validator("mirror", mode="before")
    @classmethod
    def _split_path(cls, value: Any) -> Any:
        if isinstance(value, str):
            # An empty part would be the current folder.
            return tuple(part for part in value.split(os.pathsep) if part.strip())
        return value

    @field_validator("bls_series", mode="before")
    @classmethod
    def _split_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("mirror")
    @classmethod
    def _absolute(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(path.expanduser().resolve() for path in value)

    @field_validator("data", "titles", "lock", "gold", "reviewers", "task_importance")
    @classmethod
    def _absolute_one(cls, value: Path | None) -> Path | None:
        return value.expanduser().resolve() if value is not None else None

    @model_validator(mode="after")
    def _lane_has_what_it_needs(self) -> Settings:
        if self.sources is Lane.MIRROR:
            if not self.mirror:
                raise ValueError("AINA_SOURCES=mirror needs AINA_MIRROR, a folder laid out by host")
            for path in self.mirror:
                if not path.is_dir():
                    raise ValueError(f"AINA_MIRROR: no such folder: {path}")
        return self

    @model_validator(mode="after")
    def _years_in_order(self) -> Settings:
        if self.bls_start_year > self.bls_end_year:
            raise ValueError(
                f"AINA_BLS_START_YEAR={self.bls_start_year} is after AINA_BLS_END_YEAR={self.bls_end_year}"
            )
        return self

    @property
    def starter_root(self) -> Path:
        """The committed starter: a mirror folder with a lock of its own."""
        return PROJECT_ROOT / "data" / "starter"

    @property
    def lock_path(self) -> Path:
        """The lock that the lane is held against."""
        if self.lock is not None:
            return self.lock
        if self.sources is Lane.STARTER:
            return self.starter_root / "sources.lock.json"
        return PROJECT_ROOT / "data" / "sources.lock.json"

    def starter(self) -> Settings:
        """These settings with the starter lane, for what only the starter has."""
        return self.model_copy(update={"sources": Lane.STARTER, "lock": None})

    @property
    def title_batch_keys(self) -> tuple[str, ...]:
        """The keys of the title batches, in order."""
        return title_batch_keys(self.title_batches)

    @property
    def gold_root(self) -> Path:
        """The folder of the gold sets."""
        return self.gold or PROJECT_ROOT / "data" / "gold"

    @property
    def reviewers_path(self) -> Path:
        """The file that says who reviews: of the starter's recorded reviewers, elsewhere of nobody."""
        if self.reviewers is not None:
            return self.reviewers
        if self.sources is Lane.STARTER and self.titles is None:
            return self.starter_root / "reviews" / "reviewers.toml"
        return self.policies_root / "reviewers.toml"

    @property
    def policies_root(self) -> Path:
        """Versioned policy files."""
        return PROJECT_ROOT / "data" / "policies"


@lru_cache(maxsize=4)
def title_batch_keys(count: int) -> tuple[str, ...]:
    """The keys of `count` title batches: numbers of one width, so that they sort as they count."""
    width = max(2, len(str(count - 1)))
    return tuple(f"{number:0{width}d}" for number in range(count))


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: names the variable, what it held and why that is wrong.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"AINA_{first['loc'][0]}".upper() if first["loc"] else ""
        raise SettingsError(
            f"{first['msg'].removeprefix('Value error, ')}"
            + (f" (found {first['input']!r})" if name else ""),
            place=name or "the environment",
        ) from error
    except UnreadableSettingError as error:
        # A map that is not JSON fails before validation, and says which field in words alone.
        name = next(
            (f"AINA_{field}".upper() for field in Settings.model_fields if f'"{field}"' in str(error)), ""
        )
        raise SettingsError(
            f"not JSON (found {os.environ.get(name)!r})", place=name or "the environment"
        ) from error


@lru_cache(maxsize=1)
def process_settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
