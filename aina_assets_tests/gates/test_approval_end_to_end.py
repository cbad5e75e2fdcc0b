"""The whole way of an approval over a whole build, as people type it: one gate opens, and dies with the data.

`docs/gates.md` shows the same commands.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from aina_assets.core.engine import Engine
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.definitions import CONTRACTS
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.log import Event
from aina_assets.gates.receipts import write_approval_receipt
from aina_assets.verification.manifest import read_manifest, write_manifest
from aina_assets.verification.results import read_results, write_results
from aina_assets_tests.builds import Build, copied, flip_byte, invoke
from aina_assets_tests.verification.damage import as_a_build_leaves_it

Typed = Callable[..., Result]
GATE = "external_writes"


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A whole state, in a clone of the repository's policies: in the repository's there are no approvers."""
    policies = tmp_path / "clone" / "policies"
    shutil.copytree(PROJECT_ROOT / "data" / "policies", policies)
    monkeypatch.setattr(Settings, "policies_root", property(lambda self: policies))
    return copied(starter_build, tmp_path / "run")


@pytest.fixture
def aina(engine: Engine) -> Typed:
    """`aina`, typed."""

    def typed(*words: str, keyboard: str | None = None) -> Result:
        return invoke(engine.data.path, *words, keyboard=keyboard)

    return typed


def rebuilt(engine: Engine) -> None:
    """What a build ends with: the manifest of what stands, the outcomes of its checks, the gates' receipt."""
    below = [Path(subject.name).stem for subject in read_manifest(engine).rests_on]
    write_manifest(engine, below)
    write_results(engine, [], is_keeping_others=True)
    write_approval_receipt(Gatekeeper(engine))
    as_a_build_leaves_it(engine)


def with_approver(engine: Engine, aina: Typed, name: str, keys: Path) -> Path:
    """A key for a person, and the reviewed change that makes the person an approver."""
    made = aina("gates", "keygen", name, "--to", str(keys), keyboard="word\nword\n")
    assert made.exit_code == 0, made.output
    (entry,) = re.findall(r"\[\[approvers\]\]\n(?:.+\n)+", made.stdout)
    path = engine.settings.policies_root / "approvers.toml"
    # A policy without approvers says so with an empty list.
    told = path.read_text("utf-8").replace("approvers = []\n", "")
    path.write_text(f"{told}\n{entry.replace('domains = []', f'domains = [{GATE!r}]')}", "utf-8")
    return keys / f"{name}.pem"


def board(aina: Typed) -> dict[str, Any]:
    shown = aina("gates", "status", "--json")
    assert shown.exit_code == 0, shown.output
    told: dict[str, Any] = json.loads(shown.stdout)
    return told


def gate_of(told: dict[str, Any]) -> dict[str, Any]:
    (found,) = [gate for gate in told["gates"] if gate["domain"] == GATE]
    return dict(found)


def test_an_approval_opens_one_gate_for_one_place_and_dies_with_the_data(
    engine: Engine, aina: Typed, tmp_path: Path
) -> None:
    # The folder above is not in the scope: it has to be there.
    place = tmp_path / "outside" / "roles"
    place.parent.mkdir()
    export = ("packets", "export", "--kind", "roles", "--out", str(place))
    keys = [with_approver(engine, aina, name, tmp_path / "keys") for name in ("ada", "ben")]
    rebuilt(engine)
    assert aina("verify").exit_code == 0
    assert board(aina)["status"] == "production_blocked_approval_required"
    assert aina(*export).exit_code == 1

    # What closes the hold is put there; one asks, two sign.
    evidence = engine.data.gates / "evidence" / "data_flow_review.md"
    evidence.parent.mkdir(parents=True)
    evidence.write_text("Role packets: public sources, CC BY 4.0; to the pilot's own disk.\n")
    asked = aina("gates", "request", GATE, "--scope", str(place), "--days", "2", "--why", "the pilot")
    assert asked.exit_code == 0, asked.output
    for name in ("build_manifest_v1.json", "check_results_v1.json", "data_flow_review.md"):
        assert name in asked.stdout
    for number, (name, key) in enumerate(zip(("ada", "ben"), keys, strict=True), 1):
        assert aina(*export).exit_code == 1
        signed = aina("gates", "approve", GATE, "--key", str(key), keyboard="y\nword\n")
        assert signed.exit_code == 0, signed.output
        assert f"signed by {name}; {number} of 2 signatures" in signed.stdout

    # One gate is open, for one place; everything else is as it was.
    told = board(aina)
    assert told["approved_unlocks"] == [GATE]
    assert len(told["blocked_domains"]) == 4
    assert told["status"] == "production_blocked_approval_required"
    assert (gate_of(told)["state"], gate_of(told)["scope"]) == ("approved", str(place))
    done = aina(*export)
    assert done.exit_code == 0, done.output
    assert {path.name for path in place.iterdir()} == {"roles.jsonl", "export.json"}
    elsewhere = aina(*export[:-1], str(tmp_path / "outside" / "more"))
    assert elsewhere.exit_code == 1
    assert "the approval is of another scope" in elsewhere.stderr

    # A wrong bit closes it, and the bit set right opens it again.
    table = engine.store.path("soc_group")
    flip_byte(table, 100)
    assert gate_of(board(aina))["reasons"] == ["state_unsound"]
    flip_byte(table, 100)
    assert gate_of(board(aina))["state"] == "approved"

    # Other data is another build, which nobody has approved.
    (contract,) = [contract for contract in CONTRACTS if contract.name == "soc_mapped_entry"]
    info, rows = engine.store.info(contract.name), engine.store.read(contract.name)
    engine.store.write(contract, rows.slice(0, rows.num_rows - 1), info.provenance)
    rebuilt(engine)
    told = board(aina)
    assert told["approved_unlocks"] == []
    assert "evidence_changed" in gate_of(told)["reasons"]
    shutil.rmtree(place)
    dead = aina(*export)
    assert dead.exit_code == 1
    assert "evidence changed since they looked at it" in dead.stderr
    assert not place.exists()
    assert "request and sign it anew" in aina("gates", "explain", GATE).stdout

    # All of it is on record, in order.
    log = Gatekeeper(engine).log.read(Gatekeeper(engine).clock())
    told_of = [(entry.event, entry.who, entry.is_granted) for entry, _ in log.entries if entry.domain == GATE]
    assert log.fault == ""
    assert [event for event, _, _ in told_of[-9:]] == [
        *(Event.ASKED, Event.REQUESTED, Event.ASKED, Event.SIGNED, Event.ASKED, Event.SIGNED),
        *(Event.ASKED, Event.ASKED, Event.ASKED),
    ]
    assert [who for _, who, _ in told_of if who] == ["ada", "ben"]
    assert [granted for event, _, granted in told_of[-9:] if event is Event.ASKED] == [
        *(False, False, False, True, False, False),
    ]


def test_outcomes_of_checks_that_were_not_run_are_kept(engine: Engine) -> None:
    before = read_results(engine)
    rebuilt(engine)
    after = read_results(engine)
    assert (after.passed_tests, after.failed_tests) == (before.passed_tests, before.failed_tests)
    assert len(after.passed_tests) > 200
