"""The gatekeeper: an approval opens one gate for one scope, and dies with anything that it stood on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aina_assets.core.capabilities import Domain, require
from aina_assets.core.errors import GateClosedError, SettingsError, StorageFullError
from aina_assets.core.receipts import receipt_path
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.gates.decide import Log, Reach, Reason, State
from aina_assets.gates.desk import close, reopen
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.log import DecisionLog, Event
from aina_assets.gates.policy import APPROVERS_FILE, GATES_FILE
from aina_assets.verification.manifest import MANIFEST
from aina_assets.verification.results import RESULTS
from aina_assets_tests.builds import flip_byte
from aina_assets_tests.gates.office import DOMAIN, SCOPE, Office


def reasons(office: Office) -> set[Reason]:
    return set(office.keeper.look(DOMAIN, SCOPE).reasons)


# --- nothing opens by itself


def test_every_gate_of_the_repository_is_blocked_and_nobody_can_open_one(office: Office) -> None:
    keeper = Gatekeeper(office.engine)
    assert keeper.readable_policy().approvers.approvers == ()
    board = keeper.board()
    assert {gate.decision.state for gate in board.gates} == {State.BLOCKED}
    assert board.external_beta is State.BLOCKED
    assert board.local_beta is State.READY_WITH_HOLDS
    assert set(board.holds) == set(Domain)
    for domain in Domain:
        with pytest.raises(GateClosedError, match="there is no approval"):
            keeper.ask(domain, "anything")


def test_what_stays_on_the_machine_is_let_and_on_record(office: Office) -> None:
    capability = office.keeper.ask(DOMAIN, "127.0.0.1:8000", Reach.LOCAL)
    assert require(capability, DOMAIN, "127.0.0.1:8000") is capability
    (entry, digest), *_ = office.keeper.log.read(office.now).entries
    assert (entry.event, entry.is_granted, entry.reach, digest) == (
        Event.ASKED,
        True,
        "local",
        capability.basis,
    )


# --- an approval


def test_two_signatures_open_one_gate_for_one_scope(office: Office) -> None:
    office.opened()
    capability = office.keeper.ask(DOMAIN, SCOPE)
    require(capability, DOMAIN, SCOPE)
    assert office.keeper.look(DOMAIN, SCOPE).state is State.APPROVED
    with pytest.raises(GateClosedError, match="another scope"):
        office.keeper.ask(DOMAIN, "192.0.2.7:80")
    others = [gate for gate in office.keeper.board().gates if gate.domain is not DOMAIN]
    assert {gate.decision.state for gate in others} == {State.BLOCKED}
    assert office.keeper.board().external_beta is State.BLOCKED


def test_all_five_open_gates_make_the_external_beta(office: Office) -> None:
    for domain in Domain:
        office.opened(domain, "a scope")
    board = office.keeper.board()
    assert board.external_beta is State.APPROVED
    assert board.holds == {}


def test_one_signature_opens_nothing(office: Office) -> None:
    office.put_evidence()
    office.request()
    office.sign("ada")
    assert reasons(office) == {Reason.NOT_TWO_SIGNATURES}


def test_open_holds_keep_a_signed_gate_shut_and_are_named(office: Office) -> None:
    office.request()
    office.sign("ada", "ben")
    decision = office.keeper.look(DOMAIN, SCOPE)
    assert decision.state is State.READY_WITH_HOLDS
    assert decision.holds == ("gdpval_licence", "security_review", "transparency_notice")
    with pytest.raises(GateClosedError, match="open holds: gdpval_licence, security_review"):
        office.keeper.ask(DOMAIN, SCOPE)


# --- and its end


def change_the_data(office: Office) -> None:
    (office.engine.data.tables).mkdir(parents=True, exist_ok=True)
    (office.engine.data.tables / "new.parquet").write_bytes(b"rows")


def build_anew(office: Office) -> None:
    (office.engine.data.models).mkdir(parents=True)
    (office.engine.data.models / "new.npz").write_bytes(b"weights")
    office.build()


def fail_a_check(office: Office) -> None:
    office.build(y=False)


def damage_the_manifest(office: Office) -> None:
    flip_byte(receipt_path(office.engine.data.receipts, MANIFEST), 400)


def lose_the_results(office: Office) -> None:
    receipt_path(office.engine.data.receipts, RESULTS).unlink()


def change_a_review(office: Office) -> None:
    (office.keeper.files.evidence / "security_review.md").write_text("not so good after all\n")


def remove_a_review(office: Office) -> None:
    (office.keeper.files.evidence / "security_review.md").unlink()


def change_the_policy(office: Office) -> None:
    path = office.policies / GATES_FILE
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")


def lose_the_policy(office: Office) -> None:
    (office.policies / GATES_FILE).unlink()


def drop_an_approver(office: Office) -> None:
    path = office.policies / APPROVERS_FILE
    head, _, rest = path.read_text("utf-8").partition("[[approvers]]")
    path.write_text(head + "[[approvers]]" + rest.partition("[[approvers]]")[2], "utf-8")


def damage_the_approval(office: Office) -> None:
    path = office.keeper.files.approval(DOMAIN)
    flip_byte(path, path.read_bytes().index(b'"payload"') + 200)


def remove_the_approval(office: Office) -> None:
    office.keeper.files.approval(DOMAIN).unlink()


def resave_the_approval(office: Office) -> None:
    # Equal in meaning and signatures, other in bytes: not the file that is on record.
    path = office.keeper.files.approval(DOMAIN)
    path.write_bytes(path.read_bytes() + b"\n")


def let_it_expire(office: Office) -> None:
    office.later(days=7)


def turn_the_clock_back(office: Office) -> None:
    office.later(minutes=-1)


def close_it(office: Office) -> None:
    close(office.keeper, DOMAIN, "an incident")


def leave_an_unreadable_stop(office: Office) -> None:
    path = office.keeper.files.stop(DOMAIN)
    path.parent.mkdir()
    path.write_bytes(b"\xff")


def shorten_the_log(office: Office) -> None:
    path = office.keeper.files.log
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def ask_anew(office: Office) -> None:
    office.later(seconds=1)
    office.request()


ENDS: dict[Callable[[Office], None], set[Reason]] = {
    change_the_data: {Reason.STATE_UNSOUND},
    build_anew: {Reason.EVIDENCE_CHANGED},
    fail_a_check: {Reason.EVIDENCE_CHANGED, Reason.STATE_UNSOUND},
    damage_the_manifest: {Reason.EVIDENCE_CHANGED, Reason.STATE_UNSOUND},
    lose_the_results: {Reason.EVIDENCE_CHANGED, Reason.STATE_UNKNOWN},
    change_a_review: {Reason.EVIDENCE_CHANGED},
    remove_a_review: {Reason.EVIDENCE_CHANGED, Reason.HOLD_OPEN},
    change_the_policy: {Reason.OTHER_POLICY},
    lose_the_policy: {
        Reason.POLICY_UNREADABLE,
        Reason.OTHER_POLICY,
        Reason.TERM_TOO_LONG,
        Reason.EVIDENCE_NOT_LOOKED_AT,
        Reason.SIGNATURE_NOT_VALID,
        Reason.KEY_EXPIRED,
        Reason.APPROVER_NOT_ALLOWED,
        Reason.ONE_APPROVER_TWICE,
    },
    drop_an_approver: {
        Reason.OTHER_POLICY,
        Reason.SIGNATURE_NOT_VALID,
        Reason.KEY_EXPIRED,
        Reason.APPROVER_NOT_ALLOWED,
    },
    remove_the_approval: {Reason.NO_APPROVAL, Reason.HOLD_OPEN},
    resave_the_approval: {Reason.NOT_IN_THE_LOG},
    let_it_expire: {Reason.EXPIRED},
    turn_the_clock_back: {Reason.FUTURE_DATED, Reason.LOG_FUTURE_DATED},
    close_it: {Reason.CLOSED_BY_A_PERSON},
    leave_an_unreadable_stop: {Reason.STOP_UNREADABLE},
    shorten_the_log: {Reason.LOG_CORRUPT},
    ask_anew: {Reason.NO_APPROVAL, Reason.HOLD_OPEN},
}


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_an_approval_dies_with_what_it_stood_on_and_its_capability_with_it(
    office: Office, end: Callable[[Office], None]
) -> None:
    capability = office.opened().keeper.ask(DOMAIN, SCOPE)
    require(capability, DOMAIN, SCOPE)
    end(office)
    assert reasons(office) == ENDS[end]
    with pytest.raises(GateClosedError, match="no longer"):
        require(capability, DOMAIN, SCOPE)
    with pytest.raises(GateClosedError):
        office.keeper.ask(DOMAIN, SCOPE)


def test_a_damaged_approval_is_a_denial_wherever_the_damage_is(office: Office) -> None:
    office.opened()
    path = office.keeper.files.approval(DOMAIN)
    content = path.read_bytes()
    for position in range(0, len(content), 37):
        damaged = bytearray(content)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        assert not office.keeper.look(DOMAIN, SCOPE).is_granted, position
    path.write_bytes(content)
    assert office.keeper.look(DOMAIN, SCOPE).is_granted


def test_what_changed_back_is_open_again(office: Office) -> None:
    office.opened()
    close_it(office)
    assert reopen(office.keeper, DOMAIN, "it was nothing") is State.APPROVED
    new = office.engine.data.tables / "new.parquet"
    change_the_data(office)
    assert not office.keeper.look(DOMAIN, SCOPE).is_granted
    new.unlink()
    assert office.keeper.look(DOMAIN, SCOPE).is_granted


# --- no way around


@pytest.mark.parametrize(
    "name",
    ["AINA_APPROVED", "AINA_GATES", "AINA_POLICIES", "AINA_POLICIES_ROOT", "AINA_APPROVERS", "AINA_TESTING"],
)
def test_no_variable_opens_a_gate_or_moves_the_policy(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for value in ("1", "true", "approved", str(office.policies)):
        monkeypatch.setenv(name, value)
        keeper = Gatekeeper(office.engine)
        assert keeper._policies == PROJECT_ROOT / "data" / "policies"
        assert not any(keeper.look(domain, SCOPE).is_granted for domain in Domain)


def test_an_answer_that_cannot_be_put_on_record_is_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.opened()

    def full(*_: object, **__: object) -> str:
        raise StorageFullError("the disk is full", file=office.keeper.files.log)

    monkeypatch.setattr(DecisionLog, "append", full)
    with pytest.raises(GateClosedError, match="cannot be put on record: the disk is full"):
        office.keeper.ask(DOMAIN, SCOPE)


def test_a_denial_is_on_record_with_its_reasons(office: Office) -> None:
    with pytest.raises(GateClosedError):
        office.keeper.ask(DOMAIN, SCOPE)
    log = office.keeper.log.read(office.now)
    entry, _ = log.entries[-1]
    assert log.found is Log.INTACT
    assert (entry.event, entry.domain, entry.scope) == (Event.ASKED, DOMAIN.value, SCOPE)
    assert (entry.state, entry.is_granted, entry.properties) == ("blocked", False, ())
    assert entry.reasons == ("state_unknown", "no_approval", "hold_open")


def test_a_policy_that_cannot_be_read_is_told_and_shuts_even_local_acts(office: Office) -> None:
    lose_the_policy(office)
    with pytest.raises(SettingsError):
        office.keeper.readable_policy()
    board = office.keeper.board()
    assert (board.local_beta, board.policy_fault) == (State.BLOCKED, "the policy file is absent")
    with pytest.raises(GateClosedError, match="the policy cannot be read"):
        office.keeper.ask(DOMAIN, "127.0.0.1:1", Reach.LOCAL)
