"""The gates' rule in a second engine: Cedar, over the same facts. An oracle for tests.

Belongs here: handing facts to Cedar as they are. Does not: judging any of them; the policy is `gates.cedar`.
What recurs in many states is handed over as entities, which Cedar reads once: reading a request costs more
than deciding it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cedarpy

from aina_assets.gates.decide import Approval, Facts, Policy, Reach, State

POLICIES = Path(__file__).with_name("gates.cedar").read_text("utf-8")
PARSED = cedarpy.PolicySet.from_str(POLICIES)
SLOTS = ("first", "second", "third")
OPENS = "opens"
A_PART = 20_000


def answers(facts: Sequence[Facts], policy: Policy) -> list[tuple[State, bool]]:
    """The state and whether the act may be done, of each; as Cedar says.

    Raises:
        AssertionError: Cedar could not evaluate a policy: an error would silently leave a forbid out.
    """
    known = _Entities(policy)
    requests = [known.request(one) for one in facts]
    entities = cedarpy.Entities.from_json_str(json.dumps(list(known.entities.values())))
    found = []
    for start in range(0, len(requests), A_PART):
        for one, result in zip(
            facts[start : start + A_PART],
            cedarpy.is_authorized_batch(requests[start : start + A_PART], PARSED, entities),
            strict=True,
        ):
            assert not result.diagnostics.errors, result.diagnostics.errors
            found.append(_answer(result, one.reach))
    return found


def _answer(result: cedarpy.AuthzResult, reach: Reach) -> tuple[State, bool]:
    """Of an allowed request Cedar names every permit that held."""
    if not result.allowed:
        return State.BLOCKED, False
    may_act = any(OPENS in told for told in result.diagnostics.id_annotations_by_reason.values())
    return (State.APPROVED if may_act and reach is Reach.OUTSIDE else State.READY_WITH_HOLDS), may_act


class _Entities:
    """The gates, and whatever else was met, each once."""

    def __init__(self, policy: Policy) -> None:
        self.entities: dict[Any, dict[str, Any]] = {}
        for name, rule in policy.domains.items():
            self.entities[name] = _entity(
                "Gate",
                name,
                {
                    "required": sorted(rule.required),
                    "closing_evidence": sorted(rule.holds.values()),
                    "forbidden": sorted(rule.forbidden),
                    "longest": rule.longest_seconds,
                },
            )

    def request(self, facts: Facts) -> dict[str, Any]:
        """The facts as Cedar's request."""
        approval = facts.approval if isinstance(facts.approval, Approval) else None
        named = None if approval is None else self._approval(approval)
        return {
            "principal": self._question(facts, {} if approval is None else approval.evidence),
            "action": {"type": "Action", "id": "act"},
            "resource": {"type": "Gate", "id": facts.domain},
            "context": "{}" if named is None else f'{{"approval": {{"__entity": {json.dumps(named)}}}}}',
        }

    def _question(self, facts: Facts, seen: Mapping[str, str]) -> dict[str, str]:
        asked: dict[str, Any] = {
            "domain": facts.domain,
            "scope": facts.scope,
            "reach": facts.reach.value,
            "now": facts.now,
            "stop": facts.stop.value,
            "log": facts.log.value,
            "soundness": facts.soundness.value,
            "names": tuple(seen),
            "pairs": _pairs(seen),
            "names_standing": tuple(facts.standing),
            "pairs_standing": _pairs(facts.standing),
        }
        if facts.policy is not None:
            asked["policy"] = facts.policy.sha256
        return self._once("Question", asked, tuple(asked.values()))

    def _approval(self, approval: Approval) -> dict[str, str]:
        told = {
            "domain": approval.domain,
            "scope": approval.scope,
            "policy": approval.policy,
            "issued_at": approval.issued_at,
            "expires_at": approval.expires_at,
            "is_logged": approval.is_logged,
        }
        # More than three signatures are as three: the policy allows no third.
        signatures = {
            slot: {
                "approver": signature.approver,
                "is_valid": signature.is_valid,
                "domains": sorted(signature.domains),
                "key_from": signature.key_from,
                "key_until": signature.key_until,
            }
            for slot, signature in zip(SLOTS, approval.signatures, strict=False)
        }
        return self._once("Approval", {**told, **signatures}, (*told.values(), approval.signatures))

    def _once(self, kind: str, attributes: dict[str, Any], key: tuple[Any, ...]) -> dict[str, str]:
        """The name of an entity, which is made where it was not met before."""
        if (kind, key) not in self.entities:
            self.entities[kind, key] = _entity(kind, str(len(self.entities)), attributes)
        uid: dict[str, str] = self.entities[kind, key]["uid"]
        return uid


def _pairs(digests: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}={sha256}" for name, sha256 in digests.items())


def _entity(kind: str, name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}
