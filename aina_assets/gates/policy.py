"""The gates' policy and its approvers: `data/policies/gates.toml` and `approvers.toml`, typed.

Belongs here: reading the two files, and one digest of both, which every approval names. Does not: deciding.
The folder is the repository's own: no setting says where the policy or the approvers are to be found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from aina_assets.core.capabilities import Domain
from aina_assets.core.errors import SettingsError
from aina_assets.gates import decide
from aina_assets.titles.scope import PolicyFile

GATES_FILE, APPROVERS_FILE = "gates.toml", "approvers.toml"
EVIDENCE, RECEIPTS = "evidence/", "receipts/"
SECONDS_A_DAY = 86_400

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
EvidenceName = Annotated[str, Field(pattern=rf"^({EVIDENCE}|{RECEIPTS})[A-Za-z0-9_][A-Za-z0-9_.-]*$")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hold(_Section):
    """A named, open reason why a gate may not open, and the evidence that closes it."""

    says: str = Field(min_length=1)
    closed_by: EvidenceName


class DomainPolicy(_Section):
    """What one gate asks."""

    says: str = Field(min_length=1)
    scope: str = Field(min_length=1, description="what a scope of this domain is")
    required: frozenset[EvidenceName] = Field(min_length=1)
    forbidden: frozenset[str]
    holds: dict[Name, Hold] = Field(default_factory=dict)

    @property
    def evidence(self) -> tuple[str, ...]:
        """All evidence that this domain can ask for: what is required, and what closes a hold."""
        return tuple(sorted({*self.required, *(hold.closed_by for hold in self.holds.values())}))


class LocalPolicy(_Section):
    """What stays on this machine."""

    desk: tuple[str, ...]
    public_sources: tuple[str, ...]
    content_hosts: tuple[str, ...]
    own_hosts: tuple[str, ...]
    programs: tuple[str, ...]

    @property
    def hosts(self) -> frozenset[str]:
        """Every host that may be connected to."""
        return frozenset((*self.public_sources, *self.content_hosts, *self.own_hosts))


class GatesFile(PolicyFile):
    """`gates.toml`."""

    policy: Literal["gates"]
    longest_days: int = Field(ge=1, le=366)
    domains: dict[Domain, DomainPolicy]
    local: LocalPolicy

    @field_validator("domains")
    @classmethod
    def _every_domain(cls, value: dict[Domain, DomainPolicy]) -> dict[Domain, DomainPolicy]:
        if missing := set(Domain) - set(value):
            raise ValueError(f"no rule for {', '.join(sorted(missing))}")
        return value


class ApproverKey(_Section):
    """A public key and the time in which it counts."""

    ed25519: str = Field(pattern=r"^[0-9a-f]{64}$")
    valid_from: AwareDatetime
    valid_until: AwareDatetime


class Approver(_Section):
    """A person who may approve."""

    name: Name
    domains: frozenset[Domain]
    keys: tuple[ApproverKey, ...] = Field(min_length=1)


class ApproversFile(PolicyFile):
    """`approvers.toml`."""

    policy: Literal["approvers"]
    approvers: tuple[Approver, ...]

    @model_validator(mode="after")
    def _one_person_a_name_and_a_key(self) -> ApproversFile:
        names = [approver.name for approver in self.approvers]
        keys = [key.ed25519 for approver in self.approvers for key in approver.keys]
        for kind, found in (("name", names), ("key", keys)):
            if len(set(found)) != len(found):
                raise ValueError(f"a {kind} is listed twice")
        return self


@dataclass(frozen=True)
class GatePolicy:
    """Both files together, with one digest."""

    gates: GatesFile
    approvers: ApproversFile

    @property
    def sha256(self) -> str:
        """One digest of both files."""
        told = f"{GATES_FILE} {self.gates.sha256}\n{APPROVERS_FILE} {self.approvers.sha256}\n"
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def files(self) -> dict[str, str]:
        """Digest by name of the files, as a receipt's subjects."""
        return {
            f"policies/{GATES_FILE}": self.gates.sha256,
            f"policies/{APPROVERS_FILE}": self.approvers.sha256,
        }

    def domain(self, domain: Domain) -> DomainPolicy:
        """What a domain's gate asks."""
        return self.gates.domains[domain]

    def rules(self) -> decide.Policy:
        """The policy as the decision takes it."""
        return decide.Policy(
            self.sha256,
            {
                name.value: decide.DomainRule(
                    required=policy.required,
                    holds={hold: told.closed_by for hold, told in policy.holds.items()},
                    forbidden=policy.forbidden,
                    longest_seconds=self.gates.longest_days * SECONDS_A_DAY,
                )
                for name, policy in self.gates.domains.items()
            },
        )

    def signer(self, keyid: str) -> tuple[Approver, ApproverKey] | None:
        """Whose key this is; None where no approver has it."""
        # Imported here: every command reads the policy, few look at signatures.
        from aina_assets.core.signing import keyid_of  # noqa: PLC0415

        for approver in self.approvers.approvers:
            for key in approver.keys:
                if keyid_of(key.ed25519) == keyid:
                    return approver, key
        return None


def read_gate_policy(folder: Path) -> GatePolicy:
    """Read both files.

    Raises:
        SettingsError: one is absent, malformed or contradicts itself; names file and place.
    """
    return GatePolicy(
        GatesFile.from_file(folder / GATES_FILE), ApproversFile.from_file(folder / APPROVERS_FILE)
    )


def try_gate_policy(folder: Path) -> GatePolicy | SettingsError:
    """The policy, or why it cannot be read: to whoever decides, both are facts."""
    try:
        return read_gate_policy(folder)
    except SettingsError as error:
        return error
