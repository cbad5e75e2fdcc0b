"""What a build came to: a table of stages, and every check and step that failed."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aina_assets.core.errors import StateError
from aina_assets.core.storage import write_bytes


class StageSummary(BaseModel):
    """One line of the build's table."""

    model_config = ConfigDict(frozen=True)

    stage: str
    assets: int = Field(ge=0)
    rows: int = Field(ge=0)
    checks_passed: int = Field(ge=0)
    checks_warned: int = Field(ge=0)
    checks_failed: int = Field(ge=0)


class CheckFailure(BaseModel):
    """A check that did not pass."""

    model_config = ConfigDict(frozen=True)

    asset: str
    check: str
    severity: str
    summary: str
    remedy: str


class StepFailure(BaseModel):
    """A step that raised."""

    model_config = ConfigDict(frozen=True)

    step: str
    error: str


class BuildSummary(BaseModel):
    """The last build."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    lane: str
    is_complete: bool = Field(True, description="the build ended; a killed one leaves false")
    is_success: bool = Field(description="no step raised and no ERROR check failed")
    seconds: float = Field(ge=0)
    stages: tuple[StageSummary, ...]
    check_failures: tuple[CheckFailure, ...]
    step_failures: tuple[StepFailure, ...]

    @classmethod
    def started(cls, lane: str) -> BuildSummary:
        """What stands in the data root while a build runs, and after one that was killed."""
        return cls(
            run_id="",
            lane=lane,
            is_complete=False,
            is_success=False,
            seconds=0,
            stages=(),
            check_failures=(),
            step_failures=(),
        )

    def write(self, path: Path) -> None:
        """Write it as JSON, atomically."""
        write_bytes(path, (self.model_dump_json(indent=1) + "\n").encode())


def read_build(path: Path) -> BuildSummary:
    """Read the last build's summary.

    Raises:
        StateError: there was none, or its file is damaged.
    """
    try:
        return BuildSummary.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise StateError("nothing has been built here yet", file=path) from error
    except ValidationError as error:
        raise StateError(f"damaged build summary: {error.errors()[0]['msg']}", file=path) from error
