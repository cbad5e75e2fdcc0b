"""What must hold of the gates, and of what is verified beside them. Each rule gives a finding."""

from __future__ import annotations

from collections.abc import Iterator

from aina_assets.core.capabilities import Domain
from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.engine import Engine
from aina_assets.core.errors import SettingsError
from aina_assets.core.receipts import read_receipt, receipt_path
from aina_assets.core.rules import Finding
from aina_assets.core.signing import SignedBytes, key_of, read_envelope
from aina_assets.gates.approvals import read_approval, read_stop
from aina_assets.gates.decide import Log, State, Stop, Unreadable
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.policy import GatePolicy
from aina_assets.gates.receipts import APPROVAL_RECEIPT, ProductionDeploymentApproval, describe
from aina_assets.verification.state import ENVELOPE_SUFFIX
from aina_assets.verification.walk import Difference, Kind

LOG_NAME = "gates/decisions.jsonl"


def gates_are_as_stated(engine: Engine) -> Finding:
    """The receipt says of every gate what the gates decide now: nothing opened, and nothing died, since."""
    path = receipt_path(engine.data.receipts, APPROVAL_RECEIPT)
    stated = read_receipt(path, APPROVAL_RECEIPT, ProductionDeploymentApproval).predicate
    keeper = Gatekeeper(engine)
    now = describe(keeper, keeper.board(is_building=True))
    differing = [
        {"gate": then.domain.value, "stated": then.state.value, "found": found.state.value}
        for then, found in zip(stated.gates, now.gates, strict=True)
        if (then.state, then.reasons, then.scope) != (found.state, found.reasons, found.scope)
    ]
    if stated.local_synthetic_beta is not now.local_synthetic_beta:
        differing.append(
            {
                "gate": "local_synthetic_beta",
                "stated": stated.local_synthetic_beta.value,
                "found": now.local_synthetic_beta.value,
            }
        )
    return Finding(
        passed=not differing,
        summary=f"{len(differing)} gates are not as the receipt says; external beta is {now.external_beta}",
        failed_rows=len(differing),
        sample=differing[:SAMPLE_ROWS],
        remedy=f"Materialize `{APPROVAL_RECEIPT}` again; `aina gates status` says how the gates stand.",
        figures={
            "blocked": sum(gate.state is State.BLOCKED for gate in now.gates),
            "open_holds": len(now.open_holds),
        },
    )


def decision_log_is_whole(engine: Engine) -> Finding:
    """Every answer of the gates is on record: the log's chain, seals and count hold."""
    keeper = Gatekeeper(engine)
    log = keeper.log.read(keeper.clock())
    is_whole = log.found is Log.INTACT
    return Finding(
        passed=is_whole,
        summary=f"{len(log.entries)} entries hold" + ("" if is_whole else f"; {log.fault}"),
        failed_rows=int(not is_whole),
        sample=[] if is_whole else [{"entry": len(log.entries) + 1, "finding": log.fault}],
        remedy="docs/runbooks.md, The decision log is not whole: until then every gate stays shut.",
        figures={"entries": len(log.entries)},
    )


def policies_are_readable(engine: Engine) -> Finding:
    """The gates' policy, its approvers and the control map can be read and name the same five gates."""
    keeper = Gatekeeper(engine)
    faults = []
    policy = keeper.policy
    if isinstance(policy, SettingsError):
        faults.append({"file": policy.file, "place": policy.place, "finding": policy.message})
    else:
        try:
            describe(keeper, keeper.board(is_building=True))
        except SettingsError as error:
            faults.append({"file": error.file, "place": error.place, "finding": error.message})
    return Finding(
        passed=not faults,
        summary="; ".join(str(f["finding"]) for f in faults) or "policy, approvers and control map are read",
        failed_rows=len(faults),
        sample=faults,
        remedy="Restore the file from git; until then every gate stays shut.",
    )


def gate_differences(engine: Engine) -> Iterator[Difference]:
    """What of the gates' own files is not what it should be, for the walk over the whole state."""
    keeper = Gatekeeper(engine)
    log = keeper.log.read(keeper.clock())
    if log.found is not Log.INTACT:
        yield Difference(LOG_NAME, Kind.DAMAGED, log.fault)
    policy = keeper.policy
    for domain in Domain:
        path = keeper.files.approval(domain)
        name = path.relative_to(engine.data.path).as_posix()
        read = None if isinstance(policy, SettingsError) else policy
        approval = read_approval(path, read, log.approvals)
        if isinstance(approval, Unreadable):
            yield Difference(name, Kind.DAMAGED, "the approval cannot be read")
        elif approval is not None and not approval.is_logged:
            yield Difference(name, Kind.DIFFERS, "not an approval that the decision log has")
        if read_stop(keeper.files, domain) is Stop.UNREADABLE:
            stop = keeper.files.stop(domain).relative_to(engine.data.path).as_posix()
            yield Difference(stop, Kind.DAMAGED, "the stop cannot be read; the gate is shut")
    yield from _signed_receipts(engine, None if isinstance(policy, SettingsError) else policy)


def _signed_receipts(engine: Engine, policy: GatePolicy | None) -> Iterator[Difference]:
    """Envelopes beside receipts that are not signed ones of what stands."""
    for path in sorted(engine.data.receipts.glob(f"*{ENVELOPE_SUFFIX}")):
        name = path.relative_to(engine.data.path).as_posix()
        receipt = path.with_name(path.name.removesuffix(ENVELOPE_SUFFIX) + ".json")
        try:
            envelope = read_envelope(path.read_bytes())
        except ValueError as error:
            yield Difference(name, Kind.DAMAGED, f"not an envelope: {error}")
            continue
        if not receipt.is_file() or envelope.payload != receipt.read_bytes():
            yield Difference(name, Kind.STALE, f"signed another {receipt.name} than stands")
        elif not envelope.keyids or not all(
            _is_signed_by_known(envelope, k, policy) for k in envelope.keyids
        ):
            yield Difference(name, Kind.DIFFERS, "a signature is of nobody known, or not of these bytes")


def _is_signed_by_known(envelope: SignedBytes, keyid: str, policy: GatePolicy | None) -> bool:
    found = policy.signer(keyid) if policy is not None else None
    return found is not None and envelope.holds(key_of(found[1].ed25519))
