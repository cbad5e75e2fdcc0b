"""When a title may be served: `data/policies/serve_now.toml`, typed.

Belongs here: reading the file, and one digest of all policies that decide a route. Does not: deciding.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.titles.retrieval.taxonomy import LEVELS
from aina_assets.titles.scope import PolicyFile

FILE_NAME = "serve_now.toml"
NO_LEVEL = "none"

Share = Annotated[float, Field(ge=0, le=1)]
Cap = Literal["detailed", "broad", "minor", "major", "function", "none"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CertificatePolicy(_Section):
    """What a stratum's measured error must be."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    most_error: Annotated[float, Field(gt=0, lt=1)]
    least_rows_alone: int = Field(ge=1)


class ThresholdPolicy(_Section):
    """How thresholds and calibrations are chosen on tune rows."""

    most_doubt_below_major: Annotated[float, Field(gt=0, lt=1)]
    least_tune_rows: int = Field(ge=1)


class Trust(_Section):
    """The share of probability that an exact match of each lane moves to its codes."""

    exact_occupation: Share
    exact_direct_match: Share
    exact_alternate: Share
    exact_reported: Share
    exact_normalized: Share


class ServePolicy(PolicyFile):
    """The policy on service."""

    policy: Literal["serve_now"]
    certificate: CertificatePolicy
    threshold: ThresholdPolicy
    trust: Trust
    generic: dict[Annotated[str, Field(pattern=r"^[a-z0-9+#.]+$")], Cap]

    def finest_level(self, core: str) -> str | None:
        """The finest level that a title's words allow: of a generic word its cap; None for no level."""
        cap = self.generic.get(core, LEVELS[0])
        return None if cap == NO_LEVEL else cap


def read_serve_policy(policies_root: Path) -> ServePolicy:
    """Read the policy from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return ServePolicy.from_file(policies_root / FILE_NAME)


def policies_digest(*policies: PolicyFile) -> str:
    """One digest of the policies that decide a route."""
    told = "\n".join(sorted(f"{type(policy).__name__} {policy.sha256}" for policy in policies))
    return hashlib.sha256(told.encode()).hexdigest()
