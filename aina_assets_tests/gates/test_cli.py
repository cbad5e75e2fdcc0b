"""`aina gates ...`: what it prints and its exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets_tests.builds import invoke
from aina_assets_tests.gates.office import DOMAIN, Office

Gates = Callable[..., Result]


@pytest.fixture
def gates(office: Office, monkeypatch: pytest.MonkeyPatch) -> Gates:
    """`aina gates` over the office's data root and policy."""
    (office.policies / "control_map.toml").write_bytes(
        (PROJECT_ROOT / "data" / "policies" / "control_map.toml").read_bytes()
    )
    monkeypatch.setattr(Settings, "policies_root", property(lambda self: office.policies))
    office.build()

    def run(*arguments: str, keyboard: str = "") -> Result:
        return invoke(office.engine.data.path, "gates", *arguments, keyboard=keyboard)

    return run


def test_status_shows_every_gate_and_every_hold(gates: Gates) -> None:
    result = gates("status")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("blocked") >= 6
    assert "hold gdpval_licence (public_runtime)" in result.stdout
    told = json.loads(gates("status", "--json").stdout)
    assert told["status"] == "production_blocked_approval_required"
    assert told["local_synthetic_beta"] == "ready_with_holds"


def test_explain_says_what_is_missing_and_what_to_do(gates: Gates) -> None:
    result = gates("explain", "public_runtime", "--scope", "0.0.0.0:80")
    assert result.exit_code == 0, result.output
    assert "there is no approval: `aina gates request`" in result.stdout
    assert "Closed by evidence/security_review.md" in result.stdout


def test_an_unknown_gate_is_a_wrong_command(gates: Gates) -> None:
    assert gates("explain", "weather").exit_code == 2


def test_the_way_of_an_approval(gates: Gates, office: Office) -> None:
    office.put_evidence()
    asked = gates("request", "public_runtime", "--scope", "192.0.2.7:8443", "--why", "a pilot")
    assert asked.exit_code == 0, asked.output
    assert "receipts/build_manifest_v1.json" in asked.stdout
    for number, name in enumerate(("ada", "ben"), 1):
        signed = gates("approve", "public_runtime", "--key", str(office.keys[name]), keyboard="y\nword\n")
        assert signed.exit_code == 0, signed.output
        assert f"signed by {name}; {number} of 2 signatures" in signed.stdout
    told = json.loads(gates("status", "--json").stdout)
    assert told["approved_unlocks"] == ["public_runtime"]
    explained = gates("explain", "public_runtime").stdout
    assert "public_runtime: approved for '192.0.2.7:8443'" in explained
    assert gates("close", "public_runtime", "--why", "an incident").exit_code == 0
    assert "a person closed the gate" in gates("explain", "public_runtime").stdout
    assert "public_runtime is approved" in gates("reopen", "public_runtime").stdout


def test_whoever_has_not_looked_does_not_sign(gates: Gates, office: Office) -> None:
    gates("request", "public_runtime", "--scope", "192.0.2.7:8443")
    result = gates("approve", "public_runtime", "--key", str(office.keys["ada"]), keyboard="n\n")
    assert result.exit_code == 1
    assert not office.keeper.files.approval(DOMAIN).exists()


def test_a_key_is_made_outside_of_everything(gates: Gates, office: Office, tmp_path: Path) -> None:
    inside = gates("keygen", "eve", "--to", str(office.engine.data.path / "keys"), keyboard="\n\n")
    assert inside.exit_code == 1
    assert "a key may not lie in the data root" in inside.stderr
    outside = tmp_path / "elsewhere"
    made = gates("keygen", "eve", "--to", str(outside), keyboard="word\nword\n")
    assert made.exit_code == 0, made.output
    assert (outside / "eve.pem").stat().st_mode & 0o777 == 0o600
    assert '[[approvers]]\nname = "eve"' in made.stdout


def test_a_fault_is_told_with_its_remedy(gates: Gates) -> None:
    result = gates("approve", "public_runtime", "--key", "/nowhere.pem", "--yes")
    assert result.exit_code == 1
    assert "ApprovalError: there is no request" in result.stderr
    assert "remedy:" in result.stderr
