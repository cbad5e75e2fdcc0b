"""Promotion: marking a build as the one that production serves. It needs the gate's capability.

Belongs here: the act, its record, and reading what is promoted. Does not: deciding.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from aina_assets.core.capabilities import Capability, Domain, require
from aina_assets.core.engine import Engine
from aina_assets.core.receipts import (
    Predicate,
    read_receipt,
    receipt_digest,
    sealed_bytes,
    subject_name,
)
from aina_assets.core.storage import write_bytes
from aina_assets.verification.manifest import MANIFEST, require_same_build

PROMOTION = "deployment_promotion_v1"
PRODUCTION = "production"


class DeploymentPromotion(Predicate):
    """Which build an environment serves, and the decision that allowed it."""

    environment: str = Field(min_length=1)
    status: Literal["promoted"]
    decision: str = Field(description="digest of the decision log's entry", pattern=r"^[0-9a-f]{64}$")


def promotion_path(engine: Engine, environment: str) -> Path:
    """Where an environment's promotion stands."""
    return engine.data.gates / "promotions" / f"{environment}.json"


def promote(capability: Capability | None, engine: Engine, environment: str) -> Path:
    """Mark the build that stands as the one that the environment serves.

    Raises:
        CapabilityError: the capability is not of this environment, or has died.
        StateError: there is no build.
    """
    covering = require(capability, Domain.DEPLOYMENT_PROMOTION, environment)
    predicate = DeploymentPromotion(environment=environment, status="promoted", decision=covering.basis)
    digests = {subject_name(MANIFEST): receipt_digest(engine.data.receipts, MANIFEST)}
    path = promotion_path(engine, environment)
    write_bytes(path, sealed_bytes(digests, PROMOTION, predicate))
    return path


def promoted_build(engine: Engine, environment: str) -> str | None:
    """The digest of the manifest that the environment serves; None where nothing was promoted.

    Raises:
        StateError: the record is damaged.
        ProvenanceMismatchError: the build that stands is another than the promoted one; names both.
    """
    path = promotion_path(engine, environment)
    if not path.is_file():
        return None
    statement = read_receipt(path, PROMOTION, DeploymentPromotion)
    digest = statement.subject[0].digest.sha256
    require_same_build(engine, digest)
    return digest
