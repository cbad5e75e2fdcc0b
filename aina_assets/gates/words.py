"""What a decision's reasons mean, and what to do about each, in words.

Belongs here: the words. Does not: the rule that gives the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping

from aina_assets.gates.decide import Decision, Reason

REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.UNKNOWN_DOMAIN: ("the policy knows no such gate", "name one of the five domains"),
    Reason.POLICY_UNREADABLE: ("the policy cannot be read", "restore data/policies from git"),
    Reason.FORBIDDEN_BY_POLICY: ("the policy forbids this scope", "no approval opens it"),
    Reason.CLOSED_BY_A_PERSON: ("a person closed the gate", "remove the stop once its reason is gone"),
    Reason.STOP_UNREADABLE: ("a stop is there that cannot be read", "read it, then remove it"),
    Reason.LOG_CORRUPT: ("the decision log is not whole", "see the runbook on the decision log"),
    Reason.LOG_FUTURE_DATED: ("the decision log has an entry of the future", "set the machine's clock right"),
    Reason.STATE_UNSOUND: ("the state does not verify, or a check failed", "`aina validate` names what"),
    Reason.STATE_UNKNOWN: ("the state cannot be verified", "`aina build`, then `aina verify`"),
    Reason.NO_APPROVAL: ("there is no approval", "`aina gates request`, then two `aina gates approve`"),
    Reason.APPROVAL_UNREADABLE: ("the approval cannot be read", "request and sign it anew"),
    Reason.OTHER_DOMAIN: ("the approval is of another gate", "request and sign it anew"),
    Reason.OTHER_SCOPE: (
        "the approval is of another scope",
        "ask for the approved scope, or request this one",
    ),
    Reason.OTHER_POLICY: ("policy or approvers changed since the approval", "request and sign it anew"),
    Reason.NOT_IN_THE_LOG: (
        "the decision log does not have this approval",
        "sign it by `aina gates approve`",
    ),
    Reason.FUTURE_DATED: ("the approval is of the future", "wait, or set the machine's clock right"),
    Reason.EXPIRED: ("the approval has expired", "request and sign it anew"),
    Reason.TERM_TOO_LONG: ("the approval's term is longer than the policy allows", "request a shorter one"),
    Reason.EVIDENCE_NOT_LOOKED_AT: ("the approvers did not look at all required evidence", "request it anew"),
    Reason.EVIDENCE_CHANGED: (
        "evidence changed since they looked at it",
        "look again: request and sign it anew",
    ),
    Reason.SIGNATURE_NOT_VALID: ("a signature is not valid, or of nobody known", "sign it anew"),
    Reason.KEY_NOT_YET_VALID: ("a key does not count yet", "wait, or sign with another key"),
    Reason.KEY_EXPIRED: ("a key no longer counts", "add a new key of that person, and sign anew"),
    Reason.APPROVER_NOT_ALLOWED: ("a signer may not approve this gate", "have an approver of this gate sign"),
    Reason.NOT_TWO_SIGNATURES: ("it needs exactly two signatures", "`aina gates approve` by each of two"),
    Reason.ONE_APPROVER_TWICE: ("both signatures are one person's", "have another approver sign"),
    Reason.HOLD_OPEN: ("holds are open", "put the evidence that closes them, then request and sign anew"),
}


def in_words(decision: Decision) -> str:
    """Why a gate is closed, in one line."""
    told = [REASONS[reason][0] for reason in decision.reasons]
    if decision.holds:
        told.append(f"open holds: {', '.join(decision.holds)}")
    return f"{decision.state}: {'; '.join(told)}" if told else decision.state.value
