"""Every combination of facts that a gate can be asked about, for tests that look at all of them.

Belongs here: the axes and their products. Does not: what the answer should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations_with_replacement, product

from aina_assets.gates.decide import (
    Approval,
    DomainRule,
    Facts,
    Log,
    Policy,
    Reach,
    Signature,
    Soundness,
    Stop,
    Unreadable,
)

NOW = 1_800_000_000
DAY = 86_400
LONGEST = 30 * DAY
GATE, OTHER_GATE, UNKNOWN_GATE = "public_runtime", "real_user_data", "weather"
SCOPE, OTHER_SCOPE, FORBIDDEN_SCOPE = "192.0.2.7:8443", "192.0.2.8:8443", "anywhere"
MANIFEST, RESULTS, REVIEW = "receipts/manifest.json", "receipts/results.json", "evidence/review.md"
POLICY = Policy(
    "p" * 64,
    {
        GATE: DomainRule(
            frozenset({MANIFEST, RESULTS}), {"review": REVIEW}, frozenset({FORBIDDEN_SCOPE}), LONGEST
        ),
        OTHER_GATE: DomainRule(frozenset({MANIFEST}), {}, frozenset({FORBIDDEN_SCOPE}), LONGEST // 2),
    },
)
STANDING: Mapping[str, str] = {MANIFEST: "m", RESULTS: "r", REVIEW: "v", "evidence/more.md": "e"}
BOTH = frozenset({GATE, OTHER_GATE})


def signature(approver: str, **changes: object) -> Signature:
    """A good signature, with what is told of it changed."""
    good = Signature(approver, True, BOTH, NOW - 100 * DAY, NOW + 100 * DAY)
    return replace(good, **changes)  # type: ignore[arg-type]


# `ada_again` is another key of the same person.
SIGNATURES: Mapping[str, Signature] = {
    "ada": signature("ada"),
    "ada_again": signature("ada", key_from=NOW - 50 * DAY),
    "ben": signature("ben"),
    "cyd": signature("cyd"),
    "forged": signature("ben", is_valid=False),
    "stranger": signature("", is_valid=False),
    "nameless": signature(""),
    "early": signature("ben", key_from=NOW + 1),
    "just_in": signature("ben", key_from=NOW),
    "late": signature("ben", key_until=NOW),
    "just_out": signature("ben", key_until=NOW + 1),
    "barred": signature("ben", domains=frozenset({"deployment_promotion"})),
}
SIGNED: Mapping[str, tuple[Signature, ...]] = {
    "nobody": (),
    **{name: (found,) for name, found in SIGNATURES.items()},
    **{f"{a}+{b}": (SIGNATURES[a], SIGNATURES[b]) for a, b in combinations_with_replacement(SIGNATURES, 2)},
    **{
        "+".join(names): tuple(SIGNATURES[name] for name in names)
        for names in (("ada", "ben", "cyd"), ("ada", "ben", "forged"), ("ada", "ada_again", "ben"))
    },
}
TERMS: Mapping[str, tuple[int, int]] = {
    "middle": (NOW - DAY, NOW + DAY),
    "future": (NOW + 1, NOW + DAY),
    "first_second": (NOW, NOW + DAY),
    "last_second": (NOW - DAY, NOW + 1),
    "expired": (NOW - DAY, NOW),
    "longest": (NOW - DAY, NOW - DAY + LONGEST),
    "too_long": (NOW - DAY, NOW - DAY + LONGEST + 1),
    "inverted": (NOW, NOW - DAY),
}
LOOKED_AT: Mapping[str, Mapping[str, str]] = {
    "all": {MANIFEST: "m", RESULTS: "r", REVIEW: "v"},
    "all_and_more": STANDING,
    "required_alone": {MANIFEST: "m", RESULTS: "r"},
    "hold_alone": {REVIEW: "v"},
    "one_required_missing": {MANIFEST: "m", REVIEW: "v"},
    "one_changed": {MANIFEST: "m", RESULTS: "old", REVIEW: "v"},
    "hold_changed": {MANIFEST: "m", RESULTS: "r", REVIEW: "old"},
    "one_gone": {MANIFEST: "m", RESULTS: "r", REVIEW: "v", "evidence/gone.md": "g"},
    "nothing": {},
}
WITHOUT_REVIEW = {name: sha for name, sha in STANDING.items() if name != REVIEW}
GOOD = Approval(
    domain=GATE,
    scope=SCOPE,
    policy=POLICY.sha256,
    issued_at=NOW - DAY,
    expires_at=NOW + DAY,
    evidence=LOOKED_AT["all"],
    signatures=SIGNED["ada+ben"],
    is_logged=True,
)
OPEN = Facts(
    domain=GATE,
    scope=SCOPE,
    reach=Reach.OUTSIDE,
    now=NOW,
    policy=POLICY,
    stop=Stop.NONE,
    log=Log.INTACT,
    soundness=Soundness.SOUND,
    approval=GOOD,
    standing=STANDING,
)


def approvals() -> Iterator[Approval]:
    """Every combination of what an approval can be."""
    for signed, term, seen, policy, is_logged, domain, scope in product(
        SIGNED.values(),
        TERMS.values(),
        LOOKED_AT.values(),
        (POLICY.sha256, "o" * 64),
        (True, False),
        (GATE, OTHER_GATE),
        (SCOPE, OTHER_SCOPE),
    ):
        yield Approval(domain, scope, policy, *term, seen, signed, is_logged)


def around_approvals() -> Iterator[Facts]:
    """Every approval, asked about in an environment without fault, over every standing evidence."""
    for approval in approvals():
        for standing in (STANDING, WITHOUT_REVIEW):
            yield replace(OPEN, approval=approval, standing=standing)


def environments() -> Iterator[Facts]:
    """Every environment, with no approval, an unreadable one, and each single way in which one differs."""
    singly = [
        None,
        Unreadable(),
        GOOD,
        *(replace(GOOD, signatures=signed) for signed in SIGNED.values()),
        *(replace(GOOD, issued_at=start, expires_at=end) for start, end in TERMS.values()),
        *(replace(GOOD, evidence=seen) for seen in LOOKED_AT.values()),
        replace(GOOD, policy="o" * 64),
        replace(GOOD, is_logged=False),
        replace(GOOD, domain=OTHER_GATE),
        replace(GOOD, scope=OTHER_SCOPE),
        replace(GOOD, scope=FORBIDDEN_SCOPE),
        replace(GOOD, domain=UNKNOWN_GATE),
    ]
    for reach, domain, scope, policy, stop, log, soundness, approval in product(
        Reach,
        (GATE, OTHER_GATE, UNKNOWN_GATE),
        (SCOPE, FORBIDDEN_SCOPE),
        (POLICY, None),
        Stop,
        Log,
        Soundness,
        singly,
    ):
        yield Facts(domain, scope, reach, NOW, policy, stop, log, soundness, approval, STANDING)


def every_state() -> Iterator[Facts]:
    """All of them."""
    yield from environments()
    yield from around_approvals()
