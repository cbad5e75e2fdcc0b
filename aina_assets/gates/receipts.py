"""The gates' receipt: `production_deployment_approval_v1`, what is blocked, what is open, and why.

Belongs here: the predicate and writing it. Does not: deciding. No clock is in it: as long as nobody approves
anything, two machines write the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.capabilities import Domain
from aina_assets.core.receipts import Predicate, receipt_digest, subject_name, write_receipt
from aina_assets.core.storage import sha256_file
from aina_assets.gates.control_map import FILE_NAME as CONTROL_MAP_FILE
from aina_assets.gates.control_map import LABEL, Control, read_control_map
from aina_assets.gates.decide import State
from aina_assets.gates.gatekeeper import EXTERNAL_BETA, LOCAL_BETA, Board, Gatekeeper
from aina_assets.gates.policy import APPROVERS_FILE, GATES_FILE
from aina_assets.verification.manifest import MANIFEST

APPROVAL_RECEIPT = "production_deployment_approval_v1"
Status = Literal["production_blocked_approval_required", "production_ready_with_holds", "production_approved"]
STATUS: dict[State, Status] = {
    State.BLOCKED: "production_blocked_approval_required",
    State.READY_WITH_HOLDS: "production_ready_with_holds",
    State.APPROVED: "production_approved",
}


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GateTold(_Told):
    """One gate as it stands."""

    domain: Domain
    state: State
    scope: str = Field(description="what the approval is of; empty where there is none")
    reasons: tuple[str, ...] = Field(description="why it is not open")
    approval_sha256: str = Field(description="digest of the approval's file; empty where there is none")


class OpenHold(_Told):
    """A hold that is open."""

    hold: str
    domain: Domain
    says: str
    closed_by: str


class ProductionDeploymentApproval(Predicate):
    """Whether the engine may leave the machine: every gate, every hold, and what follows."""

    status: Status
    approved_unlocks: tuple[Domain, ...]
    blocked_domains: tuple[Domain, ...]
    gates: tuple[GateTold, ...]
    open_holds: tuple[OpenHold, ...]
    external_beta: State
    local_synthetic_beta: State
    policy_fault: str = Field(description="why the policy cannot be read; empty where it can")
    controls_are: Literal["a mapping, not a claim of compliance"]
    frameworks: dict[str, str]
    controls: tuple[Control, ...]

    def figures(self) -> dict[str, object]:
        """The figures that people ask first."""
        return {
            "status": self.status,
            EXTERNAL_BETA: self.external_beta.value,
            LOCAL_BETA: self.local_synthetic_beta.value,
            **{gate.domain.value: gate.state.value for gate in self.gates},
            "open holds": len(self.open_holds),
            "controls mapped": len(self.controls),
        }


def describe(keeper: Gatekeeper, board: Board) -> ProductionDeploymentApproval:
    """The board as a receipt's predicate.

    Raises:
        SettingsError: the control map cannot be read.
    """
    control_map = read_control_map(keeper.engine.settings.policies_root)
    return ProductionDeploymentApproval(
        status=STATUS[board.external_beta],
        approved_unlocks=tuple(g.domain for g in board.gates if g.decision.state is State.APPROVED),
        blocked_domains=tuple(g.domain for g in board.gates if g.decision.state is State.BLOCKED),
        gates=tuple(
            GateTold(
                domain=gate.domain,
                state=gate.decision.state,
                scope=gate.scope,
                reasons=tuple(reason.value for reason in gate.decision.reasons),
                approval_sha256=_approval_digest(keeper, gate.domain),
            )
            for gate in board.gates
        ),
        open_holds=_open_holds(keeper, board),
        external_beta=board.external_beta,
        local_synthetic_beta=board.local_beta,
        policy_fault=board.policy_fault,
        controls_are=LABEL,
        frameworks=control_map.frameworks,
        controls=control_map.controls,
    )


def _approval_digest(keeper: Gatekeeper, domain: Domain) -> str:
    path = keeper.files.approval(domain)
    return sha256_file(path) if path.is_file() else ""


def _open_holds(keeper: Gatekeeper, board: Board) -> tuple[OpenHold, ...]:
    if board.policy_fault:
        return ()
    policy = keeper.readable_policy()
    return tuple(
        OpenHold(
            hold=name,
            domain=gate.domain,
            says=policy.domain(gate.domain).holds[name].says,
            closed_by=policy.domain(gate.domain).holds[name].closed_by,
        )
        for gate in board.gates
        for name in gate.decision.holds
    )


def write_approval_receipt(keeper: Gatekeeper) -> tuple[Path, ProductionDeploymentApproval]:
    """Write the receipt while a build runs; its subjects are the policies and the build's manifest."""
    engine = keeper.engine
    predicate = describe(keeper, keeper.board(is_building=True))
    policies = engine.settings.policies_root
    digests = {
        f"policies/{name}": sha256_file(policies / name)
        for name in (GATES_FILE, APPROVERS_FILE, CONTROL_MAP_FILE)
        if (policies / name).is_file()
    }
    digests[subject_name(MANIFEST)] = receipt_digest(engine.data.receipts, MANIFEST)
    path = write_receipt(engine.data.receipts, APPROVAL_RECEIPT, digests, predicate, rests_on=[MANIFEST])
    return path, predicate
