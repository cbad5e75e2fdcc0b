"""A gate office for tests: a sound, empty state, a policy with two approvers and their keys, a clock.

Belongs here: making it, and the way of an approval in it. Does not: assertions. The policy lies in a folder
of the test's own: in the repository's there are no approvers, and no setting points elsewhere.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aina_assets.core.capabilities import Domain
from aina_assets.core.engine import Engine
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.signing import new_key, private_bytes, public_hex
from aina_assets.gates.desk import approve, request_approval
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.policy import APPROVERS_FILE, EVIDENCE, GATES_FILE
from aina_assets.verification.manifest import write_manifest
from aina_assets.verification.results import Outcome, write_results
from aina_assets_tests.builds import starter_settings

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
DOMAIN, SCOPE = Domain.PUBLIC_RUNTIME, "192.0.2.7:8443"
ALL = "[" + ", ".join(f'"{domain}"' for domain in Domain) + "]"


@dataclass
class Office:
    """Where a test's gates are asked."""

    root: Path
    now: datetime = NOW
    keys: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = Engine(starter_settings(self.root / "data"))
        self.policies = self.root / "policies"
        self.policies.mkdir()
        shutil.copy(PROJECT_ROOT / "data" / "policies" / GATES_FILE, self.policies)
        entries = [self._approver(name, ALL) for name in ("ada", "ben", "cyd")]
        entries.append(self._approver("dan", '["production_telemetry"]'))
        (self.policies / APPROVERS_FILE).write_text(
            'policy = "approvers"\nversion = "1.0.0"\n' + "\n".join(entries), "utf-8"
        )
        self.build()

    def _approver(self, name: str, domains: str) -> str:
        path = self.root / "keys" / f"{name}.pem"
        path.parent.mkdir(exist_ok=True)
        key = new_key()
        path.write_bytes(private_bytes(key, "word"))
        self.keys[name] = path
        return "\n".join(
            (
                "[[approvers]]",
                f'name = "{name}"',
                f"domains = {domains}",
                "[[approvers.keys]]",
                f'ed25519 = "{public_hex(key)}"',
                "valid_from = 2026-01-01T00:00:00Z",
                "valid_until = 2027-01-01T00:00:00Z",
            )
        )

    def build(self, **outcomes: bool) -> None:
        """A manifest over a state without tables, and check results: as a build leaves them."""
        write_manifest(self.engine, [])
        write_results(self.engine, [Outcome(f"x: {n}", ok) for n, ok in (outcomes or {"y": True}).items()])

    @property
    def keeper(self) -> Gatekeeper:
        """A gatekeeper that reads everything anew."""
        return Gatekeeper(self.engine, policies=self.policies, clock=lambda: self.now)

    def later(self, **time: float) -> None:
        """Move the clock."""
        self.now += timedelta(**time)

    def put_evidence(self, domain: Domain = DOMAIN) -> None:
        """Put what closes every hold of a gate."""
        files = self.keeper.files
        for hold in self.keeper.readable_policy().domain(domain).holds.values():
            if hold.closed_by.startswith(EVIDENCE):
                path = files.evidence_path(hold.closed_by)
                assert path is not None
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"written for {hold.closed_by}\n", "utf-8")

    def request(self, domain: Domain = DOMAIN, scope: str = SCOPE, days: int = 7) -> None:
        """Ask for an approval."""
        request_approval(self.keeper, domain, scope, days=days, says="a test")

    def sign(self, *names: str, domain: Domain = DOMAIN) -> None:
        """Have people sign."""
        for name in names:
            approve(self.keeper, domain, self.keys[name], "word")

    def opened(self, domain: Domain = DOMAIN, scope: str = SCOPE) -> Office:
        """The office with that gate open."""
        self.put_evidence(domain)
        self.request(domain, scope)
        self.sign("ada", "ben", domain=domain)
        return self
