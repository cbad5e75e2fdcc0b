"""What `aina validate` tells: every check's verdict on the current state, and the walk over its files.

Belongs here: the shape and its exit status. Does not: running checks (see `automation`), printing.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckVerdict(_Told):
    """One check."""

    stage: str
    asset: str
    check: str
    severity: str
    is_blocking: bool
    passed: bool
    summary: str
    failed_rows: int = Field(ge=0)
    remedy: str


class FileVerdict(_Told):
    """One file that is not what it should be."""

    name: str
    kind: str
    says: str
    void: tuple[str, ...]


class Validation(_Told):
    """The current state, judged as a whole."""

    lane: str
    data: str
    checks: tuple[CheckVerdict, ...]
    steps_failed: tuple[str, ...] = Field(description="groups of checks that could not be run, and why")
    differences: tuple[FileVerdict, ...]
    notes: tuple[str, ...]
    files: int = Field(ge=0)
    receipts: int = Field(ge=0)
    seconds: float = Field(ge=0)

    @property
    def failed(self) -> tuple[CheckVerdict, ...]:
        """Checks of severity ERROR that do not hold."""
        return tuple(check for check in self.checks if not check.passed and check.severity == "ERROR")

    @property
    def warned(self) -> tuple[CheckVerdict, ...]:
        """Checks of severity WARN that do not hold."""
        return tuple(check for check in self.checks if not check.passed and check.severity != "ERROR")

    @property
    def is_valid(self) -> bool:
        """Whether nothing failed and nothing differs; a WARN is no failure."""
        return not (self.failed or self.steps_failed or self.differences)
