"""The desk: what people do at the gates, each act on record before it counts.

Belongs here: requesting, signing, closing, taking back. Does not: the rule, or what an approval is.
"""

from __future__ import annotations

from pathlib import Path

from aina_assets.core.capabilities import Domain
from aina_assets.core.errors import ApprovalError
from aina_assets.core.receipts import receipt_digest, receipt_path
from aina_assets.core.signing import (
    SignedBytes,
    keyid_of,
    public_hex,
    read_envelope,
    read_private_key,
    sign,
)
from aina_assets.core.storage import sha256_bytes, write_bytes
from aina_assets.gates.approvals import (
    Request,
    add_signature,
    make_request,
    read_request,
    signatures_of,
    write_request,
    write_stop,
)
from aina_assets.gates.decide import State
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.keys import require_apart
from aina_assets.gates.log import Event
from aina_assets.verification.state import ENVELOPE_SUFFIX


def request_approval(
    keeper: Gatekeeper, domain: Domain, scope: str, *, days: int, says: str
) -> tuple[Path, Request]:
    """Write what two approvers would sign now; an approval that was there is no more.

    Raises:
        ApprovalError: required evidence is missing, the term is too long, or the policy forbids the scope.
        StateError: the decision log cannot be added to.
    """
    request = make_request(
        keeper.readable_policy(), keeper.files, domain, scope, now=keeper.clock(), days=days, says=says
    )
    _record(keeper, Event.REQUESTED, domain, request, said=says)
    return write_request(keeper.files, request), request


def what_is_asked(keeper: Gatekeeper, domain: Domain) -> Request:
    """The request as an approver sees it.

    Raises:
        ApprovalError: there is none, it is damaged, or what it speaks of has changed since.
    """
    request = read_request(keeper.files.request(domain))
    standing = keeper.files.standing(request.evidence)
    changed = sorted(name for name, sha256 in request.evidence.items() if standing.get(name) != sha256)
    if changed:
        raise ApprovalError(
            f"changed since the request: {', '.join(changed)}",
            file=keeper.files.request(domain),
            remedy="`aina gates request` anew.",
        )
    return request


def approve(keeper: Gatekeeper, domain: Domain, key: Path, passphrase: str) -> tuple[str, int]:
    """Sign the request with one approver's key; give the approver's name and how many have signed.

    Raises:
        ApprovalError: see `what_is_asked` and `add_signature`; or the key lies where none may.
        StateError: the decision log cannot be added to.
    """
    request = what_is_asked(keeper, domain)
    require_apart(key.parent, keeper.engine.settings)
    private = read_private_key(key.expanduser(), passphrase)
    content, who = add_signature(keeper.files, keeper.readable_policy(), request, private)
    # On record first: an approval that the log does not have opens nothing, a record without one neither.
    _record(keeper, Event.SIGNED, domain, request, who=who, approval=sha256_bytes(content))
    keeper.files.write_approval(domain, content)
    return who, signatures_of(content)


def sign_receipt(keeper: Gatekeeper, name: str, key: Path, passphrase: str) -> tuple[Path, str]:
    """Put a receipt's bytes, signed with an approver's key, beside it; give the envelope and who signed.

    Raises:
        ApprovalError: the key is of no approver, or lies where none may.
        StateError: there is no such receipt.
    """
    receipt = receipt_path(keeper.engine.data.receipts, name)
    receipt_digest(keeper.engine.data.receipts, name)
    require_apart(key.parent, keeper.engine.settings)
    private = read_private_key(key.expanduser(), passphrase)
    found = keeper.readable_policy().signer(keyid_of(public_hex(private)))
    if found is None:
        raise ApprovalError("this key is of no approver", place="data/policies/approvers.toml")
    path = receipt.with_name(f"{name}{ENVELOPE_SUFFIX}")
    write_bytes(path, sign(receipt.read_bytes(), private, _earlier(path, receipt.read_bytes())))
    return path, found[0].name


def _earlier(path: Path, payload: bytes) -> SignedBytes | None:
    """The envelope that others signed before, if it is of the same bytes."""
    try:
        envelope = read_envelope(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return envelope if envelope.payload == payload else None


def close(keeper: Gatekeeper, domain: Domain, says: str) -> Path:
    """Close a gate: first in fact, then on record, since a stop must not wait for a log that is broken."""
    path = write_stop(keeper.files, domain, says)
    _record(keeper, Event.CLOSED, domain, None, said=says)
    return path


def reopen(keeper: Gatekeeper, domain: Domain, says: str) -> State:
    """Take back a stop, and say what the gate is then.

    Raises:
        ApprovalError: the gate was not closed.
        StateError: the decision log cannot be added to.
    """
    path = keeper.files.stop(domain)
    if not path.is_file():
        raise ApprovalError(f"{domain} was not closed by anybody", file=path)
    _record(keeper, Event.REOPENED, domain, None, said=says)
    path.unlink()
    return keeper.look(domain).state


def _record(
    keeper: Gatekeeper,
    event: Event,
    domain: Domain,
    request: Request | None,
    *,
    who: str = "",
    said: str = "",
    approval: str = "",
) -> str:
    return keeper.log.append(
        keeper.clock(),
        request.evidence if request is not None else {},
        event=event,
        verifier=keeper.verifier(),
        properties=(),
        domain=domain.value,
        scope=request.asked.scope if request is not None else "",
        who=who,
        said=said,
        approval=approval,
    )
