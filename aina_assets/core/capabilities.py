"""Capabilities: leave to do what reaches out of the local, synthetic engine. Only the gates hand them out.

Whatever binds a public address, writes outside the data root, sends telemetry, takes a learner or promotes
a deployment asks for a capability as an argument and calls `require` before it acts. The type stands here,
below every stage, so that any stage may ask for one; the one mint is taken by the gates, which no stage
before them can import. Belongs here: the five domains, what a capability is, holding an act against one.
Does not: who gets one and why (see `gates`).

Python cannot hide an object from code in its own process that means harm. A capability is not made by
accident, by a setting or by a test hook, and `aina_assets_tests/gates` proves that no code here makes one
another way.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from weakref import WeakSet

from aina_assets.core.errors import CapabilityError


class Domain(StrEnum):
    """What a gate stands before."""

    PUBLIC_RUNTIME = "public_runtime"
    EXTERNAL_WRITES = "external_writes"
    REAL_USER_DATA = "real_user_data"
    PRODUCTION_TELEMETRY = "production_telemetry"
    DEPLOYMENT_PROMOTION = "deployment_promotion"


class Capability:
    """Leave to act in one domain and one scope, for as long as the decision that gave it holds.

    Attributes:
        domain: the gate that gave it.
        scope: what it covers, in the gate's words, such as `0.0.0.0:8443`.
        basis: the decision that gave it, by its digest in the decision log.
    """

    __slots__ = ("__weakref__", "_hold", "basis", "domain", "scope")

    domain: Domain
    scope: str
    basis: str

    def __init__(self) -> None:
        raise CapabilityError("a capability is not made but handed out by the gates")

    def __repr__(self) -> str:
        return f"<capability {self.domain} {self.scope}>"

    def __reduce__(self) -> str:
        raise CapabilityError("a capability is of this process and cannot be stored or sent")

    def __copy__(self) -> Capability:
        raise CapabilityError("a capability cannot be copied")

    def __deepcopy__(self, memo: object) -> Capability:
        raise CapabilityError("a capability cannot be copied")


_granted: WeakSet[Capability] = WeakSet()
_is_taken = False


class Mint:
    """Makes capabilities. There is one in a process, and the gates have it."""

    __slots__ = ()

    def __init__(self) -> None:
        raise CapabilityError("there is one mint in a process: see `take_mint`")

    def capability(self, domain: Domain, scope: str, basis: str, hold: Callable[[], None]) -> Capability:
        """A capability.

        Args:
            hold: called before each use; raises where the decision no longer holds.
        """
        made = object.__new__(Capability)
        made.domain, made.scope, made.basis = domain, scope, basis
        made._hold = hold  # type: ignore[attr-defined]
        _granted.add(made)
        return made


def take_mint() -> Mint:
    """Give the process's one mint to whoever asks first; the gates do at import.

    Raises:
        CapabilityError: it has been taken.
    """
    global _is_taken  # noqa: PLW0603
    if _is_taken:
        raise CapabilityError("the mint has been taken: only the gates hand out capabilities")
    _is_taken = True
    return object.__new__(Mint)


def admit_learner(*, is_synthetic: bool, cohort: str, capability: Capability | None = None) -> None:
    """Let a learner in. A synthetic one needs no leave; a real one needs the `real_user_data` gate's.

    Args:
        cohort: the scope that a real learner belongs to.

    Raises:
        CapabilityError: the learner is real, and no capability covers the cohort.
    """
    if not is_synthetic:
        require(capability, Domain.REAL_USER_DATA, cohort)


def require(capability: Capability | None, domain: Domain, scope: str) -> Capability:
    """Let an act pass if the capability covers it, and the decision behind it still holds; give it back.

    Args:
        capability: what the caller was handed; None where it was handed nothing.
        domain: the gate that the act belongs to.
        scope: what exactly is to be done, in the gate's words.

    Raises:
        CapabilityError: there is none, it is for something else, or it has died since.
    """
    if capability is None:
        raise CapabilityError(f"{domain}: {scope} needs a capability", place=domain)
    if type(capability) is not Capability or capability not in _granted:
        raise CapabilityError(f"{domain}: {scope}: not a capability that the gates handed out", place=domain)
    if capability.domain is not domain or capability.scope != scope:
        raise CapabilityError(f"{domain}: {scope} is not what {capability!r} is for", place=domain)
    capability._hold()  # type: ignore[attr-defined]
    return capability
