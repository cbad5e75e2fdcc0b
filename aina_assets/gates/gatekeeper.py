"""The gatekeeper: gathers the facts, asks for the decision, puts it on record, hands out the capability.

Belongs here: what a decision's facts are made from, and the process's one mint. Does not: the rule
(`decide`), or acting (`edge`). Nothing that the environment or a command line says reaches the decision:
the policy and the approvers are the repository's, the clock is the machine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import Timeout

from aina_assets.core.capabilities import Capability, Domain, take_mint
from aina_assets.core.engine import Engine
from aina_assets.core.errors import AinaError, GateClosedError, SettingsError
from aina_assets.core.receipts import subject_name
from aina_assets.core.storage import sha256_file
from aina_assets.gates.approvals import read_approval, read_stop
from aina_assets.gates.decide import (
    Approval,
    Decision,
    Facts,
    Reach,
    Soundness,
    State,
    Stop,
    decide,
    derived_state,
)
from aina_assets.gates.log import DecisionLog, Event, LogState, PolicyReference, Verifier
from aina_assets.gates.places import GateFiles
from aina_assets.gates.policy import GatePolicy, try_gate_policy
from aina_assets.gates.words import in_words
from aina_assets.verification.manifest import MANIFEST
from aina_assets.verification.results import read_results
from aina_assets.verification.walk import verify

_MINT = take_mint()
EXTERNAL_BETA, LOCAL_BETA = "external_beta", "local_synthetic_beta"


@dataclass(frozen=True)
class Gate:
    """One gate as it stands: its decision and, where there is one, the approval that it is about."""

    domain: Domain
    scope: str
    decision: Decision
    approval: Approval | None


@dataclass(frozen=True)
class Board:
    """All gates as they stand, and what follows from them.

    Attributes:
        external_beta: the derived gate; what the least of its gates is.
        local_beta: the internal, synthetic use on this machine: ready with its holds, or blocked.
        holds: every hold that is open, by gate.
    """

    gates: tuple[Gate, ...]
    external_beta: State
    local_beta: State
    holds: Mapping[str, tuple[str, ...]]
    policy_fault: str
    log: LogState


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Gatekeeper:
    """Asks and answers for the gates of one data root.

    Args:
        engine: settings and data root.
        policies: the folder of the policies; the repository's own for every command and asset.
        clock: the time.
    """

    def __init__(
        self, engine: Engine, *, policies: Path | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.engine = engine
        self.files = GateFiles(engine.data)
        self.log = DecisionLog(self.files.log, self.files.log_head)
        self.clock = clock
        self._policies = policies or engine.settings.policies_root

    @property
    def policy(self) -> GatePolicy | SettingsError:
        """The policy as it is now, or why it cannot be read."""
        return try_gate_policy(self._policies)

    def readable_policy(self) -> GatePolicy:
        """The policy.

        Raises:
            SettingsError: it cannot be read.
        """
        policy = self.policy
        if isinstance(policy, SettingsError):
            raise policy
        return policy

    # --- facts

    def facts(
        self,
        domain: str,
        scope: str | None,
        reach: Reach,
        *,
        is_quick: bool = False,
        soundness: Soundness | None = None,
    ) -> tuple[Facts, LogState]:
        """All that a decision on this question rests on, as it stands now.

        Args:
            scope: what is to be done; that of the approval where None.
            is_quick: trust remembered digests of unchanged files.
            soundness: what the caller has found; looked at where None and there is an approval. Without
                one nothing opens, and the walk would be for nothing.
        """
        now = self.clock()
        read = self.policy
        policy = None if isinstance(read, SettingsError) else read
        known = domain in {one.value for one in Domain}
        log = self.log.read(now)
        approval = (
            read_approval(self.files.approval(Domain(domain)), policy, log.approvals) if known else None
        )
        signed = approval if isinstance(approval, Approval) else None
        names = {*(signed.evidence if signed else ())}
        if policy is not None and known:
            names |= {*policy.domain(Domain(domain)).evidence}
        facts = Facts(
            domain=domain,
            scope=scope if scope is not None else signed.scope if signed else "",
            reach=reach,
            now=int(now.timestamp()),
            policy=policy.rules() if policy is not None else None,
            stop=read_stop(self.files, Domain(domain)) if known else Stop.NONE,
            log=log.found,
            soundness=soundness or self._soundness_for(approval, is_quick=is_quick),
            approval=approval,
            standing=self.files.standing(names),
        )
        return facts, log

    def _soundness_for(self, approval: object, *, is_quick: bool) -> Soundness:
        return Soundness.UNKNOWN if approval is None else self.soundness(is_quick=is_quick)

    def soundness(self, *, is_quick: bool = False) -> Soundness:
        """Whether the state verifies and its checks passed.

        Args:
            is_quick: trust remembered digests of unchanged files.
        """
        try:
            report = verify(self.engine, digests=self.engine.digests if is_quick else None)
            results = read_results(self.engine)
        except (AinaError, OSError):
            return Soundness.UNKNOWN
        is_sound = report.is_sound and results.result != "FAILED"
        return Soundness.SOUND if is_sound else Soundness.UNSOUND

    def _soundness_of_build(self) -> Soundness:
        try:
            is_sound = verify(self.engine, leaving_out_above=subject_name(MANIFEST)).is_sound
        except (AinaError, OSError):
            return Soundness.UNKNOWN
        return Soundness.SOUND if is_sound else Soundness.UNSOUND

    # --- looking

    def look(self, domain: Domain, scope: str | None = None, reach: Reach = Reach.OUTSIDE) -> Decision:
        """What the gate would say. Nothing is handed out, and nothing is put on record."""
        soundness = self.soundness() if reach is Reach.OUTSIDE else Soundness.UNKNOWN
        return decide(self.facts(domain.value, scope, reach, soundness=soundness)[0])

    def board(self, *, is_building: bool = False) -> Board:
        """All gates as they stand.

        Args:
            is_building: a build runs: what rests on its manifest is still the build's before.
        """
        soundness = self._soundness_of_build() if is_building else self.soundness()
        gates = []
        for domain in Domain:
            facts, _ = self.facts(domain.value, None, Reach.OUTSIDE, soundness=soundness)
            approval = facts.approval if isinstance(facts.approval, Approval) else None
            gates.append(Gate(domain, facts.scope, decide(facts), approval))
        local = [self.look(domain, "", Reach.LOCAL) for domain in Domain]
        is_ready = all(found.state is State.READY_WITH_HOLDS for found in local)
        policy = self.policy
        return Board(
            gates=tuple(gates),
            external_beta=derived_state(gate.decision.state for gate in gates),
            local_beta=State.READY_WITH_HOLDS if is_ready and soundness is Soundness.SOUND else State.BLOCKED,
            holds={gate.domain.value: gate.decision.holds for gate in gates if gate.decision.holds},
            policy_fault=policy.message if isinstance(policy, SettingsError) else "",
            log=self.log.read(self.clock()),
        )

    # --- asking

    def ask(self, domain: Domain, scope: str, reach: Reach = Reach.OUTSIDE) -> Capability:
        """Ask for leave; the answer is put on record before it is given.

        Raises:
            GateClosedError: the gate is closed, with every reason; or the answer cannot be put on record.
        """
        facts, _ = self.facts(domain.value, scope, reach)
        decision = decide(facts)
        try:
            entry = self._record(facts, decision)
        except (OSError, AinaError, Timeout) as error:
            raise GateClosedError(f"{domain}: the answer cannot be put on record: {error}") from error
        if not decision.is_granted:
            raise GateClosedError(f"{domain}: {scope}: {in_words(decision)}", place=domain.value)

        def hold() -> None:
            again = decide(self.facts(domain.value, scope, reach, is_quick=True)[0])
            if not again.is_granted:
                raise GateClosedError(f"{domain}: {scope}: no longer: {in_words(again)}", place=domain.value)

        return _MINT.capability(domain, scope, entry, hold)

    def _record(self, facts: Facts, decision: Decision) -> str:
        approval = self.files.approval(Domain(facts.domain))
        return self.log.append(
            self.clock(),
            dict(facts.standing),
            event=Event.ASKED,
            verifier=self.verifier(),
            properties=(f"AINA_GATE_{facts.domain.upper()}",) if decision.is_granted else (),
            domain=facts.domain,
            scope=facts.scope,
            reach=facts.reach.value,
            state=decision.state.value,
            is_granted=decision.is_granted,
            reasons=tuple(reason.value for reason in decision.reasons),
            holds=decision.holds,
            approval=sha256_file(approval) if approval.is_file() else "",
        )

    def verifier(self) -> Verifier:
        """Who decides, under which policy, as an entry of the log says it."""
        policy = self.policy
        if isinstance(policy, SettingsError):
            return Verifier()
        return Verifier(
            policy=PolicyReference(uri="data/policies/gates.toml", digest={"sha256": policy.sha256})
        )
