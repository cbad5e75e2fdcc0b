"""Capabilities: nobody makes one but the mint's holder, and one covers what it says and nothing else."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from aina_assets.core import capabilities
from aina_assets.core.capabilities import (
    Capability,
    Domain,
    Mint,
    admit_learner,
    require,
    take_mint,
)
from aina_assets.core.errors import CapabilityError, GateClosedError

DOMAIN, SCOPE = Domain.REAL_USER_DATA, "pilot"


@pytest.fixture
def mint(monkeypatch: pytest.MonkeyPatch) -> Mint:
    """A mint of the test's own; the process's one is the gates'."""
    monkeypatch.setattr(capabilities, "_is_taken", False)
    return take_mint()


def given(mint: Mint, hold: Any = lambda: None) -> Capability:
    return mint.capability(DOMAIN, SCOPE, "b" * 64, hold)


def test_a_capability_covers_its_domain_and_scope(mint: Mint) -> None:
    capability = given(mint)
    assert require(capability, DOMAIN, SCOPE) is capability
    assert repr(capability) == "<capability real_user_data pilot>"


@pytest.mark.parametrize(
    ("domain", "scope"), [(Domain.PUBLIC_RUNTIME, SCOPE), (DOMAIN, "pilot2"), (DOMAIN, ""), (DOMAIN, "Pilot")]
)
def test_it_covers_nothing_else(mint: Mint, domain: Domain, scope: str) -> None:
    with pytest.raises(CapabilityError, match="is not what <capability real_user_data pilot> is for"):
        require(given(mint), domain, scope)


def test_nothing_is_no_capability() -> None:
    with pytest.raises(CapabilityError, match="real_user_data: pilot needs a capability"):
        require(None, DOMAIN, SCOPE)


def test_what_merely_looks_like_one_is_refused(mint: Mint) -> None:
    class Alike(Capability):
        def __init__(self) -> None:
            self.domain, self.scope, self.basis = DOMAIN, SCOPE, ""

    forged = object.__new__(Capability)
    forged.domain, forged.scope, forged.basis = DOMAIN, SCOPE, ""
    for alike in (Alike(), forged):
        with pytest.raises(CapabilityError, match="not a capability that the gates handed out"):
            require(alike, DOMAIN, SCOPE)


@pytest.mark.parametrize("make", [Capability, Mint])
def test_neither_is_made_by_calling_its_class(make: Any) -> None:
    with pytest.raises(CapabilityError):
        make()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_copied_stored_or_sent(mint: Mint, copied: Any) -> None:
    with pytest.raises(CapabilityError):
        copied(given(mint))


def test_it_asks_at_each_use_whether_the_decision_still_holds(mint: Mint) -> None:
    is_open = True

    def hold() -> None:
        if not is_open:
            raise GateClosedError("closed since")

    capability = given(mint, hold)
    require(capability, DOMAIN, SCOPE)
    is_open = False
    with pytest.raises(GateClosedError, match="closed since"):
        require(capability, DOMAIN, SCOPE)


def test_there_is_one_mint_and_the_gates_have_it() -> None:
    import aina_assets.gates.gatekeeper

    assert isinstance(aina_assets.gates.gatekeeper._MINT, Mint)
    with pytest.raises(CapabilityError, match="has been taken"):
        take_mint()


def test_a_synthetic_learner_needs_no_leave_and_a_real_one_does(mint: Mint) -> None:
    admit_learner(is_synthetic=True, cohort=SCOPE)
    with pytest.raises(CapabilityError, match="needs a capability"):
        admit_learner(is_synthetic=False, cohort=SCOPE)
    admit_learner(is_synthetic=False, cohort=SCOPE, capability=given(mint))
    with pytest.raises(CapabilityError, match="is not what"):
        admit_learner(is_synthetic=False, cohort="others", capability=given(mint))
