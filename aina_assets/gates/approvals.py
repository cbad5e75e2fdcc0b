"""Approvals: what is asked, signed by two people, and read back.

A request is an in-toto statement whose subjects are the evidence looked at, with their digests; an approval
is the same bytes in a DSSE envelope with two approvers' signatures. A domain has one approval at most: a
new request takes the old one's place. Belongs here: making requests, signing them, reading approvals as the
facts that a decision takes. Does not: deciding.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from aina_assets.core.capabilities import Domain
from aina_assets.core.errors import ApprovalError
from aina_assets.core.receipts import Predicate, Statement, predicate_type, seal_holds, sealed_bytes
from aina_assets.core.signing import SignedBytes, key_of, keyid_of, public_hex, read_envelope, sign
from aina_assets.core.storage import sha256_bytes, write_bytes
from aina_assets.gates import decide
from aina_assets.gates.places import GateFiles
from aina_assets.gates.policy import GatePolicy

APPROVAL = "gate_approval_v1"


class GateApproval(Predicate):
    """What two approvers sign: one domain and scope, a term, and the evidence that they looked at."""

    domain: Domain
    scope: str = Field(min_length=1)
    policy_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    says: str = Field(description="why, in the asker's words")


@dataclass(frozen=True)
class Request:
    """A request as it was made: its bytes and what they say."""

    content: bytes
    asked: GateApproval
    evidence: Mapping[str, str]


def make_request(
    policy: GatePolicy,
    files: GateFiles,
    domain: Domain,
    scope: str,
    *,
    now: datetime,
    days: int,
    says: str = "",
) -> Request:
    """What would be signed now for a domain and a scope: all evidence that stands, required or for holds.

    Raises:
        ApprovalError: required evidence is missing, the term is too long, or the policy forbids the scope.
    """
    rule = policy.domain(domain)
    if scope in rule.forbidden:
        raise ApprovalError(f"{domain}: no approval opens {scope!r}", place="scope")
    if not 1 <= days <= policy.gates.longest_days:
        raise ApprovalError(f"a term of {days} days; 1 to {policy.gates.longest_days} are allowed")
    evidence = files.standing(rule.evidence)
    if missing := sorted(rule.required - evidence.keys()):
        raise ApprovalError(
            f"{domain}: there is no {', '.join(missing)}",
            file=files.data.path,
            remedy="`aina build` makes the manifest and the check results.",
        )
    start = now.astimezone(UTC).replace(microsecond=0)
    asked = GateApproval(
        domain=domain,
        scope=scope,
        policy_sha256=policy.sha256,
        issued_at=start,
        expires_at=start + timedelta(days=days),
        says=says,
    )
    return Request(sealed_bytes(evidence, APPROVAL, asked), asked, evidence)


def write_request(files: GateFiles, request: Request) -> Path:
    """Put a request where approvers find it; an approval of an earlier one is no more."""
    path = files.request(request.asked.domain)
    write_bytes(path, request.content)
    files.approval(request.asked.domain).unlink(missing_ok=True)
    return path


def read_request(path: Path) -> Request:
    """Read a request.

    Raises:
        ApprovalError: there is none, or it is malformed or damaged.
    """
    try:
        content = path.read_bytes()
        statement = _statement(content)
    except FileNotFoundError as error:
        raise ApprovalError("there is no request", file=path, remedy="`aina gates request` first.") from error
    except ValueError as error:
        raise ApprovalError(f"the request cannot be read: {error}", file=path) from error
    return Request(content, statement.predicate, _evidence(statement))


def add_signature(
    files: GateFiles, policy: GatePolicy, request: Request, key: Ed25519PrivateKey
) -> tuple[bytes, str]:
    """The request signed, beside the signature that may be there already; and who signed.

    Nothing is written: what is signed goes on record first (see `desk`).

    Raises:
        ApprovalError: the key is no approver's of this domain, the same person signed before, two have
            signed, or what is there is of another request.
    """
    path, domain = files.approval(request.asked.domain), request.asked.domain
    found = policy.signer(keyid_of(public_hex(key)))
    if found is None or domain not in found[0].domains:
        raise ApprovalError(
            f"this key is of no approver of {domain}",
            place="data/policies/approvers.toml",
            remedy="An approver is added by a reviewed change of that file.",
        )
    try:
        earlier = read_envelope(path.read_bytes()) if path.is_file() else None
    except ValueError as error:
        raise ApprovalError(f"the approval that is there cannot be read: {error}", file=path) from error
    signers = [policy.signer(keyid) for keyid in (earlier.keyids if earlier else ())]
    if found[0].name in {signer[0].name for signer in signers if signer is not None}:
        raise ApprovalError(f"{found[0].name} has signed already: another approver must", file=path)
    if len(signers) >= decide.APPROVERS_NEEDED:
        raise ApprovalError("two approvers have signed already", file=path)
    return sign(request.content, key, earlier), found[0].name


def signatures_of(content: bytes) -> int:
    """How many signatures an approval has."""
    return len(read_envelope(content).keyids)


def read_approval(
    path: Path, policy: GatePolicy | None, logged: Collection[str]
) -> decide.Approval | decide.Unreadable | None:
    """An approval as a decision takes it; nothing is judged here.

    Args:
        policy: says whose the keys are; None where it cannot be read, and then nobody's.
        logged: digests of the approvals' files that the decision log has.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return decide.Unreadable()
    try:
        envelope = read_envelope(content)
        statement = _statement(envelope.payload)
    except ValueError:
        return decide.Unreadable()
    asked = statement.predicate
    return decide.Approval(
        domain=asked.domain.value,
        scope=asked.scope,
        policy=asked.policy_sha256,
        issued_at=_second(asked.issued_at),
        expires_at=_second(asked.expires_at),
        evidence=_evidence(statement),
        signatures=tuple(_signature(envelope, keyid, policy) for keyid in envelope.keyids),
        is_logged=sha256_bytes(content) in logged,
    )


def _signature(envelope: SignedBytes, keyid: str, policy: GatePolicy | None) -> decide.Signature:
    found = policy.signer(keyid) if policy is not None else None
    if found is None:
        return decide.Signature("", False, frozenset(), 0, 0)
    approver, key = found
    return decide.Signature(
        approver=approver.name,
        is_valid=envelope.holds(key_of(key.ed25519)),
        domains=frozenset(domain.value for domain in approver.domains),
        key_from=_second(key.valid_from),
        key_until=_second(key.valid_until),
    )


def _statement(content: bytes) -> Statement[GateApproval]:
    """The approval's statement.

    Raises:
        ValueError: it is malformed, of another type, or not as it was sealed.
    """
    try:
        statement = Statement[GateApproval].model_validate_json(content)
    except ValidationError as error:
        raise ValueError(f"malformed: {error.errors()[0]['msg']}") from error
    if statement.predicate_type != predicate_type(APPROVAL):
        raise ValueError(f"a {statement.predicate_type}, expected a {predicate_type(APPROVAL)}")
    if len({subject.name for subject in statement.subject}) != len(statement.subject):
        raise ValueError("a piece of evidence is named twice")
    if not seal_holds(content, statement.predicate.seal):
        raise ValueError("damaged: its bytes are not those that were sealed")
    return statement


def _evidence(statement: Statement[GateApproval]) -> dict[str, str]:
    """What was looked at, by name. `_statement` has refused a name that is there twice."""
    return {subject.name: subject.digest.sha256 for subject in statement.subject}


def _second(time: datetime) -> int:
    return int(time.timestamp())


class Stop(BaseModel):
    """What a person leaves who closes a gate."""

    domain: Domain
    says: str


def write_stop(files: GateFiles, domain: Domain, says: str) -> Path:
    """Close a gate. No key is needed: anybody may close, only two may open."""
    path = files.stop(domain)
    write_bytes(path, (Stop(domain=domain, says=says).model_dump_json(indent=1) + "\n").encode())
    return path


def read_stop(files: GateFiles, domain: Domain) -> decide.Stop:
    """Whether a gate was closed; what cannot be read closes it as well."""
    try:
        stop = Stop.model_validate_json(files.stop(domain).read_bytes())
    except FileNotFoundError:
        return decide.Stop.NONE
    except (OSError, ValidationError):
        return decide.Stop.UNREADABLE
    return decide.Stop.CLOSED if stop.domain is domain else decide.Stop.UNREADABLE
