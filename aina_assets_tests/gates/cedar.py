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

from aina_assets.gates.decide import Approval, Facts, Policy, Reach, Signature, State

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
        asked: dict[str, Any] = {
            "domain": facts.domain,
            "scope": facts.scope,
            "reach": facts.reach.value,
            "now": facts.now,
            "stop": facts.stop.value,
            "log": facts.log.value,
            "soundness": facts.soundness.value,
        }
        if facts.policy is not None:
            asked["policy"] = facts.policy.sha256
        context = {"asked": self._once("Question", asked), "standing": self._evidence(facts.standing)}
        if isinstance(facts.approval, Approval):
            context["approval"] = self._approval(facts.approval)
            context["evidence"] = self._evidence(facts.approval.evidence)
            context["signed_by"] = self._signatures(facts.approval.signatures)
        return {
            "principal": 'Engine::"aina"',
            "action": 'Action::"act"',
            "resource": f'Gate::"{facts.domain}"',
            "context": json.dumps(context),
        }

    def _approval(self, approval: Approval) -> dict[str, Any]:
        return self._once(
            "Approval",
            {
                "domain": approval.domain,
                "scope": approval.scope,
                "policy": approval.policy,
                "issued_at": approval.issued_at,
                "expires_at": approval.expires_at,
                "is_logged": approval.is_logged,
            },
        )

    def _signatures(self, signatures: tuple[Signature, ...]) -> dict[str, Any]:
        # More than three are as three: the policy allows no third.
        return self._once(
            "Signatures",
            {
                slot: {
                    "approver": signature.approver,
                    "is_valid": signature.is_valid,
                    "domains": sorted(signature.domains),
                    "key_from": signature.key_from,
                    "key_until": signature.key_until,
                }
                for slot, signature in zip(SLOTS, signatures, strict=False)
            },
        )

    def _evidence(self, digests: Mapping[str, str]) -> dict[str, Any]:
        pairs = [f"{name}={sha256}" for name, sha256 in digests.items()]
        return self._once("Evidence", {"pairs": pairs, "names": list(digests)})

    def _once(self, kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
        key = (kind, repr(attributes))
        if key not in self.entities:
            self.entities[key] = _entity(kind, str(len(self.entities)), attributes)
        return {"__entity": self.entities[key]["uid"]}


def _entity(kind: str, name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}
