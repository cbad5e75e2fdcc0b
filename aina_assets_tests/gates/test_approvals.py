"""Requests, signatures and approvals: what may be asked, who may sign, and what is read back."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from aina_assets.core.capabilities import Domain
from aina_assets.core.errors import ApprovalError
from aina_assets.core.receipts import receipt_schema
from aina_assets.core.signing import new_key, private_bytes, read_envelope, read_private_key
from aina_assets.gates.approvals import (
    APPROVAL,
    GateApproval,
    make_request,
    read_approval,
    read_request,
    read_stop,
)
from aina_assets.gates.decide import Approval, Soundness, Stop, Unreadable
from aina_assets.gates.desk import approve, close, reopen, sign_receipt, what_is_asked
from aina_assets.gates.keys import approver_entry, make_key, require_apart
from aina_assets.gates.log import Event
from aina_assets.verification.manifest import MANIFEST
from aina_assets_tests.builds import flip_byte
from aina_assets_tests.gates.office import DOMAIN, NOW, SCOPE, Office


def approval_of(office: Office) -> Approval | Unreadable | None:
    log = office.keeper.log.read(office.now)
    return read_approval(office.keeper.files.approval(DOMAIN), office.keeper.readable_policy(), log.approvals)


# --- requests


def test_a_request_is_a_statement_over_the_evidence_that_stands(office: Office) -> None:
    office.put_evidence()
    office.request()
    content = office.keeper.files.request(DOMAIN).read_bytes()
    jsonschema.validate(json.loads(content), receipt_schema(APPROVAL, GateApproval))
    request = read_request(office.keeper.files.request(DOMAIN))
    assert set(request.evidence) == set(office.keeper.readable_policy().domain(DOMAIN).evidence)
    assert (request.asked.domain, request.asked.scope) == (DOMAIN, SCOPE)
    assert (request.asked.issued_at, request.asked.expires_at) == (NOW, NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("domain", "scope", "days", "told"),
    [
        (Domain.REAL_USER_DATA, "children", 7, "no approval opens 'children'"),
        (DOMAIN, SCOPE, 0, "a term of 0 days; 1 to 30 are allowed"),
        (DOMAIN, SCOPE, 31, "a term of 31 days"),
    ],
)
def test_what_no_approval_can_allow_is_not_even_asked(
    office: Office, domain: Domain, scope: str, days: int, told: str
) -> None:
    with pytest.raises(ApprovalError, match=told):
        office.request(domain, scope, days)
    assert not office.keeper.files.request(domain).exists()


def test_nothing_is_asked_without_the_required_evidence(office: Office) -> None:
    (office.engine.data.receipts / "check_results_v1.json").unlink()
    with pytest.raises(ApprovalError, match=r"there is no receipts/check_results_v1\.json"):
        office.request()


def test_a_request_that_is_absent_damaged_or_overtaken_is_not_signed(office: Office) -> None:
    with pytest.raises(ApprovalError, match="there is no request"):
        office.sign("ada")
    office.request()
    office.build(y=False)
    with pytest.raises(ApprovalError, match=r"changed since the request: receipts/check_results_v1\.json"):
        office.sign("ada")
    office.request()
    flip_byte(office.keeper.files.request(DOMAIN), 50)
    with pytest.raises(ApprovalError, match="the request cannot be read"):
        what_is_asked(office.keeper, DOMAIN)


def test_a_new_request_ends_the_approval_before(office: Office) -> None:
    office.opened()
    office.later(seconds=1)
    office.request()
    assert approval_of(office) is None


# --- signatures


def test_two_people_sign_the_very_same_bytes(office: Office) -> None:
    office.request()
    office.sign("ada", "ben")
    found = approval_of(office)
    assert isinstance(found, Approval)
    assert [signature.approver for signature in found.signatures] == ["ada", "ben"]
    assert all(signature.is_valid for signature in found.signatures)
    assert found.is_logged
    envelope = json.loads(office.keeper.files.approval(DOMAIN).read_bytes())
    assert base64.b64decode(envelope["payload"]) == office.keeper.files.request(DOMAIN).read_bytes()
    assert envelope["payloadType"] == "application/vnd.in-toto+json"


def test_the_signatures_are_dsses_and_plain_ed25519(office: Office) -> None:
    """Checked by hand, after the published form: PAE of type and payload, with a plain ed25519 library."""
    office.request()
    office.sign("ada")
    envelope = json.loads(office.keeper.files.approval(DOMAIN).read_bytes())
    kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
    encoded = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    public = office.keeper.readable_policy().approvers.approvers[0].keys[0].ed25519
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), encoded)


def test_nobody_signs_twice_and_no_third_is_asked(office: Office) -> None:
    office.request()
    office.sign("ada")
    with pytest.raises(ApprovalError, match="ada has signed already"):
        office.sign("ada")
    office.sign("ben")
    with pytest.raises(ApprovalError, match="two approvers have signed already"):
        office.sign("cyd")


def test_whoever_may_not_approve_this_gate_does_not_sign(office: Office, tmp_path: Path) -> None:
    office.request()
    with pytest.raises(ApprovalError, match="no approver of public_runtime"):
        office.sign("dan")
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(private_bytes(new_key(), ""))
    with pytest.raises(ApprovalError, match="no approver of public_runtime"):
        approve(office.keeper, DOMAIN, stranger, "")
    assert approval_of(office) is None


def test_a_signature_is_on_record_before_it_is_there(office: Office) -> None:
    office.request()
    office.sign("ada")
    log = office.keeper.log.read(office.now)
    assert [(e.event, e.who) for e, _ in log.entries] == [(Event.REQUESTED, ""), (Event.SIGNED, "ada")]
    office.keeper.files.log.write_bytes(b"")
    with pytest.raises(Exception, match="shorter than its head says"):
        office.sign("ben")
    found = approval_of(office)
    assert isinstance(found, Approval)
    assert len(found.signatures) == 1


# --- signed receipts


def test_a_receipt_is_signed_beside_itself_and_a_new_one_is_known_to_be_unsigned(office: Office) -> None:
    keeper = office.keeper
    path, who = sign_receipt(keeper, MANIFEST, office.keys["ada"], "word")
    sign_receipt(keeper, MANIFEST, office.keys["ben"], "word")
    envelope = read_envelope(path.read_bytes())
    receipt = office.engine.data.receipts / f"{MANIFEST}.json"
    assert (who, len(envelope.keyids), envelope.payload) == ("ada", 2, receipt.read_bytes())
    assert office.keeper.soundness() is Soundness.SOUND
    stranger = office.root / "keys" / "stranger.pem"
    stranger.write_bytes(private_bytes(new_key(), ""))
    with pytest.raises(ApprovalError, match="of no approver"):
        sign_receipt(keeper, MANIFEST, stranger, "")


# --- keys


def test_a_key_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ada.pem"
    public = make_key(path, "word")
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in path.read_bytes()
    assert public in approver_entry("ada", public, NOW, 30)
    with pytest.raises(ApprovalError, match="a key is there already"):
        make_key(path, "word")


def test_a_key_may_not_lie_where_runs_and_commits_would_find_it(office: Office) -> None:
    for folder in (office.engine.data.path, office.engine.data.path / "keys", Path(__file__).parent):
        with pytest.raises(ApprovalError, match="a key may not lie in"):
            require_apart(folder, office.engine.settings)
    inside = office.engine.data.path / "ada.pem"
    inside.write_bytes(office.keys["ada"].read_bytes())
    office.request()
    with pytest.raises(ApprovalError, match="a key may not lie in the data root"):
        approve(office.keeper, DOMAIN, inside, "word")


@pytest.mark.parametrize(
    ("content", "passphrase", "told"),
    [
        (None, "", "there is no such key"),
        (b"not a key", "", "the key cannot be read"),
        (b"", "", "the key cannot be read"),
    ],
)
def test_a_key_that_is_none_is_refused(
    tmp_path: Path, content: bytes | None, passphrase: str, told: str
) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ApprovalError, match=told):
        read_private_key(path, passphrase)


def test_a_wrong_passphrase_is_refused(office: Office) -> None:
    with pytest.raises(ApprovalError, match="the key cannot be read"):
        read_private_key(office.keys["ada"], "other")


# --- reading


def edited(office: Office, **changes: Any) -> None:
    path = office.keeper.files.approval(DOMAIN)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))


UNREADABLE: dict[str, dict[str, Any]] = {
    "another type of payload": {"payloadType": "text/plain"},
    "a payload that is none": {"payload": "%%%"},
    "a payload of something else": {"payload": base64.b64encode(b"{}").decode()},
    "a field too many": {"more": 1},
    "signatures that are none": {"signatures": 7},
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_what_is_no_approval_is_unreadable(office: Office, fault: str) -> None:
    office.request()
    office.sign("ada", "ben")
    edited(office, **UNREADABLE[fault])
    assert isinstance(approval_of(office), Unreadable)


def test_evidence_that_is_named_twice_is_unreadable(office: Office) -> None:
    office.request()
    request = office.keeper.files.request(DOMAIN)
    statement = json.loads(request.read_bytes())
    statement["subject"].append({**statement["subject"][0], "digest": {"sha256": "0" * 64}})
    request.write_text(json.dumps(statement))
    with pytest.raises(ApprovalError, match="named twice"):
        read_request(request)


def test_a_signature_of_an_unknown_key_is_nobodys(office: Office) -> None:
    office.request()
    office.sign("ada", "ben")
    envelope = json.loads(office.keeper.files.approval(DOMAIN).read_bytes())
    envelope["signatures"][1]["keyid"] = "0" * 64
    edited(office, signatures=envelope["signatures"])
    found = approval_of(office)
    assert isinstance(found, Approval)
    assert [(s.approver, s.is_valid) for s in found.signatures] == [("ada", True), ("", False)]


def test_a_signature_under_anothers_name_is_not_valid(office: Office) -> None:
    office.request()
    office.sign("ada", "ben")
    envelope = json.loads(office.keeper.files.approval(DOMAIN).read_bytes())
    one, other = envelope["signatures"]
    one["sig"], other["sig"] = other["sig"], one["sig"]
    edited(office, signatures=[one, other])
    found = approval_of(office)
    assert isinstance(found, Approval)
    assert [s.is_valid for s in found.signatures] == [False, False]


def test_a_signature_twice_in_one_envelope_is_unreadable(office: Office) -> None:
    office.request()
    office.sign("ada")
    envelope = json.loads(office.keeper.files.approval(DOMAIN).read_bytes())
    edited(office, signatures=envelope["signatures"] * 2)
    assert isinstance(approval_of(office), Unreadable)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b'{"payload": ""}'])
def test_what_is_no_envelope_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_envelope(content)


# --- stops


def test_anybody_closes_and_only_what_was_closed_is_reopened(office: Office) -> None:
    assert read_stop(office.keeper.files, DOMAIN) is Stop.NONE
    close(office.keeper, DOMAIN, "an incident")
    assert read_stop(office.keeper.files, DOMAIN) is Stop.CLOSED
    reopen(office.keeper, DOMAIN, "over")
    assert read_stop(office.keeper.files, DOMAIN) is Stop.NONE
    with pytest.raises(ApprovalError, match="was not closed by anybody"):
        reopen(office.keeper, DOMAIN, "again")


def test_a_stop_of_another_gate_is_unreadable_here(office: Office) -> None:
    path = close(office.keeper, Domain.EXTERNAL_WRITES, "x")
    path.rename(office.keeper.files.stop(DOMAIN))
    assert read_stop(office.keeper.files, DOMAIN) is Stop.UNREADABLE


def test_a_gate_is_closed_even_where_the_log_is_broken(office: Office) -> None:
    office.request()
    office.keeper.files.log.write_bytes(b"")
    with pytest.raises(Exception, match="shorter"):
        close(office.keeper, DOMAIN, "now")
    assert read_stop(office.keeper.files, DOMAIN) is Stop.CLOSED


def test_a_request_says_the_same_wherever_it_is_made(office: Office) -> None:
    policy, files = office.keeper.readable_policy(), office.keeper.files
    one, other = (
        make_request(policy, files, DOMAIN, SCOPE, now=NOW + timedelta(microseconds=part), days=7)
        for part in (1, 9)
    )
    assert one.content == other.content
