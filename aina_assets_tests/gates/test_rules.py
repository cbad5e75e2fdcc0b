"""The gates' checks, receipt and walk: each is shown what is wrong, and names it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import dagster as dg
import jsonschema
import pytest

from aina_assets.core.capabilities import Domain
from aina_assets.core.engine import Engine
from aina_assets.core.receipts import read_receipt, receipt_path, receipt_schema
from aina_assets.core.rules import Finding
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.definitions import ASSETS
from aina_assets.gates.assets import PROMOTED
from aina_assets.gates.decide import State
from aina_assets.gates.desk import approve, close, request_approval, sign_receipt
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.log import Event
from aina_assets.gates.promotion import PRODUCTION, promotion_path
from aina_assets.gates.receipts import (
    APPROVAL_RECEIPT,
    ProductionDeploymentApproval,
    write_approval_receipt,
)
from aina_assets.gates.rules import (
    decision_log_is_whole,
    gate_differences,
    gates_are_as_stated,
    policies_are_readable,
)
from aina_assets.verification.manifest import MANIFEST
from aina_assets.verification.walk import Kind, verify
from aina_assets_tests.builds import flip_byte
from aina_assets_tests.gates.office import DOMAIN, Office


@pytest.fixture
def own(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office, whose policy folder this process takes for the repository's: a clone with approvers."""
    for path in (PROJECT_ROOT / "data" / "policies").iterdir():
        if not (office.policies / path.name).exists():
            shutil.copy(path, office.policies)
    monkeypatch.setattr(Settings, "policies_root", property(lambda self: office.policies))
    office.build()
    write_approval_receipt(Gatekeeper(office.engine))
    return office


def assert_red(finding: Finding, *named: dict[str, object]) -> None:
    assert not finding.passed
    assert finding.remedy
    assert list(finding.sample) == list(named)


def receipt(engine: Engine) -> ProductionDeploymentApproval:
    path = receipt_path(engine.data.receipts, APPROVAL_RECEIPT)
    return read_receipt(path, APPROVAL_RECEIPT, ProductionDeploymentApproval).predicate


def sign_with_todays_clock(own: Office, domain: Domain, scope: str) -> None:
    """The rules and assets read the machine's clock: an approval for them is of today."""
    own.put_evidence(domain)
    keeper = Gatekeeper(own.engine)
    request_approval(keeper, domain, scope, days=1, says="")
    for name in ("ada", "ben"):
        approve(keeper, domain, own.keys[name], "word")


# --- the receipt


def test_the_receipt_says_that_production_is_blocked_and_why(own: Office) -> None:
    told = receipt(own.engine)
    assert told.status == "production_blocked_approval_required"
    assert (told.approved_unlocks, set(told.blocked_domains)) == ((), set(Domain))
    assert told.external_beta is State.BLOCKED
    assert told.local_synthetic_beta is State.READY_WITH_HOLDS
    assert {hold.domain for hold in told.open_holds} == set(Domain)
    assert all(hold.says and hold.closed_by for hold in told.open_holds)
    assert told.controls_are == "a mapping, not a claim of compliance"
    path = receipt_path(own.engine.data.receipts, APPROVAL_RECEIPT)
    statement = json.loads(path.read_bytes())
    jsonschema.validate(statement, receipt_schema(APPROVAL_RECEIPT, ProductionDeploymentApproval))
    assert {subject["name"] for subject in statement["subject"]} == {
        "policies/gates.toml",
        "policies/approvers.toml",
        "policies/control_map.toml",
        f"receipts/{MANIFEST}.json",
    }


def test_as_long_as_nobody_approves_two_machines_write_the_same_bytes(own: Office) -> None:
    path = receipt_path(own.engine.data.receipts, APPROVAL_RECEIPT)
    before = path.read_bytes()
    write_approval_receipt(Gatekeeper(own.engine))
    assert path.read_bytes() == before


def test_an_open_gate_is_an_approved_unlock(own: Office) -> None:
    sign_with_todays_clock(own, DOMAIN, "192.0.2.7:8443")
    write_approval_receipt(Gatekeeper(own.engine))
    told = receipt(own.engine)
    assert told.approved_unlocks == (DOMAIN,)
    assert told.status == "production_blocked_approval_required"
    (gate,) = [gate for gate in told.gates if gate.domain is DOMAIN]
    assert (gate.state, gate.scope, gate.reasons) == (State.APPROVED, "192.0.2.7:8443", ())
    assert DOMAIN not in {hold.domain for hold in told.open_holds}


# --- gates_are_as_stated


def test_gates_as_the_receipt_says_pass(own: Office) -> None:
    finding = gates_are_as_stated(own.engine)
    assert finding.passed
    assert finding.figures == {"blocked": 5, "open_holds": 11}


def test_a_gate_that_was_opened_or_died_since_is_named(own: Office) -> None:
    sign_with_todays_clock(own, DOMAIN, "192.0.2.7:8443")
    assert_red(
        gates_are_as_stated(own.engine), {"gate": DOMAIN.value, "stated": "blocked", "found": "approved"}
    )
    write_approval_receipt(Gatekeeper(own.engine))
    assert gates_are_as_stated(own.engine).passed
    close(Gatekeeper(own.engine), DOMAIN, "enough")
    finding = gates_are_as_stated(own.engine)
    assert {"gate": DOMAIN.value, "stated": "approved", "found": "blocked"} in finding.sample


def test_a_local_beta_that_no_longer_holds_is_named(own: Office) -> None:
    own.engine.data.tables.mkdir(parents=True)
    (own.engine.data.tables / "stray.parquet").write_bytes(b"rows")
    finding = gates_are_as_stated(own.engine)
    assert finding.sample[-1] == {
        "gate": "local_synthetic_beta",
        "stated": "ready_with_holds",
        "found": "blocked",
    }


# --- decision_log_is_whole


def test_a_whole_log_passes_and_a_damaged_one_is_named_by_its_entry(own: Office) -> None:
    keeper = Gatekeeper(own.engine)
    for scope in "ab":
        request_approval(keeper, DOMAIN, scope, days=1, says="")
    assert decision_log_is_whole(own.engine).figures == {"entries": 2}
    content = keeper.files.log.read_bytes()
    flip_byte(keeper.files.log, content.index(b"\n") + 40)
    assert_red(
        decision_log_is_whole(own.engine), {"entry": 2, "finding": "entry 2 is damaged or out of place"}
    )
    assert [(d.name, d.kind) for d in gate_differences(own.engine)] == [
        ("gates/decisions.jsonl", Kind.DAMAGED)
    ]


# --- policies_are_readable


@pytest.mark.parametrize("name", ["gates.toml", "approvers.toml", "control_map.toml"])
def test_a_policy_that_cannot_be_read_is_named(own: Office, name: str) -> None:
    assert policies_are_readable(own.engine).passed
    (own.policies / name).write_text("version = ", "utf-8")
    finding = policies_are_readable(own.engine)
    (row,) = finding.sample
    assert not finding.passed
    assert row["file"] == str(own.policies / name)


# --- the gates' own files in the walk


def test_the_walk_names_approvals_and_stops_that_are_not_what_they_should_be(own: Office) -> None:
    sign_with_todays_clock(own, DOMAIN, "192.0.2.7:8443")
    assert list(gate_differences(own.engine)) == []
    keeper = Gatekeeper(own.engine)
    path = keeper.files.approval(DOMAIN)
    content = path.read_bytes()
    path.write_bytes(content + b"\n")
    path.with_name("real_user_data.dsse.json").write_bytes(b"{}")
    stop = keeper.files.stop(Domain.EXTERNAL_WRITES)
    stop.parent.mkdir()
    stop.write_bytes(b"")
    found = {d.name: d.kind for d in verify(own.engine, more=gate_differences(own.engine)).differences}
    assert found == {
        "gates/approvals/public_runtime.dsse.json": Kind.DIFFERS,
        "gates/approvals/real_user_data.dsse.json": Kind.DAMAGED,
        "gates/stops/external_writes.json": Kind.DAMAGED,
    }


def test_the_walk_names_envelopes_that_are_not_of_what_stands(own: Office) -> None:
    path, _ = sign_receipt(Gatekeeper(own.engine), MANIFEST, own.keys["ada"], "word")
    name = f"receipts/{path.name}"
    assert list(gate_differences(own.engine)) == []
    content = path.read_bytes()
    envelope = json.loads(content)
    envelope["signatures"][0]["sig"] = "AA" + envelope["signatures"][0]["sig"][2:]
    path.write_text(json.dumps(envelope))
    assert [(d.name, d.kind) for d in gate_differences(own.engine)] == [(name, Kind.DIFFERS)]
    path.write_bytes(b"{}")
    assert [(d.name, d.kind) for d in gate_differences(own.engine)] == [(name, Kind.DAMAGED)]
    path.write_bytes(content)
    own.engine.data.models.mkdir()
    (own.engine.data.models / "new.npz").write_bytes(b"weights")
    own.build()
    assert [(d.name, d.kind) for d in gate_differences(own.engine)] == [(name, Kind.STALE)]


# --- the guard inside the asset


def materialize(engine: Engine, name: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(ASSETS, selection=[name], resources={"engine": engine}, instance=instance)


def test_materializing_the_promotion_by_hand_asks_the_gate_all_the_same(own: Office) -> None:
    assert materialize(own.engine, PROMOTED).success
    assert not promotion_path(own.engine, PRODUCTION).exists()
    log = Gatekeeper(own.engine).log.read(Gatekeeper(own.engine).clock())
    entry, _ = log.entries[-1]
    assert (entry.event, entry.domain, entry.is_granted) == (Event.ASKED, "deployment_promotion", False)


def test_with_an_open_gate_it_promotes_and_with_another_build_no_more(own: Office) -> None:
    sign_with_todays_clock(own, Domain.DEPLOYMENT_PROMOTION, PRODUCTION)
    materialize(own.engine, PROMOTED)
    path = promotion_path(own.engine, PRODUCTION)
    promoted = path.read_bytes()
    own.engine.data.models.mkdir()
    (own.engine.data.models / "new.npz").write_bytes(b"weights")
    own.build()
    materialize(own.engine, PROMOTED)
    assert path.read_bytes() == promoted


def test_the_receipt_made_by_hand_is_what_the_gates_decide(own: Office, tmp_path: Path) -> None:
    receipt_path(own.engine.data.receipts, APPROVAL_RECEIPT).unlink()
    assert materialize(own.engine, APPROVAL_RECEIPT).success
    assert receipt(own.engine).status == "production_blocked_approval_required"
