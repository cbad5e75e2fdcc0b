"""Whether a gate opens: one total function of the facts. Default deny, and a forbid beats a permit.

Belongs here: the rule, and the shape of the facts that it is asked about. Does not: reading files, checking
signatures, clocks, settings or Dagster. Nothing here raises, and nothing here can be told to make an
exception: whatever is unknown, missing, corrupt, expired or of the future is a reason to deny, and any one
reason denies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

APPROVERS_NEEDED = 2


class State(StrEnum):
    """What a gate is."""

    BLOCKED = "blocked"
    READY_WITH_HOLDS = "ready_with_holds"
    APPROVED = "approved"


class Reach(StrEnum):
    """Whether an act stays inside the local, synthetic engine."""

    LOCAL = "local"
    OUTSIDE = "outside"


class Stop(StrEnum):
    """Whether a person closed the gate. Anybody may; no approval is needed to close."""

    NONE = "none"
    CLOSED = "closed"
    UNREADABLE = "unreadable"


class Log(StrEnum):
    """What the decision log is found to be."""

    INTACT = "intact"
    CORRUPT = "corrupt"
    FUTURE_DATED = "future_dated"


class Soundness(StrEnum):
    """Whether the state verifies and its checks passed."""

    SOUND = "sound"
    UNSOUND = "unsound"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a gate does not open."""

    UNKNOWN_DOMAIN = "unknown_domain"
    POLICY_UNREADABLE = "policy_unreadable"
    FORBIDDEN_BY_POLICY = "forbidden_by_policy"
    CLOSED_BY_A_PERSON = "closed_by_a_person"
    STOP_UNREADABLE = "stop_unreadable"
    LOG_CORRUPT = "log_corrupt"
    LOG_FUTURE_DATED = "log_future_dated"
    STATE_UNSOUND = "state_unsound"
    STATE_UNKNOWN = "state_unknown"
    NO_APPROVAL = "no_approval"
    APPROVAL_UNREADABLE = "approval_unreadable"
    OTHER_DOMAIN = "other_domain"
    OTHER_SCOPE = "other_scope"
    OTHER_POLICY = "other_policy"
    NOT_IN_THE_LOG = "not_in_the_log"
    FUTURE_DATED = "future_dated"
    EXPIRED = "expired"
    TERM_TOO_LONG = "term_too_long"
    EVIDENCE_NOT_LOOKED_AT = "evidence_not_looked_at"
    EVIDENCE_CHANGED = "evidence_changed"
    SIGNATURE_NOT_VALID = "signature_not_valid"
    KEY_NOT_YET_VALID = "key_not_yet_valid"
    KEY_EXPIRED = "key_expired"
    APPROVER_NOT_ALLOWED = "approver_not_allowed"
    NOT_TWO_SIGNATURES = "not_two_signatures"
    ONE_APPROVER_TWICE = "one_approver_twice"
    HOLD_OPEN = "hold_open"


@dataclass(frozen=True)
class DomainRule:
    """What the policy asks of one domain.

    Attributes:
        required: names of the evidence that every approval must have looked at.
        holds: hold to the name of the evidence that closes it.
        forbidden: scopes that no approval opens.
        longest_seconds: an approval's longest term.
    """

    required: frozenset[str]
    holds: Mapping[str, str]
    forbidden: frozenset[str]
    longest_seconds: int


@dataclass(frozen=True)
class Policy:
    """The gates' policy: its digest, and each domain's rule."""

    sha256: str
    domains: Mapping[str, DomainRule]


@dataclass(frozen=True)
class Signature:
    """One signature on an approval.

    Attributes:
        approver: the person whom the registry has for the key; empty where it does not know the key.
        is_valid: the bytes are that key's signature of this approval.
        domains: what the person may approve.
        key_from: second from which on the key counts; `key_until` the second at which it no longer does.
    """

    approver: str
    is_valid: bool
    domains: frozenset[str]
    key_from: int
    key_until: int


@dataclass(frozen=True)
class Approval:
    """A signed approval as it was read.

    Attributes:
        policy: digest of the policy that the approvers had before them.
        evidence: digest by name of all that they looked at.
        is_logged: the decision log has this very approval.
    """

    domain: str
    scope: str
    policy: str
    issued_at: int
    expires_at: int
    evidence: Mapping[str, str]
    signatures: tuple[Signature, ...]
    is_logged: bool


@dataclass(frozen=True)
class Unreadable:
    """An approval that is there and cannot be read."""


@dataclass(frozen=True)
class Facts:
    """All that a decision rests on.

    Attributes:
        domain: the gate that is asked, by any name.
        scope: what is to be done.
        now: the second of asking.
        policy: None where it is missing or corrupt.
        standing: digest by name of the evidence that stands now.
    """

    domain: str
    scope: str
    reach: Reach
    now: int
    policy: Policy | None
    stop: Stop
    log: Log
    soundness: Soundness
    approval: Approval | Unreadable | None
    standing: Mapping[str, str]


@dataclass(frozen=True)
class Decision:
    """What a gate says to one question.

    Attributes:
        state: the gate's state.
        is_granted: whether the act may be done.
        reasons: every reason why the gate is not open, each once; of an open one none.
        holds: names of the holds that are open.
    """

    state: State
    is_granted: bool
    reasons: tuple[Reason, ...]
    holds: tuple[str, ...]


def decide(facts: Facts) -> Decision:
    """Decide. An act that reaches outside needs `approved`; a local one is ready with its holds."""
    rule = facts.policy.domains.get(facts.domain) if facts.policy else None
    holds = _open_holds(rule, facts)
    denials = list(_denials_of_any(facts, rule))
    if facts.reach is not Reach.LOCAL:
        denials.extend(_denials_of_outside(facts, rule))
    reasons = tuple(dict.fromkeys([*denials, Reason.HOLD_OPEN] if holds else denials))
    if denials:
        return Decision(State.BLOCKED, False, reasons, holds)
    if facts.reach is Reach.LOCAL:
        return Decision(State.READY_WITH_HOLDS, True, reasons, holds)
    if holds:
        return Decision(State.READY_WITH_HOLDS, False, reasons, holds)
    return Decision(State.APPROVED, True, reasons, holds)


def derived_state(states: Iterable[State]) -> State:
    """The state of `external_beta`: what the least of its gates is; of none it is blocked."""
    found = set(states)
    if found == {State.APPROVED}:
        return State.APPROVED
    if not found or State.BLOCKED in found:
        return State.BLOCKED
    return State.READY_WITH_HOLDS


def _open_holds(rule: DomainRule | None, facts: Facts) -> tuple[str, ...]:
    """Holds whose closing evidence does not stand, or was not looked at by the approvers."""
    if rule is None:
        return ()
    seen = facts.approval.evidence if isinstance(facts.approval, Approval) else {}
    return tuple(
        hold
        for hold, evidence in sorted(rule.holds.items())
        if evidence not in facts.standing or evidence not in seen
    )


def _denials_of_any(facts: Facts, rule: DomainRule | None) -> Iterator[Reason]:
    """What denies every act, local ones among them."""
    if facts.policy is None:
        yield Reason.POLICY_UNREADABLE
    elif rule is None:
        yield Reason.UNKNOWN_DOMAIN
    elif facts.scope in rule.forbidden:
        yield Reason.FORBIDDEN_BY_POLICY
    if facts.stop is Stop.CLOSED:
        yield Reason.CLOSED_BY_A_PERSON
    elif facts.stop is not Stop.NONE:
        yield Reason.STOP_UNREADABLE
    if facts.log is Log.FUTURE_DATED:
        yield Reason.LOG_FUTURE_DATED
    elif facts.log is not Log.INTACT:
        yield Reason.LOG_CORRUPT


def _denials_of_outside(facts: Facts, rule: DomainRule | None) -> Iterator[Reason]:
    """What denies an act that reaches outside."""
    if facts.soundness is Soundness.UNSOUND:
        yield Reason.STATE_UNSOUND
    elif facts.soundness is not Soundness.SOUND:
        yield Reason.STATE_UNKNOWN
    if facts.approval is None:
        yield Reason.NO_APPROVAL
    elif not isinstance(facts.approval, Approval):
        yield Reason.APPROVAL_UNREADABLE
    else:
        yield from _denials_of_approval(facts, facts.approval, rule)
        yield from _denials_of_signatures(facts, facts.approval.signatures)


def _denials_of_approval(facts: Facts, approval: Approval, rule: DomainRule | None) -> Iterator[Reason]:
    """What is wrong with an approval, its signatures aside."""
    if approval.domain != facts.domain:
        yield Reason.OTHER_DOMAIN
    if approval.scope != facts.scope:
        yield Reason.OTHER_SCOPE
    if facts.policy is None or approval.policy != facts.policy.sha256:
        yield Reason.OTHER_POLICY
    if not approval.is_logged:
        yield Reason.NOT_IN_THE_LOG
    if facts.now < approval.issued_at:
        yield Reason.FUTURE_DATED
    if facts.now >= approval.expires_at:
        yield Reason.EXPIRED
    if rule is None or approval.expires_at - approval.issued_at > rule.longest_seconds:
        yield Reason.TERM_TOO_LONG
    # A policy that asks for no evidence is none: an approval of nothing opens nothing.
    if rule is None or not rule.required or not rule.required <= approval.evidence.keys():
        yield Reason.EVIDENCE_NOT_LOOKED_AT
    if any(facts.standing.get(name) != sha256 for name, sha256 in approval.evidence.items()):
        yield Reason.EVIDENCE_CHANGED


def _denials_of_signatures(facts: Facts, signatures: tuple[Signature, ...]) -> Iterator[Reason]:
    """What is wrong with the signatures: each must hold, and they must be two people's."""
    for signature in signatures:
        if not signature.is_valid or not signature.approver:
            yield Reason.SIGNATURE_NOT_VALID
        if facts.now < signature.key_from:
            yield Reason.KEY_NOT_YET_VALID
        if facts.now >= signature.key_until:
            yield Reason.KEY_EXPIRED
        if facts.domain not in signature.domains:
            yield Reason.APPROVER_NOT_ALLOWED
    if len(signatures) != APPROVERS_NEEDED:
        yield Reason.NOT_TWO_SIGNATURES
    elif len({signature.approver for signature in signatures}) != APPROVERS_NEEDED:
        yield Reason.ONE_APPROVER_TWICE
